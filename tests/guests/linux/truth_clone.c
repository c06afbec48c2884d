// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group "clone" of the scenario "truth": fork, vfork, clone, clone3 and threads, with many
 * flags and exit signals, and all the ways to fail.
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tasks.h"
#include "threads.h"
#include "truth.h"

#define STACK 16384

/* Older kernels make a child that ends silently, newer ones refuse it. */
#define NO_SIGNAL 100

static const uint64_t thread_flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				     CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID;

/* Flags that leave the child a memory of its own. */
static const struct {
	uint64_t flags;
	int exit_signal;
} forks[] = {
	{ 0, SIGCHLD },
	{ 0, 0 },
	{ 0, SIGUSR1 },
	{ 0, 41 },
	{ 0, NO_SIGNAL },
	{ CLONE_FS | CLONE_FILES, SIGCHLD },
	{ CLONE_IO | CLONE_SYSVSEM | CLONE_UNTRACED, SIGCHLD },
	{ CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC, SIGCHLD },
	{ CLONE_NEWNET | CLONE_NEWCGROUP, SIGCHLD },
	{ CLONE_VFORK, SIGCHLD },
	{ CLONE_PTRACE, SIGCHLD },
};

/* The calls that can do all that glibc's functions can not. */
static long raw_clone(uint64_t flags, int exit_signal, int *parent_tid)
{
	return syscall(SYS_clone, flags | exit_signal, NULL, parent_tid, NULL, 0);
}

static long raw_clone3(struct clone_args *args, size_t size)
{
	return syscall(SYS_clone3, args, size);
}

static void expect_child(long child, uint64_t flags, int exit_signal, int code)
{
	if (!WV_EXPECT(child > 0))
		return;
	wv_fact_clone(flags, exit_signal, child, child);
	wv_reap_expect(child, code << 8);
}

static void run_forks(void)
{
	long child;

	child = syscall(SYS_fork);
	if (child == 0)
		_exit(1);
	expect_child(child, 0, SIGCHLD, 1);

	child = vfork();
	if (child == 0)
		_exit(2);
	expect_child(child, CLONE_VFORK | CLONE_VM, SIGCHLD, 2);

	child = wv_fork();
	if (child == 0)
		_exit(3);
	wv_reap_expect(child, 3 << 8);

	for (size_t i = 0; i < sizeof(forks) / sizeof(forks[0]); i++) {
		child = raw_clone(forks[i].flags, forks[i].exit_signal, NULL);
		if (child == 0)
			_exit(i);
		if (child < 0 && errno == EINVAL && forks[i].exit_signal == NO_SIGNAL)
			wv_fact_clone_failed(forks[i].flags, forks[i].exit_signal, EINVAL);
		else
			expect_child(child, forks[i].flags, forks[i].exit_signal, i);
	}
}

static int return_data(void *data)
{
	return (intptr_t)data;
}

/* Memory shared, but a process of its own. */
static void run_shared_memory(void)
{
	static char stack[STACK] __attribute__((aligned(16)));
	uint64_t flags = CLONE_VM | CLONE_FILES;
	int child = clone(return_data, stack + STACK, flags | SIGCHLD, (void *)7);

	expect_child(child, flags, SIGCHLD, 7);
}

static void run_clone3(void)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.exit_signal = SIGCHLD,
		.pidfd = (uintptr_t)&pidfd,
	};
	pid_t wanted = 4242;
	long child;

	child = raw_clone3(&args, sizeof(args));
	if (child == 0)
		_exit(8);
	expect_child(child, args.flags, SIGCHLD, 8);
	close(pidfd);

	/* A process id of one's own choice, the first time to be had and the second time taken. */
	args = (struct clone_args){
		.exit_signal = SIGRTMIN + 3,
		.set_tid = (uintptr_t)&wanted,
		.set_tid_size = 1,
	};
	child = raw_clone3(&args, sizeof(args));
	if (child == 0)
		_exit(9);
	WV_EXPECT(child == wanted);
	expect_child(child, 0, SIGRTMIN + 3, 9);

	wanted = getpid();
	WV_EXPECT(raw_clone3(&args, sizeof(args)) < 0 && errno == EEXIST);
	wv_fact_clone_failed(0, SIGRTMIN + 3, EEXIST);
}

