/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Definitions on their way through a session: their order among rows, and records that are bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "output/reader.h"
#include "rings.h"

#define RINGS	2u
#define DEFINED 2 /* defined_type's place in rings_schema */

struct fixture {
	struct wv_session *session;
	struct wv_reader *reader;
	struct wv_writer writer;
	GString *log; /* "METHOD(name: text, ...) " of each row */
};

static void log_row(void *owner, const struct wv_row *row)
{
	struct fixture *fixture = owner;

	g_string_append_printf(fixture->log, "%s(", row->method);
	for (unsigned i = 0; i < row->n_fields; i++) {
		const struct wv_row_field *field = &row->fields[i];

		g_string_append_printf(fixture->log, "%s%.*s: %.*s", i ? ", " : "",
				       (int)field->name.size, field->name.data,
				       (int)field->value.bytes.size, field->value.bytes.data);
	}
	g_string_append(fixture->log, ") ");
}

static void no_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	(void)owner;
	(void)level;
	(void)text;
	fail_msg("a definition is no message");
}

static void no_status(void *owner, const struct wv_status_note *note)
{
	(void)owner;
	(void)note;
	fail_msg("a definition is no status");
}

static const struct wv_reader_events events = { .row = log_row,
						.message = no_message,
						.status = no_status };

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.session = rings_session(RINGS, "");
	fixture.reader = wv_reader_new(fixture.session, &rings_schema, &events, &fixture);
	fixture.writer = rings_writer();
	fixture.log = g_string_new(NULL);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	g_string_free(fixture->log, TRUE);
	g_free(fixture->writer.data);
	wv_reader_free(fixture->reader);
	wv_session_free(fixture->session);
	return 0;
}

static void start(struct fixture *fixture, enum wv_record_kind kind, uint32_t number)
{
	struct wv_record_head *head;

	wv_writer_start(&fixture->writer, kind);
	head = wv_writer_head(&fixture->writer);
	head->type = DEFINED;
	head->method = number;
}

static void commit(struct fixture *fixture, unsigned ring)
{
	wv_writer_finish(&fixture->writer);
	assert_true(wv_session_commit(fixture->session, ring, &fixture->writer, false));
}

/** A method with one argument, or without. */
static void define(struct fixture *fixture, unsigned ring, uint32_t number, const char *name,
		   const char *argument)
{
	start(fixture, WV_RECORD_DEFINITION, number);
	wv_writer_bytes(&fixture->writer, 0, name, strlen(name), false);
	if (argument) {
		wv_writer_bytes(&fixture->writer, 1, argument, strlen(argument), false);
		wv_writer_bytes(&fixture->writer, 2, "T", 1, false);
	}
	commit(fixture, ring);
}

/** A row of it, with a value of its argument. */
static void row(struct fixture *fixture, unsigned ring, uint32_t number, uint64_t value)
{
	start(fixture, WV_RECORD_EVENT, number);
	if (value)
		wv_writer_raw(&fixture->writer, 0, value);
	commit(fixture, ring);
}

static void told(struct fixture *fixture, const char *expected, unsigned broken)
{
	while (wv_reader_poll(fixture->reader, false))
		;
	assert_string_equal(fixture->log->str, expected);
	g_string_truncate(fixture->log, 0);
	assert_int_equal(wv_reader_broken(fixture->reader), broken);
}

/** A definition is sent by one vCPU, and holds for all. */
static void test_across_rings(void **state)
{
	struct fixture *fixture = *state;

	define(fixture, 1, 7, "open", "name");
	row(fixture, 0, 7, 0x10);
	define(fixture, 0, 8, "getppid", NULL);
	row(fixture, 1, 8, 0);
	row(fixture, 1, 7, 0x11);
	told(fixture, "open(name: T 0x10/0x10) getppid() open(name: T 0x11/0x11) ", 0);
	/* and for later */
	row(fixture, 0, 8, 0);
	told(fixture, "getppid() ", 0);
}

/** What a row means is what was said before it, in the order of all rings. */
static void test_order(void **state)
{
	struct fixture *fixture = *state;

	define(fixture, 0, 7, "old", "a");
	row(fixture, 1, 7, 1);
	define(fixture, 0, 7, "new", "b");
	row(fixture, 1, 7, 2);
	told(fixture, "old(a: T 0x1/0x1) new(b: T 0x2/0x2) ", 0);
}

static void test_rows_before_their_definition(void **state)
{
	struct fixture *fixture = *state;

	row(fixture, 0, 7, 1);
	define(fixture, 1, 7, "late", "a");
	row(fixture, 0, 7, 2);
	told(fixture, "late(a: T 0x2/0x2) ", 1);
}

/** A definition that is refused is counted, and leaves what was known alone. */
static void test_bad_definitions(void **state)
{
	struct fixture *fixture = *state;

	define(fixture, 0, 7, "good", "a");
	define(fixture, 0, WV_DEFINITIONS_MAX, "bad", "a");
	start(fixture, WV_RECORD_DEFINITION, 7);
	wv_writer_head(&fixture->writer)->type = 0; /* a type whose methods are declared */
	commit(fixture, 1);
	row(fixture, 0, 7, 1);
	row(fixture, 0, WV_DEFINITIONS_MAX, 1);
	row(fixture, 0, 7, 2);
	told(fixture, "good(a: T 0x1/0x1) good(a: T 0x2/0x2) ", 3);
}

/** As many as there can be, each more than once, as after each of a guest's restarts. */
static void test_all_of_them_again_and_again(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < WV_DEFINITIONS_MAX; i++) {
			g_autofree char *name = g_strdup_printf("call%u_%u", i, round);

			define(fixture, i % RINGS, i, name, "argument");
		}
		told(fixture, "", 0);
	}
	row(fixture, 0, WV_DEFINITIONS_MAX - 1, 1);
	row(fixture, 0, 0, 2);
	told(fixture, "call4095_2(argument: T 0x1/0x1) call0_2(argument: T 0x2/0x2) ", 0);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_across_rings),
		WITH(test_order),
		WITH(test_rows_before_their_definition),
		WITH(test_bad_definitions),
		WITH(test_all_of_them_again_and_again),
	};

	return cmocka_run_group_tests_name("definition_reader", tests, NULL, NULL);
}
