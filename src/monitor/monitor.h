/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor: finds the kernel when the machine first runs user code, arms the plugins' traps,
 * and turns trapped calls into events.
 *
 * A driver's process makes one monitor for its machine and a session, and the machine's events do
 * the rest.
 */
#ifndef WV_MONITOR_MONITOR_H
#define WV_MONITOR_MONITOR_H

#include "machine/machine.h"
#include "output/session.h"

struct wv_monitor;

/**
 * Makes a monitor and registers it with the machine.
 *
 * The configuration is the session's. Errors are WV_ERROR_USAGE: a setting that is wrong. The
 * machine and the session must outlive the monitor.
 */
struct wv_monitor *wv_monitor_new(struct wv_machine *machine, struct wv_session *session,
				  GError **error);
void wv_monitor_free(struct wv_monitor *monitor);

/** What the monitor is given for a guest that has a launcher (door.h). */
struct wv_door_setup {
	const void *job; /**< what the launcher gets; NULL: a template is being made */
	size_t job_size; /**< bytes */
	int profile_fd;	 /**< where an extract of the kernel's profile is written when the guest is
			  *   ready; -1: nowhere. Closed after that. */
};

/**
 * Instead of looking for a kernel as soon as user code runs, waits at the door: a template's guest
 * is made ready, a clone's gets its job and is watched from the sample's execution on. Before the
 * machine runs; the job must outlive the monitor.
 */
void wv_monitor_open_door(struct wv_monitor *monitor, const struct wv_door_setup *setup);

#endif
