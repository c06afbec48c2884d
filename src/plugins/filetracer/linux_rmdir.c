/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filetracer on Linux: folders are removed.
 *
 * Some compilers put vfs_rmdir() into its one caller of weight, do_rmdir(): Debian's of 5.10. So
 * that one is trapped as well. Which folder it is, is known when it asks security_path_rmdir(),
 * right before; unless vfs_rmdir() is called for the same one then, do_rmdir() is told in its
 * place.
 */
#include "plugins/filetracer/linux.h"

enum { RMDIR_RESULT = FIELD_OWN };

static const struct wv_field rmdir_fields[] = {
	LINUX_COMMON("The path of the folder."),
	[RMDIR_RESULT] = LINUX_SUCCESS,
};

/** int vfs_rmdir(..., struct inode *dir, struct dentry *) */
static bool find_rmdir(struct wv_call *call, struct linux_saved *saved)
{
	struct linux_saved *outer = wv_call_outer(call, LINUX_TRAP_DO_RMDIR);

	saved->subject = linux_argument(call, RMDIR_ENTRY);
	if (!outer || !outer->subject)
		return true;
	if (outer->subject != saved->subject)
		return false; /* of a layer */
	outer->subject = 0;
	return true;
}

const struct linux_operation filetracer_linux_rmdir = {
	.type = LINUX_TYPE(rmdir_fields, "A folder is removed.", "vfs_rmdir"),
	.kind = &linux_entry,
	.find = find_rmdir,
	.not_inside = LINUX_ANY & ~(UINT64_C(1) << LINUX_TRAP_DO_RMDIR),
};

enum wv_verdict linux_enter_do_rmdir(struct wv_call *call)
{
	(void)call;
	return WV_AWAIT_RETURN;
}

/* int security_path_rmdir(const struct path *dir, struct dentry *) */
enum wv_verdict linux_enter_path_rmdir(struct wv_call *call)
{
	struct linux_saved *outer = wv_call_outer(call, LINUX_TRAP_DO_RMDIR);

	if (!outer)
		return WV_DONE;
	outer->kind = &linux_entry;
	outer->subject = wv_call_argument(call, 1);
	outer->mount = linux_mount_of_thread(call);
	linux_take_inode(call, outer);
	linux_keep_texts(call, outer, 1); /* when it returns it has let go of the entry */
	return WV_DONE;
}

void linux_leave_do_rmdir(struct wv_call *call)
{
	const struct linux_saved *saved = wv_call_saved(call);

	if (saved->subject)
		linux_tell(call, FILETRACER_LINUX_RMDIR, saved);
}
