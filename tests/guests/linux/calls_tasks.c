// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "tasks" of the scenario "calls": processes: made in every way, waited for, killed. */
#define _GNU_SOURCE
#include "calls.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tasks.h"

#define STACK_SIZE 65536

static char stack[STACK_SIZE] __attribute__((aligned(16)));

static int end_with_seven(void *data)
{
	(void)data;
	return 7;
}

static void make_processes(void)
{
	static char *const argv[] = { (char *)"helper", (char *)"exit:3", NULL };
	static char *const envp[] = { NULL };
	pid_t child = syscall(SYS_fork);

	if (child == 0)
		_exit(5);
	wv_calls_reap(child, 5 << 8);

	child = vfork();
	if (child == 0)
		_exit(6);
	wv_calls_reap(child, 6 << 8);

	child = vfork();
	if (child == 0) {
		execve("/bin/helper", argv, envp);
		_exit(99);
	}
	wv_calls_reap(child, 3 << 8);

	child = clone(end_with_seven, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	wv_calls_reap(child, 7 << 8);
	child = clone(end_with_seven, stack + STACK_SIZE, CLONE_FILES | CLONE_FS, NULL);
	wv_calls_reap(child, 7 << 8);
	WV_FAILS(syscall(SYS_clone, CLONE_THREAD, NULL, NULL, NULL, 0L), EINVAL);
}

static void make_by_clone3(void)
{
	int pidfd = -1;
	struct clone_args args = { .flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
				   .pidfd = (unsigned long)&pidfd,
				   .exit_signal = SIGCHLD };
	siginfo_t info;
	pid_t child = syscall(SYS_clone3, &args, sizeof(args));

	if (child == 0)
		_exit(8);
	if (!WV_EXPECT(child > 0))
		return;
	WV_EXPECT(waitid(P_PIDFD, pidfd, &info, WEXITED | WNOWAIT) == 0 && info.si_status == 8);
	wv_calls_reap(child, 8 << 8);
	close(pidfd);
	WV_FAILS(syscall(SYS_clone3, &args, 8L), EINVAL);
}

static void wait_in_every_way(void)
{
	struct {
		long user[2], system[2], more[14];
	} usage;
	siginfo_t info;
	int status;
	pid_t child;

	WV_FAILS(syscall(SYS_wait4, -1, &status, 0, NULL), ECHILD);
	child = wv_calls_child(end_with_seven, NULL);
	WV_EXPECT(syscall(SYS_waitid, P_PID, child, &info, WEXITED | WNOWAIT, &usage) == 0);
	WV_EXPECT(syscall(SYS_wait4, child, &status, WNOHANG | __WALL, &usage) == child);
	WV_FAILS(syscall(SYS_waitid, P_ALL, 0, &info, WEXITED, NULL), ECHILD);
	WV_FAILS(syscall(SYS_waitid, P_ALL, 0, &info, 0, NULL), EINVAL);
}

static int sleep_forever(void *data)
{
	(void)data;
	wv_sleep_forever();
}

static void kill_in_a_call(int sig)
{
	pid_t child = wv_calls_child(sleep_forever, NULL);

	WV_EXPECT(wv_calls_await(child, 'S'));
	WV_EXPECT(kill(child, 0) == 0 && kill(child, sig) == 0);
	wv_calls_reap(child, sig);
}

static int crash(void *data)
{
	*(volatile int *)data = 1;
	return 0;
}

static int leave_an_orphan(void *data)
{
	pid_t parent = getpid();

	(void)data;
	if (fork() == 0) {
		/* Until its parent is another one. */
		while (getppid() == parent)
			usleep(1000);
		_exit(0);
	}
	return 0;
}

/* A process that has other ids inside its namespace than outside. */
static int in_namespace(void *data)
{
	pid_t child;

	(void)data;
	WV_EXPECT(getpid() == 1 && getppid() == 0);
	child = wv_calls_child(end_with_seven, NULL);
	WV_EXPECT(child == 2);
	wv_calls_reap(child, 7 << 8);
	return 9;
}

static void change_namespaces(void)
{
	pid_t child = clone(in_namespace, stack + STACK_SIZE, CLONE_NEWPID | SIGCHLD, NULL);

	wv_calls_reap(child, 9 << 8);
	WV_EXPECT(unshare(CLONE_FILES | CLONE_FS) == 0);
	WV_FAILS(setns(0, CLONE_NEWNET), EINVAL);
	WV_FAILS(unshare(0x1), EINVAL);
}

void wv_calls_tasks(void)
{
	make_processes();
	make_by_clone3();
	wait_in_every_way();
	kill_in_a_call(SIGKILL);
	kill_in_a_call(SIGTERM);
	wv_calls_reap(wv_calls_child(crash, NULL), SIGSEGV);
	wv_calls_reap(wv_calls_child(leave_an_orphan, NULL), 0);
	change_namespaces();
}
