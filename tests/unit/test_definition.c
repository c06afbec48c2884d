/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Definitions and the raw arguments of rows that refer to them: good ones, and a hostile writer's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "output/encode.h"
#include "output/record.h"
#include "rings.h"
#include "rows.h"

#define DEFINED 2 /* defined_type's place in rings_schema */
#define OPEN	4 /* the number of a definition */

struct fixture {
	struct wv_writer writer;
	struct wv_definitions definitions;
	struct wv_row row;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.writer = rings_writer();
	wv_definitions_init(&fixture.definitions);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	wv_definitions_deinit(&fixture->definitions);
	g_free(fixture->writer.data);
	return 0;
}

static struct wv_record_head *start(struct fixture *fixture, enum wv_record_kind kind,
				    uint32_t number)
{
	struct wv_record_head *head;

	wv_writer_start(&fixture->writer, kind);
	head = wv_writer_head(&fixture->writer);
	head->type = DEFINED;
	head->method = number;
	head->os = WV_OS_LINUX;
	return head;
}

static void text(struct fixture *fixture, unsigned field, const char *string)
{
	wv_writer_bytes(&fixture->writer, (uint16_t)field, string, strlen(string), false);
}

/** Takes in the first bytes of a record, in memory of exactly that size. */
static bool define_first(struct fixture *fixture, size_t size)
{
	g_autofree uint8_t *copy = g_memdup2(fixture->writer.data, size);

	return wv_record_define(copy, size, &rings_schema, &fixture->definitions);
}

static bool define(struct fixture *fixture)
{
	wv_writer_finish(&fixture->writer);
	return define_first(fixture, fixture->writer.used);
}

/** The row points into the writer's memory, and its texts into the definitions'. */
static bool parse(struct fixture *fixture)
{
	wv_writer_finish(&fixture->writer);
	return wv_record_parse(fixture->writer.data, fixture->writer.used, &rings_schema,
			       &fixture->definitions, &fixture->row);
}

/** Number OPEN is open(const char *name, int flags). */
static void define_open(struct fixture *fixture)
{
	start(fixture, WV_RECORD_DEFINITION, OPEN);
	text(fixture, 0, "open");
	text(fixture, 1, "name");
	text(fixture, 2, "const char *");
	text(fixture, 3, "flags");
	text(fixture, 4, "int");
	assert_true(define(fixture));
}

static void raw_bytes(struct fixture *fixture, unsigned argument, uint64_t number,
		      const char *bytes, size_t size, bool truncated)
{
	size_t room = size;
	char *out = wv_writer_raw_begin(&fixture->writer, argument, number, &room);

	assert_non_null(out);
	assert_int_equal(room, size);
	memcpy(out, bytes, size);
	wv_writer_raw_end(&fixture->writer, size, truncated);
}

static void assert_field(const struct fixture *fixture, unsigned index, const char *name,
			 const char *expected)
{
	const struct wv_row_field *field = &fixture->row.fields[index];
	g_autofree char *got_name = g_strndup(field->name.data, field->name.size);
	g_autofree char *got = g_strndup(field->value.bytes.data, field->value.bytes.size);

	assert_in_range(index, 0, fixture->row.n_fields - 1);
	assert_null(field->field);
	assert_int_equal(field->value.tag, WV_VALUE_BYTES);
	assert_string_equal(got_name, name);
	assert_string_equal(got, expected);
}

/* What is sent is there again -------------------------------------------------------------------*/

static void test_row(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_row *row = &fixture->row;

	define_open(fixture);
	start(fixture, WV_RECORD_EVENT, OPEN);
	text(fixture, WV_FIELD_PROCESS, "bash");
	wv_writer_uint(&fixture->writer, 0, 257); /* a declared field, before the arguments */
	raw_bytes(fixture, 0, 0x1000, "/etc/passwd", 11, false);
	wv_writer_raw(&fixture->writer, 1, 2);
	assert_true(parse(fixture));
	assert_ptr_equal(row->type, &defined_type);
	assert_string_equal(row->method, "open");
	assert_memory_equal(row->process.data, "bash", 4);
	assert_int_equal(row->n_fields, 3);
	assert_ptr_equal(row->fields[0].field, &defined_type.fields[0]);
	assert_int_equal(row->fields[0].value.u, 257);
	assert_field(fixture, 1, "name", "const char * 0x1000=/etc/passwd/0x1002");
	assert_field(fixture, 2, "flags", "int 0x2/0x1002");
}

