/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encoders: rows to lines of text, in the four formats of `-o`. Each ends a row with a newline,
 * and whatever bytes the guest chose, a row is one line (csv: one record per RFC 4180).
 */
#ifndef WV_OUTPUT_ENCODE_H
#define WV_OUTPUT_ENCODE_H

#include <glib.h>

#include "output/row.h"

/** A format. To add one: a file encode_NAME.c with this object, and a row in encode.c's table. */
struct wv_encoder {
	const char *name; /**< what `-o` takes */
	const char *meaning;
	/** The common fields that it prints (see wv_common_fields), in its order, ended by NULL. */
	const char *const *common;
	/** What its readers have to know, one sentence or a few each, ended by NULL. */
	const char *const *notes;
	/** Appends the row to @out, with its newline. */
	void (*row)(const struct wv_row *row, GString *out);
	/** Appends the header of an event type's rows, or NULL where the format has none. */
	void (*header)(const struct wv_event_type *type, GString *out);
};

/** The encoder of that name, or NULL. */
const struct wv_encoder *wv_encoder_find(const char *name);

/** All encoders, ended by NULL. */
extern const struct wv_encoder *const wv_encoders[];

#endif
