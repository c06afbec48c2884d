/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: files and folders of objects that are opened. */
#include "plugins/filetracer/windows.h"

#define FILE_DIRECTORY_FILE  0x1u /* wdm.h */
#define FILE_OPEN_BY_FILE_ID 0x2000u

#define FIELD_NEW_HANDLE                                                                           \
	{                                                                                          \
		"FileHandle", WV_KIND_HEX,                                                         \
			.meaning = "The caller's new handle; null if the call failed."             \
	}
#define FIELD_RESULT                                                                               \
	{                                                                                          \
		"IoStatusBlock", WV_KIND_NUMBER,                                                   \
			.optional = true,                                                          \
			.meaning = "What was done: 0 superseded, 1 opened, 2 created, 3 "          \
				   "overwritten, 4 it exists, 5 it does not."                      \
	}
#define FIELD_ACCESS                                                                               \
	{                                                                                          \
		"DesiredAccess", WV_KIND_FLAGS, filetracer_format_access,                          \
			.meaning = "The rights that are asked for, by their names for files, or "  \
				   "for folders where a folder is opened."                         \
	}
#define FIELD_SHARE                                                                                \
	{                                                                                          \
		"ShareAccess", WV_KIND_FLAGS, filetracer_format_share,                             \
			.meaning = "What others may do with the file meanwhile."                   \
	}
#define FIELD_OPTIONS(name_)                                                                       \
	{                                                                                          \
		name_, WV_KIND_FLAGS, filetracer_format_options, .meaning = "How it is opened."    \
	}

struct open_saved {
	struct filetracer_object object;
	uint64_t handle; /* where it is stored */
	uint32_t access, attributes, share, disposition, options;
};

/** What the call has made and stored: a call that fails stores nothing. */
static void put_new_handle(struct wv_call *call, const struct open_saved *saved,
			   struct wv_event *event, unsigned field)
{
	uint64_t handle;

	if (wv_nt_has_succeeded((uint32_t)wv_call_result(call)) &&
	    filetracer_read_word(call, &saved->object.call, saved->handle, 0, &handle))
		wv_event_unsigned(event, field, handle);
	else
		wv_event_unreadable(event, field);
}

static void put_access(struct wv_event *event, unsigned field, const struct open_saved *saved)
{
	wv_event_unsigned(
		event, field,
		saved->access | (saved->options & FILE_DIRECTORY_FILE ? FILETRACER_OF_FOLDER : 0));
}

/* NtCreateFile ----------------------------------------------------------------------------------*/

enum create_field {
	CREATE_NAME,
	CREATE_HANDLE,
	CREATE_OBJECT_FLAGS,
	CREATE_RESULT,
	CREATE_SECURITY,
	CREATE_ACCESS,
	CREATE_ATTRIBUTES,
	CREATE_SHARE,
	CREATE_DISPOSITION,
	CREATE_OPTIONS,
	CREATE_STATUS,
};

static const struct wv_field create_fields[] = {
	[CREATE_NAME] = FILETRACER_FIELD_OBJECT_NAME,
	[CREATE_HANDLE] = FIELD_NEW_HANDLE,
	[CREATE_OBJECT_FLAGS] = FILETRACER_FIELD_OBJECT_FLAGS,
	[CREATE_RESULT] = FIELD_RESULT,
	[CREATE_SECURITY] = FILETRACER_FIELD_SECURITY,
	[CREATE_ACCESS] = FIELD_ACCESS,
	[CREATE_ATTRIBUTES] = { "FileAttributes", WV_KIND_FLAGS, filetracer_format_attributes,
				.meaning = "The attributes that a new file is to have." },
	[CREATE_SHARE] = FIELD_SHARE,
	[CREATE_DISPOSITION] = { "CreateDisposition", WV_KIND_NAME, filetracer_format_disposition,
				 .meaning = "What is to be done if the file exists, and if not." },
	[CREATE_OPTIONS] = FIELD_OPTIONS("CreateOptions"),
	[CREATE_STATUS] = FILETRACER_FIELD_STATUS,
};

const struct wv_event_type filetracer_windows_create =
	WINDOWS_TYPE("NtCreateFile", create_fields,
		     "A file was created or opened, or could not be; told when the call returns.");

/*
 * NTSTATUS NtCreateFile(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, PIO_STATUS_BLOCK, PLARGE_INTEGER,
 *			 ULONG attributes, ULONG share, ULONG disposition, ULONG options, ...)
 */
enum wv_verdict filetracer_create_entry(struct wv_call *call)
{
	struct open_saved *saved = wv_call_saved(call);

	saved->handle = wv_call_argument(call, 0);
	saved->access = (uint32_t)wv_call_argument(call, 1);
	saved->object.call.status_block = wv_call_argument(call, 3);
	saved->attributes = (uint32_t)wv_call_argument(call, 5);
	saved->share = (uint32_t)wv_call_argument(call, 6);
	saved->disposition = (uint32_t)wv_call_argument(call, 7);
	saved->options = (uint32_t)wv_call_argument(call, 8);
	saved->object.by_id = saved->options & FILE_OPEN_BY_FILE_ID;
	return filetracer_keep_object(call, &saved->object, wv_call_argument(call, 2));
}

