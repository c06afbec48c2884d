/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records: what is written is read back, what does not fit is told, hostile bytes do no harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>
#include <string.h>

#include "output/record.h"
#include "rows.h"

/* By their index in all_kinds and open_type (rows.h). */
enum { NUMBER, HEX, STRING, NAME, FLAGS, RESULT, LIST };

/* As record.c has them. */
#define HEAD_SIZE	sizeof(struct wv_record_head)
#define VALUE_HEAD_SIZE 8u
#define FIELD_NAMED	0xfffe
#define FIELD_CONTENT	0xfffd

static const struct wv_event_type *const types[] = { &all_kinds, &open_type };
static const struct wv_schema schema = { types, 2 };

struct fixture {
	struct wv_writer writer;
	struct wv_row row;
};

static int setup(void **state)
{
	static struct fixture fixture;

	/* exactly its size: the sanitizer sees a byte written behind it */
	fixture.writer.data = g_malloc(WV_RECORD_MAX);
	memset(fixture.writer.data, 0xa5, WV_RECORD_MAX);
	memset(&fixture.row, 0xa5, sizeof(fixture.row));
	wv_writer_start(&fixture.writer, WV_RECORD_EVENT);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	g_free(fixture->writer.data);
	return 0;
}

/** Parses a copy of exactly that size, so that the sanitizer sees each byte read beyond it. */
static bool parse_bytes(const void *data, size_t size, struct wv_row *row, uint8_t **copy)
{
	g_free(*copy);
	*copy = g_malloc(size ? size : 1);
	memcpy(*copy, data, size);
	return wv_record_parse(*copy, size, &schema, NULL, row);
}

static void parse(struct fixture *fixture)
{
	wv_writer_finish(&fixture->writer);
	assert_true(wv_record_parse(fixture->writer.data, fixture->writer.used, &schema, NULL,
				    &fixture->row));
}

static const struct wv_value *field(struct fixture *fixture, unsigned index, unsigned declared)
{
	const struct wv_row_field *row_field;

	assert_true(index < fixture->row.n_fields);
	row_field = &fixture->row.fields[index];
	assert_ptr_equal(row_field->field, &fixture->row.type->fields[declared]);
	assert_int_equal(row_field->name.size, strlen(row_field->field->name));
	assert_memory_equal(row_field->name.data, row_field->field->name, row_field->name.size);
	return &row_field->value;
}

static void assert_bytes(struct wv_bytes bytes, const void *expected, size_t size)
{
	assert_int_equal(bytes.size, size);
	assert_memory_equal(bytes.data, expected, size);
}

/* Written and read back -------------------------------------------------------------------------*/

static void test_head(void **state)
{
	struct fixture *fixture = *state;
	struct wv_record_head *head = wv_writer_head(&fixture->writer);

	assert_int_equal(HEAD_SIZE % 8, 0);
	head->vcpu = 3;
	head->time_ns = 1234567890123456789;
	head->uid = UINT64_MAX;
	head->cr3 = 0x1aa003;
	head->type = 1;
	head->method = 0;
	head->os = WV_OS_WINDOWS;
	head->pid = 1;
	head->ppid = UINT32_MAX;
	head->tid = 3;
	head->user_id = -1;
	wv_writer_bytes(&fixture->writer, WV_FIELD_PROCESS, "explorer.exe", 12, false);
	parse(fixture);

	const struct wv_row *row = &fixture->row;

	assert_int_equal(head->size, HEAD_SIZE + VALUE_HEAD_SIZE + 16);
	assert_ptr_equal(row->type, &open_type);
	assert_string_equal(row->method, "openat");
	assert_int_equal(row->time_us, 1234567890123456);
	assert_true(row->uid == UINT64_MAX);
	assert_int_equal(row->cr3, 0x1aa003);
	assert_int_equal(row->vcpu, 3);
	assert_int_equal(row->os, WV_OS_WINDOWS);
	assert_int_equal(row->pid, 1);
	assert_int_equal(row->ppid, UINT32_MAX);
	assert_int_equal(row->tid, 3);
	assert_int_equal(row->user_id, -1);
	assert_bytes(row->process, "explorer.exe", 12);
	assert_int_equal(row->n_fields, 0);
}

static void test_start_forgets(void **state)
{
	struct fixture *fixture = *state;
	struct wv_record_head *head = wv_writer_head(&fixture->writer);

	wv_writer_int(&fixture->writer, NUMBER, 1);
	head->pid = 5;
	fixture->writer.overflow = true;
	wv_writer_start(&fixture->writer, WV_RECORD_EVENT);
	assert_false(fixture->writer.overflow);
	parse(fixture);
	assert_int_equal(fixture->row.n_fields, 0);
	assert_int_equal(fixture->row.pid, 0);
	assert_int_equal(fixture->row.process.size, 0);
}

