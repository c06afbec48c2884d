// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The area "compat" of the scenario "calls": 32-bit calls, made by a 64-bit program, and by the
 * 32-bit program calls32.
 */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>

/* Numbers of the 32-bit calls: arch/x86/entry/syscalls/syscall_32.tbl in Linux. */
#define NR32_WRITE  4
#define NR32_GETPID 20
#define NR32_GETUID 199
#define NR32_OPENAT 295
#define NR32_NONE   1000

/* These are below 4 GiB, in a program that is not position-independent. */
static const char path[] = WV_CALLS_DIR "/compat";
static const char text[] = "by a 32-bit call";

static long call32(long number, long one, long two, long three, long four)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(one), "c"(two), "d"(three), "S"(four)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static int run32(void *data)
{
	static char *const argv[] = { (char *)"calls32", (char *)"an argument", NULL };
	static char *const envp[] = { (char *)"A=B", NULL };

	(void)data;
	syscall(SYS_execve, "/bin/calls32", argv, envp);
	return 99;
}

void wv_calls_compat(void)
{
	int fd = call32(NR32_OPENAT, AT_FDCWD, (long)path, O_CREAT | O_RDWR, 0600);

	WV_EXPECT(fd >= 0);
	WV_EXPECT(call32(NR32_WRITE, fd, (long)text, sizeof(text) - 1, 0) == sizeof(text) - 1);
	WV_EXPECT(call32(NR32_WRITE, -1, (long)text, 1, 0) == -EBADF);
	WV_EXPECT(call32(NR32_GETPID, 0, 0, 0, 0) == getpid());
	WV_EXPECT(call32(NR32_GETUID, 0, 0, 0, 0) == 0);
	WV_EXPECT(call32(NR32_NONE, 1, 2, 3, 4) == -ENOSYS);
	/* Upper halves of the registers are nobody's business. */
	WV_EXPECT(call32(NR32_WRITE, fd, (long)text, 0xabcd00000000L + 2, 0) == 2);
	close(fd);
	wv_calls_reap(wv_calls_child(run32, NULL), 33 << 8);
}
