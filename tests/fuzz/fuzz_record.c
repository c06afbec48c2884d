/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for records and rings: what a corrupted or hostile writer leaves in the
 * shared memory. The first byte chooses: 0, a valid record of the type that has all kinds of
 * fields, changed as patch.h says; 1, the rest of the input is a record; 2, it is the content of a
 * ring, from an odd place on; 3, a definition and a row of it are changed, 4, the same of the type
 * whose texts the build's own plugin makes; 5, two vCPUs send contents of files, in pieces that the
 * input chooses, which go into a folder. Whatever it is, a row points into the record and to the
 * texts that were made for it, a ring is read to its end, and in the folder is nothing that does
 * not belong there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dumped.h"
#include "input.h"
#include "monitor/registry.h"
#include "output/encode.h"
#include "output/reader.h"
#include "patch.h"
#include "rings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Reads all of the bytes, so that the sanitizer sees each that is not there. */
static volatile unsigned sum;

static void touch(struct wv_bytes bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		sum += (uint8_t)bytes.data[i];
}

static void touch_row(void *owner, const struct wv_row *row)
{
	(void)owner;
	touch(row->process);
	for (unsigned i = 0; i < row->n_fields; i++) {
		const struct wv_value *value = &row->fields[i].value;
		struct wv_list_item item;
		size_t cursor = 0;

		touch(row->fields[i].name);
		if (value->tag == WV_VALUE_BYTES || value->tag == WV_VALUE_LIST)
			touch(value->bytes);
		while (wv_list_next(value, &cursor, &item)) {
			touch(item.text);
			if (item.name.data)
				touch(item.name);
		}
	}
	for (size_t i = 0; wv_encoders[i]; i++) {
		g_autoptr(GString) line = g_string_new(NULL);

		wv_encoders[i]->row(row, line);
	}
}

static void touch_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	(void)owner;
	(void)level;
	touch(text);
}

static void touch_status(void *owner, const struct wv_status_note *note)
{
	(void)owner;
	touch(note->text);
}

static void touch_content(void *owner, unsigned ring, const struct wv_row *row,
			  const struct wv_content_piece *piece)
{
	(void)owner;
	(void)ring;
	if (row)
		sum += row->content;
	else
		touch(piece->bytes);
}

static const struct wv_reader_events events = { touch_row, touch_message, touch_status,
						touch_content };

static void parse(const uint8_t *record, size_t size, const struct wv_schema *schema,
		  struct wv_definitions *definitions)
{
	static struct wv_row row;

	struct wv_content_piece piece;

	wv_record_define(record, size, schema, definitions);
	if (wv_record_parse(record, size, schema, definitions, &row))
		touch_row(NULL, &row);
	touch(wv_record_text(record, size));
	if (wv_record_content(record, size, &piece))
		touch(piece.bytes);
}

/** A record with a value of each sort. Its size. */
static size_t write_valid(struct wv_writer *writer)
{
	struct wv_record_head *head = wv_writer_head(writer);

	wv_writer_start(writer, WV_RECORD_EVENT);
	head->type = 1;
	head->os = WV_OS_LINUX;
	wv_writer_bytes(writer, WV_FIELD_PROCESS, "bash", 4, false);
	for (uint16_t field = 0; field < 6; field++)
		wv_writer_uint(writer, field, 0x1234);
	wv_writer_null(writer, 0);
	wv_writer_bytes(writer, 2, "some text", 9, true);
	wv_writer_list_begin(writer, 6);
	wv_writer_list_item(writer, "key", "value", 5);
	wv_writer_list_item(writer, NULL, "value", 5);
	wv_writer_list_end(writer, false);
	wv_writer_named(writer, "name", "text", 4, false);
	wv_writer_content(writer, 1, 5000);
	wv_writer_finish(writer);
	return writer->used;
}