static void test_numbers(void **state)
{
	struct fixture *fixture = *state;

	wv_writer_int(&fixture->writer, NUMBER, INT64_MIN);
	wv_writer_uint(&fixture->writer, HEX, UINT64_MAX);
	wv_writer_null(&fixture->writer, STRING);
	wv_writer_uint(&fixture->writer, NAME, 0);
	wv_writer_int(&fixture->writer, RESULT, -2);
	parse(fixture);
	assert_int_equal(fixture->row.n_fields, 5);
	assert_int_equal(field(fixture, 0, NUMBER)->tag, WV_VALUE_INT);
	assert_true(field(fixture, 0, NUMBER)->i == INT64_MIN);
	assert_int_equal(field(fixture, 1, HEX)->tag, WV_VALUE_UINT);
	assert_true(field(fixture, 1, HEX)->u == UINT64_MAX);
	assert_int_equal(field(fixture, 2, STRING)->tag, WV_VALUE_NULL);
	assert_int_equal(field(fixture, 3, NAME)->u, 0);
	assert_int_equal(field(fixture, 4, RESULT)->i, -2);
}

static void test_texts(void **state)
{
	struct fixture *fixture = *state;
	char text[100];

	/* each length, for the padding */
	for (size_t size = 0; size <= sizeof(text); size++) {
		memset(text, (int)('a' + size % 26), size);
		wv_writer_start(&fixture->writer, WV_RECORD_EVENT);
		wv_writer_bytes(&fixture->writer, STRING, text, size, size % 2);
		wv_writer_int(&fixture->writer, NUMBER, 7);
		parse(fixture);
		assert_int_equal(fixture->writer.used % 8, 0);
		assert_int_equal(field(fixture, 0, STRING)->tag, WV_VALUE_BYTES);
		assert_bytes(field(fixture, 0, STRING)->bytes, text, size);
		assert_int_equal(field(fixture, 0, STRING)->truncated, size % 2);
		assert_int_equal(field(fixture, 1, NUMBER)->i, 7);
	}
}

static void test_text_read_in_place(void **state)
{
	struct fixture *fixture = *state;
	size_t size = 100;
	char *text = wv_writer_text_begin(&fixture->writer, STRING, &size);

	assert_non_null(text);
	assert_int_equal(size, 100);
	assert_int_equal((uintptr_t)text % 8, 0);
	memcpy(text, "hello", 5);
	wv_writer_text_end(&fixture->writer, 5, true);
	/* one that was begun and given up leaves nothing */
	size = 50;
	assert_non_null(wv_writer_text_begin(&fixture->writer, HEX, &size));
	wv_writer_int(&fixture->writer, NUMBER, 1);
	parse(fixture);
	assert_int_equal(fixture->row.n_fields, 2);
	assert_bytes(field(fixture, 0, STRING)->bytes, "hello", 5);
	assert_true(field(fixture, 0, STRING)->truncated);
	assert_int_equal(field(fixture, 1, NUMBER)->i, 1);
}

static void test_named(void **state)
{
	struct fixture *fixture = *state;
	char name[300];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	wv_writer_head(&fixture->writer)->type = 1;
	wv_writer_named(&fixture->writer, "fd", "3", 1, false);
	wv_writer_named(&fixture->writer, "", "", 0, true);
	wv_writer_named(&fixture->writer, name, "x", 1, false);
	parse(fixture);
	assert_int_equal(fixture->row.n_fields, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_null(fixture->row.fields[i].field);
		assert_int_equal(fixture->row.fields[i].value.tag, WV_VALUE_BYTES);
		assert_int_equal(fixture->row.fields[i].value.truncated, i == 1);
	}
	assert_bytes(fixture->row.fields[0].name, "fd", 2);
	assert_bytes(fixture->row.fields[0].value.bytes, "3", 1);
	assert_bytes(fixture->row.fields[1].name, "", 0);
	assert_bytes(fixture->row.fields[1].value.bytes, "", 0);
	assert_bytes(fixture->row.fields[2].name, name, UINT8_MAX); /* no longer ones */
	assert_bytes(fixture->row.fields[2].value.bytes, "x", 1);
}

