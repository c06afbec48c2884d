// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group "namespace" of the scenario "truth": processes in a pid namespace of their own, which
 * know each other by other ids than the outside does.
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tasks.h"
#include "truth.h"
#include "truth_exec.h"

static const struct wv_exec inner_exec = {
	.file = WV_HELPER,
	.argv = (const char *const[]){ "helper", "exit:51", NULL },
	.status = 51 << 8,
};

/* A child that tells its outer id through the pipe, then goes on. */
static pid_t spawn_inner(const int ends[2], int (*run)(void *), void *data, pid_t *outer)
{
	pid_t inner = fork();

	if (inner == 0) {
		*outer = wv_self().pid;
		if (write(ends[1], outer, sizeof(*outer)) != sizeof(*outer))
			_exit(99);
		_exit(run(data));
	}
	if (WV_EXPECT(inner > 0) &&
	    WV_EXPECT(read(ends[0], outer, sizeof(*outer)) == sizeof(*outer)))
		wv_fact_clone(WV_FORK_FLAGS, SIGCHLD, *outer, inner);
	return inner;
}

static int exec_inner(void *data)
{
	(void)data;
	wv_do_exec(&inner_exec);
	return 99;
}

static int sleep_inner(void *data)
{
	(void)data;
	wv_sleep_forever();
}

/* The first process of the namespace: when it ends, all others are killed by it. */
static int first_inner(void *data)
{
	pid_t outer, inner;
	int ends[2], status = -1;
	siginfo_t info;
	char name[64];

	(void)data;
	wv_name_of(wv_self().pid, name);
	if (!WV_EXPECT(getpid() == 1) || !WV_EXPECT(pipe2(ends, O_CLOEXEC) == 0))
		return 99;
	inner = spawn_inner(ends, exec_inner, NULL, &outer);
	WV_EXPECT(inner == 2);
	if (!WV_EXPECT(waitid(P_PID, inner, &info, WEXITED | WNOWAIT) == 0))
		return 99;
	wv_fact_exec((struct wv_ids){ outer, outer }, wv_group_of(outer), name, &inner_exec);
	WV_EXPECT(waitpid(inner, &status, 0) == inner && status == inner_exec.status);
	wv_fact_exit((struct wv_ids){ outer, outer }, status, "helper", "helper");

	inner = spawn_inner(ends, sleep_inner, NULL, &outer);
	WV_EXPECT(inner == 3);
	WV_EXPECT(kill(inner, SIGCONT) == 0);
	wv_fact_signal((struct wv_ids){ outer, 0 }, 0, SIGCONT);
	wv_fact_signal((struct wv_ids){ outer, 0 }, 0, SIGKILL);
	wv_fact_exit((struct wv_ids){ outer, outer }, SIGKILL, name, name);
	return 52;
}

/* Its children belong to the new namespace, it does not itself. */
static int make_namespace(void *data)
{
	long child;

	(void)data;
	if (!WV_EXPECT(unshare(CLONE_NEWPID) == 0))
		return 99;
	child = syscall(SYS_clone, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, NULL, NULL, NULL, 0);
	if (WV_EXPECT(child < 0 && errno == EINVAL))
		wv_fact_clone_failed(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, EINVAL);
	wv_reap_expect(wv_spawn(first_inner, NULL), 52 << 8);

	/* Without its first process the namespace is dead. */
	child = syscall(SYS_fork);
	if (child == 0)
		_exit(99);
	if (WV_EXPECT(child < 0 && errno == ENOMEM))
		wv_fact_clone_failed(0, SIGCHLD, ENOMEM);
	return 53;
}

void wv_truth_namespace(void)
{
	wv_reap_expect(wv_spawn(make_namespace, NULL), 53 << 8);
}
