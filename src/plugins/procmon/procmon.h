/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this plugin share. */
#ifndef WV_PLUGINS_PROCMON_PROCMON_H
#define WV_PLUGINS_PROCMON_PROCMON_H

#include "monitor/plugin.h"

/** The event types, by their index in the plugin's table. */
enum procmon_event {
	PROCMON_RUNNING,
	PROCMON_LINUX_EXEC,
	PROCMON_LINUX_EXIT,
	PROCMON_LINUX_SIGNAL,
	PROCMON_LINUX_CLONE,
	PROCMON_EVENT_COUNT
};

/** The plugin's configuration. */
struct procmon_state {
	char **environment; /**< names of the variables that exec events show, ended by NULL */
};

extern const struct wv_event_type procmon_linux_exec;
extern const struct wv_event_type procmon_linux_exit;
extern const struct wv_event_type procmon_linux_signal;
extern const struct wv_event_type procmon_linux_clone;

extern const struct wv_plugin_guest procmon_on_linux;

/** A process that runs when monitoring starts: the event of type PROCMON_RUNNING. */
void procmon_running(struct wv_call *call);

/* linux_exec.c */
enum wv_verdict procmon_exec_entry(struct wv_call *call);
void procmon_exec_return(struct wv_call *call);

#endif
