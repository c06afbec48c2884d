/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Appending to a GString in the encoders' hot loop.
 *
 * GLib's own calls cost a function call and several checks each; a row makes some fifty of them.
 * These write straight into the string's buffer. While they work the string has no NUL at its end;
 * wv_append_end() puts it there, and every encoder calls it last.
 */
#ifndef WV_OUTPUT_APPEND_H
#define WV_OUTPUT_APPEND_H

#include <glib.h>
#include <stdint.h>
#include <string.h>

/** Makes room for @size more bytes and the NUL. Ends the process without memory, as GLib does. */
void wv_append_grow(GString *out, size_t size);

/** Where to write up to @size bytes; the caller then adds what it wrote to out->len. */
static inline char *wv_append_room(GString *out, size_t size)
{
	if (G_UNLIKELY(out->allocated_len - out->len <= size))
		wv_append_grow(out, size);
	return out->str + out->len;
}

static inline void wv_append_char(GString *out, char c)
{
	*wv_append_room(out, 1) = c;
	out->len++;
}

static inline void wv_append_bytes(GString *out, const void *data, size_t size)
{
	if (size == 0)
		return;
	memcpy(wv_append_room(out, size), data, size);
	out->len += size;
}

static inline void wv_append_string(GString *out, const char *text)
{
	wv_append_bytes(out, text, strlen(text));
}

/** A string literal: its length is known to the compiler. */
#define WV_APPEND(out, literal) wv_append_bytes((out), "" literal, sizeof(literal) - 1)

/** Decimal. */
void wv_append_u64(GString *out, uint64_t value);
void wv_append_i64(GString *out, int64_t value);

/** "0x1a4": lower case, no leading zeros; 0 is "0x0". */
void wv_append_hex(GString *out, uint64_t value);

/** Microseconds as seconds with six decimals: "1234567890.123456". */
void wv_append_time(GString *out, uint64_t time_us);

/** Makes the string a C string again. */
static inline void wv_append_end(GString *out)
{
	out->str[out->len] = '\0';
}

#endif
