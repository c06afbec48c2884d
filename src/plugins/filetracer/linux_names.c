/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: names in folders are made, changed, removed and looked up. */
#include "plugins/filetracer/linux.h"

/* A new name ------------------------------------------------------------------------------------*/

enum { NEW_MODE = FIELD_OWN, NEW_PERMISSIONS, NEW_RESULT };

#define NEW_MODE_MEANING	"The type of what is made (S_IFREG)."
#define NEW_PERMISSIONS_MEANING "The permissions that are asked for, octal, less the umask."

static const struct wv_field new_fields[] = {
	LINUX_COMMON("The path of what is made."),
	[NEW_MODE] = { "new_mode", WV_KIND_NAME, linux_format_type, .meaning = NEW_MODE_MEANING },
	[NEW_PERMISSIONS] = { "new_permissions", WV_KIND_NAME, linux_format_permissions,
			      .meaning = NEW_PERMISSIONS_MEANING },
	[NEW_RESULT] = LINUX_SUCCESS,
};

const struct linux_operation filetracer_linux_create = {
	.type = LINUX_TYPE(new_fields, "A file is created without opening it, as mknod(2) does.",
			   "vfs_create"),
	.kind = &linux_entry,
	.subject = CREATE_ENTRY,
	.makes = WV_LINUX_S_IFREG,
	.not_inside = LINUX_ANY,
	.values = { { NEW_MODE, CREATE_MODE, .put = linux_put_type },
		    { NEW_PERMISSIONS, CREATE_MODE, .put = linux_put_permissions } },
};

const struct linux_operation filetracer_linux_mkdir = {
	.type = LINUX_TYPE(new_fields, "A folder is made.", "vfs_mkdir"),
	.kind = &linux_entry,
	.subject = MKDIR_ENTRY,
	.result = RESULT_ENTRY,
	.makes = WV_LINUX_S_IFDIR,
	.not_inside = LINUX_ANY,
	.values = { { NEW_MODE, MKDIR_MODE, .put = linux_put_type },
		    { NEW_PERMISSIONS, MKDIR_MODE, .put = linux_put_permissions } },
};

enum { MKNOD_DEV = FIELD_OWN, MKNOD_NEW_MODE, MKNOD_NEW_PERMISSIONS, MKNOD_RESULT };

static const struct wv_field mknod_fields[] = {
	LINUX_COMMON("The path of what is made."),
	[MKNOD_DEV] = { "dev", WV_KIND_NAME, linux_format_device,
			.meaning = "Major and minor number (8:1); 0:0 of what is no device." },
	[MKNOD_NEW_MODE] = { "new_mode", WV_KIND_NAME, linux_format_type,
			     .meaning = NEW_MODE_MEANING },
	[MKNOD_NEW_PERMISSIONS] = { "new_permissions", WV_KIND_NAME, linux_format_permissions,
				    .meaning = NEW_PERMISSIONS_MEANING },
	[MKNOD_RESULT] = LINUX_SUCCESS,
};

const struct linux_operation filetracer_linux_mknod = {
	.type = LINUX_TYPE(mknod_fields, "A device, a named pipe or a socket is made.",
			   "vfs_mknod"),
	.kind = &linux_entry,
	.subject = MKNOD_ENTRY,
	.not_inside = LINUX_ANY,
	.values = { { MKNOD_DEV, MKNOD_DEVICE, .put = linux_put_u32 },
		    { MKNOD_NEW_MODE, MKNOD_MODE, .put = linux_put_type },
		    { MKNOD_NEW_PERMISSIONS, MKNOD_MODE, .put = linux_put_permissions } },
};

enum { LINK_NAME = FIELD_OWN, LINK_RESULT };

static const struct wv_field link_fields[] = {
	LINUX_COMMON("The path that the file has already."),
	[LINK_NAME] = { "link_name", WV_KIND_STRING, .meaning = "The path that it gets as well." },
	[LINK_RESULT] = LINUX_SUCCESS,
};

/** int vfs_link(struct dentry *old_dentry, ..., struct dentry *new_dentry, ...) */
static bool find_link(struct wv_call *call, struct linux_saved *saved)
{
	saved->subject = wv_call_argument(call, 0);
	saved->other = linux_argument(call, LINK_NEW_ENTRY);
	return true;
}

const struct linux_operation filetracer_linux_link = {
	.type = LINUX_TYPE(link_fields, "A file gets another name.", "vfs_link"),
	.kind = &linux_entry,
	.find = find_link,
	.other = linux_other_entry,
	.other_field = LINK_NAME,
	.not_inside = LINUX_ANY,
};

enum { SYMLINK_OLDNAME = FIELD_OWN, SYMLINK_RESULT };

static const struct wv_field symlink_fields[] = {
	LINUX_COMMON("The path of the link."),
	[SYMLINK_OLDNAME] = { "oldname", WV_KIND_STRING, .meaning = "The text that it holds." },
	[SYMLINK_RESULT] = LINUX_SUCCESS,
};

const struct linux_operation filetracer_linux_symlink = {
	.type = LINUX_TYPE(symlink_fields, "A symbolic link is made.", "vfs_symlink"),
	.kind = &linux_entry,
	.subject = SYMLINK_ENTRY,
	.not_inside = LINUX_ANY,
	.values = { { SYMLINK_OLDNAME, SYMLINK_TEXT, .put = linux_put_string } },
};