static void test_what_was_captured(void **state)
{
	struct fixture *fixture = *state;

	define_open(fixture);
	start(fixture, WV_RECORD_EVENT, OPEN);
	raw_bytes(fixture, 0, 1, "cut", 3, true);
	raw_bytes(fixture, 1, 0, "", 0, false); /* captured, and empty */
	assert_true(parse(fixture));
	assert_field(fixture, 0, "name", "const char * 0x1=cut+/0x1");
	assert_field(fixture, 1, "flags", "int 0x0=/0x1");
}

/** What explains each other is only there as a whole: a row of a return has some of it. */
static void test_numbers_that_are_not_all_there(void **state)
{
	struct fixture *fixture = *state;

	define_open(fixture);
	start(fixture, WV_RECORD_EVENT, OPEN);
	wv_writer_raw(&fixture->writer, 1, 7);
	assert_true(parse(fixture));
	assert_int_equal(fixture->row.n_fields, 1);
	assert_field(fixture, 0, "flags", "int 0x7");
}

static void test_no_arguments(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, WV_RECORD_DEFINITION, WV_DEFINITIONS_MAX - 1);
	text(fixture, 0, "getppid");
	assert_true(define(fixture));
	start(fixture, WV_RECORD_EVENT, WV_DEFINITIONS_MAX - 1);
	assert_true(parse(fixture));
	assert_string_equal(fixture->row.method, "getppid");
	assert_int_equal(fixture->row.n_fields, 0);
}

/** Texts are made one after the other in memory that moves as it grows. */
static void test_long_texts(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *bytes = g_strnfill(40000, 'x');
	g_autofree char *expected = NULL;

	define_open(fixture);
	start(fixture, WV_RECORD_EVENT, OPEN);
	for (unsigned i = 0; i < 5; i++)
		raw_bytes(fixture, 1, i, bytes, 40000, false);
	assert_true(parse(fixture));
	assert_int_equal(fixture->row.n_fields, 5);
	for (unsigned i = 0; i < 5; i++) {
		g_free(expected);
		expected = g_strdup_printf("int 0x%x=%s", i, bytes);
		assert_field(fixture, i, "flags", expected);
	}
}

static void test_redefinition(void **state)
{
	struct fixture *fixture = *state;

	define_open(fixture);
	start(fixture, WV_RECORD_DEFINITION, OPEN);
	text(fixture, 0, "other");
	text(fixture, 1, "only");
	text(fixture, 2, "long");
	assert_true(define(fixture));
	start(fixture, WV_RECORD_EVENT, OPEN);
	wv_writer_raw(&fixture->writer, 0, 1);
	assert_true(parse(fixture));
	assert_string_equal(fixture->row.method, "other");
	assert_field(fixture, 0, "only", "long 0x1/0x1");
	wv_writer_raw(&fixture->writer, 1, 1); /* the old one had it */
	assert_false(parse(fixture));
}

/* Bad definitions -------------------------------------------------------------------------------*/

static void test_numbers_out_of_range(void **state)
{
	static const uint32_t numbers[] = { WV_DEFINITIONS_MAX, WV_DEFINITIONS_MAX + OPEN,
					    UINT32_MAX };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		start(fixture, WV_RECORD_DEFINITION, numbers[i]);
		text(fixture, 0, "open");
		assert_false(define(fixture));
		start(fixture, WV_RECORD_EVENT, numbers[i]);
		assert_false(parse(fixture));
	}
}

