/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux on x86-64 as a guest. Plugins use this header for what only Linux has; the rest is behind
 * guest.h.
 *
 * Nothing tests a kernel's version: members and symbols are looked up by name, and where a kernel
 * does not have one, the report says what that costs.
 */
#ifndef WV_GUEST_LINUX_LINUX_H
#define WV_GUEST_LINUX_LINUX_H

#include "guest/guest.h"

/** TASK_COMM_LEN (include/linux/sched.h), with its NUL. */
#define WV_LINUX_COMM_SIZE 16

/** The longest path that is put together, in bytes: PATH_MAX (include/uapi/linux/limits.h). */
#define WV_LINUX_PATH_MAX 4096

/** What is needed of every kernel, whatever the plugins are. */
const struct wv_want *wv_linux_needs(unsigned *count);

/** See wv_guest_find(). */
struct wv_guest *wv_linux_find(struct wv_guest_search *search, GError **error);

/** The thread's own name (task_struct.comm). Returns its length; 0 when it can not be read. */
size_t wv_linux_comm(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
		     char comm[WV_LINUX_COMM_SIZE]);

/**
 * The address space of a task's mm_struct, whatever the vCPU runs now.
 *
 * Returns false for an address that has no page tables.
 */
bool wv_linux_mm_space(struct wv_guest *guest, const struct wv_space *space, uint64_t mm,
		       struct wv_space *user);

/** The address of a task's mm_struct; 0 for a kernel thread. */
uint64_t wv_linux_task_mm(struct wv_guest *guest, const struct wv_space *space, uint64_t task);

/** The address of the struct file of an mm_struct's executable; 0 when there is none. */
uint64_t wv_linux_mm_exe_file(struct wv_guest *guest, const struct wv_space *space, uint64_t mm);

/**
 * The path of an open file, from the root of its mount tree.
 *
 * @file: address of a struct file.
 * @size: in: bytes at @path; out: bytes used. Not NUL-terminated.
 * @truncated: the path is longer; its end is kept.
 *
 * Returns false when not even the file's name can be read.
 */
bool wv_linux_file_path(struct wv_guest *guest, const struct wv_space *space, uint64_t file,
			char *path, size_t *size, bool *truncated);

/** The same of a struct path. */
bool wv_linux_path(struct wv_guest *guest, const struct wv_space *space, uint64_t address,
		   char *path, size_t *size, bool *truncated);

/** The address of the struct file behind a descriptor of a task; 0 when it is not open. */
uint64_t wv_linux_fd_file(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			  uint32_t fd);

/** AT_FDCWD (include/uapi/linux/fcntl.h): stands for the current directory. */
#define WV_LINUX_AT_FDCWD (-100)

/**
 * What is behind a descriptor of a task: a path, or "socket:[inode]", "pipe:[inode]" as in
 * /proc/PID/fd. Parameters as wv_linux_file_path(). False when the descriptor is not open.
 */
bool wv_linux_fd_path(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
		      uint32_t fd, char *path, size_t *size, bool *truncated);

/**
 * The path of a directory entry of which no mount is known: through that mount of its file system
 * that is in the task's mount namespace (else in any) and has the entry below its root; of several,
 * that which has the most of the file system.
 *
 * @dentry: address of a struct dentry.
 * @mount: address of a struct vfsmount, which is taken when it is of the same file system and the
 *         entry is below its root; or 0.
 * @task: whose namespace it is; or 0: of any.
 *
 * The rest as wv_linux_file_path(). Where no mount fits, the path ends at the file system's root.
 */
bool wv_linux_entry_path(struct wv_guest *guest, const struct wv_space *space, uint64_t dentry,
			 uint64_t mount, uint64_t task, char *path, size_t *size, bool *truncated);

/**
 * The path of a name that a call was given: whole even where nothing of that name is there, and as
 * it was given ("." and ".." stay).
 *
 * @directory: a descriptor of the task, or WV_LINUX_AT_FDCWD, to which a name that does not begin
 *             with "/" is relative. What begins with "/" is below the task's own root (chroot).
 * @name: not NUL-terminated; not in the guest's memory. Empty: the directory itself.
 *
 * The rest as wv_linux_file_path(). False when the directory is not known: @path then has the name
 * alone.
 */
