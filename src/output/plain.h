/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values as the formats `default` and `kv` both print them. */
#ifndef WV_OUTPUT_PLAIN_H
#define WV_OUTPUT_PLAIN_H

#include <glib.h>

#include "output/row.h"

/**
 * Appends a value: numbers and hex bare, texts in double quotes (see wv_escape_quoted()), `null`
 * for what could not be read, a list as its items joined with `;`, a pair as name:"text".
 */
void wv_plain_value(GString *out, const struct wv_row_field *field);

/** Appends text in double quotes, escaped. */
void wv_plain_text(GString *out, struct wv_bytes text);

/** Appends the name of a field, escaped. */
void wv_plain_name(GString *out, const struct wv_row_field *field);

#endif