static void test_definitions_that_never_came(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, WV_RECORD_EVENT, OPEN);
	assert_false(parse(fixture));
	define_open(fixture);
	start(fixture, WV_RECORD_EVENT, OPEN - 1);
	assert_false(parse(fixture));
	start(fixture, WV_RECORD_EVENT, OPEN);
	assert_true(parse(fixture));
	/* and where nobody has any */
	assert_false(wv_record_parse(fixture->writer.data, fixture->writer.used, &rings_schema,
				     NULL, &fixture->row));
}

static void test_definitions_of_other_types(void **state)
{
	static const uint32_t types[] = { 0, 1, DEFINED + 1, UINT32_MAX };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		start(fixture, WV_RECORD_DEFINITION, OPEN)->type = types[i];
		text(fixture, 0, "open");
		assert_false(define(fixture));
		assert_null(fixture->definitions.items[OPEN]);
	}
}

static void test_too_many_arguments(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_definition *definition;

	start(fixture, WV_RECORD_DEFINITION, OPEN);
	text(fixture, 0, "open");
	for (unsigned i = 1; i <= 2 * WV_DEFINITION_ARGS + 4; i++)
		text(fixture, i, i % 2 ? "name" : "type");
	assert_true(define(fixture));
	definition = fixture->definitions.items[OPEN];
	assert_int_equal(definition->n_arguments, WV_DEFINITION_ARGS);
	start(fixture, WV_RECORD_EVENT, OPEN);
	wv_writer_raw(&fixture->writer, WV_DEFINITION_ARGS - 1, 1);
	assert_true(parse(fixture));
	wv_writer_raw(&fixture->writer, WV_DEFINITION_ARGS, 1);
	assert_false(parse(fixture));
}

/** Texts that lack, come twice or are none: what is left has a name and a type all the same. */
static void test_odd_texts(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_definition *definition;

	start(fixture, WV_RECORD_DEFINITION, OPEN);
	text(fixture, 1, "first");
	text(fixture, 1, "again");
	wv_writer_uint(&fixture->writer, 2, 5);
	text(fixture, 6, "type of the third");
	text(fixture, 7, "name of a fourth without a type");
	assert_true(define(fixture));
	definition = fixture->definitions.items[OPEN];
	assert_string_equal(definition->name, "");
	assert_int_equal(definition->n_arguments, 3);
	assert_string_equal(definition->arguments[0], "again");
	assert_string_equal(definition->types[0], "");
	assert_string_equal(definition->arguments[1], "");
	assert_string_equal(definition->types[2], "type of the third");
	assert_null(definition->arguments[3]);
}

/** Every beginning of a definition: never more than there is, and always a whole one or none. */
static void test_definitions_cut_short(void **state)
{
	struct fixture *fixture = *state;
	struct wv_record_head *head = wv_writer_head(&fixture->writer);
	uint32_t whole;

	define_open(fixture);
	whole = fixture->writer.used;
	for (uint32_t size = 0; size < whole; size++) {
		head->size = whole; /* which is more than there is */
		assert_false(define_first(fixture, size));
		head->size = size;
		assert_int_equal(define_first(fixture, size), size >= sizeof(*head));
		assert_in_range(fixture->definitions.items[OPEN]->n_arguments, 0, 2);
		assert_non_null(fixture->definitions.items[OPEN]->name);
	}
}

/* Bad arguments ---------------------------------------------------------------------------------*/

static void test_arguments_of_types_without_definitions(void **state)
{
	struct fixture *fixture = *state;

	define_open(fixture);
	for (uint32_t type = 0; type < DEFINED; type++) {
		start(fixture, WV_RECORD_EVENT, 0)->type = type;
		assert_true(parse(fixture));
		wv_writer_raw(&fixture->writer, 0, 1);
		assert_false(parse(fixture));
	}
}

/** An argument that is a plain value, and a raw value that is no argument. */
static void test_wrong_tags(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *tag;

	define_open(fixture);
	start(fixture, WV_RECORD_EVENT, OPEN);
	tag = fixture->writer.data + fixture->writer.used + 2; /* {u16 field, u8 tag, ...} */
	wv_writer_raw(&fixture->writer, 0, 1);
	assert_true(parse(fixture));
	for (unsigned other = 0; other < 256; other++) {
		uint8_t good = *tag;

		*tag = (uint8_t)other;
		assert_int_equal(parse(fixture), other == good);
		*tag = good;
	}
	tag[-2] = tag[-1] = 0; /* field 0, which is a number */
	assert_false(parse(fixture));
}