/* A name goes -----------------------------------------------------------------------------------*/

enum { REMOVE_RESULT = FIELD_OWN };

static const struct wv_field remove_fields[] = {
	LINUX_COMMON("The path of what is removed."),
	[REMOVE_RESULT] = LINUX_SUCCESS,
};

const struct linux_operation filetracer_linux_unlink = {
	.type = LINUX_TYPE(remove_fields,
			   "A file's name is removed; with its last name and user the file.",
			   "vfs_unlink"),
	.kind = &linux_entry,
	.subject = UNLINK_ENTRY,
	.not_inside = LINUX_ANY,
};

/* A name changes --------------------------------------------------------------------------------*/

enum { RENAME_FLAGS_FIELD = FIELD_OWN, RENAME_OLD_NAME, RENAME_RESULT };

static const struct wv_field rename_fields[] = {
	LINUX_COMMON("The new path."),
	[RENAME_FLAGS_FIELD] = { "flags", WV_KIND_FLAGS, linux_format_rename_flags,
				 .optional = true,
				 .meaning = "How it is renamed (RENAME_EXCHANGE), if not simply." },
	[RENAME_OLD_NAME] = { "old_name", WV_KIND_STRING, .meaning = "The path until now." },
	[RENAME_RESULT] = LINUX_SUCCESS,
};

static uint64_t inode_of_renamed(struct wv_call *call, const struct linux_saved *saved)
{
	return wv_linux_dentry_inode(wv_call_guest(call), wv_call_space(call), saved->other);
}

static bool path_of_renamed(struct wv_call *call, const struct linux_saved *saved,
			    struct wv_text *text)
{
	return linux_read_entry(call, saved->subject, saved->mount, text);
}

/** The new entry; the file that it is to be of is the old one's. */
static const struct linux_subject renamed = { inode_of_renamed, path_of_renamed, false };

static bool find_rename(struct wv_call *call, struct linux_saved *saved)
{
	struct wv_rename rename;

	if (!wv_rename_read(call, RENAME_FIRST, &rename))
		return false;
	saved->subject = rename.new_entry;
	saved->other = rename.old_entry;
	saved->values[0] = rename.flags;
	return true;
}

/* d_move() gives the old entry the new one's name */
const struct linux_operation filetracer_linux_rename = {
	.type = LINUX_TYPE(rename_fields, "A file or folder gets another path.", "vfs_rename"),
	.kind = &renamed,
	.find = find_rename,
	.keeps = true,
	.other = linux_other_entry,
	.other_field = RENAME_OLD_NAME,
	.not_inside = LINUX_ANY,
	.values = { { RENAME_FLAGS_FIELD, ARGUMENT_FOUND, .put = linux_put_any_u32 } },
};

/* Names are used --------------------------------------------------------------------------------*/

enum { READLINK_BUFLEN = FIELD_OWN, READLINK_RESULT };

static const struct wv_field readlink_fields[] = {
	LINUX_COMMON("The path of the link."),
	[READLINK_BUFLEN] = { "buflen", WV_KIND_NUMBER,
			      .meaning = "Bytes that there is room for." },
	[READLINK_RESULT] = LINUX_RESULT("Bytes of its text, or the name of the error."),
};

/* int vfs_readlink(struct dentry *, char *buffer, int buflen) */
const struct linux_operation filetracer_linux_readlink = {
	.type = LINUX_TYPE(readlink_fields, "A symbolic link is read.", "vfs_readlink"),
	.kind = &linux_entry,
	.not_inside = LINUX_ANY,
	.values = { { READLINK_BUFLEN, 2, .put = linux_put_i32 } },
};

enum { ACCESS_MODE = FIELD_OWN, ACCESS_RESULT };

static const struct wv_field access_fields[] = {
	LINUX_COMMON("The path, as the caller has put it."),
	[ACCESS_MODE] = { "mode", WV_KIND_FLAGS, linux_format_access_mode,
			  .meaning = "What it asks for (R_OK | W_OK); F_OK: that it is there." },
	[ACCESS_RESULT] = LINUX_SUCCESS,
};

/** long do_faccessat(int dfd, const char *filename, int mode, int flags) */
static bool find_access(struct wv_call *call, struct linux_saved *saved)
{
	saved->folder = (int32_t)wv_call_argument(call, 0);
	saved->subject = wv_call_argument(call, 1);
	return true;
}

const struct linux_operation filetracer_linux_access = {
	.type = LINUX_TYPE(access_fields,
			   "It is asked whether the process may do something with a file.",
			   "do_faccessat"),
	.kind = &linux_name,
	.find = find_access,
	.values = { { ACCESS_MODE, 2, .put = linux_put_u32 } },
};

static const struct wv_field folder_fields[] = {
	LINUX_COMMON("The folder's path."),
};

/* void set_fs_pwd(struct fs_struct *, const struct path *) */
#define FOLDER_PATH 1

const struct linux_operation filetracer_linux_chdir = {
	.type = LINUX_TYPE(folder_fields, "A process has another current folder.", "set_fs_pwd"),
	.kind = &linux_path,
	.subject = FOLDER_PATH,
	.result = RESULT_NONE,
};

const struct linux_operation filetracer_linux_chroot = {
	.type = LINUX_TYPE(folder_fields, "A process has another root folder.", "set_fs_root"),
	.kind = &linux_path,
	.subject = FOLDER_PATH,
	.result = RESULT_NONE,
};
