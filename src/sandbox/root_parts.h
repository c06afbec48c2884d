/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an initramfs is put together from; each part adds its own to the archive. */
#ifndef WV_SANDBOX_ROOT_PARTS_H
#define WV_SANDBOX_ROOT_PARTS_H

#include "sandbox/root_cpio.h"

/** Where the launcher finds what is its own (src/launcher). */
#define WV_ROOT_MODULES "wyvern/modules"
#define WV_ROOT_DISK	"wyvern/disk"

/**
 * Whether a clean path of a root is left out: the launcher's, or below a folder over which the
 * guest mounts something.
 */
bool wv_root_left_out(const char *path);

/** All that is in the folder `path`. */
bool wv_root_add_folder(struct wv_cpio *cpio, const char *path, GError **error);

/** All that is in the tar archive `path`, compressed or not. */
bool wv_root_add_tar(struct wv_cpio *cpio, const char *path, GError **error);

/** A small root around the static program `busybox`. */
bool wv_root_add_busybox(struct wv_cpio *cpio, const char *busybox, GError **error);

/**
 * The modules that a guest needs and that are below the folder `path`, and lists of them in the
 * order in which they are loaded: "load" for every guest, and for one with a disk those of the file
 * systems, each called as its type.
 */
bool wv_root_add_modules(struct wv_cpio *cpio, const char *path, bool disk, GError **error);

/** The file `path` of the host, as `name`, owned by root. */
bool wv_root_add_file(struct wv_cpio *cpio, const char *name, mode_t mode, const char *path,
		      GError **error);

/**
 * Copies the bytes of the open regular file `fd` to the entry that was added with `size`.
 *
 * @name: the file's, for the error.
 */
bool wv_root_copy(struct wv_cpio *cpio, int fd, uint64_t size, const char *name, GError **error);

#endif
