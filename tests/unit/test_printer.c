/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The printer: rows in any format into a file, headers once, counts per plugin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "output/printer.h"
#include "rows.h"

static const struct wv_field one_field[] = {
	{ .name = "Code", .kind = WV_KIND_NUMBER, .meaning = "a code" },
};

/** A second type of the plugin that all_kinds is of. */
static const struct wv_event_type exit_type = {
	.plugin = "procmon",
	.methods = { "do_exit" },
	.os = WV_OS_LINUX,
	.fields = one_field,
	.n_fields = 1,
	.meaning = "an end",
};

static const struct wv_event_type *const types[] = { &all_kinds, &open_type, &exit_type };
static const struct wv_schema schema = { types, 3 };

/** Not of the schema. */
static const struct wv_event_type foreign_type = {
	.plugin = "foreign",
	.methods = { "f" },
	.fields = one_field,
	.n_fields = 1,
	.meaning = "of another build",
};

struct fixture {
	char *folder;
	char *path;
	struct wv_printer *printer;
	struct wv_row row;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.folder = g_dir_make_tmp("wyvern-printer-XXXXXX", NULL);
	fixture.path = g_build_filename(fixture.folder, "output", NULL);
	fixture.printer = NULL;
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	wv_printer_free(fixture->printer);
	g_unlink(fixture->path);
	g_rmdir(fixture->folder);
	g_free(fixture->path);
	g_free(fixture->folder);
	return 0;
}

static void start(struct fixture *fixture, const char *format, bool header)
{
	struct wv_sink *sink = wv_sink_open(fixture->path, NULL);

	assert_non_null(sink);
	fixture->printer = wv_printer_new(wv_encoder_find(format), &schema, sink, header);
}

static void print(struct fixture *fixture, const struct wv_event_type *type)
{
	row_start(&fixture->row, type);
	*row_field(&fixture->row, 0) = value_int(7);
	wv_printer_row(fixture->printer, &fixture->row);
}

static char *output(struct fixture *fixture)
{
	char *text;

	assert_true(g_file_get_contents(fixture->path, &text, NULL, NULL));
	return text;
}

static void assert_counts(struct fixture *fixture, const char *expected, uint64_t total)
{
	g_autofree char *counts = wv_printer_counts(fixture->printer);

	assert_string_equal(counts, expected);
	assert_int_equal(wv_printer_total(fixture->printer), total);
}

static void test_counts(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, "json", false);
	assert_counts(fixture, "procmon 0, syscall 0", 0);
	print(fixture, &open_type);
	assert_counts(fixture, "procmon 0, syscall 1", 1);
	for (unsigned i = 0; i < 3; i++)
		print(fixture, &exit_type);
	for (unsigned i = 0; i < 2; i++)
		print(fixture, &all_kinds);
	assert_counts(fixture, "procmon 5, syscall 1", 6);
	print(fixture, &foreign_type); /* is not printed, and not counted */
	assert_counts(fixture, "procmon 5, syscall 1", 6);
}

static void test_each_format_writes_its_rows(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; wv_encoders[i]; i++) {
		g_autoptr(GString) expected = g_string_new(NULL);
		g_autofree char *text = NULL;

		start(fixture, wv_encoders[i]->name, false);
		for (unsigned j = 0; j < 3; j++) {
			print(fixture, j == 1 ? &exit_type : &all_kinds);
			wv_encoders[i]->row(&fixture->row, expected);
		}
		text = output(fixture);
		assert_string_equal(text, ""); /* the flush writes */
		g_free(text);
		assert_true(wv_printer_flush(fixture->printer, NULL));
		text = output(fixture);
		assert_string_equal(text, expected->str);
		wv_printer_free(fixture->printer);
		fixture->printer = NULL;
	}
}

static void test_headers(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_encoder *csv = wv_encoder_find("csv");
	g_autoptr(GString) expected = g_string_new(NULL);
	g_autofree char *text = NULL;
	static const struct wv_event_type *const order[] = { &exit_type, &exit_type, &all_kinds,
							     &exit_type, &all_kinds };

	/* before the first row of each type, whenever that comes */
	assert_non_null(csv->header);
	start(fixture, "csv", true);
	for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
		print(fixture, order[i]);
		if (i == 0 || i == 2)
			csv->header(order[i], expected);
		csv->row(&fixture->row, expected);
		assert_true(wv_printer_flush(fixture->printer, NULL));
	}
	text = output(fixture);
	assert_string_equal(text, expected->str);
}

static void test_headers_where_there_are_none(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_encoder *json = wv_encoder_find("json");
	g_autoptr(GString) expected = g_string_new(NULL);
	g_autofree char *text = NULL;

	assert_null(json->header);
	start(fixture, "json", true);
	print(fixture, &exit_type);
	json->row(&fixture->row, expected);
	assert_true(wv_printer_flush(fixture->printer, NULL));
	text = output(fixture);
	assert_string_equal(text, expected->str);
}

static void test_much_is_written_in_between(void **state)
{
	struct fixture *fixture = *state;
	GStatBuf info;

	/* the lines that wait for a flush do not grow without end */
	start(fixture, "json", false);
	for (unsigned i = 0; i < 20000; i++)
		print(fixture, &all_kinds);
	assert_int_equal(g_stat(fixture->path, &info), 0);
	assert_true(info.st_size > 1 << 20);
	assert_true(wv_printer_flush(fixture->printer, NULL));
}

static void test_failure_is_told_by_the_flush(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GError) error = NULL;
	struct wv_sink *sink = wv_sink_open("/dev/full", NULL);

	fixture->printer = wv_printer_new(wv_encoder_find("json"), &schema, sink, false);
	for (unsigned i = 0; i < 20000; i++) /* it has failed long before the end */
		print(fixture, &all_kinds);
	assert_false(wv_printer_flush(fixture->printer, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
}

static void test_timing(void **state)
{
	struct fixture *fixture = *state;
	uint64_t first;

	start(fixture, "json", false);
	for (unsigned i = 0; i < 100; i++)
		print(fixture, &all_kinds);
	assert_int_equal(wv_printer_encoding_ns(fixture->printer), 0);
	wv_printer_time(fixture->printer, true);
	for (unsigned i = 0; i < 1000; i++)
		print(fixture, &all_kinds);
	first = wv_printer_encoding_ns(fixture->printer);
	assert_true(first > 0);
	for (unsigned i = 0; i < 1000; i++)
		print(fixture, &all_kinds);
	assert_true(wv_printer_encoding_ns(fixture->printer) > first);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_counts),
		WITH(test_each_format_writes_its_rows),
		WITH(test_headers),
		WITH(test_headers_where_there_are_none),
		WITH(test_much_is_written_in_between),
		WITH(test_failure_is_told_by_the_flush),
		WITH(test_timing),
	};

	return cmocka_run_group_tests_name("printer", tests, NULL, NULL);
}
