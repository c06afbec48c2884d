/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on a tiny kernel: entries and returns, their names, threads, what the kernel can lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "syscalls_fixture.h"

/** A call of a new kernel, without its return. */
static void enter(struct syscalls_fixture *fixture, uint64_t number, uint64_t first)
{
	const uint64_t args[6] = { first };

	syscalls_enter(fixture, "x64_sys_call", false, number, args);
}

static void test_entry_and_return(void **state)
{
	struct syscalls_fixture *fixture = *state;

	enter(fixture, 110, 0);
	syscalls_told(fixture, "getppid 12 #1: Syscall=110 NArgs=0\n"); /* at once */
	tiny_return(&fixture->kernel, 0, 1);
	syscalls_told(fixture, "getppid 12 #1: Syscall=110 Ret=1\n"); /* the same number */
	MAKE(fixture, 110, 2);
	syscalls_told(fixture, "getppid 12 #2: Syscall=110 NArgs=0\n"
			       "getppid 12 #2: Syscall=110 Ret=2\n");
	assert_int_equal(OBSERVER_COUNT(&fixture->observer, unpaired), 0);
}

/** The fourth argument is in r10; the kernel's names of arguments, and the users' of the call. */
static void test_arguments_in_order(void **state)
{
	struct syscalls_fixture *fixture = *state;
	uint64_t path = syscalls_text(fixture, 0x100, "/some/path");

	MAKE(fixture, BRAND_NEW, 0, path, (uint64_t)-2, 0x1000, 0x4444, (uint64_t)-5, UINT64_MAX);
	syscalls_told(fixture,
		      "brand_new 12 #1: Syscall=700 NArgs=6 pathname=\"/some/path\" "
		      "flavour=\"-2\" a=\"0x1000\" b=\"0x4444\" c=\"-5\" d=\"4294967295\"\n"
		      "brand_new 12 #1: Syscall=700 Ret=0\n");
	MAKE(fixture, 5, -EBADF, 77, 0x1000); /* newfstat */
	syscalls_told(fixture, "fstat 12 #2: Syscall=5 NArgs=2 fd=\"77\" statbuf=\"0x1000\"\n"
			       "fstat 12 #2: Syscall=5 Ret=-9 Info=\"EBADF\"\n");
}

/** Where the kernel says nothing our own table does, and where nobody knows the number is there. */
static void test_names(void **state)
{
	struct syscalls_fixture *fixture = *state;

	MAKE(fixture, 3, 0, 2); /* close, of which there is no metadata */
	MAKE(fixture, NO_CALL, -ENOSYS, 1, 2, 3, 4, 5, 6);
	MAKE(fixture, 1000000, -ENOSYS, 1);
	syscalls_told(fixture,
		      "close 12 #1: Syscall=3 NArgs=1 fd=\"2\"\n"
		      "close 12 #1: Syscall=3 Ret=0\n"
		      "syscall_999 12 #2: Syscall=999 NArgs=6 arg0=\"0x1\" arg1=\"0x2\" "
		      "arg2=\"0x3\" arg3=\"0x4\" arg4=\"0x5\" arg5=\"0x6\"\n"
		      "syscall_999 12 #2: Syscall=999 Ret=-38 Info=\"ENOSYS\"\n"
		      "syscall_unknown 12 #3: Syscall=1000000 NArgs=6 arg0=\"0x1\" arg1=\"0x0\" "
		      "arg2=\"0x0\" arg3=\"0x0\" arg4=\"0x0\" arg5=\"0x0\"\n"
		      "syscall_unknown 12 #3: Syscall=1000000 Ret=-38 Info=\"ENOSYS\"\n");
}

/** -4095 to -1 are errors, whether they have a name or not; all else is a number. */
static void test_results(void **state)
{
	struct syscalls_fixture *fixture = *state;

	MAKE(fixture, 110, -1);
	MAKE(fixture, 110, -512); /* ERESTARTSYS, which users never see */
	MAKE(fixture, 110, -4095);
	MAKE(fixture, 110, -4096);
	MAKE(fixture, 110, INT64_MIN);
	MAKE(fixture, 110, INT64_MAX);
	syscalls_told(fixture, "getppid 12 #1: Syscall=110 NArgs=0\n"
			       "getppid 12 #1: Syscall=110 Ret=-1 Info=\"EPERM\"\n"
			       "getppid 12 #2: Syscall=110 NArgs=0\n"
			       "getppid 12 #2: Syscall=110 Ret=-512 Info=\"ERESTARTSYS\"\n"
			       "getppid 12 #3: Syscall=110 NArgs=0\n"
			       "getppid 12 #3: Syscall=110 Ret=-4095 Info=\"-4095\"\n"
			       "getppid 12 #4: Syscall=110 NArgs=0\n"
			       "getppid 12 #4: Syscall=110 Ret=-4096\n"
			       "getppid 12 #5: Syscall=110 NArgs=0\n"
			       "getppid 12 #5: Syscall=110 Ret=-9223372036854775808\n"
			       "getppid 12 #6: Syscall=110 NArgs=0\n"
			       "getppid 12 #6: Syscall=110 Ret=9223372036854775807\n");
}

