/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor's event path on a tiny Linux kernel: entries, returns, threads, filters, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "monitor/registry.h"
#include "observer.h"
#include "probe.h"

/** Options that all tests here begin with. */
#define TWO_VCPUS ((struct tiny_options){ .n_vcpus = 2, .functions = probe_functions })

struct fixture {
	struct tiny_linux kernel;
	struct observer observer;
	struct tiny_task *bash, *env;
};

static int setup(void **state)
{
	static struct fixture fixture;
	const struct tiny_options options = TWO_VCPUS;

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

/** Arms a monitor with these settings; what it tells at the start is not looked at. */
static void arm(struct fixture *fixture, const char *settings)
{
	g_autofree char *told = NULL;

	observer_start(&fixture->observer, &fixture->kernel, settings);
	tiny_run(&fixture->kernel, 0, fixture->bash);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "status 0,1: Linux"));
}

static bool call(struct fixture *fixture, unsigned vcpu, const char *function, uint64_t argument)
{
	const uint64_t arguments[6] = { argument };

	return tiny_call(&fixture->kernel, vcpu, function, 0, arguments);
}

static void told(struct fixture *fixture, const char *expected)
{
	observer_told(&fixture->observer, expected);
}

#define COUNT(fixture, name) OBSERVER_COUNT(&(fixture)->observer, name)

/* Entries ---------------------------------------------------------------------------------------*/

static void test_entry(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, NULL);
	assert_true(call(fixture, 0, "inner", 0x17));
	assert_false(tiny_return(&fixture->kernel, 0, 0)); /* nobody waits for it */
	tiny_run(&fixture->kernel, 1, fixture->env);
	call(fixture, 1, "inner", 0x18);
	/* #1 to #3 were the processes at the start */
	told(fixture, "inner 12/12 of 0 uid 1000 \"bash\" #3: First=0x17\n"
		      "inner 13/13 of 12 uid 1000 \"env\" #4: First=0x18\n");
	assert_int_equal(COUNT(fixture, unreadable), 0);
}

static void test_identity_of_threads(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_task *worker = tiny_task(&fixture->kernel, 20, 12, NULL, "kworker/0:1");

	arm(fixture, NULL);
	/* a thread of env: its own TID */
	tiny_put(&fixture->kernel, fixture->env->address, "task_struct.pid", 14);
	tiny_run(&fixture->kernel, 0, fixture->env);
	call(fixture, 0, "inner", 1);
	/* a thread of the kernel has no image */
	tiny_run(&fixture->kernel, 0, worker);
	call(fixture, 0, "inner", 2);
	told(fixture, "inner 13/14 of 12 uid 1000 \"env\" #4: First=0x1\n"
		      "inner 20/20 of 12 uid 1000 \"kworker/0:1\" #5: First=0x2\n");
}

static void test_arguments(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t arguments[6] = { 1, 2, 3, 4, 5, UINT64_MAX };
	const uint64_t more[2] = { 7, 8 };
	uint64_t *registers = fixture->kernel.mock.registers[0];

	arm(fixture, NULL);
	/* the seventh is above the return address, which is 0x38 below */
	memcpy(tiny_at(&fixture->kernel, registers[WV_REG_RSP] - 0x30), more, sizeof(more));
	tiny_call(&fixture->kernel, 0, "plain", 0, arguments);
	told(fixture, "plain 12/12 of 0 uid 1000 \"bash\" #3: First=0x1 Second=0x2 Third=0x3 "
		      "Fourth=0x4 Fifth=0x5 Sixth=0xffffffffffffffff Seventh=0x7 Eighth=0x8\n");
}

static void test_arguments_on_a_stack_that_is_not_there(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;

	arm(fixture, NULL);
	fixture->kernel.mock.registers[0][WV_REG_RSP] = 0x1000;
	machine->events->trap(
		machine->owner, 0,
		wv_traps_find(&machine->traps, tiny_symbol(&fixture->kernel, "plain")));
	told(fixture, "plain 12/12 of 0 uid 1000 \"bash\" #3: First=0x0 Second=0x0 Third=0x0 "
		      "Fourth=0x0 Fifth=0x0 Sixth=0x0 Seventh=0x0 Eighth=0x0\n");
}