static void test_named_only_where_they_may_be(void **state)
{
	struct fixture *fixture = *state;

	wv_writer_named(&fixture->writer, "fd", "3", 1, false);
	wv_writer_finish(&fixture->writer);
	assert_false(wv_record_parse(fixture->writer.data, fixture->writer.used, &schema, NULL,
				     &fixture->row));
}

static void test_lists(void **state)
{
	struct fixture *fixture = *state;
	struct wv_list_item item;
	size_t cursor = 0;

	wv_writer_list_begin(&fixture->writer, LIST);
	wv_writer_list_item(&fixture->writer, NULL, "alone", 5);
	wv_writer_list_item(&fixture->writer, "key", "value", 5);
	wv_writer_list_item(&fixture->writer, "", "", 0);
	wv_writer_list_item(&fixture->writer, NULL, "", 0);
	wv_writer_list_end(&fixture->writer, false);
	wv_writer_list_begin(&fixture->writer, LIST); /* and an empty one */
	wv_writer_list_end(&fixture->writer, false);
	wv_writer_int(&fixture->writer, NUMBER, 1);
	parse(fixture);

	const struct wv_value *list = field(fixture, 0, LIST);

	assert_int_equal(list->tag, WV_VALUE_LIST);
	assert_false(list->truncated);
	assert_true(wv_list_next(list, &cursor, &item));
	assert_null(item.name.data);
	assert_bytes(item.text, "alone", 5);
	assert_true(wv_list_next(list, &cursor, &item));
	assert_bytes(item.name, "key", 3);
	assert_bytes(item.text, "value", 5);
	assert_true(wv_list_next(list, &cursor, &item));
	assert_non_null(item.name.data);
	assert_int_equal(item.name.size, 0);
	assert_int_equal(item.text.size, 0);
	assert_true(wv_list_next(list, &cursor, &item));
	assert_null(item.name.data);
	assert_false(wv_list_next(list, &cursor, &item));

	cursor = 0;
	assert_false(wv_list_next(field(fixture, 1, LIST), &cursor, &item));
	assert_false(wv_list_next(field(fixture, 2, NUMBER), &cursor, &item));
}

static void test_messages(void **state)
{
	struct fixture *fixture = *state;
	struct wv_bytes text;

	wv_writer_start(&fixture->writer, WV_RECORD_MESSAGE);
	wv_writer_bytes(&fixture->writer, 0, "hello", 5, false);
	wv_writer_finish(&fixture->writer);
	assert_bytes(wv_record_text(fixture->writer.data, fixture->writer.used), "hello", 5);
	/* no event, so no row */
	assert_false(wv_record_parse(fixture->writer.data, fixture->writer.used, &schema, NULL,
				     &fixture->row));

	wv_writer_start(&fixture->writer, WV_RECORD_STATUS);
	wv_writer_finish(&fixture->writer);
	text = wv_record_text(fixture->writer.data, fixture->writer.used);
	assert_int_equal(text.size, 0);
	assert_non_null(text.data);
	wv_writer_int(&fixture->writer, 0, 5); /* not a text */
	wv_writer_finish(&fixture->writer);
	assert_int_equal(wv_record_text(fixture->writer.data, fixture->writer.used).size, 0);
}

/* Contents --------------------------------------------------------------------------------------*/

static void test_content_of_a_row(void **state)
{
	struct fixture *fixture = *state;

	wv_writer_int(&fixture->writer, NUMBER, 1);
	wv_writer_content(&fixture->writer, UINT32_MAX, UINT64_MAX);
	wv_writer_int(&fixture->writer, NUMBER, 2);
	parse(fixture);
	assert_int_equal(fixture->row.content, UINT32_MAX);
	assert_true(fixture->row.content_size == UINT64_MAX);
	assert_int_equal(fixture->row.n_fields, 2); /* it is none of the fields */
	assert_int_equal(field(fixture, 1, NUMBER)->i, 2);
	/* the next one has none */
	wv_writer_start(&fixture->writer, WV_RECORD_EVENT);
	parse(fixture);
	assert_int_equal(fixture->row.content, 0);
	assert_int_equal(fixture->row.content_size, 0);
}

static void start_piece(struct wv_writer *writer, uint64_t offset, const void *data, size_t size)
{
	size_t room = size;
	char *bytes;

	wv_writer_start_content(writer, WV_CONTENT_PIECE, offset);
	bytes = wv_writer_text_begin(writer, 0, &room);
	assert_int_equal(room, size);
	memcpy(bytes, data, size);
	wv_writer_text_end(writer, size, false);
	wv_writer_finish(writer);
}

