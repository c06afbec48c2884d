/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings, buffers, arrays of strings, and file descriptors with what is behind them. */
#include <string.h>

#include "plugins/syscalls/format.h"

/* Linux, include/uapi/linux/fcntl.h: AT_FDCWD. */
#define AT_FDCWD (-100)

void wv_decode_string(const struct wv_arg *arg, GString *out)
{
	wv_append_bytes(out, arg->bytes, arg->size);
	wv_append_more(arg, out);
}

void wv_decode_buffer(const struct wv_arg *arg, GString *out)
{
	wv_append_quoted(out, arg->bytes, arg->size);
	wv_append_more(arg, out);
}

/* Text in a buffer that is longer than it: up to its NUL, if it has one. */
void wv_decode_text(const struct wv_arg *arg, GString *out)
{
	const uint8_t *end = arg->size ? memchr(arg->bytes, '\0', arg->size) : NULL;

	wv_append_bytes(out, arg->bytes, end ? (size_t)(end - arg->bytes) : arg->size);
	if (!end)
		wv_append_more(arg, out);
}

void wv_decode_strings(const struct wv_arg *arg, GString *out)
{
	size_t at = 0;

	wv_append_char(out, '[');
	while (at < arg->size) {
		const uint8_t *item = arg->bytes + at;
		const uint8_t *end = memchr(item, '\0', arg->size - at);
		size_t length = end ? (size_t)(end - item) : arg->size - at;

		if (at > 0)
			WV_APPEND(out, ", ");
		wv_append_quoted(out, item, length);
		at += length + 1;
	}
	wv_append_closing(arg, out, ']');
}

static void append_fd(const struct wv_arg *arg, GString *out)
{
	if (!arg->bytes || arg->unreadable)
		return;
	wv_append_char(out, '<');
	wv_append_bytes(out, arg->bytes, arg->size);
	wv_append_more(arg, out);
	wv_append_char(out, '>');
}

/* A descriptor is an int, whatever the type that the call is declared with (mmap: unsigned long).
 */
void wv_decode_fd(const struct wv_arg *arg, GString *out)
{
	wv_append_i64(out, (int32_t)arg->number);
	append_fd(arg, out);
}

void wv_decode_dirfd(const struct wv_arg *arg, GString *out)
{
	if ((int32_t)arg->number == AT_FDCWD)
		WV_APPEND(out, "AT_FDCWD");
	else
		wv_append_i64(out, (int32_t)arg->number);
	append_fd(arg, out);
}
