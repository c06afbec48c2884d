/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor's life on tiny Linux kernels: finding them in all the shapes that they have, saying
 * what is missing and what that costs, failing with a reason, and starting again after a reset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "guest/guest.h"
#include "monitor/registry.h"
#include "observer.h"
#include "probe.h"

#define KERNEL_WORKS "status 0,1: Linux 6.1.0-tiny"

/** What probe and needy miss in each tiny kernel that nothing is left out of. */
#define ALWAYS_MISSING                                                                             \
	"message 1: probe: missing in the guest's kernel: no_struct.no_member|nor_this (costs "    \
	"nothing at all)\n"                                                                        \
	"message 1: probe: missing in the guest's kernel: function absent_new or absent_old "      \
	"(costs absent events)\n"                                                                  \
	"message 1: needy: missing in the guest's kernel: function needed_function (costs the "    \
	"plugin)\n"

struct fixture {
	struct tiny_linux kernel;
	struct observer observer;
	bool made;
};

static int setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture.observer, 0, sizeof(fixture.observer));
	fixture.made = false;
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	observer_stop(&fixture->observer);
	if (fixture->made)
		tiny_deinit(&fixture->kernel);
	fixture->made = false;
	return 0;
}

/** A kernel with one process, and a monitor that has not looked for it. */
static void make(struct fixture *fixture, struct tiny_options options, const char *settings)
{
	void *state = fixture;

	teardown(&state);
	if (!options.functions)
		options.functions = probe_functions;
	tiny_init(&fixture->kernel, &options);
	fixture->made = true;
	tiny_run(&fixture->kernel, 0, tiny_task(&fixture->kernel, 12, 0, "/usr/bin/bash", NULL));
	observer_start(&fixture->observer, &fixture->kernel, settings);
}

/** The kernel is found, and a call and its return are told. */
static void assert_works(struct fixture *fixture)
{
	struct tiny_linux *kernel = &fixture->kernel;
	const uint64_t arguments[6] = { 0xa };
	g_autofree char *armed = observer_take(&fixture->observer);

	if (!strstr(armed, KERNEL_WORKS))
		fail_msg("%s", armed);
	assert_non_null(strstr(armed, "running 12/12 of 0 uid 1000 \"bash\" #1: Text=\"bash\"\n"));
	assert_int_equal(kernel->mock.machine.watch, WV_WATCH_NOTHING);
	assert_true(tiny_call(kernel, 0, "outer_new", 0, arguments));
	assert_true(tiny_return(kernel, 0, 0xb));
	observer_told(&fixture->observer,
		      "outer_new 12/12 of 0 uid 1000 \"bash\" #2: First=0xa Second=0xb\n");
	assert_int_equal(OBSERVER_COUNT(&fixture->observer, unreadable), 0);
}

static void check_works(struct fixture *fixture, struct tiny_options options)
{
	make(fixture, options, NULL);
	observer_discover(&fixture->observer, 0);
	assert_works(fixture);
}

/** No kernel is found, and it is told why. */
static void check_fails(struct fixture *fixture, struct tiny_options options, enum wv_error code,
			const char *reason)
{
	g_autofree char *start = g_strdup_printf("status 1,%d: ", code);
	g_autofree char *told = NULL;
	struct wv_machine *machine = &fixture->kernel.mock.machine;
	const char *failed;

	make(fixture, options, NULL);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	failed = strstr(told, start);
	if (!failed || !strstr(failed, reason))
		fail_msg("\"%s\" does not say \"%s\"", told, reason);
	/* once, and then it is quiet */
	assert_int_equal(machine->watch, WV_WATCH_NOTHING);
	assert_int_equal(machine->traps.count, 0);
	machine->events->watched(machine->owner, 0);
	machine->events->reset(machine->owner, 0);
	observer_told(&fixture->observer, "");
	machine->events->ended(machine->owner);
	observer_told(&fixture->observer, "status 4,0: \n");
}

/* Kernels in all their shapes -------------------------------------------------------------------*/

static void test_all_that_is_told(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *told = NULL;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	tiny_task(&fixture->kernel, 13, 12, "/usr/bin/env", NULL);
	tiny_task(&fixture->kernel, 14, 0, NULL, "kthreadd");
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_true(
		g_str_has_prefix(told, ALWAYS_MISSING KERNEL_WORKS ": 2")); /* so many symbols */
	assert_true(g_str_has_suffix(told,
				     " types (btf)\n"
				     "running 12/12 of 0 uid 1000 \"bash\" #1: Text=\"bash\"\n"
				     "running 13/13 of 12 uid 1000 \"env\" #2: Text=\"env\"\n"
				     "running 14/14 of 0 uid 1000 \"kthreadd\" #3: "
				     "Text=\"kthreadd\"\n"));
	assert_int_equal(fixture->kernel.mock.traps_changed, 1);
	assert_int_equal(fixture->kernel.mock.machine.direct_map, TINY_DIRECT_MAP);
}

