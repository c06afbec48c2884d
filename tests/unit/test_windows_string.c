/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UNICODE_STRINGs, names of objects, and OBJECT_ATTRIBUTES. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "windows_found.h"

#define GAP "\xef\xbf\xbd" /* U+FFFD */

/** What was read. */
struct text {
	char bytes[4096];
	size_t size;
	bool read, truncated;
};

static void assert_text(const struct text *text, const char *expected, bool truncated)
{
	assert_true(text->read);
	assert_int_equal(text->size, strlen(expected));
	assert_memory_equal(text->bytes, expected, text->size);
	assert_int_equal(text->truncated, truncated);
}

static struct text read_string(struct found *found, uint64_t address, size_t room)
{
	struct text text = { .size = room };

	text.read = wv_windows_string(found->windows, &found->space, address, text.bytes,
				      &text.size, &text.truncated);
	assert_true(text.size <= room);
	return text;
}

/** A string of code units, with a Length of its own. */
static struct text read_units(struct found *found, const uint16_t *units, size_t n_units,
			      uint16_t length)
{
	uint64_t string = nt_object(&found->guest, nt_size(&found->guest, "_UNICODE_STRING"));

	nt_put_units(&found->guest, string, units, n_units, length);
	return read_string(found, string, sizeof(((struct text *)NULL)->bytes));
}

/* UNICODE_STRING --------------------------------------------------------------------------------*/

static void test_string(void **state)
{
	struct found *found = *state;
	static const char *const texts[] = {
		"", "a", "\\Device\\HarddiskVolume2",
		"\xc3\xa9\xd0\x96\xe4\xb8\xad\xf0\x9f\x98\x80", /* 2, 2, 3, and 4 bytes: a pair */
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct text text = read_string(found, nt_string(&found->guest, texts[i]), 100);

		assert_text(&text, texts[i], false);
	}
}

