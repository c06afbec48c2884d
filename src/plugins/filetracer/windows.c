/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: the table of what is trapped. */
#include "plugins/filetracer/windows.h"

/** Calls whose texts are kept at once: more than threads are in calls that end soon. */
#define CALLS 64u

static const struct wv_want wants[FILETRACER_WINDOWS_WANTS] = {
	[THREAD_PREVIOUS_MODE] =
		WV_MEMBER("_KTHREAD", "PreviousMode", "names that the kernel gives"),
};

static const struct wv_trap_def traps[] = {
	{ .functions = { "NtCreateFile" },
	  .cost = "files that are created or opened",
	  .on_entry = filetracer_create_entry,
	  .on_return = filetracer_create_return },
	{ .functions = { "NtOpenFile" },
	  .cost = "files that are opened",
	  .on_entry = filetracer_open_entry,
	  .on_return = filetracer_open_return },
	{ .functions = { "NtOpenDirectoryObject" },
	  .cost = "folders of objects that are opened",
	  .on_entry = filetracer_directory_entry,
	  .on_return = filetracer_directory_return },
	{ .functions = { "NtQueryAttributesFile" },
	  .cost = "attributes that are asked for",
	  .on_entry = filetracer_attributes_entry,
	  .on_return = filetracer_attributes_return },
	{ .functions = { "NtQueryFullAttributesFile" },
	  .cost = "attributes and sizes that are asked for",
	  .on_entry = filetracer_attributes_entry,
	  .on_return = filetracer_full_attributes_return },
	{ .functions = { "NtSetInformationFile" },
	  .cost = "files that are changed, renamed and deleted",
	  .on_entry = filetracer_set_entry,
	  .on_return = filetracer_set_return },
	{ .functions = { "NtReadFile" },
	  .cost = "what is read",
	  .on_entry = filetracer_transfer_entry,
	  .on_return = filetracer_read_return },
	{ .functions = { "NtWriteFile" },
	  .cost = "what is written",
	  .on_entry = filetracer_transfer_entry,
	  .on_return = filetracer_write_return },
	{ .functions = { "NtQueryInformationFile" },
	  .cost = "what is asked of open files",
	  .on_entry = filetracer_query_entry,
	  .on_return = filetracer_query_return },
};

static bool prepare(struct wv_call *call, void **data, GError **error)
{
	(void)call;
	(void)error;
	*data = wv_kept_texts_new(CALLS, FILETRACER_TEXTS, WV_TEXT_MAX);
	return true;
}

const struct wv_plugin_guest filetracer_on_windows = {
	.os = WV_OS_WINDOWS,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
	.wants = wants,
	.n_wants = G_N_ELEMENTS(wants),
	.prepare = prepare,
	.unprepare = g_free,
};
