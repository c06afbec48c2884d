/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the decoders share: reading captured structures, appending parts of texts, plain numbers. */
#include <string.h>

#include "output/names.h"
#include "plugins/syscalls/format.h"

/* A number above this without a name is likelier a set of bits than a count. */
#define DECIMAL_MAX 9999

/* Reading ---------------------------------------------------------------------------------------*/

bool wv_has(const struct wv_arg *arg, size_t offset, size_t size)
{
	return arg->bytes && offset <= arg->size && size <= arg->size - offset;
}

static void read_bytes(const struct wv_arg *arg, size_t offset, void *value, size_t size)
{
	if (wv_has(arg, offset, size))
		memcpy(value, arg->bytes + offset, size);
}

uint16_t wv_u16(const struct wv_arg *arg, size_t offset)
{
	uint16_t value = 0;

	read_bytes(arg, offset, &value, sizeof(value));
	return value;
}

uint32_t wv_u32(const struct wv_arg *arg, size_t offset)
{
	uint32_t value = 0;

	read_bytes(arg, offset, &value, sizeof(value));
	return value;
}

uint64_t wv_u64(const struct wv_arg *arg, size_t offset)
{
	uint64_t value = 0;

	read_bytes(arg, offset, &value, sizeof(value));
	return value;
}

uint64_t wv_word(const struct wv_arg *arg, size_t offset)
{
	return arg->compat ? wv_u32(arg, offset) : wv_u64(arg, offset);
}

int64_t wv_signed_word(const struct wv_arg *arg, size_t offset)
{
	return arg->compat ? (int32_t)wv_u32(arg, offset) : (int64_t)wv_u64(arg, offset);
}

uint64_t wv_number(const struct wv_arg *arg)
{
	if (arg->bits == 0 || arg->bits >= 64)
		return arg->number;
	return arg->number & ((UINT64_C(1) << arg->bits) - 1);
}

int64_t wv_signed_number(const struct wv_arg *arg)
{
	unsigned shift = arg->bits == 0 || arg->bits >= 64 ? 0 : 64 - arg->bits;

	return (int64_t)(arg->number << shift) >> shift;
}

/* Appending -------------------------------------------------------------------------------------*/

static void append_item(GString *out, size_t start, const char *separator, const char *name)
{
	if (out->len > start)
		wv_append_string(out, separator);
	wv_append_string(out, name);
}

void wv_append_set(GString *out, const struct wv_constants *names, uint64_t value,
		   const char *separator)
{
	size_t start = out->len;
	uint64_t seen = 0;

	for (unsigned i = 0; i < names->count; i++) {
		const struct wv_constant *row = &names->rows[i];

		if ((value & row->mask) != row->value || (seen & row->mask) != 0)
			continue;
		append_item(out, start, separator, row->name);
		seen |= row->mask;
	}
	if (value & ~seen) {
		append_item(out, start, separator, "");
		wv_append_hex(out, value & ~seen);
	} else if (out->len == start) {
		wv_append_char(out, '0');
	}
}

void wv_append_flags(GString *out, const struct wv_constants *names, uint64_t value)
{
	wv_append_set(out, names, value, "|");
}