static void test_units(void **state)
{
	struct found *found = *state;
	static const struct {
		uint16_t units[4];
		uint16_t length;
		const char *text;
	} rows[] = {
		{ { 'a', 'b' }, 4, "ab" },
		{ { 'a', 'b' }, 3, "a" }, /* half a code unit */
		{ { 'a', 'b' }, 1, "" },
		{ { 0xd83d, 0xde00 }, 4, "\xf0\x9f\x98\x80" },
		{ { 0xd83d, 0xde00 }, 2, GAP }, /* halves of pairs */
		{ { 0xde00, 'x' }, 4, GAP "x" },
		{ { 0xd83d, 'x' }, 4, GAP "x" },
		{ { 0xd83d, 0xd83d, 0xde00 }, 6, GAP "\xf0\x9f\x98\x80" },
		{ { 0xd83d, 0xde00, 0xde00 }, 6, "\xf0\x9f\x98\x80" GAP },
		{ { 0xde00, 0xd83d }, 4, GAP GAP },
		{ { 0xfffe, 0xffff }, 4, "\xef\xbf\xbe\xef\xbf\xbf" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct text text = read_units(found, rows[i].units, 4, rows[i].length);

		assert_text(&text, rows[i].text, false);
	}
}

/** A NUL is a character like others. */
static void test_nul(void **state)
{
	struct found *found = *state;
	const uint16_t units[] = { 'a', 0, 'b' };
	struct text text = read_units(found, units, 3, 6);

	assert_true(text.read);
	assert_int_equal(text.size, 3);
	assert_memory_equal(text.bytes, "a\0b", 3);
}

/** The room ends the text at a whole character. */
static void test_room(void **state)
{
	struct found *found = *state;
	uint64_t string = nt_string(&found->guest, "a\xe4\xb8\xad\xf0\x9f\x98\x80"); /* 1 + 3 + 4 */
	static const char *const texts[] = {
		"",
		"a",
		"a",
		"a",
		"a\xe4\xb8\xad",
		"a\xe4\xb8\xad",
		"a\xe4\xb8\xad",
		"a\xe4\xb8\xad",
	};

	for (size_t room = 1; room < 8; room++) {
		struct text text = read_string(found, string, room);

		assert_text(&text, texts[room], true);
	}

	struct text whole = read_string(found, string, 8), none = read_string(found, string, 0);

	assert_text(&whole, "a\xe4\xb8\xad\xf0\x9f\x98\x80", false);
	assert_false(none.read);
}

/** A buffer at odd and even places of two pages, of which the second may not be there. */
static void test_pages(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t page = nt_pages(guest, 2), string = nt_string(guest, "");
	uint64_t second = page + MOCK_PAGE;

	for (uint64_t before = 0; before < 8; before++) {
		uint64_t buffer = second - before;

		nt_write(guest, buffer, "a\0b\0c\0d\0", 8);
		nt_put(guest, string, "_UNICODE_STRING.Buffer", buffer);
		nt_put(guest, string, "_UNICODE_STRING.Length", 8);

		struct text text = read_string(found, string, 100);

		assert_text(&text, "abcd", false);
	}
	/* in transition it still is */
	nt_make_transition(guest, &guest->paging, second);
	nt_put(guest, string, "_UNICODE_STRING.Buffer", second - 5);
	nt_write(guest, second - 5, "a\0b\0c\0d\0", 8);

	struct text text = read_string(found, string, 100);

	assert_text(&text, "abcd", false);
	nt_page_out(guest, &guest->paging, second);
	text = read_string(found, string, 100);
	assert_text(&text, "ab", true);
	nt_put(guest, string, "_UNICODE_STRING.Buffer", second - 1);
	text = read_string(found, string, 100);
	assert_false(text.read);
	nt_put(guest, string, "_UNICODE_STRING.Buffer", second);
	text = read_string(found, string, 100);
	assert_false(text.read);
}

/** The longest Length there is: as much as is there, or as there is room for. */
static void test_longest(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t pages = nt_pages(guest, 16), string = nt_string(guest, "");
	struct text text;

	for (unsigned i = 0; i < 16; i++)
		for (unsigned at = 0; at < MOCK_PAGE; at += 2)
			nt_write(guest, pages + i * MOCK_PAGE + at, "x", 2);
	nt_put(guest, string, "_UNICODE_STRING.Length", 0xffff);
	nt_put(guest, string, "_UNICODE_STRING.Buffer", pages);
	text = read_string(found, string, sizeof(text.bytes));
	assert_true(text.read && text.truncated);
	assert_int_equal(text.size, sizeof(text.bytes));

	char *large = g_malloc(WV_WINDOWS_STRING_MAX);
	size_t size = WV_WINDOWS_STRING_MAX;
	bool truncated;

	assert_true(
		wv_windows_string(found->windows, &found->space, string, large, &size, &truncated));
	assert_int_equal(size, 0x7fff);
	assert_false(truncated);
	nt_put(guest, string, "_UNICODE_STRING.Buffer", pages + MOCK_PAGE);
	size = WV_WINDOWS_STRING_MAX;
	assert_true(
		wv_windows_string(found->windows, &found->space, string, large, &size, &truncated));
	assert_int_equal(size, 15 * MOCK_PAGE / 2);
	assert_true(truncated);
	g_free(large);
}

static void test_hostile_strings(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t page = nt_pages(guest, 1), gap = page + MOCK_PAGE, string = nt_string(guest, "ab");
	const uint64_t buffers[] = {
		0, 8, gap, UINT64_MAX, UINT64_MAX - 1, UINT32_MAX, UINT64_C(0x800000000000)
	};
	const uint64_t strings[] = { 0, 8, gap, gap - 1, gap - 2, UINT64_MAX - 3 };

	for (size_t i = 0; i < G_N_ELEMENTS(strings); i++)
		assert_false(read_string(found, strings[i], 100).read);
	for (size_t i = 0; i < G_N_ELEMENTS(buffers); i++) {
		nt_put(guest, string, "_UNICODE_STRING.Length", 4);
		nt_put(guest, string, "_UNICODE_STRING.Buffer", buffers[i]);
		assert_false(read_string(found, string, 100).read);
		/* without a character no buffer is needed */
		nt_put(guest, string, "_UNICODE_STRING.Length", 0);

		struct text text = read_string(found, string, 100);

		assert_text(&text, "", false);
	}
}

/* Names of objects ------------------------------------------------------------------------------*/

static struct text read_name(struct found *found, uint64_t object, size_t room)
{
	struct text text = { .size = room };

	text.read = wv_windows_object_name(found->windows, &found->space, object, text.bytes,
					   &text.size, &text.truncated);
	assert_true(text.size <= room);
	return text;
}

/** The information before an object's header, of nt_make_named_object() without others. */
static uint64_t name_info(struct found *found, uint64_t object)
{
	return object - nt_offset(&found->guest, "_OBJECT_HEADER.Body") -
	       nt_size(&found->guest, "_OBJECT_HEADER_NAME_INFO");
}

static uint64_t make_named(struct found *found, const char *name, uint64_t folder)
{
	uint64_t type = nt_type(&found->guest, "Any", "AnyO");
	uint64_t object = nt_make_named_object(&found->guest, type, 64, name, false);

	nt_put(&found->guest, name_info(found, object), "_OBJECT_HEADER_NAME_INFO.Directory",
	       folder);
	return object;
}

static uint64_t make_file(struct found *found, const char *path)
{
	struct nt_guest *guest = &found->guest;
	uint64_t type = nt_type(guest, "File", "File"), file;

	nt_write_pointer(guest, nt_symbol(guest, "IoFileObjectType"), type);
	file = nt_make_object(guest, type, nt_size(guest, "_FILE_OBJECT"));
	nt_put_string(guest, file + nt_offset(guest, "_FILE_OBJECT.FileName"), path);
	return file;
}

static void test_object_names(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t type = nt_type(guest, "Mutant", "Muta");
	uint64_t root = make_named(found, "\\", 0);
	uint64_t folder = make_named(found, "BaseNamedObjects", root);
	uint64_t mutant = make_named(found, "mine", folder);
	struct text text;

	text = read_name(found, nt_make_named_object(guest, type, 32, "alone", false), 100);
	assert_text(&text, "alone", false);
	text = read_name(found, nt_make_named_object(guest, type, 32, "alone", true), 100);
	assert_text(&text, "alone", false);
	text = read_name(found, root, 100);
	assert_text(&text, "\\", false);
	text = read_name(found, folder, 100);
	assert_text(&text, "\\BaseNamedObjects", false);
	text = read_name(found, mutant, 100);
	assert_text(&text, "\\BaseNamedObjects\\mine", false);
	assert_false(read_name(found, nt_make_object(guest, type, 32), 100).read);
	text = read_name(found, make_file(found, "\\Windows\\a.txt"), 100);
	assert_text(&text, "\\Windows\\a.txt", false);
}

/** Of folders that are too many the outermost are left out. */
static void test_depth(void **state)
{
	struct found *found = *state;
	uint64_t object = make_named(found, "\\", 0);
	g_autoptr(GString) path = g_string_new(NULL);
	struct text text;

	for (unsigned i = 0; i < 15; i++) {
		object = make_named(found, "folder", object);
		g_string_append(path, "\\folder");
	}
	text = read_name(found, object, 1000);
	assert_text(&text, path->str, false);
	g_string_append(path, "\\folder");
	text = read_name(found, make_named(found, "folder", object), 1000);
	assert_text(&text, path->str + 1, false);
}

/** The room ends at any place of the path. */
static void test_room_for_names(void **state)
{
	struct found *found = *state;
	static const char path[] = "\\folder\\name";
	uint64_t object =
		make_named(found, "name", make_named(found, "folder", make_named(found, "\\", 0)));

	for (size_t room = 1; room < strlen(path); room++) {
		struct text text = read_name(found, object, room);

		assert_true(text.read && text.truncated);
		assert_int_equal(text.size, room);
		assert_memory_equal(text.bytes, path, room);
	}

	struct text text = read_name(found, object, strlen(path));

	assert_text(&text, path, false);
}

static void test_hostile_names(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t gap = nt_pages(guest, 1) + MOCK_PAGE;
	uint64_t one = make_named(found, "one", 0), other = make_named(found, "other", one);
	uint64_t info = name_info(found, one);
	struct text text;

	/* folders in a ring: some of it, and an end */
	nt_put(guest, info, "_OBJECT_HEADER_NAME_INFO.Directory", other);
	text = read_name(found, one, sizeof(text.bytes));
	assert_true(text.read && text.size < 100);
	/* folders that are none, or not there */
	const uint64_t folders[] = { gap, found->process->peb, 8, UINT64_MAX, 1 };

	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		nt_put(guest, info, "_OBJECT_HEADER_NAME_INFO.Directory", folders[i]);
		text = read_name(found, other, 100);
		assert_text(&text, "one\\other", false);
	}
	nt_put(guest, info + nt_offset(guest, "_OBJECT_HEADER_NAME_INFO.Name"),
	       "_UNICODE_STRING.Buffer", gap);
	assert_false(read_name(found, one, 100).read);
	assert_false(read_name(found, other, 100).read);

	const uint64_t objects[] = {
		0, 8, gap, gap + 0x30, found->process->peb + 0x100, UINT64_MAX
	};

	for (size_t i = 0; i < G_N_ELEMENTS(objects); i++)
		assert_false(read_name(found, objects[i], 100).read);
}

