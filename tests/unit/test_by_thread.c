/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Returns that are told apart by the thread alone: traps that are marked once_per_thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "direct.h"
#include "observer.h"

struct fixture {
	struct tiny_linux kernel;
	struct observer observer;
	struct tiny_task *bash, *env;
};

static int setup(void **state)
{
	static struct fixture fixture;
	const struct tiny_options options = { .n_vcpus = 2, .functions = direct_functions };

	memset(&fixture.observer, 0, sizeof(fixture.observer));
	tiny_init(&fixture.kernel, &options);
	fixture.bash = tiny_task(&fixture.kernel, 12, 0, "/usr/bin/bash", NULL);
	fixture.env = tiny_task(&fixture.kernel, 13, 12, "/usr/bin/env", NULL);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	observer_stop(&fixture->observer);
	tiny_deinit(&fixture->kernel);
	return 0;
}

static void arm(struct fixture *fixture, const char *settings)
{
	g_autofree char *all = g_strconcat("plugin=direct;\n", settings, NULL);
	g_autofree char *told = NULL;

	observer_start(&fixture->observer, &fixture->kernel, all);
	tiny_run(&fixture->kernel, 0, fixture->bash);
	tiny_run(&fixture->kernel, 1, fixture->env);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "status 0,1: Linux"));
}

static bool call(struct fixture *fixture, unsigned vcpu, const char *function, uint64_t argument)
{
	const uint64_t arguments[6] = { argument };

	return tiny_call(&fixture->kernel, vcpu, function, 0, arguments);
}

static bool leave(struct fixture *fixture, unsigned vcpu, uint64_t result)
{
	return tiny_return(&fixture->kernel, vcpu, result);
}

static void told(struct fixture *fixture, const char *expected)
{
	observer_told(&fixture->observer, expected);
}

static struct wv_trap *site(struct fixture *fixture, const char *function)
{
	return wv_traps_find(&fixture->kernel.mock.machine.traps,
			     tiny_site(&fixture->kernel, function));
}

#define BASH "told 12/12 of 0 uid 1000 \"bash\" "
#define ENV  "told 13/13 of 12 uid 1000 \"env\" "

#define COUNT(fixture, name) OBSERVER_COUNT(&(fixture)->observer, name)

/* Pairing ---------------------------------------------------------------------------------------*/

static void test_return(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, NULL);
	assert_true(site(fixture, "first")->is_thread_return);
	assert_false(site(fixture, "first")->is_return);
	assert_true(call(fixture, 0, "first", 0xa));
	told(fixture, "");
	assert_true(leave(fixture, 0, 0xb));
	told(fixture, BASH "#1: What=\"return\" Value=0xb Argument=0xa\n");
	/* once */
	call(fixture, 0, "first", DIRECT_DONE);
	leave(fixture, 0, 0xc);
	told(fixture, "");
	assert_int_equal(COUNT(fixture, unpaired), 0);
}

/** That is what it is for: the stack pointer is not asked for, nor is what is on the stack. */
static void test_no_look_at_the_stack(void **state)
{
	struct fixture *fixture = *state;
	uint64_t *registers = fixture->kernel.mock.registers[0];
	unsigned reads;

	arm(fixture, NULL);
	fixture->kernel.mock.unreadable = 1u << WV_REG_RSP;
	reads = fixture->kernel.mock.register_reads;
	call(fixture, 0, "first", 1);
	registers[WV_REG_RSP] += 0x40; /* nor does it have to fit */
	leave(fixture, 0, 2);
	told(fixture, BASH "#1: What=\"return\" Value=0x2 Argument=0x1\n");
	/* the argument, the result; and GS once for all, and CR3 where PCIDs are on */
	assert_in_range(fixture->kernel.mock.register_reads - reads, 2, 5);
	assert_int_equal(COUNT(fixture, unpaired), 0);
}

static void test_threads(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	arm(fixture, NULL);
	call(fixture, 0, "first", 0xa);
	call(fixture, 1, "first", 0xb);
	/* a thread is suspended inside, another one comes and goes, on the same vCPU */
	tiny_run(kernel, 1, &kernel->tasks[0]);
	tiny_run(kernel, 0, fixture->env);
	leave(fixture, 0, 1);
	call(fixture, 0, "second", 0xc);
	leave(fixture, 0, 2);
	/* and the first one ends on another one */
	tiny_run(kernel, 1, fixture->bash);
	leave(fixture, 1, 3);
	told(fixture, ENV "#2: What=\"return\" Value=0x1 Argument=0xb\n" ENV
			  "#3: What=\"return\" Value=0x2 Argument=0xc\n" BASH
			  "#1: What=\"return\" Value=0x3 Argument=0xa\n");
}

