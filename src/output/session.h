/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session: the memory that the monitor (inside QEMU) shares with the reader (usually the wyvern
 * process). It holds the configuration, one ring of records per vCPU, and counters.
 *
 * A ring has one producer, its vCPU's thread, and one consumer. Committing a record takes the next
 * number of one global sequence, so the reader puts the rings in one order and can prove that
 * nothing is missing. When a ring is full the vCPU waits, or drops the record and counts it if the
 * user asked for that. Records that were committed outlive the process that wrote them.
 */
#ifndef WV_OUTPUT_SESSION_H
#define WV_OUTPUT_SESSION_H

#include <glib.h>

#include "output/record.h"

/** Bytes of a ring; a power of two, and at least four times WV_RECORD_MAX. */
#define WV_RING_SIZE (4u << 20)
/** Rings of a session at the most: one per vCPU. */
#define WV_RINGS_MAX 64
/** The longest configuration, in bytes. */
#define WV_CONFIG_MAX (256u * 1024)

/** The stages of a trapped call that can be timed (see struct wv_counters). */
enum wv_stage {
	WV_STAGE_CALLBACK, /**< from QEMU's call to the start of the plugins' work, identity not in
			    */
	WV_STAGE_IDENTITY, /**< who is calling */
	WV_STAGE_FIELDS,   /**< reading arguments and guest memory, writing fields */
	WV_STAGE_COMMIT,   /**< into the ring */
	WV_STAGE_COUNT
};

/** Counters of one vCPU: written by its thread alone, read by anyone. */
struct wv_counters {
	_Alignas(64) uint64_t committed; /**< records of any kind */
	uint64_t dropped;		 /**< events that found no room */
	uint64_t suppressed;		 /**< calls that a TTL kept back */
	uint64_t unpaired;		 /**< calls whose return could not be awaited */
	uint64_t overflowed;		 /**< events with a value that did not fit */
	uint64_t unreadable;		 /**< calls without a readable identity */
	uint64_t incomplete;		 /**< calls of whose identity a part could not be read */
	uint64_t waits;			 /**< times that the vCPU waited for the reader */
	uint64_t calls;			 /**< trapped calls and returns, with timing on */
	uint64_t cycles[WV_STAGE_COUNT]; /**< of the time stamp counter, with timing on */
};

/** One ring's shared part. */
struct wv_ring {
	_Alignas(64) uint64_t head; /**< bytes ever committed; the producer's */
	_Alignas(64) uint64_t tail; /**< bytes ever consumed; the reader's */
	struct wv_counters counters;
};

struct wv_session;

/**
 * Makes a session of @n_rings rings. Memory is taken as it is used.
 *
 * @config: kept for wv_session_config(); at most WV_CONFIG_MAX bytes.
 */
struct wv_session *wv_session_create(unsigned n_rings, const char *config, GError **error);

/** Maps a session that another process of the same build made. */
struct wv_session *wv_session_attach(int fd, GError **error);

/** Unmaps it, and closes the descriptor. */
void wv_session_free(struct wv_session *session);

/** The descriptor, to be inherited by QEMU. Owned by the session. */
int wv_session_fd(const struct wv_session *session);
const char *wv_session_config(const struct wv_session *session);
unsigned wv_session_rings(const struct wv_session *session);
struct wv_ring *wv_session_ring(struct wv_session *session, unsigned ring);

/** The next EventUID: rising, over all vCPUs. */
uint64_t wv_session_next_uid(struct wv_session *session);

/**
 * Where the ring's next record will be, with room for the largest: a writer that puts it together
 * there saves a copy. NULL when there is no such place at the moment. Called by the ring's own vCPU
 * thread; the place is good until its next commit.
 */
uint8_t *wv_session_place(struct wv_session *session, unsigned ring);

/**
 * Commits a finished record to a ring. Called by the ring's own vCPU thread.
 *
 * @drop: when there is no room, drop the record instead of waiting.
 *
 * Returns false when the record was dropped, or the reader has closed the session.
 */
bool wv_session_commit(struct wv_session *session, unsigned ring, struct wv_writer *writer,
		       bool drop);

/** The longest answer, in bytes, with its NUL. */
#define WV_ANSWER_MAX 8192

/**
 * Answers what the monitor has asked by a status: one question at a time is open. An answer to no
 * question does no harm.
 *
 * @good: the text is what was asked for; else it says why there is none.
 */
void wv_session_answer(struct wv_session *session, bool good, const char *text);

/** How many answers there were: to be remembered before a question is asked. */
unsigned wv_session_answers(const struct wv_session *session);

/**
 * Waits for an answer beyond the first @seen. Errors: WV_ERROR_KERNEL with the answer's text when
 * it is no good one; also when the session was closed. Free the answer with g_free().
 */
char *wv_session_await_answer(struct wv_session *session, unsigned seen, GError **error);

/** The reader will consume nothing more: whoever waits for room stops waiting. */
void wv_session_close(struct wv_session *session);

/**
 * Copies the oldest record of a ring. For the reader.
 *
 * @buffer: WV_RECORD_MAX bytes.
 *
 * Returns the record's size, 0 when the ring is empty. A ring whose content is malformed is
 * emptied and *@broken set.
 */
size_t wv_session_peek(struct wv_session *session, unsigned ring, void *buffer, bool *broken);

/** Removes the record that wv_session_peek() returned, of @size bytes. */
void wv_session_consume(struct wv_session *session, unsigned ring, size_t size);

#endif
