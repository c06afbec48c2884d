/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: what is asked of files. */
#include "plugins/filetracer/windows.h"

/* NtQueryAttributesFile, NtQueryFullAttributesFile ----------------------------------------------*/

/** Both events are alike but for sizes, which only the latter has. */
enum attributes_field {
	ATTRIBUTES_NAME,
	ATTRIBUTES_OBJECT_FLAGS,
	ATTRIBUTES_SECURITY,
	ATTRIBUTES_TIMES,
	ATTRIBUTES_FILE = ATTRIBUTES_TIMES + FILETRACER_TIMES,
	ATTRIBUTES_STATUS,
	FULL_SIZES = ATTRIBUTES_FILE,
	FULL_FILE = FULL_SIZES + FILETRACER_SIZES,
	FULL_STATUS,
};

#define OBJECT_FIELDS                                                                              \
	[ATTRIBUTES_NAME] = FILETRACER_FIELD_OBJECT_NAME,                                          \
	[ATTRIBUTES_OBJECT_FLAGS] = FILETRACER_FIELD_OBJECT_FLAGS,                                 \
	[ATTRIBUTES_SECURITY] = FILETRACER_FIELD_SECURITY,                                         \
	[ATTRIBUTES_TIMES] = FILETRACER_FIELDS_TIMES

static const struct wv_field attributes_fields[] = {
	OBJECT_FIELDS,
	[ATTRIBUTES_FILE] = FILETRACER_FIELD_ATTRIBUTES,
	[ATTRIBUTES_STATUS] = FILETRACER_FIELD_STATUS,
};

static const struct wv_field full_fields[] = {
	OBJECT_FIELDS,
	[FULL_SIZES] = FILETRACER_FIELDS_SIZES,
	[FULL_FILE] = FILETRACER_FIELD_ATTRIBUTES,
	[FULL_STATUS] = FILETRACER_FIELD_STATUS,
};

const struct wv_event_type filetracer_windows_attributes = WINDOWS_TYPE(
	"NtQueryAttributesFile", attributes_fields,
	"Times and attributes of a file were asked for by its name, and perhaps given; "
	"told when the call returns.");

const struct wv_event_type filetracer_windows_full_attributes = WINDOWS_TYPE(
	"NtQueryFullAttributesFile", full_fields,
	"Times, sizes and attributes of a file were asked for by its name, and perhaps "
	"given; told when the call returns.");

struct attributes_saved {
	struct filetracer_object object;
	uint64_t buffer;
};

/* NTSTATUS NtQueryAttributesFile(POBJECT_ATTRIBUTES, PFILE_BASIC_INFORMATION); the other one with
 * PFILE_NETWORK_OPEN_INFORMATION */
enum wv_verdict filetracer_attributes_entry(struct wv_call *call)
{
	struct attributes_saved *saved = wv_call_saved(call);

	saved->buffer = wv_call_argument(call, 1);
	return filetracer_keep_object(call, &saved->object, wv_call_argument(call, 0));
}

/** What a call that has succeeded was given; see filetracer_put_facts(). */
static void put_answer(struct wv_call *call, const struct filetracer_saved *saved, uint64_t buffer,
		       uint32_t class, struct wv_event *event, unsigned first, unsigned attributes)
{
	uint8_t bytes[FILETRACER_FACTS_SIZE];
	bool there = filetracer_read(call, saved, buffer, bytes, filetracer_facts_size(class));

	if (wv_nt_has_succeeded((uint32_t)wv_call_result(call)))
		filetracer_put_facts(event, class, there ? bytes : NULL, first, attributes);
}

/** @file: the field of the file's attributes; the status is behind it. */
static void attributes_return(struct wv_call *call, enum filetracer_event type, uint32_t class,
			      unsigned file)
{
	struct attributes_saved *saved = wv_call_saved(call);
	struct wv_event *event = wv_event_open(call, type);
	struct wv_kept kept;

	filetracer_take_object(call, &saved->object, &kept);
	wv_kept_put(&kept, TEXT_NAME, event, ATTRIBUTES_NAME);
	filetracer_put_object_flags(call, &saved->object, event, ATTRIBUTES_OBJECT_FLAGS);
	filetracer_put_object_security(&kept, event, ATTRIBUTES_SECURITY);
	wv_kept_give_back(&kept);
	put_answer(call, &saved->object.call, saved->buffer, class, event, ATTRIBUTES_TIMES, file);
	filetracer_put_status(call, event, file + 1);
	wv_event_close(event);
}

void filetracer_attributes_return(struct wv_call *call)
{
	attributes_return(call, FILETRACER_WINDOWS_ATTRIBUTES, CLASS_BASIC, ATTRIBUTES_FILE);
}

void filetracer_full_attributes_return(struct wv_call *call)
{
	attributes_return(call, FILETRACER_WINDOWS_FULL_ATTRIBUTES, CLASS_NETWORK_OPEN, FULL_FILE);
}

/* NtQueryInformationFile ------------------------------------------------------------------------*/

enum query_field {
	QUERY_OPERATION,
	QUERY_HANDLE,
	QUERY_NAME,
	QUERY_TIMES,
	QUERY_SIZES = QUERY_TIMES + FILETRACER_TIMES,
	QUERY_ATTRIBUTES = QUERY_SIZES + FILETRACER_SIZES,
	QUERY_STATUS,
};

static const struct wv_field query_fields[] = {
	[QUERY_OPERATION] = FILETRACER_FIELD_OPERATION,
	[QUERY_HANDLE] = FILETRACER_FIELD_HANDLE,
	[QUERY_NAME] = FILETRACER_FIELD_NAME,
	[QUERY_TIMES] = FILETRACER_FIELDS_TIMES,
	[QUERY_SIZES] = FILETRACER_FIELDS_SIZES,
	[QUERY_ATTRIBUTES] = FILETRACER_FIELD_ATTRIBUTES,
	[QUERY_STATUS] = FILETRACER_FIELD_STATUS,
};

const struct wv_event_type filetracer_windows_query = WINDOWS_TYPE(
	"NtQueryInformationFile", query_fields,
	"Times, sizes and attributes of an open file were asked for, and perhaps given; "
	"told when the call returns.");

struct query_saved {
	struct filetracer_file file;
	uint64_t buffer;
	uint32_t class;
};

/* NTSTATUS NtQueryInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS)
 */
enum wv_verdict filetracer_query_entry(struct wv_call *call)
{
	struct query_saved *saved = wv_call_saved(call);

	saved->class = (uint32_t)wv_call_argument(call, 4);
	if (!filetracer_facts_size(saved->class))
		return WV_DONE;
	saved->buffer = wv_call_argument(call, 2);
	return filetracer_keep_file(call, &saved->file, wv_call_argument(call, 0));
}

void filetracer_query_return(struct wv_call *call)
{
	struct query_saved *saved = wv_call_saved(call);
	struct wv_event *event = wv_event_open(call, FILETRACER_WINDOWS_QUERY);

	wv_event_unsigned(event, QUERY_OPERATION, saved->class);
	wv_event_unsigned(event, QUERY_HANDLE, saved->file.handle);
	filetracer_put_file(call, &saved->file, event, QUERY_NAME);
	put_answer(call, &saved->file.call, saved->buffer, saved->class, event, QUERY_TIMES,
		   QUERY_ATTRIBUTES);
	filetracer_put_status(call, event, QUERY_STATUS);
	wv_event_close(event);
}
