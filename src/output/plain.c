/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values as the formats `default` and `kv` both print them. */
#include "output/append.h"
#include "output/escape.h"
#include "output/plain.h"
#include "output/shape.h"

void wv_plain_text(GString *out, struct wv_bytes text)
{
	wv_append_char(out, '"');
	wv_escape_quoted(out, text);
	wv_append_char(out, '"');
}

void wv_plain_name(GString *out, const struct wv_row_field *field)
{
	if (field->field)
		wv_append_string(out, field->field->name);
	else
		wv_escape_name(out, field->name);
}

static void append_list(GString *out, const struct wv_value *list)
{
	struct wv_item_walk walk = { 0 };
	struct wv_list_item item;
	bool first = true;

	while (wv_item_next(list, &walk, &item)) {
		if (!first)
			wv_append_char(out, ';');
		first = false;
		if (item.name.data) {
			wv_escape_name(out, item.name);
			wv_append_char(out, ':');
		}
		wv_plain_text(out, item.text);
	}
}

void wv_plain_value(GString *out, const struct wv_row_field *field)
{
	struct wv_shape shape;

	wv_shape_of(field, &shape);
	switch (shape.kind) {
	case WV_SHAPE_NULL:
		WV_APPEND(out, "null");
		break;
	case WV_SHAPE_SIGNED:
		wv_append_i64(out, shape.i);
		break;
	case WV_SHAPE_UNSIGNED:
		wv_append_u64(out, shape.u);
		break;
	case WV_SHAPE_HEX:
		wv_append_hex(out, shape.u);
		break;
	case WV_SHAPE_TEXT:
		wv_append_char(out, '"');
		wv_escape_quoted(out, shape.text);
		if (shape.truncated)
			WV_APPEND(out, "...");
		wv_append_char(out, '"');
		break;
	case WV_SHAPE_LIST:
		append_list(out, shape.list);
		break;
	}
}
