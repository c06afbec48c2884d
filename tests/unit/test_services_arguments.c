/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: handles and names that arguments lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "services_fixture.h"

/** Handles of the kernel's own table have all bits from here on set. */
#define KERNEL_HANDLE(fixture, handle)                                                             \
	(((fixture)->guest.is_64 ? UINT64_C(0xffffffff80000000) : UINT64_C(0x80000000)) | (handle))

/** In the process's memory: a structure, the string in it, and that one's text. */
#define ATTRIBUTES USER
#define NAME	   (USER + 0x100)
#define TEXT	   (USER + 0x200)

/* Handles ---------------------------------------------------------------------------------------*/

static uint64_t make_event(struct services_fixture *fixture, const char *name)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t type = nt_type(guest, "Event", "Even");

	return name ? nt_make_named_object(guest, type, 64, name, true)
		    : nt_make_object(guest, type, 64);
}

/** A handle that a service is called with has this text. */
static void told_handle(struct services_fixture *fixture, uint64_t handle, const char *text)
{
	CALL(fixture, "NtClose", handle);
	services_told_arguments(fixture, "Handle=\"%s\"\n", text);
	nt_return(&fixture->guest, 0, 0);
	g_free(observer_take(&fixture->observer));
}

static void handles(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;

	nt_put_handle(guest, fixture->process, 0x24, make_event(fixture, "Global\\stop"));
	nt_put_handle(guest, fixture->process, 0x28, make_event(fixture, NULL));
	told_handle(fixture, 0x24, "0x24<Event:Global\\\\stop>");
	told_handle(fixture, 0x26, "0x26<Event:Global\\\\stop>"); /* low bits are the program's */
	told_handle(fixture, 0x28, "0x28<Event>");
	nt_put_handle(guest, fixture->process, 0x30, fixture->process->address);
	nt_put_handle(guest, fixture->process, 0x34, fixture->process->thread);
	told_handle(fixture, 0x30, "0x30<Process:12 a.exe>");
	told_handle(fixture, 0x34, "0x34<Thread:13 of 12 a.exe>");
	told_handle(fixture, 0x2c, "0x2c");		/* it is free */
	told_handle(fixture, 0x7ffffff0, "0x7ffffff0"); /* there is none */
	told_handle(fixture, 0, "NULL");
}

static void test_handles(void **state)
{
	(void)state;
	services_on_each(handles);
}

/** They stand for something, and are in no table. */
static void pseudo_handles(struct services_fixture *fixture)
{
	static const char *const names[] = {
		"NtCurrentProcess",	 "NtCurrentThread",	 "NtCurrentSession",
		"NtCurrentProcessToken", "NtCurrentThreadToken", "NtCurrentThreadEffectiveToken"
	};
	uint64_t all = fixture->guest.is_64 ? UINT64_MAX : UINT32_MAX;

	for (unsigned mode = 0; mode < 2; mode++) {
		services_put_mode(fixture, mode);
		for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
			g_autofree char *argument = g_strdup_printf(" Handle=\"%s\"\n", names[i]);
			g_autofree char *told = NULL;

			CALL(fixture, "NtClose", all - i);
			told = observer_take(&fixture->observer);
			assert_true(g_str_has_suffix(told, argument));
			nt_return(&fixture->guest, 0, 0);
			g_free(observer_take(&fixture->observer));
		}
	}
}

static void test_pseudo_handles(void **state)
{
	(void)state;
	services_on_both(pseudo_handles);
}

/** A kernel's handle means something only where the kernel uses it. */
static void kernel_handles(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t handle = KERNEL_HANDLE(fixture, 0x24);

	nt_put_handle(guest, &guest->processes[0], 0x24, make_event(fixture, "of the kernel"));
	told_handle(fixture, handle, guest->is_64 ? "0xffffffff80000024" : "0x80000024");
	services_put_mode(fixture, 0);
	CALL(fixture, "NtClose", handle);
	services_told(fixture,
		      "NtClose #2: Syscall=0 NArgs=1 PreviousMode=\"Kernel\" "
		      "Handle=\"%s<Event:of the kernel>\"\n",
		      guest->is_64 ? "0xffffffff80000024" : "0x80000024");
}

static void test_kernel_handles(void **state)
{
	(void)state;
	services_on_both(kernel_handles);
}