/** Which processes there are is looked at when no vCPU can start one unseen: once. */
static void test_told_when_traps_work(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;
	g_autofree char *told = NULL;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	fixture->kernel.mock.delays_traps = true;
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_null(strstr(told, KERNEL_WORKS));
	assert_null(strstr(told, "running"));
	g_free(told);
	/* what a vCPU does that honours them already comes before, and is not told */
	tiny_call(&fixture->kernel, 0, "inner", 0, NULL);
	observer_told(&fixture->observer, "");
	tiny_task(&fixture->kernel, 13, 12, "/usr/bin/env", NULL);
	machine->events->traps_set(machine->owner);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, KERNEL_WORKS));
	assert_true(g_str_has_suffix(told, "Text=\"bash\"\n"
					   "running 13/13 of 12 uid 1000 \"env\" #2: "
					   "Text=\"env\"\n"));
	machine->events->traps_set(machine->owner);
	observer_told(&fixture->observer, "");
}

static void test_each_layout_of_kallsyms(void **state)
{
	for (size_t i = 0; i < builder_layout_count; i++)
		check_works(*state, (struct tiny_options){ .layout = &builder_layouts[i] });
}

static void test_current_task_in_pcpu_hot(void **state)
{
	check_works(*state, (struct tiny_options){ .pcpu_hot = true });
	check_works(*state,
		    (struct tiny_options){ .pcpu_hot = true, .layout = &builder_layouts[3] });
}

static void test_wherever_it_is_mapped(void **state)
{
	static const uint64_t places[] = { 0xffffffff80000000, 0xffffffff80200000,
					   0xffffffff9a600000, 0xffffffffbfe00000 };

	for (unsigned i = 0; i < G_N_ELEMENTS(places); i++)
		check_works(*state, (struct tiny_options){ .image = places[i] });
}

static void test_five_levels(void **state)
{
	check_works(*state, (struct tiny_options){ .five_levels = true });
}

static void test_page_table_isolation(void **state)
{
	struct fixture *fixture = *state;

	check_works(fixture, (struct tiny_options){ .pti = true });
	check_works(fixture, (struct tiny_options){ .pti = true, .five_levels = true });
}

static void test_holes_in_the_image(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	/* by small pages, and what was freed after the boot is not mapped any more */
	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	*mock_entry(&kernel->mock, &kernel->paging, kernel->image, 2) = 0;
	for (uint64_t at = 0; at < TINY_IMAGE_SIZE; at += MOCK_PAGE)
		if (at < 0x1c0000 || at >= 0x1d0000)
			mock_map(&kernel->mock, &kernel->paging, kernel->image + at, 0x400000 + at,
				 MOCK_PAGE);
	observer_discover(&fixture->observer, 0);
	assert_works(fixture);
}

static void test_direct_map_that_lies(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	static const uint64_t lies[] = { TINY_DIRECT_MAP + MOCK_PAGE_2M, TINY_DIRECT_MAP + 0x1000,
					 0, UINT64_MAX };

	/* something else is mapped there, or nothing: it is not used, and all works without */
	for (unsigned i = 0; i < G_N_ELEMENTS(lies); i++) {
		make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
		memcpy(tiny_at(kernel, kernel->image + TINY_PAGE_OFFSET_BASE), &lies[i], 8);
		observer_discover(&fixture->observer, 0);
		assert_works(fixture);
		assert_int_equal(kernel->mock.machine.direct_map, 0);
	}
}

/* Machines whose RAM is not mapped --------------------------------------------------------------*/

static void test_unmapped(void **state)
{
	struct fixture *fixture = *state;

	check_works(fixture, (struct tiny_options){ .unmapped = true });
	assert_true(fixture->kernel.mock.maps > 0); /* the driver had its chance */
	check_works(fixture, (struct tiny_options){ .unmapped = true, .five_levels = true });
	/* user mode's tables, by which the driver reads, do not have the kernel */
	check_works(fixture, (struct tiny_options){ .unmapped = true, .pti = true });
}

