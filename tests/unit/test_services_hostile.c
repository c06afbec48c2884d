/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: arguments that are made to mislead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "services_fixture.h"

/** In the process's memory: a structure, the string in it, and that one's text. */
#define STRUCTURE USER
#define STRING	  (USER + 0x100)
#define TEXT	  (USER + 0x200)

static void write_bytes(struct services_fixture *fixture, uint64_t address, const void *bytes,
			size_t size)
{
	nt_write_user(&fixture->guest, fixture->process, address, bytes, size);
}

/** A UNICODE_STRING with lengths, in bytes, and a Buffer of the test's own. */
static void write_string(struct services_fixture *fixture, uint64_t address, uint16_t length,
			 uint16_t maximum, uint64_t buffer)
{
	const uint16_t lengths[2] = { length, maximum };

	write_bytes(fixture, address, lengths, sizeof(lengths));
	services_write_word(fixture, address + services_word(fixture), buffer);
}

/** OBJECT_ATTRIBUTES, in words (ntdef.h). */
static void write_attributes(struct services_fixture *fixture, uint64_t address, uint64_t root,
			     uint64_t name)
{
	unsigned word = services_word(fixture);

	services_write_word(fixture, address, 6 * word);
	services_write_word(fixture, address + word, root);
	services_write_word(fixture, address + 2 * word, name);
	services_write_word(fixture, address + 3 * word, 0);
}

/** Calls NtLoadDriver: how its string is told, at the entry and again at the return, or not. */
static void told_string(struct services_fixture *fixture, uint64_t string, const char *entry,
			const char *result)
{
	CALL(fixture, "NtLoadDriver", string);
	services_told_arguments(fixture, "DriverServiceName=\"%s\"\n", entry);
	services_return(fixture, STATUS_ACCESS_DENIED);
	if (result)
		services_told_results(fixture, "DriverServiceName=\"%s\"\n", result);
	else
		services_told_results(fixture, "\n");
}

/** The same of NtOpenKey's attributes. */
static void told_attributes(struct services_fixture *fixture, uint64_t attributes,
			    const char *entry, const char *result)
{
	CALL(fixture, "NtOpenKey", 0, 0, attributes);
	services_told_arguments(
		fixture, "KeyHandle=\"NULL\" DesiredAccess=\"0\" ObjectAttributes=\"%s\"\n", entry);
	services_return(fixture, STATUS_ACCESS_DENIED);
	if (result)
		services_told_results(fixture, "ObjectAttributes=\"%s\"\n", result);
	else
		services_told_results(fixture, "\n");
}

/* UNICODE_STRING --------------------------------------------------------------------------------*/

static void lengths(struct services_fixture *fixture)
{
	write_bytes(fixture, TEXT, "a\0b\0c\0d", 8);
	write_string(fixture, STRING, 7, 8, TEXT); /* half of a character is none */
	told_string(fixture, STRING, "abc", NULL);
	write_string(fixture, STRING, 1, 8, TEXT);
	told_string(fixture, STRING, "", NULL);
	write_string(fixture, STRING, 8, 2, TEXT); /* the kernel does not look at the maximum */
	told_string(fixture, STRING, "abcd", NULL);
	write_string(fixture, STRING, 0, 0xffff, USER_END);
	told_string(fixture, STRING, "", NULL);
}

static void test_lengths(void **state)
{
	(void)state;
	services_on_both(lengths);
}

/** Its text is the structure itself: as long as it says, and no longer. */
static void its_own_text(struct services_fixture *fixture)
{
	g_autofree char *told = NULL;

	write_string(fixture, STRING, 4, 0x41, STRING);
	told_string(fixture, STRING, "\\x04A", NULL);
	write_string(fixture, STRING, 0xfffe, 0xfffe, STRING);
	CALL(fixture, "NtLoadDriver", STRING);
	told = observer_take(&fixture->observer);
	assert_true(g_str_has_suffix(told, "...\"\n"));
	assert_in_range(strlen(told), 8192, 8192 * 7);
}

static void test_its_own_text(void **state)
{
	(void)state;
	services_on_both(its_own_text);
}

/** The text goes on where nothing is: it is told as far as it is there, and whole when it is. */
static void text_at_the_end(struct services_fixture *fixture)
{
	static const char end[] = { 'e', 0, 'n', 0, 'd', 0 };

	write_bytes(fixture, USER_END - 6, end, 6);
	write_string(fixture, STRING, 0xfffe, 0xfffe, USER_END - 6);
	told_string(fixture, STRING, "end...", "end...");
	write_string(fixture, STRING, 10, 10, USER_END - 6);
	CALL(fixture, "NtLoadDriver", STRING);
	services_told_arguments(fixture, "DriverServiceName=\"end...\"\n");
	nt_map_user(&fixture->guest, fixture->process, USER_END, MOCK_PAGE);
	write_bytes(fixture, USER_END, "e\0d", 4);
	services_return(fixture, 0);
	services_told_results(fixture, "DriverServiceName=\"ended\"\n");
}

static void test_text_at_the_end(void **state)
{
	(void)state;
	services_on_both(text_at_the_end);
}

