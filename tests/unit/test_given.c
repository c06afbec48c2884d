/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields that are not written but given: the reader fills them in, before those of the record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "output/encode.h"
#include "output/record.h"
#include "rings.h"

static const struct wv_field fields[] = {
	{ .name = "Module",
	  .kind = WV_KIND_STRING,
	  .given = WV_GIVEN_TEXT,
	  .text = "linux",
	  .meaning = "a text" },
	{ .name = "vCPU", .kind = WV_KIND_NUMBER, .given = WV_GIVEN_VCPU, .meaning = "a number" },
	{ .name = "AddressSpace",
	  .kind = WV_KIND_HEX,
	  .given = WV_GIVEN_CR3,
	  .meaning = "a number" },
	{ .name = "Number", .kind = WV_KIND_NUMBER, .optional = true, .meaning = "a number" },
};

static const struct wv_event_type type = {
	.plugin = "given",
	.methods = { "function" },
	.os = WV_OS_LINUX,
	.fields = fields,
	.n_fields = G_N_ELEMENTS(fields),
	.meaning = "a test",
};

static const struct wv_event_type *const types[] = { &type };
static const struct wv_schema schema = { types, 1 };

static int setup(void **state)
{
	static struct wv_writer writer;

	writer = rings_writer();
	wv_writer_start(&writer, WV_RECORD_EVENT);
	wv_writer_head(&writer)->os = WV_OS_LINUX;
	wv_writer_head(&writer)->vcpu = 3;
	wv_writer_head(&writer)->cr3 = 0x1aa000;
	*state = &writer;
	return 0;
}

static int teardown(void **state)
{
	struct wv_writer *writer = *state;

	g_free(writer->data);
	return 0;
}

static bool parse(struct wv_writer *writer, struct wv_row *row)
{
	wv_writer_finish(writer);
	return wv_record_parse(writer->data, writer->used, &schema, NULL, row);
}

static void test_given(void **state)
{
	static struct wv_row row;

	assert_true(parse(*state, &row));
	assert_int_equal(row.n_fields, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_ptr_equal(row.fields[i].field, &fields[i]);
		assert_memory_equal(row.fields[i].name.data, fields[i].name,
				    row.fields[i].name.size);
	}
	assert_memory_equal(row.fields[0].value.bytes.data, "linux", 5);
	assert_int_equal(row.fields[0].value.bytes.size, 5);
	assert_int_equal(row.fields[1].value.u, 3);
	assert_int_equal(row.fields[2].value.u, 0x1aa000);
}

static void test_before_what_is_written(void **state)
{
	static struct wv_row row;

	wv_writer_uint(*state, 3, 7);
	assert_true(parse(*state, &row));
	assert_int_equal(row.n_fields, 4);
	assert_ptr_equal(row.fields[3].field, &fields[3]);
	assert_int_equal(row.fields[3].value.u, 7);
}

/** A hostile writer writes them all the same: what is given counts, and no key is there twice. */
static void test_written_again(void **state)
{
	static struct wv_row row;
	g_autoptr(GString) json = g_string_new(NULL), csv = g_string_new(NULL);

	wv_writer_bytes(*state, 0, "windows", 7, false);
	wv_writer_uint(*state, 1, 99);
	assert_true(parse(*state, &row));
	wv_encoder_find("json")->row(&row, json);
	wv_encoder_find("csv")->row(&row, csv);
	assert_non_null(strstr(json->str, "\"Module\":\"linux\",\"vCPU\":3,"));
	assert_non_null(strstr(json->str, "\"Module_2\":\"windows\""));
	assert_non_null(strstr(csv->str, "\"linux\",3,0x1aa000,\n"));
}

static void test_no_room_for_more(void **state)
{
	static struct wv_row row;

	for (unsigned i = 3; i < WV_ROW_FIELDS_MAX; i++)
		wv_writer_uint(*state, 3, i);
	assert_true(parse(*state, &row));
	assert_int_equal(row.n_fields, WV_ROW_FIELDS_MAX);
	wv_writer_uint(*state, 3, 0);
	assert_false(parse(*state, &row));
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_given),
		WITH(test_before_what_is_written),
		WITH(test_written_again),
		WITH(test_no_room_for_more),
	};

	return cmocka_run_group_tests_name("given", tests, NULL, NULL);
}
