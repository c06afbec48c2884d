/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: what is changed of files: times, attributes, names, lengths, their end. */
#include "plugins/filetracer/windows.h"

#include <string.h>

/* Each operation is told with the fields of one of these events. */

enum basic_field {
	BASIC_OPERATION,
	BASIC_HANDLE,
	BASIC_NAME,
	BASIC_TIMES,
	BASIC_ATTRIBUTES = BASIC_TIMES + FILETRACER_TIMES,
	BASIC_STATUS,
};

static const struct wv_field basic_fields[] = {
	[BASIC_OPERATION] = FILETRACER_FIELD_OPERATION,
	[BASIC_HANDLE] = FILETRACER_FIELD_HANDLE,
	[BASIC_NAME] = FILETRACER_FIELD_NAME,
	[BASIC_TIMES] = FILETRACER_FIELDS_TIMES,
	[BASIC_ATTRIBUTES] = FILETRACER_FIELD_ATTRIBUTES,
	[BASIC_STATUS] = FILETRACER_FIELD_STATUS,
};

enum disposition_field {
	DISPOSITION_OPERATION,
	DISPOSITION_NAME,
	DISPOSITION_HANDLE,
	DISPOSITION_DELETE,
	DISPOSITION_FLAGS,
	DISPOSITION_STATUS,
};

static const struct wv_field disposition_fields[] = {
	[DISPOSITION_OPERATION] = FILETRACER_FIELD_OPERATION,
	[DISPOSITION_NAME] = FILETRACER_FIELD_NAME,
	[DISPOSITION_HANDLE] = FILETRACER_FIELD_HANDLE,
	[DISPOSITION_DELETE] = { "DeleteFile", WV_KIND_NUMBER, .optional = true,
				 .meaning = "Of FileDispositionInformation: 1 if the file is to be "
					    "deleted when it is closed, 0 if it is to stay." },
	[DISPOSITION_FLAGS] = { "Flags", WV_KIND_FLAGS, filetracer_format_disposition_flags,
				.optional = true,
				.meaning = "Of FileDispositionInformationEx: whether it is to be "
					   "deleted, and how." },
	[DISPOSITION_STATUS] = FILETRACER_FIELD_STATUS,
};

enum end_field { END_OPERATION, END_HANDLE, END_NAME, END_SIZE, END_STATUS };

static const struct wv_field end_fields[] = {
	[END_OPERATION] = FILETRACER_FIELD_OPERATION,
	[END_HANDLE] = FILETRACER_FIELD_HANDLE,
	[END_NAME] = FILETRACER_FIELD_NAME,
	[END_SIZE] = { "FileSize", WV_KIND_NUMBER,
		       .meaning = "The length that the file is to have, in bytes." },
	[END_STATUS] = FILETRACER_FIELD_STATUS,
};

const struct wv_event_type filetracer_windows_set_basic =
	WINDOWS_TYPE("NtSetInformationFile", basic_fields,
		     "Times or attributes of an open file were changed, or could not be; "
		     "told when the call returns.");
const struct wv_event_type filetracer_windows_disposition =
	WINDOWS_TYPE("NtSetInformationFile", disposition_fields,
		     "An open file is to be deleted, or not any more; told when the "
		     "call returns.");
const struct wv_event_type filetracer_windows_end_of_file =
	WINDOWS_TYPE("NtSetInformationFile", end_fields,
		     "The length of an open file was changed, or could not be; told when "
		     "the call returns.");

/* What is set -----------------------------------------------------------------------------------*/

static void put_handle(struct wv_event *event, const struct filetracer_set *set, unsigned field)
{
	wv_event_unsigned(event, field, set->file.handle);
}

static void put_basic(const struct wv_kept *kept, struct wv_event *event,
		      const struct filetracer_set *set)
{
	put_handle(event, set, BASIC_HANDLE);
	wv_kept_put(kept, TEXT_NAME, event, BASIC_NAME);
	filetracer_put_facts(event, set->class, set->known ? set->value : NULL, BASIC_TIMES,
			     BASIC_ATTRIBUTES);
}

