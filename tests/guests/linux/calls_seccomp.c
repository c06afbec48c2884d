// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "seccomp" of the scenario "calls": calls that a filter answers, or that kill. */
#define _GNU_SOURCE
#include "calls.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>

static volatile int trapped;

/* One call gets another answer; all others are allowed. */
static void filter(unsigned number, unsigned answer)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	WV_EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	WV_EXPECT(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
}

static void note(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)context;
	trapped = info->si_syscall;
}

static int be_answered(void *data)
{
	struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };

	(void)data;
	WV_EXPECT(prctl(PR_GET_SECCOMP) == 0);
	filter(SYS_getgid, SECCOMP_RET_ERRNO | EDOM);
	WV_FAILS(syscall(SYS_getgid), EDOM);
	filter(SYS_getegid, SECCOMP_RET_ERRNO);
	WV_EXPECT(syscall(SYS_getegid) == 0);
	filter(SYS_getuid, SECCOMP_RET_LOG);
	WV_EXPECT(syscall(SYS_getuid) == 0);
	/* Nobody is there to be asked. */
	filter(SYS_getpgrp, SECCOMP_RET_TRACE);
	WV_FAILS(syscall(SYS_getpgrp), ENOSYS);
	WV_EXPECT(sigaction(SIGSYS, &action, NULL) == 0);
	filter(SYS_geteuid, SECCOMP_RET_TRAP);
	syscall(SYS_geteuid);
	WV_EXPECT(trapped == SYS_geteuid);
	WV_EXPECT(prctl(PR_GET_SECCOMP) == 2);
	return 15;
}

static int be_killed(void *data)
{
	(void)data;
	filter(SYS_getuid, SECCOMP_RET_KILL_PROCESS);
	syscall(SYS_getuid);
	return 99;
}

static void *be_killed_alone(void *data)
{
	filter(SYS_getuid, SECCOMP_RET_KILL_THREAD);
	syscall(SYS_getuid);
	wv_broken("a thread has survived");
	return data;
}

static int lose_a_thread(void *data)
{
	pthread_t thread;

	(void)data;
	WV_EXPECT(pthread_create(&thread, NULL, be_killed_alone, NULL) == 0);
	WV_EXPECT(pthread_join(thread, NULL) == 0);
	return 16;
}

/* Where nothing but read, write, exit and sigreturn is left. */
static int be_strict(void *data)
{
	(void)data;
	WV_EXPECT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
	syscall(SYS_read, -1, NULL, 0L);
	syscall(SYS_getpid);
	return 99;
}

void wv_calls_seccomp(void)
{
	unsigned action = SECCOMP_RET_TRAP;

	WV_EXPECT(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0);
	wv_calls_reap(wv_calls_child(be_answered, NULL), 15 << 8);
	wv_calls_reap(wv_calls_child(be_killed, NULL), SIGSYS);
	wv_calls_reap(wv_calls_child(lose_a_thread, NULL), 16 << 8);
	wv_calls_reap(wv_calls_child(be_strict, NULL), SIGKILL);
}
