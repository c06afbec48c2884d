/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What process 1 does once the guest is up. The signals are those of busybox's init, which its
 * `poweroff`, `reboot` and `halt` send, and those of systemd's (systemd(1), SIGRTMIN+3 to +5).
 */
#include <signal.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/launcher.h"

static void fill(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGUSR2);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGRTMIN + 3);
	sigaddset(set, SIGRTMIN + 4);
	sigaddset(set, SIGRTMIN + 5);
}

void wv_block_signals(void)
{
	sigset_t set;

	fill(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* Ctrl-Alt-Del is a SIGINT for process 1, not the kernel's own restart. */
	reboot(RB_DISABLE_CAD);
}

/*
 * A kernel that can not power off ends the process that asked for it, and panics when that is
 * process 1 (kernel/reboot.c): a child asks, as long as there can be one.
 */
static _Noreturn void end(int how)
{
	sync();
	if (fork() <= 0)
		reboot(how);
	for (;;)
		pause();
}

_Noreturn void wv_power_off(void)
{
	end(RB_POWER_OFF);
}

_Noreturn void wv_serve(void)
{
	sigset_t set;

	fill(&set);
	for (;;) {
		int number = sigwaitinfo(&set, NULL);

		if (number == SIGCHLD) {
			while (waitpid(-1, NULL, WNOHANG) > 0)
				continue;
		} else if (number == SIGTERM || number == SIGINT || number == SIGRTMIN + 5) {
			end(RB_AUTOBOOT);
		} else if (number > 0) {
			end(RB_POWER_OFF);
		}
	}
}
