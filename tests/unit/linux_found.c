/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tiny Linux kernel that has been found, one of its tasks running. */
#include "linux_found.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

const uint64_t found_bad_places[] = {
	1,
	0x1000,
	UINT64_MAX,
	UINT64_MAX - 7,
	FOUND_NOWHERE,
	UINT64_C(1) << 63,
	TINY_VMEMMAP + MOCK_PAGE_2M - 4,
	0,
};

static void ignore(void *owner, const char *line)
{
	(void)owner;
	(void)line;
}

void found_make(struct linux_found *found, const struct tiny_options *options)
{
	struct tiny_linux *kernel = &found->kernel;
	struct wv_guest_search search = { .machine = &kernel->mock.machine,
					  .cpu = &found->cpu,
					  .report = ignore };
	g_autoptr(GError) error = NULL;

	memset(found, 0, sizeof(*found));
	tiny_init(kernel, options);
	found->task = tiny_task(kernel, 12, 0, "/usr/bin/bash", NULL);
	tiny_run(kernel, 0, found->task);
	wv_cpu_start(&found->cpu, &kernel->mock.machine, 0);
	found->guest = wv_guest_find(&search, &error);
	if (!found->guest)
		fail_msg("%s", error->message);
	found->space = wv_guest_space(found->guest, &found->cpu);
}

void found_end(struct linux_found *found)
{
	wv_guest_destroy(found->guest);
	tiny_deinit(&found->kernel);
}

int found_setup(void **state)
{
	static struct linux_found found;

	found_make(&found, NULL);
	*state = &found;
	return 0;
}

int found_teardown(void **state)
{
	found_end(*state);
	return 0;
}
