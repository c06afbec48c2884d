/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes process 1 crash, which crashes the kernel. Signals do nothing to it: so it is stopped as a
 * debugger does, and goes on at an address where nothing is.
 */
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sample.h"

static void check(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

int main(int argc, char **argv)
{
	struct user_regs_struct regs;
	int status;

	only_in_a_guest(argc, argv);
	check(ptrace(PTRACE_SEIZE, 1, NULL, NULL), "seize");
	check(ptrace(PTRACE_INTERRUPT, 1, NULL, NULL), "interrupt");
	check(waitpid(1, &status, __WALL), "wait");
	check(ptrace(PTRACE_GETREGS, 1, NULL, &regs), "get registers");
	regs.rip = 0x10;
	regs.orig_rax = (unsigned long)-1; /* the call that it was in does not start again */
	check(ptrace(PTRACE_SETREGS, 1, NULL, &regs), "set registers");
	check(ptrace(PTRACE_DETACH, 1, NULL, NULL), "detach");
	for (;;)
		pause();
}
