// SPDX-License-Identifier: GPL-2.0-or-later
/* The scenario "calls [AREA...]": runs its areas one after the other, all or those named. */
#define _GNU_SOURCE
#include "calls.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "scenarios.h"
#include "tasks.h"

static const struct {
	const char *name;
	void (*run)(void);
} areas[] = {
	{ "files", wv_calls_files },	 { "io", wv_calls_io },
	{ "paths", wv_calls_paths },	 { "memory", wv_calls_memory },
	{ "sockets", wv_calls_sockets }, { "net", wv_calls_net },
	{ "pipes", wv_calls_pipes },	 { "ipc", wv_calls_ipc },
	{ "time", wv_calls_time },	 { "system", wv_calls_system },
	{ "tasks", wv_calls_tasks },	 { "threads", wv_calls_threads },
	{ "exec", wv_calls_exec },	 { "signals", wv_calls_signals },
	{ "restart", wv_calls_restart }, { "seccomp", wv_calls_seccomp },
	{ "new", wv_calls_new },	 { "compat", wv_calls_compat },
};

pid_t wv_calls_child(int (*run)(void *), void *data)
{
	pid_t child = fork();

	WV_EXPECT(child >= 0);
	if (child == 0)
		_exit(run(data));
	return child;
}

void wv_calls_reap(pid_t child, int status)
{
	int ended = -1;

	if (WV_EXPECT(waitpid(child, &ended, __WALL) == child) && ended != status)
		wv_broken("process %d ended with status 0x%x, not 0x%x", child, ended, status);
}

bool wv_calls_await(pid_t tid, char state)
{
	char now;

	while ((now = wv_state_of(tid)) != state) {
		if (now == 'Z' || now == 'X' || now == 0)
			return false;
		usleep(1000);
	}
	return true;
}

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc <= 1;
}

int wv_calls_main(int argc, char **argv)
{
	if (!WV_EXPECT(mkdir(WV_CALLS_DIR, 0755) == 0) || !WV_EXPECT(chdir(WV_CALLS_DIR) == 0))
		return 1;
	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		if (wanted(areas[i].name, argc, argv))
			areas[i].run();
	if (waitpid(-1, NULL, WNOHANG | __WALL) >= 0)
		wv_broken("a child is left");
	return 0;
}
