/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters by process: --process and --ignore-process, by number and by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "monitor/filter.h"

struct fixture {
	struct wv_settings settings;
	struct wv_filter filter;
	struct wv_identity process;
};

static int setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	wv_settings_init(&fixture.settings);
	wv_filter_init(&fixture.filter, &fixture.settings);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	wv_filter_deinit(&fixture->filter);
	wv_settings_deinit(&fixture->settings);
	return 0;
}

static void filter(struct fixture *fixture, const char *option, const char *value)
{
	wv_settings_add(&fixture->settings, option, value);
	wv_filter_deinit(&fixture->filter);
	wv_filter_init(&fixture->filter, &fixture->settings);
}

static bool accepts(struct fixture *fixture, uint32_t pid, const char *name)
{
	/* the name is not NUL-terminated: what lies behind it must not count */
	memset(fixture->process.name, 'x', sizeof(fixture->process.name));
	memcpy(fixture->process.name, name, strlen(name));
	fixture->process.name_size = (uint16_t)strlen(name);
	fixture->process.pid = pid;
	fixture->process.tid = 5000;
	fixture->process.ppid = 6000;
	return wv_filter_accepts(&fixture->filter, &fixture->process);
}

static void test_nothing_asked(void **state)
{
	struct fixture *fixture = *state;

	assert_false(fixture->filter.any);
	assert_true(accepts(fixture, 0, ""));
	assert_true(accepts(fixture, 1, "init"));
}

static void test_only_pids(void **state)
{
	struct fixture *fixture = *state;

	filter(fixture, "process", "12");
	assert_true(fixture->filter.any);
	assert_true(accepts(fixture, 12, "bash"));
	assert_false(accepts(fixture, 13, "bash"));
	assert_false(accepts(fixture, 1, "12")); /* digits are a number, not a name */
	assert_false(accepts(fixture, 120, "bash"));
	filter(fixture, "process", "4294967295");
	assert_true(accepts(fixture, 12, "bash"));
	assert_true(accepts(fixture, UINT32_MAX, "bash"));
	assert_false(accepts(fixture, 5000, "bash")); /* a TID is not a PID, nor is a PPID */
	assert_false(accepts(fixture, 6000, "bash"));
}

static void test_pid_zero(void **state)
{
	struct fixture *fixture = *state;

	filter(fixture, "process", "0");
	assert_true(accepts(fixture, 0, "swapper/0"));
	assert_false(accepts(fixture, 1, "init"));
}

static void test_only_names(void **state)
{
	struct fixture *fixture = *state;

	filter(fixture, "process", "bash");
	assert_true(accepts(fixture, 1, "bash"));
	assert_false(accepts(fixture, 1, "bas"));
	assert_false(accepts(fixture, 1, "bashx"));
	assert_false(accepts(fixture, 1, "xbash"));
	assert_false(accepts(fixture, 1, "Bash"));
	assert_false(accepts(fixture, 1, ""));
}

static void test_names_that_look_like_numbers(void **state)
{
	struct fixture *fixture = *state;

	filter(fixture, "process", "4294967296"); /* no PID is as large */
	filter(fixture, "process", "7z");
	filter(fixture, "process", "-1");
	assert_true(accepts(fixture, 1, "4294967296"));
	assert_true(accepts(fixture, 1, "7z"));
	assert_true(accepts(fixture, 1, "-1"));
	assert_false(accepts(fixture, 7, "a"));
	assert_false(accepts(fixture, 0, "a"));
	assert_false(accepts(fixture, UINT32_MAX, "a"));
}

static void test_short_name_and_path(void **state)
{
	struct fixture *fixture = *state;

	filter(fixture, "process", "bash");
	filter(fixture, "process", "/usr/bin/env");
	filter(fixture, "process", "bin/true");
	/* with --process-path names are paths: the short name still finds them */
	assert_true(accepts(fixture, 1, "/usr/bin/bash"));
	assert_true(accepts(fixture, 1, "/bash"));
	assert_false(accepts(fixture, 1, "/usr/bin/rbash"));
	assert_false(accepts(fixture, 1, "/usr/bash/x"));
	assert_true(accepts(fixture, 1, "/usr/bin/env"));
	assert_false(accepts(fixture, 1, "/mnt/usr/bin/env")); /* a path is the whole path */
	assert_false(accepts(fixture, 1, "env"));
	assert_false(accepts(fixture, 1, "/bin/env"));
	assert_false(accepts(fixture, 1, "/usr/bin/true")); /* and a part of it is neither */
}

static void test_ignored(void **state)
{
	struct fixture *fixture = *state;

	filter(fixture, "ignore-process", "bash");
	filter(fixture, "ignore-process", "7");
	assert_true(fixture->filter.any);
	assert_false(accepts(fixture, 1, "bash"));
	assert_false(accepts(fixture, 1, "/bin/bash"));
	assert_false(accepts(fixture, 7, "dash"));
	assert_true(accepts(fixture, 1, "dash"));
}

static void test_both(void **state)
{
	struct fixture *fixture = *state;

	filter(fixture, "process", "bash");
	filter(fixture, "process", "20");
	filter(fixture, "ignore-process", "7");
	filter(fixture, "ignore-process", "env");
	assert_true(accepts(fixture, 1, "bash"));
	assert_false(accepts(fixture, 7, "bash")); /* to ignore wins */
	assert_true(accepts(fixture, 20, "dash"));
	assert_false(accepts(fixture, 20, "env"));
	assert_false(accepts(fixture, 1, "dash"));
}

static void test_longest_name(void **state)
{
	struct fixture *fixture = *state;
	char name[WV_NAME_MAX + 1];

	memset(name, 'n', WV_NAME_MAX);
	name[WV_NAME_MAX] = '\0';
	filter(fixture, "process", name);
	assert_true(accepts(fixture, 1, name));
	name[WV_NAME_MAX - 1] = '\0';
	assert_false(accepts(fixture, 1, name));
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_nothing_asked),
		WITH(test_only_pids),
		WITH(test_pid_zero),
		WITH(test_only_names),
		WITH(test_names_that_look_like_numbers),
		WITH(test_short_name_and_path),
		WITH(test_ignored),
		WITH(test_both),
		WITH(test_longest_name),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
