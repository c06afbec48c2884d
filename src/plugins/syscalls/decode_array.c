/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers behind a pointer: one, or as many as were captured, of one width each. */
#include "plugins/syscalls/format.h"

void wv_append_array(const struct wv_arg *arg, GString *out, size_t start, size_t width,
		     wv_append_element_fn append)
{
	size_t at = start;

	wv_append_char(out, '[');
	for (; wv_has(arg, at, width); at += width) {
		if (at > start)
			WV_APPEND(out, ", ");
		append(arg, out, at);
	}
	wv_append_closing(arg, out, ']');
}

static void append_i32(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_i64(out, (int32_t)wv_u32(arg, at));
}

static void append_u16(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_u64(out, wv_u16(arg, at));
}

static void append_u32(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_u64(out, wv_u32(arg, at));
}

static void append_i64(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_i64(out, (int64_t)wv_u64(arg, at));
}

static void append_u64(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_u64(out, wv_u64(arg, at));
}

static void append_signed_word(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_i64(out, wv_signed_word(arg, at));
}

static void append_word(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_u64(out, wv_word(arg, at));
}

static void append_pointer(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_address(out, wv_word(arg, at));
}

/* struct sembuf: which semaphore, what is added, flags. */
static void append_sembuf(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_char(out, '{');
	wv_append_u64(out, wv_u16(arg, at));
	WV_APPEND(out, ", ");
	wv_append_i64(out, (int16_t)wv_u16(arg, at + 2));
	WV_APPEND(out, ", ");
	wv_append_flags(out, arg->decoder->names, wv_u16(arg, at + 4));
	wv_append_char(out, '}');
}

/* struct futex_waitv: the value expected, where, flags. */
static void append_futex_waiter(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_char(out, '{');
	wv_append_member(out, "uaddr");
	wv_append_address(out, wv_u64(arg, at + 8));
	wv_append_member(out, "val");
	wv_append_u64(out, wv_u64(arg, at));
	wv_append_member(out, "flags");
	wv_append_flags(out, arg->decoder->names, wv_u32(arg, at + 16));
	wv_append_char(out, '}');
}

void wv_decode_i32s(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, 4, append_i32);
}

void wv_decode_u16s(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, 2, append_u16);
}

void wv_decode_u32s(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, 4, append_u32);
}

void wv_decode_i64s(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, 8, append_i64);
}

void wv_decode_u64s(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, 8, append_u64);
}

void wv_decode_signed_words(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, wv_word_size(arg), append_signed_word);
}

void wv_decode_words(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, wv_word_size(arg), append_word);
}

void wv_decode_pointers(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, wv_word_size(arg), append_pointer);
}

void wv_decode_sembufs(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, 6, append_sembuf);
}

void wv_decode_futex_waiters(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, 24, append_futex_waiter);
}
