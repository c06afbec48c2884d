/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: the tables of what is trapped and read. */
#include "plugins/filetracer/linux.h"

/* Traps -----------------------------------------------------------------------------------------*/

#define ENTRY(cost_, on_entry_, ...)                                                               \
	{                                                                                          \
		.functions = { __VA_ARGS__ }, .cost = (cost_), .ttl = true,                        \
		.on_entry = (on_entry_),                                                           \
	}

#define CALL(cost_)                                                                                \
	.cost = (cost_), .ttl = true, .on_entry = linux_enter, .on_return = linux_leave,           \
	.saved_size = sizeof(struct linux_saved)

#define TRAP(cost_, ...)                                                                           \
	{                                                                                          \
		.functions = { __VA_ARGS__ }, CALL(cost_)                                          \
	}

/** Of a function that not every kernel has, and that is not missed where it is not there. */
#define TRAP_IF_ANY(cost_, function_)                                                              \
	{                                                                                          \
		.functions = { function_ }, .with = (function_), CALL(cost_)                       \
	}

static const struct wv_trap_def traps[LINUX_TRAP_COUNT] = {
	/* fs/namei.c, fs/open.c, fs/read_write.c, mm/util.c, mm/memfd.c */
	[FILETRACER_LINUX_OPEN] = TRAP("opens", "do_filp_open", "do_file_open"),
	[FILETRACER_LINUX_OPEN_ROOT] = TRAP("opens by handles", "do_file_open_root"),
	[FILETRACER_LINUX_CLOSE] = TRAP("closes", "filp_close"),
	[FILETRACER_LINUX_FLUSH] = TRAP_IF_ANY("closes", "filp_flush"),
	[FILETRACER_LINUX_READ] = TRAP("reads", "vfs_read"),
	[FILETRACER_LINUX_WRITE] = TRAP("writes", "vfs_write"),
	[FILETRACER_LINUX_READV] = TRAP("reads into several buffers", "vfs_readv"),
	[FILETRACER_LINUX_WRITEV] = TRAP("writes from several buffers", "vfs_writev"),
	[FILETRACER_LINUX_AREA] = ENTRY("reads and writes of io_uring, aio, sendfile, splice",
					linux_enter_area, "rw_verify_area"),
	[FILETRACER_LINUX_SEEK] = TRAP("positions", "vfs_llseek"),
	[FILETRACER_LINUX_SEEK_CALL] = TRAP_IF_ANY("positions", "ksys_lseek"),
	[FILETRACER_LINUX_MMAP] = TRAP("mappings", "vm_mmap_pgoff"),
	[FILETRACER_LINUX_TRUNCATE] = TRAP("lengths", "do_truncate"),
	[FILETRACER_LINUX_FALLOCATE] = TRAP("fallocate", "vfs_fallocate"),
	[FILETRACER_LINUX_MEMFD] = TRAP("memfd_create", "__do_sys_memfd_create"),
	/* fs/namei.c, fs/open.c, fs/fs_struct.c */
	[FILETRACER_LINUX_CREATE] = TRAP("files made by mknod", "vfs_create"),
	[FILETRACER_LINUX_MKNOD] = TRAP("devices that are made", "vfs_mknod"),
	[FILETRACER_LINUX_MKDIR] = TRAP("folders that are made", "vfs_mkdir"),
	[FILETRACER_LINUX_RMDIR] = TRAP("folders that are removed", "vfs_rmdir"),
	[FILETRACER_LINUX_UNLINK] = TRAP("files that are removed", "vfs_unlink"),
	[FILETRACER_LINUX_RENAME] = TRAP("renames", "vfs_rename"),
	[FILETRACER_LINUX_LINK] = TRAP("links", "vfs_link"),
	[FILETRACER_LINUX_SYMLINK] = TRAP("symbolic links", "vfs_symlink"),
	[FILETRACER_LINUX_READLINK] = TRAP("symbolic links that are read", "vfs_readlink"),
	[FILETRACER_LINUX_ACCESS] = TRAP("access checks", "do_faccessat"),
	[FILETRACER_LINUX_CHDIR] = ENTRY("current folders", linux_enter_only, "set_fs_pwd"),
	[FILETRACER_LINUX_CHROOT] = ENTRY("root folders", linux_enter_only, "set_fs_root"),
	/* fs/open.c, fs/utimes.c, fs/xattr.c, fs/posix_acl.c */
	[FILETRACER_LINUX_CHMOD] = TRAP("permissions that change", "chmod_common"),
	[FILETRACER_LINUX_CHOWN] = TRAP("owners that change", "chown_common"),
	[FILETRACER_LINUX_UTIMES] = TRAP("times that change", "vfs_utimes"),
	[FILETRACER_LINUX_SETXATTR] = TRAP("extended attributes", "vfs_setxattr"),
	[FILETRACER_LINUX_REMOVEXATTR] = TRAP("extended attributes", "vfs_removexattr"),
	[FILETRACER_LINUX_SET_ACL] = TRAP_IF_ANY("access control lists", "vfs_set_acl"),
	[FILETRACER_LINUX_REMOVE_ACL] = TRAP_IF_ANY("access control lists", "vfs_remove_acl"),
	/* fs/namespace.c */
	[FILETRACER_LINUX_MOUNT] = TRAP("mounts", "path_mount"),
	[FILETRACER_LINUX_MOVE_MOUNT] = { .functions = { "do_move_mount" },
					  .without = "__do_sys_move_mount",
					  CALL("mounts that move") },
	[FILETRACER_LINUX_MOVE_MOUNT_CALL] = TRAP_IF_ANY("mounts that move", "__do_sys_move_mount"),
	[FILETRACER_LINUX_UMOUNT] = TRAP("unmounts", "path_umount"),
	[LINUX_TRAP_WANT_WRITE] = { .functions = { "mnt_want_write" },
				    .cost = "which mount a path is of, where there are several",
				    .on_entry = linux_enter_want_write },
	/* fs/namei.c, security/security.c: of use only together. filename_rmdir() calls vfs_rmdir()
	 */
	[LINUX_TRAP_DO_RMDIR] = { .functions = { "do_rmdir" },
				  .with = "security_path_rmdir",
				  .without = "filename_rmdir",
				  .cost = "folders that are removed, where vfs_rmdir is inlined",
				  .on_entry = linux_enter_do_rmdir,
				  .on_return = linux_leave_do_rmdir,
				  .saved_size = sizeof(struct linux_saved) },
	[LINUX_TRAP_PATH_RMDIR] = { .functions = { "security_path_rmdir" },
				    .with = "security_path_rmdir",
				    .without = "filename_rmdir",
				    .cost = "folders that are removed, where vfs_rmdir is inlined",
				    .on_entry = linux_enter_path_rmdir },
};

