/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls: its options, and that what is filtered out costs nothing of the guest's memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "monitor/registry.h"
#include "syscalls_fixture.h"

static void start(struct syscalls_fixture *fixture, const char *settings)
{
	const struct syscalls_options options = { .settings = settings };
	g_autofree char *told = syscalls_start(fixture, &options);

	assert_non_null(strstr(told, "status 0,1: "));
}

/** Makes two calls: openat and getppid. */
static void two_calls(struct syscalls_fixture *fixture)
{
	MAKE(fixture, 257, 4, AT_FDCWD, syscalls_text(fixture, 0, "/x"));
	MAKE(fixture, 110, 1);
}

#define OPENAT                                                                                     \
	"Syscall=257 NArgs=4 dfd=\"AT_FDCWD</root>\" filename=\"/x\" flags=\"O_RDONLY\" mode=\"0\"\n"

/* --no-sysret -----------------------------------------------------------------------------------*/

static void test_no_sysret(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, "no_sysret=true\n");
	two_calls(fixture);
	syscalls_told(fixture, "openat 12 #1: " OPENAT "getppid 12 #2: Syscall=110 NArgs=0\n");
}

/** A number without a function passes through two functions that are trapped: it is one call. */
static void test_no_sysret_of_a_call_without_a_function(void **state)
{
	struct syscalls_fixture *fixture = *state;
	const uint64_t args[6] = { 0 };
	uint64_t regs[6] = { 0 };

	start(fixture, "no_sysret=true\n");
	syscalls_enter(fixture, "x64_sys_call", false, 180, args);
	regs[0] = syscalls_regs(fixture);
	tiny_call(&fixture->kernel, 0, "__x64_sys_ni_syscall", 0, regs);
	tiny_return(&fixture->kernel, 0, (uint64_t)-38);
	tiny_return(&fixture->kernel, 0, (uint64_t)-38);
	syscalls_told(fixture, "nfsservctl 12 #1: Syscall=180 NArgs=0\n");
}

/* --syscalls-file -------------------------------------------------------------------------------*/

/** A file of the test's with that text; its name is a setting. To be freed with free_file(). */
static char *make_file(const char *text)
{
	char *path = g_build_filename(g_get_tmp_dir(), "wyvern-test-XXXXXX", NULL);
	int fd = g_mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	return path;
}

static void free_file(char *path)
{
	unlink(path);
	g_free(path);
}

static void start_with_file(struct syscalls_fixture *fixture, const char *text, const char *more)
{
	char *path = make_file(text);
	g_autofree char *settings = g_strdup_printf("syscalls_file=%s\n%s", path, more);

	start(fixture, settings);
	free_file(path);
}

static void test_file(void **state)
{
	struct syscalls_fixture *fixture = *state;
	unsigned reads;

	start_with_file(fixture, "\n  getppid  \r\nno_such_call\n\nsyscall_999", "");
	two_calls(fixture);
	MAKE(fixture, NO_CALL, 0);
	syscalls_told(
		fixture,
		"getppid 12 #1: Syscall=110 NArgs=0\n"
		"getppid 12 #1: Syscall=110 Ret=1\n"
		"syscall_999 12 #2: Syscall=999 NArgs=6 arg0=\"0x0\" arg1=\"0x0\" arg2=\"0x0\" "
		"arg3=\"0x0\" arg4=\"0x0\" arg5=\"0x0\"\n"
		"syscall_999 12 #2: Syscall=999 Ret=0\n");
	/* what is not wanted is turned away by its number: its return is not awaited */
	reads = fixture->kernel.mock.register_reads;
	MAKE(fixture, 257, 4, AT_FDCWD, USER_NOWHERE);
	assert_in_range(fixture->kernel.mock.register_reads - reads, 0, 3);
	syscalls_told(fixture, "");
}

/** The 32-bit calls of that name, too; and their own names, which users know as well. */
static void test_file_and_32_bit(void **state)
{
	struct syscalls_fixture *fixture = *state;
	const uint64_t args[6] = { 0 };

	start_with_file(fixture, "getppid", "");
	syscalls_enter(fixture, "ia32_sys_call", true, 64, args);
	syscalls_enter(fixture, "ia32_sys_call", true, 6, args);
	syscalls_told(fixture, "getppid 12 #1: Syscall=64 Type=\"ia32\" NArgs=0\n");
}

static void test_empty_file(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start_with_file(fixture, "", "");
	two_calls(fixture);
	syscalls_told(fixture, "");
}