static void put_disposition(const struct wv_kept *kept, struct wv_event *event,
			    const struct filetracer_set *set)
{
	wv_kept_put(kept, TEXT_NAME, event, DISPOSITION_NAME);
	put_handle(event, set, DISPOSITION_HANDLE);
	if (set->class == CLASS_DISPOSITION)
		filetracer_put_set(event, set, DISPOSITION_DELETE, set->value[0] != 0);
	else
		filetracer_put_set(event, set, DISPOSITION_FLAGS, filetracer_set_u32(set));
}

static void put_end(const struct wv_kept *kept, struct wv_event *event,
		    const struct filetracer_set *set)
{
	uint64_t size;

	memcpy(&size, set->value, sizeof(size));
	put_handle(event, set, END_HANDLE);
	wv_kept_put(kept, TEXT_NAME, event, END_NAME);
	filetracer_put_set(event, set, END_SIZE, size);
}

/** What is told of a class. The operation is each event's first field. */
static const struct operation {
	enum filetracer_class class;
	enum filetracer_event event;
	unsigned size; /* of what the buffer begins with */
	unsigned n_texts;
	unsigned status; /* its field */
	void (*put)(const struct wv_kept *kept, struct wv_event *event,
		    const struct filetracer_set *set);
} operations[] = {
	{ CLASS_BASIC, FILETRACER_WINDOWS_SET_BASIC, 36, 1, BASIC_STATUS, put_basic },
	{ CLASS_RENAME, FILETRACER_WINDOWS_RENAME, 1, 2, RENAME_STATUS, filetracer_put_rename },
	{ CLASS_RENAME_EX, FILETRACER_WINDOWS_RENAME, 4, 2, RENAME_STATUS, filetracer_put_rename },
	{ CLASS_DISPOSITION, FILETRACER_WINDOWS_DISPOSITION, 1, 1, DISPOSITION_STATUS,
	  put_disposition },
	{ CLASS_DISPOSITION_EX, FILETRACER_WINDOWS_DISPOSITION, 4, 1, DISPOSITION_STATUS,
	  put_disposition },
	{ CLASS_END_OF_FILE, FILETRACER_WINDOWS_END_OF_FILE, 8, 1, END_STATUS, put_end },
};

static const struct operation *find_operation(uint32_t class)
{
	for (size_t i = 0; i < G_N_ELEMENTS(operations); i++)
		if (operations[i].class == class)
			return &operations[i];
	return NULL;
}

/* NtSetInformationFile --------------------------------------------------------------------------*/

static bool read_text(struct wv_call *call, const void *source, unsigned which,
		      struct wv_text *text)
{
	const struct filetracer_set *set = source;

	return which == TEXT_NAME
		       ? filetracer_append_handle(call, &set->file.call, set->file.handle, text)
		       : filetracer_append_target(call, set, text);
}

static void read_value(struct wv_call *call, struct filetracer_set *set, unsigned size)
{
	if (!set->known)
		set->known = size <= set->length &&
			     filetracer_read(call, &set->file.call, set->buffer, set->value, size);
}

/* NTSTATUS NtSetInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS) */
enum wv_verdict filetracer_set_entry(struct wv_call *call)
{
	struct filetracer_set *set = wv_call_saved(call);
	const struct operation *operation;

	set->class = (uint32_t)wv_call_argument(call, 4);
	operation = find_operation(set->class);
	if (!operation)
		return WV_DONE;
	filetracer_begin(call, &set->file.call);
	set->file.handle = wv_call_argument(call, 0);
	set->buffer = wv_call_argument(call, 2);
	set->length = (uint32_t)wv_call_argument(call, 3);
	read_value(call, set, operation->size);
	set->file.call.texts =
		wv_kept_keep(wv_call_guest_data(call), call, read_text, set, operation->n_texts);
	return WV_AWAIT_RETURN;
}

void filetracer_set_return(struct wv_call *call)
{
	struct filetracer_set *set = wv_call_saved(call);
	const struct operation *operation = find_operation(set->class);
	struct wv_event *event = wv_event_open(call, operation->event);
	struct wv_kept kept;

	read_value(call, set, operation->size);
	wv_kept_take(&kept, wv_call_guest_data(call), set->file.call.texts, call, read_text, set);
	wv_event_unsigned(event, 0, set->class);
	operation->put(&kept, event, set);
	wv_kept_give_back(&kept);
	filetracer_put_status(call, event, operation->status);
	wv_event_close(event);
}
