/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor's own traps: threads that end or change, and a kernel that gives up. */
#include "monitor/internal.h"

#define CRASH_TEXT_MAX 256

static void note_change(struct wv_monitor *monitor)
{
	__atomic_fetch_add(&monitor->guest->changes, 1, __ATOMIC_ACQ_REL);
}

static enum wv_verdict on_thread_exit(struct wv_call *call)
{
	struct wv_monitor *monitor = call->vcpu->monitor;

	note_change(monitor);
	wv_pending_remove_thread(monitor->pending, call->thread);
	return WV_DONE;
}

/** Something changes who threads are: before it does, and when it has. */
static enum wv_verdict on_change(struct wv_call *call)
{
	note_change(call->vcpu->monitor);
	return WV_AWAIT_RETURN;
}

static void on_changed(struct wv_call *call)
{
	note_change(call->vcpu->monitor);
}

static enum wv_verdict on_crash(struct wv_call *call)
{
	struct wv_guest *guest = call->vcpu->monitor->guest;
	uint64_t arguments[WV_CRASH_ARGUMENTS];
	char text[CRASH_TEXT_MAX];

	for (unsigned i = 0; i < WV_CRASH_ARGUMENTS; i++)
		arguments[i] = wv_call_argument(call, i);
	guest->ops->crash_text(guest, &call->vcpu->space, arguments, text, sizeof(text));
	wv_monitor_tell_status(call->vcpu, WV_STATUS_GUEST_CRASHED, 0, text);
	return WV_DONE;
}

static enum wv_verdict on_exec(struct wv_call *call)
{
	wv_door_executed(call);
	return WV_DONE;
}

static enum wv_verdict on_process_exit(struct wv_call *call)
{
	wv_door_exited(call);
	return WV_DONE;
}

const struct wv_trap_def wv_own_traps[OWN_TRAPS] = {
	[OWN_THREAD_EXIT] = { .on_entry = on_thread_exit },
	[OWN_CRASH] = { .on_entry = on_crash },
	[OWN_EXEC] = { .on_entry = on_exec },
	[OWN_PROCESS_EXIT] = { .on_entry = on_process_exit },
	[OWN_CHANGE] = { .saved_size = 1, .on_entry = on_change, .on_return = on_changed },
};