static void test_pieces_of_a_content(void **state)
{
	static char bytes[WV_TEXT_MAX];
	struct fixture *fixture = *state;
	struct wv_writer *writer = &fixture->writer;
	struct wv_content_piece piece;

	memset(bytes, 'b', sizeof(bytes));
	for (size_t size = 1; size <= sizeof(bytes); size = size < 20 ? size + 1 : size * 2) {
		start_piece(writer, UINT64_MAX - size, bytes, size);
		assert_true(wv_record_content(writer->data, writer->used, &piece));
		assert_int_equal(piece.step, WV_CONTENT_PIECE);
		assert_true(piece.offset == UINT64_MAX - size);
		assert_bytes(piece.bytes, bytes, size);
		assert_false(
			wv_record_parse(writer->data, writer->used, &schema, NULL, &fixture->row));
	}
	wv_writer_start_content(writer, WV_CONTENT_END, 0);
	wv_writer_finish(writer);
	assert_true(wv_record_content(writer->data, writer->used, &piece));
	assert_int_equal(piece.step, WV_CONTENT_END);
	assert_int_equal(piece.bytes.size, 0);
}

static void test_contents_that_lie(void **state)
{
	struct fixture *fixture = *state;
	struct wv_writer *writer = &fixture->writer;
	struct wv_record_head *head = wv_writer_head(writer);
	struct wv_content_piece piece;

#define REFUSED(member, value)                                                                     \
	do {                                                                                       \
		start_piece(writer, 1, "abc", 3);                                                  \
		head->member = (value);                                                            \
		assert_false(wv_record_content(writer->data, writer->used, &piece));               \
	} while (0)
	REFUSED(kind, WV_RECORD_EVENT);
	REFUSED(kind, WV_RECORD_MESSAGE);
	REFUSED(type, WV_CONTENT_END + 1);
	REFUSED(type, UINT32_MAX);
	REFUSED(size, HEAD_SIZE); /* a piece of nothing */
	REFUSED(size, HEAD_SIZE + VALUE_HEAD_SIZE + 2);
	REFUSED(size, writer->used + 1);
#undef REFUSED
	wv_writer_start_content(writer, WV_CONTENT_PIECE, 1);
	wv_writer_int(writer, 0, 5); /* not bytes */
	wv_writer_finish(writer);
	assert_false(wv_record_content(writer->data, writer->used, &piece));
	wv_writer_start_content(writer, WV_CONTENT_PIECE, 1);
	wv_writer_bytes(writer, 0, "", 0, false);
	wv_writer_finish(writer);
	assert_false(wv_record_content(writer->data, writer->used, &piece));
}

/** What a row says of its content is two numbers, and nothing else. */
static void test_contents_of_rows_that_lie(void **state)
{
	static const char bytes[24];
	struct fixture *fixture = *state;
	struct wv_writer *writer = &fixture->writer;

	for (size_t size = 0; size <= sizeof(bytes); size++) {
		wv_writer_start(writer, WV_RECORD_EVENT);
		wv_writer_bytes(writer, FIELD_CONTENT, bytes, size, false);
		wv_writer_finish(writer);
		assert_int_equal(
			wv_record_parse(writer->data, writer->used, &schema, NULL, &fixture->row),
			size == 16);
	}
	wv_writer_start(writer, WV_RECORD_EVENT);
	wv_writer_uint(writer, FIELD_CONTENT, 1);
	wv_writer_finish(writer);
	assert_false(wv_record_parse(writer->data, writer->used, &schema, NULL, &fixture->row));
}

/* What does not fit -----------------------------------------------------------------------------*/

static void test_long_text_is_cut(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = g_malloc(WV_TEXT_MAX + 1);

	memset(text, 't', WV_TEXT_MAX + 1);
	wv_writer_bytes(&fixture->writer, STRING, text, WV_TEXT_MAX, false);
	wv_writer_bytes(&fixture->writer, STRING, text, WV_TEXT_MAX + 1, false);
	assert_false(fixture->writer.overflow); /* cut and marked, but not missing */
	parse(fixture);
	assert_int_equal(field(fixture, 0, STRING)->bytes.size, WV_TEXT_MAX);
	assert_false(field(fixture, 0, STRING)->truncated);
	assert_int_equal(field(fixture, 1, STRING)->bytes.size, WV_TEXT_MAX);
	assert_true(field(fixture, 1, STRING)->truncated);
}

static void test_long_named_text_is_cut(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = g_malloc(WV_TEXT_MAX);

	memset(text, 't', WV_TEXT_MAX);
	wv_writer_head(&fixture->writer)->type = 1;
	wv_writer_named(&fixture->writer, "buf", text, WV_TEXT_MAX, false);
	parse(fixture);
	assert_bytes(fixture->row.fields[0].name, "buf", 3);
	assert_int_equal(fixture->row.fields[0].value.bytes.size, WV_TEXT_MAX - 4);
	assert_true(fixture->row.fields[0].value.truncated);
}