static void test_unmapped_without_physical_reads(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;
	struct wv_machine_ops ops;

	make(fixture, (struct tiny_options){ .unmapped = true }, NULL);
	ops = *machine->ops;
	ops.read_physical = NULL;
	machine->ops = &ops;
	observer_discover(&fixture->observer, 0);
	assert_works(fixture);
}

static void test_unmapped_with_page_table_isolation(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;
	struct wv_machine_ops ops;

	make(fixture, (struct tiny_options){ .unmapped = true, .pti = true }, NULL);
	ops = *machine->ops;
	ops.read_physical = NULL;
	machine->ops = &ops;
	/* in user mode there is nothing to be read: it waits for the kernel, and says nothing */
	tiny_user_mode(&fixture->kernel, 0);
	machine->events->watched(machine->owner, 0);
	observer_told(&fixture->observer, "");
	assert_int_equal(machine->watch, WV_WATCH_KERNEL);
	assert_int_equal(fixture->kernel.mock.traps_changed, 1);
	/* the kernel's first instructions still run on user mode's table */
	fixture->kernel.mock.registers[0][WV_REG_CS] = 0x10;
	for (unsigned i = 0; i < 5; i++)
		machine->events->watched(machine->owner, 0);
	observer_told(&fixture->observer, "");
	assert_int_equal(fixture->kernel.mock.traps_changed, 1);
	tiny_run(&fixture->kernel, 0, fixture->kernel.running[0]);
	machine->events->watched(machine->owner, 0);
	assert_works(fixture);
}

static void test_unmapped_and_never_readable(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;
	struct wv_machine_ops ops;
	g_autofree char *told = NULL;

	make(fixture, (struct tiny_options){ .unmapped = true, .pti = true }, NULL);
	ops = *machine->ops;
	ops.read_physical = NULL;
	machine->ops = &ops;
	tiny_user_mode(&fixture->kernel, 0);
	for (unsigned i = 0; i < 10000 && machine->watch != WV_WATCH_NOTHING; i++)
		machine->events->watched(machine->owner, 0);
	assert_int_equal(machine->watch, WV_WATCH_NOTHING); /* it gives up in the end */
	told = observer_take(&fixture->observer);
	assert_true(g_str_has_prefix(told, "status 1,4: "));
}

static void test_each_read_can_fail(void **state)
{
	struct fixture *fixture = *state;
	unsigned works = 0;

	/* of the thousands of reads any may fail: it is found or it is not, and nothing breaks */
	for (unsigned read = 1; read < 3000; read += read < 100 ? 7 : 300) {
		g_autofree char *told = NULL;

		make(fixture, (struct tiny_options){ .unmapped = true }, NULL);
		fixture->kernel.mock.fail_read = read;
		observer_discover(&fixture->observer, 0);
		told = observer_take(&fixture->observer);
		works += strstr(told, "status 0,1: ") != NULL;
		assert_true(!strstr(told, "status 0,1: ") == !!strstr(told, "status 1,"));
	}
	assert_true(works > 0);
}

/* What is missing -------------------------------------------------------------------------------*/

static void test_missing_members(void **state)
{
	struct fixture *fixture = *state;
	static const char *const without[] = { "task_struct.comm", "dentry.d_parent", "cred.euid",
					       NULL };
	g_autofree char *told = NULL;
	const uint64_t arguments[6] = { 1 };

	make(fixture, (struct tiny_options){ .without_members = without }, NULL);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	/* each by name, with what it costs, whoever misses it */
	assert_true(g_str_has_prefix(
		told, "message 1: missing in the guest's kernel: task_struct.comm (costs thread "
		      "names)\n"
		      "message 1: missing in the guest's kernel: cred.euid (costs euid)\n"
		      "message 1: missing in the guest's kernel: dentry.d_parent (costs paths)\n"
		      "message 1: probe: "));
	assert_non_null(strstr(told, "message 1: probe: missing in the guest's kernel: "
				     "task_struct.comm (costs names)\n"));
	assert_non_null(strstr(told, KERNEL_WORKS));
	tiny_call(&fixture->kernel, 0, "inner", 0, arguments);
	observer_told(&fixture->observer, "inner 12/12 of 0 uid 1000 \"bash\" #2: First=0x1\n");
}