static void test_missing_file(void **state)
{
	const struct wv_plugin *plugin = wv_plugin_find("syscalls");
	g_autoptr(GError) error = NULL;
	struct wv_settings settings;
	void *made = NULL;

	(void)state;
	wv_settings_init(&settings);
	wv_settings_set(&settings, "syscalls-file", "/nonexistent/calls");
	assert_false(plugin->configure(&settings, &made, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	assert_non_null(strstr(error->message, "/nonexistent/calls"));
	wv_settings_deinit(&settings);
}

/* --buffer-preview ------------------------------------------------------------------------------*/

static void read_and_write(struct syscalls_fixture *fixture)
{
	uint64_t data = syscalls_text(fixture, 0, "some \"data\"\n");

	MAKE(fixture, 1, 12, 1, data, 12);
	MAKE(fixture, 1, 3, 1, data, 3);
	MAKE(fixture, 0, 2, 0, data, 100);  /* no more than was read */
	MAKE(fixture, 0, -5, 0, data, 100); /* nothing was */
	MAKE(fixture, 1, -14, 1, USER_NOWHERE, 5);
}

static void test_no_preview(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, NULL);
	read_and_write(fixture);
	syscalls_told(
		fixture,
		"write 12 #1: Syscall=1 NArgs=3 fd=\"1\" buf=\"0x7ffd00000000\" count=\"12\"\n"
		"write 12 #1: Syscall=1 Ret=12\n"
		"write 12 #2: Syscall=1 NArgs=3 fd=\"1\" buf=\"0x7ffd00000000\" count=\"3\"\n"
		"write 12 #2: Syscall=1 Ret=3\n"
		"read 12 #3: Syscall=0 NArgs=3 fd=\"0\" buf=\"0x7ffd00000000\" count=\"100\"\n"
		"read 12 #3: Syscall=0 Ret=2\n"
		"read 12 #4: Syscall=0 NArgs=3 fd=\"0\" buf=\"0x7ffd00000000\" count=\"100\"\n"
		"read 12 #4: Syscall=0 Ret=-5 Info=\"EIO\"\n"
		"write 12 #5: Syscall=1 NArgs=3 fd=\"1\" buf=\"0x7ffd00004000\" count=\"5\"\n"
		"write 12 #5: Syscall=1 Ret=-14 Info=\"EFAULT\"\n");
}

static void test_preview(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, "buffer_preview=4\n");
	read_and_write(fixture);
	syscalls_told(
		fixture,
		"write 12 #1: Syscall=1 NArgs=3 fd=\"1\" buf=\"\\\"some\\\"...\" count=\"12\"\n"
		"write 12 #1: Syscall=1 Ret=12\n"
		"write 12 #2: Syscall=1 NArgs=3 fd=\"1\" buf=\"\\\"som\\\"\" count=\"3\"\n"
		"write 12 #2: Syscall=1 Ret=3\n"
		"read 12 #3: Syscall=0 NArgs=3 fd=\"0\" buf=\"0x7ffd00000000\" count=\"100\"\n"
		"read 12 #3: Syscall=0 Ret=2 buf=\"\\\"so\\\"\"\n"
		"read 12 #4: Syscall=0 NArgs=3 fd=\"0\" buf=\"0x7ffd00000000\" count=\"100\"\n"
		"read 12 #4: Syscall=0 Ret=-5 Info=\"EIO\"\n"
		"write 12 #5: Syscall=1 NArgs=3 fd=\"1\" buf=\"0x7ffd00004000\" count=\"5\"\n"
		"write 12 #5: Syscall=1 Ret=-14 Info=\"EFAULT\" buf=\"0x7ffd00004000\"\n");
}

/** No preview is longer than a page, whatever is asked for, and whatever a guest says. */
static void test_preview_that_is_too_long(void **state)
{
	struct syscalls_fixture *fixture = *state;
	g_autofree char *text = g_strnfill(2 * MOCK_PAGE, 'x');
	g_autofree char *told = NULL;

	start(fixture, "buffer_preview=1000000\n");
	MAKE(fixture, 1, 12, 1, syscalls_text(fixture, 0, text), UINT64_MAX);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "xxx\\\"...\" count=\"18446744073709551615\""));
	assert_in_range(strlen(told), 4096, 4096 + 500);
}

static void test_wrong_preview(void **state)
{
	static const char *const wrong[] = { "-1", "many", "1k", "" };
	const struct wv_plugin *plugin = wv_plugin_find("syscalls");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		struct wv_settings settings;
		void *made = NULL;

		wv_settings_init(&settings);
		wv_settings_set(&settings, "buffer-preview", wrong[i]);
		assert_false(plugin->configure(&settings, &made, &error));
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
		assert_non_null(strstr(error->message, "--buffer-preview"));
		wv_settings_deinit(&settings);
	}
}

/* Filters ---------------------------------------------------------------------------------------*/

static void test_process(void **state)
{
	struct syscalls_fixture *fixture = *state;
	struct tiny_task *env;

	start(fixture, "process=env;\n");
	env = syscalls_task(fixture, 13, "/usr/bin/env");
	MAKE(fixture, 110, 1);
	tiny_run(&fixture->kernel, 0, env);
	MAKE(fixture, 110, 2);
	syscalls_told(fixture, "getppid 13 #1: Syscall=110 NArgs=0\n"
			       "getppid 13 #1: Syscall=110 Ret=2\n");
}

static void test_ttl(void **state)
{
	struct syscalls_fixture *fixture = *state;
	g_autofree char *told = NULL;

	start(fixture, "traps_ttl=2\n");
	for (unsigned i = 0; i < 5; i++)
		MAKE(fixture, 110, 1);
	syscalls_told(fixture, "getppid 12 #1: Syscall=110 NArgs=0\n"
			       "getppid 12 #1: Syscall=110 Ret=1\n"
			       "getppid 12 #2: Syscall=110 NArgs=0\n"
			       "getppid 12 #2: Syscall=110 Ret=1\n");
	assert_int_equal(OBSERVER_COUNT(&fixture->observer, suppressed), 3);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, syscalls_setup_empty, syscalls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_no_sysret),
		WITH(test_no_sysret_of_a_call_without_a_function),
		WITH(test_file),
		WITH(test_file_and_32_bit),
		WITH(test_empty_file),
		cmocka_unit_test(test_missing_file),
		WITH(test_no_preview),
		WITH(test_preview),
		WITH(test_preview_that_is_too_long),
		cmocka_unit_test(test_wrong_preview),
		WITH(test_process),
		WITH(test_ttl),
	};

	return cmocka_run_group_tests_name("syscalls_options", tests, NULL, NULL);
}
