/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filedelete on Windows: files whose deletion is asked for, and those that were written, are told
 * when the last handle of the FILE_OBJECT that it was done with is closed.
 *
 * Until then the content is where the cache has it. File systems note most wishes in the
 * FILE_OBJECT; here they are kept besides, for those that do not.
 */
#include "plugins/filedelete/windows.h"

#include "output/names.h"
#include "plugins/filedelete/key_set.h"

extern const struct wv_name_table wv_names_file_object_flags; /* data/file_object_flags.tsv */

static void format_flags(uint64_t value, char *text, size_t size)
{
	wv_format_set(&wv_names_file_object_flags, value, " | ", "0", text, size);
}

static const struct wv_field fields[FILEDELETE_FIELD_COUNT] = FILEDELETE_FIELDS(
	format_flags, "Flags of the FILE_OBJECT.",
	"What happens to it: DeleteFile, or WriteFile: it was written and is closed.");

#define EVENT(name_, meaning_, ...)                                                                \
	const struct wv_event_type name_ = {                                                       \
		.plugin = "filedelete",                                                            \
		.methods = { __VA_ARGS__ },                                                        \
		.os = WV_OS_WINDOWS,                                                               \
		.fields = fields,                                                                  \
		.n_fields = G_N_ELEMENTS(fields),                                                  \
		.meaning = meaning_,                                                               \
	}

EVENT(filedelete_windows_close,
      "The last handle is closed of a file that is to be deleted, or was written.", "IopCloseFile",
      "NtClose");
EVENT(filedelete_windows_delete, "A file was deleted by its name.", "NtDeleteFile");

/* What too many others leave no room for to be told when it is closed: */
EVENT(filedelete_windows_set, "A file is to be deleted once it is closed.", "NtSetInformationFile");
EVENT(filedelete_windows_create, "A file was opened that is to be deleted once it is closed.",
      "NtCreateFile");
EVENT(filedelete_windows_open, "A file was opened that is to be deleted once it is closed.",
      "NtOpenFile");

/* What is known of FILE_OBJECTs -----------------------------------------------------------------*/

bool filedelete_know(struct wv_call *call, uint64_t object, enum filedelete_knowledge what)
{
	return filedelete_key_add(wv_call_guest_data(call), object | what);
}

bool filedelete_forget(struct wv_call *call, uint64_t object, enum filedelete_knowledge what)
{
	bool lost;

	return filedelete_key_take(wv_call_guest_data(call), object | what, &lost);
}

static bool prepare(struct wv_call *call, void **data, GError **error)
{
	(void)call;
	(void)error;
	/* pages of it that are never written take no memory */
	*data = g_new0(struct key_set, 1);
	return true;
}

uint64_t filedelete_find_file(struct wv_call *call, uint64_t handle)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	uint64_t object;

	return wv_windows_handle(guest, space, wv_nt_acting_process(call), handle, &object) &&
			       wv_windows_is_file(guest, space, object)
		       ? object
		       : 0;
}

bool filedelete_read_file(struct wv_call *call, uint64_t object, struct wv_windows_file *file)
{
	return wv_windows_file(wv_call_guest(call), wv_call_space(call), object, file);
}

/* Telling ---------------------------------------------------------------------------------------*/

static void put_name(struct wv_call *call, struct wv_event *event, uint64_t object)
{
	size_t size = WV_TEXT_MAX;
	bool truncated;
	char *text = wv_event_text_begin(event, FILEDELETE_FILE_NAME, &size);

	if (text && wv_windows_file_name(wv_call_guest(call), wv_call_space(call), object, text,
					 &size, &truncated))
		wv_event_text_end(event, size, truncated);
	else
		wv_event_unreadable(event, FILEDELETE_FILE_NAME);
}

void filedelete_tell_open(struct wv_call *call, enum filedelete_event type,
			  enum filedelete_reason reason, const struct wv_windows_file *file)
{
	struct wv_event *event = wv_event_open(call, type);
	const struct filedelete_file told = {
		.reason = reason,
		.has_size = file->has_size,
		.size = file->size,
		.has_flags = true,
		.flags = file->flags,
		.has_content = file->has_size,
	};

	put_name(call, event, file->address);

	struct wv_content *content = filedelete_tell(call, event, &told);

	if (!content)
		return;
	wv_windows_file_cached(wv_call_guest(call), wv_call_space(call), file,
			       wv_content_limit(call), wv_content_page, content);
	wv_content_close(content);
}

/* The table -------------------------------------------------------------------------------------*/

static const struct wv_want wants[FILEDELETE_WINDOWS_WANT_COUNT] = {
	[FILEDELETE_ATTRIBUTES_NAME] = WV_MEMBER("_OBJECT_ATTRIBUTES", "ObjectName",
						 "names of files that NtDeleteFile deletes"),
};

static const struct wv_trap_def traps[FILEDELETE_TRAP_COUNT] = {
	[FILEDELETE_TRAP_CLOSE] = { .functions = { "IopCloseFile", "NtClose" },
				    .on_entry = filedelete_close_entry },
	[FILEDELETE_TRAP_SET] = { .functions = { "NtSetInformationFile" },
				  .cost = "files that are deleted when they are closed",
				  .on_entry = filedelete_set_entry,
				  .on_return = filedelete_set_return },
	[FILEDELETE_TRAP_CREATE] = { .functions = { "NtCreateFile" },
				     .cost = "files that are created to be deleted",
				     .on_entry = filedelete_create_entry,
				     .on_return = filedelete_create_return },
	[FILEDELETE_TRAP_OPEN] = { .functions = { "NtOpenFile" },
				   .cost = "files that are opened to be deleted",
				   .on_entry = filedelete_open_entry,
				   .on_return = filedelete_open_return },
	[FILEDELETE_TRAP_WRITE] = { .functions = { "NtWriteFile" },
				    .cost = "files that are written",
				    .on_entry = filedelete_write_entry,
				    .on_return = filedelete_write_return,
				    .wanted = filedelete_wants_written },
	[FILEDELETE_TRAP_DELETE] = { .functions = { "NtDeleteFile" },
				     .cost = "files that are deleted by their names",
				     .on_entry = filedelete_delete_entry,
				     .on_return = filedelete_delete_return },
};

const struct wv_plugin_guest filedelete_on_windows = {
	.os = WV_OS_WINDOWS,
	.traps = traps,
	.n_traps = FILEDELETE_TRAP_COUNT,
	.wants = wants,
	.n_wants = G_N_ELEMENTS(wants),
	.prepare = prepare,
	.unprepare = g_free,
};
