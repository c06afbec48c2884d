/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tiny Linux kernel's file systems, mounts and page cache. */
#include "tiny_linux_files.h"

#include <glib.h>
#include <string.h>

/* Trees -----------------------------------------------------------------------------------------*/

uint64_t tiny_file_system(struct tiny_linux *kernel, uint64_t magic)
{
	uint64_t sb = tiny_object(kernel, 0x60), mounts = sb + tiny_offset("super_block.s_mounts");

	tiny_put(kernel, sb, "super_block.s_magic", magic);
	if (!kernel->options.mount_chain)
		tiny_put(kernel, mounts, "list_head.next", mounts);
	return sb;
}

uint64_t tiny_entry(struct tiny_linux *kernel, uint64_t sb, uint64_t parent, const char *name)
{
	uint64_t entry = tiny_object(kernel, 0x60);
	uint64_t string = entry + tiny_offset("dentry.d_name");

	tiny_put(kernel, entry, "dentry.d_parent", parent ? parent : entry);
	tiny_put(kernel, entry, "dentry.d_sb", sb);
	tiny_put(kernel, string, "qstr.name", tiny_string(kernel, name));
	tiny_put(kernel, string, "qstr.len", strlen(name));
	if (!parent && sb && !tiny_get(kernel, sb, "super_block.s_root"))
		tiny_put(kernel, sb, "super_block.s_root", entry);
	return entry;
}

uint64_t tiny_entries(struct tiny_linux *kernel, uint64_t entry, const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, "/", 0);
	uint64_t sb = tiny_get(kernel, entry, "dentry.d_sb");

	for (char **part = parts; *part; part++)
		entry = tiny_entry(kernel, sb, entry, *part);
	return entry;
}

/** Puts a mount at the end of its file system's: a ring through it, or a chain from it. */
static void link_mount(struct tiny_linux *kernel, uint64_t sb, uint64_t mount)
{
	bool chain = kernel->options.mount_chain;
	uint64_t link = tiny_offset(chain ? "mount.mnt_next_for_sb" : "mount.mnt_instance");
	uint64_t mounts = sb + tiny_offset("super_block.s_mounts"), at = mounts;
	uint64_t end = chain ? 0 : mounts, node = chain ? mount : mount + link;

	for (;;) {
		uint64_t next;

		memcpy(&next, tiny_at(kernel, at), sizeof(next));
		if (next == end)
			break;
		at = chain ? next + link : next;
	}
	memcpy(tiny_at(kernel, at), &node, sizeof(node));
	memcpy(tiny_at(kernel, mount + link), &end, sizeof(end));
}

uint64_t tiny_mount(struct tiny_linux *kernel, uint64_t entry, uint64_t parent, uint64_t mountpoint,
		    uint64_t namespace)
{
	uint64_t mount = tiny_object(kernel, 0x60), vfsmount = tiny_vfsmount(mount);
	uint64_t sb = tiny_get(kernel, entry, "dentry.d_sb");

	tiny_put(kernel, mount, "mount.mnt_parent", parent ? parent : mount);
	tiny_put(kernel, mount, "mount.mnt_mountpoint", mountpoint ? mountpoint : entry);
	tiny_put(kernel, mount, "mount.mnt_ns", namespace);
	tiny_put(kernel, vfsmount, "vfsmount.mnt_root", entry);
	tiny_put(kernel, vfsmount, "vfsmount.mnt_sb", sb);
	if (sb)
		link_mount(kernel, sb, mount);
	return mount;
}

uint64_t tiny_vfsmount(uint64_t mount)
{
	return mount + tiny_offset("mount.mnt");
}

/* Files -----------------------------------------------------------------------------------------*/

void tiny_put_path(struct tiny_linux *kernel, uint64_t path, uint64_t entry, uint64_t mount)
{
	tiny_put(kernel, path, "path.dentry", entry);
	tiny_put(kernel, path, "path.mnt", tiny_vfsmount(mount));
}

uint64_t tiny_open(struct tiny_linux *kernel, uint64_t entry, uint64_t mount)
{
	uint64_t file = tiny_object(kernel, 0x60);

	tiny_put_path(kernel, file + tiny_offset("file.f_path"), entry, mount);
	tiny_put(kernel, file, "file.f_inode", tiny_get(kernel, entry, "dentry.d_inode"));
	return file;
}

