/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of the guest made safe for a line of text: one scanner for all styles.
 *
 * Most text is plain ASCII. It is looked at eight bytes at a time, and copied in runs; only what
 * must be escaped takes the slow way.
 */
#include "output/escape.h"
#include "output/append.h"

enum style {
	STYLE_QUOTED,
	STYLE_NAME,
	STYLE_CSV,
	STYLE_CSV_ITEM,
	STYLE_CSV_ITEM_NAME,
	STYLE_JSON,
	STYLE_JSON_KEY,
	STYLE_C,
};

#define UNICODE_REPLACEMENT 0xfffdu

#define EACH_BYTE(value) (0x0101010101010101ULL * (value))

static inline bool is_continuation(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

size_t wv_utf8_next(const uint8_t *text, size_t left, bool *well_formed)
{
	uint8_t lead = text[0];
	/* What the second byte may be; the further ones are 0x80 to 0xbf. */
	uint8_t low = 0x80, high = 0xbf;
	size_t length;

	*well_formed = false;
	if (lead < 0x80) {
		*well_formed = true;
		return 1;
	} else if (lead >= 0xc2 && lead <= 0xdf) {
		length = 2;
	} else if (lead >= 0xe0 && lead <= 0xef) {
		length = 3;
		if (lead == 0xe0)
			low = 0xa0; /* below: overlong */
		else if (lead == 0xed)
			high = 0x9f; /* above: surrogates */
	} else if (lead >= 0xf0 && lead <= 0xf4) {
		length = 4;
		if (lead == 0xf0)
			low = 0x90; /* below: overlong */
		else if (lead == 0xf4)
			high = 0x8f; /* above: beyond U+10FFFF */
	} else {
		return 1;
	}

	if (left < 2 || text[1] < low || text[1] > high)
		return 1;
	for (size_t i = 2; i < length; i++) {
		if (i >= left || !is_continuation(text[i]))
			return i;
	}
	*well_formed = true;
	return length;
}

/* Well-formed, not ASCII, and yet to be escaped: U+0080 to U+009f, U+2028, U+2029. */
static inline bool is_wide_special(const uint8_t *text, size_t length)
{
	if (length == 2)
		return text[0] == 0xc2 && text[1] < 0xa0;
	return length == 3 && text[0] == 0xe2 && text[1] == 0x80 && (text[2] & 0xfe) == 0xa8;
}

static inline bool is_plain(uint8_t byte, enum style style)
{
	if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\')
		return false;
	switch (style) {
	case STYLE_NAME:
		return byte != ' ' && byte != ':' && byte != '=' && byte != ',' && byte != ';';
	case STYLE_CSV_ITEM:
		return byte != ';';
	case STYLE_CSV_ITEM_NAME:
		return byte != ';' && byte != ':' && byte != '=';
	default:
		return true;
	}
}

/*
 * Of eight bytes, those that no style takes as plain: the top bit of each such byte is set.
 * A borrow can set the bit of a byte above a true hit as well, never below it: only the lowest
 * hit may be used.
 */
static inline uint64_t special_bytes(uint64_t bytes)
{
	uint64_t hits = bytes;				 /* 0x80 and above */
	hits |= bytes - EACH_BYTE(0x20);		 /* below 0x20 */
	hits |= (bytes ^ EACH_BYTE('"')) - EACH_BYTE(1); /* equal: zero, and the borrow */
	hits |= (bytes ^ EACH_BYTE('\\')) - EACH_BYTE(1);
	hits |= (bytes ^ EACH_BYTE(0x7f)) - EACH_BYTE(1);
	return hits & EACH_BYTE(0x80);
}

/* The first byte from @text on that is not plain, or @end. */
static inline const uint8_t *skip_plain(const uint8_t *text, const uint8_t *end, enum style style)
{
	if (style == STYLE_QUOTED || style == STYLE_CSV || style == STYLE_JSON ||
	    style == STYLE_JSON_KEY || style == STYLE_C) {
		while (end - text >= 8) {
			uint64_t bytes, hits;

			memcpy(&bytes, text, sizeof(bytes));
			hits = special_bytes(GUINT64_FROM_LE(bytes));
			if (hits)
				return text + __builtin_ctzll(hits) / 8;
			text += 8;
		}
	}
	while (text < end && is_plain(*text, style))
		text++;
	return text;
}

static void append_byte_escape(GString *out, uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";
	char *p = wv_append_room(out, 4);

	p[0] = '\\';
	p[1] = 'x';
	p[2] = digits[byte >> 4];
	p[3] = digits[byte & 0xf];
	out->len += 4;
}

/** A character's code, in four digits: json has no more; in eight where it is larger. */
static void append_code_escape(GString *out, uint32_t code)
{
	static const char hex[] = "0123456789abcdef";
	unsigned digits = code > 0xffff ? 8 : 4;
	char *p = wv_append_room(out, 2 + digits);

	*p++ = '\\';
	*p++ = digits == 4 ? 'u' : 'U';
	for (unsigned i = digits; i-- > 0;)
		*p++ = hex[(code >> (4 * i)) & 0xf];
	out->len += 2 + digits;
}

static inline bool is_json(enum style style)
{
	return style == STYLE_JSON || style == STYLE_JSON_KEY;
}

static void append_ascii_escape(GString *out, uint8_t byte, enum style style)
{
	bool csv = style == STYLE_CSV || style == STYLE_CSV_ITEM || style == STYLE_CSV_ITEM_NAME;

	if (style == STYLE_NAME)
		append_byte_escape(out, byte);
	else if (byte == '"' && csv)
		WV_APPEND(out, "\"\"");
	else if (byte == '"')
		WV_APPEND(out, "\\\"");
	else if (byte == '\\')
		WV_APPEND(out, "\\\\");
	else if (byte == '\n')
		WV_APPEND(out, "\\n");
	else if (byte == '\r')
		WV_APPEND(out, "\\r");
	else if (byte == '\t')
		WV_APPEND(out, "\\t");
	else if (byte == '\0' && style == STYLE_JSON_KEY)
		WV_APPEND(out, "\xef\xbf\xbd");
	else if (is_json(style))
		append_code_escape(out, byte);
	else
		append_byte_escape(out, byte);
}

static void append_wide_escape(GString *out, const uint8_t *text, size_t length, bool well_formed,
			       enum style style)
{
	if (style == STYLE_C) {
		append_code_escape(out, well_formed ? g_utf8_get_char((const char *)text)
						    : UNICODE_REPLACEMENT);
	} else if (!is_json(style)) {
		for (size_t i = 0; i < length; i++)
			append_byte_escape(out, text[i]);
	} else if (!well_formed) {
		WV_APPEND(out, "\xef\xbf\xbd");
	} else if (length == 2) {
		append_code_escape(out, text[1]); /* U+0080 to U+009f: the second byte's value */
	} else {
		append_code_escape(out, text[2] == 0xa8 ? 0x2028 : 0x2029);
	}
}

/** Whether what is well-formed and not ASCII passes as it is. */
static inline bool passes_wide(enum style style)
{
	return style != STYLE_NAME && style != STYLE_C;
}

static inline __attribute__((always_inline)) void escape(GString *out, struct wv_bytes text,
							 enum style style)
{
	const uint8_t *p, *end, *run;

	if (text.size == 0)
		return;

	p = run = (const uint8_t *)text.data;
	end = p + text.size;
	while ((p = skip_plain(p, end, style)) < end) {
		bool well_formed = true;
		size_t length = 1;

		if (*p >= 0x80) {
			length = wv_utf8_next(p, (size_t)(end - p), &well_formed);
			if (well_formed && passes_wide(style) && !is_wide_special(p, length)) {
				p += length;
				continue;
			}
		}
		wv_append_bytes(out, run, (size_t)(p - run));
		if (*p >= 0x80)
			append_wide_escape(out, p, length, well_formed, style);
		else
			append_ascii_escape(out, *p, style);
		p += length;
		run = p;
	}
	wv_append_bytes(out, run, (size_t)(p - run));
}

void wv_escape_quoted(GString *out, struct wv_bytes text)
{
	escape(out, text, STYLE_QUOTED);
}

void wv_escape_name(GString *out, struct wv_bytes name)
{
	escape(out, name, STYLE_NAME);
}

void wv_escape_csv(GString *out, struct wv_bytes text)
{
	escape(out, text, STYLE_CSV);
}

void wv_escape_csv_item(GString *out, struct wv_bytes text)
{
	escape(out, text, STYLE_CSV_ITEM);
}

void wv_escape_csv_item_name(GString *out, struct wv_bytes name)
{
	escape(out, name, STYLE_CSV_ITEM_NAME);
}

void wv_escape_json(GString *out, struct wv_bytes text)
{
	escape(out, text, STYLE_JSON);
}

void wv_escape_json_key(GString *out, struct wv_bytes name)
{
	escape(out, name, STYLE_JSON_KEY);
}

void wv_escape_c(GString *out, struct wv_bytes text)
{
	escape(out, text, STYLE_C);
}