/* Wants -----------------------------------------------------------------------------------------*/

#define ARGUMENT(argument_) [(argument_)-ARGUMENT_MOVED]

static const struct wv_want wants[LINUX_WANT_COUNT] = {
	/* the names of functions' parameters */
	ARGUMENT(CREATE_ENTRY) = WV_MEMBER_IF_ANY("vfs_create()", "dentry"),
	ARGUMENT(CREATE_MODE) = WV_MEMBER_IF_ANY("vfs_create()", "mode"),
	ARGUMENT(MKNOD_ENTRY) = WV_MEMBER_IF_ANY("vfs_mknod()", "dentry"),
	ARGUMENT(MKNOD_MODE) = WV_MEMBER_IF_ANY("vfs_mknod()", "mode"),
	ARGUMENT(MKNOD_DEVICE) = WV_MEMBER_IF_ANY("vfs_mknod()", "dev"),
	ARGUMENT(MKDIR_ENTRY) = WV_MEMBER_IF_ANY("vfs_mkdir()", "dentry"),
	ARGUMENT(MKDIR_MODE) = WV_MEMBER_IF_ANY("vfs_mkdir()", "mode"),
	ARGUMENT(RMDIR_ENTRY) = WV_MEMBER_IF_ANY("vfs_rmdir()", "dentry"),
	ARGUMENT(UNLINK_ENTRY) = WV_MEMBER_IF_ANY("vfs_unlink()", "dentry"),
	ARGUMENT(LINK_NEW_ENTRY) = WV_MEMBER_IF_ANY("vfs_link()", "new_dentry"),
	ARGUMENT(SYMLINK_ENTRY) = WV_MEMBER_IF_ANY("vfs_symlink()", "dentry"),
	ARGUMENT(SYMLINK_TEXT) = WV_MEMBER_IF_ANY("vfs_symlink()", "oldname"),
	ARGUMENT(TRUNCATE_ENTRY) = WV_MEMBER_IF_ANY("do_truncate()", "dentry"),
	ARGUMENT(TRUNCATE_LENGTH) = WV_MEMBER_IF_ANY("do_truncate()", "length"),
	ARGUMENT(TRUNCATE_FILE) = WV_MEMBER_IF_ANY("do_truncate()", "filp"),
	ARGUMENT(SETXATTR_ENTRY) = WV_MEMBER_IF_ANY("vfs_setxattr()", "dentry"),
	ARGUMENT(SETXATTR_NAME) = WV_MEMBER_IF_ANY("vfs_setxattr()", "name"),
	ARGUMENT(SETXATTR_VALUE) = WV_MEMBER_IF_ANY("vfs_setxattr()", "value"),
	ARGUMENT(SETXATTR_SIZE) = WV_MEMBER_IF_ANY("vfs_setxattr()", "size"),
	ARGUMENT(SETXATTR_FLAGS) = WV_MEMBER_IF_ANY("vfs_setxattr()", "flags"),
	ARGUMENT(REMOVEXATTR_ENTRY) = WV_MEMBER_IF_ANY("vfs_removexattr()", "dentry"),
	ARGUMENT(REMOVEXATTR_NAME) = WV_MEMBER_IF_ANY("vfs_removexattr()", "name"),
	ARGUMENT(SET_ACL_ENTRY) = WV_MEMBER_IF_ANY("vfs_set_acl()", "dentry"),
	ARGUMENT(SET_ACL_NAME) = WV_MEMBER_IF_ANY("vfs_set_acl()", "acl_name"),
	ARGUMENT(REMOVE_ACL_ENTRY) = WV_MEMBER_IF_ANY("vfs_remove_acl()", "dentry"),
	ARGUMENT(REMOVE_ACL_NAME) = WV_MEMBER_IF_ANY("vfs_remove_acl()", "acl_name"),
	/* include/linux/fs.h, path.h, fs/internal.h */
	[FILE_FLAGS] = WV_MEMBER("file", "f_flags", "Flag"),
	[FILE_MODE] = WV_MEMBER_IF_ANY("file", "f_mode"),
	[FILENAME_NAME] = WV_MEMBER("filename", "name", "FileName of opens that fail"),
	[PATH_ENTRY] = WV_MEMBER("path", "dentry", "Permissions of some events"),
	[OPEN_FLAG] = WV_MEMBER_IF_ANY("open_flags", "open_flag"), /* else: those of the file */
	/* fs/namei.c: before 5.13 */
	[OPEN_ROOT_ENTRY] = WV_MEMBER_IF_ANY("do_file_open_root()", "dentry"),
	WV_RENAME_ROWS(RENAME_FIRST),
};

