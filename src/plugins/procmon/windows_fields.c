/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon on Windows: what fields of several events have in common. */
#include "plugins/procmon/windows.h"

bool procmon_put_new_handle(struct wv_call *call, struct wv_event *event, unsigned field,
			    uint64_t place, uint64_t *handle)
{
	*handle = 0;
	/* a call that fails stores nothing: what is there is older */
	if (!place || !wv_nt_has_succeeded((uint32_t)wv_call_result(call)) ||
	    !wv_space_read(wv_call_space(call), place, handle,
			   wv_guest_word(wv_call_guest(call)))) {
		wv_event_unreadable(event, field);
		return false;
	}
	wv_event_unsigned(event, field, *handle);
	return true;
}

uint64_t procmon_put_new_process(struct wv_call *call, struct wv_event *event, unsigned field,
				 uint64_t place)
{
	uint64_t handle, process;

	return procmon_put_new_handle(call, event, field, place, &handle) &&
			       wv_windows_handle_process(wv_call_guest(call), wv_call_space(call),
							 wv_nt_acting_process(call), handle,
							 &process)
		       ? process
		       : 0;
}

void procmon_put_pid(struct wv_call *call, struct wv_event *event, unsigned field, uint64_t process)
{
	uint32_t pid;

	if (wv_windows_process_pid(wv_call_guest(call), wv_call_space(call), process, &pid))
		wv_event_unsigned(event, field, pid);
	else
		wv_event_unreadable(event, field);
}

void procmon_put_bitness(struct wv_call *call, struct wv_event *event, unsigned field,
			 uint64_t process)
{
	if (!process)
		wv_event_unreadable(event, field);
	else if (wv_windows_process_is_32(wv_call_guest(call), wv_call_space(call), process))
		wv_event_unsigned(event, field, 32);
	else
		wv_event_unsigned(event, field, 64);
}
