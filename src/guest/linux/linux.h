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

/** AT_FDCWD (include/uapi/linux/fcntl.h): stands for the current directory. */
#define WV_LINUX_AT_FDCWD (-100)

/**
 * What is behind a descriptor of a task: a path, or "socket:[inode]", "pipe:[inode]" as in
 * /proc/PID/fd. Parameters as wv_linux_file_path(). False when the descriptor is not open.
 */
bool wv_linux_fd_path(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
		      uint32_t fd, char *path, size_t *size, bool *truncated);

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
