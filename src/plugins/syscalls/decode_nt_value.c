/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of Windows, given as such or behind a pointer, and what appends parts of texts. */
#include <string.h>

#include "output/names.h"
#include "plugins/syscalls/nt_format.h"

/* Appending -------------------------------------------------------------------------------------*/

void wv_append_boolean(GString *out, uint64_t value)
{
	if (value > 1)
		wv_append_hex(out, value);
	else
		wv_append_string(out, value ? "TRUE" : "FALSE");
}

void wv_append_status(GString *out, uint32_t status)
{
	char text[64];

	wv_format_ntstatus(status, text, sizeof(text));
	wv_append_string(out, text);
}

void wv_append_quoted_text(GString *out, const uint8_t *text, size_t size)
{
	wv_append_char(out, '"');
	while (size > 0) {
		const uint8_t *quote = memchr(text, '"', size);
		size_t length = quote ? (size_t)(quote - text) + 1 : size;

		wv_append_bytes(out, text, length);
		if (quote)
			wv_append_char(out, '"');
		text += length;
		size -= length;
	}
	wv_append_char(out, '"');
}

void wv_append_word_member(const struct wv_arg *arg, GString *out, const char *name, size_t offset)
{
	wv_append_member(out, name);
	wv_append_address(out, wv_word(arg, offset));
}

/* Numbers ---------------------------------------------------------------------------------------*/

/* The number behind the pointer, and how wide it is: wv_decode() has seen to it that it is there.
 */
static size_t width_at(const struct wv_arg *arg)
{
	return arg->compat ? arg->decoder->size_compat : arg->decoder->size;
}

static uint64_t number_at(const struct wv_arg *arg)
{
	uint64_t number = 0;

	memcpy(&number, arg->bytes, MIN(MIN(width_at(arg), sizeof(number)), arg->size));
	return number;
}

void wv_decode_boolean(const struct wv_arg *arg, GString *out)
{
	wv_append_boolean(out, wv_number(arg));
}

void wv_decode_status(const struct wv_arg *arg, GString *out)
{
	wv_append_status(out, (uint32_t)arg->number);
}

void wv_decode_unsigned_at(const struct wv_arg *arg, GString *out)
{
	wv_append_u64(out, number_at(arg));
}

void wv_decode_signed_at(const struct wv_arg *arg, GString *out)
{
	unsigned shift = 64 - 8 * (unsigned)width_at(arg);

	wv_append_i64(out, (int64_t)(number_at(arg) << shift) >> shift);
}

void wv_decode_hex_at(const struct wv_arg *arg, GString *out)
{
	wv_append_hex(out, number_at(arg));
}

void wv_decode_boolean_at(const struct wv_arg *arg, GString *out)
{
	wv_append_boolean(out, number_at(arg));
}

void wv_decode_status_at(const struct wv_arg *arg, GString *out)
{
	wv_append_status(out, (uint32_t)number_at(arg));
}

void wv_decode_flags_at(const struct wv_arg *arg, GString *out)
{
	wv_append_flags(out, arg->decoder->names, number_at(arg));
}

void wv_decode_value_at(const struct wv_arg *arg, GString *out)
{
	wv_append_name(out, arg->decoder->names, number_at(arg));
}