static void test_missing_list_of_processes(void **state)
{
	struct fixture *fixture = *state;
	static const char *const without[] = { "init_task", NULL };
	g_autofree char *told = NULL;

	make(fixture, (struct tiny_options){ .without_symbols = without }, NULL);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_true(g_str_has_prefix(told, "message 1: missing in the guest's kernel: init_task "
					   "(costs the list of running processes)\n"));
	assert_non_null(strstr(told, KERNEL_WORKS));
	assert_null(strstr(told, "running 12"));
}

static void test_first_of_the_functions(void **state)
{
	struct fixture *fixture = *state;
	static const char *const without[] = { "outer_new", NULL };
	const uint64_t arguments[6] = { 1 };
	g_autofree char *told = NULL;

	/* the second choice is trapped; with both, the second is not (see assert_works()) */
	make(fixture, (struct tiny_options){ .without_symbols = without }, NULL);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_null(strstr(told, "outer_"));
	assert_false(tiny_call(&fixture->kernel, 0, "outer_new", 0, arguments));
	assert_true(tiny_call(&fixture->kernel, 0, "outer_old", 0, arguments));
	tiny_return(&fixture->kernel, 0, 2);
	observer_told(&fixture->observer,
		      "outer_old 12/12 of 0 uid 1000 \"bash\" #2: First=0x1 Second=0x2\n");
}

static void test_essentials(void **state)
{
	struct fixture *fixture = *state;
	static const char *const symbols[] = { "linux_banner", "_etext", NULL };
	static const char *const members[] = { "task_struct.pid", "task_struct.tgid", NULL };
	static const char *const current[] = { "current_task", NULL };

	/* all of them at once, by name */
	check_fails(fixture,
		    (struct tiny_options){ .without_symbols = symbols, .without_members = members },
		    WV_ERROR_KERNEL,
		    "lack what nothing works without: linux_banner, _etext, task_struct.pid, "
		    "task_struct.tgid\n");
	check_fails(fixture, (struct tiny_options){ .without_symbols = current }, WV_ERROR_KERNEL,
		    "neither pcpu_hot nor current_task");
}

static void test_plugin_that_needs_more(void **state)
{
	struct fixture *fixture = *state;
	static const char *const functions[] = { "needed_function", NULL };
	static const char *const without[] = { "mm_struct.arg_start", NULL };
	g_autofree char *told = NULL;
	const uint64_t arguments[6] = { 1 };

	/* it has all: it works */
	make(fixture, (struct tiny_options){ .functions = functions }, "plugin=needy;\n");
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_true(g_str_has_prefix(told, KERNEL_WORKS)); /* and nothing is missing */
	assert_true(tiny_call(&fixture->kernel, 0, "needed_function", 0, arguments));
	observer_told(&fixture->observer,
		      "needed_function 12/12 of 0 uid 1000 \"bash\" #1: First=0x1\n");
	g_free(told);

	/* a member is missing: it is not used, the other one is */
	make(fixture, (struct tiny_options){ .functions = functions, .without_members = without },
	     NULL);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "needy: missing in the guest's kernel: mm_struct.arg_start "
				     "(costs the plugin)\n"));
	assert_non_null(strstr(told, KERNEL_WORKS));
	tiny_call(&fixture->kernel, 0, "needed_function", 0, arguments);
	observer_told(&fixture->observer, "");
}

static void test_no_plugin_is_of_use(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *told = NULL;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, "plugin=needy;\n");
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "status 1,4: no plugin can work with this guest (Linux "
				     "6.1.0-tiny"));
	assert_int_equal(fixture->kernel.mock.machine.traps.count, 0);
}

/* No kernel -------------------------------------------------------------------------------------*/

static void test_kernel_without_types(void **state)
{
	/* what to do about it is in the message */
	check_fails(*state, (struct tiny_options){ .no_btf = true }, WV_ERROR_KERNEL, "-r FILE");
}

static void test_banner_that_is_none(void **state)
{
	check_fails(*state, (struct tiny_options){ .banner = "FreeBSD 14" }, WV_ERROR_KERNEL,
		    "do not fit the kernel's memory");
}

static void test_nothing_is_mapped(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	g_autofree char *told = NULL;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	*mock_entry(&kernel->mock, &kernel->paging, kernel->image, 2) = 0;
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_string_equal(told, "status 1,4: no kernel found: nothing is mapped where a Linux "
				  "kernel would be\n");
}

