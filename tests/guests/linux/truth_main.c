// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scenario "truth": runs its groups one after the other (all, or those named), and frames them
 * by the facts about its own process.
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tasks.h"
#include "truth.h"
#include "truth_exec.h"

static const struct {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "clone", wv_truth_clone },
	{ "exec", wv_truth_exec },
	{ "exec-thread", wv_truth_exec_thread },
	{ "exit", wv_truth_exit },
	{ "signal", wv_truth_signal },
	{ "namespace", wv_truth_namespace },
};

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc == 1;
}

int wv_truth_main(int argc, char **argv)
{
	struct wv_ids self = wv_self();
	const char *const env[] = { "PWD=/", NULL };
	struct wv_exec own = {
		.file = argv[0],
		.argv = (const char *const *)argv,
		.envp = env,
	};
	char name[64];

	wv_fact_exec(self, getpgid(0), "init", &own);

	/* Whoever loses its parent becomes a child of this process, to be reaped here. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (wanted(groups[i].name, argc, argv))
			groups[i].run();

	if (waitpid(-1, NULL, WNOHANG | __WALL) >= 0)
		wv_broken("a child is left");
	wv_name_of(self.tid, name);
	wv_fact_exit(self, 0, name, name);
	return 0;
}