/** A definition with three arguments, and a row of it with all three. */
static size_t write_definition(struct wv_writer *writer, uint32_t type)
{
	static const char *const texts[] = { "openat",	     "dfd",   "int", "filename",
					     "const char *", "flags", "int" };
	struct wv_record_head *head = wv_writer_head(writer);

	wv_writer_start(writer, WV_RECORD_DEFINITION);
	head->type = type;
	head->method = 7;
	for (uint16_t i = 0; i < G_N_ELEMENTS(texts); i++)
		wv_writer_bytes(writer, i, texts[i], strlen(texts[i]), false);
	wv_writer_finish(writer);
	return writer->used;
}

static size_t write_defined(struct wv_writer *writer, uint32_t type)
{
	struct wv_record_head *head = wv_writer_head(writer);
	size_t room = 12;
	char *bytes;

	wv_writer_start(writer, WV_RECORD_EVENT);
	head->type = type;
	head->method = 7;
	head->os = WV_OS_LINUX;
	wv_writer_bytes(writer, WV_FIELD_PROCESS, "bash", 4, false);
	wv_writer_uint(writer, 3, 257);
	wv_writer_raw(writer, 0, 0xffffff9c);
	bytes = wv_writer_raw_begin(writer, 1, 0x7ffd0000, &room);
	memcpy(bytes, "/some/file\0x", room);
	wv_writer_raw_end(writer, room, true);
	wv_writer_raw(writer, 2, 0x80002);
	wv_writer_finish(writer);
	return writer->used;
}

/** Changes a record and parses it, in memory of exactly its size: each byte beyond it is seen. */
static void parse_changed(const struct wv_writer *writer, size_t left, const uint8_t *data,
			  size_t size, const struct wv_schema *schema,
			  struct wv_definitions *definitions)
{
	uint8_t *copy = g_memdup2(writer->data, left);

	left = apply_patches(copy, left, data, size);
	copy = g_realloc(copy, left);
	parse(copy, left, schema, definitions);
	g_free(copy);
}

static void test_changed(const uint8_t *data, size_t size)
{
	struct wv_writer writer = rings_writer();
	struct wv_definitions definitions;

	wv_definitions_init(&definitions);
	parse_changed(&writer, write_valid(&writer), data, size, &rings_schema, &definitions);
	wv_definitions_deinit(&definitions);
	g_free(writer.data);
}

/** Half of the changes are for the definition, half for the row. */
static void test_defined(const uint8_t *data, size_t size, const struct wv_schema *schema,
			 uint32_t type)
{
	struct wv_writer writer = rings_writer();
	struct wv_definitions definitions;
	size_t half = size / 12 * 6;

	wv_definitions_init(&definitions);
	parse_changed(&writer, write_definition(&writer, type), data, half, schema, &definitions);
	parse_changed(&writer, write_defined(&writer, type), data + half, size - half, schema,
		      &definitions);
	wv_definitions_deinit(&definitions);
	g_free(writer.data);
}

/** The build's own type of which methods are defined, if it has one. */
static void test_own_type(const uint8_t *data, size_t size)
{
	const struct wv_schema *schema = wv_plugins_schema();

	for (uint32_t type = 0; type < schema->n_types; type++) {
		if (!schema->types[type]->defined)
			continue;
		test_defined(data, size, schema, type);
		return;
	}
}

static void test_record(const uint8_t *data, size_t size)
{
	uint8_t *copy = g_memdup2(data, size);
	struct wv_definitions definitions;

	wv_definitions_init(&definitions);
	parse(copy, size, &rings_schema, &definitions);
	wv_definitions_deinit(&definitions);
	g_free(copy);
}

/** The input is in the ring, as often as it fits into one piece of it. */
static void test_ring(const uint8_t *data, size_t size)
{
	struct wv_session *session = rings_session(1, "");
	struct wv_reader *reader = wv_reader_new(session, &rings_schema, &events, NULL);
	struct wv_ring *ring = wv_session_ring(session, 0);
	size_t memory_size, at = 0;
	uint8_t *memory = rings_map(session, &memory_size);
	uint8_t *bytes = rings_data(memory, memory_size, 1, 0);

	if (size > 2) {
		/* near the end, so that it wraps around */
		ring->tail = WV_RING_SIZE - ((size_t)data[0] << 3 | data[1] % 8);
		for (at = 0; at < 65536; at++)
			bytes[(ring->tail + at) & (WV_RING_SIZE - 1)] = data[2 + at % (size - 2)];
		ring->head = ring->tail + at;
		for (unsigned i = 0; i < 65536 && wv_reader_poll(reader, true); i++)
			;
		if (ring->head != ring->tail) {
			fprintf(stderr, "the ring was not read to its end\n");
			abort();
		}
	}
	rings_unmap(memory, memory_size);
	wv_reader_free(reader);
	wv_session_free(session);
}