static void test_not_in_64_bits(void **state)
{
	struct fixture *fixture = *state;

	struct mock_machine *kernel = &fixture->kernel.mock;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	kernel->registers[0][WV_REG_EFER] = 0;
	observer_discover(&fixture->observer, 0);
	/* what a 32-bit Windows is known by can be seen from kernel mode alone */
	observer_told(&fixture->observer, "");
	for (unsigned i = 0; i < 1000 && kernel->machine.watch == WV_WATCH_KERNEL; i++)
		kernel->machine.events->watched(kernel->machine.owner, 0);
	assert_int_equal(kernel->machine.watch, WV_WATCH_NOTHING);
	observer_told(&fixture->observer, "status 1,4: no kernel found: the guest is not in 64-bit "
					  "mode, and not Windows\n");
}

static void test_image_of_nothing(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *told = NULL;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	memset(tiny_at(&fixture->kernel, fixture->kernel.image), 0, TINY_IMAGE_SIZE);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_true(g_str_has_prefix(told, "status 1,3: no kallsyms tables"));
}

static void test_profile_that_is_not_there(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *told = NULL;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, "profile=/nonexistent/profile.json\n");
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_true(g_str_has_prefix(told, "status 1,1: "));
	assert_non_null(strstr(told, "/nonexistent/profile.json"));
}

/* The list of processes -------------------------------------------------------------------------*/

static void test_list_that_never_ends(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t at = tiny_offset("task_struct.tasks");
	struct tiny_task *last = NULL;

	/* a list that goes round without coming back to where it started */
	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	for (unsigned i = 0; i < 20; i++)
		last = tiny_task(kernel, 100 + i, 0, NULL, "thread");
	tiny_put(kernel, last->address, "task_struct.tasks", kernel->tasks[10].address + at);
	observer_discover(&fixture->observer, 0);
	fixture->observer.quiet = true;
	observer_read(&fixture->observer);
	assert_in_range(fixture->observer.rows, 21, 100);
	/* or that points to itself */
	tiny_put(kernel, last->address, "task_struct.tasks", last->address + at);
}

static void test_list_that_breaks_off(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	tiny_put(kernel, kernel->running[0]->address, "task_struct.tasks", 0x1000);
	observer_discover(&fixture->observer, 0);
	fixture->observer.quiet = true;
	observer_read(&fixture->observer);
	assert_int_equal(fixture->observer.rows, 1);
}

static void test_list_is_filtered(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *told = NULL;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, "ignore_process=bash\n");
	tiny_task(&fixture->kernel, 13, 12, "/usr/bin/env", NULL);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_true(g_str_has_suffix(
		told, " types (btf)\nrunning 13/13 of 12 uid 1000 \"env\" #1: Text=\"env\"\n"));
}

/* Life ------------------------------------------------------------------------------------------*/

static void test_several_vcpus_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;

	make(fixture, (struct tiny_options){ .n_vcpus = 2 }, NULL);
	observer_discover(&fixture->observer, 0);
	assert_works(fixture);
	/* the other one was on its way as well: it comes too late, and changes nothing */
	machine->events->watched(machine->owner, 1);
	observer_told(&fixture->observer, "");
	assert_int_equal(fixture->kernel.mock.traps_changed, 1);
}

static void test_trap_before_it_is_armed(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;
	struct wv_trap trap = { .address = 1, .is_return = 1 };

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	machine->events->trap(machine->owner, 0, &trap);
	observer_told(&fixture->observer, "");
}

static void test_reset(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	struct wv_machine *machine = &kernel->mock.machine;
	const uint64_t arguments[6] = { 1 };
	uint64_t old_function, stack;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	machine->events->reset(machine->owner, 0); /* the first start is none */
	observer_told(&fixture->observer, "");
	observer_discover(&fixture->observer, 0);
	assert_works(fixture);
	old_function = tiny_symbol(kernel, "outer_new");
	tiny_call(kernel, 0, "outer_new", 0, arguments); /* and never returns */
	stack = kernel->mock.registers[0][WV_REG_RSP];

	machine->events->reset(machine->owner, 0);
	observer_told(&fixture->observer, "status 3,0: \n");
	assert_int_equal(machine->traps.count, 0);
	assert_int_equal(machine->watch, WV_WATCH_USER);
	assert_int_equal(kernel->mock.traps_changed, 2);
	machine->events->reset(machine->owner, 0); /* again, before anything was found */
	observer_told(&fixture->observer, "");

	/* the same guest, with its kernel elsewhere */
	tiny_reboot(kernel, 0xffffffffab000000);
	tiny_run(kernel, 0, tiny_task(kernel, 30, 0, "/sbin/init", NULL));
	observer_discover(&fixture->observer, 0);
	assert_null(wv_traps_find(&machine->traps, old_function));
	observer_read(&fixture->observer);
	g_string_truncate(fixture->observer.told, 0);
	/* what was pending before the reset is not any more, even at the same place */
	assert_int_equal(kernel->running[0]->address, kernel->tasks[1].address);
	kernel->mock.registers[0][WV_REG_RSP] = stack + 0x38;
	tiny_call(kernel, 0, "failing", tiny_site(kernel, "outer_new"), NULL);
	assert_int_equal(kernel->mock.registers[0][WV_REG_RSP], stack);
	tiny_return(kernel, 0, 0);
	tiny_call(kernel, 0, "outer_new", 0, arguments);
	tiny_return(kernel, 0, 2);
	/* numbers of events rise over the reset */
	observer_told(&fixture->observer,
		      "outer_new 30/30 of 0 uid 1000 \"init\" #5: First=0x1 Second=0x2\n");
}

