/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows' handle tables, in all forms that their entries have had, and object types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#include "windows_found.h"

static uint64_t make_event(struct found *found)
{
	return nt_make_object(&found->guest, nt_type(&found->guest, "Event", "Even"), 64);
}

/** The object that the process's handle leads to; 0: none. */
static uint64_t look_up(struct found *found, uint64_t handle)
{
	uint64_t object = 0x55;

	return wv_windows_handle(found->windows, &found->space, found->process->address, handle,
				 &object)
		       ? object
		       : 0;
}

/** How many handles a table of that many levels has. */
static uint64_t room_of(struct found *found, unsigned levels)
{
	uint64_t room = MOCK_PAGE / nt_size(&found->guest, "_HANDLE_TABLE_ENTRY");

	for (unsigned i = 1; i < levels; i++)
		room *= MOCK_PAGE / (found->guest.is_64 ? 8 : 4);
	return room;
}

static void check_level(struct found *found, unsigned levels)
{
	uint64_t object = make_event(found), other = make_event(found);
	uint64_t room = room_of(found, levels), smaller = room_of(found, levels - 1);
	const uint64_t indices[] = { 1, 2, smaller, smaller + 1, room / 2 + 7, room - 1 };

	nt_make_handles(&found->guest, found->process, levels);
	for (size_t i = 0; i < G_N_ELEMENTS(indices); i++) {
		uint64_t handle = indices[i] * 4;

		if (indices[i] >= room)
			continue;
		nt_put_handle(&found->guest, found->process, handle, i & 1 ? other : object);
		assert_int_equal(look_up(found, handle), i & 1 ? other : object);
		/* the two low bits are the program's own */
		assert_int_equal(look_up(found, handle + 3), i & 1 ? other : object);
		nt_put_handle(&found->guest, found->process, handle, 0);
		assert_int_equal(look_up(found, handle), 0);
	}
	/* beyond the table */
	assert_int_equal(look_up(found, room * 4), 0);
	assert_int_equal(look_up(found, room * 8 + 4), 0);
	assert_int_equal(look_up(found, 0x7ffffffc), 0);
}

static void test_levels(void **state)
{
	struct found *found = *state;

	for (unsigned levels = 1; levels <= 3; levels++)
		check_level(found, levels);
}

static void test_no_handle(void **state)
{
	struct found *found = *state;
	uint64_t object = make_event(found);
	uint64_t entry_0 = nt_handle_entry(&found->guest, found->process, 0);

	/* an entry that is not free where no handle is */
	nt_put_handle(&found->guest, found->process, 4, object);
	memcpy(nt_at(&found->guest, entry_0),
	       nt_at(&found->guest, nt_handle_entry(&found->guest, found->process, 4)), 8);
	for (uint64_t handle = 0; handle < 4; handle++)
		assert_int_equal(look_up(found, handle), 0);
	assert_int_equal(look_up(found, 8), 0);
	assert_int_equal(look_up(found, found->guest.is_64 ? UINT64_MAX - 1 : 0xfffffffe), 0);
	assert_false(wv_windows_handle(found->windows, &found->space, 0, 4, &object));
	assert_false(wv_windows_handle(found->windows, &found->space, 0x1000, 4, &object));
	nt_put(&found->guest, found->process->address, "_EPROCESS.ObjectTable", 0);
	assert_int_equal(look_up(found, 4), 0);
}

/** NtCurrentProcess() is in no table. */
static void test_current_process(void **state)
{
	struct found *found = *state;

	assert_int_equal(look_up(found, found->guest.is_64 ? UINT64_MAX : UINT32_MAX),
			 found->process->address);
}

