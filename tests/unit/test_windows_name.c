/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of objects: in their headers, and those of files, keys, processes and threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "windows_found.h"

#define VOLUME "\\Device\\HarddiskVolume1"

static struct text read_label(struct found *found, uint64_t object, size_t room)
{
	struct text text = { .size = room };

	text.read = wv_windows_object_label(found->windows, &found->space, object, text.bytes,
					    &text.size, &text.truncated);
	assert_true(text.size <= room);
	return text;
}

static struct text read_name(struct found *found, uint64_t object, size_t room)
{
	struct text text = { .size = room };

	text.read = wv_windows_object_name(found->windows, &found->space, object, text.bytes,
					   &text.size, &text.truncated);
	assert_true(text.size <= room);
	return text;
}

static void assert_label(struct found *found, uint64_t object, const char *expected, bool truncated)
{
	struct text text = read_label(found, object, sizeof(text.bytes));

	assert_text(&text, expected, truncated);
}

/** What has a name has no other label. */
static void assert_named(struct found *found, uint64_t object, const char *expected, bool truncated)
{
	struct text text = read_name(found, object, sizeof(text.bytes));

	assert_text(&text, expected, truncated);
	assert_label(found, object, expected, truncated);
}

static void assert_nameless(struct found *found, uint64_t object)
{
	assert_false(read_name(found, object, 100).read);
}

/** The room may end at any place of a label of ASCII. */
static void check_room(struct found *found, uint64_t object, const char *label)
{
	struct text text;

	for (size_t room = 1; room < strlen(label); room++) {
		text = read_label(found, object, room);
		assert_true(text.read && text.truncated);
		assert_int_equal(text.size, room);
		assert_memory_equal(text.bytes, label, room);
	}
	text = read_label(found, object, strlen(label));
	assert_text(&text, label, false);
}

/* Names in headers ------------------------------------------------------------------------------*/

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

static void test_object_names(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t type = nt_type(guest, "Mutant", "Muta");
	uint64_t root = make_named(found, "\\", 0);
	uint64_t folder = make_named(found, "BaseNamedObjects", root);

	assert_named(found, nt_make_named_object(guest, type, 32, "alone", false), "alone", false);
	assert_named(found, nt_make_named_object(guest, type, 32, "alone", true), "alone", false);
	assert_named(found, root, "\\", false);
	assert_named(found, folder, "\\BaseNamedObjects", false);
	assert_named(found, make_named(found, "mine", folder), "\\BaseNamedObjects\\mine", false);
	assert_nameless(found, nt_make_object(guest, type, 32));
}

/** Of folders that are too many the outermost are left out. */
static void test_depth(void **state)
{
	struct found *found = *state;
	uint64_t object = make_named(found, "\\", 0);
	g_autoptr(GString) path = g_string_new(NULL);

	for (unsigned i = 0; i < 15; i++) {
		object = make_named(found, "folder", object);
		g_string_append(path, "\\folder");
	}
	assert_named(found, object, path->str, false);
	g_string_append(path, "\\folder");
	assert_named(found, make_named(found, "folder", object), path->str + 1, false);
}

static void test_room_for_names(void **state)
{
	struct found *found = *state;
	uint64_t root = make_named(found, "\\", 0);

	check_room(found, make_named(found, "name", make_named(found, "folder", root)),
		   "\\folder\\name");
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
		assert_named(found, other, "one\\other", false);
	}
	nt_put(guest, info + nt_offset(guest, "_OBJECT_HEADER_NAME_INFO.Name"),
	       "_UNICODE_STRING.Buffer", gap);
	assert_nameless(found, one);
	assert_nameless(found, other);

	const uint64_t objects[] = {
		0, 8, gap, gap + 0x30, found->process->peb + 0x100, UINT64_MAX
	};

	for (size_t i = 0; i < G_N_ELEMENTS(objects); i++)
		assert_nameless(found, objects[i]);
}

/* Files -----------------------------------------------------------------------------------------*/

static uint64_t make_volume(struct found *found)
{
	uint64_t folder = make_named(found, "Device", make_named(found, "\\", 0));

	return make_named(found, "HarddiskVolume1", folder);
}