static void test_many_resets(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	struct wv_machine *machine = &kernel->mock.machine;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	fixture->observer.quiet = true;
	for (uint64_t i = 0; i < 20; i++) {
		observer_discover(&fixture->observer, 0);
		machine->events->reset(machine->owner, 0);
		tiny_reboot(kernel, 0xffffffff81000000 + i * MOCK_PAGE_2M);
		tiny_run(kernel, 0, tiny_task(kernel, 12, 0, "/usr/bin/bash", NULL));
	}
	observer_discover(&fixture->observer, 0);
	observer_read(&fixture->observer);
	assert_int_equal(fixture->observer.rows, 21);
}

static void test_end_without_a_kernel(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;

	make(fixture, (struct tiny_options){ .n_vcpus = 1 }, NULL);
	machine->events->ended(machine->owner);
	observer_told(&fixture->observer, "status 4,0: \n");
}

static void assert_refused(const char *config, unsigned n_rings, const char *reason)
{
	struct wv_session *session = wv_session_create(n_rings, config, NULL);
	struct mock_machine mock;
	g_autoptr(GError) error = NULL;

	mock_init(&mock, 2, 1 << 20, true);
	assert_null(wv_monitor_new(&mock.machine, session, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	if (!strstr(error->message, reason))
		fail_msg("\"%s\" does not say \"%s\"", error->message, reason);
	mock_deinit(&mock);
	wv_session_free(session);
}

static void test_settings_that_are_wrong(void **state)
{
	(void)state;
	assert_refused("[wyvern]\nplugin=no-such-plugin;\n", 2, "no-such-plugin");
	assert_refused("[wyvern]\nno_plugin=no-such-plugin;\n", 2, "no-such-plugin");
	assert_refused("[wyvern]\ntraps_ttl=many\n", 2, "--traps-ttl");
	assert_refused("nonsense", 2, "configuration");
	assert_refused("", 1, "2 vCPUs");
	wv_monitor_free(NULL);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_all_that_is_told),
		WITH(test_told_when_traps_work),
		WITH(test_each_layout_of_kallsyms),
		WITH(test_current_task_in_pcpu_hot),
		WITH(test_wherever_it_is_mapped),
		WITH(test_five_levels),
		WITH(test_page_table_isolation),
		WITH(test_holes_in_the_image),
		WITH(test_direct_map_that_lies),
		WITH(test_unmapped),
		WITH(test_unmapped_without_physical_reads),
		WITH(test_unmapped_with_page_table_isolation),
		WITH(test_unmapped_and_never_readable),
		WITH(test_each_read_can_fail),
		WITH(test_missing_members),
		WITH(test_missing_list_of_processes),
		WITH(test_first_of_the_functions),
		WITH(test_essentials),
		WITH(test_plugin_that_needs_more),
		WITH(test_no_plugin_is_of_use),
		WITH(test_kernel_without_types),
		WITH(test_banner_that_is_none),
		WITH(test_nothing_is_mapped),
		WITH(test_not_in_64_bits),
		WITH(test_image_of_nothing),
		WITH(test_profile_that_is_not_there),
		WITH(test_list_that_never_ends),
		WITH(test_list_that_breaks_off),
		WITH(test_list_is_filtered),
		WITH(test_several_vcpus_at_once),
		WITH(test_trap_before_it_is_armed),
		WITH(test_reset),
		WITH(test_many_resets),
		WITH(test_end_without_a_kernel),
		cmocka_unit_test(test_settings_that_are_wrong),
	};

	return cmocka_run_group_tests_name("discovery", tests, NULL, NULL);
}