/* OBJECT_ATTRIBUTES -----------------------------------------------------------------------------*/

static void their_own_name(struct services_fixture *fixture)
{
	unsigned word = services_word(fixture);

	/* as a UNICODE_STRING: the Length is its own, the Buffer is RootDirectory */
	write_attributes(fixture, STRUCTURE, TEXT, STRUCTURE);
	write_bytes(fixture, TEXT,
		    "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0p\0q\0r\0s\0t\0u\0"
		    "v\0w\0x",
		    48);
	told_attributes(fixture, STRUCTURE,
			word == 8 ? "<0x30200>\\\\abcdefghijklmnopqrstuvwx"
				  : "<0x30200>\\\\abcdefghijkl",
			NULL);
}

static void test_their_own_name(void **state)
{
	(void)state;
	services_on_both(their_own_name);
}

/** The root is the handle that the call is about to make: at the entry it leads nowhere. */
static void opened_below_itself(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t type = nt_type(guest, "Event", "Even");

	services_write_string(fixture, STRING, TEXT, "name");
	write_attributes(fixture, STRUCTURE, 0x24, STRING);
	services_write_word(fixture, USER + 0x80, 0x24);
	CALL(fixture, "NtOpenKey", USER + 0x80, 0, STRUCTURE);
	services_told_arguments(fixture, "KeyHandle=\"0x30080\" DesiredAccess=\"0\" "
					 "ObjectAttributes=\"<0x24>\\\\name\"\n");
	nt_put_handle(guest, fixture->process, 0x24,
		      nt_make_named_object(guest, type, 64, "itself", true));
	services_return(fixture, 0);
	services_told_results(fixture, "KeyHandle=\"0x24<Event:itself>\"\n");
}

static void test_opened_below_itself(void **state)
{
	(void)state;
	services_on_both(opened_below_itself);
}

/** The end of the name comes later; that of its root is the kernel's, and there or not at once. */
static void name_at_the_end(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t type = nt_type(guest, "Event", "Even");

	nt_put_handle(guest, fixture->process, 0x24,
		      nt_make_named_object(guest, type, 64, "root", true));
	write_bytes(fixture, USER_END - 4, "a\0b", 4);
	write_string(fixture, STRING, 8, 8, USER_END - 4);
	write_attributes(fixture, STRUCTURE, 0x24, STRING);
	CALL(fixture, "NtOpenKey", 0, 0, STRUCTURE);
	services_told_arguments(fixture, "KeyHandle=\"NULL\" DesiredAccess=\"0\" "
					 "ObjectAttributes=\"root\\\\ab...\"\n");
	nt_map_user(guest, fixture->process, USER_END, MOCK_PAGE);
	write_bytes(fixture, USER_END, "c\0d", 4);
	services_return(fixture, 0);
	services_told_results(fixture, "ObjectAttributes=\"root\\\\abcd\"\n");
}

static void test_name_at_the_end(void **state)
{
	(void)state;
	services_on_both(name_at_the_end);
}

/** One that is too long for its room is cut: that is no reason to tell it twice. */
static void cut_for_good(struct services_fixture *fixture)
{
	g_autofree char *text = g_strnfill(9000, 'n'), *told = NULL;

	nt_map_user(&fixture->guest, fixture->process, USER_END, 8 * MOCK_PAGE);
	services_write_string(fixture, STRING, USER_END, text);
	CALL(fixture, "NtLoadDriver", STRING);
	told = observer_take(&fixture->observer);
	assert_true(g_str_has_suffix(told, "nnn...\"\n"));
	services_return(fixture, 0);
	services_told_results(fixture, "\n");
}

static void test_cut_for_good(void **state)
{
	(void)state;
	services_on_both(cut_for_good);
}

/* The kernel's memory ---------------------------------------------------------------------------*/

static char *hex(uint64_t number)
{
	return g_strdup_printf("0x%" G_GINT64_MODIFIER "x", number);
}

/** A program's pointer into the kernel's half is told as it is; a pointer of the kernel's leads. */
static void kernel_strings(struct services_fixture *fixture)
{
	uint64_t secret = nt_string(&fixture->guest, "secret");
	g_autofree char *pointer = hex(secret);
	uint64_t buffer = nt_get(&fixture->guest, secret, "_UNICODE_STRING.Buffer");

	told_string(fixture, secret, pointer, NULL);
	write_string(fixture, STRING, 12, 12, buffer);
	told_string(fixture, STRING, "0x30100", "0x30100");
	/* of an empty one nobody looks at the text */
	write_string(fixture, STRING, 0, 0, buffer);
	told_string(fixture, STRING, "", NULL);
	write_string(fixture, STRING, 12, 12, buffer);
	services_put_mode(fixture, 0);
	for (unsigned i = 0; i < 2; i++) {
		g_autofree char *told = NULL;

		CALL(fixture, "NtLoadDriver", i ? secret : STRING);
		told = observer_take(&fixture->observer);
		assert_true(g_str_has_suffix(told, " DriverServiceName=\"secret\"\n"));
		services_return(fixture, 0);
		services_told_results(fixture, "\n");
	}
}