static void test_files(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t volume = make_volume(found);
	uint64_t nameless = nt_make_object(guest, nt_type(guest, "Device", "Devi"), 64);
	const struct {
		uint64_t device;
		const char *path, *name;
	} rows[] = {
		{ volume, "\\Windows\\a.txt", VOLUME "\\Windows\\a.txt" },
		{ volume, "\\", VOLUME "\\" },
		{ volume, "", VOLUME }, /* the volume itself */
		{ nameless, "\\Windows\\a.txt", "\\Windows\\a.txt" },
		{ 0, "\\Windows\\a.txt", "\\Windows\\a.txt" },
		/* relative to nobody knows what */
		{ volume, "a.txt", "a.txt" },
		{ volume, ":stream", ":stream" },
		{ volume, "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_named(found, nt_make_file(guest, rows[i].device, rows[i].path), rows[i].name,
			     false);
}

/** Where the device's name has no room the path has, as far as it goes; then that follows it. */
static void test_room_for_files(void **state)
{
	struct found *found = *state;
	uint64_t file = nt_make_file(&found->guest, make_volume(found), "\\Windows\\a.txt");
	struct text text = read_name(found, file, strlen(VOLUME) - 1);

	assert_text(&text, "\\Windows\\a.txt", false);
	text = read_name(found, file, 8);
	assert_text(&text, "\\Windows", true);
	text = read_name(found, file, strlen(VOLUME));
	assert_text(&text, VOLUME, true);
	text = read_name(found, file, strlen(VOLUME) + 8);
	assert_text(&text, VOLUME "\\Windows", true);
	text = read_name(found, file, 0);
	assert_false(text.read);
}

static void test_hostile_files(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t gap = nt_pages(guest, 1) + MOCK_PAGE, volume = make_volume(found);
	uint64_t file = nt_make_file(guest, volume, "\\a");
	uint64_t name = file + nt_offset(guest, "_FILE_OBJECT.FileName");
	const uint64_t devices[] = { 8, gap, found->process->peb, UINT64_MAX, file };

	for (size_t i = 0; i < G_N_ELEMENTS(devices); i++) {
		nt_put(guest, file, "_FILE_OBJECT.DeviceObject", devices[i]);
		assert_named(found, file, "\\a", false);
	}
	nt_put(guest, file, "_FILE_OBJECT.DeviceObject", volume);
	/* the path is not there, and begins or ends where memory does */
	nt_put(guest, name, "_UNICODE_STRING.Buffer", gap);
	assert_named(found, file, VOLUME, true);
	nt_write(guest, gap - 6, "\\\0c\0u\0", 6);
	nt_put(guest, name, "_UNICODE_STRING.Buffer", gap - 6);
	nt_put(guest, name, "_UNICODE_STRING.Length", 0xffff);
	assert_named(found, file, VOLUME "\\cu", true);
	/* of the device's name the last part is not there: then the path says more */
	nt_put_string(guest, name, "\\a");
	nt_put(guest, name_info(found, volume) + nt_offset(guest, "_OBJECT_HEADER_NAME_INFO.Name"),
	       "_UNICODE_STRING.Buffer", gap);
	assert_named(found, file, "\\a", false);
}

/* Keys of the registry --------------------------------------------------------------------------*/

static uint64_t make_level(struct found *found, uint64_t root, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		root = nt_key_level(&found->guest, root, "k");
	return root;
}

static void test_keys(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t root = nt_key_level(guest, 0, "REGISTRY");
	uint64_t machine = nt_key_level(guest, root, "MACHINE");
	uint64_t narrow = nt_key_level(guest, machine, "caf\xc3\xa9\xc3\xbf");
	uint64_t wide = nt_key_level(guest, machine, "\xd0\x96\xe4\xb8\xad\xf0\x9f\x98\x80");

	assert_named(found, nt_make_key(guest, root), "\\REGISTRY", false);
	assert_named(found, nt_make_key(guest, machine), "\\REGISTRY\\MACHINE", false);
	assert_named(found, nt_make_key(guest, narrow), "\\REGISTRY\\MACHINE\\caf\xc3\xa9\xc3\xbf",
		     false);
	assert_named(found, nt_make_key(guest, wide),
		     "\\REGISTRY\\MACHINE\\\xd0\x96\xe4\xb8\xad\xf0\x9f\x98\x80", false);
	/* both below each other */
	assert_named(found, nt_make_key(guest, nt_key_level(guest, wide, "a")),
		     "\\REGISTRY\\MACHINE\\\xd0\x96\xe4\xb8\xad\xf0\x9f\x98\x80\\a", false);
	check_room(found, nt_make_key(guest, machine), "\\REGISTRY\\MACHINE");
}

/** The deepest key that there can be has all of its name; a deeper one is none. */
static void test_deep_keys(void **state)
{
	struct found *found = *state;
	uint64_t deepest = make_level(found, 0, 512);
	g_autoptr(GString) path = g_string_new(NULL);

	for (unsigned i = 0; i < 512; i++)
		g_string_append(path, "\\k");
	assert_named(found, nt_make_key(&found->guest, deepest), path->str, false);
	assert_nameless(found, nt_make_key(&found->guest, make_level(found, deepest, 1)));
}

/** A way up that leads anywhere: no name rather than a part of one. */
static void test_hostile_levels(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t gap = nt_pages(guest, 1) + MOCK_PAGE, root = nt_key_level(guest, 0, "REGISTRY");
	uint64_t level = nt_key_level(guest, root, "a"), key = nt_make_key(guest, level);
	const uint64_t levels[] = { 8, gap, gap - 8, found->process->peb, UINT64_MAX };

	assert_nameless(found, nt_make_key(guest, 0));
	for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
		assert_nameless(found, nt_make_key(guest, levels[i]));
		nt_put(guest, level, "_CM_KEY_CONTROL_BLOCK.ParentKcb", levels[i]);
		assert_nameless(found, key);
	}
	/* rings */
	nt_put(guest, level, "_CM_KEY_CONTROL_BLOCK.ParentKcb", level);
	assert_nameless(found, key);
	nt_put(guest, level, "_CM_KEY_CONTROL_BLOCK.ParentKcb", root);
	assert_named(found, key, "\\REGISTRY\\a", false);
	nt_put(guest, root, "_CM_KEY_CONTROL_BLOCK.ParentKcb", level);
	assert_nameless(found, key);
}