/** The handles are those of the process that the thread acts in. */
static void handles_while_attached(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	struct nt_process *other =
		nt_process(guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");

	nt_put_handle(guest, fixture->process, 0x24, make_event(fixture, "own"));
	nt_put_handle(guest, other, 0x24, make_event(fixture, "the other's"));
	told_handle(fixture, 0x24, "0x24<Event:own>");
	nt_attach(guest, fixture->process, other);
	CALL(fixture, "NtClose", 0x24);
	services_told_arguments(fixture, "Handle=\"0x24<Event:the other's>\"\n");
}

static void test_handles_while_attached(void **state)
{
	(void)state;
	services_on_both(handles_while_attached);
}

/* Handles of another process --------------------------------------------------------------------*/

static void on_duplicates(void (*body)(struct services_fixture *fixture, struct nt_process *other))
{
	static const struct service_row row = { .name = "NtDuplicateObject", .words = 7 };

	for (unsigned i = 0; i < G_N_ELEMENTS(services_widths); i++) {
		struct services_fixture fixture;
		struct nt_process *other;

		services_make(&fixture, &(struct services_options){ .layout = services_widths[i],
								    .rows = &row,
								    .n_rows = 1 });
		g_free(services_watch(&fixture, NULL));
		other = nt_process(&fixture.guest, 16, 4, "\\Device\\HarddiskVolume2\\b.exe");
		nt_put_handle(&fixture.guest, fixture.process, 0x44, other->address);
		body(&fixture, other);
		services_stop(&fixture);
	}
}

/** Four arguments of NtDuplicateObject, as the entry tells them. */
static void told_duplicate(struct services_fixture *fixture, uint64_t from, uint64_t handle,
			   uint64_t to, const char *text)
{
	CALL(fixture, "NtDuplicateObject", from, handle, to, to ? USER : 0, 0, 0, 0);
	services_told_arguments(
		fixture, "%s DesiredAccess=\"0\" HandleAttributes=\"0\" Options=\"0\"\n", text);
}

/** What it has stored is a handle of the process that it was to make it in. */
static void told_new_handle(struct services_fixture *fixture, uint64_t handle, const char *text)
{
	services_write_word(fixture, USER, handle);
	services_return(fixture, 0);
	services_told_results(fixture, "TargetHandle=\"%s\"\n", text);
}

static void duplicates(struct services_fixture *fixture, struct nt_process *other)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t own = guest->is_64 ? UINT64_MAX : UINT32_MAX;

	nt_put_handle(guest, fixture->process, 0x24, make_event(fixture, "own"));
	nt_put_handle(guest, other, 0x24, make_event(fixture, "the other's"));
	nt_put_handle(guest, fixture->process, 0x28, make_event(fixture, "new"));
	nt_put_handle(guest, other, 0x28, make_event(fixture, "new in the other"));

	told_duplicate(fixture, 0x44, 0x24, own,
		       "SourceProcessHandle=\"0x44<Process:16 b.exe>\" "
		       "SourceHandle=\"0x24<Event:the other's>\" "
		       "TargetProcessHandle=\"NtCurrentProcess\" TargetHandle=\"0x30000\"");
	told_new_handle(fixture, 0x28, "0x28<Event:new>");
	told_duplicate(fixture, own, 0x24, 0x44,
		       "SourceProcessHandle=\"NtCurrentProcess\" SourceHandle=\"0x24<Event:own>\" "
		       "TargetProcessHandle=\"0x44<Process:16 b.exe>\" TargetHandle=\"0x30000\"");
	told_new_handle(fixture, 0x28, "0x28<Event:new in the other>");
	/* it closes the handle in the other process, and makes none */
	told_duplicate(fixture, 0x44, own, 0,
		       "SourceProcessHandle=\"0x44<Process:16 b.exe>\" "
		       "SourceHandle=\"NtCurrentProcess\" TargetProcessHandle=\"NULL\" "
		       "TargetHandle=\"NULL\"");
	services_return(fixture, 0);
	services_told_results(fixture, "\n");
}

static void test_duplicates(void **state)
{
	(void)state;
	on_duplicates(duplicates);
}

/** The process can not be told, at the entry or at the return: a handle is no more than a number.
 */
