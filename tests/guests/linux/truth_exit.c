// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group "exit" of the scenario "truth": every exit code, every fault and fatal signal, and the
 * end of processes with several threads.
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tasks.h"
#include "threads.h"
#include "truth.h"

#define THREADS 3

static int return_data(void *data)
{
	return (intptr_t)data;
}

static int fault_segv(void *data)
{
	*(volatile int *)data = 1;
	return 99;
}

static int fault_ill(void *data)
{
	(void)data;
	__asm__ volatile("ud2");
	return 99;
}

static int fault_fpe(void *data)
{
	volatile int zero = (intptr_t)data, one = 1;

	return one / zero;
}

static int fault_trap(void *data)
{
	(void)data;
	__asm__ volatile("int3");
	return 99;
}

/* A page of a file behind the file's end. */
static int fault_bus(void *data)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *page = mmap(data, 4096, PROT_READ, MAP_SHARED, fd, 0);

	return *(volatile char *)page;
}

/* In strict mode a system call that is not one of four ends the process by SIGKILL. */
static int break_seccomp(void *data)
{
	(void)data;
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	syscall(SYS_getpid);
	return 99;
}

/* The signal is sent by the writer to itself, and that is a fact of its own. */
static int break_pipe(void *data)
{
	struct wv_ids self = wv_self();
	int ends[2];

	(void)data;
	if (!WV_EXPECT(pipe2(ends, O_CLOEXEC) == 0))
		return 99;
	close(ends[0]);
	wv_fact_signal(self, 0, SIGPIPE);
	return write(ends[1], "x", 1) < 0 ? 99 : 98;
}

static int dump_core(void *data)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &unlimited);
	return chdir("/tmp") < 0 ? 99 : fault_segv(data);
}

static void run_codes(void)
{
	for (intptr_t code = 0; code < 256; code++)
		wv_reap_expect(wv_spawn(return_data, (void *)code), code << 8);
}

static void run_faults(void)
{
	wv_reap_expect(wv_spawn(fault_segv, NULL), SIGSEGV);
	wv_reap_expect(wv_spawn(fault_ill, NULL), SIGILL);
	wv_reap_expect(wv_spawn(fault_fpe, NULL), SIGFPE);
	wv_reap_expect(wv_spawn(fault_trap, NULL), SIGTRAP);
	wv_reap_expect(wv_spawn(fault_bus, NULL), SIGBUS);
	wv_reap_expect(wv_spawn(break_seccomp, NULL), SIGKILL);
	wv_reap_expect(wv_spawn(break_pipe, NULL), SIGPIPE);
	wv_reap_expect(wv_spawn(dump_core, NULL), SIGSEGV | 0x80);
	unlink("/tmp/core");
}

/* 32 and 33 have handlers once the C library needs them. */
static bool is_fatal(int sig)
{
	return sig != 32 && sig != 33 && sig != SIGCHLD && sig != SIGCONT && sig != SIGSTOP &&
	       sig != SIGTSTP && sig != SIGTTIN && sig != SIGTTOU && sig != SIGURG &&
	       sig != SIGWINCH;
}

static void run_fatal_signals(void)
{
	for (int sig = 1; sig <= 64; sig++) {
		pid_t child;

		if (!is_fatal(sig))
			continue;
		child = wv_spawn_sleeper(false);
		wv_signal(WV_KILL, (struct wv_ids){ child, 0 }, sig);
		wv_reap_expect(child, sig);
	}
}

/* SIGKILL ends a process that is stopped, and one that waits for what never comes. */
static int read_nothing(void *data)
{
	char byte;

	return read((intptr_t)data, &byte, 1);
}

static void run_kills(void)
{
	int ends[2];
	pid_t child;

	child = wv_spawn_sleeper(true);
	wv_signal(WV_KILL, (struct wv_ids){ child, 0 }, SIGSTOP);
	wv_signal(WV_KILL, (struct wv_ids){ child, 0 }, SIGKILL);
	wv_reap_expect(child, SIGKILL);

	if (!WV_EXPECT(pipe2(ends, O_CLOEXEC) == 0))
		return;
	child = wv_spawn(read_nothing, (void *)(intptr_t)ends[0]);
	usleep(10000);
	wv_signal(WV_KILL, (struct wv_ids){ child, 0 }, SIGKILL);
	wv_reap_expect(child, SIGKILL);
	close(ends[0]);
	close(ends[1]);
}

