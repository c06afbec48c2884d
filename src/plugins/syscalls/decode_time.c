/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times: all that is seconds and a fraction, once, twice, or as a timer. */
#include "plugins/syscalls/format.h"

/* Linux, include/linux/stat.h: what utimensat(2) takes for a tv_nsec. */
#define UTIME_NOW  ((1 << 30) - 1)
#define UTIME_OMIT ((1 << 30) - 2)

/* One second and fraction, of members of @width bytes each. */
static void append_time(const struct wv_arg *arg, GString *out, size_t offset, size_t width,
			unsigned digits)
{
	int64_t seconds, fraction;

	if (width == 4) {
		seconds = (int32_t)wv_u32(arg, offset);
		fraction = (int32_t)wv_u32(arg, offset + 4);
	} else {
		seconds = (int64_t)wv_u64(arg, offset);
		fraction = (int64_t)wv_u64(arg, offset + 8);
	}
	wv_append_seconds(out, seconds, fraction, digits);
}

static void format_time(const struct wv_arg *arg, GString *out, size_t width, unsigned digits)
{
	wv_append_char(out, '{');
	append_time(arg, out, 0, width, digits);
	wv_append_char(out, '}');
}

static void format_timer(const struct wv_arg *arg, GString *out, size_t width, unsigned digits)
{
	wv_append_char(out, '{');
	wv_append_member(out, "interval");
	append_time(arg, out, 0, width, digits);
	wv_append_member(out, "value");
	append_time(arg, out, 2 * width, width, digits);
	wv_append_char(out, '}');
}

static void append_file_time(const struct wv_arg *arg, GString *out, size_t offset, size_t width,
			     unsigned digits)
{
	uint64_t fraction = width == 4 ? wv_u32(arg, offset + 4) : wv_u64(arg, offset + 8);

	if (digits == 9 && fraction == UTIME_NOW)
		WV_APPEND(out, "UTIME_NOW");
	else if (digits == 9 && fraction == UTIME_OMIT)
		WV_APPEND(out, "UTIME_OMIT");
	else
		append_time(arg, out, offset, width, digits);
}

/* A file's times: of access and of modification. */
static void format_file_times(const struct wv_arg *arg, GString *out, size_t width, unsigned digits)
{
	wv_append_char(out, '[');
	append_file_time(arg, out, 0, width, digits);
	WV_APPEND(out, ", ");
	append_file_time(arg, out, 2 * width, width, digits);
	wv_append_char(out, ']');
}

/* struct __kernel_timespec: the same for all callers. */
void wv_decode_timespec(const struct wv_arg *arg, GString *out)
{
	format_time(arg, out, 8, 9);
}

void wv_decode_timespec32(const struct wv_arg *arg, GString *out)
{
	format_time(arg, out, 4, 9);
}

/* struct __kernel_old_timeval: two longs. */
void wv_decode_timeval(const struct wv_arg *arg, GString *out)
{
	format_time(arg, out, wv_word_size(arg), 6);
}

void wv_decode_timeval32(const struct wv_arg *arg, GString *out)
{
	format_time(arg, out, 4, 6);
}

void wv_decode_itimerspec(const struct wv_arg *arg, GString *out)
{
	format_timer(arg, out, 8, 9);
}

void wv_decode_itimerspec32(const struct wv_arg *arg, GString *out)
{
	format_timer(arg, out, 4, 9);
}

void wv_decode_itimerval(const struct wv_arg *arg, GString *out)
{
	format_timer(arg, out, wv_word_size(arg), 6);
}

void wv_decode_file_timespecs(const struct wv_arg *arg, GString *out)
{
	format_file_times(arg, out, 8, 9);
}

void wv_decode_file_timespecs32(const struct wv_arg *arg, GString *out)
{
	format_file_times(arg, out, 4, 9);
}

void wv_decode_file_timevals(const struct wv_arg *arg, GString *out)
{
	format_file_times(arg, out, wv_word_size(arg), 6);
}

void wv_decode_file_timevals32(const struct wv_arg *arg, GString *out)
{
	format_file_times(arg, out, 4, 6);
}

/* struct utimbuf: two longs, whole seconds; struct old_utimbuf32. */
void wv_decode_utimbuf(const struct wv_arg *arg, GString *out)
{
	size_t width = arg->decoder->size == 8 ? 4 : wv_word_size(arg);

	wv_append_char(out, '[');
	wv_append_i64(out, width == 4 ? (int32_t)wv_u32(arg, 0) : (int64_t)wv_u64(arg, 0));
	WV_APPEND(out, ", ");
	wv_append_i64(out, width == 4 ? (int32_t)wv_u32(arg, 4) : (int64_t)wv_u64(arg, 8));
	wv_append_char(out, ']');
}

void wv_decode_timezone(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_member(out, "minuteswest");
	wv_append_i64(out, (int32_t)wv_u32(arg, 0));
	wv_append_member(out, "dsttime");
	wv_append_i64(out, (int32_t)wv_u32(arg, 4));
	wv_append_char(out, '}');
}
