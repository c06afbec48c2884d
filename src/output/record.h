/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records: what a vCPU commits to its ring, and how the reader makes rows of them again.
 *
 * A record is a head and then values, each {u16 field, u8 tag, u8 flags, u32 size, payload padded
 * to 8 bytes}, in host byte order. The first value is the process name. The writer and the reader
 * are the same build, but the reader trusts nothing: the writer shares a process with the guest.
 */
#ifndef WV_OUTPUT_RECORD_H
#define WV_OUTPUT_RECORD_H

#include "output/definition.h"
#include "output/row.h"

/** The largest record, in bytes. Longer texts are cut and marked. */
#define WV_RECORD_MAX (256u * 1024)
/** The longest single text, in bytes: an exec's command line, say. */
#define WV_TEXT_MAX (64u * 1024)

enum wv_record_kind {
	WV_RECORD_SKIP = 0,    /**< padding at the end of a ring */
	WV_RECORD_EVENT = 1,   /**< a row */
	WV_RECORD_MESSAGE = 2, /**< a line for the user: type is a wv_level, text in the values */
	WV_RECORD_STATUS = 3,  /**< the monitor's state changed: type is a wv_status */
	WV_RECORD_DEFINITION = 4, /**< method: its number; a method's name, then its arguments' */
	WV_RECORD_CONTENT = 5,	  /**< type: a wv_content_step; of the content that a row began */
};

/** What a record of a content tells; its beginning is told by an event (wv_writer_content()). */
enum wv_content_step {
	WV_CONTENT_PIECE, /**< bytes of it */
	WV_CONTENT_END,	  /**< there are no more */
};

/** How serious a message is. */
enum wv_level {
	WV_LEVEL_INFO,
	WV_LEVEL_WARNING,
	WV_LEVEL_ERROR,
};

/** What the monitor tells the command that waits for it. */
enum wv_status {
	WV_STATUS_ARMED,	 /**< a kernel was found, the traps are set; method: enum wv_os */
	WV_STATUS_FAILED,	 /**< it can not go on; method: enum wv_error; the text says why */
	WV_STATUS_GUEST_CRASHED, /**< the guest's kernel panicked; the text says why */
	WV_STATUS_GUEST_RESET,	 /**< the machine started again from its firmware */
	WV_STATUS_ENDED,	 /**< QEMU ends in an orderly way */
	/* of a guest with a launcher: see monitor/door.h */
	WV_STATUS_READY,       /**< it waits for a job; the text says which kernel it runs */
	WV_STATUS_RESUMED,     /**< it runs again, and takes the job */
	WV_STATUS_STARTING,    /**< the sample is about to be executed; traps are set next */
	WV_STATUS_NOT_STARTED, /**< it could not be: the text says why */
	WV_STATUS_RUNNING,     /**< it was executed; method: its process's number */
	WV_STATUS_EXITED,      /**< its process ended; method: its status, as wait(2) has it */
	/** Of any guest: a kernel was found and its profile is wanted: the text has the PDB's name
	 * and key, with a blank between. The guest stands still until wv_session_answer(), which is
	 * given the profile's path, or why there is none. */
	WV_STATUS_PROFILE_WANTED,
};

struct wv_record_head {
	uint32_t size; /**< of the whole record, bytes, a multiple of 8 */
	uint16_t kind; /**< enum wv_record_kind */
	uint16_t vcpu;
	uint64_t sequence; /**< order over all rings, without gaps; set by the ring's commit */
	uint64_t time_ns;  /**< nanoseconds since 1970; in a ring: as wv_session_commit() has it */
	uint64_t uid;
	uint64_t cr3;
	uint32_t type;	 /**< index of the event type in the schema, or a level, or a status */
	uint32_t method; /**< index in wv_event_type.methods, or a wv_error */
	uint32_t os;	 /**< enum wv_os */
	uint32_t pid, ppid, tid;
	int64_t user_id;
};

/** The field number of the process name. */
#define WV_FIELD_PROCESS 0xffff