/* OBJECT_ATTRIBUTES -----------------------------------------------------------------------------*/

static uint64_t make_attributes(struct found *found, uint64_t root, uint64_t name)
{
	struct nt_guest *guest = &found->guest;
	uint64_t attributes = nt_object(guest, nt_size(guest, "_OBJECT_ATTRIBUTES"));

	nt_put(guest, attributes, "_OBJECT_ATTRIBUTES.RootDirectory", root);
	nt_put(guest, attributes, "_OBJECT_ATTRIBUTES.ObjectName", name);
	return attributes;
}

static struct text read_attributes(struct found *found, uint64_t attributes, size_t room)
{
	struct text text = { .size = room };

	text.read =
		wv_windows_attributes_name(found->windows, &found->space, found->process->address,
					   attributes, text.bytes, &text.size, &text.truncated);
	assert_true(text.size <= room);
	return text;
}

static void test_attributes(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t name = nt_string(guest, "name"), empty = nt_string(guest, "");
	uint64_t folder = make_named(found, "Sessions", make_named(found, "\\", 0));
	const struct {
		uint64_t root, name;
		const char *text;
	} rows[] = {
		{ 0, name, "name" },
		{ 0, nt_string(guest, "\\??\\C:\\a.txt"), "\\??\\C:\\a.txt" },
		{ 8, name, "\\Users\\me\\name" },
		{ 8, empty, "\\Users\\me" },
		{ 8, 0, "\\Users\\me" }, /* the folder itself is opened */
		{ 12, name, "\\Sessions\\name" },
		{ 16, name, "name" }, /* what the handle leads to has no name */
		{ 20, name, "name" }, /* there is no such handle */
		{ 0, 0, "" },
		{ 0, empty, "" },
	};

	nt_put_handle(guest, found->process, 8, make_file(found, "\\Users\\me"));
	nt_put_handle(guest, found->process, 12, folder);
	nt_put_handle(guest, found->process, 16,
		      nt_make_object(guest, nt_type(guest, "Event", "Even"), 32));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		uint64_t attributes = make_attributes(found, rows[i].root, rows[i].name);
		struct text text = read_attributes(found, attributes, 100);

		if (rows[i].root || rows[i].name)
			assert_text(&text, rows[i].text, false);
		else
			assert_int_equal(text.size, 0);
	}
}