/* How one thread ends a process of several. */
struct group_end {
	void (*run)(void *data);
	int status;
};

static void exit_group(void *data)
{
	(void)data;
	_exit(21);
}

static void fault_in_thread(void *data)
{
	*(volatile int *)data = 1;
}

/* Says beforehand how all but the first thread will have ended: afterwards nobody is left to. */
static int run_group(void *data)
{
	struct wv_thread sleepers[THREADS], ender;
	struct group_end *end = data;
	struct wv_ids ids = wv_self();
	char name[64];

	wv_name_of(ids.pid, name);
	for (int i = 0; i < THREADS; i++) {
		wv_thread_start(&sleepers[i], "sleeper", NULL, NULL);
		ids.tid = sleepers[i].tid;
		wv_fact_exit(ids, end->status, "sleeper", name);
	}
	wv_thread_start(&ender, "ender", end->run, NULL);
	ids.tid = ender.tid;
	wv_fact_exit(ids, end->status, "ender", name);
	wv_thread_release(&ender);
	wv_sleep_forever();
}

static void run_groups(void)
{
	struct group_end by_exit = { exit_group, 21 << 8 };
	struct group_end by_fault = { fault_in_thread, SIGSEGV };

	wv_reap_expect(wv_spawn(run_group, &by_exit), 21 << 8);
	wv_reap_expect(wv_spawn(run_group, &by_fault), SIGSEGV);
}

/* Killed from outside, once its threads are all there: a byte through a pipe says so. */
static int run_group_to_kill(void *data)
{
	struct wv_thread sleepers[THREADS];
	struct wv_ids ids = wv_self();
	char name[64];

	wv_name_of(ids.pid, name);
	for (int i = 0; i < THREADS; i++) {
		wv_thread_start(&sleepers[i], "sleeper", NULL, NULL);
		ids.tid = sleepers[i].tid;
		wv_fact_exit(ids, SIGKILL, "sleeper", name);
	}
	WV_EXPECT(write((intptr_t)data, "x", 1) == 1);
	wv_sleep_forever();
}

static void run_killed_group(void)
{
	int ends[2];
	char byte;
	pid_t child;

	if (!WV_EXPECT(pipe2(ends, O_CLOEXEC) == 0))
		return;
	child = wv_spawn(run_group_to_kill, (void *)(intptr_t)ends[1]);
	WV_EXPECT(read(ends[0], &byte, 1) == 1);
	wv_signal(WV_KILL, (struct wv_ids){ child, 0 }, SIGKILL);
	wv_reap_expect(child, SIGKILL);
	close(ends[0]);
	close(ends[1]);
}

static void exit_when_alone(void *data)
{
	pid_t *first = data;

	while (wv_state_of(*first) != 'Z')
		usleep(1000);
	_exit(23);
}

/* The first thread ends before the last one, each with a code of its own. */
static int leave_first(void *data)
{
	static struct wv_thread last;
	static struct wv_ids self;
	char name[64];

	(void)data;
	self = wv_self();
	wv_name_of(self.pid, name);
	wv_thread_start(&last, "last", exit_when_alone, &self.pid);
	wv_fact_exit(self, 22 << 8, name, name);
	wv_fact_exit((struct wv_ids){ self.pid, last.tid }, 23 << 8, "last", name);
	wv_thread_release(&last);
	syscall(SYS_exit, 22);
	return 99;
}

static void run_first_leaves(void)
{
	int status = -1;
	pid_t child = wv_spawn(leave_first, NULL);

	WV_EXPECT(waitpid(child, &status, 0) == child && status == 23 << 8);
}

void wv_truth_exit(void)
{
	run_codes();
	run_faults();
	run_fatal_signals();
	run_kills();
	run_groups();
	run_killed_group();
	run_first_leaves();
}
