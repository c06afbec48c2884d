/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the encoders take for granted about declarations, checked by the tests of every build. */
#ifndef WV_OUTPUT_SCHEMA_CHECK_H
#define WV_OUTPUT_SCHEMA_CHECK_H

#include <glib.h>

#include "output/schema.h"

/** The keys that open every json row, in their order, ended by NULL. */
extern const char *const wv_json_common_keys[];

/**
 * Whether each type of @schema is well declared: a plugin name, at least one method, names of
 * letters, digits and `_` that are no json key twice, at most WV_ROW_FIELDS_MAX fields, a known
 * kind, a format function for NAME and FLAGS and for no other kind, a meaning for each. A `defined`
 * type has no method, but is open-ended and has both functions for its definitions. Given fields
 * come first, and are never absent.
 *
 * On failure @error (WV_ERROR_INTERNAL) names the type and the field.
 */
bool wv_schema_check(const struct wv_schema *schema, GError **error);

#endif
