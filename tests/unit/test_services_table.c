/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: the kernel's table of services, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "monitor/registry.h"
#include "services_fixture.h"

/** Makes a kernel whose table the body changes before it is looked at. */
static void on_made(const struct services_options *options,
		    void (*body)(struct services_fixture *fixture))
{
	for (size_t i = 0; i < G_N_ELEMENTS(services_widths); i++) {
		struct services_options all = *options;
		struct services_fixture fixture;

		all.layout = services_widths[i];
		services_make(&fixture, &all);
		body(&fixture);
		services_stop(&fixture);
	}
}

static void watch(struct services_fixture *fixture)
{
	g_free(services_watch(fixture, NULL));
}

/** Whether calls of a function are told. */
static bool is_told(struct services_fixture *fixture, const char *name)
{
	bool trapped = nt_call(&fixture->guest, 0, name, (const uint64_t[17]){ 0 }, 17);

	nt_return(&fixture->guest, 0, 0);
	return trapped;
}

/* Entries ---------------------------------------------------------------------------------------*/

/** Functions are before the table and behind it, and have any number of arguments. */
static void all_entries(struct services_fixture *fixture)
{
	static const unsigned counts[USUAL_SERVICES] = {
		[CLOSE] = 1,
		[OPEN_FILE] = 6,
		[CREATE_FILE] = 11,
		[OPEN_KEY] = 3,
		[READ_FILE] = 9,
		[WRITE_FILE] = 9,
		[LOAD_DRIVER] = 1,
		[ADJUST_PRIVILEGES] = 6,
		[CREATE_USER_PROCESS] = 11,
		[GET_PROCESSOR_NUMBER] = 0,
		[DELAY_EXECUTION] = 2,
		[ACCESS_CHECK] = 17,
		[NAMELESS] = 5,
		[SET_LOW_EVENT_PAIR] = 1,
		[SET_HIGH_EVENT_PAIR] = 1,
		[CREATE_TOKEN] = 13,
		[CHANGE_PROCESS_STATE] = 6,
		[INITIALIZE_REGISTRY] = 1,
		[ALLOCATE_MEMORY] = 6,
	};

	watch(fixture);
	for (unsigned i = 0; i < USUAL_SERVICES; i++) {
		g_autofree char *method =
			i == NAMELESS ? g_strdup("syscall_12") : g_strdup(usual_services[i].name);
		g_autofree char *begin = g_strdup_printf("%s 12/13 of 4 ", method);
		g_autofree char *numbers =
			g_strdup_printf(" Syscall=%u NArgs=%u PreviousMode=", i, counts[i]);
		g_autofree char *told = NULL;

		services_note(fixture, i);
		assert_true(is_told(fixture, usual_services[i].name));
		told = observer_take(&fixture->observer);
		if (!g_str_has_prefix(told, begin) || !strstr(told, numbers))
			fail_msg("%u: %s", i, told);
	}
}

static void test_all_entries(void **state)
{
	(void)state;
	on_made(&(struct services_options){ 0 }, all_entries);
}

/** It has as many arguments as the table says: all in hex, by their place. */
static void unknown_service(struct services_fixture *fixture)
{
	watch(fixture);
	CALL(fixture, "KiNameless", 0x10, 0, UINT32_MAX, 4, 5, 6);
	services_return(fixture, STATUS_ACCESS_DENIED);
	services_told(fixture, "syscall_12 #1: Syscall=12 NArgs=5 PreviousMode=\"User\" "
			       "Arg0=\"0x10\" Arg1=\"0x0\" Arg2=\"0xffffffff\" Arg3=\"0x4\" "
			       "Arg4=\"0x5\"\n"
			       "syscall_12 #1: Syscall=12 Ret=0xc0000022 "
			       "Info=\"STATUS_ACCESS_DENIED\"\n");
}

static void test_unknown_service(void **state)
{
	(void)state;
	on_made(&(struct services_options){ 0 }, unknown_service);
}

/** An older kernel takes fewer arguments than the prototype has; a newer one's more are left out.
 */