static void test_strings_and_bits(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t binprm = tiny_object(kernel, 0x100), end;
	uint64_t arguments[6] = { tiny_string(kernel, "a \"text\""), binprm };

	arm(fixture, NULL);
	tiny_put(kernel, binprm, "linux_binprm.execfd_creds", 1); /* the bit next to it */
	tiny_call(kernel, 0, "frequent", 0, arguments);
	tiny_put(kernel, binprm, "linux_binprm.secureexec", 1);
	arguments[0] = 0x5000; /* not there */
	tiny_call(kernel, 0, "frequent", 0, arguments);
	/* its end is not there */
	end = TINY_DIRECT_MAP + kernel->mock.ram_size;
	memcpy(tiny_at(kernel, end - 3), "abc", 3);
	arguments[0] = end - 3;
	arguments[1] = 0;
	tiny_call(kernel, 0, "frequent", 0, arguments);
	told(fixture, "frequent 12/12 of 0 uid 1000 \"bash\" #3: Text=\"a \\\"text\\\"\" Bits=0\n"
		      "frequent 12/12 of 0 uid 1000 \"bash\" #4: Text=null Bits=1\n"
		      "frequent 12/12 of 0 uid 1000 \"bash\" #5: Text=\"abc...\"+\n");
}

static void test_long_string_is_cut(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = g_strnfill(WV_TEXT_MAX + 100, 'x');
	const uint64_t arguments[6] = { tiny_string(&fixture->kernel, text) };
	g_autofree char *line = NULL;

	arm(fixture, NULL);
	tiny_call(&fixture->kernel, 0, "frequent", 0, arguments);
	line = observer_take(&fixture->observer);
	assert_true(g_str_has_suffix(line, "x...\"+\n"));
	assert_in_range(strlen(line), WV_TEXT_MAX, WV_TEXT_MAX + 90);
	assert_int_equal(COUNT(fixture, overflowed), 0); /* cut and marked is not missing */
}

/* Returns ---------------------------------------------------------------------------------------*/

static void test_return(void **state)
{
	struct fixture *fixture = *state;
	unsigned changes;

	arm(fixture, NULL);
	changes = fixture->kernel.mock.traps_changed;
	call(fixture, 0, "outer_new", 0xa);
	told(fixture, ""); /* told on return */
	assert_true(tiny_return(&fixture->kernel, 0, 0xb));
	told(fixture, "outer_new 12/12 of 0 uid 1000 \"bash\" #3: First=0xa Second=0xb\n");
	/* the place was known from the start */
	assert_int_equal(fixture->kernel.mock.traps_changed, changes);
	assert_int_equal(COUNT(fixture, unpaired), 0);
}

static void test_no_return_without_a_call(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	arm(fixture, NULL);
	/* a call that the plugin has done with, to the same place from which others return */
	call(fixture, 0, "outer_new", PROBE_DONE);
	assert_true(tiny_return(kernel, 0, 1));
	/* another function that returns to there, and one that another thread awaits */
	call(fixture, 0, "outer_new", 5);
	tiny_run(kernel, 1, fixture->env);
	tiny_call(kernel, 1, "inner", tiny_site(kernel, "outer_new"), NULL);
	assert_true(tiny_return(kernel, 1, 2));
	/* a number is for what is told: the first call has none */
	told(fixture, "inner 13/13 of 12 uid 1000 \"env\" #4: First=0x0\n");
	tiny_return(kernel, 0, 3);
	told(fixture, "outer_new 12/12 of 0 uid 1000 \"bash\" #3: First=0x5 Second=0x3\n");
}

/** A call that was left without a return, and another at the same place of the stack. */
static void test_call_that_was_left(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	arm(fixture, NULL);
	call(fixture, 0, "outer_new", 5);
	tiny_leave(kernel, 0);
	call(fixture, 0, "twice", 7);
	assert_true(tiny_return(kernel, 0, 8));
	told(fixture, "twice 12/12 of 0 uid 1000 \"bash\" #4: First=0xe1 Second=0x7\n"
		      "twice 12/12 of 0 uid 1000 \"bash\" #4: First=0xe2 Second=0x7\n"
		      "twice 12/12 of 0 uid 1000 \"bash\" #4: First=0xf1 Second=0x8\n"
		      "twice 12/12 of 0 uid 1000 \"bash\" #4: First=0xf2 Second=0x8\n");
	/* what was left is forgotten: a return that comes too late is nobody's */
	tiny_call(kernel, 0, "plain", tiny_site(kernel, "outer_new"), NULL);
	g_free(observer_take(&fixture->observer));
	tiny_return(kernel, 0, 9);
	told(fixture, "");
}