uint64_t tiny_file(struct tiny_linux *kernel, const char *path)
{
	uint64_t root = tiny_entry(kernel, 0, 0, "/");

	g_assert(*path == '/');
	return tiny_open(kernel, tiny_entries(kernel, root, path + 1),
			 tiny_mount(kernel, root, 0, 0, 0));
}

uint64_t tiny_inode(struct tiny_linux *kernel, uint64_t sb, uint32_t mode, uint64_t size)
{
	uint64_t inode = tiny_object(kernel, 0x80), mapping = tiny_object(kernel, 0x40);

	tiny_put(kernel, inode, "inode.i_mode", mode);
	tiny_put(kernel, inode, "inode.i_size", size);
	tiny_put(kernel, inode, "inode.i_nlink", 1);
	tiny_put(kernel, inode, "inode.i_count", 1);
	tiny_put(kernel, inode, "inode.i_sb", sb);
	tiny_put(kernel, inode, "inode.i_mapping", mapping);
	return inode;
}

/* The page cache --------------------------------------------------------------------------------*/

#define SLOT_BITS 6u
#define SLOTS	  (1u << SLOT_BITS)

/** Where an inode's tree has its first entry. */
static uint64_t *head_of(struct tiny_linux *kernel, uint64_t inode)
{
	uint64_t mapping = tiny_get(kernel, inode, "inode.i_mapping");

	return tiny_at(kernel, mapping + tiny_offset("address_space.i_pages") +
				       tiny_offset("xarray.xa_head"));
}

static uint64_t new_node(struct tiny_linux *kernel, unsigned shift)
{
	uint64_t node = tiny_object(kernel, 0x240);

	tiny_put(kernel, node, "xa_node.shift", shift);
	return node;
}

static uint64_t *slot_of(struct tiny_linux *kernel, uint64_t node, uint64_t slot)
{
	return (uint64_t *)tiny_at(kernel, node + tiny_offset("xa_node.slots")) + slot;
}

/** An entry that points to a node has bit 1 set (xa_mk_node()). */
static uint64_t node_entry(uint64_t node)
{
	return node | 2;
}

uint64_t tiny_top_node(struct tiny_linux *kernel, uint64_t inode)
{
	return *head_of(kernel, inode) & ~UINT64_C(3);
}

/** Puts nodes above what is at the top until there is a slot for the index. */
static void grow(struct tiny_linux *kernel, uint64_t *head, uint64_t index, unsigned order)
{
	unsigned bits = 0;

	if (*head & 2)
		bits = (unsigned)tiny_get(kernel, *head & ~UINT64_C(3), "xa_node.shift") +
		       SLOT_BITS;
	while (index >> bits || bits <= order) {
		uint64_t node = new_node(kernel, bits);

		*slot_of(kernel, node, 0) = *head;
		*head = node_entry(node);
		bits += SLOT_BITS;
	}
}

void tiny_cache(struct tiny_linux *kernel, uint64_t inode, uint64_t index, unsigned order,
		uint64_t entry)
{
	uint64_t *at = head_of(kernel, inode), node = 0;
	unsigned shift, slot = 0;

	if (!index && !order && !*at) { /* a single entry needs no node */
		*at = entry;
		return;
	}
	grow(kernel, at, index, order);
	for (;;) {
		node = *at & ~UINT64_C(3);
		shift = (unsigned)tiny_get(kernel, node, "xa_node.shift");
		slot = index >> shift & (SLOTS - 1);
		at = slot_of(kernel, node, slot);
		if (shift <= order)
			break;
		if (!*at)
			*at = node_entry(new_node(kernel, shift - SLOT_BITS));
	}
	*at = entry;
	for (unsigned i = 1; i < 1u << (order - shift); i++)
		at[i] = (uint64_t)slot << 2 | 2; /* xa_mk_sibling() */
}

uint64_t tiny_page(uint64_t frame)
{
	g_assert(frame < TINY_FRAMES);
	return TINY_VMEMMAP + frame * TINY_PAGE_SIZEOF;
}

uint64_t tiny_make_page(struct tiny_linux *kernel, uint64_t frame, uint64_t inode, uint64_t index)
{
	uint64_t page = tiny_page(frame);

	tiny_put(kernel, page, "page.flags", UINT64_C(1) << TINY_PG_UPTODATE);
	tiny_put(kernel, page, "page.mapping", tiny_get(kernel, inode, "inode.i_mapping"));
	tiny_put(kernel, page, "page.index", index);
	return page;
}
