/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts: through which one a task sees a directory entry (fs/mount.h and namespace.c). */
#include "guest/linux/internal.h"

/** Mounts of one file system that are looked at: containers have thousands. */
#define MOUNTS_MAX 4096

/** A directory entry, and once they are needed, those above it, up to its file system's root. */
struct ancestry {
	uint64_t top; /* super_block.s_root: all of the file system is below it */
	uint64_t dentry;
	unsigned count; /* 0: not needed yet */
	uint64_t entries[LINUX_PARTS_MAX];
};

/** The height of the file system's root above any entry. */
#define HEIGHT_TOP (LINUX_PARTS_MAX + 1u)

static void find_ancestry(const struct wv_linux *kernel, const struct wv_space *space,
			  struct ancestry *ancestry)
{
	uint64_t dentry = ancestry->dentry, parent = 0;

	while (ancestry->count < LINUX_PARTS_MAX) {
		ancestry->entries[ancestry->count++] = dentry;
		if (!linux_read_u64(kernel, space, dentry, DENTRY_PARENT, &parent) ||
		    parent == dentry)
			break;
		dentry = parent;
	}
}

/** How high above the entry a struct mount has its root, from 1; 0: not above it. */
static unsigned find_root(const struct wv_linux *kernel, const struct wv_space *space,
			  uint64_t mount, struct ancestry *ancestry)
{
	uint64_t root;
	unsigned height;

	if (!linux_read_u64(kernel, space, mount + kernel->places[MOUNT_MNT].value, VFSMOUNT_ROOT,
			    &root))
		return 0;
	if (root && root == ancestry->top)
		return HEIGHT_TOP;
	if (!ancestry->count)
		find_ancestry(kernel, space, ancestry);
	for (height = ancestry->count; height; height--)
		if (ancestry->entries[height - 1] == root)
			break;
	return height;
}

/** How a super block's mounts are linked. */
struct chain {
	uint64_t link;	/* of a mount to the next one */
	uint64_t shift; /* what links point to, from the mount's start */
	uint64_t end;	/* what the last one points to */
};

static bool find_chain(const struct wv_linux *kernel, uint64_t sb, struct chain *chain)
{
	const struct wv_place *mounts = &kernel->places[SB_MOUNTS];
	const struct wv_place *list = &kernel->places[MOUNT_INSTANCE];
	const struct wv_place *next = &kernel->places[MOUNT_NEXT_FOR_SB];

	if (next->found)
		*chain = (struct chain){ .link = next->value };
	else
		*chain = (struct chain){ list->value, list->value, sb + mounts->value };
	return mounts->found && (next->found || list->found);
}

/** A mount that has the entry below its root. */
struct candidate {
	uint64_t mount;
	bool seen; /* by the task: it is in its namespace */
	unsigned height;
};

static bool is_better(const struct candidate *one, const struct candidate *other)
{
	return one->seen != other->seen ? one->seen : one->height > other->height;
}

/**
 * The mount that has the entry below its root: of the namespace, else of any at all; and which has
 * the most of the file system. 0: there is none.
 */
static uint64_t search(const struct wv_linux *kernel, const struct wv_space *space, uint64_t sb,
		       uint64_t namespace, struct ancestry *ancestry)
{
	struct candidate best = { 0 };
	struct chain chain;
	uint64_t at, owner;

	if (!find_chain(kernel, sb, &chain) || !linux_read_u64(kernel, space, sb, SB_MOUNTS, &at))
		return 0;
	for (unsigned i = 0; i < MOUNTS_MAX && at != chain.end; i++) {
		struct candidate candidate = { .mount = at - chain.shift };

		if (!linux_read_u64(kernel, space, candidate.mount, MOUNT_NS, &owner) ||
		    !wv_space_read_u64(space, candidate.mount + chain.link, &at))
			break;
		if (!owner) /* it was unmounted */
			continue;
		candidate.seen = owner == namespace;
		candidate.height = find_root(kernel, space, candidate.mount, ancestry);
		if (candidate.height && is_better(&candidate, &best))
			best = candidate;
		if (best.seen && best.height >= ancestry->count)
			break;
	}
	return best.mount;
}

uint64_t wv_linux_entry_mount(const struct wv_linux *kernel, const struct wv_space *space,
			      uint64_t dentry, uint64_t preferred, uint64_t task)
{
	struct ancestry ancestry;
	uint64_t sb, of_preferred, proxy, namespace = 0;
	uint64_t mount = preferred - kernel->places[MOUNT_MNT].value;

	if (!kernel->places[MOUNT_MNT].found ||
	    !linux_read_u64(kernel, space, dentry, DENTRY_SB, &sb))
		return 0;
	ancestry.dentry = dentry;
	ancestry.count = 0;
	if (!linux_read_u64(kernel, space, sb, SB_ROOT, &ancestry.top))
		ancestry.top = 0;
	if (linux_read_u64(kernel, space, preferred, VFSMOUNT_SB, &of_preferred) &&
	    of_preferred == sb && find_root(kernel, space, mount, &ancestry))
		return mount;
	if (linux_read_u64(kernel, space, task, TASK_NSPROXY, &proxy))
		linux_read_u64(kernel, space, proxy, NSPROXY_MNT_NS, &namespace);
	return search(kernel, space, sb, namespace, &ancestry);
}