static void test_place_that_was_not_foreseen(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	const uint64_t place = kernel->image + 0x70000, arguments[6] = { 1 };
	unsigned changes;

	arm(fixture, NULL);
	changes = kernel->mock.traps_changed;
	/* a call through a pointer: nothing in the code tells where it returns to */
	tiny_call(kernel, 0, "outer_new", place, arguments);
	assert_int_equal(kernel->mock.traps_changed, changes + 1);
	assert_true(tiny_return(kernel, 0, 2)); /* not even the first one is missed */
	tiny_call(kernel, 0, "outer_new", place, arguments);
	assert_int_equal(kernel->mock.traps_changed, changes + 1); /* once */
	tiny_return(kernel, 0, 3);
	told(fixture, "outer_new 12/12 of 0 uid 1000 \"bash\" #3: First=0x1 Second=0x2\n"
		      "outer_new 12/12 of 0 uid 1000 \"bash\" #4: First=0x1 Second=0x3\n");
}

static void test_return_to_a_trapped_function(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	const uint64_t arguments[6] = { 1 };

	arm(fixture, NULL);
	/* one place is both: where a function starts and where another one returns to */
	tiny_call(kernel, 0, "outer_new", tiny_symbol(kernel, "inner"), arguments);
	tiny_return(kernel, 0, 2);
	told(fixture, "outer_new 12/12 of 0 uid 1000 \"bash\" #3: First=0x1 Second=0x2\n"
		      "inner 12/12 of 0 uid 1000 \"bash\" #4: First=0x1\n");
	/* and as a function it still is one */
	call(fixture, 0, "inner", 9);
	told(fixture, "inner 12/12 of 0 uid 1000 \"bash\" #5: First=0x9\n");
}

static void test_nested(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, NULL);
	call(fixture, 0, "inner", 1);
	tiny_return(&fixture->kernel, 0, 0);
	call(fixture, 0, "outer_new", 0xa);
	call(fixture, 0, "outer_new", 0xb); /* the same function, further down */
	call(fixture, 0, "inner", 2);
	tiny_return(&fixture->kernel, 0, 0);
	tiny_return(&fixture->kernel, 0, 0xbb);
	call(fixture, 0, "inner", 3);
	tiny_return(&fixture->kernel, 0, 0);
	tiny_return(&fixture->kernel, 0, 0xaa);
	call(fixture, 0, "inner", 4);
	told(fixture, "inner 12/12 of 0 uid 1000 \"bash\" #3: First=0x1\n"
		      "inner 12/12 of 0 uid 1000 \"bash\" #6: First=0x2 Second=0xb\n"
		      "outer_new 12/12 of 0 uid 1000 \"bash\" #5: First=0xb Second=0xbb\n"
		      "inner 12/12 of 0 uid 1000 \"bash\" #7: First=0x3 Second=0xa\n"
		      "outer_new 12/12 of 0 uid 1000 \"bash\" #4: First=0xa Second=0xaa\n"
		      "inner 12/12 of 0 uid 1000 \"bash\" #8: First=0x4\n");
}

static void test_two_hooks_of_one_call(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, NULL);
	call(fixture, 0, "twice", 0xa);
	tiny_return(&fixture->kernel, 0, 0xb);
	/* one call has one EventUID */
	told(fixture, "twice 12/12 of 0 uid 1000 \"bash\" #3: First=0xe1 Second=0xa\n"
		      "twice 12/12 of 0 uid 1000 \"bash\" #3: First=0xe2 Second=0xa\n"
		      "twice 12/12 of 0 uid 1000 \"bash\" #3: First=0xf1 Second=0xb\n"
		      "twice 12/12 of 0 uid 1000 \"bash\" #3: First=0xf2 Second=0xb\n");
}

