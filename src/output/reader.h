/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader: takes records out of a session's rings, puts them in the order in which they were
 * committed, and hands rows, messages and states to whoever asked for them.
 */
#ifndef WV_OUTPUT_READER_H
#define WV_OUTPUT_READER_H

#include "output/session.h"

/** A state that the monitor told. */
struct wv_status_note {
	enum wv_status status;
	uint32_t detail;  /**< see enum wv_status */
	uint64_t time_us; /**< when: microseconds since 1970 */
	struct wv_bytes text;
};

/** What is called for each record, in order. @text is the guest's: escape it. */
struct wv_reader_events {
	void (*row)(void *owner, const struct wv_row *row);
	void (*message)(void *owner, enum wv_level level, struct wv_bytes text);
	void (*status)(void *owner, const struct wv_status_note *note);
	/**
	 * Contents of files (record.h): one at a time from each ring. It begins with the row, which
	 * was told before; NULL: a part of the one that the ring began last. Or NULL: not wanted.
	 */
	void (*content)(void *owner, unsigned ring, const struct wv_row *row,
			const struct wv_content_piece *piece);
};

struct wv_reader;

/** The session and the schema must outlive the reader. */
struct wv_reader *wv_reader_new(struct wv_session *session, const struct wv_schema *schema,
				const struct wv_reader_events *events, void *owner);
void wv_reader_free(struct wv_reader *reader);

/** One poll handles about this many records at the most; a long one counts as several. */
#define WV_READER_POLL_MAX 8192u

/**
 * Handles what has been committed.
 *
 * @writer_gone: the process that writes has ended; a number that was taken but never committed is
 *               then passed over.
 *
 * Returns how many records were handled, counted so. Fewer than the most: there were no more, and
 * the caller should pause. A reader that is always at the heels of the writer takes the memory from
 * it that it is writing, and slows it down.
 */
unsigned wv_reader_poll(struct wv_reader *reader, bool writer_gone);

/** Records that were malformed or out of sequence: 0 unless the writing process was corrupted. */
uint64_t wv_reader_broken(const struct wv_reader *reader);

#endif
