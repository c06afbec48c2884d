/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedelete on Linux: the events, and the tables of what is trapped and read. */
#include "plugins/filedelete/linux.h"

#include "plugins/open_flags.h"

static const struct wv_field fields[FILEDELETE_FIELD_COUNT] = FILEDELETE_FIELDS(
	wv_format_open_flags,
	"The flags that it is open with (file.f_flags), where it is the last close.",
	"What happens to it: Unlink, Rename (another file takes its name), Close (it has no name any "
	"more, and nobody has it open any more) or Write (it was written, and is closed).");

#define EVENT_TYPE(function_, meaning_)                                                            \
	{                                                                                          \
		.plugin = "filedelete", .methods = { function_ }, .os = WV_OS_LINUX,               \
		.fields = fields, .n_fields = G_N_ELEMENTS(fields), .meaning = meaning_,           \
	}

const struct wv_event_type filedelete_linux_unlink = EVENT_TYPE(
	"vfs_unlink", "A file's name was removed; its content, if it was the last name.");
const struct wv_event_type filedelete_linux_rename = EVENT_TYPE(
	"vfs_rename", "Another file took a file's name; its content, if it was the last name.");
const struct wv_event_type filedelete_linux_evict =
	EVENT_TYPE("evict", "A file without a name ends: unlinked before, of O_TMPFILE, a memfd.");
const struct wv_event_type filedelete_linux_fput =
	EVENT_TYPE("__fput", "A file that was written is closed; only with --dump-written.");

static const struct wv_trap_def traps[FILEDELETE_LINUX_TRAP_COUNT] = {
	/* fs/namei.c */
	[TRAP_UNLINK] = { .functions = { "vfs_unlink" },
			  .cost = "paths of files that are unlinked",
			  .on_entry = filedelete_linux_unlink_entry,
			  .on_return = filedelete_linux_unlink_return },
	[TRAP_RENAME] = { .functions = { "vfs_rename" },
			  .cost = "paths of files that are renamed over",
			  .on_entry = filedelete_linux_rename_entry,
			  .on_return = filedelete_linux_rename_return },
	/* fs/file_table.c */
	[TRAP_FPUT] = { .functions = { "__fput" },
			.cost = "paths of deleted files that were open, and --dump-written",
			.on_entry = filedelete_linux_fput_entry,
			.on_return = filedelete_linux_fput_return },
	/* fs/inode.c */
	[TRAP_EVICT] = { .functions = { "evict" },
			 .cost = "files that are open when they are unlinked, O_TMPFILE, memfds",
			 .on_entry = filedelete_linux_evict_entry },
	/* security/security.c, or without CONFIG_SECURITY fs/read_write.c, mm/util.c */
	[TRAP_WRITE] = { .functions = { "security_file_permission", "rw_verify_area" },
			 .cost = "files that are written (--dump-written)",
			 .on_entry = filedelete_linux_write_entry,
			 .wanted = filedelete_wants_written },
	[TRAP_MAP] = { .functions = { "security_mmap_file", "vm_mmap_pgoff" },
		       .cost = "files that are written by mapping them (--dump-written)",
		       .on_entry = filedelete_linux_map_entry,
		       .wanted = filedelete_wants_written },
};

static const struct wv_want wants[FILEDELETE_LINUX_WANT_COUNT] = {
	/* include/linux/fs.h */
	[INODE_LINKS] = WV_MEMBER("inode", "i_nlink", NULL),
	[INODE_MODE] = WV_MEMBER("inode", "i_mode", "files that are written (--dump-written)"),
	[INODE_DENTRIES] = WV_MEMBER("inode", "i_dentry", "deleted files are told twice"),
	[INODE_GENERATION] = WV_MEMBER_IF_ANY("inode", "i_generation"),
	[FILE_MODE] = WV_MEMBER("file", "f_mode", "files that are written (--dump-written)"),
	[FILE_FLAGS] = WV_MEMBER("file", "f_flags", "Flags"),
	[FILE_PATH] = WV_MEMBER("file", "f_path", "FileName of files that are closed"),
	[PATH_DENTRY] = WV_MEMBER("path", "dentry", "shared memory is told as files"),
	[DENTRY_PARENT] = WV_MEMBER("dentry", "d_parent", "shared memory is told as files"),
	[DENTRY_ALIAS] = WV_MEMBER("dentry", "d_u.d_alias|d_alias", "deleted files are told twice"),
	[DENTRY_NAME] = WV_MEMBER("dentry", "d_name.name", "memfds"),
	[DENTRY_SB] = WV_MEMBER_IF_ANY("dentry", "d_sb"),
	[SB_MAGIC] = WV_MEMBER_IF_ANY("super_block", "s_magic"),
	/* fs/file_table.c; before 6.8 the other path of a file is not the one that its user knows
	 */
	[BACKING_PATH] = WV_MEMBER_IF_ANY("backing_file", "user_path"),
	/* a parameter's index */
	[UNLINK_DENTRY] = WV_MEMBER_IF_ANY("vfs_unlink()", "dentry"),
	WV_RENAME_ROWS(RENAME_FIRST),
};

static bool prepare(struct wv_call *call, void **data, GError **error)
{
	(void)call, (void)error;
	*data = g_new0(struct filedelete_linux, 1);
	return true;
}

const struct wv_plugin_guest filedelete_on_linux = {
	.os = WV_OS_LINUX,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
	.wants = wants,
	.n_wants = G_N_ELEMENTS(wants),
	.prepare = prepare,
	.unprepare = g_free,
};