static void test_caller_is_who_it_was_at_entry(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	arm(fixture, NULL);
	call(fixture, 0, "outer_new", 1);
	/* as an exec does: another image, other rights */
	tiny_put(kernel, fixture->bash->mm, "mm_struct.exe_file", tiny_file(kernel, "/bin/sudo"));
	tiny_put(kernel, tiny_get(kernel, fixture->bash->address, "task_struct.cred"), "cred.uid",
		 0);
	tiny_return(kernel, 0, 2);
	call(fixture, 0, "inner", 3);
	told(fixture, "outer_new 12/12 of 0 uid 1000 \"bash\" #3: First=0x1 Second=0x2\n"
		      "inner 12/12 of 0 uid 0 \"sudo\" #4: First=0x3\n");
}

static void test_thread_moves_to_another_vcpu(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	arm(fixture, NULL);
	call(fixture, 0, "outer_new", 0xa);
	tiny_run(kernel, 0, fixture->env);
	call(fixture, 0, "outer_new", 0xb);
	tiny_run(kernel, 1, fixture->bash);
	tiny_return(kernel, 1, 0xaa);
	tiny_run(kernel, 1, fixture->env);
	tiny_return(kernel, 1, 0xbb);
	told(fixture, "outer_new 12/12 of 0 uid 1000 \"bash\" #3: First=0xa Second=0xaa\n"
		      "outer_new 13/13 of 12 uid 1000 \"env\" #4: First=0xb Second=0xbb\n");
}

/* Threads that end, kernels that crash ----------------------------------------------------------*/

static void test_thread_exit(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t stack;

	arm(fixture, NULL);
	stack = kernel->mock.registers[0][WV_REG_RSP];
	call(fixture, 0, "outer_new", 0xa);
	call(fixture, 0, "twice", 0xb);
	call(fixture, 0, "do_exit", 0x100); /* does not return */
	told(fixture, "twice 12/12 of 0 uid 1000 \"bash\" #4: First=0xe1 Second=0xb\n"
		      "twice 12/12 of 0 uid 1000 \"bash\" #4: First=0xe2 Second=0xb\n"
		      "do_exit 12/12 of 0 uid 1000 \"bash\" #5: First=0x100\n");
	/* its memory becomes another thread's, which returns from places that were awaited */
	fixture->bash->depth = 0;
	kernel->mock.registers[0][WV_REG_RSP] = stack;
	tiny_call(kernel, 0, "failing", tiny_site(kernel, "outer_new"), NULL);
	assert_true(tiny_return(kernel, 0, 1));
	call(fixture, 0, "inner", 1);
	told(fixture, "inner 12/12 of 0 uid 1000 \"bash\" #6: First=0x1\n");
}

static void test_thread_exit_of_processes_that_are_not_watched(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	arm(fixture, "process=env\n");
	/* a call of env's; then its name changes to one that is not wanted */
	tiny_run(kernel, 0, fixture->env);
	call(fixture, 0, "outer_new", 1);
	tiny_put(kernel, fixture->env->mm, "mm_struct.exe_file", tiny_file(kernel, "/bin/other"));
	call(fixture, 0, "do_exit", 0);
	fixture->env->depth = 1;
	tiny_return(kernel, 0, 5);
	told(fixture, "");
}

static void test_crash(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	arm(fixture, NULL);
	call(fixture, 0, "panic", tiny_string(kernel, "Fatal exception %s\n"));
	call(fixture, 0, "panic", 0x5000);
	told(fixture, "status 2,0: Fatal exception %s\nstatus 2,0: \n");
}

static void test_crash_of_a_process_that_is_not_watched(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, "ignore-process=bash\nprocess=nobody\n");
	call(fixture, 0, "panic", tiny_string(&fixture->kernel, "text"));
	told(fixture, "status 2,0: text\n");
}

/* Filters, limits -------------------------------------------------------------------------------*/

static void test_filters(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, "process=bash;13;\nignore_process=13;\n");
	call(fixture, 0, "inner", 1);
	tiny_run(&fixture->kernel, 1, fixture->env);
	call(fixture, 1, "inner", 2);
	call(fixture, 1, "outer_new", 3);
	tiny_return(&fixture->kernel, 1, 4);
	told(fixture, "inner 12/12 of 0 uid 1000 \"bash\" #2: First=0x1\n");
}

static void test_process_paths(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, "process_path=true\nprocess=bash\n");
	call(fixture, 0, "inner", 1);
	told(fixture, "inner 12/12 of 0 uid 1000 \"/usr/bin/bash\" #2: First=0x1\n");
}

