/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procmon on Windows: texts of RTL_USER_PROCESS_PARAMETERS, from a call's entry to its return.
 * Creating a process takes long.
 */
#include "plugins/procmon/windows.h"

/** Calls whose texts are kept at once. */
#define CALLS 16u

/** Of each text so much is told that all fit into a record, besides the other fields. */
#define TEXT_MAX (WV_RECORD_MAX / WV_WINDOWS_PARAMETERS - 1024)

bool procmon_texts_prepare(struct wv_call *call, void **data, GError **error)
{
	(void)call;
	(void)error;
	*data = wv_kept_texts_new(CALLS, WV_WINDOWS_PARAMETERS, TEXT_MAX);
	return true;
}

/** The name of the open directory that is the current one. */
static void read_directory(struct wv_call *call, uint64_t parameters, struct wv_text *text)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	size_t size = text->room;
	uint64_t handle, directory;
	bool truncated;

	if (wv_windows_process_directory(guest, space, parameters, &handle) &&
	    wv_windows_handle(guest, space, wv_nt_acting_process(call), handle, &directory) &&
	    wv_windows_object_name(guest, space, directory, text->bytes, &size, &truncated))
		wv_text_took(text, size, truncated);
}

/** One of enum wv_windows_parameter, as it is now. @source: where the parameters are. */
static bool read_text(struct wv_call *call, const void *source, unsigned which,
		      struct wv_text *text)
{
	const uint64_t *parameters = source;
	size_t size = MIN(text->room, TEXT_MAX);
	bool truncated;

	if (!wv_windows_process_parameter(wv_call_guest(call), wv_call_space(call), *parameters,
					  (enum wv_windows_parameter)which, text->bytes, &size,
					  &truncated))
		return false;
	wv_text_took(text, size, truncated);
	if (!size && which == WV_WINDOWS_CURRENT_DIRECTORY)
		read_directory(call, *parameters, text); /* it has no path, and is open */
	return true;
}

uint64_t procmon_texts_keep(struct wv_call *call, uint64_t parameters)
{
	return wv_kept_keep(wv_call_guest_data(call), call, read_text, &parameters,
			    WV_WINDOWS_PARAMETERS);
}

void procmon_texts_put(struct wv_call *call, struct wv_event *event, unsigned first,
		       const enum wv_windows_parameter order[WV_WINDOWS_PARAMETERS],
		       uint64_t parameters, uint64_t kept)
{
	struct wv_kept texts;

	wv_kept_take(&texts, wv_call_guest_data(call), kept, call, read_text, &parameters);
	for (unsigned i = 0; i < WV_WINDOWS_PARAMETERS; i++)
		wv_kept_put(&texts, order[i], event, first + i);
	wv_kept_give_back(&texts);
}
