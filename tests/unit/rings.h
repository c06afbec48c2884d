/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions for tests: numbered records, and the shared memory as a writer that was corrupted, or
 * is hostile, can change it.
 */
#ifndef WV_TESTS_RINGS_H
#define WV_TESTS_RINGS_H

#include "output/session.h"

/** A schema of the types of rows.h: 0 is all_kinds, 1 is open_type, 2 is defined_type. */
extern const struct wv_schema rings_schema;

/** A session, or the test fails. */
struct wv_session *rings_session(unsigned n_rings, const char *config);

/** A writer with a buffer of its own. Free writer.data with g_free(). */
struct wv_writer rings_writer(void);

/**
 * Fills the writer with an event: its EventUID is the number, field 0 as well, and a text of that
 * size made of the number's low byte.
 */
void rings_write(struct wv_writer *writer, uint64_t number, size_t text_size);

/** Whether the record is what rings_write() made of the number and the size. */
bool rings_is(const void *record, size_t size, uint64_t number, size_t text_size);

/** Writes such an event and commits it without dropping. */
void rings_commit(struct wv_session *session, unsigned ring, struct wv_writer *writer,
		  uint64_t number);

/** Another mapping of the session's memory, as bytes. Unmap with rings_unmap(). */
uint8_t *rings_map(const struct wv_session *session, size_t *size);
void rings_unmap(uint8_t *memory, size_t size);

/** The committed record with that number in the mapped memory, or NULL. */
struct wv_record_head *rings_find(uint8_t *memory, size_t size, uint64_t number);

/** Where a ring's bytes start in the mapped memory; the rings follow each other at the end. */
uint8_t *rings_data(uint8_t *memory, size_t size, unsigned n_rings, unsigned ring);

#endif