static void test_ttl(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;

	arm(fixture, "traps_ttl=2\n");
	for (unsigned i = 0; i < 5; i++)
		call(fixture, i % 2, "frequent", 0);
	for (unsigned i = 0; i < 3; i++) /* not counted by the TTL */
		call(fixture, 0, "inner", i);
	told(fixture, "frequent 12/12 of 0 uid 1000 \"bash\" #3:\n"
		      "frequent 0/0 of 0 uid -1 \"swapper/0\" #4:\n"
		      "inner 12/12 of 0 uid 1000 \"bash\" #5: First=0x0\n"
		      "inner 12/12 of 0 uid 1000 \"bash\" #6: First=0x1\n"
		      "inner 12/12 of 0 uid 1000 \"bash\" #7: First=0x2\n");
	assert_int_equal(COUNT(fixture, suppressed), 3);
	machine->events->ended(machine->owner);
	told(fixture, "message 1: probe: frequent: 3 calls suppressed in a window of 10 s "
		      "(--traps-ttl)\nstatus 4,0: \n");
}

static void test_no_ttl(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;

	arm(fixture, NULL);
	fixture->observer.quiet = true;
	fixture->observer.rows = 0;
	for (unsigned i = 0; i < 1000; i++) {
		call(fixture, 0, "frequent", 0);
		tiny_return(&fixture->kernel, 0, 0);
	}
	machine->events->ended(machine->owner);
	told(fixture, "status 4,0: \n");
	assert_int_equal(fixture->observer.rows, 1000);
	assert_int_equal(COUNT(fixture, suppressed), 0);
}

/* Memory that can not be read -------------------------------------------------------------------*/

static void test_caller_that_is_not_known(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	arm(fixture, NULL);
	kernel->mock.registers[0][WV_REG_GS_BASE] = 0x1000;
	call(fixture, 0, "inner", 1);
	tiny_return(kernel, 0, 0);
	/* and so nobody knows whose return it would be */
	for (unsigned i = 0; i < 3; i++) {
		call(fixture, 0, "outer_new", 2);
		tiny_return(kernel, 0, 3);
	}
	/* not root: nobody */
	told(fixture, "inner 0/0 of 0 uid -1 \"\" #3: First=0x1\n");
	assert_int_equal(COUNT(fixture, unreadable), 1);
	assert_int_equal(COUNT(fixture, unpaired), 3);
}

static void test_task_that_is_not_there(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	const uint64_t nowhere = 0xffff800000000000;

	arm(fixture, NULL);
	memcpy(tiny_at(kernel, kernel->current[0]), &nowhere, sizeof(nowhere));
	call(fixture, 0, "outer_new", 2);
	tiny_return(kernel, 0, 3);
	/* the address at least is known, and so the return is */
	told(fixture, "outer_new 0/0 of 0 uid -1 \"\" #3: First=0x2 Second=0x3\n");
	assert_int_equal(COUNT(fixture, unreadable), 1);
}

static void test_name_does_not_stay_from_the_last_caller(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	arm(fixture, NULL);
	call(fixture, 0, "inner", 1);
	tiny_put(kernel, fixture->bash->mm, "mm_struct.exe_file", 0x1000);
	call(fixture, 0, "inner", 2); /* then it is the thread's own */
	told(fixture, "inner 12/12 of 0 uid 1000 \"bash\" #3: First=0x1\n"
		      "inner 12/12 of 0 uid 1000 \"bash\" #4: First=0x2\n");
	memset(tiny_at(kernel, fixture->bash->address + tiny_offset("task_struct.comm")), 0, 16);
	call(fixture, 0, "inner", 3);
	told(fixture, "inner 12/12 of 0 uid 1000 \"\" #5: First=0x3\n");
}

static void test_stack_that_is_not_there(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	struct wv_machine *machine = &kernel->mock.machine;

	arm(fixture, NULL);
	kernel->mock.registers[0][WV_REG_RSP] = 0x1000;
	kernel->mock.registers[0][WV_REG_RDI] = 1;
	machine->events->trap(machine->owner, 0,
			      wv_traps_find(&machine->traps, tiny_symbol(kernel, "outer_new")));
	told(fixture, "");
	assert_int_equal(COUNT(fixture, unpaired), 1);
}

