/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of objects, and those that OBJECT_ATTRIBUTES give. */
#include "guest/windows/internal.h"

/** _OBJECT_HEADER.InfoMask: which information lies before the header, the first next to it. */
#define INFO_CREATOR 1u
#define INFO_NAME    2u

/** No folder of objects that is looked at is deeper. */
#define DEPTH_MAX 16u

/** A name that is put together from parts. */
struct text {
	struct wv_guest *guest;
	const struct wv_space *space;
	char *bytes;
	size_t used, room;
	bool truncated;
};

/** Appends a UNICODE_STRING. False when nothing of it can be read. */
static bool append_string(struct text *text, uint64_t address)
{
	size_t size = text->room - text->used;

	if (!wv_windows_string(text->guest, text->space, address, text->bytes + text->used, &size,
			       &text->truncated))
		return false;
	text->used += size;
	return true;
}

static bool append_separator(struct text *text)
{
	text->truncated = text->used == text->room;
	if (!text->truncated)
		text->bytes[text->used++] = '\\';
	return !text->truncated;
}

/** Appends a UNICODE_STRING as a path's next part: behind a separator, unless it is empty. */
static bool append_part(struct text *text, uint64_t address)
{
	size_t before = text->used;
	bool separated = before && text->bytes[before - 1] == '\\';

	if (text->truncated || (!separated && !append_separator(text)) ||
	    !append_string(text, address))
		return false;
	if (!separated && text->used == before + 1)
		text->used = before;
	return true;
}

/* Objects ---------------------------------------------------------------------------------------*/

/** The name's information (OBJECT_HEADER_NAME_INFO) before an object's header. */
static bool find_name_info(const struct wv_windows *kernel, const struct wv_space *space,
			   uint64_t object, uint64_t *info)
{
	const struct wv_place *places = kernel->places;
	uint64_t header = object - places[HEADER_BODY].value;
	uint8_t mask;

	if (!windows_is_kernel(kernel->guest.paging, object) || !places[HEADER_BODY].found ||
	    !places[HEADER_INFO_MASK].found || !places[SIZE_NAME_INFO].found ||
	    !places[SIZE_CREATOR_INFO].found || !places[NAME_INFO_NAME].found ||
	    !wv_space_read_u8(space, header + places[HEADER_INFO_MASK].value, &mask) ||
	    !(mask & INFO_NAME))
		return false;
	*info = header - places[SIZE_NAME_INFO].value;
	if (mask & INFO_CREATOR)
		*info -= places[SIZE_CREATOR_INFO].value;
	return true;
}

/** Appends the name in an object's header, and before it those of the folders that it is in. */
static bool append_header_name(struct text *text, uint64_t object)
{
	const struct wv_windows *kernel = to_windows(text->guest);
	uint64_t infos[DEPTH_MAX];
	unsigned depth = 0;

	while (depth < DEPTH_MAX && find_name_info(kernel, text->space, object, &infos[depth])) {
		uint64_t info = infos[depth++];

		if (!windows_read_pointer(kernel, text->space, info, NAME_INFO_DIRECTORY, &object))
			break;
	}
	if (!depth || !append_string(text, infos[--depth] + kernel->places[NAME_INFO_NAME].value))
		return false;
	/* the outermost folder's own name is a separator */
	while (depth > 0)
		if (!append_part(text, infos[--depth] + kernel->places[NAME_INFO_NAME].value))
			return false;
	return true;
}

static bool is_file(struct wv_guest *guest, const struct wv_space *space, uint64_t object)
{
	const struct wv_windows *kernel = to_windows(guest);
	const struct wv_place *symbol = &kernel->places[SYM_FILE_TYPE];
	uint64_t type, files;

	return symbol->found && windows_has(kernel, FILE_NAME) &&
	       wv_windows_object_type(guest, space, object, &type) &&
	       windows_read_word(space, symbol->value, &files) && type == files;
}

static bool append_object_name(struct text *text, uint64_t object)
{
	const struct wv_windows *kernel = to_windows(text->guest);

	return is_file(text->guest, text->space, object)
		       ? append_string(text, object + kernel->places[FILE_NAME].value)
		       : append_header_name(text, object);
}

/** Tells what has been put together. False when that is nothing because none of it was readable. */
static bool finish(const struct text *text, bool named, size_t *size, bool *truncated)
{
	*size = text->used;
	*truncated = text->truncated || (text->used && !named);
	return named || text->used;
}

bool wv_windows_object_name(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
			    char *bytes, size_t *size, bool *truncated)
{
	struct text text = { .guest = guest, .space = space, .bytes = bytes, .room = *size };

	return finish(&text, append_object_name(&text, object), size, truncated);
}

/* OBJECT_ATTRIBUTES -----------------------------------------------------------------------------*/

bool wv_windows_attributes_name(struct wv_guest *guest, const struct wv_space *space,
				uint64_t process, uint64_t attributes, char *bytes, size_t *size,
				bool *truncated)
{
	struct text text = { .guest = guest, .space = space, .bytes = bytes, .room = *size };
	const struct wv_windows *kernel = to_windows(guest);
	uint64_t root = 0, folder, name = 0;
	bool named = false;

	windows_read_pointer(kernel, space, attributes, ATTRIBUTES_ROOT, &root);
	if (root && wv_windows_handle(guest, space, process, root, &folder))
		named = append_object_name(&text, folder);
	if (!windows_read_pointer(kernel, space, attributes, ATTRIBUTES_NAME, &name))
		return finish(&text, false, size, truncated);
	/* without a name of its own it is the folder that is meant */
	if (name && named)
		named = append_part(&text, name);
	else if (name)
		named = append_string(&text, name);
	return finish(&text, named, size, truncated);
}
