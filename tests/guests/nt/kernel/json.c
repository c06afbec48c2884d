// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes JSON. */
#include "json.h"

static void add_char(struct wv_json *json, char c)
{
	if (json->length < json->room)
		json->text[json->length++] = c;
}

static void add(struct wv_json *json, const char *text)
{
	while (*text)
		add_char(json, *text++);
}

static void add_hex(struct wv_json *json, u64 value, int digits)
{
	for (int i = digits - 1; i >= 0; i--)
		add_char(json, "0123456789abcdef"[value >> 4 * i & 15]);
}

static void add_character(struct wv_json *json, unsigned c)
{
	if (c == '"' || c == '\\') {
		add_char(json, '\\');
		add_char(json, (char)c);
	} else if (c >= 0x20 && c < 0x7f) {
		add_char(json, (char)c);
	} else {
		add(json, "\\u");
		add_hex(json, c, 4);
	}
}

static void begin(struct wv_json *json, const char *key)
{
	char last = json->length ? json->text[json->length - 1] : '{';

	if (last != '{' && last != '[')
		add_char(json, ',');
	if (!key)
		return;
	add_char(json, '"');
	add(json, key);
	add(json, "\":");
}

void wv_json_int(struct wv_json *json, const char *key, long long value)
{
	char digits[24];
	unsigned n = 0;
	u64 rest = value < 0 ? -(u64)value : (u64)value;

	begin(json, key);
	if (value < 0)
		add_char(json, '-');
	/* 32-bit halves: the compiler's 64-bit division is a library call on 32 bits. */
	while (rest > 0xffffffff) {
		u64 quotient = 0, left = 0;

		for (int bit = 63; bit >= 0; bit--) {
			left = left << 1 | (rest >> bit & 1);
			if (left >= 10) {
				left -= 10;
				quotient |= 1ull << bit;
			}
		}
		digits[n++] = (char)('0' + left);
		rest = quotient;
	}
	for (u32 low = (u32)rest; low || !n; low /= 10)
		digits[n++] = (char)('0' + low % 10);
	while (n)
		add_char(json, digits[--n]);
}

void wv_json_hex(struct wv_json *json, const char *key, u64 value)
{
	int digits = 1;

	while (digits < 16 && value >> 4 * digits)
		digits++;
	begin(json, key);
	add(json, "\"0x");
	add_hex(json, value, digits);
	add_char(json, '"');
}

void wv_json_bool(struct wv_json *json, const char *key, bool value)
{
	begin(json, key);
	add(json, value ? "true" : "false");
}

void wv_json_null(struct wv_json *json, const char *key)
{
	begin(json, key);
	add(json, "null");
}

void wv_json_bytes(struct wv_json *json, const char *key, const void *bytes, size_t size)
{
	begin(json, key);
	add_char(json, '"');
	for (size_t i = 0; i < size; i++)
		add_character(json, ((const u8 *)bytes)[i]);
	add_char(json, '"');
}

void wv_json_text(struct wv_json *json, const char *key, const char *text)
{
	wv_json_bytes(json, key, text, wv_length(text));
}

void wv_json_wide(struct wv_json *json, const char *key, const u16 *text, unsigned count)
{
	begin(json, key);
	add_char(json, '"');
	for (unsigned i = 0; i < count; i++)
		add_character(json, text[i]);
	add_char(json, '"');
}

void wv_json_value(struct wv_json *json, const char *key, const struct wv_json *value)
{
	begin(json, key);
	for (unsigned i = 0; i < value->length; i++)
		add_char(json, value->text[i]);
}

void wv_json_open(struct wv_json *json, const char *key, char bracket)
{
	begin(json, key);
	add_char(json, bracket);
}

void wv_json_close(struct wv_json *json, char bracket)
{
	add_char(json, bracket);
}
