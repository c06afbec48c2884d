/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: what a call's arguments lead to. */
#include "plugins/filetracer/windows.h"

void filetracer_begin(struct wv_call *call, struct filetracer_saved *saved)
{
	uint64_t mode;

	saved->root = wv_call_space(call)->paging.root;
	saved->of_user =
		!wv_call_read_bits(call, wv_call_thread(call), THREAD_PREVIOUS_MODE, &mode) ||
		mode == WV_WINDOWS_USER_MODE;
}

/** Whether the kernel follows it there. */
static bool is_allowed(struct wv_call *call, const struct filetracer_saved *saved, uint64_t address,
		       size_t size)
{
	const struct wv_paging *paging = &wv_call_space(call)->paging;

	return address && address + size > address && paging->root == saved->root &&
	       !(saved->of_user && wv_paging_is_upper_half(paging->mode, address + size - 1));
}

bool filetracer_read(struct wv_call *call, const struct filetracer_saved *saved, uint64_t address,
		     void *bytes, size_t size)
{
	return is_allowed(call, saved, address, size) &&
	       wv_space_read(wv_call_space(call), address, bytes, size);
}

bool filetracer_read_word(struct wv_call *call, const struct filetracer_saved *saved,
			  uint64_t structure, unsigned index, uint64_t *value)
{
	size_t size = wv_guest_word(wv_call_guest(call));

	*value = 0;
	return structure && filetracer_read(call, saved, structure + index * size, value, size);
}

bool filetracer_append_utf16(struct wv_call *call, const struct filetracer_saved *saved,
			     uint64_t address, uint32_t length, struct wv_text *text)
{
	size_t size = text->room - text->used;
	bool truncated;

	if (!length)
		return true;
	if (!is_allowed(call, saved, address, length) ||
	    !wv_windows_text(wv_call_space(call), address, length, text->bytes + text->used, &size,
			     &truncated))
		return false;
	wv_text_took(text, size, truncated);
	return true;
}

bool filetracer_append_handle(struct wv_call *call, const struct filetracer_saved *saved,
			      uint64_t handle, struct wv_text *text)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	size_t size = text->room - text->used;
	uint64_t object;
	bool truncated;

	if (!handle || (saved->of_user && wv_windows_is_kernel_handle(guest, handle)) ||
	    !wv_windows_handle(guest, space, wv_nt_acting_process(call), handle, &object) ||
	    !wv_windows_object_name(guest, space, object, text->bytes + text->used, &size,
				    &truncated))
		return false;
	wv_text_took(text, size, truncated);
	return true;
}

void filetracer_append_root(struct wv_call *call, const struct filetracer_saved *saved,
			    uint64_t handle, struct wv_text *text)
{
	if (filetracer_append_handle(call, saved, handle, text) && !text->truncated && text->used &&
	    text->bytes[text->used - 1] != '\\')
		wv_text_append(text, "\\", 1);
}
