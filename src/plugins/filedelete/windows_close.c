/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filedelete on Windows: files are closed, and told.
 *
 * The object manager calls IopCloseFile() for each handle of a file, however that is closed: by
 * NtClose(), by NtDuplicateObject() or with its process.
 */
#include "plugins/filedelete/windows.h"

/* IopCloseFile, NtClose -------------------------------------------------------------------------*/

/** Whether no handle is left of a file; where that can not be read, none is. */
static bool is_last(struct wv_call *call, uint64_t object, uint64_t left)
{
	uint64_t count;

	return !wv_windows_handle_count(wv_call_guest(call), wv_call_space(call), object, &count) ||
	       count <= left;
}

/** The file has no handle any more. */
static void close_file(struct wv_call *call, uint64_t object)
{
	bool pending = filedelete_forget(call, object, FILEDELETE_PENDING);
	bool on_close = filedelete_forget(call, object, FILEDELETE_ON_CLOSE);
	bool not_on_close = filedelete_forget(call, object, FILEDELETE_NOT_ON_CLOSE);
	bool written = filedelete_forget(call, object, FILEDELETE_WRITTEN);
	struct wv_windows_file file;

	/* two CPUs that close two handles at once both see none left; the first one has told it */
	if (!filedelete_read_file(call, object, &file) ||
	    file.flags & WV_WINDOWS_FO_CLEANUP_COMPLETE)
		return;
	written |= (file.flags & WV_WINDOWS_FO_FILE_MODIFIED) != 0;
	on_close |= (file.flags & WV_WINDOWS_FO_DELETE_ON_CLOSE) && !not_on_close;
	if (pending || on_close || file.delete_pending)
		filedelete_tell_open(call, FILEDELETE_WINDOWS_CLOSE, FILEDELETE_REASON_DELETE_FILE,
				     &file);
	else if (written && filedelete_wants_written(wv_call_state(call)))
		filedelete_tell_open(call, FILEDELETE_WINDOWS_CLOSE, FILEDELETE_REASON_WRITE_FILE,
				     &file);
}

struct delete_saved {
	uint64_t attributes; /* OBJECT_ATTRIBUTES */
	bool told;
};

/**
 * void IopCloseFile(PEPROCESS, PFILE_OBJECT, ...): the handle is no longer counted. No process:
 * what is closed has no handles. That is so for NtDeleteFile(), which has a FILE_OBJECT of its own
 * that is no object with a header.
 */
static void close_object(struct wv_call *call)
{
	uint64_t object = wv_call_argument(call, 1);
	struct delete_saved *deletion = NULL;
	struct wv_windows_file file;

	if (!wv_call_argument(call, 0))
		deletion = wv_call_outer(call, FILEDELETE_TRAP_DELETE);
	if (!deletion) {
		if (is_last(call, object, 0))
			close_file(call, object);
	} else if (!deletion->told && filedelete_read_file(call, object, &file)) {
		deletion->told = true;
		filedelete_tell_open(call, FILEDELETE_WINDOWS_CLOSE, FILEDELETE_REASON_DELETE_FILE,
				     &file);
	}
}

/* NTSTATUS NtClose(HANDLE) */
static void close_handle(struct wv_call *call)
{
	uint64_t object = filedelete_find_file(call, wv_call_argument(call, 0));

	if (object && is_last(call, object, 1))
		close_file(call, object);
}

enum wv_verdict filedelete_close_entry(struct wv_call *call)
{
	if (wv_call_method(call) == 0)
		close_object(call);
	else
		close_handle(call);
	return WV_DONE;
}

/* NtDeleteFile ----------------------------------------------------------------------------------*/

/* NTSTATUS NtDeleteFile(POBJECT_ATTRIBUTES) */
enum wv_verdict filedelete_delete_entry(struct wv_call *call)
{
	struct delete_saved *saved = wv_call_saved(call);

	saved->attributes = wv_call_argument(call, 0);
	return WV_AWAIT_RETURN;
}

/** Writes the name that the caller gave. */
static void put_given_name(struct wv_call *call, struct wv_event *event, uint64_t attributes)
{
	const struct wv_place *place = wv_call_place(call, FILEDELETE_ATTRIBUTES_NAME);
	const struct wv_space *space = wv_call_space(call);
	uint64_t name = 0;
	size_t size = WV_TEXT_MAX;
	bool truncated;
	char *text = wv_event_text_begin(event, FILEDELETE_FILE_NAME, &size);

	if (text && place->found &&
	    wv_space_read(space, attributes + place->value, &name,
			  wv_guest_word(wv_call_guest(call))) &&
	    wv_windows_string(wv_call_guest(call), space, name, text, &size, &truncated))
		wv_event_text_end(event, size, truncated);
	else
		wv_event_unreadable(event, FILEDELETE_FILE_NAME);
}

void filedelete_delete_return(struct wv_call *call)
{
	const struct delete_saved *saved = wv_call_saved(call);
	const struct filedelete_file told = { .reason = FILEDELETE_REASON_DELETE_FILE };

	if (saved->told || !wv_nt_has_succeeded((uint32_t)wv_call_result(call)))
		return;

	struct wv_event *event = wv_event_open(call, FILEDELETE_WINDOWS_DELETE);

	put_given_name(call, event, saved->attributes);
	filedelete_tell(call, event, &told);
}
