/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about a row's fields that more than one encoder asks. */
#ifndef WV_OUTPUT_FIELDS_H
#define WV_OUTPUT_FIELDS_H

#include <glib.h>

#include "output/row.h"

/** The index of a field's declaration in the row's type, or -1: its own name, or not of the type.
 */
int wv_field_index(const struct wv_row *row, const struct wv_row_field *field);

/**
 * Fills @columns[0 .. n_fields of the type - 1] with the row's field of each declaration, or NULL
 * where it is absent. Of a field written twice (a hostile writer) the first one counts.
 */
void wv_fields_by_declaration(const struct wv_row *row,
			      const struct wv_row_field *columns[WV_ROW_FIELDS_MAX]);

/** The items of a list as one text, joined with `;`, pairs as name:text; nothing is escaped. */
GString *wv_list_joined(const struct wv_value *list);

#endif