static void duplicates_of_nobody(struct services_fixture *fixture, struct nt_process *other)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t kernel = KERNEL_HANDLE(fixture, 0x48);
	g_autofree char *of_user = NULL, *of_kernel = NULL;
	const char *number = guest->is_64 ? "0xffffffff80000048" : "0x80000048";

	nt_put_handle(guest, fixture->process, 0x24, make_event(fixture, "own"));
	nt_put_handle(guest, other, 0x24, make_event(fixture, "the other's"));
	told_duplicate(fixture, 0x24, 0x24, 0x2c,
		       "SourceProcessHandle=\"0x24<Event:own>\" SourceHandle=\"0x24\" "
		       "TargetProcessHandle=\"0x2c\" TargetHandle=\"0x30000\"");
	told_new_handle(fixture, 0x24, "0x24");
	told_duplicate(fixture, 0, 0x24, 0x44,
		       "SourceProcessHandle=\"NULL\" SourceHandle=\"0x24\" "
		       "TargetProcessHandle=\"0x44<Process:16 b.exe>\" TargetHandle=\"0x30000\"");
	nt_put_handle(guest, fixture->process, 0x44, 0);
	told_new_handle(fixture, 0x24, "0x24");

	/* the kernel's own handles are the kernel's to use */
	nt_put_handle(guest, &guest->processes[0], 0x48, other->address);
	of_user = g_strdup_printf("SourceProcessHandle=\"%s\" SourceHandle=\"0x24\" "
				  "TargetProcessHandle=\"NULL\" TargetHandle=\"NULL\"",
				  number);
	told_duplicate(fixture, kernel, 0x24, 0, of_user);
	services_put_mode(fixture, 0);
	CALL(fixture, "NtDuplicateObject", kernel, 0x24, 0, 0, 0, 0, 0);
	of_kernel = observer_take(&fixture->observer);
	assert_non_null(strstr(of_kernel, " SourceHandle=\"0x24<Event:the other's>\" "));
}

static void test_duplicates_of_nobody(void **state)
{
	(void)state;
	on_duplicates(duplicates_of_nobody);
}

/* Long names ------------------------------------------------------------------------------------*/

/** A name fills what it is given, and is cut there; an object's type always has its place. */
static void long_names(struct services_fixture *fixture)
{
	g_autofree char *name = g_strnfill(8000, 'n'), *told = NULL;

	nt_put_handle(&fixture->guest, fixture->process, 0x24, make_event(fixture, name));
	CALL(fixture, "NtClose", 0x24);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "Handle=\"0x24<Event:nnn"));
	assert_true(g_str_has_suffix(told, "nnn...>\"\n"));
	assert_in_range(strlen(told), 4096, 4096 + 300);
}

static void test_long_names(void **state)
{
	(void)state;
	services_on_both(long_names);
}

/* Handles that are filled in --------------------------------------------------------------------*/

static void new_handles(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;

	services_write_word(fixture, USER, 0x24); /* what was there before says nothing */
	nt_put_handle(guest, fixture->process, 0x24, make_event(fixture, "old"));
	nt_put_handle(guest, fixture->process, 0x28, make_event(fixture, "new"));
	CALL(fixture, "NtOpenKey", USER, 0, 0);
	services_told_arguments(fixture, "KeyHandle=\"0x30000\" DesiredAccess=\"0\" "
					 "ObjectAttributes=\"NULL\"\n");
	services_write_word(fixture, USER, 0x28);
	services_return(fixture, 0);
	services_told_results(fixture, "KeyHandle=\"0x28<Event:new>\"\n");

	/* nothing is at the pointer */
	CALL(fixture, "NtOpenKey", USER_END, 0, 0);
	g_free(observer_take(&fixture->observer));
	services_return(fixture, 0);
	services_told_results(fixture, "KeyHandle=\"0x33000\"\n");

	/* a handle is as wide as the kernel's words, and must be there whole */
	services_write_word(fixture, USER, guest->is_64 ? UINT64_MAX : UINT32_MAX);
	CALL(fixture, "NtOpenKey", USER, 0, 0);
	g_free(observer_take(&fixture->observer));
	services_return(fixture, 0);
	services_told_results(fixture, "KeyHandle=\"NtCurrentProcess\"\n");
	CALL(fixture, "NtOpenKey", USER_END - 2, 0, 0);
	g_free(observer_take(&fixture->observer));
	services_return(fixture, 0);
	services_told_results(fixture, "KeyHandle=\"0x32ffe\"\n");
}

