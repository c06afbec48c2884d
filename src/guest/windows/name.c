/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of objects: types have their own places for them. Processes and threads have none. */
#include "guest/windows/internal.h"

/** _OBJECT_HEADER.InfoMask: which information lies before the header, the first next to it. */
#define INFO_CREATOR 1u
#define INFO_NAME    2u

/** No folder of objects that is looked at is deeper. */
#define DEPTH_MAX 16u

/** The registry allows no key to be deeper ("Registry element size limits"). */
#define KEY_DEPTH_MAX 512u

/** A name that is put together from parts. */
struct text {
	struct wv_guest *guest;
	const struct wv_space *space;
	char *bytes;
	size_t used, room;
	bool truncated;
};

/** Appends what is named at an address. False when nothing of that can be read. */
typedef bool (*append_fn)(struct text *text, uint64_t address);

/** A UNICODE_STRING. */
static bool append_string(struct text *text, uint64_t address)
{
	size_t size = text->room - text->used;

	if (!wv_windows_string(text->guest, text->space, address, text->bytes + text->used, &size,
			       &text->truncated))
		return false;
	text->used += size;
	return true;
}

/** UTF-8 of our own: as many of its characters as there is room for. */
static void append(struct text *text, const char *bytes, size_t size)
{
	size_t left = text->room - text->used;

	if (size > left) {
		text->truncated = true;
		for (size = left; size && ((uint8_t)bytes[size] & 0xc0) == 0x80;)
			size--;
	}
	memcpy(text->bytes + text->used, bytes, size);
	text->used += size;
}

/** Appends a path's next part: behind a separator, unless it is empty. */
static bool append_part(struct text *text, append_fn append_name, uint64_t address)
{
	size_t before = text->used;
	bool separated = before && text->bytes[before - 1] == '\\';

	if (!separated)
		append(text, "\\", 1);
	if (text->truncated || !append_name(text, address))
		return false;
	if (!separated && text->used == before + 1)
		text->used = before;
	return true;
}

/* Names in headers ------------------------------------------------------------------------------*/

