/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tiny Linux kernel's file systems, mounts and page cache. */
#ifndef WV_TESTS_TINY_LINUX_FILES_H
#define WV_TESTS_TINY_LINUX_FILES_H

#include "tiny_linux.h"
#include "tiny_linux_types.h"

/** A file system that is mounted nowhere. Returns its super_block. */
uint64_t tiny_file_system(struct tiny_linux *kernel, uint64_t magic);

/**
 * A directory entry below another one; or, with 0, the root of a tree, which is its own parent. A
 * file system's first one of these is its own root. Returns its dentry.
 */
uint64_t tiny_entry(struct tiny_linux *kernel, uint64_t sb, uint64_t parent, const char *name);

/** The entries of a path below an entry, "usr/bin/env", one for each part. Returns the last. */
uint64_t tiny_entries(struct tiny_linux *kernel, uint64_t entry, const char *path);

/**
 * Mounts the tree below an entry; it is its file system's last mount.
 *
 * @parent: the mount that it is on, and @mountpoint the entry there; 0: the root of everything.
 * @namespace: address of its mnt_namespace; any number will do.
 *
 * Returns its struct mount.
 */
uint64_t tiny_mount(struct tiny_linux *kernel, uint64_t entry, uint64_t parent, uint64_t mountpoint,
		    uint64_t namespace);

/** The vfsmount of a mount. */
uint64_t tiny_vfsmount(uint64_t mount);

/** A file, opened at an entry. Returns its struct file. */
uint64_t tiny_open(struct tiny_linux *kernel, uint64_t entry, uint64_t mount);

/** Sets a struct path. */
void tiny_put_path(struct tiny_linux *kernel, uint64_t path, uint64_t entry, uint64_t mount);

/** An inode of a file system, with one link and no pages. Returns its address. */
uint64_t tiny_inode(struct tiny_linux *kernel, uint64_t sb, uint32_t mode, uint64_t size);

/* The page cache --------------------------------------------------------------------------------*/

/** Frames of physical memory that have a struct page; there is less RAM than that. */
#define TINY_FRAMES 0x8000u

/** Frames of RAM that nothing else uses: for contents of files. */
#define TINY_FRAMES_FREE     0x290u
#define TINY_FRAMES_FREE_END 0x400u

/** The struct page of a frame. */
uint64_t tiny_page(uint64_t frame);

/**
 * Makes frames from this one on a page or a folio of an inode, that has its content from page
 * @index on. Returns the struct page of the first.
 */
uint64_t tiny_make_page(struct tiny_linux *kernel, uint64_t frame, uint64_t inode, uint64_t index);

/**
 * Puts an entry into the xarray of an inode's pages at 2^@order places from @index on: one slot of
 * a node that is high enough, and siblings. A tree that is not high enough grows.
 */
void tiny_cache(struct tiny_linux *kernel, uint64_t inode, uint64_t index, unsigned order,
		uint64_t entry);

/** The address of the xa_node at the top of an inode's tree. */
uint64_t tiny_top_node(struct tiny_linux *kernel, uint64_t inode);

#endif
