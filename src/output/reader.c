/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Merging the rings of a session by their global sequence. */
#include "output/reader.h"

#include <string.h>

/** How long a number may be missing before the writer is taken for corrupted, in microseconds. */
#define GAP_PATIENCE_US (2 * G_USEC_PER_SEC)

/** A record is mostly shorter, in bytes; what is longer takes as much longer to handle. */
#define RECORD_USUAL 1024u

/** The oldest record of one ring. */
struct pending {
	size_t size; /* 0: none */
	uint8_t *record;
};

struct wv_reader {
	struct wv_session *session;
	const struct wv_schema *schema;
	const struct wv_reader_events *events;
	void *owner;
	struct pending *rings;
	uint64_t next;	  /* the sequence number that comes next */
	gint64 gap_since; /* monotonic time since which it is missing; 0: it is not */
	uint64_t broken;
	uint64_t last_time_us;
	struct wv_definitions definitions;
	struct wv_row row;
};

struct wv_reader *wv_reader_new(struct wv_session *session, const struct wv_schema *schema,
				const struct wv_reader_events *events, void *owner)
{
	struct wv_reader *reader = g_new0(struct wv_reader, 1);
	unsigned n_rings = wv_session_rings(session);

	reader->session = session;
	reader->schema = schema;
	reader->events = events;
	reader->owner = owner;
	reader->rings = g_new0(struct pending, n_rings);
	wv_definitions_init(&reader->definitions);
	return reader;
}

void wv_reader_free(struct wv_reader *reader)
{
	if (!reader)
		return;
	for (unsigned i = 0; i < wv_session_rings(reader->session); i++)
		g_free(reader->rings[i].record);
	g_free(reader->rings);
	wv_definitions_deinit(&reader->definitions);
	g_free(reader);
}

static uint64_t sequence_of(const struct pending *pending)
{
	struct wv_record_head head;

	memcpy(&head, pending->record, sizeof(head));
	return head.sequence;
}

/** Looks at a ring's oldest record if that has not been done. */
static bool peek(struct wv_reader *reader, unsigned ring)
{
	struct pending *pending = &reader->rings[ring];
	bool broken = false;

	if (pending->size)
		return true;
	if (!pending->record)
		pending->record = g_malloc(WV_RECORD_MAX);
	pending->size = wv_session_peek(reader->session, ring, pending->record, &broken);
	if (broken)
		reader->broken++;
	return pending->size != 0;
}

static void handle_event(struct wv_reader *reader, unsigned ring)
{
	const struct pending *pending = &reader->rings[ring];

	if (!wv_record_parse(pending->record, pending->size, reader->schema, &reader->definitions,
			     &reader->row)) {
		reader->broken++;
		return;
	}
	/* the number is taken before the clock is read: two vCPUs can swap by some nanoseconds */
	if (reader->row.time_us < reader->last_time_us)
		reader->row.time_us = reader->last_time_us;
	reader->last_time_us = reader->row.time_us;
	reader->events->row(reader->owner, &reader->row);
	if (reader->row.content && reader->events->content)
		reader->events->content(reader->owner, ring, &reader->row, NULL);
}

static void handle_content(struct wv_reader *reader, unsigned ring)
{
	const struct pending *pending = &reader->rings[ring];
	struct wv_content_piece piece;

	if (!wv_record_content(pending->record, pending->size, &piece))
		reader->broken++;
	else if (reader->events->content)
		reader->events->content(reader->owner, ring, NULL, &piece);
}

static void handle_status(struct wv_reader *reader, const struct pending *pending,
			  const struct wv_record_head *head)
{
	struct wv_status_note note = {
		.status = (enum wv_status)head->type,
		.detail = head->method,
		.time_us = head->time_ns / 1000,
		.text = wv_record_text(pending->record, pending->size),
	};

	reader->events->status(reader->owner, &note);
}

static void handle(struct wv_reader *reader, unsigned ring)
{
	struct pending *pending = &reader->rings[ring];
	struct wv_record_head head;

	memcpy(&head, pending->record, sizeof(head));

	switch (head.kind) {
	case WV_RECORD_EVENT:
		handle_event(reader, ring);
		break;
	case WV_RECORD_MESSAGE:
		reader->events->message(reader->owner, (enum wv_level)head.type,
					wv_record_text(pending->record, pending->size));
		break;
	case WV_RECORD_STATUS:
		handle_status(reader, pending, &head);
		break;
	case WV_RECORD_DEFINITION:
		if (!wv_record_define(pending->record, pending->size, reader->schema,
				      &reader->definitions))
			reader->broken++;
		break;
	case WV_RECORD_CONTENT:
		handle_content(reader, ring);
		break;
	default:
		reader->broken++;
	}
	wv_session_consume(reader->session, ring, pending->size);
	pending->size = 0;
}

/** Handles the records of one ring for as long as they are next in order. */
static unsigned drain(struct wv_reader *reader, unsigned ring, unsigned most)
{
	unsigned done = 0;

	while (done < most && peek(reader, ring) &&
	       sequence_of(&reader->rings[ring]) == reader->next) {
		reader->next++;
		done += 1 + (unsigned)(reader->rings[ring].size / RECORD_USUAL);
		handle(reader, ring);
	}
	return done;
}

/** Moves on to the smallest number that is there: nobody will deliver the one we wait for. */
static void skip_gap(struct wv_reader *reader)
{
	uint64_t smallest = UINT64_MAX;

	for (unsigned i = 0; i < wv_session_rings(reader->session); i++)
		if (reader->rings[i].size)
			smallest = MIN(smallest, sequence_of(&reader->rings[i]));
	reader->next = smallest;
	reader->gap_since = 0;
}

unsigned wv_reader_poll(struct wv_reader *reader, bool writer_gone)
{
	unsigned n_rings = wv_session_rings(reader->session);
	unsigned total = 0;

	while (total < WV_READER_POLL_MAX) {
		unsigned done = 0;
		bool waiting = false;

		for (unsigned i = 0; i < n_rings; i++) {
			done += drain(reader, i, WV_READER_POLL_MAX);
			waiting |= reader->rings[i].size != 0;
		}
		total += done;
		if (done) {
			reader->gap_since = 0;
			continue;
		}
		if (!waiting)
			break;

		/* records are there, but not the next one: a vCPU is about to publish it */
		if (writer_gone) {
			skip_gap(reader);
			continue;
		}
		if (!reader->gap_since) {
			reader->gap_since = g_get_monotonic_time();
		} else if (g_get_monotonic_time() - reader->gap_since > GAP_PATIENCE_US) {
			reader->broken++;
			skip_gap(reader);
		}
		break;
	}
	return total;
}

uint64_t wv_reader_broken(const struct wv_reader *reader)
{
	return reader->broken;
}
