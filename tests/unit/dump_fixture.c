/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that come out of a guest, and what is in the folder then. */
#include "dump_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "temp_folder.h"

enum { FILE_NAME, SEQ_NUM, REASON };

static void format_reason(uint64_t value, char *text, size_t size)
{
	snprintf(text, size, "%s", value == DUMP_WRITTEN ? "WriteFile" : "DeleteFile");
}

static const struct wv_field fields[] = {
	[FILE_NAME] = { "FileName", WV_KIND_STRING, .meaning = "its path" },
	[SEQ_NUM] = { "SeqNum", WV_KIND_NUMBER, .meaning = "its number" },
	[REASON] = { "Reason", WV_KIND_NAME, format_reason, .meaning = "why it is told" },
};

static const struct wv_event_type type = {
	.plugin = "filedelete",
	.methods = { "NtClose" },
	.os = WV_OS_LINUX,
	.fields = fields,
	.n_fields = G_N_ELEMENTS(fields),
	.meaning = "a file",
};

void dump_begin(struct wv_dump *dump, const struct dump_file *file)
{
	static struct wv_row row; /* large */

	row_start(&row, &type);
	*row_field(&row, FILE_NAME) = value_bytes(file->name.data ? file->name : BYTES("/tmp/x"));
	*row_field(&row, SEQ_NUM) = value_uint(file->number);
	*row_field(&row, REASON) = value_uint(file->reason);
	row.content = file->number;
	row.content_size = file->size;
	wv_dump_content(dump, file->ring, &row, NULL);
}

void dump_piece(struct wv_dump *dump, unsigned ring, uint64_t offset, const void *data, size_t size)
{
	const struct wv_content_piece piece = { WV_CONTENT_PIECE, offset, { data, size } };

	wv_dump_content(dump, ring, NULL, &piece);
}

void dump_end(struct wv_dump *dump, unsigned ring)
{
	const struct wv_content_piece piece = { .step = WV_CONTENT_END, .bytes = { "", 0 } };

	wv_dump_content(dump, ring, NULL, &piece);
}

void dump_whole(struct wv_dump *dump, const struct dump_file *file, const void *data)
{
	const uint8_t *bytes = data;

	dump_begin(dump, file);
	for (uint64_t at = 0; at < file->size; at += WV_TEXT_MAX)
		dump_piece(dump, file->ring, at, bytes + at, MIN(file->size - at, WV_TEXT_MAX));
	dump_end(dump, file->ring);
}

uint8_t *dump_bytes(size_t size, uint32_t seed)
{
	uint8_t *bytes = g_malloc(size ? size : 1);
	uint32_t random = seed;

	for (size_t i = 0; i < size; i++) {
		random = random * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(random >> 24);
	}
	return bytes;
}

static int compare_names(gconstpointer one, gconstpointer other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

char *dump_names(const char *folder)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	GString *text = g_string_new(NULL);
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	assert_non_null(dir);
	while ((name = g_dir_read_name(dir)))
		g_ptr_array_add(names, g_strdup(name));
	g_dir_close(dir);
	g_ptr_array_sort(names, compare_names);
	for (guint i = 0; i < names->len; i++)
		g_string_append_printf(text, "%s ", (const char *)names->pdata[i]);
	return g_string_free(text, FALSE);
}

struct json_object *dump_metadata(const char *folder, uint32_t number)
{
	g_autofree char *path = g_strdup_printf("%s/file.%06u.json", folder, number);
	struct json_tokener *parser = json_tokener_new();
	struct json_object *object;
	g_autofree char *text = NULL;
	gsize size;

	if (!g_file_get_contents(path, &text, &size, NULL))
		fail_msg("%s is not there", path);
	json_tokener_set_flags(parser, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	assert_int_equal(text[size - 1], '\n');
	object = json_tokener_parse_ex(parser, text, (int)size - 1);
	if (!object || json_tokener_get_parse_end(parser) != size - 1)
		fail_msg("%s is not one line of JSON: %s: %.300s", path,
			 json_tokener_error_desc(json_tokener_get_error(parser)), text);
	json_tokener_free(parser);
	return object;
}

char *dump_content_text(const char *folder, uint32_t number)
{
	struct json_object *metadata = dump_metadata(folder, number), *content;
	char *text;

	assert_true(json_object_object_get_ex(metadata, "Content", &content));
	text = g_strdup(json_object_to_json_string_ext(content, JSON_C_TO_STRING_PLAIN));
	json_object_put(metadata);
	return text;
}

char *dump_sha256(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	const char *arguments[] = { "sha256sum", "--", path, NULL };
	char *output = NULL;
	g_autoptr(GError) error = NULL;
	int status;

	if (!g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
			  NULL, &status, &error))
		fail_msg("%s", error->message);
	assert_int_equal(status, 0);
	assert_true(strlen(output) > 64);
	output[64] = '\0';
	return output;
}

