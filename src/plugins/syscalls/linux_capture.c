/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capturing what an argument points to, as its decoder's data says; the text is made elsewhere. */
#include "plugins/syscalls/capture.h"
#include "plugins/syscalls/linux.h"

/** Strings are longer only if they are not paths: enough for those (PATH_MAX). */
#define STRING_MAX 4096u
/** Arrays of strings: how many pointers are followed, and how many bytes are kept in all. */
#define STRINGS_COUNT_MAX 256u
#define STRINGS_SIZE_MAX  16384u

static bool write_string(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg)
{
	size_t size = STRING_MAX, length;
	char *text = wv_event_raw_begin(event, arg->index, arg->number, &size);
	enum wv_string_end end = WV_STRING_UNREADABLE;

	if (text)
		end = wv_space_read_string(wv_call_space(call), arg->number, text, size, &length);
	if (end == WV_STRING_UNREADABLE) {
		wv_event_raw(event, arg->index, arg->number);
		return false;
	}
	wv_event_raw_end(event, length, end == WV_STRING_TRUNCATED);
	return true;
}

/** An array of pointers up to NULL: each string is kept with its NUL. */
static bool write_strings(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			  bool last)
{
	const struct wv_space *space = wv_call_space(call);
	size_t word = arg->compat ? sizeof(uint32_t) : sizeof(uint64_t);
	size_t size = STRINGS_SIZE_MAX, used = 0;
	bool truncated = false, unreadable = false;
	char *out = wv_event_raw_begin(event, arg->index, arg->number, &size);

	if (!out) {
		wv_event_raw(event, arg->index, arg->number);
		return true;
	}
	for (unsigned i = 0;; i++) {
		enum wv_string_end end = WV_STRING_UNREADABLE;
		uint64_t address = 0;
		size_t length = 0;

		if (!wv_space_read(space, arg->number + i * word, &address, word)) {
			unreadable = true;
			break;
		}
		if (!address)
			break;
		if (i == STRINGS_COUNT_MAX || size - used < 2) {
			truncated = true;
			break;
		}

		if (!syscalls_is_kernel(call, address))
			end = wv_space_read_string(space, address, out + used, size - used - 1,
						   &length);
		used += length;
		out[used++] = '\0';
		truncated |= end == WV_STRING_TRUNCATED;
		unreadable |= end == WV_STRING_UNREADABLE;
	}
	if (unreadable && (!last || !used)) {
		wv_event_raw(event, arg->index, arg->number);
		return false;
	}
	wv_event_raw_end(event, used, truncated || unreadable);
	return true;
}

static bool write_fd(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg)
{
	size_t size = WV_LINUX_PATH_MAX;
	char *path = wv_event_raw_begin(event, arg->index, arg->number, &size);
	bool truncated = false;

	if (path && wv_linux_fd_path(wv_call_guest(call), wv_call_space(call), wv_call_thread(call),
				     (uint32_t)arg->number, path, &size, &truncated))
		wv_event_raw_end(event, size, truncated);
	else
		wv_event_raw(event, arg->index, arg->number);
	return true;
}

bool syscalls_write_argument(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			     bool last)
{
	enum wv_capture capture = (enum wv_capture)arg->decoder->capture;

	/* a null pointer leads nowhere, and the number 0 has nothing behind it but as a descriptor
	 */
	if (!arg->number && capture != WV_CAPTURE_FD)
		capture = WV_CAPTURE_NONE;
	if (wv_decoder_follows(arg->decoder) && syscalls_is_kernel(call, arg->number))
		capture = WV_CAPTURE_NONE;
	switch (capture) {
	case WV_CAPTURE_STRING:
		return write_string(call, event, arg);
	case WV_CAPTURE_BYTES:
		return syscalls_write_bytes(call, event, arg, SYSCALLS_BYTES_MAX);
	case WV_CAPTURE_BUFFER:
		return syscalls_write_preview(call, event, arg);
	case WV_CAPTURE_STRINGS:
		return write_strings(call, event, arg, last);
	case WV_CAPTURE_FD:
		return write_fd(call, event, arg);
	default: /* nothing, and what only Windows has */
		break;
	}
	wv_event_raw(event, arg->index, arg->number);
	return true;
}