static void other_counts(struct services_fixture *fixture)
{
	bool is_64 = fixture->guest.is_64;

	services_put_entry(fixture, OPEN_FILE, nt_symbol(&fixture->guest, "NtOpenFile"), 5);
	services_put_entry(fixture, OPEN_KEY, nt_symbol(&fixture->guest, "NtOpenKey"), 12);
	/* two words are not there for the last argument, or one of them */
	services_put_entry(fixture, CHANGE_PROCESS_STATE,
			   nt_symbol(&fixture->guest, "NtChangeProcessState"), is_64 ? 5 : 6);
	/* on 64 bits four are in registers, which nobody counts */
	services_put_entry(fixture, NAMELESS, nt_symbol(&fixture->guest, "KiNameless"), 2);
	watch(fixture);
	CALL(fixture, "NtOpenFile", 0, 0, 0, 0, 1);
	services_told(fixture, "NtOpenFile #1: Syscall=1 NArgs=5 PreviousMode=\"User\" "
			       "FileHandle=\"NULL\" DesiredAccess=\"0\" ObjectAttributes=\"NULL\" "
			       "IoStatusBlock=\"NULL\" ShareAccess=\"FILE_SHARE_READ\"\n");
	CALL(fixture, "NtOpenKey", 0, 0, 0, 7, 7, 7, 7, 7, 7, 7, 7, 7);
	services_told(fixture,
		      "NtOpenKey #2: Syscall=3 NArgs=3 PreviousMode=\"User\" "
		      "KeyHandle=\"NULL\" DesiredAccess=\"0\" ObjectAttributes=\"NULL\"\n");
	CALL(fixture, "NtChangeProcessState", 0, 0, 0, 0, 0, 9);
	services_told(fixture, "NtChangeProcessState #3: Syscall=16 NArgs=5 PreviousMode=\"User\" "
			       "ProcessStateChangeHandle=\"NULL\" ProcessHandle=\"NULL\" "
			       "StateChangeType=\"ProcessStateChangeSuspend\" "
			       "ExtendedInformation=\"NULL\" ExtendedInformationLength=\"0\"\n");
	CALL(fixture, "KiNameless", 1, 2, 3, 4);
	services_told(fixture,
		      "syscall_12 #4: Syscall=12 NArgs=%u PreviousMode=\"User\" "
		      "Arg0=\"0x1\" Arg1=\"0x2\"%s\n",
		      is_64 ? 4 : 2, is_64 ? " Arg2=\"0x3\" Arg3=\"0x4\"" : "");
}

static void test_other_counts(void **state)
{
	(void)state;
	on_made(&(struct services_options){ 0 }, other_counts);
}

/** Of 32 bits: how many arguments there are is in a table of its own. */
static void test_no_table_of_arguments(void **state)
{
	struct services_fixture fixture;
	g_autofree char *told = NULL;

	(void)state;
	services_make(&fixture, &(struct services_options){ .layout = NT_WINDOWS_7_X86 });
	services_put_word(&fixture, SERVICES_ARGUMENTS, 0x1000);
	watch(&fixture);
	CALL(&fixture, "NtClose", 4);
	services_told_arguments(&fixture, "Handle=\"0x4\"\n");
	CALL(&fixture, "KiNameless", 1, 2, 3);
	told = observer_take(&fixture.observer);
	assert_non_null(strstr(told, " NArgs=17 "));
	assert_non_null(strstr(told, " Arg0=\"0x1\" Arg1=\"0x2\" Arg2=\"0x3\" "));
	services_stop(&fixture);
}

/* Tables that are no good -----------------------------------------------------------------------*/

#define UNREADABLE                                                                                 \
	"message 1: syscalls: the kernel's table of services can not be read (costs the plugin)\n"

static void told_unreadable(struct services_fixture *fixture)
{
	g_autofree char *told = services_watch(fixture, NULL);

	assert_non_null(strstr(told, UNREADABLE));
	assert_false(is_told(fixture, "NtClose"));
}

static void no_services(struct services_fixture *fixture)
{
	/* what is above the 32 bits does not count */
	services_put_word(fixture, SERVICES_LIMIT, fixture->guest.is_64 ? RUBBISH : 0);
	told_unreadable(fixture);
}

static void too_many_services(struct services_fixture *fixture)
{
	services_put_word(fixture, SERVICES_LIMIT, 1025);
	told_unreadable(fixture);
}

static void no_descriptor(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;

	nt_page_out(guest, &guest->paging, nt_symbol(guest, "KeServiceDescriptorTable"));
	told_unreadable(fixture);
}

static void test_unreadable_table(void **state)
{
	(void)state;
	on_made(&(struct services_options){ 0 }, no_services);
	on_made(&(struct services_options){ 0 }, too_many_services);
	on_made(&(struct services_options){ 0 }, no_descriptor);
}