/** Fills the record with texts until @left bytes are left. */
static void fill(struct wv_writer *writer, uint32_t left)
{
	static const char text[WV_TEXT_MAX];

	wv_writer_start(writer, WV_RECORD_EVENT);
	while (WV_RECORD_MAX - writer->used > left) {
		size_t size = WV_RECORD_MAX - writer->used - left - VALUE_HEAD_SIZE;

		wv_writer_bytes(writer, STRING, text, MIN(size, 50000), false);
	}
	assert_int_equal(WV_RECORD_MAX - writer->used, left);
	assert_false(writer->overflow);
}

static void test_overflow(void **state)
{
	struct fixture *fixture = *state;
	struct wv_writer *writer = &fixture->writer;
	unsigned n_fields;

	for (uint32_t left = 0; left <= 32; left += 8) {
		/* a number needs 16 bytes */
		fill(writer, left);
		wv_writer_int(writer, NUMBER, 1);
		assert_int_equal(writer->overflow, left < 16);
		assert_int_equal(WV_RECORD_MAX - writer->used, left < 16 ? left : left - 16);
		fill(writer, left);
		wv_writer_uint(writer, NUMBER, 1);
		assert_int_equal(writer->overflow, left < 16);
		/* the mark of an unreadable value needs 8 */
		fill(writer, left);
		wv_writer_null(writer, NUMBER);
		assert_int_equal(writer->overflow, left < 8);
		assert_int_equal(WV_RECORD_MAX - writer->used, left < 8 ? left : left - 8);
		/* a text is cut to what is there, if that is anything */
		fill(writer, left);
		wv_writer_bytes(writer, STRING, "0123456789012345678901234567890123456789", 40,
				false);
		assert_int_equal(writer->overflow, left < 16);
		assert_int_equal(WV_RECORD_MAX - writer->used, left < 16 ? left : 0);
	}
	/* what came before is whole */
	fill(writer, 8);
	wv_writer_int(writer, NUMBER, 1);
	parse(fixture);
	n_fields = fixture->row.n_fields;
	assert_int_equal(field(fixture, n_fields - 1, STRING)->tag, WV_VALUE_BYTES);
	/* after one that did not fit, a smaller one still may */
	fill(writer, 16);
	wv_writer_list_begin(writer, LIST);
	wv_writer_list_item(writer, "a long name", "a long text", 11);
	wv_writer_list_end(writer, false);
	parse(fixture);
	assert_int_equal(fixture->row.n_fields, n_fields + 1);
	assert_true(field(fixture, n_fields, LIST)->truncated);
}

static void test_overflow_of_content(void **state)
{
	struct fixture *fixture = *state;
	struct wv_writer *writer = &fixture->writer;

	/* whole or not at all: the row is good in any case */
	for (uint32_t left = 0; left <= 32; left += 8) {
		fill(writer, left);
		wv_writer_content(writer, 1, 2);
		assert_int_equal(writer->overflow, left < VALUE_HEAD_SIZE + 16);
		parse(fixture);
		assert_int_equal(fixture->row.content, left < VALUE_HEAD_SIZE + 16 ? 0 : 1);
	}
}

static void test_overflow_of_named(void **state)
{
	struct fixture *fixture = *state;
	struct wv_writer *writer = &fixture->writer;

	for (uint32_t left = 0; left <= 40; left += 8) {
		uint32_t used;

		fill(writer, left);
		wv_writer_head(writer)->type = 1;
		used = writer->used;
		wv_writer_named(writer, "0123456789", "abcdefgh", 8, false);
		/* its name must fit whole; its text may be cut */
		assert_int_equal(writer->overflow, left < VALUE_HEAD_SIZE + 11);
		if (writer->overflow) {
			assert_int_equal(writer->used, used);
			continue;
		}
		parse(fixture);

		const struct wv_row_field *last = &fixture->row.fields[fixture->row.n_fields - 1];

		assert_bytes(last->name, "0123456789", 10);
		assert_int_equal(last->value.bytes.size, MIN(8, left - VALUE_HEAD_SIZE - 11));
		assert_int_equal(last->value.truncated, last->value.bytes.size < 8);
	}
}

