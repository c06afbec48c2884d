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
	PROCMON_WINDOWS_CREATE_USER,
	PROCMON_WINDOWS_CREATE_EX,
	PROCMON_WINDOWS_TERMINATE,
	PROCMON_WINDOWS_CLEAN,
	PROCMON_WINDOWS_OPEN_PROCESS,
	PROCMON_WINDOWS_OPEN_THREAD,
	PROCMON_WINDOWS_PROTECT,
	PROCMON_WINDOWS_PRIVILEGES,
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
extern const struct wv_event_type procmon_windows_create_user;
extern const struct wv_event_type procmon_windows_create_ex;
extern const struct wv_event_type procmon_windows_terminate;
extern const struct wv_event_type procmon_windows_clean;
extern const struct wv_event_type procmon_windows_open_process;
extern const struct wv_event_type procmon_windows_open_thread;
extern const struct wv_event_type procmon_windows_protect;
extern const struct wv_event_type procmon_windows_privileges;

extern const struct wv_plugin_guest procmon_on_linux;
extern const struct wv_plugin_guest procmon_on_windows;

enum procmon_running_field { RUNNING_PROCESS, RUNNING_BITNESS };

/**
 * A process that runs when monitoring starts: opens the event of type PROCMON_RUNNING, with what
 * all systems tell.
 */
struct wv_event *procmon_open_running(struct wv_call *call);

#endif
