/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walking the items of a list value. */
#include <string.h>

#include "output/row.h"

#define NO_NAME 0xffff

bool wv_list_next(const struct wv_value *list, size_t *cursor, struct wv_list_item *item)
{
	uint16_t sizes[2];
	size_t left, name_size, text_size;
	const char *p;

	if (list->tag != WV_VALUE_LIST || *cursor >= list->bytes.size)
		return false;
	left = list->bytes.size - *cursor;
	if (left < sizeof(sizes))
		return false;

	p = list->bytes.data + *cursor;
	memcpy(sizes, p, sizeof(sizes));
	p += sizeof(sizes);
	left -= sizeof(sizes);

	name_size = sizes[0] == NO_NAME ? 0 : sizes[0];
	text_size = sizes[1];
	if (name_size + text_size > left)
		return false;

	item->name.data = sizes[0] == NO_NAME ? NULL : p;
	item->name.size = name_size;
	item->text.data = p + name_size;
	item->text.size = text_size;
	*cursor += sizeof(sizes) + name_size + text_size;
	return true;
}
