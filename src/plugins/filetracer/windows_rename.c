/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: new names of files. */
#include "plugins/filetracer/windows.h"

static const struct wv_field rename_fields[] = {
	[RENAME_OPERATION] = FILETRACER_FIELD_OPERATION,
	[RENAME_SOURCE] = { "FileSrc", WV_KIND_STRING,
			    .meaning = "The path that the open file has until then, with its "
				       "volume." },
	[RENAME_TARGET] = { "FileDst", WV_KIND_STRING,
			    .meaning = "The new one: as it was given; where that is no whole path, "
				       "behind the folder's that it is in; where it is a stream's, "
				       "behind the file's." },
	[RENAME_HANDLE] = FILETRACER_FIELD_HANDLE,
	[RENAME_REPLACE] = { "ReplaceIfExists", WV_KIND_NUMBER, .optional = true,
			     .meaning = "Of FileRenameInformation: 1 if a file of that name is to "
					"be replaced, else 0." },
	[RENAME_FLAGS] = { "Flags", WV_KIND_FLAGS, filetracer_format_rename_flags, .optional = true,
			   .meaning = "Of FileRenameInformationEx: how." },
	[RENAME_STATUS] = FILETRACER_FIELD_STATUS,
};

const struct wv_event_type filetracer_windows_rename =
	WINDOWS_TYPE("NtSetInformationFile", rename_fields,
		     "An open file got another name, or could not; told when the call returns.");

void filetracer_put_rename(const struct wv_kept *kept, struct wv_event *event,
			   const struct filetracer_set *set)
{
	wv_kept_put(kept, TEXT_NAME, event, RENAME_SOURCE);
	wv_kept_put(kept, TEXT_OTHER, event, RENAME_TARGET);
	wv_event_unsigned(event, RENAME_HANDLE, set->file.handle);
	if (set->class == CLASS_RENAME)
		filetracer_put_set(event, set, RENAME_REPLACE, set->value[0] != 0);
	else
		filetracer_put_set(event, set, RENAME_FLAGS, filetracer_set_u32(set));
}

/* The new name ----------------------------------------------------------------------------------*/

/** FILE_RENAME_INFORMATION, in words: flags, RootDirectory, FileNameLength, then the name
 * (ntifs.h).
 */
enum rename_word { WORD_FLAGS, WORD_ROOT, WORD_LENGTH };

struct target {
	uint64_t root;	 /* handle of the folder that the name is relative to; 0: none */
	uint64_t name;	 /* where it is */
	uint32_t length; /* bytes */
	uint16_t first;	 /* its first character */
};

static bool read_target(struct wv_call *call, const struct filetracer_set *set,
			struct target *target)
{
	size_t word = wv_guest_word(wv_call_guest(call));
	size_t offset = WORD_LENGTH * word + sizeof(target->length);

	target->first = 0;
	target->name = set->buffer + offset;
	if (set->length < offset ||
	    !filetracer_read_word(call, &set->file.call, set->buffer, WORD_ROOT, &target->root) ||
	    !filetracer_read(call, &set->file.call, set->buffer + WORD_LENGTH * word,
			     &target->length, sizeof(target->length)))
		return false;
	target->length = MIN(target->length, set->length - (uint32_t)offset);
	return target->length < sizeof(target->first) ||
	       filetracer_read(call, &set->file.call, target->name, &target->first,
			       sizeof(target->first));
}

/** Bytes of a path up to its last separator, that included; 0: it has none. */
static size_t folder_size(const struct wv_text *path)
{
	size_t size = path->used;

	while (size && path->bytes[size - 1] != '\\')
		size--;
	return size;
}

/** Takes off the stream's name, if the path has one: "\\a.txt:stream". */
static void cut_stream(struct wv_text *path)
{
	size_t folder = folder_size(path);
	const char *colon = memchr(path->bytes + folder, ':', path->used - folder);

	if (colon)
		path->used = (size_t)(colon - path->bytes);
}

/** What a name is behind that is no whole path. */
static void append_folder(struct wv_call *call, const struct filetracer_set *set,
			  const struct target *target, struct wv_text *text)
{
	if (target->root) {
		filetracer_append_root(call, &set->file.call, target->root, text);
		return;
	}
	filetracer_append_handle(call, &set->file.call, set->file.handle, text);
	if (target->first == ':')
		cut_stream(text);
	else
		text->used = folder_size(text);
}

bool filetracer_append_target(struct wv_call *call, const struct filetracer_set *set,
			      struct wv_text *text)
{
	struct target target;

	if (!read_target(call, set, &target))
		return false;
	if (target.first != '\\')
		append_folder(call, set, &target, text);
	return text->truncated ||
	       filetracer_append_utf16(call, &set->file.call, target.name, target.length, text);
}
