/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor's own traps: threads that end, and a kernel that gives up. */
#include "monitor/internal.h"

/** A message that the kernel formats: only the format is known, and it is enough to name it. */
#define PANIC_TEXT_MAX 256

static enum wv_verdict on_thread_exit(struct wv_call *call)
{
	struct wv_monitor *monitor = call->vcpu->monitor;

	wv_pending_remove_thread(monitor->pending, call->caller->thread);
	return WV_DONE;
}

static enum wv_verdict on_crash(struct wv_call *call)
{
	char text[PANIC_TEXT_MAX];
	size_t length;

	wv_space_read_string(&call->vcpu->space, wv_call_argument(call, 0), text, sizeof(text) - 1,
			     &length);
	while (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	wv_monitor_tell_status(call->vcpu, WV_STATUS_GUEST_CRASHED, 0, text);
	return WV_DONE;
}

const struct wv_trap_def wv_own_traps[OWN_HOOKS] = {
	{ .on_entry = on_thread_exit },
	{ .on_entry = on_crash },
};
