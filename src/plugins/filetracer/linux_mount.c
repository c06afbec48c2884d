/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: file systems are mounted, moved and unmounted. */
#include "plugins/filetracer/linux.h"

enum { MOUNT_DEVICE = FIELD_OWN, MOUNT_FILESYSTEM, MOUNT_FLAGS, MOUNT_RESULT };

static const struct wv_field mount_fields[] = {
	LINUX_COMMON("Where it is mounted."),
	[MOUNT_DEVICE] = { "device", WV_KIND_STRING, .optional = true,
			   .meaning = "What is mounted, as the caller has put it." },
	[MOUNT_FILESYSTEM] = { "filesystem", WV_KIND_STRING, .optional = true,
			       .meaning = "The kind of file system (ext4)." },
	[MOUNT_FLAGS] = { "flags", WV_KIND_FLAGS, linux_format_mount_flags,
			  .meaning = "How it is mounted (MS_RDONLY | MS_BIND)." },
	[MOUNT_RESULT] = LINUX_SUCCESS,
};

/* int path_mount(const char *dev_name, struct path *, const char *type_page, unsigned long flags,
 * void *data_page) */
const struct linux_operation filetracer_linux_mount = {
	.type = LINUX_TYPE(mount_fields,
			   "mount(2): a file system is mounted, or a mount is changed.",
			   "path_mount"),
	.kind = &linux_path,
	.subject = 1,
	.not_inside = LINUX_ANY,
	.values = { { MOUNT_DEVICE, 0, .put = linux_put_string },
		    { MOUNT_FILESYSTEM, 2, .put = linux_put_string },
		    { MOUNT_FLAGS, 3, .put = linux_put_u64 } },
};

enum { MOVE_OLD_NAME = FIELD_OWN, MOVE_RESULT };

static const struct wv_field move_fields[] = {
	LINUX_COMMON("Where it is mounted from now on."),
	[MOVE_OLD_NAME] = { "old_name", WV_KIND_STRING,
			    .meaning = "Where it was until now; / if it was nowhere." },
	[MOVE_RESULT] = LINUX_SUCCESS,
};

/** int do_move_mount(struct path *old_path, struct path *new_path) */
static bool find_move(struct wv_call *call, struct linux_saved *saved)
{
	saved->other = wv_call_argument(call, 0);
	saved->subject = wv_call_argument(call, 1);
	return true;
}

static bool other_path(struct wv_call *call, const struct linux_saved *saved, struct wv_text *text)
{
	return linux_read_path(call, saved->other, text);
}

const struct linux_operation filetracer_linux_move_mount = {
	.type = LINUX_TYPE(move_fields, "move_mount(2): a mount is moved, or gets its first place.",
			   "do_move_mount"),
	.kind = &linux_path,
	.find = find_move,
	.keeps = true,
	.other = other_path,
	.other_field = MOVE_OLD_NAME,
	.not_inside = LINUX_ANY,
};

/** The index among the values of the descriptor that the old name is relative to. */
#define MOVE_OLD_FOLDER 0

/**
 * long __do_sys_move_mount(int from_dfd, const char *from_pathname, int to_dfd,
 * const char *to_pathname, unsigned int flags)
 */
static bool find_move_call(struct wv_call *call, struct linux_saved *saved)
{
	saved->values[MOVE_OLD_FOLDER] = wv_call_argument(call, 0);
	saved->other = wv_call_argument(call, 1);
	saved->folder = (int32_t)wv_call_argument(call, 2);
	saved->subject = wv_call_argument(call, 3);
	return true;
}

static bool other_name(struct wv_call *call, const struct linux_saved *saved, struct wv_text *text)
{
	return linux_read_name(call, (int32_t)saved->values[MOVE_OLD_FOLDER], saved->other, text);
}

const struct linux_operation filetracer_linux_move_mount_call = {
	.type = LINUX_TYPE(move_fields, "The same in newer kernels.", "__do_sys_move_mount"),
	.kind = &linux_name,
	.find = find_move_call,
	.keeps = true,
	.other = other_name,
	.other_field = MOVE_OLD_NAME,
};

enum { UMOUNT_FLAGS = FIELD_OWN, UMOUNT_RESULT };

static const struct wv_field umount_fields[] = {
	LINUX_COMMON("Where it was mounted."),
	[UMOUNT_FLAGS] = { "flags", WV_KIND_FLAGS, linux_format_umount_flags, .optional = true,
			   .meaning = "How it is unmounted (MNT_DETACH)." },
	[UMOUNT_RESULT] = LINUX_SUCCESS,
};

/* int path_umount(struct path *, int flags) */
const struct linux_operation filetracer_linux_umount = {
	.type = LINUX_TYPE(umount_fields, "A file system is unmounted.", "path_umount"),
	.kind = &linux_path,
	.keeps = true,
	.not_inside = LINUX_ANY,
	.values = { { UMOUNT_FLAGS, 1, .put = linux_put_any_u32 } },
};