/** Names that are not there, or longer than what is there. */
static void test_hostile_key_names(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t page = nt_pages(guest, 1), gap = page + MOCK_PAGE;
	uint64_t root = nt_key_level(guest, 0, "REGISTRY"), level = nt_key_level(guest, root, "a");
	uint64_t block = gap - nt_offset(guest, "_CM_NAME_CONTROL_BLOCK.Name") - 4;
	uint64_t key = nt_make_key(guest, level);
	const uint64_t blocks[] = { 0, 8, gap, gap - 4, found->process->peb, UINT64_MAX };

	for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
		nt_put(guest, level, "_CM_KEY_CONTROL_BLOCK.NameBlock", blocks[i]);
		assert_named(found, key, "\\REGISTRY\\", true);
	}
	/* to the end of memory, though not across pages at once */
	nt_put(guest, level, "_CM_KEY_CONTROL_BLOCK.NameBlock", block);
	nt_put(guest, block, "_CM_NAME_CONTROL_BLOCK.NameLength", 0xffff);
	nt_write(guest, gap - 4, "b\0c\0", 4);
	assert_named(found, key, "\\REGISTRY\\bc", true);
	nt_put(guest, block, "_CM_NAME_CONTROL_BLOCK.Compressed", 1);
	nt_write(guest, gap - 4, "bcde", 4);
	assert_named(found, key, "\\REGISTRY\\bcde", true);
	/* an empty name has no part */
	nt_put(guest, block, "_CM_NAME_CONTROL_BLOCK.NameLength", 0);
	assert_named(found, key, "\\REGISTRY", false);
	/* nothing follows a level that is not there */
	nt_put(guest, root, "_CM_KEY_CONTROL_BLOCK.NameBlock", gap);
	assert_named(found, key, "\\", true);
}