bool wv_linux_name_path(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			int32_t directory, const char *name, size_t name_size, char *path,
			size_t *size, bool *truncated);

/* Inodes and what is cached of them (inode.c, page_cache.c) -------------------------------------*/

/** Types of files in wv_linux_inode.mode (include/uapi/linux/stat.h). */
#define WV_LINUX_S_IFMT	  0170000u
#define WV_LINUX_S_IFSOCK 0140000u
#define WV_LINUX_S_IFLNK  0120000u
#define WV_LINUX_S_IFREG  0100000u
#define WV_LINUX_S_IFBLK  0060000u
#define WV_LINUX_S_IFDIR  0040000u
#define WV_LINUX_S_IFCHR  0020000u
#define WV_LINUX_S_IFIFO  0010000u

/** Magic numbers of file systems (include/uapi/linux/magic.h) that are special. */
#define WV_LINUX_MAGIC_OVERLAY UINT64_C(0x794c7630)
#define WV_LINUX_MAGIC_TMPFS   UINT64_C(0x01021994)
#define WV_LINUX_MAGIC_HUGETLB UINT64_C(0x958458f6)
#define WV_LINUX_MAGIC_XFS     UINT64_C(0x58465342)

/** An inode, as far as plugins want it (struct inode). What a kernel does not have is 0. */
struct wv_linux_inode {
	uint64_t address;
	uint64_t number;   /**< i_ino */
	uint64_t size;	   /**< i_size, bytes; the guest says so: any value */
	uint64_t mapping;  /**< address of its struct address_space (i_mapping) */
	uint64_t magic;	   /**< of its file system (super_block.s_magic) */
	uint32_t mode;	   /**< type and permissions (i_mode) */
	uint32_t uid, gid; /**< global ids, as the file system has them */
	uint32_t links;	   /**< names that it has (i_nlink) */
	uint32_t count;	   /**< references to it in memory (i_count) */
};

/** Reads an inode at its address. False when its mode can not be read, which means: no inode. */
bool wv_linux_inode(struct wv_guest *guest, const struct wv_space *space, uint64_t address,
		    struct wv_linux_inode *inode);

/** The inode of a struct file; 0 when it can not be read. */
uint64_t wv_linux_file_inode(struct wv_guest *guest, const struct wv_space *space, uint64_t file);

/** The inode of a struct dentry; 0: there is nothing of that name, or it can not be read. */
uint64_t wv_linux_dentry_inode(struct wv_guest *guest, const struct wv_space *space,
			       uint64_t dentry);

/** References to a struct dentry (d_lockref.count); 0 when it can not be read. */
uint32_t wv_linux_dentry_count(struct wv_guest *guest, const struct wv_space *space,
			       uint64_t dentry);

/**
 * Tells the pieces of an inode's content that are in the page cache, up to its size and @limit.
 *
 * What is told is up to date: pages on which reading has not ended, holes, and what is swapped out
 * are left out. Of pages that are only in part, their blocks are told that are. Of hugetlbfs
 * nothing is told. The number of steps is bounded whatever the guest's memory says, and nothing is
 * allocated. The physical addresses are the guest's word: a read of them may fail.
 *
 * @limit: bytes from the file's start; what lies beyond is not looked for. Pages and blocks
 *         are told as a whole: the last one may reach beyond the limit, or the file's end.
 *
 * Returns the bytes that were told.
 */
uint64_t wv_linux_cached(struct wv_guest *guest, const struct wv_space *space,
			 const struct wv_linux_inode *inode, uint64_t limit, wv_page_fn each,
			 void *owner);

/** A task's credentials (task_struct.cred, struct cred), as global ids. */
struct wv_linux_cred {
	uint32_t uid, suid, euid;
};

bool wv_linux_task_cred(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			struct wv_linux_cred *cred);

/** The process group of a task, as the initial pid namespace numbers it. */
bool wv_linux_task_pgid(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			uint32_t *pgid);

#endif
