/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a clone writes to its disk: an empty qcow2 image over the template's, in a file without a
 * name, so that nothing is left of it however the clone ends.
 *
 * The image names no backing file. QEMU is told by node name, and opens the template's disk
 * read-only. N is the descriptor; it must be above 2 and inheritable:
 *
 *   -add-fd fd=N,set=1
 *   -blockdev driver=file,node-name=base-file,filename=DISK,read-only=on
 *   -blockdev driver=raw|qcow2,node-name=base,file=base-file,read-only=on
 *   -blockdev driver=file,node-name=top-file,filename=/dev/fdset/1,cache.no-flush=on
 *   -blockdev driver=qcow2,node-name=top,file=top-file,backing=base,cache.no-flush=on
 *
 * Source: docs/interop/qcow2.txt of QEMU.
 */
#ifndef WV_SANDBOX_OVERLAY_H
#define WV_SANDBOX_OVERLAY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** A disk's size at the most, in bytes. */
#define WV_OVERLAY_DISK_MAX (UINT64_C(16) << 40)

/**
 * Makes an overlay. It takes 256 KiB, and grows by what is written to it.
 *
 * @folder: the file system that it grows in; on one without unnamed files it has a name for a
 *   moment.
 * @disk_size: in bytes, up to WV_OVERLAY_DISK_MAX; rounded up to whole sectors of 512.
 *
 * Returns a descriptor, closed on exec, to be closed; or -1: WV_ERROR_USAGE for a size that can
 * not be, WV_ERROR_OUTPUT when it can not be written.
 */
int wv_overlay_open(const char *folder, uint64_t disk_size, GError **error);

/**
 * The size in bytes, as the guest sees it, of a disk image: qcow2, or else raw.
 *
 * WV_ERROR_USAGE when it can not be read, or is of no use: other formats, and a qcow2 image that
 * needs other files or a password, or is damaged.
 */
bool wv_overlay_disk_size(const char *path, uint64_t *size, bool *is_qcow2, GError **error);

#endif