/** There is room for so many; behind the last one that leads somewhere all lead nowhere. */
static void most_services(struct services_fixture *fixture)
{
	services_put_word(fixture, SERVICES_LIMIT, 1024);
	services_put_entry(fixture, 1023, nt_symbol(&fixture->guest, "KiNameless"), 1);
	services_put_entry(fixture, NAMELESS, 0, 1);
	watch(fixture);
	CALL(fixture, "KiNameless", 1, 2, 3, 4);
	services_return(fixture, 0);
	services_told(fixture,
		      "syscall_1023 #1: Syscall=1023 NArgs=%s\n"
		      "syscall_1023 #1: Syscall=1023 Ret=0x0 Info=\"STATUS_SUCCESS\"\n",
		      fixture->guest.is_64 ? "4 PreviousMode=\"User\" Arg0=\"0x1\" Arg1=\"0x2\" "
					     "Arg2=\"0x3\" Arg3=\"0x4\""
					   : "1 PreviousMode=\"User\" Arg0=\"0x1\"");
}

static void test_most_services(void **state)
{
	(void)state;
	on_made(&(struct services_options){ 0 }, most_services);
}

/** The base is no address of the kernel: its entries are read, and lead to user mode. */
static void base_of_a_program(struct services_fixture *fixture)
{
	uint32_t entries[USUAL_SERVICES];

	for (unsigned i = 0; i < USUAL_SERVICES; i++)
		entries[i] = 0x31000;
	nt_write_user(&fixture->guest, fixture->process, USER, entries, sizeof(entries));
	services_put_word(fixture, SERVICES_BASE, USER);
	watch(fixture);
	assert_false(is_told(fixture, "NtClose"));
	assert_null(wv_traps_find(&fixture->guest.mock.machine.traps,
				  fixture->guest.is_64 ? USER + 0x3100 : 0x31000));
}

/** Nothing is at the base at all. */
static void base_of_nothing(struct services_fixture *fixture)
{
	services_put_word(fixture, SERVICES_BASE, USER_END);
	watch(fixture);
	assert_false(is_told(fixture, "NtClose"));
}

/** One entry leads nowhere: the others are told. */
static void entry_of_nothing(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;

	services_put_entry(fixture, CLOSE, guest->is_64 ? fixture->table : USER, 1);
	watch(fixture);
	assert_false(is_told(fixture, "NtClose"));
	assert_true(is_told(fixture, "NtOpenKey"));
}

static void test_entries_leading_nowhere(void **state)
{
	(void)state;
	on_made(&(struct services_options){ 0 }, base_of_a_program);
	on_made(&(struct services_options){ 0 }, base_of_nothing);
	on_made(&(struct services_options){ 0 }, entry_of_nothing);
}

/* The table of traps ----------------------------------------------------------------------------*/

static void full_table(struct services_fixture *fixture)
{
	struct wv_traps *traps = &fixture->guest.mock.machine.traps;
	g_autofree char *told = NULL;

	for (uint64_t i = 1; wv_traps_add(traps, i * 16); i++)
		;
	told = services_watch(fixture, NULL);
	assert_non_null(strstr(told, "message 1: syscalls: there is no room for traps of all "
				     "services (costs the plugin)\n"));
	assert_false(is_told(fixture, "NtClose"));
}

static void test_full_table(void **state)
{
	(void)state;
	on_made(&(struct services_options){ 0 }, full_table);
}

/** There is room for some: none is trapped, and another plugin goes on. */
static void table_that_fills(struct services_fixture *fixture)
{
	struct wv_traps *traps = &fixture->guest.mock.machine.traps;
	g_autofree char *told = NULL;

	for (uint64_t i = 1; traps->count + 4 < WV_TRAPS_LIMIT; i++)
		wv_traps_add(traps, i * 16);
	told = services_watch(fixture, "plugin=objmon;syscalls;\n"
				       "objmon_disable_duplicate_hook=true\n");
	assert_non_null(strstr(told, "there is no room for traps of all services"));
	for (unsigned i = 0; i < USUAL_SERVICES; i++)
		assert_false(is_told(fixture, usual_services[i].name));
	assert_true(is_told(fixture, "ObCreateObject"));
}

static void test_table_that_fills(void **state)
{
	(void)state;
	if (!wv_plugin_find("objmon"))
		skip();
	on_made(&(struct services_options){ 0 }, table_that_fills);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_entries),
		cmocka_unit_test(test_unknown_service),
		cmocka_unit_test(test_other_counts),
		cmocka_unit_test(test_no_table_of_arguments),
		cmocka_unit_test(test_unreadable_table),
		cmocka_unit_test(test_most_services),
		cmocka_unit_test(test_entries_leading_nowhere),
		cmocka_unit_test(test_full_table),
		cmocka_unit_test(test_table_that_fills),
	};

	return cmocka_run_group_tests_name("services_table", tests, NULL, NULL);
}