static void test_return_address_zero(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;
	const uint64_t zero = 0;

	arm(fixture, NULL);
	call(fixture, 0, "failing", 0);
	memcpy(tiny_at(&fixture->kernel, fixture->kernel.mock.registers[0][WV_REG_RSP]), &zero, 8);
	machine->events->trap(
		machine->owner, 0,
		wv_traps_find(&machine->traps, tiny_symbol(&fixture->kernel, "outer_new")));
	assert_int_equal(COUNT(fixture, unpaired), 1);
}

static void test_too_many_places(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	const uint64_t arguments[6] = { 1 };

	/* a hostile guest calls from everywhere: in the end there is no row left, and it is told */
	arm(fixture, NULL);
	fixture->observer.quiet = true;
	fixture->observer.rows = 0;
	for (uint64_t i = 0; i < 2 * WV_TRAPS_MAX; i++) {
		tiny_call(kernel, 0, "outer_new", kernel->image + 0x100000 + i, arguments);
		tiny_return(kernel, 0, 2);
		if (i % 1000 == 0)
			observer_read(&fixture->observer);
	}
	observer_read(&fixture->observer);
	assert_in_range(fixture->observer.rows, WV_TRAPS_LIMIT - 100, WV_TRAPS_LIMIT);
	assert_int_equal(COUNT(fixture, unpaired), 2 * WV_TRAPS_MAX - fixture->observer.rows);
	/* what was trapped is still */
	fixture->observer.quiet = false;
	call(fixture, 0, "outer_new", 1);
	tiny_return(kernel, 0, 2);
	assert_true(fixture->observer.told->len == 0);
	observer_read(&fixture->observer);
	assert_true(fixture->observer.told->len > 0);
}

/* Speed and order -------------------------------------------------------------------------------*/

static void test_timing(void **state)
{
	struct fixture *fixture = *state;

	arm(fixture, "timing=true\n");
	for (unsigned i = 0; i < 100; i++) {
		call(fixture, 0, "outer_new", 1);
		tiny_return(&fixture->kernel, 0, 2);
	}
	assert_int_equal(COUNT(fixture, calls), 200);
	for (unsigned i = 0; i < WV_STAGE_COUNT; i++)
		assert_true(
			observer_count(&fixture->observer, offsetof(struct wv_counters, cycles) +
								   i * sizeof(uint64_t)) > 0);
}

static void test_dropping(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;
	g_autofree char *text = g_strnfill(WV_TEXT_MAX, 'x');
	g_autofree char *line = NULL;
	const uint64_t arguments[6] = { tiny_string(&fixture->kernel, text) };
	uint64_t dropped;

	arm(fixture, "drop_when_slow=true\n");
	fixture->observer.quiet = true;
	fixture->observer.rows = 0;
	for (unsigned i = 0; i < 200; i++) {
		tiny_call(&fixture->kernel, 0, "frequent", 0, arguments);
		tiny_return(&fixture->kernel, 0, 0);
	}
	dropped = COUNT(fixture, dropped);
	assert_true(dropped > 100);
	observer_read(&fixture->observer);
	assert_int_equal(fixture->observer.rows + dropped, 200);
	/* what is no event is never dropped, and the vCPU does not wait for it for ever */
	machine->events->ended(machine->owner);
	told(fixture, "status 4,0: \n");
}

#define ROUNDS 20000u
#define VCPUS  4u

struct vcpu {
	struct tiny_linux *kernel;
	unsigned index;
	struct tiny_task *tasks[2];
	bool done;
};

/** Both tasks of the vCPU call and return, one inside the other. */
static gpointer run_vcpu(gpointer data)
{
	struct vcpu *vcpu = data;

	for (uint64_t i = 0; i < ROUNDS; i++) {
		const uint64_t arguments[6] = { (uint64_t)vcpu->index << 32 | i };

		for (unsigned j = 0; j < 2; j++) {
			tiny_run(vcpu->kernel, vcpu->index, vcpu->tasks[j]);
			tiny_call(vcpu->kernel, vcpu->index, "outer_new", 0, arguments);
			tiny_call(vcpu->kernel, vcpu->index, "inner", 0, arguments);
			tiny_return(vcpu->kernel, vcpu->index, 0);
		}
		for (unsigned j = 0; j < 2; j++) {
			tiny_run(vcpu->kernel, vcpu->index, vcpu->tasks[j]);
			/* each returns what it was called with: a wrong pair would show */
			tiny_return(vcpu->kernel, vcpu->index, arguments[0]);
		}
	}
	__atomic_store_n(&vcpu->done, true, __ATOMIC_RELEASE);
	return NULL;
}

