// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group "signal" of the scenario "truth": every signal in every way to send it, to processes,
 * threads, groups and everybody; and signals that may not be sent.
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tasks.h"
#include "threads.h"
#include "truth.h"

#define MEMBERS 3

static const struct wv_ids myself = { 0, 0 };

static void end_sleeper(pid_t child)
{
	wv_signal(WV_KILL, (struct wv_ids){ child, 0 }, SIGKILL);
	wv_reap_expect(child, SIGKILL);
}

/* SIGSTOP can not be blocked, and nothing is left after SIGKILL: these two have their own tests. */
static void run_all_numbers(void)
{
	pid_t child = wv_spawn_sleeper(true);

	for (int sig = 1; sig <= 64; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			wv_signal(WV_KILL, (struct wv_ids){ child, 0 }, sig);
	end_sleeper(child);
}

static void run_all_ways(void)
{
	pid_t child = wv_spawn_sleeper(true);
	struct wv_ids ids = { child, child };

	for (enum wv_send how = WV_KILL; how <= WV_PIDFD; how++) {
		wv_signal(how, ids, SIGUSR1);
		wv_signal(how, ids, SIGRTMIN + 2);
	}
	end_sleeper(child);
}

static void run_stop(void)
{
	pid_t child = wv_spawn_sleeper(true);
	siginfo_t info;

	for (int i = 0; i < 2; i++) {
		wv_signal(WV_KILL, (struct wv_ids){ child, 0 }, SIGSTOP);
		WV_EXPECT(waitid(P_PID, child, &info, WSTOPPED) == 0);
		wv_signal(WV_KILL, (struct wv_ids){ child, 0 }, SIGCONT);
		WV_EXPECT(waitid(P_PID, child, &info, WCONTINUED) == 0);
	}
	end_sleeper(child);
}

static void run_to_self(void)
{
	signal(SIGUSR2, SIG_IGN);
	signal(SIGRTMIN, SIG_IGN);
	for (enum wv_send how = WV_KILL; how <= WV_PIDFD; how++) {
		wv_signal(how, myself, SIGUSR2);
		wv_signal(how, myself, SIGRTMIN);
	}
	signal(SIGUSR2, SIG_DFL);
	signal(SIGRTMIN, SIG_DFL);
}

static void run_to_threads(void)
{
	struct wv_thread thread;
	struct wv_ids ids = wv_self();

	signal(SIGUSR2, SIG_IGN);
	wv_thread_start(&thread, "target", NULL, NULL);
	ids.tid = thread.tid;
	wv_signal(WV_TGKILL, ids, SIGUSR2);
	wv_signal(WV_TKILL, ids, SIGUSR2);
	wv_signal(WV_TGQUEUE, ids, SIGUSR2);
	wv_thread_finish(&thread);
	signal(SIGUSR2, SIG_DFL);
}

/* One that has ended and is not yet reaped can still be sent a signal. */
static int end_at_once(void *data)
{
	return (intptr_t)data;
}

static void run_to_zombie(void)
{
	pid_t child = wv_spawn(end_at_once, (void *)31);

	wv_wait_zombie(child);
	wv_signal(WV_KILL, (struct wv_ids){ child, 0 }, SIGTERM);
	wv_reap_expect(child, 31 << 8);
}

/* Signals to a process group: one to each member, the sender included. */
static void send_to_group(pid_t group, const pid_t *members, int sig)
{
	if (!WV_EXPECT(kill(group, sig) == 0))
		return;
	for (int i = 0; i < MEMBERS; i++)
		wv_fact_signal((struct wv_ids){ members[i], 0 }, 0, sig);
}

static int lead_group(void *data)
{
	pid_t members[MEMBERS];

	(void)data;
	if (!WV_EXPECT(setpgid(0, 0) == 0))
		return 99;
	signal(SIGUSR1, SIG_IGN);
	for (int i = 0; i < MEMBERS; i++)
		members[i] = wv_spawn_sleeper(true);
	send_to_group(0, members, SIGUSR1);
	wv_fact_signal(wv_self(), 0, SIGUSR1);
	for (int i = 0; i < MEMBERS; i++)
		end_sleeper(members[i]);
	return 32;
}

static void run_to_groups(void)
{
	pid_t members[MEMBERS];

	wv_reap_expect(wv_spawn(lead_group, NULL), 32 << 8);

	for (int i = 0; i < MEMBERS; i++) {
		members[i] = wv_spawn_sleeper(true);
		WV_EXPECT(setpgid(members[i], members[0]) == 0);
	}
	send_to_group(-members[0], members, SIGRTMAX);
	for (int i = 0; i < MEMBERS; i++)
		end_sleeper(members[i]);
}

/* To everybody that the user may signal: not to root's processes, and not to the sender. */
static int signal_everybody(void *data)
{
	pid_t members[MEMBERS];

	(void)data;
	if (!WV_EXPECT(wv_become_user()))
		return 99;
	for (int i = 0; i < MEMBERS; i++)
		members[i] = wv_spawn_sleeper(true);
	send_to_group(-1, members, SIGUSR2);
	for (int i = 0; i < MEMBERS; i++)
		end_sleeper(members[i]);

	wv_signal_refused(WV_KILL, (struct wv_ids){ 1, 0 }, SIGTERM, EPERM);
	wv_signal_refused(WV_KILL, (struct wv_ids){ getppid(), 0 }, SIGTERM, EPERM);
	wv_signal_refused(WV_TGKILL, (struct wv_ids){ getppid(), getppid() }, SIGUSR1, EPERM);
	return 33;
}

static void run_refused(void)
{
	pid_t child = wv_spawn(end_at_once, (void *)34);

	wv_reap_expect(wv_spawn(signal_everybody, NULL), 33 << 8);
	wv_reap_expect(child, 34 << 8);
	wv_signal_refused(WV_KILL, (struct wv_ids){ child, 0 }, SIGTERM, ESRCH);
	wv_signal_refused(WV_TGKILL, (struct wv_ids){ 1, getpid() }, SIGUSR1, ESRCH);
	wv_signal_refused(WV_KILL, (struct wv_ids){ getpid(), 0 }, 65, EINVAL);

	/* The signal 0 only asks. */
	if (WV_EXPECT(kill(getpid(), 0) == 0))
		wv_fact_refused("signal", "signal 0", 0);
}

/* A child that asked for a signal on its parent's death is sent it by the dying parent. */
static int ask_for_signal(void *data)
{
	WV_EXPECT(prctl(PR_SET_PDEATHSIG, SIGTERM) == 0);
	WV_EXPECT(write((intptr_t)data, "x", 1) == 1);
	wv_sleep_forever();
}

static int die_before_child(void *data)
{
	int ends[2];
	pid_t child;
	char byte;

	(void)data;
	if (!WV_EXPECT(pipe2(ends, O_CLOEXEC) == 0))
		return 99;
	child = wv_spawn(ask_for_signal, (void *)(intptr_t)ends[1]);
	WV_EXPECT(read(ends[0], &byte, 1) == 1);
	/* By then the child has its new parent, who is also this process's. */
	wv_fact_signal((struct wv_ids){ child, 0 }, getppid(), SIGTERM);
	return 35;
}

static void run_parent_death(void)
{
	siginfo_t info = { 0 };

	wv_reap_expect(wv_spawn(die_before_child, NULL), 35 << 8);
	WV_EXPECT(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0);
	wv_reap_expect(info.si_pid, SIGTERM);
}

void wv_truth_signal(void)
{
	run_all_numbers();
	run_all_ways();
	run_stop();
	run_to_self();
	run_to_threads();
	run_to_zombie();
	run_to_groups();
	run_refused();
	run_parent_death();
}