/** The saved bytes of the call that a thread is in are there for the plugin's other traps. */
static void test_outer(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, NULL);
	call(fixture, 0, "first", 0xa);
	call(fixture, 1, "inside", 1);
	call(fixture, 0, "inside", 2);
	leave(fixture, 0, 0);
	leave(fixture, 0, 3);
	call(fixture, 0, "inside", 4);
	told(fixture, ENV "#2: What=\"inside\" Value=0x1\n" BASH
			  "#3: What=\"inside\" Value=0x2 Argument=0xa\n" BASH
			  "#1: What=\"return\" Value=0x3 Argument=0xa\n" BASH
			  "#4: What=\"inside\" Value=0x4\n");
}

/** A call whose result is known before its function returns: it is told then, and only then. */
static void test_end_before_the_return(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, NULL);
	call(fixture, 1, "early", 1); /* in no call */
	told(fixture, "");
	call(fixture, 0, "first", 0xa);
	call(fixture, 1, "inside", 2); /* takes a number */
	tiny_put(&fixture->kernel, fixture->bash->address, "task_struct.pid", 99);
	call(fixture, 0, "early", 3);
	leave(fixture, 0, 0);
	leave(fixture, 0, 4);
	/* the number and the caller of the entry */
	told(fixture, ENV "#2: What=\"inside\" Value=0x2\n" BASH
			  "#1: What=\"early\" Value=0x3 Argument=0xa\n");
	call(fixture, 0, "early", 5); /* it is over */
	told(fixture, "");
}

/** A call that never returned is replaced by the thread's next one. */
static void test_return_that_never_comes(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t arguments[6] = { 0xa };

	arm(fixture, NULL);
	tiny_call(&fixture->kernel, 0, "first", tiny_symbol(&fixture->kernel, "third") + 0x40,
		  arguments);
	assert_false(leave(fixture, 0, 1));
	call(fixture, 0, "first", 0xb);
	leave(fixture, 0, 2);
	call(fixture, 0, "first", DIRECT_DONE);
	leave(fixture, 0, 3);
	told(fixture, BASH "#2: What=\"return\" Value=0x2 Argument=0xb\n");
}

static void test_thread_that_ends(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, NULL);
	call(fixture, 0, "first", 0xa);
	call(fixture, 0, "do_exit", 0);
	/* another thread whose object is in the same place, and that was not seen to enter */
	call(fixture, 0, "first", DIRECT_DONE);
	leave(fixture, 0, 1);
	told(fixture, "");
}

static void test_filter(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, "process=env;\n");
	call(fixture, 0, "first", 0xa);
	call(fixture, 1, "first", 0xb);
	leave(fixture, 0, 1);
	leave(fixture, 1, 2);
	told(fixture, ENV "#1: What=\"return\" Value=0x2 Argument=0xb\n");
}

/* Two ways at one function, and kernels that do not let it be known where calls return ----------*/

static void test_both_ways_at_one_function(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, NULL);
	assert_true(site(fixture, "common")->is_thread_return);
	assert_true(site(fixture, "common")->is_return);
	call(fixture, 0, "common", 0xa);
	leave(fixture, 0, 0xb);
	told(fixture, BASH "#1: What=\"return\" Value=0xb Argument=0xa\n" BASH
			   "#1: What=\"return by stack\" Value=0xb\n");
	call(fixture, 0, "common", DIRECT_DONE);
	leave(fixture, 0, 0xc);
	told(fixture, "");
}

/** Nothing calls the functions directly: their returns are found by the stack after all. */
static void test_no_direct_callers(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	unsigned changes;

	for (const char *const *name = direct_functions; *name; name++)
		memset(tiny_at(kernel, tiny_site(kernel, *name) - 5), 0, 5);
	arm(fixture, NULL);
	assert_null(site(fixture, "first"));
	changes = kernel->mock.traps_changed;
	call(fixture, 0, "first", 0xa);
	call(fixture, 1, "first", 0xb);
	assert_true(site(fixture, "first")->is_return);
	assert_int_equal(kernel->mock.traps_changed, changes + 1);
	leave(fixture, 1, 1);
	leave(fixture, 0, 2);
	told(fixture, ENV "#2: What=\"return\" Value=0x1 Argument=0xb\n" BASH
			  "#1: What=\"return\" Value=0x2 Argument=0xa\n");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_return),
		WITH(test_no_look_at_the_stack),
		WITH(test_threads),
		WITH(test_outer),
		WITH(test_end_before_the_return),
		WITH(test_return_that_never_comes),
		WITH(test_thread_that_ends),
		WITH(test_filter),
		WITH(test_both_ways_at_one_function),
		WITH(test_no_direct_callers),
	};

	return cmocka_run_group_tests_name("by_thread", tests, NULL, NULL);
}