struct pairs {
	uint64_t outer, inner, wrong;
};

static void check_pair(void *owner, const struct wv_row *row)
{
	struct pairs *pairs = owner;
	bool outer = strcmp(row->method, "outer_new") == 0;

	pairs->outer += outer;
	pairs->inner += !outer;
	pairs->wrong += row->n_fields != 2 || row->fields[0].value.u != row->fields[1].value.u ||
			row->pid / 10 != row->fields[0].value.u >> 32 ||
			row->vcpu != row->fields[0].value.u >> 32;
}

static void test_many_vcpus(void **state)
{
	static struct tiny_linux kernel;
	const struct tiny_options options = { .n_vcpus = VCPUS, .functions = probe_functions };
	struct observer observer;
	struct pairs pairs = { 0 };
	struct vcpu vcpus[VCPUS];
	GThread *threads[VCPUS];
	bool done;

	(void)state;
	tiny_init(&kernel, &options);
	/* the arguments' upper half is the vCPU, and so is the first digit of the PID */
	for (unsigned i = 0; i < VCPUS; i++) {
		vcpus[i] = (struct vcpu){ .kernel = &kernel, .index = i };
		for (unsigned j = 0; j < 2; j++)
			vcpus[i].tasks[j] = tiny_task(&kernel, i * 10 + j + 1, 0, "/bin/x", NULL);
	}
	observer_start(&observer, &kernel, NULL);
	observer_discover(&observer, 0);
	observer_read(&observer);

	observer.each = check_pair;
	observer.each_owner = &pairs;
	for (unsigned i = 0; i < VCPUS; i++)
		tiny_run(&kernel, i, vcpus[i].tasks[0]);
	for (unsigned i = 0; i < VCPUS; i++)
		threads[i] = g_thread_new("vcpu", run_vcpu, &vcpus[i]);
	do {
		done = true;
		for (unsigned i = 0; i < VCPUS; i++)
			done &= __atomic_load_n(&vcpus[i].done, __ATOMIC_ACQUIRE);
		observer_read(&observer);
	} while (!done);
	for (unsigned i = 0; i < VCPUS; i++)
		g_thread_join(threads[i]);
	observer_read(&observer);
	assert_int_equal(pairs.wrong, 0);
	assert_int_equal(pairs.inner, 2 * VCPUS * ROUNDS);
	assert_int_equal(pairs.outer, 2 * VCPUS * ROUNDS);
	assert_int_equal(OBSERVER_COUNT(&observer, unpaired), 0);
	assert_int_equal(OBSERVER_COUNT(&observer, dropped), 0);
	observer_stop(&observer);
	tiny_deinit(&kernel);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_entry),
		WITH(test_identity_of_threads),
		WITH(test_arguments),
		WITH(test_arguments_on_a_stack_that_is_not_there),
		WITH(test_strings_and_bits),
		WITH(test_long_string_is_cut),
		WITH(test_return),
		WITH(test_no_return_without_a_call),
		WITH(test_call_that_was_left),
		WITH(test_place_that_was_not_foreseen),
		WITH(test_return_to_a_trapped_function),
		WITH(test_nested),
		WITH(test_two_hooks_of_one_call),
		WITH(test_caller_is_who_it_was_at_entry),
		WITH(test_thread_moves_to_another_vcpu),
		WITH(test_thread_exit),
		WITH(test_thread_exit_of_processes_that_are_not_watched),
		WITH(test_crash),
		WITH(test_crash_of_a_process_that_is_not_watched),
		WITH(test_filters),
		WITH(test_process_paths),
		WITH(test_ttl),
		WITH(test_no_ttl),
		WITH(test_caller_that_is_not_known),
		WITH(test_task_that_is_not_there),
		WITH(test_name_does_not_stay_from_the_last_caller),
		WITH(test_stack_that_is_not_there),
		WITH(test_return_address_zero),
		WITH(test_too_many_places),
		WITH(test_timing),
		WITH(test_dropping),
		cmocka_unit_test(test_many_vcpus),
	};

	return cmocka_run_group_tests_name("monitor", tests, NULL, NULL);
}
