/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of the guest made safe for a line of text.
 *
 * What all styles escape:
 *   - control characters: 0x00 to 0x1f, 0x7f, and U+0080 to U+009f, which some terminals obey too;
 *   - U+2028 and U+2029, which some tools take for the end of a line;
 *   - bytes that are not well-formed UTF-8 (Unicode 15.0, table 3-7: no overlong forms, no
 *     surrogates, nothing above U+10FFFF).
 * Other well-formed UTF-8 passes as it is, unless a function says otherwise. No function adds the
 * quotes around a text.
 */
#ifndef WV_OUTPUT_ESCAPE_H
#define WV_OUTPUT_ESCAPE_H

#include <glib.h>
#include <stdbool.h>

#include "output/row.h"

/**
 * For text in double quotes, as `default` and `kv` print it: \" \\ \n \r \t, and \xHH for each byte
 * of everything else that is escaped. No two texts give the same output.
 */
void wv_escape_quoted(GString *out, struct wv_bytes text);

/**
 * For a name that stands without quotes in `default` and `kv`: everything but visible ASCII is
 * \xHH, and so are `"`, `\`, `:`, `=`, `,` and `;`. No two names give the same output.
 */
void wv_escape_name(GString *out, struct wv_bytes name);

/** For a quoted csv column: "" for a quote, \\, \n, \r, \t and \xHH. No two texts give the same. */
void wv_escape_csv(GString *out, struct wv_bytes text);

/** For one of several items in a csv column: like wv_escape_csv(), and `;` is \x3b. */
void wv_escape_csv_item(GString *out, struct wv_bytes text);

/** For the name of an item in a csv column: like wv_escape_csv_item(); `:` and `=` are \xHH. */
void wv_escape_csv_item_name(GString *out, struct wv_bytes name);

/**
 * For a json string: \" \\ \n \r \t, \u00HH for other control characters (NUL too), \u2028 and
 * \u2029; U+FFFD for each maximal subpart of an ill-formed sequence (Unicode 15.0, section 3.9).
 */
void wv_escape_json(GString *out, struct wv_bytes text);

/** For a json key: like wv_escape_json(), but NUL is U+FFFD, since many readers refuse it there. */
void wv_escape_json_key(GString *out, struct wv_bytes name);

/**
 * For a reader that undoes it as Python's codec unicode_escape does: \" \\ \n \r \t, \xHH for other
 * control characters, \uHHHH or \UHHHHHHHH for what is not ASCII, \ufffd for each maximal subpart
 * of an ill-formed sequence. The output is visible ASCII.
 */
void wv_escape_c(GString *out, struct wv_bytes text);

/**
 * The length of the UTF-8 sequence at @text (@left bytes, at least 1), and whether it is
 * well-formed; if not, the length of its maximal subpart: the bytes that one U+FFFD replaces.
 */
size_t wv_utf8_next(const uint8_t *text, size_t left, bool *well_formed);

#endif
