// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group "exec-thread" of the scenario "truth": a thread that is not its process's first one
 * executes a program. All others end, and it takes over the first one's id.
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "threads.h"
#include "truth.h"
#include "truth_exec.h"

#define SLEEPERS 3

static const struct wv_exec from_thread = {
	.file = WV_HELPER,
	.argv = (const char *const[]){ "helper", "exit:47", "from a thread", NULL },
	.envp = (const char *const[]){ "OLDPWD=/", NULL },
	.status = 47 << 8,
};

static void exec_now(void *data)
{
	wv_do_exec(data);
	_exit(99);
}

static int exec_from_thread(void *data)
{
	struct wv_ids self = wv_self();
	struct wv_thread sleepers[SLEEPERS], executor;
	char name[64];

	wv_name_of(self.tid, name);
	for (int i = 0; i < SLEEPERS; i++)
		wv_thread_start(&sleepers[i], "sleeper", NULL, NULL);
	wv_thread_start(&executor, "exec'or", exec_now, data);

	/* From here on nobody is left to say anything but this: it must come first. */
	wv_fact_exec((struct wv_ids){ self.pid, executor.tid }, getpgid(0), "exec'or", data);
	wv_fact_exit(self, 0, name, name);
	for (int i = 0; i < SLEEPERS; i++)
		wv_fact_exit((struct wv_ids){ self.pid, sleepers[i].tid }, 0, "sleeper", name);
	wv_thread_release(&executor);
	wv_sleep_forever();
}

void wv_truth_exec_thread(void)
{
	wv_reap_expect(wv_spawn(exec_from_thread, (void *)&from_thread), 47 << 8);
}