static void test_overflow_of_lists(void **state)
{
	struct fixture *fixture = *state;
	struct wv_writer *writer = &fixture->writer;

	for (uint32_t left = 0; left <= 64; left += 8) {
		unsigned items = 0, n_fields;
		struct wv_list_item item;
		size_t cursor = 0;

		fill(writer, left);
		parse(fixture);
		n_fields = fixture->row.n_fields;
		wv_writer_list_begin(writer, LIST);
		for (unsigned i = 0; i < 10; i++)
			wv_writer_list_item(writer, "k", "text", 4); /* 9 bytes each */
		wv_writer_list_end(writer, false);
		assert_true(writer->used <= WV_RECORD_MAX);
		parse(fixture);
		if (writer->overflow) {
			assert_true(left <= 8);
			assert_int_equal(fixture->row.n_fields, n_fields);
			continue;
		}
		assert_true(field(fixture, n_fields, LIST)->truncated);
		while (wv_list_next(field(fixture, n_fields, LIST), &cursor, &item)) {
			assert_bytes(item.name, "k", 1);
			assert_bytes(item.text, "text", 4);
			items++;
		}
		assert_int_equal(items, (left - VALUE_HEAD_SIZE) / 9);
	}
}

static void test_items_that_are_too_large(void **state)
{
	struct fixture *fixture = *state;
	struct wv_writer *writer = &fixture->writer;
	g_autofree char *text = g_malloc0(WV_TEXT_MAX);
	struct wv_list_item item;
	size_t cursor = 0;

	wv_writer_list_begin(writer, LIST);
	wv_writer_list_item(writer, NULL, text, UINT16_MAX);   /* would read as "no name" */
	wv_writer_list_item(writer, NULL, text, SIZE_MAX - 2); /* and this would seem small */
	wv_writer_list_item(writer, NULL, "x", 1);
	wv_writer_list_item(writer, NULL, text, UINT16_MAX - 2); /* for itself it would fit */
	wv_writer_list_end(writer, false);
	parse(fixture);
	assert_true(field(fixture, 0, LIST)->truncated);
	assert_true(wv_list_next(field(fixture, 0, LIST), &cursor, &item));
	assert_bytes(item.text, "x", 1);
	assert_false(wv_list_next(field(fixture, 0, LIST), &cursor, &item));

	wv_writer_start(writer, WV_RECORD_EVENT);
	wv_writer_list_begin(writer, LIST);
	wv_writer_list_item(writer, NULL, text, WV_TEXT_MAX - 4); /* with its own head */
	wv_writer_list_end(writer, false);
	parse(fixture);
	assert_false(field(fixture, 0, LIST)->truncated);
	cursor = 0;
	assert_true(wv_list_next(field(fixture, 0, LIST), &cursor, &item));
	assert_int_equal(item.text.size, WV_TEXT_MAX - 4);
}

/* Malformed records -----------------------------------------------------------------------------*/

/** A record with a value of each sort. */
static void write_all(struct wv_writer *writer)
{
	struct wv_record_head *head = wv_writer_head(writer);

	wv_writer_start(writer, WV_RECORD_EVENT);
	head->type = 1;
	head->os = WV_OS_LINUX;
	wv_writer_bytes(writer, WV_FIELD_PROCESS, "bash", 4, false);
	wv_writer_int(writer, NUMBER, -1);
	wv_writer_uint(writer, HEX, 1);
	wv_writer_null(writer, NAME);
	wv_writer_bytes(writer, STRING, "some text", 9, true);
	wv_writer_list_begin(writer, LIST);
	wv_writer_list_item(writer, "key", "value", 5);
	wv_writer_list_item(writer, NULL, "value", 5);
	wv_writer_list_end(writer, false);
	wv_writer_named(writer, "name", "text", 4, false);
	wv_writer_content(writer, 1, 5000);
	wv_writer_finish(writer);
}

static void assert_refused(struct fixture *fixture, const struct wv_record_head *head)
{
	memcpy(fixture->writer.data, head, sizeof(*head));
	assert_false(wv_record_parse(fixture->writer.data, fixture->writer.used, &schema, NULL,
				     &fixture->row));
}

