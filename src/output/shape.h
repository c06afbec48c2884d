/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a value looks like in text, before a format's own spelling: a number, a hex number, a text,
 * a list, or nothing. The rules that all formats share are here:
 *
 *   - a field's kind says what a number means; a value that does not fit the kind (text where a
 *     number was declared, a list where a text was) is shown as what it is;
 *   - NAME and FLAGS are the text that the field's format function makes of the number;
 *   - RESULT from -1 to -4095 is the errno's name, where it has one;
 *   - a text that was cut ends in "...", a list that was cut has one more item of that text.
 */
#ifndef WV_OUTPUT_SHAPE_H
#define WV_OUTPUT_SHAPE_H

#include "output/row.h"

enum wv_shape_kind {
	WV_SHAPE_NULL,
	WV_SHAPE_SIGNED,
	WV_SHAPE_UNSIGNED,
	WV_SHAPE_HEX,
	WV_SHAPE_TEXT, /**< wv_shape.text; "..." follows it if wv_shape.truncated */
	WV_SHAPE_LIST, /**< walk it with wv_item_next() */
};

struct wv_shape {
	enum wv_shape_kind kind;
	bool truncated;
	union {
		int64_t i;
		uint64_t u;
		struct wv_bytes text; /**< may point into buffer */
		const struct wv_value *list;
	};
	char buffer[WV_FORMAT_MAX];
};

/** The shape of a field's value; @shape refers to @field, and may not be copied. */
void wv_shape_of(const struct wv_row_field *field, struct wv_shape *shape);

/** Where a walk over a list's items stands; starts as all zero. */
struct wv_item_walk {
	size_t cursor;
	bool paired; /**< the last item had a name */
	bool ended;
};

/** The next item of a WV_SHAPE_LIST; the last one of a cut or malformed list is "...". */
bool wv_item_next(const struct wv_value *list, struct wv_item_walk *walk,
		  struct wv_list_item *item);

#endif