/** The kernel's own handles are in System's table, whoever uses them. */
static void test_kernel_handles(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t bits = guest->is_64 ? UINT64_C(0xffffffff80000000) : 0x80000000;
	uint64_t ours = make_event(found), kernels = make_event(found);

	nt_put_handle(guest, found->process, 0x24, ours);
	nt_put_handle(guest, &guest->processes[0], 0x24, kernels);
	assert_int_equal(look_up(found, 0x24), ours);
	assert_int_equal(look_up(found, bits | 0x24), kernels);
	assert_int_equal(look_up(found, bits), 0);
	if (guest->is_64) /* of 32 bits, and not sign-extended: just beyond the table */
		assert_int_equal(look_up(found, UINT64_C(0x80000024)), 0);
	nt_write_pointer(guest, nt_symbol(guest, "PsInitialSystemProcess"), 0);
	assert_int_equal(look_up(found, bits | 0x24), 0);
}

/** A table code, or a table, that leads anywhere: no handle, and nothing of user mode's memory. */
static void test_hostile_tables(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t object = make_event(found);
	uint64_t user = found->process->peb, gap = nt_pages(guest, 1) + MOCK_PAGE, table, code,
		 leaf;

	nt_make_handles(guest, found->process, 2);
	nt_put_handle(guest, found->process, 4, object);
	table = nt_get(guest, found->process->address, "_EPROCESS.ObjectTable");
	code = nt_get(guest, table, "_HANDLE_TABLE.TableCode");

	/* what a program may have made to look like a table */
	nt_write_user(guest, found->process, user,
		      nt_at(guest, nt_handle_entry(guest, found->process, 0)), 64);

	const uint64_t codes[] = { code | 3,  0,   1,	    2,		user,
				   user | 1,  gap, gap | 1, UINT64_MAX, ~UINT64_C(3),
				   object | 2 };

	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
		nt_put(guest, table, "_HANDLE_TABLE.TableCode", codes[i]);
		assert_int_equal(look_up(found, 4), 0);
		assert_int_equal(look_up(found, 0x7ffffffc), 0);
	}
	nt_put(guest, table, "_HANDLE_TABLE.TableCode", code);
	assert_int_equal(look_up(found, 4), object);
	nt_write_pointer(guest, code & ~UINT64_C(3), user);
	assert_int_equal(look_up(found, 4), 0);
	/* a program's table between two of the kernel's */
	nt_make_handles(guest, found->process, 1);
	nt_put_handle(guest, found->process, 4, object);
	table = nt_get(guest, found->process->address, "_EPROCESS.ObjectTable");
	leaf = nt_get(guest, table, "_HANDLE_TABLE.TableCode");
	nt_write_user(guest, found->process, user, &leaf, guest->is_64 ? 8 : 4);
	nt_put(guest, table, "_HANDLE_TABLE.TableCode", (code & ~UINT64_C(3)) | 2);
	assert_int_equal(look_up(found, 4), 0);
	nt_put(guest, found->process->address, "_EPROCESS.ObjectTable", gap);
	assert_int_equal(look_up(found, 4), 0);
}

/** A table's neighbour in memory is no part of it; no table has four levels. */
static void test_neighbours(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t object = make_event(found), pointer = guest->is_64 ? 8 : 4;
	uint64_t table, leaf, pair = nt_pages(guest, 2), second = pair + MOCK_PAGE;

	nt_make_handles(guest, found->process, 1);
	nt_put_handle(guest, found->process, 4, object);
	table = nt_get(guest, found->process->address, "_EPROCESS.ObjectTable");
	leaf = nt_get(guest, table, "_HANDLE_TABLE.TableCode");

	/* behind a table of entries */
	nt_write(guest, second, nt_at(guest, leaf), MOCK_PAGE);
	nt_put(guest, table, "_HANDLE_TABLE.TableCode", pair);
	assert_int_equal(look_up(found, (room_of(found, 1) + 1) * 4), 0);
	/* behind a table of pointers */
	nt_write_pointer(guest, second, leaf);
	nt_put(guest, table, "_HANDLE_TABLE.TableCode", pair | 1);
	assert_int_equal(look_up(found, (room_of(found, 2) + 1) * 4), 0);
	nt_put(guest, table, "_HANDLE_TABLE.TableCode", second | 1);
	assert_int_equal(look_up(found, 4), object);
	/* a fourth level above three */
	nt_write_pointer(guest, pair + 2 * pointer, second);
	nt_write_pointer(guest, pair, pair + 2 * pointer);
	nt_put(guest, table, "_HANDLE_TABLE.TableCode", pair | 3);
	assert_int_equal(look_up(found, 4), 0);
}

