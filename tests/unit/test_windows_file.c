/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open files: what a FILE_OBJECT says, how long the file is, how many handles there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "windows_fixture_files.h"
#include "windows_found.h"

#define PATH "\\Users\\a\\b.txt"

static uint64_t make_file(struct found *found)
{
	return nt_make_file(&found->guest, 0, PATH);
}

static struct wv_windows_file look(struct found *found, uint64_t object)
{
	struct wv_windows_file file;

	assert_true(wv_windows_file(found->windows, &found->space, object, &file));
	assert_int_equal(file.address, object);
	return file;
}

static void assert_size(struct found *found, uint64_t object, uint64_t size, uint64_t valid)
{
	struct wv_windows_file file = look(found, object);

	assert_true(file.has_size);
	assert_int_equal(file.size, size);
	assert_int_equal(file.valid, valid);
}

static void assert_no_size(struct found *found, uint64_t object)
{
	struct wv_windows_file file = look(found, object);

	assert_false(file.has_size);
	assert_int_equal(file.size, 0);
	assert_int_equal(file.valid, 0);
}

static void test_flags(void **state)
{
	struct found *found = *state;
	uint64_t object = make_file(found);
	struct wv_windows_file file = look(found, object);

	assert_int_equal(file.flags, 0);
	assert_false(file.delete_pending);
	assert_int_equal(file.data, 0);
	nt_put(&found->guest, object, "_FILE_OBJECT.Flags", 0x80051002);
	nt_put(&found->guest, object, "_FILE_OBJECT.DeletePending", 1);
	file = look(found, object);
	assert_int_equal(file.flags, 0x80051002);
	assert_true(file.delete_pending);
}

static void test_pointers(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t object = make_file(found), pointers = nt_make_pointers(guest, object, 5, 5);
	struct wv_windows_file file = look(found, object);

	assert_true(!file.data && !file.cache && !file.image);
	nt_put(guest, pointers, "_SECTION_OBJECT_POINTERS.DataSectionObject", guest->pool);
	nt_put(guest, pointers, "_SECTION_OBJECT_POINTERS.SharedCacheMap", guest->pool + 0x10);
	nt_put(guest, pointers, "_SECTION_OBJECT_POINTERS.ImageSectionObject", guest->pool + 0x20);
	file = look(found, object);
	assert_int_equal(file.data, guest->pool);
	assert_int_equal(file.cache, guest->pool + 0x10);
	assert_int_equal(file.image, guest->pool + 0x20);
	nt_put(guest, pointers, "_SECTION_OBJECT_POINTERS.DataSectionObject", 0x30000);
	assert_int_equal(look(found, object).data, 0);
}

/** The cache knows it best, then the file system; the section has whole pages. */
static void test_sizes(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t object = make_file(found), control = nt_make_section(guest);
	uint64_t map = nt_make_cache_map(guest, 7000, 6000, NT_VIEW_SIZE), pointers, header;

	/* no file system's */
	assert_no_size(found, object);
	pointers = nt_make_pointers(guest, object, 9000, 100);
	header = nt_get(guest, object, "_FILE_OBJECT.FsContext");
	assert_size(found, object, 9000, 100);
	nt_make_subsection(guest, control, 3);
	nt_put(guest, pointers, "_SECTION_OBJECT_POINTERS.DataSectionObject", control);
	assert_size(found, object, 9000, 100);
	nt_put(guest, pointers, "_SECTION_OBJECT_POINTERS.SharedCacheMap", map);
	assert_size(found, object, 7000, 6000);

	/* it is not kept: all is valid */
	nt_put(guest, map, "_SHARED_CACHE_MAP.ValidDataLength", INT64_MAX);
	assert_size(found, object, 7000, 7000);

	/* more than the cache's section has: it is no such map */
	nt_put(guest, map, "_SHARED_CACHE_MAP.FileSize", NT_VIEW_SIZE + 1);
	assert_size(found, object, 9000, 100);
	nt_put(guest, map, "_SHARED_CACHE_MAP.FileSize", UINT64_MAX);
	assert_size(found, object, 9000, 100);

	nt_put(guest, header, "_FSRTL_ADVANCED_FCB_HEADER.FileSize", (uint64_t)-5);
	assert_size(found, object, 3 * MOCK_PAGE, 3 * MOCK_PAGE);
	nt_put(guest, header, "_FSRTL_ADVANCED_FCB_HEADER.FileSize", 9000);
	nt_put(guest, object, "_FILE_OBJECT.FsContext", 0x30000);
	assert_size(found, object, 3 * MOCK_PAGE, 3 * MOCK_PAGE);
	nt_put(guest, control, "_CONTROL_AREA.Segment", 0);
	assert_no_size(found, object);

	/* of what has no pointers FsContext is anything */
	nt_put(guest, object, "_FILE_OBJECT.FsContext", header);
	assert_size(found, object, 9000, 100);
	nt_put(guest, object, "_FILE_OBJECT.SectionObjectPointer", 0x30000);
	assert_no_size(found, object);
}

static void test_handle_count(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t object = make_file(found), count = 55;
	uint64_t header = object - nt_offset(guest, "_OBJECT_HEADER.Body");

	nt_put(guest, header, "_OBJECT_HEADER.HandleCount", 2);
	assert_true(wv_windows_handle_count(found->windows, &found->space, object, &count));
	assert_int_equal(count, 2);
	assert_false(wv_windows_handle_count(found->windows, &found->space, 0, &count));
	assert_false(wv_windows_handle_count(found->windows, &found->space,
					     guest->pool + NT_POOL_SIZE + 0x1000, &count));
}

static void test_is_file(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t event = nt_make_object(guest, nt_type(guest, "Event", "Even"), 64);

	assert_true(wv_windows_is_file(found->windows, &found->space, make_file(found)));
	assert_false(wv_windows_is_file(found->windows, &found->space, event));
	assert_false(wv_windows_is_file(found->windows, &found->space, 0));
	assert_false(wv_windows_is_file(found->windows, &found->space, found->process->address));
}

/** A FILE_OBJECT that is no object of the object manager has a name all the same. */
static void test_name(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t object = make_file(found), bare = nt_object(guest, nt_size(guest, "_FILE_OBJECT"));
	struct text text = { .size = sizeof(text.bytes) };

	text.read = wv_windows_file_name(found->windows, &found->space, object, text.bytes,
					 &text.size, &text.truncated);
	assert_text(&text, PATH, false);
	nt_put_string(guest, bare + nt_offset(guest, "_FILE_OBJECT.FileName"), "\\x");
	text = (struct text){ .size = sizeof(text.bytes) };
	text.read = wv_windows_file_name(found->windows, &found->space, bare, text.bytes,
					 &text.size, &text.truncated);
	assert_text(&text, "\\x", false);
}

static void test_no_file(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	const uint64_t objects[] = { 0, 0x30000, UINT64_MAX - 3, guest->pool + NT_POOL_SIZE };
	struct wv_windows_file file;

	for (size_t i = 0; i < G_N_ELEMENTS(objects); i++)
		assert_false(wv_windows_file(found->windows, &found->space, objects[i], &file));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_flags),   ON_EACH_BUILD(test_pointers),
		ON_EACH_BUILD(test_sizes),   ON_EACH_BUILD(test_handle_count),
		ON_EACH_BUILD(test_is_file), ON_EACH_BUILD(test_name),
		ON_EACH_BUILD(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