static void test_kernel_strings(void **state)
{
	(void)state;
	services_on_both(kernel_strings);
}

static void kernel_attributes(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t secret = nt_string(guest, "secret");
	uint64_t buffer = nt_get(guest, secret, "_UNICODE_STRING.Buffer");
	uint64_t own = nt_object(guest, nt_size(guest, "_OBJECT_ATTRIBUTES"));
	g_autofree char *pointer = hex(own), *told = NULL;

	nt_put(guest, own, "_OBJECT_ATTRIBUTES.ObjectName", secret);
	told_attributes(fixture, own, pointer, NULL);
	write_attributes(fixture, STRUCTURE, 0, secret);
	told_attributes(fixture, STRUCTURE, "0x30000", "0x30000");
	/* of the string the kernel's half has only the structure */
	nt_put(guest, secret, "_UNICODE_STRING.Buffer", TEXT);
	told_attributes(fixture, STRUCTURE, "0x30000", "0x30000");
	nt_put(guest, secret, "_UNICODE_STRING.Buffer", buffer);
	services_put_mode(fixture, 0);
	CALL(fixture, "NtOpenKey", 0, 0, own);
	told = observer_take(&fixture->observer);
	assert_true(g_str_has_suffix(told, " ObjectAttributes=\"secret\"\n"));
}

static void test_kernel_attributes(void **state)
{
	(void)state;
	services_on_both(kernel_attributes);
}

static void kernel_bytes(struct services_fixture *fixture)
{
	static const uint8_t system[] = { 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 };
	struct nt_guest *guest = &fixture->guest;
	uint64_t sid = nt_object(guest, sizeof(system));
	g_autofree char *pointer = hex(sid), *told = NULL, *of_kernel = NULL;

	nt_write(guest, sid, system, sizeof(system));
	services_write_word(fixture, STRUCTURE, sid);
	CALL(fixture, "NtDelayExecution", 0, sid);
	services_told_arguments(fixture, "Alertable=\"FALSE\" DelayInterval=\"%s\"\n", pointer);
	services_return(fixture, 0);
	services_told_results(fixture, "\n");
	CALL(fixture, "NtCreateToken", 0, 0, 0, 1, 0, 0, STRUCTURE, 0, 0, 0, 0, 0, 0);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, " User=\"0x30000\" "));
	services_return(fixture, 0);
	services_told_results(fixture, "\n");
	services_put_mode(fixture, 0);
	CALL(fixture, "NtCreateToken", 0, 0, 0, 1, 0, 0, STRUCTURE, 0, 0, 0, 0, 0, 0);
	of_kernel = observer_take(&fixture->observer);
	assert_non_null(strstr(of_kernel, " User=\"S-1-5-18\" "));
}

static void test_kernel_bytes(void **state)
{
	(void)state;
	services_on_both(kernel_bytes);
}

/** What a call would fill in there it does not: it fails. If it claims to have, that is not told.
 */
static void kernel_results(struct services_fixture *fixture)
{
	uint64_t handle = nt_object(&fixture->guest, 8);
	g_autofree char *pointer = hex(handle);

	nt_write_pointer(&fixture->guest, handle, 0x55);
	CALL(fixture, "NtOpenKey", handle, 0, 0);
	g_free(observer_take(&fixture->observer));
	services_return(fixture, 0);
	services_told_results(fixture, "KeyHandle=\"%s\"\n", pointer);
	services_put_mode(fixture, 0);
	CALL(fixture, "NtOpenKey", handle, 0, 0);
	g_free(observer_take(&fixture->observer));
	services_return(fixture, 0);
	services_told_results(fixture, "KeyHandle=\"0x55\"\n");
}

static void test_kernel_results(void **state)
{
	(void)state;
	services_on_both(kernel_results);
}

/** The last address of a program's half, and the first that is the kernel's. */
static void border(struct services_fixture *fixture)
{
	static const uint64_t values[2] = { UINT64_C(0x7fffffff), UINT64_C(0x7fffffffffffffff) };
	uint64_t last = values[fixture->guest.is_64];
	g_autofree char *below = hex(last), *above = hex(last + 1);

	/* nothing is there: looked for again at the return, or not at all */
	told_string(fixture, last, below, below);
	told_string(fixture, last + 1, above, NULL);
}

static void test_border(void **state)
{
	(void)state;
	services_on_both(border);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_its_own_text),
		cmocka_unit_test(test_text_at_the_end),
		cmocka_unit_test(test_their_own_name),
		cmocka_unit_test(test_opened_below_itself),
		cmocka_unit_test(test_name_at_the_end),
		cmocka_unit_test(test_cut_for_good),
		cmocka_unit_test(test_kernel_strings),
		cmocka_unit_test(test_kernel_attributes),
		cmocka_unit_test(test_kernel_bytes),
		cmocka_unit_test(test_kernel_results),
		cmocka_unit_test(test_border),
	};

	return cmocka_run_group_tests_name("services_hostile", tests, NULL, NULL);
}
