/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedelete: files that are deleted, and what was in them. */
#include "plugins/filedelete/filedelete.h"

#include <stdio.h>

static const struct wv_option options[] = {
	{ "dump", false, "DIR",
	  "take the content of deleted files out of the guest, into this folder" },
	{ "dump-max-size", false, "BYTES",
	  "take at most so much of a file; K, M and G are understood (default: 256M)" },
	{ "dump-max-total", false, "BYTES",
	  "take at most so much of all files together (default: 4G)" },
	{ "dump-written", false, NULL,
	  "take files as well that were written, when they are closed" },
};

void filedelete_format_reason(uint64_t value, char *text, size_t size)
{
	static const char *const names[FILEDELETE_REASON_COUNT] = {
		[FILEDELETE_REASON_DELETE_FILE] = "DeleteFile",
		[FILEDELETE_REASON_WRITE_FILE] = "WriteFile",
		[FILEDELETE_REASON_UNLINK] = "Unlink",
		[FILEDELETE_REASON_RENAME] = "Rename",
		[FILEDELETE_REASON_CLOSE] = "Close",
		[FILEDELETE_REASON_WRITE] = "Write",
	};

	snprintf(text, size, "%s", value < G_N_ELEMENTS(names) ? names[value] : "");
}

struct wv_content *filedelete_tell(struct wv_call *call, struct wv_event *event,
				   const struct filedelete_file *file)
{
	uint32_t number = file->has_content && file->has_size ? wv_content_number(call) : 0;

	if (file->has_size)
		wv_event_unsigned(event, FILEDELETE_SIZE, file->size);
	else
		wv_event_unreadable(event, FILEDELETE_SIZE);
	if (file->has_flags) {
		wv_event_unsigned(event, FILEDELETE_FLAGS, file->flags);
		wv_event_unsigned(event, FILEDELETE_FLAGS_EXPANDED, file->flags);
	}
	wv_event_unsigned(event, FILEDELETE_SEQ_NUM, number);
	wv_event_unsigned(event, FILEDELETE_REASON, file->reason);
	if (number)
		return wv_content_open(event, number, file->size);
	wv_event_close(event);
	return NULL;
}

bool filedelete_wants_written(const void *state)
{
	const struct filedelete_state *filedelete = state;

	return filedelete->written;
}

static bool configure(const struct wv_settings *settings, void **state, GError **error)
{
	struct filedelete_state *filedelete = g_new0(struct filedelete_state, 1);

	(void)error;
	filedelete->written = wv_settings_flag(settings, "dump-written");
	*state = filedelete;
	return true;
}

static const struct wv_event_type *const events[FILEDELETE_EVENT_COUNT] = {
	[FILEDELETE_LINUX_UNLINK] = &filedelete_linux_unlink,
	[FILEDELETE_LINUX_RENAME] = &filedelete_linux_rename,
	[FILEDELETE_LINUX_EVICT] = &filedelete_linux_evict,
	[FILEDELETE_LINUX_FPUT] = &filedelete_linux_fput,
	[FILEDELETE_WINDOWS_CLOSE] = &filedelete_windows_close,
	[FILEDELETE_WINDOWS_SET] = &filedelete_windows_set,
	[FILEDELETE_WINDOWS_CREATE] = &filedelete_windows_create,
	[FILEDELETE_WINDOWS_OPEN] = &filedelete_windows_open,
	[FILEDELETE_WINDOWS_DELETE] = &filedelete_windows_delete,
};

const struct wv_plugin wv_plugin_filedelete = {
	.name = "filedelete",
	.summary = "files that are deleted, and what was in them",
	.options = options,
	.n_options = G_N_ELEMENTS(options),
	.events = events,
	.n_events = G_N_ELEMENTS(events),
	.guests = { &filedelete_on_linux, &filedelete_on_windows },
	.configure = configure,
	.deconfigure = g_free,
};