static void test_arguments_cut_short(void **state)
{
	struct fixture *fixture = *state;
	struct wv_record_head *head;
	size_t whole, before;

	define_open(fixture);
	head = start(fixture, WV_RECORD_EVENT, OPEN);
	before = fixture->writer.used;
	raw_bytes(fixture, 0, 1, "some text", 9, false);
	assert_true(parse(fixture));
	whole = fixture->writer.used;
	for (size_t size = before; size < whole; size++) {
		head->size = (uint32_t)size;

		g_autofree uint8_t *copy = g_memdup2(fixture->writer.data, size);

		/* the last value is as if it were not there, or is there without its padding */
		assert_true(wv_record_parse(copy, size, &rings_schema, &fixture->definitions,
					    &fixture->row));
		assert_int_equal(fixture->row.n_fields, size >= before + 8 + 8 + 9);
	}
	/* a value that has no room for its number */
	for (uint32_t size = 0; size < 8; size++) {
		memcpy(fixture->writer.data + before + 4, &size, sizeof(size));
		assert_false(parse(fixture));
	}
}

static void test_too_many_fields(void **state)
{
	struct fixture *fixture = *state;

	define_open(fixture);
	start(fixture, WV_RECORD_EVENT, OPEN);
	for (unsigned i = 0; i < WV_ROW_FIELDS_MAX; i++)
		wv_writer_raw(&fixture->writer, 0, i);
	assert_true(parse(fixture));
	assert_int_equal(fixture->row.n_fields, WV_ROW_FIELDS_MAX);
	assert_field(fixture, WV_ROW_FIELDS_MAX - 1, "name", "const char * 0x3f");
	wv_writer_raw(&fixture->writer, 0, 0);
	assert_false(parse(fixture));
}

/** Names come from the guest: a row stays one line, in every format. */
static void test_hostile_names(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, WV_RECORD_DEFINITION, OPEN);
	text(fixture, 0, "a\nb\",PID=1\x1b[2J\xff");
	text(fixture, 1, "Method\r\n\",\"PID\":0");
	text(fixture, 2, "type");
	text(fixture, 3, "EventUID");
	text(fixture, 4, "type");
	assert_true(define(fixture));
	start(fixture, WV_RECORD_EVENT, OPEN);
	wv_writer_raw(&fixture->writer, 0, 1);
	wv_writer_raw(&fixture->writer, 1, 2);
	assert_true(parse(fixture));
	for (size_t i = 0; wv_encoders[i]; i++) {
		g_autoptr(GString) line = g_string_new(NULL);

		wv_encoders[i]->row(&fixture->row, line);
		assert_ptr_equal(strchr(line->str, '\n'), line->str + line->len - 1);
		assert_true(g_utf8_validate(line->str, (gssize)line->len, NULL));
		for (size_t j = 0; j < line->len - 1; j++)
			assert_true((uint8_t)line->str[j] >= ' ' && line->str[j] != 0x7f);
		if (strcmp(wv_encoders[i]->name, "json") == 0) /* a key that is taken */
			assert_non_null(strstr(line->str, "\"EventUID_2\":"));
	}
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_row),
		WITH(test_what_was_captured),
		WITH(test_numbers_that_are_not_all_there),
		WITH(test_no_arguments),
		WITH(test_long_texts),
		WITH(test_redefinition),
		WITH(test_numbers_out_of_range),
		WITH(test_definitions_that_never_came),
		WITH(test_definitions_of_other_types),
		WITH(test_too_many_arguments),
		WITH(test_odd_texts),
		WITH(test_definitions_cut_short),
		WITH(test_arguments_of_types_without_definitions),
		WITH(test_wrong_tags),
		WITH(test_arguments_cut_short),
		WITH(test_too_many_fields),
		WITH(test_hostile_names),
	};

	return cmocka_run_group_tests_name("definition", tests, NULL, NULL);
}