/** An entry that leads into user mode's half is no handle. */
static void test_hostile_entries(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;

	nt_put_handle(guest, found->process, 4,
		      found->process->peb + nt_offset(guest, "_OBJECT_HEADER.Body"));
	assert_int_equal(look_up(found, 4), 0);
}

/* Entries as other builds have them -------------------------------------------------------------*/

/** A copy of a build's profile in which an entry's bit field is another one. */
static char *write_profile(const char *build, const char *type, unsigned shift, unsigned bits)
{
	g_autofree char *from =
		g_strdup_printf(WV_SOURCE_ROOT "/tests/guests/nt/layouts/%s.json", build);
	g_autofree char *member = g_strdup_printf(
		"\"_HANDLE_TABLE_ENTRY\":{\"fields\": {"
		"\"Unlocked\": {\"offset\": 0, \"type\": {\"kind\": \"bitfield\", "
		"\"bit_position\": 0, \"bit_length\": 1, "
		"\"type\": {\"kind\": \"base\", \"name\": \"%s\"}}}, "
		"\"Attributes\": {\"offset\": 0, \"type\": {\"kind\": \"bitfield\", "
		"\"bit_position\": 1, \"bit_length\": 2, "
		"\"type\": {\"kind\": \"base\", \"name\": \"%s\"}}}, "
		"\"ObjectPointerBits\": {\"offset\": 0, \"type\": {\"kind\": \"bitfield\", "
		"\"bit_position\": %u, \"bit_length\": %u, "
		"\"type\": {\"kind\": \"base\", \"name\": \"%s\"}}}}, "
		"\"kind\": \"struct\", \"size\": %u}, \"_WAS\":{",
		type, type, shift, bits, type, strstr(build, "x86") ? 8 : 16);
	g_autofree char *text = NULL, *to = NULL;
	g_autoptr(GString) changed = NULL;
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("entry-XXXXXX.json", &to, &error);

	assert_true(fd >= 0 && g_close(fd, NULL));
	assert_true(g_file_get_contents(from, &text, NULL, NULL));
	changed = g_string_new(text);
	assert_int_equal(g_string_replace(changed, "\"_HANDLE_TABLE_ENTRY\":{", member, 0), 1);
	assert_true(g_file_set_contents(to, changed->str, -1, NULL));
	return g_steal_pointer(&to);
}

/**
 * Windows 8 has 41 bits at 23 (its kernel's half had 44), 8.1 and newer have 44 at 20, kernels of
 * tables with 5 levels 53 at 11; on 32 bits it is 29 at 3.
 */
static void test_entry_forms(void **state)
{
	static const struct {
		const char *build, *type;
		unsigned shift, bits;
	} forms[] = {
		{ NT_WINDOWS_7, "unsigned long long", 23, 41 },
		{ NT_WINDOWS_7, "unsigned long long", 20, 44 },
		{ NT_WINDOWS_10, "unsigned long long", 11, 53 },
		{ NT_WINDOWS_7_X86, "unsigned long", 3, 29 },
	};
	struct found *found = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		g_autofree char *path =
			write_profile(forms[i].build, forms[i].type, forms[i].shift, forms[i].bits);

		found_use_profile(found, path);
		g_unlink(path);
		assert_true(nt_has(&found->guest, "_HANDLE_TABLE_ENTRY.ObjectPointerBits"));
		for (unsigned levels = 1; levels <= 3; levels++)
			check_level(found, levels);
		test_hostile_entries(state);
	}
}