static void test_new_handles(void **state)
{
	(void)state;
	services_on_both(new_handles);
}

/* OBJECT_ATTRIBUTES -----------------------------------------------------------------------------*/

/** Length, RootDirectory, ObjectName, Attributes: a word each (ntdef.h). */
static void write_attributes(struct services_fixture *fixture, uint64_t address, uint64_t root,
			     uint64_t name, uint32_t attributes)
{
	unsigned word = services_word(fixture);

	services_write_word(fixture, address, 6 * word);
	services_write_word(fixture, address + word, root);
	services_write_word(fixture, address + 2 * word, name);
	/* behind 32 bits of them there may be anything */
	services_write_word(fixture, address + 3 * word, RUBBISH | attributes);
}

/** A service that opens with attributes tells them so. */
static void told_attributes(struct services_fixture *fixture, uint64_t attributes, const char *text)
{
	CALL(fixture, "NtOpenKey", 0, 0, attributes);
	services_told_arguments(
		fixture, "KeyHandle=\"NULL\" DesiredAccess=\"0\" ObjectAttributes=\"%s\"\n", text);
	nt_return(&fixture->guest, 0, 0);
	g_free(observer_take(&fixture->observer));
}

static void attributes(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;

	services_write_string(fixture, NAME, TEXT, "\\Registry\\Machine");
	write_attributes(fixture, ATTRIBUTES, 0, NAME, 0x40);
	told_attributes(fixture, ATTRIBUTES, "\\\\Registry\\\\Machine");
	write_attributes(fixture, ATTRIBUTES, 0, NAME, 0x2 | 0x200);
	told_attributes(fixture, ATTRIBUTES,
			"\\\\Registry\\\\Machine (OBJ_INHERIT|OBJ_KERNEL_HANDLE)");
	write_attributes(fixture, ATTRIBUTES, 0, 0, 0);
	told_attributes(fixture, ATTRIBUTES, "");

	/* below another object, which has a name, or none, or is not there */
	services_write_string(fixture, NAME, TEXT, "k\xc3\xa9y");
	write_attributes(fixture, ATTRIBUTES, 0x24, NAME, 0);
	told_attributes(fixture, ATTRIBUTES, "<0x24>\\\\k\xc3\xa9y");
	nt_put_handle(guest, fixture->process, 0x24, make_event(fixture, NULL));
	told_attributes(fixture, ATTRIBUTES, "<0x24>\\\\k\xc3\xa9y");
	nt_put_handle(guest, fixture->process, 0x24, make_event(fixture, "\\Root"));
	told_attributes(fixture, ATTRIBUTES, "\\\\Root\\\\k\xc3\xa9y");
	write_attributes(fixture, ATTRIBUTES, 0x24, 0, 0);
	told_attributes(fixture, ATTRIBUTES, "\\\\Root");
	nt_put_handle(guest, fixture->process, 0x24,
		      nt_make_key(guest, nt_key_level(guest, 0, "REGISTRY")));
	told_attributes(fixture, ATTRIBUTES, "\\\\REGISTRY");
}

static void test_attributes(void **state)
{
	(void)state;
	services_on_both(attributes);
}

/** The name has its place, however long that of the root is. */
static void long_roots(struct services_fixture *fixture)
{
	g_autofree char *root = g_strnfill(20000, 'r'), *told = NULL;

	nt_put_handle(&fixture->guest, fixture->process, 0x24, make_event(fixture, root));
	services_write_string(fixture, NAME, TEXT, "name");
	write_attributes(fixture, ATTRIBUTES, 0x24, NAME, 0);
	CALL(fixture, "NtOpenKey", 0, 0, ATTRIBUTES);
	told = observer_take(&fixture->observer);
	assert_true(g_str_has_suffix(told, "rrr\\\\name...\"\n"));
	assert_in_range(strlen(told), 4000, 4400);
}

static void test_long_roots(void **state)
{
	(void)state;
	services_on_both(long_roots);
}

