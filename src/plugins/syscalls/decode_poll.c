/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for descriptors: poll, select, epoll. */
#include "plugins/syscalls/format.h"

extern const struct wv_constants wv_constants_poll_events;
extern const struct wv_constants wv_constants_epoll_events;

/* struct pollfd: descriptor, what is waited for, what came; after the call, only those with it. */
void wv_decode_pollfds(const struct wv_arg *arg, GString *out)
{
	bool first = true;

	wv_append_char(out, '[');
	for (size_t at = 0; wv_has(arg, at, 8); at += 8) {
		uint16_t events = wv_u16(arg, at + (arg->returned ? 6 : 4));

		if (arg->returned && !events)
			continue;
		if (!first)
			WV_APPEND(out, ", ");
		wv_append_char(out, '{');
		wv_append_member(out, "fd");
		wv_append_i64(out, (int32_t)wv_u32(arg, at));
		WV_APPEND(out, ", ");
		wv_append_flags(out, &wv_constants_poll_events, events);
		wv_append_char(out, '}');
		first = false;
	}
	wv_append_closing(arg, out, ']');
}

/* struct epoll_event, packed on x86: events, the user's data. */
static void append_event(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_char(out, '{');
	wv_append_flags(out, &wv_constants_epoll_events, wv_u32(arg, at));
	wv_append_member(out, "data");
	wv_append_hex(out, wv_u64(arg, at + 4));
	wv_append_char(out, '}');
}

void wv_decode_epoll_event(const struct wv_arg *arg, GString *out)
{
	append_event(arg, out, 0);
}

void wv_decode_epoll_events(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, 12, append_event);
}

/* fd_set: one bit for each descriptor below the call's first argument. */
void wv_decode_fd_set(const struct wv_arg *arg, GString *out)
{
	uint64_t count = (uint32_t)wv_sibling(arg, 0, 0);
	bool first = true;

	count = MIN(count, (uint64_t)arg->size * 8);
	wv_append_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (!(arg->bytes[i / 8] >> (i % 8) & 1))
			continue;
		if (!first)
			wv_append_char(out, ' ');
		wv_append_u64(out, i);
		first = false;
	}
	wv_append_more(arg, out);
	wv_append_char(out, ']');
}
