/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this plugin share. */
#ifndef WV_PLUGINS_FILETRACER_FILETRACER_H
#define WV_PLUGINS_FILETRACER_FILETRACER_H

#include "monitor/plugin.h"
#include "plugins/filetracer/linux_operations.h"

/** The event types, by their index in the plugin's table. */
enum filetracer_event {
/* Linux */
#define OPERATION(NAME, name) FILETRACER_LINUX_##NAME
	FILETRACER_LINUX(OPERATION),
#undef OPERATION
	FILETRACER_LINUX_COUNT,

	/* Windows */
	FILETRACER_WINDOWS_CREATE = FILETRACER_LINUX_COUNT,
	FILETRACER_WINDOWS_OPEN,
	FILETRACER_WINDOWS_DIRECTORY,
	FILETRACER_WINDOWS_ATTRIBUTES,
	FILETRACER_WINDOWS_FULL_ATTRIBUTES,
	FILETRACER_WINDOWS_SET_BASIC,
	FILETRACER_WINDOWS_RENAME,
	FILETRACER_WINDOWS_DISPOSITION,
	FILETRACER_WINDOWS_END_OF_FILE,
	FILETRACER_WINDOWS_READ,
	FILETRACER_WINDOWS_WRITE,
	FILETRACER_WINDOWS_QUERY,

	FILETRACER_EVENT_COUNT
};

extern const struct wv_event_type filetracer_windows_create;
extern const struct wv_event_type filetracer_windows_open;
extern const struct wv_event_type filetracer_windows_directory;
extern const struct wv_event_type filetracer_windows_attributes;
extern const struct wv_event_type filetracer_windows_full_attributes;
extern const struct wv_event_type filetracer_windows_set_basic;
extern const struct wv_event_type filetracer_windows_rename;
extern const struct wv_event_type filetracer_windows_disposition;
extern const struct wv_event_type filetracer_windows_end_of_file;
extern const struct wv_event_type filetracer_windows_read;
extern const struct wv_event_type filetracer_windows_write;
extern const struct wv_event_type filetracer_windows_query;

extern const struct wv_plugin_guest filetracer_on_linux;
extern const struct wv_plugin_guest filetracer_on_windows;

#endif
