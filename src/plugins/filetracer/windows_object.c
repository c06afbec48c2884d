/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: OBJECT_ATTRIBUTES, what an object is opened by. */
#include "plugins/filetracer/windows.h"

#include <inttypes.h>
#include <stdio.h>

/** OBJECT_ATTRIBUTES in words (ntdef.h). */
enum attributes_word {
	ATTRIBUTES_LENGTH,
	ATTRIBUTES_ROOT,
	ATTRIBUTES_NAME,
	ATTRIBUTES_FLAGS,
	ATTRIBUTES_SECURITY,
};

/** UNICODE_STRING in words: both lengths, Buffer (ntdef.h). */
enum string_word { STRING_LENGTHS, STRING_BUFFER };

/** With FILE_OPEN_BY_FILE_ID a name is a number of the file: of 8 bytes, or of 16 (ntifs.h). */
#define ID_SIZE	     8u
#define LONG_ID_SIZE 16u

/* The name -------------------------------------------------------------------------------------*/

/** The number of a file, as one number. */
static bool append_id(struct wv_call *call, const struct filetracer_object *object, uint64_t buffer,
		      uint16_t length, struct wv_text *text)
{
	char digits[sizeof("0x") + 2 * LONG_ID_SIZE];
	uint64_t id[2] = { 0 };
	int size;

	if (!filetracer_read(call, &object->call, buffer, id, length))
		return false;
	size = length == ID_SIZE ? snprintf(digits, sizeof(digits), "0x%016" PRIx64, id[0])
				 : snprintf(digits, sizeof(digits), "0x%016" PRIx64 "%016" PRIx64,
					    id[1], id[0]);
	wv_text_append(text, digits, (size_t)size);
	return true;
}

static bool append_string(struct wv_call *call, const struct filetracer_object *object,
			  uint64_t string, struct wv_text *text)
{
	uint64_t lengths, buffer;
	uint16_t length;

	/* each is read once: the program may change it meanwhile */
	if (!filetracer_read_word(call, &object->call, string, STRING_LENGTHS, &lengths) ||
	    !filetracer_read_word(call, &object->call, string, STRING_BUFFER, &buffer))
		return false;
	length = (uint16_t)lengths;
	if (object->by_id && (length == ID_SIZE || length == LONG_ID_SIZE))
		return append_id(call, object, buffer, length, text);
	return filetracer_append_utf16(call, &object->call, buffer, length, text);
}

/** The root's name, and the name as it was given. */
static bool append_name(struct wv_call *call, const struct filetracer_object *object,
			struct wv_text *text)
{
	const struct filetracer_saved *saved = &object->call;
	uint64_t root, name;

	if (!filetracer_read_word(call, saved, object->attributes, ATTRIBUTES_ROOT, &root) ||
	    !filetracer_read_word(call, saved, object->attributes, ATTRIBUTES_NAME, &name))
		return false;
	if (!name) {
		filetracer_append_handle(call, saved, root, text);
		return true;
	}
	filetracer_append_root(call, saved, root, text);
	if (text->truncated || append_string(call, object, name, text))
		return true;
	/* the root alone is another file */
	text->truncated = text->missing = true;
	return text->used;
}

/* From the entry to the return ------------------------------------------------------------------*/

/** Nothing, where there is no security descriptor. */
static bool append_security(struct wv_call *call, const struct filetracer_object *object,
			    struct wv_text *text)
{
	uint64_t descriptor;

	text->room = MIN(text->room, FILETRACER_SECURITY_SIZE);
	return filetracer_read_word(call, &object->call, object->attributes, ATTRIBUTES_SECURITY,
				    &descriptor) &&
	       (!descriptor || filetracer_append_security(call, &object->call, descriptor, text));
}

static bool read_text(struct wv_call *call, const void *source, unsigned which,
		      struct wv_text *text)
{
	return (which == TEXT_NAME ? append_name : append_security)(call, source, text);
}

static void read_flags(struct wv_call *call, struct filetracer_object *object)
{
	uint64_t flags;

	if (object->flags_known)
		return;
	object->flags_known = filetracer_read_word(call, &object->call, object->attributes,
						   ATTRIBUTES_FLAGS, &flags);
	object->flags = (uint32_t)flags;
}

enum wv_verdict filetracer_keep_object(struct wv_call *call, struct filetracer_object *object,
				       uint64_t attributes)
{
	filetracer_begin(call, &object->call);
	object->attributes = attributes;
	read_flags(call, object);
	object->call.texts =
		wv_kept_keep(wv_call_guest_data(call), call, read_text, object, FILETRACER_TEXTS);
	return WV_AWAIT_RETURN;
}

void filetracer_take_object(struct wv_call *call, struct filetracer_object *object,
			    struct wv_kept *kept)
{
	wv_kept_take(kept, wv_call_guest_data(call), object->call.texts, call, read_text, object);
}

void filetracer_put_object_flags(struct wv_call *call, struct filetracer_object *object,
				 struct wv_event *event, unsigned field)
{
	read_flags(call, object);
	if (object->flags_known)
		wv_event_unsigned(event, field, object->flags);
	else
		wv_event_unreadable(event, field);
}

void filetracer_put_object_security(const struct wv_kept *kept, struct wv_event *event,
				    unsigned field)
{
	char bytes[FILETRACER_SECURITY_SIZE];
	struct wv_text now = { .bytes = bytes, .room = sizeof(bytes) };
	const struct wv_text *text = wv_kept_text(kept, TEXT_OTHER);

	if (!text && kept->read(kept->call, kept->source, TEXT_OTHER, &now))
		text = &now;
	if (!text)
		wv_event_unreadable(event, field);
	else if (text->used)
		filetracer_put_security(event, field, text);
}