/** Writes one record into a buffer of its own. */
struct wv_writer {
	uint8_t *data; /**< WV_RECORD_MAX bytes, 8-byte aligned; starts with the head */
	uint32_t used;
	bool overflow; /**< a value did not fit and is missing */
};

static inline struct wv_record_head *wv_writer_head(struct wv_writer *writer)
{
	return (struct wv_record_head *)writer->data;
}

/** Starts a record: a zeroed head of this kind, no values. */
void wv_writer_start(struct wv_writer *writer, enum wv_record_kind kind);
void wv_writer_int(struct wv_writer *writer, uint16_t field, int64_t value);
void wv_writer_uint(struct wv_writer *writer, uint16_t field, uint64_t value);
void wv_writer_null(struct wv_writer *writer, uint16_t field);
void wv_writer_bytes(struct wv_writer *writer, uint16_t field, const void *data, size_t size,
		     bool truncated);
/** A text with a name of its own (at most 255 bytes of it), for open-ended event types. */
void wv_writer_named(struct wv_writer *writer, const char *name, const void *data, size_t size,
		     bool truncated);

/**
 * Room for a text that is read straight into the record: at most *@size bytes, which is lowered
 * to what there is. Follow with wv_writer_text_end() and the length that was used.
 */
char *wv_writer_text_begin(struct wv_writer *writer, uint16_t field, size_t *size);
void wv_writer_text_end(struct wv_writer *writer, size_t size, bool truncated);

/** A list: begin, items, end. An item's name may be NULL; @truncated: not all are there. */
void wv_writer_list_begin(struct wv_writer *writer, uint16_t field);
void wv_writer_list_item(struct wv_writer *writer, const char *name, const void *text, size_t size);
void wv_writer_list_end(struct wv_writer *writer, bool truncated);

/** A raw argument: its number, and bytes if they were captured. For defined event types. */
void wv_writer_raw(struct wv_writer *writer, unsigned argument, uint64_t number);
/** The same with room for bytes that are read straight into the record; see text_begin above. */
char *wv_writer_raw_begin(struct wv_writer *writer, unsigned argument, uint64_t number,
			  size_t *size);
void wv_writer_raw_end(struct wv_writer *writer, size_t size, bool truncated);

/**
 * In an event: the content of the file that it tells of follows in the same ring, as pieces at
 * rising offsets, and an end.
 *
 * @number: from 1 up. @size: the file's length in bytes.
 */
void wv_writer_content(struct wv_writer *writer, uint32_t number, uint64_t size);

/** Starts a record of a content. Of a piece, bytes follow as a text of field 0. */
void wv_writer_start_content(struct wv_writer *writer, enum wv_content_step step, uint64_t offset);

/** Closes the record: its final size goes into the head. */
void wv_writer_finish(struct wv_writer *writer);

/**
 * Makes a row of an EVENT record. The row points into @data, and texts that were made for it into
 * @definitions, until the next call. Without definitions (NULL) none of a `defined` type is known.
 *
 * @size: bytes at @data; the record may claim less, never more.
 * Returns false when the record is malformed or of an unknown type.
 */
bool wv_record_parse(const void *data, size_t size, const struct wv_schema *schema,
		     struct wv_definitions *definitions, struct wv_row *row);

/** Takes in a DEFINITION record. False when it is malformed. */
bool wv_record_define(const void *data, size_t size, const struct wv_schema *schema,
		      struct wv_definitions *definitions);

/** What a CONTENT record has in it. */
struct wv_content_piece {
	enum wv_content_step step;
	uint64_t offset;       /**< bytes from the file's start */
	struct wv_bytes bytes; /**< in the record */
};

/** Takes a CONTENT record apart. False when it is malformed. */
bool wv_record_content(const void *data, size_t size, struct wv_content_piece *piece);

/** The text of a MESSAGE or STATUS record; empty when there is none. */
struct wv_bytes wv_record_text(const void *data, size_t size);

#endif
