/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times of Windows: counts of 100 ns, since 1601 or from now on. */
#include <time.h>

#include "plugins/syscalls/nt_format.h"

#define UNITS_PER_SECOND 10000000
#define DIGITS		 7
/* From 1601 to 1970: 369 years with 89 leap days. */
#define SECONDS_TO_1970 INT64_C(11644473600)

/* The fraction of a second with its digits, but no zeros at the end; nothing for none. */
static void append_fraction(GString *out, uint64_t units)
{
	char digits[DIGITS];
	size_t size = DIGITS;

	if (!units)
		return;
	for (size_t i = DIGITS; i-- > 0; units /= 10)
		digits[i] = (char)('0' + units % 10);
	while (digits[size - 1] == '0')
		size--;
	wv_append_char(out, '.');
	wv_append_bytes(out, digits, size);
}

void wv_append_nt_time(GString *out, int64_t time)
{
	time_t seconds = (time_t)(time / UNITS_PER_SECOND - SECONDS_TO_1970);
	struct tm parts;
	char text[32];

	if (time <= 0 || !gmtime_r(&seconds, &parts)) {
		wv_append_i64(out, time);
		return;
	}
	wv_append_bytes(out, text, strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts));
	append_fraction(out, (uint64_t)(time % UNITS_PER_SECOND));
	wv_append_char(out, 'Z');
}

void wv_decode_time(const struct wv_arg *arg, GString *out)
{
	wv_append_nt_time(out, (int64_t)wv_u64(arg, 0));
}

/* Negative: so long from now on. Positive: until then. */
void wv_decode_timeout(const struct wv_arg *arg, GString *out)
{
	int64_t timeout = (int64_t)wv_u64(arg, 0);
	uint64_t units = -(uint64_t)timeout;

	if (timeout > 0) {
		wv_append_nt_time(out, timeout);
	} else if (timeout == INT64_MIN) {
		WV_APPEND(out, "infinite"); /* what Sleep(INFINITE) asks for */
	} else {
		wv_append_u64(out, units / UNITS_PER_SECOND);
		append_fraction(out, units % UNITS_PER_SECOND);
		wv_append_char(out, 's');
	}
}
