/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers to text, appended to a GString, and the growing of that string. */
#include "output/append.h"

/* 2^64 - 1 has 20 digits. */
#define DECIMAL_MAX 20
#define HEX_MAX	    16

void wv_append_grow(GString *out, size_t size)
{
	size_t len = out->len;

	/* Grows to the next power of two, so that appending stays linear. */
	g_string_set_size(out, len + size);
	g_string_truncate(out, len);
}

/** "00" to "99": two digits at a time halve the divisions. */
static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

static inline char *put_pair(char *end, unsigned pair)
{
	return memcpy(end - 2, pairs + 2 * pair, 2);
}

void wv_append_u64(GString *out, uint64_t value)
{
	char digits[DECIMAL_MAX];
	char *end = digits + sizeof(digits), *p = end;

	if (value < 10) {
		wv_append_char(out, (char)('0' + value));
		return;
	}
	for (; value >= 100; value /= 100)
		p = put_pair(p, (unsigned)(value % 100));
	if (value >= 10)
		p = put_pair(p, (unsigned)value);
	else
		*--p = (char)('0' + value);
	wv_append_bytes(out, p, (size_t)(end - p));
}

void wv_append_i64(GString *out, int64_t value)
{
	if (value < 0) {
		wv_append_char(out, '-');
		/* Negated as unsigned: the smallest number has no positive counterpart. */
		wv_append_u64(out, -(uint64_t)value);
	} else {
		wv_append_u64(out, (uint64_t)value);
	}
}

void wv_append_hex(GString *out, uint64_t value)
{
	unsigned n_digits = value ? (unsigned)(67 - __builtin_clzll(value)) / 4 : 1;
	char *p = wv_append_room(out, 2 + HEX_MAX);

	p[0] = '0';
	p[1] = 'x';
	for (unsigned i = n_digits; i > 0; i--) {
		p[1 + i] = "0123456789abcdef"[value & 0xf];
		value >>= 4;
	}
	out->len += 2 + n_digits;
}

void wv_append_time(GString *out, uint64_t time_us)
{
	uint32_t rest = (uint32_t)(time_us % 1000000);
	char *p;

	wv_append_u64(out, time_us / 1000000);
	p = wv_append_room(out, 7);
	p[0] = '.';
	put_pair(p + 7, rest % 100);
	put_pair(p + 5, rest / 100 % 100);
	put_pair(p + 3, rest / 10000);
	out->len += 7;
}
