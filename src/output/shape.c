/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a value, its tag and its field's kind to what it looks like in text. */
#include <string.h>

#include "output/names.h"
#include "output/shape.h"

/* The kernel's MAX_ERRNO (include/linux/err.h): results below are numbers, not errors. */
#define ERRNO_MAX 4095

static void set_text(struct wv_shape *shape, const char *text, size_t size)
{
	shape->kind = WV_SHAPE_TEXT;
	shape->text.data = text;
	shape->text.size = size;
}

static void set_formatted(struct wv_shape *shape, const struct wv_field *field, uint64_t number)
{
	shape->buffer[0] = '\0';
	field->format(number, shape->buffer, sizeof(shape->buffer));
	set_text(shape, shape->buffer, strnlen(shape->buffer, sizeof(shape->buffer)));
}

static void set_plain_number(struct wv_shape *shape, const struct wv_value *value)
{
	if (value->tag == WV_VALUE_INT) {
		shape->kind = WV_SHAPE_SIGNED;
		shape->i = value->i;
	} else {
		shape->kind = WV_SHAPE_UNSIGNED;
		shape->u = value->u;
	}
}

static void set_result(struct wv_shape *shape, const struct wv_value *value)
{
	if (value->tag == WV_VALUE_INT && value->i < 0 && value->i >= -ERRNO_MAX) {
		const char *name = wv_errno_name((uint64_t)-value->i);

		if (name) {
			set_text(shape, name, strlen(name));
			return;
		}
	}
	set_plain_number(shape, value);
}

static void set_number(struct wv_shape *shape, const struct wv_field *field,
		       const struct wv_value *value)
{
	uint64_t bits = value->tag == WV_VALUE_INT ? (uint64_t)value->i : value->u;

	switch (field ? field->kind : WV_KIND_STRING) {
	case WV_KIND_NAME:
	case WV_KIND_FLAGS:
		if (field->format) {
			set_formatted(shape, field, bits);
			return;
		}
		break;
	case WV_KIND_HEX:
		shape->kind = WV_SHAPE_HEX;
		shape->u = bits;
		return;
	case WV_KIND_RESULT:
		set_result(shape, value);
		return;
	default:
		break;
	}
	set_plain_number(shape, value);
}

void wv_shape_of(const struct wv_row_field *field, struct wv_shape *shape)
{
	const struct wv_value *value = &field->value;

	shape->truncated = false;
	switch (value->tag) {
	case WV_VALUE_INT:
	case WV_VALUE_UINT:
		set_number(shape, field->field, value);
		break;
	case WV_VALUE_BYTES:
		set_text(shape, value->bytes.data, value->bytes.size);
		shape->truncated = value->truncated;
		break;
	case WV_VALUE_LIST:
		shape->kind = WV_SHAPE_LIST;
		shape->list = value;
		break;
	case WV_VALUE_NULL:
	default:
		shape->kind = WV_SHAPE_NULL;
		break;
	}
}

bool wv_item_next(const struct wv_value *list, struct wv_item_walk *walk, struct wv_list_item *item)
{
	static const struct wv_bytes none = { NULL, 0 };
	static const struct wv_bytes dots = { "...", 3 };

	if (walk->ended)
		return false;
	if (wv_list_next(list, &walk->cursor, item)) {
		walk->paired = item->name.data != NULL;
		return true;
	}

	walk->ended = true;
	item->name = walk->paired ? dots : none;
	item->text = dots;
	return list->truncated || walk->cursor < list->bytes.size;
}
