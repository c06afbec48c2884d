/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a cpio archive in the "newc" format for the kernel: cleans the paths, makes the folders
 * that they lead through, keeps hard links together, and has limits, because what it is given may
 * be hostile.
 */
#ifndef WV_SANDBOX_ROOT_CPIO_H
#define WV_SANDBOX_ROOT_CPIO_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct wv_cpio;

/** A regular file in the archive that hard links can be made to. Lives as long as the archive. */
struct wv_cpio_file;

struct wv_cpio_entry {
	/** Relative to the root, and clean: see wv_cpio_clean. */
	const char *path;
	mode_t mode;
	uint64_t uid, gid;
	int64_t mtime;	       /* seconds since 1970 */
	uint64_t size;	       /* of a regular file, in bytes */
	uint64_t major, minor; /* of a device */
	const char *target;    /* of a symbolic link */
};

/** Opens `out`, replacing what is there. */
struct wv_cpio *wv_cpio_create(const char *out, GError **error);

/** Closes it. What was not finished is removed. NULL is fine. */
void wv_cpio_free(struct wv_cpio *cpio);

/**
 * Makes `path` relative to the root, without "." and empty parts; NULL, without an error, for the
 * root itself, and NULL with one for a path with ".." or one that is too long for the kernel.
 */
char *wv_cpio_clean(const char *path, GError **error);

/** A path for an error's text: printable, whatever the path holds. Free with g_free. */
char *wv_cpio_printable(const char *path);

/**
 * Adds an entry. After one for a regular file come its bytes with wv_cpio_data, as many as
 * entry->size says, before anything else.
 *
 * @file: may be NULL; else where to hard links to this regular file can be made.
 */
bool wv_cpio_add(struct wv_cpio *cpio, const struct wv_cpio_entry *entry,
		 struct wv_cpio_file **file, GError **error);

bool wv_cpio_data(struct wv_cpio *cpio, const void *data, size_t size, GError **error);

/** Zeros instead of data. */
bool wv_cpio_zeros(struct wv_cpio *cpio, uint64_t size, GError **error);

/** Adds another name of a file. */
bool wv_cpio_link(struct wv_cpio *cpio, const char *path, struct wv_cpio_file *file,
		  GError **error);

/** A regular file, or a folder, of the launcher's or of ours: owned by root. */
bool wv_cpio_add_data(struct wv_cpio *cpio, const char *path, mode_t mode, const void *data,
		      size_t size, GError **error);
bool wv_cpio_add_folder(struct wv_cpio *cpio, const char *path, mode_t mode, GError **error);

/** Ends the archive, and has all of it in the file. */
bool wv_cpio_finish(struct wv_cpio *cpio, GError **error);

/** What its files take in memory so far, in bytes, whole pages. */
uint64_t wv_cpio_size(const struct wv_cpio *cpio);

/** Whether the file behind `info` is the archive itself. */
struct stat;
bool wv_cpio_is(const struct wv_cpio *cpio, const struct stat *info);

#endif
