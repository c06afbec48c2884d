/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about a row's fields that more than one encoder asks. */
#include "output/append.h"
#include "output/fields.h"
#include "output/shape.h"

int wv_field_index(const struct wv_row *row, const struct wv_row_field *field)
{
	uintptr_t first = (uintptr_t)row->type->fields;
	uintptr_t offset = (uintptr_t)field->field - first;
	size_t index = offset / sizeof(struct wv_field);

	if (!field->field || (uintptr_t)field->field < first || index >= row->type->n_fields)
		return -1;
	return (int)index;
}

void wv_fields_by_declaration(const struct wv_row *row,
			      const struct wv_row_field *columns[WV_ROW_FIELDS_MAX])
{
	unsigned n_columns = MIN(row->type->n_fields, WV_ROW_FIELDS_MAX);

	memset(columns, 0, n_columns * sizeof(columns[0]));
	for (unsigned i = 0; i < row->n_fields; i++) {
		int index = wv_field_index(row, &row->fields[i]);

		if (index >= 0 && index < (int)n_columns && !columns[index])
			columns[index] = &row->fields[i];
	}
}

GString *wv_list_joined(const struct wv_value *list)
{
	GString *joined = g_string_new(NULL);
	struct wv_item_walk walk = { 0 };
	struct wv_list_item item;
	bool first = true;

	while (wv_item_next(list, &walk, &item)) {
		if (!first)
			wv_append_char(joined, ';');
		first = false;
		if (item.name.data) {
			wv_append_bytes(joined, item.name.data, item.name.size);
			wv_append_char(joined, ':');
		}
		wv_append_bytes(joined, item.text.data, item.text.size);
	}
	wv_append_end(joined);
	return joined;
}