static void test_hostile_attributes(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t gap = nt_pages(guest, 1) + MOCK_PAGE, name = nt_string(guest, "name");
	const uint64_t places[] = { 0, 8, gap, UINT64_MAX, gap - 4 };
	uint64_t file;
	struct text text;

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		assert_false(read_attributes(found, places[i], 100).read);
		if (places[i])
			assert_false(
				read_attributes(found, make_attributes(found, 0, places[i]), 100)
					.read);
	}
	/* the folder's name is there, and not that in it */
	file = make_file(found, "\\Users");
	nt_put_handle(guest, found->process, 8, file);
	text = read_attributes(found, make_attributes(found, 8, gap), 100);
	assert_text(&text, "\\Users\\", true);
	/* or its own name ends where memory does: then the other one does not follow it */
	nt_write(guest, gap - 6, "c\0u\0t\0", 6);
	nt_put(guest, file + nt_offset(guest, "_FILE_OBJECT.FileName"), "_UNICODE_STRING.Buffer",
	       gap - 6);
	text = read_attributes(found, make_attributes(found, 8, name), 100);
	assert_text(&text, "cut", true);
	nt_put_string(guest, file + nt_offset(guest, "_FILE_OBJECT.FileName"), "\\Users");
	/* no more room, before and at the separator */
	text = read_attributes(found, make_attributes(found, 8, name), 4);
	assert_text(&text, "\\Use", true);
	text = read_attributes(found, make_attributes(found, 8, name), 6);
	assert_text(&text, "\\Users", true);
	text = read_attributes(found, make_attributes(found, 8, name), 8);
	assert_text(&text, "\\Users\\n", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_string),
		ON_EACH_BUILD(test_units),
		ON_EACH_BUILD(test_nul),
		ON_EACH_BUILD(test_room),
		ON_EACH_BUILD(test_pages),
		ON_EACH_BUILD(test_longest),
		ON_EACH_BUILD(test_hostile_strings),
		ON_EACH_BUILD(test_object_names),
		ON_EACH_BUILD(test_depth),
		ON_EACH_BUILD(test_room_for_names),
		ON_EACH_BUILD(test_hostile_names),
		ON_EACH_BUILD(test_attributes),
		ON_EACH_BUILD(test_hostile_attributes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
