/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon: ends, signals, clones, and the processes that run at the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "procmon_fixture.h"

/* Ends and signals ------------------------------------------------------------------------------*/

static void test_exit(void **state)
{
	struct procmon_fixture *fixture = *state;
	static const struct {
		uint64_t code;
		const char *status;
	} ends[] = {
		{ 0, "ExitStatus=0 ExitStatusStr=\"EX_OK\"" },
		{ 1 << 8, "ExitStatus=1 ExitStatusStr=\"EXIT_FAILURE\"" },
		{ 0xff << 8, "ExitStatus=255 " },
		{ 9, "ExitStatus=137 ExitStatusStr=\"SIGKILL\"" },
		{ 11 | 0x80, "ExitStatus=139 ExitStatusStr=\"SIGSEGV (core dumped)\"" },
		{ UINT64_C(0xdead00000000) | 9, "ExitStatus=137 " }, /* the argument has 32 bits */
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++) {
		const uint64_t arguments[6] = { ends[i].code };
		g_autofree char *line = NULL;

		tiny_call(&fixture->kernel, 0, "do_exit", 0, arguments);
		line = observer_take(&fixture->observer);
		assert_true(g_str_has_prefix(line, "do_exit 12/12 of 0 uid 1000 \"bash\" #"));
		assert_non_null(strstr(line, " ThreadName=\"bash\" ExitStatus="));
		if (!strstr(line, ends[i].status))
			fail_msg("%s", line);
	}
}

static void test_signal(void **state)
{
	struct procmon_fixture *fixture = *state;
	struct tiny_task *target = tiny_task(&fixture->kernel, 77, 12, "/usr/bin/sleep", "a name");
	uint64_t arguments[6] = { 15, 0, target->address };

	tiny_call(&fixture->kernel, 0, "do_send_sig_info", 0, arguments);
	procmon_told(fixture,
		     "do_send_sig_info 12/12 of 0 uid 1000 \"bash\" #2: ThreadName=\"bash\" "
		     "TargetPID=77 TargetTID=77 TargetPPID=12 TargetProcessName=\"sleep\" "
		     "TargetThreadName=\"a name\" Signal=15 SignalStr=\"SIGTERM\"\n");
	arguments[0] = 35;
	arguments[2] = 0x1000;
	tiny_call(&fixture->kernel, 0, "do_send_sig_info", 0, arguments);
	procmon_told(fixture,
		     "do_send_sig_info 12/12 of 0 uid 1000 \"bash\" #3: ThreadName=\"bash\" "
		     "TargetPID=null TargetTID=null TargetPPID=null TargetProcessName=null "
		     "TargetThreadName=null Signal=35 SignalStr=\"SIGRTMIN+1\"\n");
}

static void test_signal_by_its_second_choice(void **state)
{
	struct procmon_fixture *fixture = *state;
	static const char *const without[] = { "do_send_sig_info", NULL };
	uint64_t arguments[6] = { 9 };

	procmon_start(fixture, without, NULL);
	arguments[2] = fixture->bash->address;
	tiny_call(&fixture->kernel, 0, "send_signal_locked", 0, arguments);
	procmon_assert_field(fixture, "SignalStr", "\"SIGKILL\"");
}

/* Clones ----------------------------------------------------------------------------------------*/

static void put_clone(struct procmon_fixture *fixture, uint64_t flags, uint64_t signal)
{
	tiny_put(&fixture->kernel, fixture->args, "kernel_clone_args.flags", flags);
	tiny_put(&fixture->kernel, fixture->args, "kernel_clone_args.exit_signal", signal);
}

/** A clone that returns @result, after it has woken @child (NULL: none). */
static void clone_task(struct procmon_fixture *fixture, const struct tiny_task *child,
		       uint64_t result)
{
	const uint64_t arguments[6] = { fixture->args };
	const uint64_t woken[6] = { child ? child->address : 0 };

	tiny_call(&fixture->kernel, 0, "kernel_clone", 0, arguments);
	if (child) {
		tiny_call(&fixture->kernel, 0, "wake_up_new_task", 0, woken);
		tiny_return(&fixture->kernel, 0, 0);
	}
	tiny_return(&fixture->kernel, 0, result);
}

