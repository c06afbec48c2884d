/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A row: one event as the reader's side sees it, decoded from a record and ready to be printed.
 * The encoders know rows and nothing of rings or records.
 */
#ifndef WV_OUTPUT_ROW_H
#define WV_OUTPUT_ROW_H

#include "output/schema.h"

/** Bytes of the guest: any value, not NUL-terminated, nothing about them is trusted. */
struct wv_bytes {
	const char *data;
	size_t size;
};

/** How a value was written; it need not fit the field's declared kind (hostile writers). */
enum wv_value_tag {
	WV_VALUE_NULL = 0, /**< it applies, but could not be read */
	WV_VALUE_INT,	   /**< signed */
	WV_VALUE_UINT,	   /**< unsigned */
	WV_VALUE_BYTES,
	WV_VALUE_LIST, /**< walk it with wv_list_next() */
};

struct wv_value {
	enum wv_value_tag tag;
	bool truncated; /**< BYTES, LIST: the guest's text was longer than what was kept */
	union {
		int64_t i;
		uint64_t u;
		struct wv_bytes bytes; /**< BYTES and LIST */
	};
};

/** One item of a list value; an item without a name has name.data == NULL. */
struct wv_list_item {
	struct wv_bytes name;
	struct wv_bytes text;
};

#define WV_ROW_FIELDS_MAX 64

struct wv_row_field {
	/** The declaration, or NULL for a field that brought its own name (kind: STRING). */
	const struct wv_field *field;
	struct wv_bytes name; /**< the declared name or its own */
	struct wv_value value;
};

struct wv_row {
	const struct wv_event_type *type;
	const char *method; /**< the function that was trapped; never NULL */
	uint64_t time_us;   /**< microseconds since 1970, host's clock; never runs backwards */
	uint64_t uid;	    /**< EventUID */
	uint64_t cr3;	    /**< as in the register at the event */
	unsigned vcpu;	    /**< virtual CPU number */
	enum wv_os os;
	uint32_t pid, ppid, tid;
	int64_t user_id;	 /**< uid (Linux) or session (Windows; -1: none) */
	struct wv_bytes process; /**< ProcessName */
	/** The content of the file that the row tells of follows: its number; 0: none does. */
	uint32_t content;
	uint64_t content_size; /**< bytes of the file */
	unsigned n_fields;
	/** In the order written, which is the declared order; a field that is absent is not here.
	 */
	struct wv_row_field fields[WV_ROW_FIELDS_MAX];
};

/**
 * The next item of a list value.
 *
 * @cursor: start with 0; advanced by the call.
 *
 * A list is packed as {u16 name size (0xffff: no name), u16 text size, name, text} ..., in host
 * byte order. Returns false at the end, and at the first item that does not fit.
 */
bool wv_list_next(const struct wv_value *list, size_t *cursor, struct wv_list_item *item);

#endif