/** Structure, string and text may be paged out, each by itself: then the pointer alone is told. */
static void unreadable_attributes(struct services_fixture *fixture)
{
	write_attributes(fixture, ATTRIBUTES, 0, USER_END, 0);
	told_attributes(fixture, ATTRIBUTES, "0x30000");
	told_attributes(fixture, USER_END, "0x33000");
	told_attributes(fixture, USER_END - services_word(fixture),
			fixture->guest.is_64 ? "0x32ff8" : "0x32ffc");
	services_write_string(fixture, NAME, TEXT, "name");
	services_write_word(fixture, NAME + nt_offset(&fixture->guest, "_UNICODE_STRING.Buffer"),
			    USER_END);
	write_attributes(fixture, ATTRIBUTES, 0, NAME, 0);
	told_attributes(fixture, ATTRIBUTES, "0x30000");
}

static void test_unreadable_attributes(void **state)
{
	(void)state;
	services_on_both(unreadable_attributes);
}

/* What was not there yet ------------------------------------------------------------------------*/

/** It was paged out at the entry: the call's end tells it, even if the call has failed. */
static void read_again(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;

	CALL(fixture, "NtLoadDriver", USER_END);
	services_told_arguments(fixture, "DriverServiceName=\"0x33000\"\n");
	nt_map_user(guest, fixture->process, USER_END, MOCK_PAGE);
	services_write_string(fixture, USER_END, USER_END + 0x100, "\\Registry\\driver");
	services_return(fixture, STATUS_ACCESS_DENIED);
	services_told_results(fixture, "DriverServiceName=\"\\\\Registry\\\\driver\"\n");

	/* it is told once */
	CALL(fixture, "NtLoadDriver", USER_END);
	services_told_arguments(fixture, "DriverServiceName=\"\\\\Registry\\\\driver\"\n");
	services_return(fixture, STATUS_ACCESS_DENIED);
	services_told_results(fixture, "\n");
}

static void test_read_again(void **state)
{
	(void)state;
	services_on_both(read_again);
}

/** What says how long it is was paged out as well. */
static void read_length_again(struct services_fixture *fixture)
{
	static const uint32_t privileges[] = { 1, 20, 0, 2 }; /* a count, a LUID, its attributes */

	CALL(fixture, "NtAdjustPrivilegesToken", 4, 0, USER_END, 0, 0, 0);
	services_told_arguments(fixture, "TokenHandle=\"0x4\" DisableAllPrivileges=\"FALSE\" "
					 "NewState=\"0x33000\" BufferLength=\"0\" "
					 "PreviousState=\"NULL\" ReturnLength=\"NULL\"\n");
	nt_map_user(&fixture->guest, fixture->process, USER_END, MOCK_PAGE);
	nt_write_user(&fixture->guest, fixture->process, USER_END, privileges, sizeof(privileges));
	services_return(fixture, 0);
	services_told_results(fixture, "NewState=\"[SE_DEBUG_PRIVILEGE=SE_PRIVILEGE_ENABLED]\"\n");
}

static void test_read_length_again(void **state)
{
	(void)state;
	services_on_both(read_length_again);
}

/** At the return the thread is in another process's memory: no argument is there. */
static void another_space(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	struct nt_process *other =
		nt_process(guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");
	struct nt_process *first = fixture->process;

	fixture->process = other;
	nt_map_user(guest, other, USER, USER_SIZE + MOCK_PAGE);
	services_write_string(fixture, USER_END, USER_END + 0x100, "the other's");
	services_write_word(fixture, USER, 0x55);
	fixture->process = first;
	CALL(fixture, "NtLoadDriver", USER_END);
	CALL(fixture, "NtOpenKey", USER, 0, 0);
	g_free(observer_take(&fixture->observer));
	nt_attach(guest, first, other);
	services_return(fixture, 0);
	services_return(fixture, 0);
	services_told_results(fixture, "\n\n");
}

static void test_another_space(void **state)
{
	(void)state;
	services_on_both(another_space);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handles),
		cmocka_unit_test(test_pseudo_handles),
		cmocka_unit_test(test_kernel_handles),
		cmocka_unit_test(test_handles_while_attached),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_duplicates_of_nobody),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_new_handles),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_long_roots),
		cmocka_unit_test(test_unreadable_attributes),
		cmocka_unit_test(test_read_again),
		cmocka_unit_test(test_read_length_again),
		cmocka_unit_test(test_another_space),
	};

	return cmocka_run_group_tests_name("services_arguments", tests, NULL, NULL);
}