static void test_clone(void **state)
{
	struct procmon_fixture *fixture = *state;
	const struct tiny_task *child = tiny_task(&fixture->kernel, 78, 12, "/usr/bin/bash", NULL);

	put_clone(fixture, 0, 17);
	clone_task(fixture, child, 78);
	procmon_told(fixture, "kernel_clone 12/12 of 0 uid 1000 \"bash\" #2: Flags=\"0\" Signal=17 "
			      "SignalStr=\"SIGCHLD\" NewPid=78\n");
	put_clone(fixture, 0x10100, 0);
	clone_task(fixture, child, 78);
	procmon_assert_field(fixture, "Flags", "\"CLONE_VM|CLONE_THREAD\"");
}

static void test_clone_in_a_namespace(void **state)
{
	struct procmon_fixture *fixture = *state;
	const struct tiny_task *child = tiny_task(&fixture->kernel, 78, 12, "/usr/bin/bash", NULL);

	/* what the caller gets is the child's number in the caller's own namespace */
	clone_task(fixture, child, 2);
	procmon_assert_field(fixture, "NewPid", "78");
}

static void test_clone_that_fails(void **state)
{
	struct procmon_fixture *fixture = *state;

	clone_task(fixture, NULL, (uint64_t)-11);
	procmon_assert_field(fixture, "NewPid", "\"EAGAIN\"");
	/* a pid_t has 32 bits, whatever the rest of the register holds */
	clone_task(fixture, NULL, UINT64_C(0x1234fffffff4));
	procmon_assert_field(fixture, "NewPid", "\"ENOMEM\"");
	clone_task(fixture, NULL, 78); /* nobody saw it being woken: the number as returned */
	procmon_assert_field(fixture, "NewPid", "78");
}

static void test_clone_inside_of_a_clone(void **state)
{
	struct procmon_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	const struct tiny_task *first = tiny_task(kernel, 78, 12, NULL, "first");
	const struct tiny_task *second = tiny_task(kernel, 79, 12, NULL, "second");
	const uint64_t arguments[6] = { fixture->args };
	const uint64_t woken[6] = { first->address };

	/* each clone has its own child */
	tiny_call(kernel, 0, "kernel_clone", 0, arguments);
	clone_task(fixture, second, 2);
	procmon_assert_field(fixture, "NewPid", "79");
	tiny_call(kernel, 0, "wake_up_new_task", 0, woken);
	tiny_return(kernel, 0, 0);
	tiny_return(kernel, 0, 2);
	procmon_assert_field(fixture, "NewPid", "78");
	/* one that is woken without a clone is nobody's */
	tiny_call(kernel, 0, "wake_up_new_task", 0, woken);
	procmon_told(fixture, "");
}

static void test_clone_with_arguments_that_are_not_there(void **state)
{
	struct procmon_fixture *fixture = *state;

	fixture->args = 0x1000;
	clone_task(fixture, NULL, 78);
	procmon_told(fixture, "kernel_clone 12/12 of 0 uid 1000 \"bash\" #2: Flags=\"0\" Signal=0 "
			      "SignalStr=\"0\" NewPid=78\n");
}

static void test_running_processes(void **state)
{
	struct procmon_fixture *fixture = *state;
	const struct tiny_options options = { .functions = procmon_functions };
	g_autofree char *all = NULL;

	tiny_init(&fixture->kernel, &options);
	tiny_task(&fixture->kernel, 1, 0, "/sbin/init", NULL);
	tiny_task(&fixture->kernel, 2, 0, NULL, "kthreadd");
	observer_start(&fixture->observer, &fixture->kernel, "plugin=procmon;\n");
	observer_discover(&fixture->observer, 0);
	all = observer_take(&fixture->observer);
	assert_true(g_str_has_suffix(
		all, "RunningProcess 1/1 of 0 uid 1000 \"init\" #1: RunningProcess=\"init\"\n"
		     "RunningProcess 2/2 of 0 uid 1000 \"kthreadd\" #2: "
		     "RunningProcess=\"kthreadd\"\n"));
	assert_true(g_str_has_prefix(all, "status 0,1: ")); /* and it misses nothing */
}

#define WITH(name)  cmocka_unit_test_setup_teardown(name, procmon_setup, procmon_teardown)
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, procmon_setup_empty, procmon_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_exit),
		WITH(test_signal),
		EMPTY(test_signal_by_its_second_choice),
		WITH(test_clone),
		WITH(test_clone_in_a_namespace),
		WITH(test_clone_that_fails),
		WITH(test_clone_inside_of_a_clone),
		WITH(test_clone_with_arguments_that_are_not_there),
		EMPTY(test_running_processes),
	};

	return cmocka_run_group_tests_name("procmon", tests, NULL, NULL);
}
