/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON, written into a buffer. What does not fit is left out, which makes it invalid. */
#ifndef WV_NT_JSON_H
#define WV_NT_JSON_H

#include "nt.h"

struct wv_json {
	char *text;
	unsigned length, room;
};

/* Values: with a key in an object, with NULL in an array. */
void wv_json_int(struct wv_json *json, const char *key, long long value);
void wv_json_hex(struct wv_json *json, const char *key, u64 value);
void wv_json_bool(struct wv_json *json, const char *key, bool value);
void wv_json_null(struct wv_json *json, const char *key);
void wv_json_text(struct wv_json *json, const char *key, const char *text);
/* Bytes: each becomes the character of the same number. */
void wv_json_bytes(struct wv_json *json, const char *key, const void *bytes, size_t size);
/* UTF-16; surrogates are written as they are. */
void wv_json_wide(struct wv_json *json, const char *key, const u16 *text, unsigned count);
/* What another buffer holds, as a value. */
void wv_json_value(struct wv_json *json, const char *key, const struct wv_json *value);
/* bracket: { or [, and what closes it. */
void wv_json_open(struct wv_json *json, const char *key, char bracket);
void wv_json_close(struct wv_json *json, char bracket);

#endif
