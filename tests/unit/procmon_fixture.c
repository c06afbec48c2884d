/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon watching a tiny Linux kernel: what its tests begin with. */
#include "procmon_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

const char *const procmon_functions[] = { "begin_new_exec",
					  "do_execveat_common",
					  "do_send_sig_info",
					  "send_signal_locked",
					  "kernel_clone",
					  "wake_up_new_task",
					  NULL };

void procmon_start(struct procmon_fixture *fixture, const char *const *without,
		   const char *settings)
{
	struct tiny_linux *kernel = &fixture->kernel;
	const struct tiny_options options = { .functions = procmon_functions,
					      .without_symbols = without };
	g_autofree char *all = g_strconcat("plugin=procmon;\n", settings, NULL);
	g_autofree char *told = NULL;

	tiny_init(kernel, &options);
	fixture->bash = tiny_task(kernel, 12, 0, "/usr/bin/bash", NULL);
	fixture->binprm = tiny_object(kernel, 0x100);
	fixture->args = tiny_object(kernel, 0x100);
	tiny_run(kernel, 0, fixture->bash);
	observer_start(&fixture->observer, kernel, all);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "status 0,1: "));
}

int procmon_setup_empty(void **state)
{
	static struct procmon_fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	*state = &fixture;
	return 0;
}

int procmon_setup(void **state)
{
	procmon_setup_empty(state);
	procmon_start(*state, NULL, NULL);
	return 0;
}

int procmon_teardown(void **state)
{
	struct procmon_fixture *fixture = *state;

	observer_stop(&fixture->observer);
	if (fixture->kernel.mock.ram)
		tiny_deinit(&fixture->kernel);
	return 0;
}

void procmon_told(struct procmon_fixture *fixture, const char *expected)
{
	observer_told(&fixture->observer, expected);
}

char *procmon_field(struct procmon_fixture *fixture, const char *name)
{
	g_autofree char *line = observer_take(&fixture->observer);
	g_autofree char *key = g_strdup_printf(" %s=", name);
	const char *start = strstr(line, key), *end;

	assert_non_null(strchr(line, '\n'));
	if (!start)
		return NULL;
	start += strlen(key);
	for (end = start + 1; *end != '\n'; end++) /* a text may hold blanks */
		if (*start == '"' ? *end == '"' && end[-1] != '\\' : *end == ' ')
			break;
	return g_strndup(start, (gsize)(end - start) + (*start == '"'));
}

void procmon_assert_field(struct procmon_fixture *fixture, const char *name, const char *expected)
{
	g_autofree char *value = procmon_field(fixture, name);

	if (!expected && value)
		fail_msg("%s is there: %s", name, value);
	if (expected && g_strcmp0(value, expected) != 0)
		fail_msg("%s is %s, not %s", name, value ? value : "not there", expected);
}