/** An entry whose number is written here as a debugger shows it (8.1 and newer). */
static void test_entry_by_hand(void **state)
{
	struct found *found = *state;
	const uint64_t low = UINT64_C(0xbf8eaaee9430ffff); /* Unlocked, RefCnt 0x7fff */
	const uint64_t inherited = low | UINT64_C(7) << 17;
	uint64_t entry = nt_handle_entry(&found->guest, found->process, 4);

	nt_write(&found->guest, entry, &low, sizeof(low));
	assert_int_equal(look_up(found, 4), UINT64_C(0xffffbf8eaaee9430) + 0x30);
	nt_write(&found->guest, entry, &inherited, sizeof(inherited));
	assert_int_equal(look_up(found, 4), UINT64_C(0xffffbf8eaaee9430) + 0x30);
}

/* Types -----------------------------------------------------------------------------------------*/

static void assert_type(struct found *found, uint64_t object, uint64_t type, const char *name,
			const char *key)
{
	char text[64], tag[4];
	size_t size = sizeof(text);
	bool truncated;
	uint64_t read;
	uint32_t number;

	assert_true(wv_windows_object_type(found->windows, &found->space, object, &read));
	assert_int_equal(read, type);
	assert_true(wv_windows_type_key(found->windows, &found->space, type, &number));
	memcpy(tag, &number, sizeof(tag));
	assert_memory_equal(tag, key, 4);
	assert_true(
		wv_windows_type_name(found->windows, &found->space, type, text, &size, &truncated));
	assert_int_equal(size, strlen(name));
	assert_memory_equal(text, name, size);
	assert_false(truncated);
}

static void test_types(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t file = nt_type(guest, "File", "File"), mutant = nt_type(guest, "Mutant", "Muta");

	/* at many addresses: one byte of it hides the index */
	for (unsigned i = 0; i < 300; i++) {
		uint64_t type = i & 1 ? file : mutant;

		assert_type(found, nt_make_object(guest, type, 0x110), type,
			    i & 1 ? "File" : "Mutant", i & 1 ? "File" : "Muta");
	}
	assert_int_equal(nt_get(guest,
				found->process->address - nt_offset(guest, "_OBJECT_HEADER.Body"),
				"_OBJECT_HEADER.InfoMask"),
			 0);
}

static void test_hostile_types(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t gap = nt_pages(guest, 1) + MOCK_PAGE, event = make_event(found), type;
	char text[8];
	size_t size = sizeof(text);
	bool truncated;
	uint32_t key;

	assert_false(wv_windows_object_type(found->windows, &found->space, 0, &type));
	assert_false(wv_windows_object_type(found->windows, &found->space, 8, &type));
	assert_false(wv_windows_object_type(found->windows, &found->space, gap + 0x30, &type));
	/* a type that is not there is still told, as the address that it is */
	nt_write_pointer(guest,
			 nt_symbol(guest, "ObTypeIndexTable") +
				 (NT_FIRST_TYPE + 3) * (guest->is_64 ? 8 : 4),
			 gap);
	assert_true(wv_windows_object_type(found->windows, &found->space, event, &type));
	assert_int_equal(type, gap);
	assert_false(wv_windows_type_key(found->windows, &found->space, gap, &key));
	assert_false(
		wv_windows_type_name(found->windows, &found->space, gap, text, &size, &truncated));
	assert_false(wv_windows_type_key(found->windows, &found->space, 0, &key));
	assert_false(
		wv_windows_type_name(found->windows, &found->space, 0, text, &size, &truncated));
	nt_write_pointer(guest,
			 nt_symbol(guest, "ObTypeIndexTable") +
				 (NT_FIRST_TYPE + 3) * (guest->is_64 ? 8 : 4),
			 0);
	assert_false(wv_windows_object_type(found->windows, &found->space, event, &type));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_levels),
		ON_EACH_BUILD(test_no_handle),
		ON_EACH_BUILD(test_current_process),
		ON_EACH_BUILD(test_kernel_handles),
		ON_EACH_BUILD(test_hostile_tables),
		ON_EACH_BUILD(test_neighbours),
		ON_EACH_BUILD(test_hostile_entries),
		ON_BUILD(test_entry_forms, NT_WINDOWS_10),
		ON_BUILD(test_entry_by_hand, NT_WINDOWS_10),
		ON_EACH_BUILD(test_types),
		ON_EACH_BUILD(test_hostile_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
