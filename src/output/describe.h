/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rows are made of, in words: the common fields, the kinds of fields, the guest systems.
 * `wyvern plugins` and docs/output.md say it from here.
 */
#ifndef WV_OUTPUT_DESCRIBE_H
#define WV_OUTPUT_DESCRIBE_H

#include "output/schema.h"

/** A field that every event has, whatever its type. Which format prints it where: wv_encoder. */
struct wv_common_field {
	const char *name;
	enum wv_kind kind;
	const char *meaning; /**< one sentence */
};

/** All common fields, ended by a NULL name. */
extern const struct wv_common_field wv_common_fields[];

/** A kind's word in documentation ("number"), and one sentence on how it is printed. */
const char *wv_kind_name(enum wv_kind kind);
const char *wv_kind_meaning(enum wv_kind kind);

/** "Linux", "Windows". */
const char *wv_os_name(enum wv_os os);

#endif