/**
 * Where the arguments were before mounts had maps of ids (5.12); since then they come one later:
 * for kernels that do not tell.
 */
static const uint8_t arguments_before_maps[ARGUMENT_COUNT] = {
	[CREATE_ENTRY] = 1,	 [CREATE_MODE] = 2,	 [MKNOD_ENTRY] = 1,   [MKNOD_MODE] = 2,
	[MKNOD_DEVICE] = 3,	 [MKDIR_ENTRY] = 1,	 [MKDIR_MODE] = 2,    [RMDIR_ENTRY] = 1,
	[UNLINK_ENTRY] = 1,	 [LINK_NEW_ENTRY] = 2,	 [SYMLINK_ENTRY] = 1, [SYMLINK_TEXT] = 2,
	[TRUNCATE_ENTRY] = 0,	 [TRUNCATE_LENGTH] = 1,	 [TRUNCATE_FILE] = 3, [SETXATTR_ENTRY] = 0,
	[SETXATTR_NAME] = 1,	 [SETXATTR_VALUE] = 2,	 [SETXATTR_SIZE] = 3, [SETXATTR_FLAGS] = 4,
	[REMOVEXATTR_ENTRY] = 0, [REMOVEXATTR_NAME] = 1, [SET_ACL_ENTRY] = 0, [SET_ACL_NAME] = 1,
	[REMOVE_ACL_ENTRY] = 0,	 [REMOVE_ACL_NAME] = 1,
};

/* What is made of them --------------------------------------------------------------------------*/

/** Calls whose paths are kept at once: they are short. */
#define KEPT_CALLS 64u

static void find_arguments(struct wv_call *call, uint8_t arguments[ARGUMENT_COUNT])
{
	bool maps = wv_rename_has_maps(call, RENAME_FIRST);

	for (unsigned i = 0; i < ARGUMENT_MOVED; i++)
		arguments[i] = (uint8_t)i;
	for (unsigned i = ARGUMENT_MOVED; i < ARGUMENT_COUNT; i++) {
		const struct wv_place *place = wv_call_place(call, i - ARGUMENT_MOVED);

		arguments[i] = place->found ? (uint8_t)place->value
					    : (uint8_t)(arguments_before_maps[i] + maps);
	}
}

static bool prepare(struct wv_call *call, void **data, GError **error)
{
	struct linux_data *own = g_new0(struct linux_data, 1);

	(void)error;
	find_arguments(call, own->arguments);
	own->texts = wv_kept_texts_new(KEPT_CALLS, LINUX_TEXTS, WV_LINUX_PATH_MAX);
	own->mounts = linux_mounts_new();
	*data = own;
	return true;
}

static void unprepare(void *data)
{
	struct linux_data *own = data;

	g_free(own->texts);
	g_free(own->mounts);
	g_free(own);
}

const struct wv_plugin_guest filetracer_on_linux = {
	.os = WV_OS_LINUX,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
	.wants = wants,
	.n_wants = G_N_ELEMENTS(wants),
	.prepare = prepare,
	.unprepare = unprepare,
};
