/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that an argument points to; their text is made elsewhere. */
#include "plugins/syscalls/capture.h"

bool syscalls_is_kernel(struct wv_call *call, uint64_t address)
{
	return wv_paging_is_upper_half(wv_call_space(call)->paging.mode, address);
}

/**
 * How many bytes the decoder wants, and whether that is less than there should be; where that takes
 * a look at the guest, it is taken. False where the guest has nothing there.
 */
static bool wanted_size(struct wv_call *call, const struct wv_arg *arg, size_t *wanted, bool *cut)
{
	uint64_t address, told = 0;
	size_t size;

	*wanted = 0;
	*cut = false;
	if (wv_capture_length_at(arg, &address, &size) && address &&
	    !wv_space_read(wv_call_space(call), address, &told, size))
		return false;
	*wanted = wv_capture_size(arg, told, cut);
	return true;
}

bool syscalls_write_bytes_at(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			     const struct wv_arg *at, size_t most)
{
	size_t wanted, size;
	bool cut, known = wanted_size(call, at, &wanted, &cut);

	size = MIN(wanted, most);
	if (!size) {
		wv_event_raw(event, arg->index, arg->number);
		return known;
	}

	char *bytes = wv_event_raw_begin(event, arg->index, arg->number, &size);

	if (!bytes || !wv_space_read(wv_call_space(call), at->number, bytes, size)) {
		wv_event_raw(event, arg->index, arg->number);
		return false;
	}
	wv_event_raw_end(event, size, cut || size < wanted);
	return true;
}

bool syscalls_write_bytes(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			  size_t most)
{
	return syscalls_write_bytes_at(call, event, arg, arg, most);
}

bool syscalls_write_preview(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg)
{
	const struct syscalls_state *state = wv_call_state(call);

	if (!state->preview) {
		if (!arg->returned) /* the entry has told where it is */
			wv_event_raw(event, arg->index, arg->number);
		return true;
	}
	return syscalls_write_bytes(call, event, arg, state->preview);
}
