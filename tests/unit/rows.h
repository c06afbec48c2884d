/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows for tests of the encoders: small event types, and ways to fill a row. */
#ifndef WV_TESTS_ROWS_H
#define WV_TESTS_ROWS_H

#include <glib.h>

#include "output/row.h"

#define BYTES(literal) ((struct wv_bytes){ (literal), sizeof(literal) - 1 })

/** One field of each kind, named after it: Number, Hex, String, Name, Flags, Result, List. */
extern const struct wv_event_type all_kinds;

/** The same, and fields with names of their own. */
extern const struct wv_event_type open_type;

/**
 * The same, and methods that definitions name. A raw argument's text is "TYPE 0x1=bytes": the type
 * and the number, then the bytes where some were captured, and "+" where there were more. The sum
 * of all arguments' numbers follows as "/0x3", where the record has them all.
 */
extern const struct wv_event_type defined_type;

/** A Linux row of @type without fields: bash, PID 12, PPID 1, TID 13. */
void row_start(struct wv_row *row, const struct wv_event_type *type);

/** Appends a field by its index in the type, or with a name of its own; fill in its value. */
struct wv_value *row_field(struct wv_row *row, unsigned index);
struct wv_value *row_own_field(struct wv_row *row, struct wv_bytes name);

struct wv_value value_int(int64_t number);
struct wv_value value_uint(uint64_t number);
struct wv_value value_bytes(struct wv_bytes text);
struct wv_value value_null(void);

/** A list of the items packed so far. */
struct wv_value value_list(const GByteArray *packed);

/** Packs one more item as wv_list_next() expects it; name.data may be NULL. */
void pack_item(GByteArray *packed, struct wv_bytes name, struct wv_bytes text);

#endif
