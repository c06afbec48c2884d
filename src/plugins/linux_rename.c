/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What vfs_rename() of Linux is called with. */
#include "plugins/linux_rename.h"

bool wv_rename_read(struct wv_call *call, unsigned first, struct wv_rename *rename)
{
	uint64_t data = wv_call_argument(call, 0);

	if (wv_call_place(call, first + WV_RENAME_NEW_ENTRY)->found)
		return wv_call_read_u64(call, data, first + WV_RENAME_OLD_ENTRY,
					&rename->old_entry) &&
		       wv_call_read_u64(call, data, first + WV_RENAME_NEW_ENTRY,
					&rename->new_entry) &&
		       wv_call_read_u32(call, data, first + WV_RENAME_FLAGS, &rename->flags);
	/* before 5.12: (struct inode *, struct dentry *old, struct inode *, struct dentry *new,
	 * struct inode **, unsigned int flags) */
	rename->old_entry = wv_call_argument(call, 1);
	rename->new_entry = wv_call_argument(call, 3);
	rename->flags = (uint32_t)wv_call_argument(call, 5);
	return true;
}