/* Contents --------------------------------------------------------------------------------------*/

/** More than a content that is put together in memory, and little enough to be fast. */
#define CONTENT_MAX (1088u * 1024)
#define TOTAL_MAX   (2 * CONTENT_MAX)

static void add_to_dump(void *owner, unsigned ring, const struct wv_row *row,
			const struct wv_content_piece *piece)
{
	struct dumped *dumped = owner;

	wv_dump_content(dumped->dump, ring, row, piece);
}

static const struct wv_reader_events dump_events = { touch_row, touch_message, touch_status,
						     add_to_dump };

/** A length or an offset: most are small, some are anything. */
static uint64_t take_place(struct input *input)
{
	uint8_t bytes = (uint8_t)take(input, 1);

	return take(input, bytes % 16 == 0 ? 8 : bytes % 4);
}

static void write_beginning(struct wv_writer *writer, uint64_t number, struct input *input)
{
	char name[8];
	size_t size = take(input, 1) % sizeof(name);

	for (size_t i = 0; i < size; i++)
		name[i] = (char)take(input, 1);
	wv_writer_start(writer, WV_RECORD_EVENT);
	wv_writer_head(writer)->os = WV_OS_LINUX;
	wv_writer_bytes(writer, WV_FIELD_PROCESS, name, size, false);
	wv_writer_bytes(writer, 2, name, size, false);
	wv_writer_content(writer, (uint32_t)number, take_place(input));
}

static void write_piece(struct wv_writer *writer, struct input *input)
{
	size_t size = 1 + take(input, 2), room = size;
	char *bytes;

	wv_writer_start_content(writer, WV_CONTENT_PIECE, take_place(input));
	bytes = wv_writer_text_begin(writer, 0, &room);
	memset(bytes, (int)take(input, 1), room);
	wv_writer_text_end(writer, room, false);
}

/** One record of one of two rings: the beginning of a content, a piece, or its end. */
static unsigned write_step(struct wv_writer *writer, uint64_t number, struct input *input)
{
	unsigned what = (unsigned)take(input, 1);

	switch (what >> 1 & 3) {
	case 0:
		write_beginning(writer, what & 0x80 ? what : number, input);
		break;
	case 1:
		wv_writer_start_content(writer, WV_CONTENT_END, 0);
		break;
	default:
		write_piece(writer, input);
		break;
	}
	wv_writer_finish(writer);
	return what & 1;
}

static void test_contents(const uint8_t *data, size_t size)
{
	struct wv_session *session = rings_session(2, "");
	struct wv_writer writer = rings_writer();
	struct input input = { data, size };
	struct dumped dumped;
	struct wv_reader *reader = wv_reader_new(session, &rings_schema, &dump_events, &dumped);

	dumped_open(&dumped, CONTENT_MAX, TOTAL_MAX);
	for (uint64_t number = 1000; input.left; number++) {
		unsigned ring = write_step(&writer, number, &input);

		wv_session_commit(session, ring, &writer, true);
		wv_reader_poll(reader, true);
	}
	dumped_close(&dumped);
	wv_reader_free(reader);
	g_free(writer.data);
	wv_session_free(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0] % 6) {
	case 0:
		test_changed(data + 1, size - 1);
		break;
	case 1:
		test_record(data + 1, size - 1);
		break;
	case 2:
		test_ring(data + 1, size - 1);
		break;
	case 3:
		test_defined(data + 1, size - 1, &rings_schema, 2);
		break;
	case 4:
		test_own_type(data + 1, size - 1);
		break;
	default:
		test_contents(data + 1, size - 1);
		break;
	}
	return 0;
}