static void test_heads_that_lie(void **state)
{
	struct fixture *fixture = *state;
	struct wv_record_head head;

	write_all(&fixture->writer);
	assert_true(wv_record_parse(fixture->writer.data, fixture->writer.used, &schema, NULL,
				    &fixture->row));
#define REFUSED(member, value)                                                                     \
	do {                                                                                       \
		write_all(&fixture->writer);                                                       \
		head = *wv_writer_head(&fixture->writer);                                          \
		head.member = (value);                                                             \
		assert_refused(fixture, &head);                                                    \
	} while (0)
	REFUSED(kind, WV_RECORD_SKIP);
	REFUSED(kind, WV_RECORD_MESSAGE);
	REFUSED(kind, 77);
	REFUSED(size, 0);
	REFUSED(size, HEAD_SIZE - 1);
	REFUSED(size, head.size + 1);
	REFUSED(size, UINT32_MAX);
	REFUSED(type, 2);
	REFUSED(type, UINT32_MAX);
	REFUSED(method, 1);
	REFUSED(method, UINT32_MAX);
#undef REFUSED
}

static void test_claims_of_less(void **state)
{
	struct fixture *fixture = *state;

	/* a record may be smaller than the bytes at hand: the rest is not looked at */
	write_all(&fixture->writer);
	wv_writer_head(&fixture->writer)->size = HEAD_SIZE;
	assert_true(wv_record_parse(fixture->writer.data, fixture->writer.used, &schema, NULL,
				    &fixture->row));
	assert_int_equal(fixture->row.n_fields, 0);
	assert_int_equal(fixture->row.process.size, 0);
}

static void test_too_many_fields(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < WV_ROW_FIELDS_MAX; i++)
		wv_writer_int(&fixture->writer, NUMBER, (int64_t)i);
	parse(fixture);
	assert_int_equal(fixture->row.n_fields, WV_ROW_FIELDS_MAX);
	assert_int_equal(field(fixture, WV_ROW_FIELDS_MAX - 1, NUMBER)->i, WV_ROW_FIELDS_MAX - 1);
	wv_writer_int(&fixture->writer, NUMBER, 1);
	wv_writer_finish(&fixture->writer);
	assert_false(wv_record_parse(fixture->writer.data, fixture->writer.used, &schema, NULL,
				     &fixture->row));
}

static void test_unknown_field(void **state)
{
	struct fixture *fixture = *state;

	wv_writer_int(&fixture->writer, (uint16_t)all_kinds.n_fields, 1);
	wv_writer_finish(&fixture->writer);
	assert_false(wv_record_parse(fixture->writer.data, fixture->writer.used, &schema, NULL,
				     &fixture->row));
}

static void test_process_that_is_no_text(void **state)
{
	struct fixture *fixture = *state;

	wv_writer_int(&fixture->writer, WV_FIELD_PROCESS, 1);
	parse(fixture);
	assert_non_null(fixture->row.process.data);
	assert_int_equal(fixture->row.process.size, 0);
}

/** All that a row points to is in the record, or is declared. */
static void check_inside(const struct wv_row *row, const uint8_t *record, size_t size)
{
#define INSIDE(bytes_)                                                                             \
	assert_true((bytes_).size <= size && (const uint8_t *)(bytes_).data >= record &&           \
		    (const uint8_t *)(bytes_).data + (bytes_).size <= record + size)
	if (row->process.size)
		INSIDE(row->process);
	for (unsigned i = 0; i < row->n_fields; i++) {
		const struct wv_row_field *at = &row->fields[i];
		struct wv_list_item item;
		size_t cursor = 0;

		assert_true(at->value.tag <= WV_VALUE_LIST);
		if (!at->field)
			INSIDE(at->name);
		if (at->value.tag == WV_VALUE_BYTES || at->value.tag == WV_VALUE_LIST)
			INSIDE(at->value.bytes);
		while (wv_list_next(&at->value, &cursor, &item)) {
			INSIDE(item.text);
			if (item.name.data)
				INSIDE(item.name);
		}
	}
#undef INSIDE
}

static void test_cut_anywhere(void **state)
{
	struct fixture *fixture = *state;
	g_autofree uint8_t *copy = NULL;
	unsigned whole = 0;

	write_all(&fixture->writer);
	for (uint32_t size = 0; size <= fixture->writer.used; size++) {
		struct wv_record_head *head = wv_writer_head(&fixture->writer);
		struct wv_bytes text;

		/* the bytes end, and the record knows it or does not */
		head->size = fixture->writer.used;
		if (parse_bytes(fixture->writer.data, size, &fixture->row, &copy))
			whole++;
		head->size = size;
		if (parse_bytes(fixture->writer.data, size, &fixture->row, &copy))
			check_inside(&fixture->row, copy, size);
		text = wv_record_text(copy, size);
		for (size_t i = 0; i < text.size; i++)
			assert_true(text.data + i < (char *)copy + size);
	}
	assert_int_equal(whole, 1);
}

