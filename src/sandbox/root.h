/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest roots: what a user may give as one, and the initramfs that a guest boots from.
 *
 * The initramfs is a cpio archive in the "newc" format, uncompressed, as the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst describes it. It holds the launcher as
 * /init, the kernel modules that it loads in /wyvern/modules, and the whole root; or, where the
 * guest's root is a disk, the file /wyvern/disk, and the modules of the file systems that a disk
 * may have. The launcher removes all of it before a sample can see it.
 */
#ifndef WV_SANDBOX_ROOT_H
#define WV_SANDBOX_ROOT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum wv_root_kind {
	WV_ROOT_FOLDER,
	WV_ROOT_TAR,   /**< a tar archive, also a compressed one */
	WV_ROOT_RAW,   /**< the image of a disk, byte for byte */
	WV_ROOT_QCOW2, /**< the image of a disk in QEMU's own format */
};

/** The smallest file that is taken for a disk's image, in bytes. */
#define WV_ROOT_DISK_MIN 65536

/**
 * Says what `path` is, by its content. False: it can not be read, or is nothing that a guest can
 * boot from (WV_ERROR_USAGE).
 */
bool wv_root_kind(const char *path, enum wv_root_kind *kind, GError **error);

/** What an initramfs is made of. All are paths; nothing is kept. */
struct wv_root {
	const char *launcher; /**< the launcher's program */
	/** A static busybox, for the busybox root; NULL with a `rootfs`, or for a disk. */
	const char *busybox;
	/** A folder or a tar archive that is the root; NULL for the busybox root and a disk. */
	const char *rootfs;
	bool disk; /**< the root is on the guest's disk: no busybox, no `rootfs` */
	/**
	 * Where the kernel's modules are, flat or as /lib/modules/RELEASE, as they are or
	 * compressed; NULL for a kernel that has all built in.
	 */
	const char *modules;
};

/**
 * Writes the initramfs to the file `out`, which is replaced. Of a root the owners, rights, links
 * and device nodes are kept; what is below /proc, /sys and /dev is left out, since a running guest
 * has file systems of its own there, and so are sockets, and /init and /wyvern, which the
 * launcher's take the place of.
 *
 * @size: what the files take in the guest's memory once it is unpacked, in bytes, whole pages.
 *
 * False: something can not be read or written, a module needs one that is not there, a root has
 * more than a million entries, more than 8 GiB, a file of 4 GiB or more, or is malformed
 * (WV_ERROR_USAGE, WV_ERROR_INTERNAL; the text names the file). Nothing is left at `out` then.
 */
bool wv_root_write(const struct wv_root *root, const char *out, uint64_t *size, GError **error);

#endif
