/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeping what the monitor tells of a sample. */
#include "sandbox/fate.h"

static void on_resumed(struct wv_fate *fate, const struct wv_status_note *note)
{
	fate->resumed_us = note->time_us;
}

static void on_starting(struct wv_fate *fate, const struct wv_status_note *note)
{
	fate->started = true;
	fate->pid = note->detail;
	fate->starting_us = note->time_us;
}

static void on_armed(struct wv_fate *fate, const struct wv_status_note *note)
{
	fate->armed_us = note->time_us;
}

static void on_not_started(struct wv_fate *fate, const struct wv_status_note *note)
{
	fate->refused = true;
	g_free(fate->error);
	fate->error = g_strndup(note->text.data, note->text.size);
}

static void on_exited(struct wv_fate *fate, const struct wv_status_note *note)
{
	fate->exited = true;
	fate->status = note->detail;
	fate->exited_us = note->time_us;
}

void wv_fate_note(struct wv_fate *fate, const struct wv_status_note *note)
{
	static void (*const handlers[])(struct wv_fate *, const struct wv_status_note *) = {
		[WV_STATUS_RESUMED] = on_resumed, [WV_STATUS_STARTING] = on_starting,
		[WV_STATUS_ARMED] = on_armed,	  [WV_STATUS_NOT_STARTED] = on_not_started,
		[WV_STATUS_EXITED] = on_exited,
	};

	if ((unsigned)note->status < G_N_ELEMENTS(handlers) && handlers[note->status])
		handlers[note->status](fate, note);
}

void wv_fate_clear(struct wv_fate *fate)
{
	g_clear_pointer(&fate->error, g_free);
}
