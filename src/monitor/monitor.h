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

#endif
