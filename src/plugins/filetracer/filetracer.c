/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer: what is done with files. */
#include "plugins/filetracer/filetracer.h"

#include "plugins/filetracer/linux.h"

static const struct wv_event_type *const events[FILETRACER_EVENT_COUNT] = {
/* Linux */
#define OPERATION(NAME, name) [FILETRACER_LINUX_##NAME] = &filetracer_linux_##name.type
	FILETRACER_LINUX(OPERATION),
#undef OPERATION
	/* Windows */
	[FILETRACER_WINDOWS_CREATE] = &filetracer_windows_create,
	[FILETRACER_WINDOWS_OPEN] = &filetracer_windows_open,
	[FILETRACER_WINDOWS_DIRECTORY] = &filetracer_windows_directory,
	[FILETRACER_WINDOWS_ATTRIBUTES] = &filetracer_windows_attributes,
	[FILETRACER_WINDOWS_FULL_ATTRIBUTES] = &filetracer_windows_full_attributes,
	[FILETRACER_WINDOWS_SET_BASIC] = &filetracer_windows_set_basic,
	[FILETRACER_WINDOWS_RENAME] = &filetracer_windows_rename,
	[FILETRACER_WINDOWS_DISPOSITION] = &filetracer_windows_disposition,
	[FILETRACER_WINDOWS_END_OF_FILE] = &filetracer_windows_end_of_file,
	[FILETRACER_WINDOWS_READ] = &filetracer_windows_read,
	[FILETRACER_WINDOWS_WRITE] = &filetracer_windows_write,
	[FILETRACER_WINDOWS_QUERY] = &filetracer_windows_query,
};

const struct wv_plugin wv_plugin_filetracer = {
	.name = "filetracer",
	.summary = "files: opened, read, written, renamed, removed, their attributes changed",
	.events = events,
	.n_events = FILETRACER_EVENT_COUNT,
	.guests = { &filetracer_on_linux, &filetracer_on_windows },
};