const char *wv_constant_find(const struct wv_constants *names, uint64_t value)
{
	unsigned low = 0, high = names->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (names->rows[middle].value == value)
			return names->rows[middle].name;
		if (names->rows[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

void wv_append_name(GString *out, const struct wv_constants *names, uint64_t value)
{
	const char *name = wv_constant_find(names, value);

	if (name)
		wv_append_string(out, name);
	else if (value <= DECIMAL_MAX)
		wv_append_u64(out, value);
	else
		wv_append_hex(out, value);
}

void wv_append_signed_name(GString *out, const struct wv_constants *names, int32_t value)
{
	if (value < 0 && value >= -DECIMAL_MAX && !wv_constant_find(names, (uint32_t)value))
		wv_append_i64(out, value);
	else
		wv_append_name(out, names, (uint32_t)value);
}

void wv_append_octal(GString *out, uint64_t value)
{
	char digits[24];
	size_t at = sizeof(digits);

	for (; value; value >>= 3)
		digits[--at] = (char)('0' + (value & 7));
	digits[--at] = '0';
	wv_append_bytes(out, digits + at, sizeof(digits) - at);
}

void wv_append_signal(GString *out, uint64_t number)
{
	char text[32];

	wv_format_signal(number, text, sizeof(text));
	wv_append_string(out, text);
}

void wv_append_address(GString *out, uint64_t address)
{
	if (address)
		wv_append_hex(out, address);
	else
		WV_APPEND(out, "NULL");
}

static void append_escaped(GString *out, uint8_t byte)
{
	static const char hex[] = "0123456789abcdef";

	switch (byte) {
	case '\n':
		WV_APPEND(out, "\\n");
		break;
	case '\r':
		WV_APPEND(out, "\\r");
		break;
	case '\t':
		WV_APPEND(out, "\\t");
		break;
	case '"':
	case '\\':
		wv_append_char(out, '\\');
		wv_append_char(out, (char)byte);
		break;
	default:
		WV_APPEND(out, "\\x");
		wv_append_char(out, hex[byte >> 4]);
		wv_append_char(out, hex[byte & 15]);
	}
}

void wv_append_quoted(GString *out, const uint8_t *bytes, size_t size)
{
	wv_append_char(out, '"');
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] >= ' ' && bytes[i] < 0x7f && bytes[i] != '"' && bytes[i] != '\\')
			wv_append_char(out, (char)bytes[i]);
		else
			append_escaped(out, bytes[i]);
	}
	wv_append_char(out, '"');
}

void wv_append_seconds(GString *out, int64_t seconds, int64_t fraction, unsigned digits)
{
	int64_t unit = digits == 6 ? 1000000 : 1000000000;
	char text[9];

	wv_append_i64(out, seconds);
	if (fraction < 0 || fraction >= unit) {
		/* UTIME_NOW and UTIME_OMIT are such, and mistakes */
		wv_append_char(out, '+');
		wv_append_i64(out, fraction);
		wv_append_string(out, digits == 6 ? "us" : "ns");
		return;
	}
	for (unsigned i = digits; i-- > 0; fraction /= 10)
		text[i] = (char)('0' + fraction % 10);
	wv_append_char(out, '.');
	wv_append_bytes(out, text, digits);
}

void wv_append_member(GString *out, const char *name)
{
	if (out->len > 0 && out->str[out->len - 1] != '{')
		WV_APPEND(out, ", ");
	wv_append_string(out, name);
	wv_append_char(out, '=');
}

void wv_append_more(const struct wv_arg *arg, GString *out)
{
	if (arg->truncated)
		WV_APPEND(out, "...");
}

void wv_append_closing(const struct wv_arg *arg, GString *out, char bracket)
{
	char last = out->str[out->len - 1];

	if (arg->truncated)
		wv_append_string(out, last == '{' || last == '[' ? "..." : ", ...");
	wv_append_char(out, bracket);
}

/* Numbers ---------------------------------------------------------------------------------------*/

void wv_decode_signed(const struct wv_arg *arg, GString *out)
{
	wv_append_i64(out, wv_signed_number(arg));
}

void wv_decode_unsigned(const struct wv_arg *arg, GString *out)
{
	wv_append_u64(out, wv_number(arg));
}

/* A user's or group's number; all ones stands for "leave it as it is". */
void wv_decode_id(const struct wv_arg *arg, GString *out)
{
	if (wv_signed_number(arg) == -1)
		WV_APPEND(out, "-1");
	else
		wv_append_u64(out, wv_number(arg));
}

void wv_decode_hex(const struct wv_arg *arg, GString *out)
{
	wv_append_hex(out, wv_number(arg));
}

void wv_decode_address(const struct wv_arg *arg, GString *out)
{
	wv_append_address(out, wv_number(arg));
}

void wv_decode_octal(const struct wv_arg *arg, GString *out)
{
	wv_append_octal(out, wv_number(arg));
}

void wv_decode_flags(const struct wv_arg *arg, GString *out)
{
	wv_append_flags(out, arg->decoder->names, wv_number(arg));
}

void wv_decode_value(const struct wv_arg *arg, GString *out)
{
	if (arg->bits <= 32)
		wv_append_signed_name(out, arg->decoder->names, (int32_t)wv_number(arg));
	else
		wv_append_name(out, arg->decoder->names, wv_number(arg));
}

void wv_decode_signal(const struct wv_arg *arg, GString *out)
{
	int64_t number = wv_signed_number(arg);

	if (number < 0)
		wv_append_i64(out, number);
	else
		wv_append_signal(out, (uint64_t)number);
}
