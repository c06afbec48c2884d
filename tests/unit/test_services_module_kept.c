/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: the modules that calls came from are looked for again when they change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "services_loader.h"

/** A third entry, and where its module is. */
#define MODULE_3    USER
#define TEXT_3	    (USER + 0x400)
#define THIRD_START UINT64_C(0x60000000)

/** Takes an entry out of the list, as a loader does: what it was itself stays as it is. */
static void unlink_module(struct services_fixture *fixture, uint64_t before, uint64_t after)
{
	services_put_link(fixture, before, after);
}

/** A third module behind ntdll.dll. */
static void load_third(struct services_fixture *fixture, uint64_t start, const char *name)
{
	services_put_module(fixture, MODULE_3, start, 0x5000);
	services_put_name(fixture, MODULE_3, name, TEXT_3);
	services_put_link(fixture, services_links(fixture, MODULE_2),
			  services_links(fixture, MODULE_3));
	services_put_link(fixture, services_links(fixture, MODULE_3), services_head(fixture));
}

static void unloaded(struct services_fixture *fixture)
{
	load_third(fixture, THIRD_START, "third.dll");
	services_told_from(fixture, DLL_START, FROM("ntdll.dll"));
	services_told_from(fixture, THIRD_START, FROM("third.dll"));
	unlink_module(fixture, services_links(fixture, MODULE_1),
		      services_links(fixture, MODULE_3));
	services_told_from(fixture, DLL_START, NONE);
	services_told_from(fixture, THIRD_START, FROM("third.dll"));
}

static void test_unloaded(void **state)
{
	(void)state;
	services_on_both(unloaded);
}

/** The entry before it has been unloaded first: that has still the link to it. */
static void unloaded_after_its_neighbour(struct services_fixture *fixture)
{
	load_third(fixture, THIRD_START, "third.dll");
	services_told_from(fixture, THIRD_START, FROM("third.dll"));
	unlink_module(fixture, services_links(fixture, MODULE_1),
		      services_links(fixture, MODULE_3));
	unlink_module(fixture, services_links(fixture, MODULE_1), services_head(fixture));
	/* one module is no list that a program can have */
	services_told_from(fixture, THIRD_START, NOTHING);
}

static void test_unloaded_after_its_neighbour(void **state)
{
	(void)state;
	services_on_both(unloaded_after_its_neighbour);
}

/** Its entry is in the same place of memory as that of the one before. */
static void replaced(struct services_fixture *fixture)
{
	load_third(fixture, THIRD_START, "third.dll");
	services_told_from(fixture, THIRD_START, FROM("third.dll"));
	load_third(fixture, THIRD_START + 0x10000, "fourth.dll");
	services_told_from(fixture, THIRD_START, NONE);
	services_told_from(fixture, THIRD_START + 0x10000, FROM("fourth.dll"));
}

static void test_replaced(void **state)
{
	(void)state;
	services_on_both(replaced);
}

/** Where nothing was a module is loaded: behind the others. */
static void loaded(struct services_fixture *fixture)
{
	services_told_from(fixture, THIRD_START, NONE);
	load_third(fixture, THIRD_START, "third.dll");
	services_told_from(fixture, THIRD_START, FROM("third.dll"));
}

static void test_loaded(void **state)
{
	(void)state;
	services_on_both(loaded);
}

/** Another one is unloaded, and one that is there now has its entry's place. */
static void loaded_in_anothers_place(struct services_fixture *fixture)
{
	load_third(fixture, THIRD_START + 0x10000, "third.dll");
	services_told_from(fixture, THIRD_START, NONE);
	load_third(fixture, THIRD_START, "fourth.dll");
	services_told_from(fixture, THIRD_START, FROM("fourth.dll"));
}

static void test_loaded_in_anothers_place(void **state)
{
	(void)state;
	services_on_both(loaded_in_anothers_place);
}

/** A name that is kept is read again when a process has started or ended, not before. */
static void kept_names(struct services_fixture *fixture)
{
	services_told_from(fixture, DLL_START + 0x10, FROM("ntdll.dll"));
	services_put_name(fixture, MODULE_2, "other.dll", TEXT_2);
	services_told_from(fixture, DLL_START + 0x20, FROM("ntdll.dll"));
	services_told_from(fixture, DLL_START + 0x1010, FROM("other.dll")); /* another page */
	nt_call(&fixture->guest, 0, "PspProcessDelete", (const uint64_t[1]){ 0 }, 1);
	nt_return(&fixture->guest, 0, 0);
	services_told_from(fixture, DLL_START + 0x20, FROM("other.dll"));
}

static void test_kept_names(void **state)
{
	(void)state;
	services_on_both(kept_names);
}

/* What it costs ---------------------------------------------------------------------------------*/

/** Reads of the guest's memory in a call and its return. */
static unsigned reads_of_call(struct services_fixture *fixture, uint64_t address)
{
	const struct mock_machine *mock = &fixture->guest.mock;
	unsigned before = mock->virtual_reads + mock->physical_reads;

	services_call_from(fixture, address);
	g_free(observer_take(&fixture->observer));
	return mock->virtual_reads + mock->physical_reads - before;
}

/** Many modules behind the others, in a list that ends as it should, or never. */
static void load_many(struct services_fixture *fixture, bool endless)
{
	enum { MANY = 500, STRIDE = 0x100 };
	const uint64_t entries = UINT64_C(0x10000000);
	uint64_t last = services_links(fixture, MODULE_2);

	nt_map_user(&fixture->guest, fixture->process, entries, MANY * STRIDE);
	for (uint64_t i = 0; i < MANY; i++) {
		uint64_t entry = entries + i * STRIDE;

		services_put_module(fixture, entry, THIRD_START + i * 0x1000, 0x1000);
		services_put_link(fixture, last, services_links(fixture, entry));
		last = services_links(fixture, entry);
	}
	services_put_link(fixture, last,
			  endless ? services_links(fixture, entries) : services_head(fixture));
}

/**
 * The thread's mode is read for all calls. A program's takes four reads more: the frame's place,
 * the instruction pointer in it, and two of the list, whatever was found there.
 */
static void check_reads(bool endless)
{
	const struct services_options options = { .layout = NT_WINDOWS_10, .unmapped = true };
	struct services_fixture fixture;
	unsigned kernels, least = endless ? 1024 : 500;

	services_make(&fixture, &options);
	load_many(&fixture, endless);
	g_free(services_watch(&fixture, NULL));
	services_put_mode(&fixture, 0);
	reads_of_call(&fixture, DLL_START);
	kernels = reads_of_call(&fixture, DLL_START);
	services_put_mode(&fixture, 1);
	assert_true(reads_of_call(&fixture, 0x1234000) > least);
	assert_int_equal(reads_of_call(&fixture, 0x1234567), kernels + 4);
	reads_of_call(&fixture, DLL_START);
	assert_int_equal(reads_of_call(&fixture, DLL_START), kernels + 4);
	services_stop(&fixture);
}

static void test_reads(void **state)
{
	(void)state;
	check_reads(false);
}

static void test_reads_of_an_endless_list(void **state)
{
	(void)state;
	check_reads(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unloaded),
		cmocka_unit_test(test_unloaded_after_its_neighbour),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_loaded),
		cmocka_unit_test(test_loaded_in_anothers_place),
		cmocka_unit_test(test_kept_names),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_reads_of_an_endless_list),
	};

	return cmocka_run_group_tests_name("services_module_kept", tests, NULL, NULL);
}