/** The longest names there are, of which as much is told as there is room for. */
static void test_longest_key_names(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	g_autofree char *name = g_strnfill(0xffff, 'n');
	uint64_t level = nt_key_level(guest, nt_key_level(guest, 0, name), name);
	struct text text = read_name(found, nt_make_key(guest, level), sizeof(text.bytes));

	assert_true(text.read && text.truncated);
	assert_int_equal(text.size, sizeof(text.bytes));
	assert_int_equal(text.bytes[0], '\\');
	assert_memory_equal(text.bytes + 1, name, sizeof(text.bytes) - 1);
}

/* Processes and threads -------------------------------------------------------------------------*/

static void test_processes(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	struct nt_process *nameless = nt_process(guest, 20, 12, "\\a.exe");
	struct text text;

	assert_nameless(found, found->process->address);
	assert_label(found, found->process->address, "12 explorer.exe", false);
	assert_label(found, guest->processes[0].address, "4 System", false);
	check_room(found, found->process->address, "12 explorer.exe");
	nt_put(guest, nameless->address, "_EPROCESS.SeAuditProcessCreationInfo.ImageFileName", 0);
	nt_put_short_name(guest, nameless, "");
	assert_label(found, nameless->address, "20", false);
	nt_put_short_name(guest, nameless, "caf\xe9"); /* nobody knows which code page's */
	assert_label(found, nameless->address, "20", false);
	nt_put_short_name(guest, nameless, "a.exe");
	assert_label(found, nameless->address, "20 a.exe", false);
	/* the room ends it at a whole character */
	text = read_label(found, nt_process(guest, 24, 4, "\\caf\xc3\xa9.exe")->address, 7);
	assert_text(&text, "24 caf", true);
	/* as events call it */
	found->windows->full_paths = true;
	assert_label(found, found->process->address, "12 " FOUND_PATH, false);
}

static void test_threads(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	const struct nt_process *other = nt_process(guest, 20, 12, "\\a.exe");
	uint64_t gap = nt_pages(guest, 1) + MOCK_PAGE, thread = found->process->thread;

	assert_nameless(found, thread);
	assert_label(found, thread, "13 of 12 explorer.exe", false);
	assert_label(found, other->thread, "21 of 20 a.exe", false);
	/* attached to another process it is its own one's still */
	nt_attach(guest, found->process, other);
	assert_label(found, thread, "13 of 12 explorer.exe", false);
	check_room(found, thread, "13 of 12 explorer.exe");
	nt_put(guest, thread, "_KTHREAD.Process", gap);
	assert_label(found, thread, "13 of ", true);
}

/** Some types have the same key as those of processes and threads: ProcessStateChange has. */
static void test_same_keys(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	static const char *const types[][2] = {
		{ "FilesOfOurs", "File" },
		{ "KeyedEvent", "Key " },
		{ "ProcessStateChange", "Proc" },
		{ "ThreadStateChange", "Thre" },
	};
	uint64_t object, process = found->process->address;

	for (uint64_t i = 0; i < G_N_ELEMENTS(types); i++) {
		uint64_t type = nt_type(guest, types[i][0], types[i][1]);

		nt_put_handle(guest, found->process, 8,
			      nt_make_named_object(guest, type, 0x1000, "name", false));
		assert_true(wv_windows_handle(found->windows, &found->space, process, 8, &object));
		assert_named(found, object, "name", false);
		assert_false(wv_windows_handle_process(found->windows, &found->space, process, 8,
						       &object));
		assert_false(wv_windows_handle_thread(found->windows, &found->space, process, 8,
						      &object));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_object_names),
		ON_EACH_BUILD(test_depth),
		ON_EACH_BUILD(test_room_for_names),
		ON_EACH_BUILD(test_hostile_names),
		ON_EACH_BUILD(test_files),
		ON_EACH_BUILD(test_room_for_files),
		ON_EACH_BUILD(test_hostile_files),
		ON_EACH_BUILD(test_keys),
		ON_EACH_BUILD(test_deep_keys),
		ON_EACH_BUILD(test_hostile_levels),
		ON_EACH_BUILD(test_hostile_key_names),
		ON_EACH_BUILD(test_longest_key_names),
		ON_EACH_BUILD(test_processes),
		ON_EACH_BUILD(test_threads),
		ON_EACH_BUILD(test_same_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
