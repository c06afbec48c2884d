/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program's name is read once, and again when something may have changed it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "syscalls_fixture.h"
#include "tiny_linux_types.h"

static const char *const functions[] = { "x64_sys_call",
					 "ia32_sys_call",
					 "__secure_computing",
					 "begin_new_exec",
					 "d_move",
					 "wake_up_new_task",
					 NULL };
static const char *const no_rename[] = { "x64_sys_call",   "ia32_sys_call",    "__secure_computing",
					 "begin_new_exec", "wake_up_new_task", NULL };

static void start(struct syscalls_fixture *fixture, const char *const *kernel_functions)
{
	const struct syscalls_options options = { .functions = kernel_functions };
	g_autofree char *told = syscalls_start(fixture, &options);

	assert_non_null(strstr(told, "status 0,1: "));
}

/** The name in the rows of a call that the shell makes. */
static void makes_call_as(struct syscalls_fixture *fixture, const char *name)
{
	g_autofree char *quoted = g_strdup_printf("\"%s\"", name), *told = NULL;

	MAKE(fixture, 110, 1);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, quoted));
}

/** The kernel gives the program's file another name, unseen. */
static void rename_program(struct syscalls_fixture *fixture, const char *name)
{
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t file = tiny_get(kernel, fixture->bash->mm, "mm_struct.exe_file");
	uint64_t other = tiny_file(kernel, name);

	uint64_t path = tiny_member_find("file.f_path")->offset;

	tiny_put(kernel, file + path, "path.dentry", tiny_get(kernel, other + path, "path.dentry"));
}

static void call_kernel(struct syscalls_fixture *fixture, const char *function)
{
	tiny_call(&fixture->kernel, 0, function, 0, (const uint64_t[6]){ 0 });
}

static void test_name_is_kept(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, functions);
	makes_call_as(fixture, "bash");
	rename_program(fixture, "/tmp/evil");
	makes_call_as(fixture, "bash"); /* nothing has been seen that renames */
}

/** A look between the start and the end of a rename must not keep the old name. */
static void test_rename(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, functions);
	makes_call_as(fixture, "bash");
	call_kernel(fixture, "d_move");
	makes_call_as(fixture, "bash");
	rename_program(fixture, "/tmp/evil");
	tiny_return(&fixture->kernel, 0, 0);
	makes_call_as(fixture, "evil");
}

static void test_new_task(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, functions);
	makes_call_as(fixture, "bash");
	rename_program(fixture, "/tmp/child");
	call_kernel(fixture, "wake_up_new_task");
	makes_call_as(fixture, "child");
}

static void test_other_file(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, functions);
	makes_call_as(fixture, "bash");
	tiny_put(&fixture->kernel, fixture->bash->mm, "mm_struct.exe_file",
		 tiny_file(&fixture->kernel, "/bin/busybox"));
	makes_call_as(fixture, "busybox");
}

/** A kernel whose renames can not be seen: names are read each time. */
static void test_nothing_is_kept(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, no_rename);
	makes_call_as(fixture, "bash");
	rename_program(fixture, "/tmp/evil");
	makes_call_as(fixture, "evil");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, syscalls_setup_empty, syscalls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_name_is_kept), WITH(test_rename),	     WITH(test_new_task),
		WITH(test_other_file),	 WITH(test_nothing_is_kept),
	};

	return cmocka_run_group_tests_name("names_kept", tests, NULL, NULL);
}
