/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What vfs_rename() of Linux (fs/namei.c) is called with. */
#ifndef WV_PLUGINS_LINUX_RENAME_H
#define WV_PLUGINS_LINUX_RENAME_H

#include "monitor/plugin.h"

/** What is read of struct renamedata (include/linux/fs.h, since 5.12): wants that follow each other
 *  in a plugin's table, from one on that is called first. */
enum wv_rename_want {
	WV_RENAME_OLD_ENTRY,
	WV_RENAME_NEW_ENTRY,
	WV_RENAME_FLAGS,
	/** Since mounts have maps of ids, they are the first argument of its neighbours as well. */
	WV_RENAME_MAPS,
	WV_RENAME_WANTS
};

/** Rows of the table; one map or two, by one of three names. */
#define WV_RENAME_ROWS(first_)                                                                     \
	[(first_) +                                                                                \
		WV_RENAME_OLD_ENTRY] = WV_MEMBER_IF_ANY("renamedata", "old_dentry"),               \
		[(first_) + WV_RENAME_NEW_ENTRY] = WV_MEMBER_IF_ANY("renamedata", "new_dentry"),   \
		[(first_) + WV_RENAME_FLAGS] = WV_MEMBER_IF_ANY("renamedata", "flags"),            \
		[(first_) + WV_RENAME_MAPS] =                                                      \
			WV_MEMBER_IF_ANY("renamedata", "mnt_idmap|old_mnt_idmap|old_mnt_userns")

/** Whether mounts have maps of ids. */
static inline bool wv_rename_has_maps(const struct wv_call *call, unsigned first)
{
	return wv_call_place(call, first + WV_RENAME_MAPS)->found;
}

struct wv_rename {
	uint64_t old_entry, new_entry; /**< addresses of struct dentry */
	uint32_t flags;
};

/** Reads them, at the function's entry. False: they are not there. */
bool wv_rename_read(struct wv_call *call, unsigned first, struct wv_rename *rename);

#endif