/* The child of a child, whose parent is this process all the same. */
static int make_sibling(void *data)
{
	long sibling = raw_clone(CLONE_PARENT, SIGCHLD, NULL);

	if (sibling == 0)
		_exit(11);
	if (WV_EXPECT(sibling > 0))
		wv_fact_clone(CLONE_PARENT, SIGCHLD, sibling, sibling);
	*(volatile int *)data = sibling;
	return sibling > 0 ? 10 : 99;
}

static void run_sibling(void)
{
	pid_t child = wv_spawn(make_sibling, &(int){ 0 }), sibling;
	siginfo_t info = { 0 };

	wv_reap_expect(child, 10 << 8);
	WV_EXPECT(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0);
	sibling = info.si_pid;
	wv_reap_expect(sibling, 11 << 8);
}

static void fork_from_thread(void *data)
{
	(void)data;
	wv_reap_expect(wv_spawn(return_data, (void *)12), 12 << 8);
}

static void run_threads(void)
{
	static const char *const names[] = { "plain", "we\"ird\n\xff", "" };
	struct wv_thread threads[3], forker;

	for (int i = 0; i < 3; i++)
		wv_thread_start(&threads[i], names[i], NULL, NULL);
	for (int i = 0; i < 3; i++)
		wv_thread_finish(&threads[i]);

	wv_thread_start(&forker, "forker", fork_from_thread, NULL);
	wv_thread_finish(&forker);
}

/* A thread made by hand, which ends with a code of its own. */
static void run_raw_thread(void)
{
	static char stack[STACK] __attribute__((aligned(16)));
	struct wv_ids ids = wv_self();
	volatile int alive = 1;
	char name[64];

	ids.tid = clone(return_data, stack + STACK, thread_flags, (void *)5, NULL, NULL, &alive);
	if (!WV_EXPECT(ids.tid > 0))
		return;
	while (alive)
		usleep(1000);
	wv_fact_clone(thread_flags, 0, ids.tid, ids.tid);
	wv_name_of(ids.pid, name);
	wv_fact_exit(ids, 5 << 8, name, name);
}

static void expect_failure(uint64_t flags, int exit_signal, int error)
{
	long child = raw_clone(flags, exit_signal, NULL);

	if (child == 0)
		_exit(98);
	if (WV_EXPECT(child < 0 && errno == error))
		wv_fact_clone_failed(flags, exit_signal, error);
}

static int fail_as_user(void *data)
{
	struct rlimit one = { 1, 1 };

	(void)data;
	if (!WV_EXPECT(wv_become_user()))
		return 99;
	expect_failure(CLONE_NEWNS, SIGCHLD, EPERM);
	if (!WV_EXPECT(setrlimit(RLIMIT_NPROC, &one) == 0))
		return 99;
	expect_failure(0, SIGCHLD, EAGAIN);
	return 13;
}

static void run_failures(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	expect_failure(CLONE_SIGHAND, SIGCHLD, EINVAL);
	expect_failure(CLONE_THREAD, 0, EINVAL);
	expect_failure(CLONE_NEWNS | CLONE_FS, SIGCHLD, EINVAL);
	expect_failure(CLONE_NEWUSER | CLONE_FS, SIGCHLD, EINVAL);
	wv_reap_expect(wv_spawn(fail_as_user, NULL), 13 << 8);

	/* Refused before anything is tried. */
	WV_EXPECT(raw_clone3(&args, 8) < 0 && errno == EINVAL);
	wv_fact_refused("clone3", "size 8", EINVAL);
	args.exit_signal = 1000;
	WV_EXPECT(raw_clone3(&args, sizeof(args)) < 0 && errno == EINVAL);
	wv_fact_refused("clone3", "exit signal 1000", EINVAL);
}

void wv_truth_clone(void)
{
	/* Children may announce their end by these. */
	signal(SIGUSR1, SIG_IGN);
	signal(41, SIG_IGN);
	signal(SIGRTMIN + 3, SIG_IGN);
	run_forks();
	run_shared_memory();
	run_clone3();
	run_sibling();
	run_threads();
	run_raw_thread();
	run_failures();
	signal(SIGUSR1, SIG_DFL);
	signal(41, SIG_DFL);
	signal(SIGRTMIN + 3, SIG_DFL);
}
