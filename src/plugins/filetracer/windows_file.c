/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: open files, their names, and what is read and written. */
#include "plugins/filetracer/windows.h"

/* Names -----------------------------------------------------------------------------------------*/

static bool read_text(struct wv_call *call, const void *source, unsigned which,
		      struct wv_text *text)
{
	const struct filetracer_file *file = source;

	(void)which;
	return filetracer_append_handle(call, &file->call, file->handle, text);
}

enum wv_verdict filetracer_keep_file(struct wv_call *call, struct filetracer_file *file,
				     uint64_t handle)
{
	filetracer_begin(call, &file->call);
	file->handle = handle;
	file->call.texts = wv_kept_keep(wv_call_guest_data(call), call, read_text, file, 1);
	return WV_AWAIT_RETURN;
}

void filetracer_put_file(struct wv_call *call, const struct filetracer_file *file,
			 struct wv_event *event, unsigned name)
{
	struct wv_kept kept;

	wv_kept_take(&kept, wv_call_guest_data(call), file->call.texts, call, read_text, file);
	wv_kept_put(&kept, TEXT_NAME, event, name);
	wv_kept_give_back(&kept);
}

/* NtReadFile, NtWriteFile -----------------------------------------------------------------------*/

enum transfer_field {
	TRANSFER_NAME,
	TRANSFER_HANDLE,
	TRANSFER_OFFSET,
	TRANSFER_LENGTH,
	TRANSFER_INFORMATION,
	TRANSFER_STATUS,
};

static const struct wv_field transfer_fields[] = {
	[TRANSFER_NAME] = FILETRACER_FIELD_NAME,
	[TRANSFER_HANDLE] = FILETRACER_FIELD_HANDLE,
	[TRANSFER_OFFSET] = { "ByteOffset", WV_KIND_NUMBER, .optional = true,
			      .meaning = "Where in the file, in bytes; absent: at its current "
					 "position; -1: at its end." },
	[TRANSFER_LENGTH] = { "Length", WV_KIND_NUMBER, .meaning = "How many bytes are wanted." },
	[TRANSFER_INFORMATION] = { "Information", WV_KIND_NUMBER, .optional = true,
				   .meaning =
					   "How many bytes it were; absent if the call failed, or "
					   "goes on." },
	[TRANSFER_STATUS] = FILETRACER_FIELD_STATUS,
};

const struct wv_event_type filetracer_windows_read = WINDOWS_TYPE(
	"NtReadFile", transfer_fields,
	"A file, a pipe or a device was read, or could not be; told when the call returns.");

const struct wv_event_type filetracer_windows_write = WINDOWS_TYPE(
	"NtWriteFile", transfer_fields,
	"A file, a pipe or a device was written, or could not be; told when the call returns.");

/** Instead of an offset: the current position, as if there were no offset (wdm.h). */
#define FILE_USE_FILE_POINTER_POSITION INT64_C(-2)

struct transfer_saved {
	struct filetracer_file file;
	uint64_t offset; /* where it is; 0: nowhere */
	int64_t value;	 /* of the offset */
	bool known;	 /* the value is */
	uint32_t length;
};

static void read_offset(struct wv_call *call, struct transfer_saved *saved)
{
	if (!saved->known && saved->offset)
		saved->known = filetracer_read(call, &saved->file.call, saved->offset,
					       &saved->value, sizeof(saved->value));
}

/*
 * NTSTATUS NtReadFile(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID, PIO_STATUS_BLOCK, PVOID buffer,
 *		       ULONG length, PLARGE_INTEGER offset, PULONG); NtWriteFile too
 */
enum wv_verdict filetracer_transfer_entry(struct wv_call *call)
{
	struct transfer_saved *saved = wv_call_saved(call);
	enum wv_verdict verdict =
		filetracer_keep_file(call, &saved->file, wv_call_argument(call, 0));

	saved->file.call.status_block = wv_call_argument(call, 4);
	saved->length = (uint32_t)wv_call_argument(call, 6);
	saved->offset = wv_call_argument(call, 7);
	read_offset(call, saved);
	return verdict;
}

static void put_offset(struct wv_call *call, struct transfer_saved *saved, struct wv_event *event)
{
	read_offset(call, saved);
	if (saved->known && saved->value != FILE_USE_FILE_POINTER_POSITION)
		wv_event_number(event, TRANSFER_OFFSET, saved->value);
	else if (saved->offset && !saved->known)
		wv_event_unreadable(event, TRANSFER_OFFSET);
}

static void transfer_return(struct wv_call *call, enum filetracer_event type)
{
	struct transfer_saved *saved = wv_call_saved(call);
	struct wv_event *event = wv_event_open(call, type);

	filetracer_put_file(call, &saved->file, event, TRANSFER_NAME);
	wv_event_unsigned(event, TRANSFER_HANDLE, saved->file.handle);
	put_offset(call, saved, event);
	wv_event_unsigned(event, TRANSFER_LENGTH, saved->length);
	filetracer_put_information(call, &saved->file.call, event, TRANSFER_INFORMATION);
	filetracer_put_status(call, event, TRANSFER_STATUS);
	wv_event_close(event);
}

void filetracer_read_return(struct wv_call *call)
{
	transfer_return(call, FILETRACER_WINDOWS_READ);
}

void filetracer_write_return(struct wv_call *call)
{
	transfer_return(call, FILETRACER_WINDOWS_WRITE);
}
