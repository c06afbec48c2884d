/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plugin does before its traps are set, traps for some kernels only, and definitions. */
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
};

static int setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	memset(direct_prepared, 0, sizeof(direct_prepared));
	memset(direct_unprepared, 0, sizeof(direct_unprepared));
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	observer_stop(&fixture->observer);
	if (fixture->kernel.mock.ram)
		tiny_deinit(&fixture->kernel);
	return 0;
}

/** Arms these plugins on a kernel with these functions besides; what is told is not looked at. */
static char *arm(struct fixture *fixture, const char *plugins, const char *const *functions,
		 const char *const *without)
{
	const struct tiny_options options = { .functions = functions, .without_symbols = without };
	g_autofree char *settings = g_strdup_printf("plugin=%s;\n", plugins);

	tiny_init(&fixture->kernel, &options);
	tiny_task(&fixture->kernel, 12, 0, "/usr/bin/bash", NULL);
	observer_start(&fixture->observer, &fixture->kernel, settings);
	tiny_run(&fixture->kernel, 0, &fixture->kernel.tasks[1]);
	observer_discover(&fixture->observer, 0);
	return observer_take(&fixture->observer);
}

static bool call(struct fixture *fixture, const char *function, uint64_t argument)
{
	const uint64_t arguments[6] = { argument };
	bool trapped = tiny_call(&fixture->kernel, 0, function, 0, arguments);

	tiny_return(&fixture->kernel, 0, 0);
	return trapped;
}

#define BASH " 12/12 of 0 uid 1000 \"bash\" "

/* Kernels ---------------------------------------------------------------------------------------*/

/** All functions that the plugin knows, of new and of old kernels. */
static const char *const all_functions[] = {
	"first",      "second",	 "third",   "inside", "early", "common",
	"absent_one", "new_way", "old_way", "marker", NULL,
};

static void test_with(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *told = arm(fixture, "direct", all_functions, NULL);

	assert_null(strstr(told, "missing")); /* what is not meant for it is not missing */
	assert_true(call(fixture, "new_way", 1));
	assert_false(call(fixture, "old_way", 2));
	observer_told(&fixture->observer, "told" BASH "#1: What=\"with\" Value=0x1\n");
}

static void test_without(void **state)
{
	static const char *const old[] = { "marker", NULL };
	struct fixture *fixture = *state;
	g_autofree char *told = arm(fixture, "direct", all_functions, old);

	assert_null(strstr(told, "missing"));
	assert_false(call(fixture, "new_way", 1));
	assert_true(call(fixture, "old_way", 2));
	observer_told(&fixture->observer, "told" BASH "#1: What=\"without\" Value=0x2\n");
}

/** Meant for the kernel, and not there. */
static void test_missing(void **state)
{
	static const char *const odd[] = { "new_way", NULL };
	struct fixture *fixture = *state;
	g_autofree char *told = arm(fixture, "direct", all_functions, odd);

	assert_non_null(strstr(told, "direct: missing in the guest's kernel: function new_way "
				     "(costs a trap of new kernels)\n"));
	assert_null(strstr(told, "old_way"));
}

/* Preparing -------------------------------------------------------------------------------------*/

/** What was read and told before the first trap is what rows then refer to. */
static void test_definitions(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *told = arm(fixture, "direct", all_functions, NULL);

	assert_int_equal(direct_prepared[DIRECT], 1);
	assert_null(strstr(told, "swapper")); /* a definition is no row */
	call(fixture, "third", 0x18);
	observer_told(&fixture->observer,
		      "swapper" BASH
		      "#1: Value=0x2a one=\"5:named_by_the_guest 0x17=text\" two=\"5:two 0x18\"\n");
}

static void test_unprepare(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *told = arm(fixture, "direct", all_functions, NULL);

	assert_int_equal(direct_unprepared[DIRECT], 0);
	observer_stop(&fixture->observer);
	assert_int_equal(direct_prepared[DIRECT], 1);
	assert_int_equal(direct_unprepared[DIRECT], 1);
}

/** Each kernel is prepared for anew, and told again. */
static void test_restart(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;
	g_autofree char *told = arm(fixture, "direct", all_functions, NULL);
	g_autofree char *again = NULL;

	machine->events->reset(machine->owner, 0);
	assert_int_equal(direct_unprepared[DIRECT], 1);
	tiny_reboot(&fixture->kernel, 0xffffffffab000000);
	tiny_task(&fixture->kernel, 12, 0, "/usr/bin/bash", NULL);
	tiny_run(&fixture->kernel, 0, &fixture->kernel.tasks[1]);
	observer_discover(&fixture->observer, 0);
	again = observer_take(&fixture->observer);
	assert_int_equal(direct_prepared[DIRECT], 2);
	call(fixture, "third", 0x18);
	observer_told(&fixture->observer,
		      "swapper" BASH
		      "#1: Value=0x2a one=\"5:named_by_the_guest 0x17=text\" two=\"5:two 0x18\"\n");
	observer_stop(&fixture->observer);
	assert_int_equal(direct_unprepared[DIRECT], 2);
}

/** A plugin that can not be prepared is lost, and says why; what it had made is undone. */
static void test_refused(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *told = arm(fixture, "direct;refused", all_functions, NULL);

	assert_non_null(strstr(told, "refused: not today (costs the plugin)\n"));
	assert_non_null(strstr(told, "status 0,1: ")); /* the other one goes on */
	assert_int_equal(direct_prepared[REFUSED], 1);
	assert_int_equal(direct_unprepared[REFUSED], 1);
	assert_false(call(fixture, "absent_one", 1));
	assert_true(call(fixture, "third", 1));
}

/** The same where it was the only one: nothing is watched. */
static void test_refused_alone(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *told = arm(fixture, "refused", all_functions, NULL);

	assert_non_null(strstr(told, "refused: not today (costs the plugin)\n"));
	assert_non_null(strstr(told, "no plugin can work with this guest"));
	assert_int_equal(direct_unprepared[REFUSED], 1);
}

/** A plugin that is prepared, and then lacks the function that it is useless without. */
static void test_prepared_for_nothing(void **state)
{
	static const char *const without[] = { "absent_one", NULL };
	struct fixture *fixture = *state;
	g_autofree char *told = arm(fixture, "direct;essential", all_functions, without);

	assert_non_null(strstr(told, "essential: missing in the guest's kernel: function "
				     "absent_one (costs the plugin)\n"));
	assert_int_equal(direct_prepared[ESSENTIAL], 1);
	assert_int_equal(direct_unprepared[ESSENTIAL], 1);
	observer_stop(&fixture->observer);
	assert_int_equal(direct_unprepared[ESSENTIAL], 1);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_with),	WITH(test_without),	  WITH(test_missing),
		WITH(test_definitions), WITH(test_unprepare),	  WITH(test_restart),
		WITH(test_refused),	WITH(test_refused_alone), WITH(test_prepared_for_nothing),
	};

	return cmocka_run_group_tests_name("prepare", tests, NULL, NULL);
}