/** Calls that wait, and others that are made meanwhile. */
static void test_threads(void **state)
{
	struct syscalls_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	struct tiny_task *env = syscalls_task(fixture, 13, "/usr/bin/env");

	enter(fixture, 110, 0);
	tiny_run(kernel, 0, env);
	enter(fixture, 3, 1);
	tiny_return(kernel, 0, 0);
	enter(fixture, 3, 2);
	tiny_run(kernel, 0, fixture->bash);
	tiny_return(kernel, 0, 99);
	tiny_run(kernel, 0, env);
	tiny_return(kernel, 0, 0);
	syscalls_told(fixture, "getppid 12 #1: Syscall=110 NArgs=0\n"
			       "close 13 #2: Syscall=3 NArgs=1 fd=\"1\"\n"
			       "close 13 #2: Syscall=3 Ret=0\n"
			       "close 13 #3: Syscall=3 NArgs=1 fd=\"2\"\n"
			       "getppid 12 #1: Syscall=110 Ret=99\n"
			       "close 13 #3: Syscall=3 Ret=0\n");
}

/** A thread that ends in a call never returns from it. */
static void test_exit(void **state)
{
	struct syscalls_fixture *fixture = *state;

	enter(fixture, 60, 3);
	tiny_call(&fixture->kernel, 0, "do_exit", 0, NULL);
	syscalls_told(fixture, "exit 12 #1: Syscall=60 NArgs=1 error_code=\"3\"\n");
	/* another thread in the same place begins in the middle of a call: after a clone, say */
	fixture->bash->depth = 0;
	tiny_call(&fixture->kernel, 0, "panic", tiny_site(&fixture->kernel, "x64_sys_call"), NULL);
	g_free(observer_take(&fixture->observer));
	tiny_return(&fixture->kernel, 0, 0);
	syscalls_told(fixture, "");
}

static void test_registers_that_are_not_there(void **state)
{
	struct syscalls_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	const uint64_t arguments[6] = { TINY_DIRECT_MAP + UINT64_C(0x7000000000), 110 };

	tiny_put(kernel, fixture->bash->address, "task_struct.stack", 0x1000);
	tiny_call(kernel, 0, "x64_sys_call", 0, arguments);
	tiny_return(kernel, 0, 0);
	syscalls_told(fixture, "");
}

/** Names, types and counts of the kernel's own that make no sense: our table is taken instead. */
static void test_metadata_that_lies(void **state)
{
	static const struct {
		const char *member;
		uint64_t value;
	} lies[] = {
		{ "syscall_metadata.name", 0 },
		{ "syscall_metadata.name", 0x1000 },
		{ "syscall_metadata.nb_args", 7 },
		{ "syscall_metadata.nb_args", UINT32_MAX },
		{ "syscall_metadata.types", UINT64_MAX },
		{ "syscall_metadata.args", 0x1000 },
		{ "syscall_metadata.syscall_nr", 2 },
		{ "syscall_metadata.syscall_nr", UINT32_MAX },
	};
	struct syscalls_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	struct wv_machine *machine = &kernel->mock.machine;

	for (size_t i = 0; i < G_N_ELEMENTS(lies); i++) {
		const struct syscalls_options options = { 0 };
		g_autofree char *told = syscalls_start(fixture, &options), *again = NULL;
		uint64_t array, metadata;

		/* changed, and the same kernel found once more */
		memcpy(&array, tiny_at(kernel, tiny_symbol(kernel, "syscalls_metadata")), 8);
		memcpy(&metadata, tiny_at(kernel, array), 8); /* of read */
		tiny_put(kernel, metadata, lies[i].member, lies[i].value);
		machine->events->reset(machine->owner, 0);
		observer_discover(&fixture->observer, 0);
		again = observer_take(&fixture->observer);
		assert_non_null(strstr(again, "status 0,1: "));
		MAKE(fixture, 0, -EBADF, 3, 0x1000, 1);
		syscalls_told(fixture, "read 12 #1: Syscall=0 NArgs=3 fd=\"3\" buf=\"0x1000\" "
				       "count=\"1\"\n"
				       "read 12 #1: Syscall=0 Ret=-9 Info=\"EBADF\"\n");
		if (i + 1 < G_N_ELEMENTS(lies))
			syscalls_teardown(state);
	}
}

#define WITH(name)  cmocka_unit_test_setup_teardown(name, syscalls_setup, syscalls_teardown)
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, syscalls_setup_empty, syscalls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_entry_and_return),
		WITH(test_arguments_in_order),
		WITH(test_names),
		WITH(test_results),
		WITH(test_threads),
		WITH(test_exit),
		WITH(test_registers_that_are_not_there),
		EMPTY(test_metadata_that_lies),
	};

	return cmocka_run_group_tests_name("syscalls", tests, NULL, NULL);
}