/** The name's information (OBJECT_HEADER_NAME_INFO) before an object's header. */
static bool find_name_info(const struct wv_windows *kernel, const struct wv_space *space,
			   uint64_t object, uint64_t *info)
{
	const struct wv_place *places = kernel->places;
	uint64_t header = object - places[HEADER_BODY].value;
	uint8_t mask;

	if (!wv_paging_is_upper_half(kernel->guest.paging, object) || !places[HEADER_BODY].found ||
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
	uint64_t name = kernel->places[NAME_INFO_NAME].value;
	uint64_t infos[DEPTH_MAX];
	unsigned depth = 0;

	while (depth < DEPTH_MAX && find_name_info(kernel, text->space, object, &infos[depth])) {
		uint64_t info = infos[depth++];

		if (!windows_read_pointer(kernel, text->space, info, NAME_INFO_DIRECTORY, &object))
			break;
	}
	/* the outermost folder's own name is a separator */
	if (!depth || !append_string(text, infos[--depth] + name))
		return false;
	while (depth > 0)
		if (!append_part(text, append_string, infos[--depth] + name))
			return false;
	return true;
}

/* Files -----------------------------------------------------------------------------------------*/

/**
 * Whether a file's name begins at another file that it was opened relative to, for as long as its
 * file system does not complete it. Which one is known only while it is being opened (WDK,
 * FILE_OBJECT). The name of a volume itself is empty.
 */
static bool is_relative(const struct text *text, uint64_t name)
{
	char first[4] = "\\"; /* one character */
	size_t size = sizeof(first);
	bool truncated;

	return wv_windows_string(text->guest, text->space, name, first, &size, &truncated) &&
	       first[0] != '\\';
}

/** The path in the volume, behind the device that this is, such as "\\Device\\HarddiskVolume2". */
static bool append_file_name(struct text *text, uint64_t file)
{
	const struct wv_windows *kernel = to_windows(text->guest);
	uint64_t name = file + kernel->places[FILE_NAME].value, device;

	if (!windows_has(kernel, FILE_NAME))
		return false;
	if (!is_relative(text, name) &&
	    windows_read_pointer(kernel, text->space, file, FILE_DEVICE, &device) &&
	    (!append_header_name(text, device) || text->truncated)) {
		text->used = 0; /* the path says more than a part of the device's name */
		text->truncated = false;
	}
	return append_string(text, name);
}

/* Keys of the registry --------------------------------------------------------------------------*/

/** The name of one level (CM_NAME_CONTROL_BLOCK): of UTF-16, or of its low bytes alone. */
static bool append_key_part(struct text *text, uint64_t block)
{
	const struct wv_windows *kernel = to_windows(text->guest);
	const struct wv_place *name = &kernel->places[NAME_BLOCK_NAME];
	size_t size = text->room - text->used;
	uint64_t is_narrow, length;

	if (!name->found || !wv_paging_is_upper_half(kernel->guest.paging, block) ||
	    !wv_guest_read_bits(text->space, &kernel->places[NAME_BLOCK_COMPRESSED], block,
				&is_narrow) ||
	    !wv_guest_read_bits(text->space, &kernel->places[NAME_BLOCK_LENGTH], block, &length) ||
	    !(is_narrow ? wv_windows_narrow_text
			: wv_windows_text)(text->space, block + name->value, (uint32_t)length,
					   text->bytes + text->used, &size, &text->truncated))
		return false;
	text->used += size;
	return true;
}

/** All levels from the root down. A way up that does not end there is none. */
static bool append_key_name(struct text *text, uint64_t key)
{
	const struct wv_windows *kernel = to_windows(text->guest);
	uint64_t blocks[KEY_DEPTH_MAX], control;
	unsigned depth = 0;

	if (!windows_read_pointer(kernel, text->space, key, KEY_CONTROL, &control))
		return false;
	while (control) {
		if (depth == KEY_DEPTH_MAX ||
		    !wv_paging_is_upper_half(kernel->guest.paging, control) ||
		    !windows_read_pointer(kernel, text->space, control, KEY_NAME_BLOCK,
					  &blocks[depth]) ||
		    !windows_read_pointer(kernel, text->space, control, KEY_PARENT, &control))
			return false;
		depth++;
	}
	if (!depth)
		return false;
	while (depth > 0)
		if (!append_part(text, append_key_part, blocks[--depth]))
			return false;
	return true;
}

/* Processes and threads -------------------------------------------------------------------------*/

static void append_number(struct text *text, uint32_t number)
{
	char digits[16];

	append(text, digits, (size_t)g_snprintf(digits, sizeof(digits), "%u", number));
}

/** The PID, and what events call it. */
static bool append_process(struct text *text, uint64_t process)
{
	struct wv_identity identity;

	if (!wv_windows_identify_process(text->guest, text->space, process, &identity))
		return false;
	append_number(text, identity.pid);
	/* a short name is in any code page */
	if (identity.name_size && g_utf8_validate(identity.name, identity.name_size, NULL)) {
		append(text, " ", 1);
		append(text, identity.name, identity.name_size);
	}
	text->truncated |= identity.name_truncated;
	return true;
}

/** The TID, and whose thread it is. */
static bool append_thread(struct text *text, uint64_t thread)
{
	const struct wv_windows *kernel = to_windows(text->guest);
	uint64_t process;
	uint32_t tid;

	if (!windows_read_u32(kernel, text->space, thread, ETHREAD_TID, &tid))
		return false;
	append_number(text, tid);
	append(text, " of ", strlen(" of "));
	return windows_read_pointer(kernel, text->space, thread, KTHREAD_OWNER, &process) &&
	       append_process(text, process);
}

/* All types -------------------------------------------------------------------------------------*/

/** Types whose objects have no names in their headers, by the kernel's variables. */
static const struct kind {
	enum windows_want type;
	append_fn append;
	bool is_label; /* it has no name at all */
} kinds[] = {
	{ SYM_FILE_TYPE, append_file_name, false },
	{ SYM_KEY_TYPE, append_key_name, false },
	{ SYM_PROCESS_TYPE, append_process, true },
	{ SYM_THREAD_TYPE, append_thread, true },
};

static append_fn find_append(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
			     bool labels)
{
	uint64_t type;

	if (wv_windows_object_type(guest, space, object, &type))
		for (const struct kind *kind = kinds; kind < kinds + G_N_ELEMENTS(kinds); kind++)
			if ((labels || !kind->is_label) &&
			    windows_is_type(to_windows(guest), space, type, kind->type))
				return kind->append;
	return append_header_name;
}

static bool tell(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
		 append_fn append_name, char *bytes, size_t *size, bool *truncated)
{
	struct text text = { .guest = guest, .space = space, .bytes = bytes, .room = *size };
	bool whole = append_name(&text, object);

	*size = text.used;
	*truncated = text.truncated || (text.used && !whole);
	return whole || text.used;
}

bool wv_windows_object_name(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
			    char *text, size_t *size, bool *truncated)
{
	return tell(guest, space, object, find_append(guest, space, object, false), text, size,
		    truncated);
}

bool wv_windows_object_label(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
			     char *text, size_t *size, bool *truncated)
{
	return tell(guest, space, object, find_append(guest, space, object, true), text, size,
		    truncated);
}

bool wv_windows_file_name(struct wv_guest *guest, const struct wv_space *space, uint64_t file,
			  char *text, size_t *size, bool *truncated)
{
	return tell(guest, space, file, append_file_name, text, size, truncated);
}