void filetracer_create_return(struct wv_call *call)
{
	struct open_saved *saved = wv_call_saved(call);
	struct wv_event *event = wv_event_open(call, FILETRACER_WINDOWS_CREATE);
	struct wv_kept kept;

	filetracer_take_object(call, &saved->object, &kept);
	wv_kept_put(&kept, TEXT_NAME, event, CREATE_NAME);
	put_new_handle(call, saved, event, CREATE_HANDLE);
	filetracer_put_object_flags(call, &saved->object, event, CREATE_OBJECT_FLAGS);
	filetracer_put_information(call, &saved->object.call, event, CREATE_RESULT);
	filetracer_put_object_security(&kept, event, CREATE_SECURITY);
	put_access(event, CREATE_ACCESS, saved);
	wv_event_unsigned(event, CREATE_ATTRIBUTES, saved->attributes);
	wv_event_unsigned(event, CREATE_SHARE, saved->share);
	wv_event_unsigned(event, CREATE_DISPOSITION, saved->disposition);
	wv_event_unsigned(event, CREATE_OPTIONS, saved->options);
	filetracer_put_status(call, event, CREATE_STATUS);
	wv_kept_give_back(&kept);
	wv_event_close(event);
}

/* NtOpenFile ------------------------------------------------------------------------------------*/

enum open_field {
	OPEN_NAME,
	OPEN_HANDLE,
	OPEN_OBJECT_FLAGS,
	OPEN_RESULT,
	OPEN_ACCESS,
	OPEN_SHARE,
	OPEN_OPTIONS,
	OPEN_STATUS,
};

static const struct wv_field open_fields[] = {
	[OPEN_NAME] = FILETRACER_FIELD_OBJECT_NAME,
	[OPEN_HANDLE] = FIELD_NEW_HANDLE,
	[OPEN_OBJECT_FLAGS] = FILETRACER_FIELD_OBJECT_FLAGS,
	[OPEN_RESULT] = FIELD_RESULT,
	[OPEN_ACCESS] = FIELD_ACCESS,
	[OPEN_SHARE] = FIELD_SHARE,
	[OPEN_OPTIONS] = FIELD_OPTIONS("OpenOptions"),
	[OPEN_STATUS] = FILETRACER_FIELD_STATUS,
};

const struct wv_event_type filetracer_windows_open =
	WINDOWS_TYPE("NtOpenFile", open_fields,
		     "A file was opened, or could not be; told when the call returns.");

/*
 * NTSTATUS NtOpenFile(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, PIO_STATUS_BLOCK, ULONG share,
 *		       ULONG options)
 */
enum wv_verdict filetracer_open_entry(struct wv_call *call)
{
	struct open_saved *saved = wv_call_saved(call);

	saved->handle = wv_call_argument(call, 0);
	saved->access = (uint32_t)wv_call_argument(call, 1);
	saved->object.call.status_block = wv_call_argument(call, 3);
	saved->share = (uint32_t)wv_call_argument(call, 4);
	saved->options = (uint32_t)wv_call_argument(call, 5);
	saved->object.by_id = saved->options & FILE_OPEN_BY_FILE_ID;
	return filetracer_keep_object(call, &saved->object, wv_call_argument(call, 2));
}

void filetracer_open_return(struct wv_call *call)
{
	struct open_saved *saved = wv_call_saved(call);
	struct wv_event *event = wv_event_open(call, FILETRACER_WINDOWS_OPEN);
	struct wv_kept kept;

	filetracer_take_object(call, &saved->object, &kept);
	wv_kept_put(&kept, TEXT_NAME, event, OPEN_NAME);
	wv_kept_give_back(&kept);
	put_new_handle(call, saved, event, OPEN_HANDLE);
	filetracer_put_object_flags(call, &saved->object, event, OPEN_OBJECT_FLAGS);
	filetracer_put_information(call, &saved->object.call, event, OPEN_RESULT);
	put_access(event, OPEN_ACCESS, saved);
	wv_event_unsigned(event, OPEN_SHARE, saved->share);
	wv_event_unsigned(event, OPEN_OPTIONS, saved->options);
	filetracer_put_status(call, event, OPEN_STATUS);
	wv_event_close(event);
}

/* NtOpenDirectoryObject -------------------------------------------------------------------------*/

enum directory_field {
	DIRECTORY_NAME,
	DIRECTORY_OBJECT_FLAGS,
	DIRECTORY_SECURITY,
	DIRECTORY_STATUS,
};

static const struct wv_field directory_fields[] = {
	[DIRECTORY_NAME] = FILETRACER_FIELD_OBJECT_NAME,
	[DIRECTORY_OBJECT_FLAGS] = FILETRACER_FIELD_OBJECT_FLAGS,
	[DIRECTORY_SECURITY] = FILETRACER_FIELD_SECURITY,
	[DIRECTORY_STATUS] = FILETRACER_FIELD_STATUS,
};

const struct wv_event_type filetracer_windows_directory =
	WINDOWS_TYPE("NtOpenDirectoryObject", directory_fields,
		     "A folder of objects of the kernel was opened, or could not be; told when the "
		     "call returns.");

/* NTSTATUS NtOpenDirectoryObject(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES) */
enum wv_verdict filetracer_directory_entry(struct wv_call *call)
{
	return filetracer_keep_object(call, wv_call_saved(call), wv_call_argument(call, 2));
}

void filetracer_directory_return(struct wv_call *call)
{
	struct filetracer_object *object = wv_call_saved(call);
	struct wv_event *event = wv_event_open(call, FILETRACER_WINDOWS_DIRECTORY);
	struct wv_kept kept;

	filetracer_take_object(call, object, &kept);
	wv_kept_put(&kept, TEXT_NAME, event, DIRECTORY_NAME);
	filetracer_put_object_flags(call, object, event, DIRECTORY_OBJECT_FLAGS);
	filetracer_put_object_security(&kept, event, DIRECTORY_SECURITY);
	wv_kept_give_back(&kept);
	filetracer_put_status(call, event, DIRECTORY_STATUS);
	wv_event_close(event);
}
