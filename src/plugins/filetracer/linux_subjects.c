/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: the kinds of things that calls are about, and their paths. */
#include "plugins/filetracer/linux.h"

/** PATH_MAX (include/uapi/linux/limits.h): no name that is given is longer. */
#define NAME_MAX_SIZE 4096

/** Where a path goes: behind what the text has. */
struct room {
	char *path;
	size_t size;
	bool truncated;
};

static struct room room_of(const struct wv_text *text)
{
	return (struct room){ text->bytes + text->used, text->room - text->used, false };
}

static bool took(struct wv_text *text, const struct room *room, bool found)
{
	if (!found)
		return false;
	text->used += room->size;
	text->truncated |= room->truncated;
	return true;
}

/* An open file ----------------------------------------------------------------------------------*/

static uint64_t inode_of_file(struct wv_call *call, const struct linux_saved *saved)
{
	return wv_linux_file_inode(wv_call_guest(call), wv_call_space(call), saved->subject);
}

static bool path_of_file(struct wv_call *call, const struct linux_saved *saved,
			 struct wv_text *text)
{
	struct room room = room_of(text);

	return took(text, &room,
		    wv_linux_file_path(wv_call_guest(call), wv_call_space(call), saved->subject,
				       room.path, &room.size, &room.truncated));
}

const struct linux_subject linux_file = { inode_of_file, path_of_file, true };

/* A mount and an entry in it --------------------------------------------------------------------*/

static uint64_t inode_of_path(struct wv_call *call, const struct linux_saved *saved)
{
	uint64_t dentry;

	return wv_call_read_u64(call, saved->subject, PATH_ENTRY, &dentry)
		       ? wv_linux_dentry_inode(wv_call_guest(call), wv_call_space(call), dentry)
		       : 0;
}

static bool path_of_path(struct wv_call *call, const struct linux_saved *saved,
			 struct wv_text *text)
{
	return linux_read_path(call, saved->subject, text);
}

bool linux_read_path(struct wv_call *call, uint64_t address, struct wv_text *text)
{
	struct room room = room_of(text);

	return took(text, &room,
		    wv_linux_path(wv_call_guest(call), wv_call_space(call), address, room.path,
				  &room.size, &room.truncated));
}

const struct linux_subject linux_path = { inode_of_path, path_of_path, false };

/* An entry of a folder --------------------------------------------------------------------------*/

static uint64_t inode_of_entry(struct wv_call *call, const struct linux_saved *saved)
{
	return wv_linux_dentry_inode(wv_call_guest(call), wv_call_space(call), saved->subject);
}

bool linux_read_entry(struct wv_call *call, uint64_t dentry, uint64_t mount, struct wv_text *text)
{
	struct room room = room_of(text);

	return took(text, &room,
		    wv_linux_entry_path(wv_call_guest(call), wv_call_space(call), dentry, mount,
					wv_call_thread(call), room.path, &room.size,
					&room.truncated));
}

static bool path_of_entry(struct wv_call *call, const struct linux_saved *saved,
			  struct wv_text *text)
{
	return linux_read_entry(call, saved->subject, saved->mount, text);
}

const struct linux_subject linux_entry = { inode_of_entry, path_of_entry, false };

bool linux_other_entry(struct wv_call *call, const struct linux_saved *saved, struct wv_text *text)
{
	return linux_read_entry(call, saved->other, saved->mount, text);
}

/* A name that is not looked up yet --------------------------------------------------------------*/

bool linux_read_name(struct wv_call *call, int32_t folder, uint64_t address, struct wv_text *text)
{
	char name[NAME_MAX_SIZE];
	size_t size;
	struct room room = room_of(text);
	enum wv_string_end end =
		wv_space_read_string(wv_call_space(call), address, name, sizeof(name), &size);

	if (end == WV_STRING_UNREADABLE)
		return false;
	/* where the folder is not known, there is the name at least */
	wv_linux_name_path(wv_call_guest(call), wv_call_space(call), wv_call_thread(call), folder,
			   name, size, room.path, &room.size, &room.truncated);
	room.truncated |= end == WV_STRING_TRUNCATED;
	return took(text, &room, true);
}

static bool path_of_name(struct wv_call *call, const struct linux_saved *saved,
			 struct wv_text *text)
{
	return linux_read_name(call, saved->folder, saved->subject, text);
}

const struct linux_subject linux_name = { NULL, path_of_name, false };

static bool path_of_filename(struct wv_call *call, const struct linux_saved *saved,
			     struct wv_text *text)
{
	uint64_t name;

	return wv_call_read_u64(call, saved->subject, FILENAME_NAME, &name) &&
	       linux_read_name(call, saved->folder, name, text);
}

const struct linux_subject linux_filename = { NULL, path_of_filename, false };
