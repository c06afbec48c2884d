/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What calls of Windows' services have in common. */
#include "plugins/nt_call.h"

uint64_t wv_nt_acting_process(struct wv_call *call)
{
	return wv_windows_thread_process(wv_call_guest(call), wv_call_space(call),
					 wv_call_thread(call));
}