static void test_mutations(void **state)
{
	struct fixture *fixture = *state;
	g_autofree uint8_t *copy = NULL;
	g_autofree uint8_t *bytes = NULL;
	uint32_t random = 12345, size;
	unsigned parsed = 0, refused = 0;

	write_all(&fixture->writer);
	size = fixture->writer.used;
	bytes = g_malloc(size);
	for (unsigned round = 0; round < 200000; round++) {
		memcpy(bytes, fixture->writer.data, size);
		for (unsigned i = 0; i <= round % 4; i++) {
			random = random * 1664525 + 1013904223;
			bytes[(random >> 8) % size] = random & 0x40   ? 0xff
						      : random & 0x80 ? (uint8_t)(random >> 24)
								      : 0;
		}
		if (parse_bytes(bytes, size, &fixture->row, &copy)) {
			parsed++;
			check_inside(&fixture->row, copy, size);
		} else {
			refused++;
		}
		wv_record_text(copy, size);
	}
	/* the test means something only while both happen */
	assert_true(parsed > 1000 && refused > 1000);
}

static void test_random_bytes(void **state)
{
	struct fixture *fixture = *state;
	g_autofree uint8_t *copy = NULL;
	uint8_t bytes[512];
	uint32_t random = 1;

	for (unsigned round = 0; round < 100000; round++) {
		struct wv_record_head head = { .kind = WV_RECORD_EVENT, .type = round & 1 };
		size_t size = HEAD_SIZE + round % (sizeof(bytes) - HEAD_SIZE);

		head.size = (uint32_t)size;
		memcpy(bytes, &head, sizeof(head));
		for (size_t i = HEAD_SIZE; i < size; i++) {
			random = random * 1664525 + 1013904223;
			bytes[i] = (uint8_t)(random >> 24) & (random & 0x100000 ? 0xff : 7);
		}
		if (parse_bytes(bytes, size, &fixture->row, &copy))
			check_inside(&fixture->row, copy, size);
	}
}

/** Takes a copy of exactly that size for a piece. Whether it is one. */
static bool try_piece(const void *data, size_t size)
{
	g_autofree uint8_t *copy = g_malloc(size ? size : 1);
	struct wv_content_piece piece;

	memcpy(copy, data, size);
	if (!wv_record_content(copy, size, &piece))
		return false;
	assert_true(piece.bytes.size <= size);
	for (size_t i = 0; i < piece.bytes.size; i++)
		assert_in_range((uintptr_t)&piece.bytes.data[i], (uintptr_t)copy,
				(uintptr_t)copy + size - 1);
	return true;
}

static void test_pieces_that_are_changed(void **state)
{
	struct fixture *fixture = *state;
	struct wv_writer *writer = &fixture->writer;
	uint32_t random = 12345;
	unsigned pieces = 0, refused = 0;
	uint8_t bytes[128];

	start_piece(writer, 1, "0123456789", 10);
	assert_true(writer->used <= sizeof(bytes));
	for (uint32_t size = 0; size <= writer->used; size++)
		assert_int_equal(try_piece(writer->data, size), size == writer->used);
	for (unsigned round = 0; round < 100000; round++) {
		memcpy(bytes, writer->data, writer->used);
		for (unsigned i = 0; i <= round % 4; i++) {
			random = random * 1664525 + 1013904223;
			bytes[(random >> 8) % writer->used] =
				random & 0x40 ? 0xff : (uint8_t)(random >> 24);
		}
		if (try_piece(bytes, writer->used))
			pieces++;
		else
			refused++;
	}
	assert_true(pieces > 1000 && refused > 1000);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_head),
		WITH(test_start_forgets),
		WITH(test_numbers),
		WITH(test_texts),
		WITH(test_text_read_in_place),
		WITH(test_named),
		WITH(test_named_only_where_they_may_be),
		WITH(test_lists),
		WITH(test_messages),
		WITH(test_content_of_a_row),
		WITH(test_pieces_of_a_content),
		WITH(test_contents_that_lie),
		WITH(test_contents_of_rows_that_lie),
		WITH(test_long_text_is_cut),
		WITH(test_long_named_text_is_cut),
		WITH(test_overflow),
		WITH(test_overflow_of_content),
		WITH(test_overflow_of_named),
		WITH(test_overflow_of_lists),
		WITH(test_items_that_are_too_large),
		WITH(test_heads_that_lie),
		WITH(test_claims_of_less),
		WITH(test_too_many_fields),
		WITH(test_unknown_field),
		WITH(test_process_that_is_no_text),
		WITH(test_cut_anywhere),
		WITH(test_mutations),
		WITH(test_random_bytes),
		WITH(test_pieces_that_are_changed),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
