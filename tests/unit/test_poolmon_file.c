/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A user's own table of pool tags: what is read of it, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "plugins/poolmon/tags_file.h"

#define BYTES(literal) ((struct wv_bytes){ (literal), sizeof(literal) - 1 })

/** All rows as lines of text: "tag/mask source|description". */
static char *rows_of(struct wv_bytes text)
{
	struct poolmon_tags_file file = { 0 };
	GString *told = g_string_new(NULL);

	assert_true(poolmon_tags_file_parse(&file, g_memdup2(text.data, text.size), text.size, "x",
					    NULL));
	for (unsigned i = 0; i < file.rows->len; i++) {
		const struct poolmon_tag *row = &g_array_index(file.rows, struct poolmon_tag, i);

		g_string_append_printf(told, "%08x/%08x %.*s|%.*s\n", row->tag, row->mask,
				       (int)row->source.size, row->source.data,
				       (int)row->description.size, row->description.data);
	}
	poolmon_tags_file_deinit(&file);
	return g_string_free(told, FALSE);
}

static void assert_rows(struct wv_bytes text, const char *expected)
{
	g_autofree char *rows = rows_of(text);

	assert_string_equal(rows, expected);
}

static void assert_refused(struct wv_bytes text, const char *complaint)
{
	struct poolmon_tags_file file = { 0 };
	g_autoptr(GError) error = NULL;

	assert_false(poolmon_tags_file_parse(&file, g_memdup2(text.data, text.size), text.size,
					     "my.txt", &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	assert_string_equal(error->message, complaint);
	poolmon_tags_file_deinit(&file);
}

static void test_rows(void **state)
{
	(void)state;
	assert_rows(BYTES("Abcd - my.sys - What it holds\n"),
		    "64636241/ffffffff my.sys|What it holds\n");
	assert_rows(BYTES("Ab   -  nt!mm   -   Two  words \t\r\nA?c* - <unknown> - Wild\r\n"),
		    "20206241/ffffffff nt!mm|Two  words\n"
		    "00630041/00ff00ff |Wild\n");
	assert_rows(BYTES("ATmp - No source\n"), "706d5441/ffffffff |No source\n");
	assert_rows(BYTES("Abcd - a-b.sys - one - two -three\n"),
		    "64636241/ffffffff a-b.sys|one - two -three\n");
	assert_rows(BYTES("Abcd -\nAbce - my.sys -"), "64636241/ffffffff |\n"
						      "65636241/ffffffff my.sys|\n");
	assert_rows(BYTES("-a-b - my.sys - Tag with lines\n"),
		    "622d612d/ffffffff my.sys|Tag with lines\n");
	assert_rows(BYTES("\xef\xbb\xbf\tPro\xe3\t-\tnt!ps\t-\tcaf\xc3\xa9"),
		    "e36f7250/ffffffff nt!ps|caf\xc3\xa9\n");
}

static void test_skipped(void **state)
{
	(void)state;
	assert_rows(BYTES(""), "");
	assert_rows(BYTES("\n\r\n   \n"), "");
	assert_rows(BYTES("rem\nREM a - b - c\nrem\tLongTag - x\n// Copyright - x - y\n"), "");
	assert_rows(BYTES("       <unknown>\nAll tags are Ab00 through AbFF\na-b\n"), "");
	/* and what only looks like it is not */
	assert_rows(BYTES("Remo - my.sys - x\nrem\n/ab - y\n"), "6f6d6552/ffffffff my.sys|x\n"
								"2062612f/ffffffff |y\n");
}

static void test_refused(void **state)
{
	const char no_tag[] = "a tag has 1 to 4 characters, and * only at its end";
	g_autoptr(GString) line = g_string_new("Abcd - my.sys - ");
	g_autofree char *second = g_strdup_printf("my.txt:2: %s", no_tag);
	g_autofree char *third = g_strdup_printf("my.txt:3: %s", no_tag);

	(void)state;
	assert_refused(BYTES("Abcd - a - b\nAbcde - a - b\n"), second);
	assert_refused(BYTES("\n\nA*b - a - b"), third);
	assert_refused(BYTES("\n\nA\x01 - a - b"), third);
	assert_refused(BYTES("Abcd - a - b\nAbcd\0 - a\n"),
		       "my.txt:2: a NUL byte: this is no text");
	assert_refused(BYTES("\xff\xfe"
			     "A\0b\0 \0-\0 \0x\0\n\0"),
		       "my.txt:1: a NUL byte: this is no text");

	while (line->len < POOLMON_LINE_MAX)
		g_string_append_c(line, 'x');
	g_autofree char *accepted = rows_of((struct wv_bytes){ line->str, line->len });

	assert_true(g_str_has_suffix(accepted, "xxx\n"));
	g_string_append_c(line, 'x');
	assert_refused((struct wv_bytes){ line->str, line->len }, "my.txt:1: too long");
}

static void test_files(void **state)
{
	g_autofree char *folder = g_dir_make_tmp("poolmon-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "tags.txt", NULL);
	g_autofree char *large = g_malloc(POOLMON_FILE_MAX + 1);
	struct poolmon_tags_file file = { 0 };
	g_autoptr(GError) absent = NULL, is_folder = NULL, too_large = NULL;

	(void)state;
	assert_false(poolmon_tags_file_load(&file, path, &absent));
	assert_true(g_error_matches(absent, WV_ERROR, WV_ERROR_USAGE));
	assert_true(g_str_has_prefix(absent->message, path));
	assert_false(poolmon_tags_file_load(&file, folder, &is_folder));
	assert_non_null(is_folder);

	memset(large, '\n', POOLMON_FILE_MAX + 1);
	memcpy(large, "Abcd - x", 8);
	assert_true(g_file_set_contents(path, large, POOLMON_FILE_MAX, NULL));
	assert_true(poolmon_tags_file_load(&file, path, NULL));
	assert_int_equal(file.rows->len, 1);
	poolmon_tags_file_deinit(&file);
	assert_true(g_file_set_contents(path, large, POOLMON_FILE_MAX + 1, NULL));
	assert_false(poolmon_tags_file_load(&file, path, &too_large));
	assert_non_null(strstr(too_large->message, "too large"));

	assert_true(g_file_set_contents(path, "", 0, NULL));
	assert_true(poolmon_tags_file_load(&file, path, NULL));
	assert_int_equal(file.rows->len, 0);
	poolmon_tags_file_deinit(&file);
	g_unlink(path);
	g_rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_skipped),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests_name("poolmon_file", tests, NULL, NULL);
}
