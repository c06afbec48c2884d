/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions for tests: numbered records, and the shared memory as bytes. */
#define _GNU_SOURCE
#include "rings.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "rows.h"

/* By their index in all_kinds. */
enum { NUMBER = 0, STRING = 2 };

static const struct wv_event_type *const types[] = { &all_kinds, &open_type, &defined_type };
const struct wv_schema rings_schema = { types, G_N_ELEMENTS(types) };

struct wv_session *rings_session(unsigned n_rings, const char *config)
{
	g_autoptr(GError) error = NULL;
	struct wv_session *session = wv_session_create(n_rings, config, &error);

	if (!session)
		g_error("%s", error->message);
	return session;
}

struct wv_writer rings_writer(void)
{
	return (struct wv_writer){ .data = g_malloc(WV_RECORD_MAX) };
}

void rings_write(struct wv_writer *writer, uint64_t number, size_t text_size)
{
	struct wv_record_head *head = wv_writer_head(writer);

	wv_writer_start(writer, WV_RECORD_EVENT);
	head->uid = number;
	head->os = WV_OS_LINUX;
	wv_writer_uint(writer, NUMBER, number);
	while (text_size) { /* a text has a limit, a record a higher one */
		size_t size = MIN(text_size, WV_TEXT_MAX);
		size_t room = size;
		char *text = wv_writer_text_begin(writer, STRING, &room);

		g_assert(text && room == size);
		memset(text, (int)(number & 0xff), size);
		wv_writer_text_end(writer, size, false);
		text_size -= size;
	}
	wv_writer_finish(writer);
}

bool rings_is(const void *record, size_t size, uint64_t number, size_t text_size)
{
	static struct wv_row row; /* large */
	size_t left = text_size;

	if (!wv_record_parse(record, size, &rings_schema, NULL, &row) || row.uid != number ||
	    row.n_fields < 1 || row.fields[0].value.u != number)
		return false;
	for (unsigned i = 1; i < row.n_fields; i++) {
		struct wv_bytes text = row.fields[i].value.bytes;

		if (text.size > left)
			return false;
		left -= text.size;
		for (size_t j = 0; j < text.size; j++)
			if ((uint8_t)text.data[j] != (number & 0xff))
				return false;
	}
	return left == 0;
}

void rings_commit(struct wv_session *session, unsigned ring, struct wv_writer *writer,
		  uint64_t number)
{
	rings_write(writer, number, 0);
	if (!wv_session_commit(session, ring, writer, false))
		g_error("record %" G_GUINT64_FORMAT " was dropped", number);
}

uint8_t *rings_map(const struct wv_session *session, size_t *size)
{
	struct stat info;
	uint8_t *memory;

	if (fstat(wv_session_fd(session), &info) < 0)
		g_error("fstat");
	*size = (size_t)info.st_size;
	memory = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, wv_session_fd(session), 0);
	if (memory == MAP_FAILED)
		g_error("mmap");
	return memory;
}

void rings_unmap(uint8_t *memory, size_t size)
{
	munmap(memory, size);
}

struct wv_record_head *rings_find(uint8_t *memory, size_t size, uint64_t number)
{
	const size_t uid_at = offsetof(struct wv_record_head, uid);

	for (uint8_t *at = memory;
	     (at = memmem(at, size - (size_t)(at - memory), &number, sizeof(number))); at++) {
		struct wv_record_head *head = (struct wv_record_head *)(void *)(at - uid_at);

		/* other places may hold the number as well */
		if ((size_t)(at - memory) >= uid_at && (at - memory) % 8 == 0 &&
		    head->kind == WV_RECORD_EVENT && head->size >= sizeof(*head))
			return head;
	}
	return NULL;
}

uint8_t *rings_data(uint8_t *memory, size_t size, unsigned n_rings, unsigned ring)
{
	return memory + size - (size_t)(n_rings - ring) * WV_RING_SIZE;
}
