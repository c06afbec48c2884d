// SPDX-License-Identifier: GPL-2.0-or-later
/* Scenarios in which something happens to the machine as a whole. */
#define _GNU_SOURCE
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/io.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

#include "truth.h"

/* Ports of the battery-backed memory, and a byte in it that nobody uses: it survives a reset. */
#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71
#define CMOS_BYTE  0x7a
#define REBOOTED   0xa5

static void say(const char *kind, int number)
{
	int truth;

	wv_fact(kind);
	if (number)
		wv_fact_int("number", number);
	wv_fact_end();
	/* Nothing may be on its way any more when the machine is gone. */
	truth = open("/dev/truth", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (truth >= 0) {
		tcdrain(truth);
		close(truth);
	}
}

static unsigned char cmos_read(unsigned char index)
{
	outb(index, CMOS_INDEX);
	return inb(CMOS_DATA);
}

static void cmos_write(unsigned char index, unsigned char value)
{
	outb(index, CMOS_INDEX);
	outb(value, CMOS_DATA);
}

/* The kernel's own crash switch; what follows is up to its parameter "panic=". */
int wv_panic_main(int argc, char **argv)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	(void)argc, (void)argv;
	say("panic", 0);
	WV_EXPECT(write(fd, "c", 1) == 1);
	return 1;
}

/* Restarts the machine the first time, and returns the second time, so that it powers off. */
int wv_reboot_main(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (!WV_EXPECT(ioperm(CMOS_INDEX, 2, 1) == 0))
		return 1;
	if (cmos_read(CMOS_BYTE) == REBOOTED) {
		cmos_write(CMOS_BYTE, 0);
		say("rebooted", 2);
		return 0;
	}
	cmos_write(CMOS_BYTE, REBOOTED);
	say("rebooting", 1);
	reboot(RB_AUTOBOOT);
	WV_EXPECT(!"still here after the restart");
	return 1;
}

/* Never leaves user mode again. */
int wv_spin_main(int argc, char **argv)
{
	(void)argc, (void)argv;
	say("spin", 0);
	for (;;)
		__asm__ volatile("");
}

/* Never does anything again. */
int wv_hang_main(int argc, char **argv)
{
	(void)argc, (void)argv;
	say("hang", 0);
	for (;;)
		pause();
}
