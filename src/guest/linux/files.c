/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open files of a task: what is behind a descriptor. */
#include <stdio.h>

#include "guest/linux/internal.h"

/* include/uapi/linux/magic.h: ANON_INODE_FS_MAGIC */
#define ANON_INODE_MAGIC 0x09041934u

uint64_t wv_linux_fd_file(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			  uint32_t fd)
{
	const struct wv_linux *kernel = to_linux(guest);
	uint64_t files, table, array, file;
	uint32_t count;

	if (!linux_read_u64(kernel, space, task, TASK_FILES, &files) ||
	    !linux_read_u64(kernel, space, files, FILES_FDT, &table) ||
	    !linux_read_u32(kernel, space, table, FDTABLE_MAX_FDS, &count) || fd >= count ||
	    !linux_read_u64(kernel, space, table, FDTABLE_FD, &array) ||
	    !wv_space_read_u64(space, array + fd * sizeof(file), &file))
		return 0;
	return file;
}

/** Whether the file is in no directory: its entry is its own parent (d_alloc_pseudo()). */
static bool is_pseudo(const struct wv_linux *kernel, const struct wv_space *space, uint64_t file)
{
	uint64_t dentry, parent;

	return wv_linux_file_entry(kernel, space, file, &dentry) &&
	       linux_read_u64(kernel, space, dentry, DENTRY_PARENT, &parent) && parent == dentry;
}

/** Copies as much as there is room for. */
static void write_text(const char *text, size_t length, char *path, size_t *size, bool *truncated)
{
	*truncated = *size < length;
	*size = MIN(*size, length);
	memcpy(path, text, *size);
}

/** Files of eventfd(), epoll_create() and the like: their entry has the kind for a name. */
static bool write_anonymous(struct wv_guest *guest, const struct wv_space *space, uint64_t file,
			    char *path, size_t *size, bool *truncated)
{
	static const char prefix[] = "anon_inode:";
	const struct wv_linux *kernel = to_linux(guest);
	char text[64 + sizeof(prefix)];
	size_t length = sizeof(text) - strlen(prefix);
	uint64_t dentry, sb, magic;

	if (!wv_linux_file_entry(kernel, space, file, &dentry) ||
	    !linux_read_u64(kernel, space, dentry, DENTRY_SB, &sb) ||
	    !linux_read_u64(kernel, space, sb, SB_MAGIC, &magic) || magic != ANON_INODE_MAGIC)
		return false;
	memcpy(text, prefix, strlen(prefix));
	if (!wv_linux_file_name(guest, space, file, text + strlen(prefix), &length))
		return false;
	write_text(text, strlen(prefix) + length, path, size, truncated);
	return true;
}

/** Sockets and pipes have no path; /proc names them by their inode's number. */
static bool write_by_inode(const struct wv_linux *kernel, const struct wv_space *space,
			   uint64_t file, char *path, size_t *size, bool *truncated)
{
	uint64_t inode, number;
	uint32_t mode;
	int length;

	if (!linux_read_u64(kernel, space, file, FILE_INODE, &inode) ||
	    !linux_read_u32(kernel, space, inode, INODE_MODE, &mode) ||
	    !linux_read_u64(kernel, space, inode, INODE_NUMBER, &number))
		return false;
	mode &= WV_LINUX_S_IFMT;
	if (mode != WV_LINUX_S_IFSOCK && mode != WV_LINUX_S_IFIFO)
		return false;

	char text[64];

	length =
		snprintf(text, sizeof(text), "%s:[%llu]",
			 mode == WV_LINUX_S_IFSOCK ? "socket" : "pipe", (unsigned long long)number);
	write_text(text, (size_t)length, path, size, truncated);
	return true;
}

bool wv_linux_fd_path(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
		      uint32_t fd, char *path, size_t *size, bool *truncated)
{
	const struct wv_linux *kernel = to_linux(guest);
	uint64_t file, fs;

	*truncated = false;
	if ((int32_t)fd == WV_LINUX_AT_FDCWD)
		return kernel->places[FS_PWD].found &&
		       linux_read_u64(kernel, space, task, TASK_FS, &fs) &&
		       wv_linux_path(guest, space, fs + kernel->places[FS_PWD].value, path, size,
				     truncated);

	file = wv_linux_fd_file(guest, space, task, fd);
	if (!file)
		return false;
	/* a named pipe is in a directory */
	if (is_pseudo(kernel, space, file) &&
	    (write_by_inode(kernel, space, file, path, size, truncated) ||
	     write_anonymous(guest, space, file, path, size, truncated)))
		return true;
	return wv_linux_file_path(guest, space, file, path, size, truncated);
}