/* A dump of a test
 * --------------------------------------------------------------------------------*/

void dump_open(struct dump_fixture *fixture, uint64_t max_size, uint64_t max_total)
{
	g_autoptr(GError) error = NULL;

	fixture->dump = wv_dump_open(fixture->folder, max_size, max_total, &error);
	if (!fixture->dump)
		fail_msg("%s", error->message);
}

int dump_set_up(void **state)
{
	static struct dump_fixture fixture;

	if (temp_folder_set_up(NULL) < 0)
		return -1;
	fixture.folder = g_build_filename(temp_folder, "dump", NULL);
	fixture.dump = NULL;
	*state = &fixture;
	return 0;
}

int dump_tear_down(void **state)
{
	struct dump_fixture *fixture = *state;

	wv_dump_free(fixture->dump);
	g_free(fixture->folder);
	return temp_folder_tear_down(NULL);
}

void dump_next(struct dump_fixture *fixture)
{
	static unsigned count;

	wv_dump_free(g_steal_pointer(&fixture->dump));
	g_free(fixture->folder);
	fixture->folder = g_strdup_printf("%s/dump%u", temp_folder, ++count);
}

struct wv_dump_counts dump_counts(const struct dump_fixture *fixture)
{
	struct wv_dump_counts counts;

	wv_dump_counts(fixture->dump, &counts);
	return counts;
}

void dump_assert_counts(const struct dump_fixture *fixture, uint64_t files, uint64_t contents,
			uint64_t bytes, uint64_t partial, uint64_t refused)
{
	struct wv_dump_counts counts = dump_counts(fixture);

	assert_int_equal(counts.files, files);
	assert_int_equal(counts.contents, contents);
	assert_int_equal(counts.bytes, bytes);
	assert_int_equal(counts.partial, partial);
	assert_int_equal(counts.refused, refused);
}

void dump_assert_good(const struct dump_fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	if (!wv_dump_check(fixture->dump, &error))
		fail_msg("%s", error->message);
}

void dump_assert_names(const struct dump_fixture *fixture, const char *expected)
{
	g_autofree char *names = dump_names(fixture->folder);

	assert_string_equal(names, expected);
}

char *dump_stored_name(const struct dump_fixture *fixture, uint32_t number)
{
	struct json_object *metadata = dump_metadata(fixture->folder, number), *content, *name;
	char *found;

	assert_true(json_object_object_get_ex(metadata, "Content", &content));
	assert_true(json_object_object_get_ex(content, "File", &name));
	found = g_strdup(json_object_get_string(name));
	json_object_put(metadata);
	return found;
}

void dump_assert_said(const struct dump_fixture *fixture, uint32_t number, const char *name,
		      uint64_t size, const char *missing, bool truncated)
{
	g_autofree char *found = dump_content_text(fixture->folder, number);
	g_autofree char *quoted = name ? g_strdup_printf("\"%s\"", name) : g_strdup("null");
	g_autofree char *expected =
		g_strdup_printf("{\"Size\":%" G_GUINT64_FORMAT
				",\"SHA256\":%s,\"File\":%s,\"Missing\":[%s],\"Truncated\":%s}",
				size, quoted, quoted, missing, truncated ? "true" : "false");

	assert_string_equal(found, expected);
}

void dump_assert_stored(const struct dump_fixture *fixture, uint32_t number, uint64_t size,
			const void *bytes, uint64_t stored_size, const char *missing,
			bool truncated)
{
	g_autofree char *name = dump_stored_name(fixture, number);
	g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
	g_autofree char *hash = dump_sha256(fixture->folder, name);
	g_autofree char *text = NULL;
	struct stat info;
	gsize found;

	assert_string_equal(name, hash);
	dump_assert_said(fixture, number, name, size, missing, truncated);
	assert_true(g_file_get_contents(path, &text, &found, NULL));
	assert_int_equal(found, stored_size);
	assert_memory_equal(text, bytes, stored_size);
	assert_int_equal(g_stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
}

void dump_seeded(struct dump_fixture *fixture, uint32_t number, uint64_t size, uint32_t seed)
{
	g_autofree uint8_t *bytes = dump_bytes(size, seed);

	dump_whole(fixture->dump, &(struct dump_file){ .number = number, .size = size }, bytes);
}
