/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filedelete on Linux: names of files are removed.
 *
 * When vfs_unlink() and vfs_rename() return, whoever called them still holds the inode or its
 * directory entry, so that all of it is there to be read; where nobody does, the inode ends inside
 * of them. A stacked file system calls them again for the layer below: that is no deletion of its
 * own, but overlayfs has the pages there.
 */
#include "plugins/filedelete/linux.h"

/** include/uapi/linux/fs.h */
#define RENAME_EXCHANGE (1u << 1)

/** What the removal of a name keeps until it returns. */
struct removal {
	uint64_t dentry, inode;
	uint64_t real; /* its inode in the layer below */
	bool told;
};

/** The two ways to remove a name. */
static const struct way {
	enum filedelete_linux_trap trap;
	enum filedelete_event type;
	enum filedelete_reason reason;
} by_unlink = { TRAP_UNLINK, FILEDELETE_LINUX_UNLINK, FILEDELETE_REASON_UNLINK },
  by_rename = { TRAP_RENAME, FILEDELETE_LINUX_RENAME, FILEDELETE_REASON_RENAME };

/** The removal that this thread is inside of, or NULL. */
static struct removal *find_outer(struct wv_call *call, const struct way **way)
{
	struct removal *removal = wv_call_outer(call, by_unlink.trap);

	*way = &by_unlink;
	if (removal)
		return removal;
	*way = &by_rename;
	return wv_call_outer(call, by_rename.trap);
}

static bool read_inode(struct wv_call *call, uint64_t address, struct wv_linux_inode *inode)
{
	return wv_linux_inode(wv_call_guest(call), wv_call_space(call), address, inode);
}

static uint64_t inode_of(struct wv_call *call, uint64_t dentry)
{
	return wv_linux_dentry_inode(wv_call_guest(call), wv_call_space(call), dentry);
}

/* What was told already -------------------------------------------------------------------------*/

/** An inode by its identity: another one may be at its address later. */
static uint64_t identity(struct wv_call *call, const struct wv_linux_inode *inode)
{
	uint32_t generation = 0;

	wv_call_read_u32(call, inode->address, INODE_GENERATION, &generation);
	return filedelete_key_mix(inode->address ^
				  filedelete_key_mix(inode->number ^ (uint64_t)generation << 32)) |
	       1;
}

static void remember(struct wv_call *call, const struct wv_linux_inode *inode)
{
	struct filedelete_linux *data = wv_call_guest_data(call);

	filedelete_key_put(&data->told, identity(call, inode));
}

bool filedelete_linux_was_told(struct wv_call *call, const struct wv_linux_inode *inode)
{
	struct filedelete_linux *data = wv_call_guest_data(call);
	bool lost;

	/* what was lost is told twice */
	return filedelete_key_take(&data->told, identity(call, inode), &lost);
}

/**
 * Whether no struct file leads to an inode any more, so that nobody can change it: of its directory
 * entries (struct hlist_head) none is left, or one that a single user has.
 *
 * @remover: the entry that the user who removes it has; 0: it is the inode above that has one.
 */
static bool is_nobodys(struct wv_call *call, uint64_t inode, uint64_t remover)
{
	const struct wv_place *alias = wv_call_place(call, DENTRY_ALIAS);
	uint64_t first, next;

	if (!wv_call_read_u64(call, inode, INODE_DENTRIES, &first))
		return false;
	if (!first)
		return true;
	if (!alias->found || !wv_space_read_u64(wv_call_space(call), first, &next) || next)
		return false;
	first -= alias->value;
	return (!remover || first == remover) &&
	       wv_linux_dentry_count(wv_call_guest(call), wv_call_space(call), first) == 1;
}

/* The calls -------------------------------------------------------------------------------------*/

/** A file's name is about to be removed. */
static enum wv_verdict begin(struct wv_call *call, uint64_t dentry)
{
	struct removal *removal = wv_call_saved(call), *outer;
	const struct way *way;
	struct wv_linux_inode inode;

	if (!read_inode(call, inode_of(call, dentry), &inode) ||
	    (inode.mode & WV_LINUX_S_IFMT) != WV_LINUX_S_IFREG)
		return WV_DONE;
	outer = find_outer(call, &way);
	if (outer) {
		outer->real = inode.address;
		return WV_DONE;
	}
	removal->dentry = dentry;
	removal->inode = inode.address;
	return WV_AWAIT_RETURN;
}

static void tell(struct wv_call *call, const struct way *way, const struct removal *removal,
		 const struct wv_linux_inode *inode, bool has_content)
{
	const struct filedelete_linux_file file = {
		.type = way->type,
		.reason = way->reason,
		.dentry = removal->dentry,
		.inode = inode,
		.has_content = has_content,
	};

	filedelete_linux_tell(call, &file);
}

/** The removal has returned. */
static void end(struct wv_call *call, const struct way *way)
{
	const struct removal *removal = wv_call_saved(call);
	struct wv_linux_inode inode, real;

	if ((int32_t)wv_call_result(call) != 0 || removal->told ||
	    !read_inode(call, removal->inode, &inode))
		return;

	bool is_stacked = removal->real && read_inode(call, removal->real, &real);
	bool is_overlay = inode.magic == WV_LINUX_MAGIC_OVERLAY;

	tell(call, way, removal, is_stacked && is_overlay ? &real : &inode, !inode.links);
	if (inode.links || !is_nobodys(call, inode.address, removal->dentry))
		return;
	remember(call, &inode);
	if (is_stacked && is_nobodys(call, real.address, 0))
		remember(call, &real);
}

bool filedelete_linux_tell_removed(struct wv_call *call, const struct wv_linux_inode *inode)
{
	const struct way *way;
	struct removal *removal = find_outer(call, &way);

	if (!removal || (inode->address != removal->inode && inode->address != removal->real) ||
	    !wv_call_act_for(call, way->trap))
		return false;
	removal->told = true;
	tell(call, way, removal, inode, true);
	return true;
}

/* (user namespace or mount's idmap since 5.12), struct inode *dir, struct dentry *dentry, ... */
enum wv_verdict filedelete_linux_unlink_entry(struct wv_call *call)
{
	const struct wv_place *known = wv_call_place(call, UNLINK_DENTRY);
	unsigned index = known->found				  ? (unsigned)known->value
			 : wv_rename_has_maps(call, RENAME_FIRST) ? 2
								  : 1;

	return begin(call, wv_call_argument(call, index));
}

enum wv_verdict filedelete_linux_rename_entry(struct wv_call *call)
{
	struct wv_rename rename;

	if (!wv_rename_read(call, RENAME_FIRST, &rename))
		return WV_DONE;
	/* two names of one file stay as they are */
	if (rename.flags & RENAME_EXCHANGE ||
	    inode_of(call, rename.old_entry) == inode_of(call, rename.new_entry))
		return WV_DONE;
	return begin(call, rename.new_entry);
}

void filedelete_linux_unlink_return(struct wv_call *call)
{
	end(call, &by_unlink);
}

void filedelete_linux_rename_return(struct wv_call *call)
{
	end(call, &by_rename);
}
