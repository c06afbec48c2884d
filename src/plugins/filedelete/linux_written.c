/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filedelete on Linux, with --dump-written: files that were written, when they are closed.
 *
 * All ways to write to a file ask security_file_permission() before; what is mapped to be written
 * to asks security_mmap_file(), and counts as written. Times and sizes of inodes would not do: a
 * clock tick has room for several writes, and times can be set.
 *
 * overlayfs has a file of its own open in the layer below, which has the pages, and does not ask
 * for that one in all cases. It ends after the file above: when that ends, having been written, its
 * directory entry is kept, which both know.
 */
#include "plugins/filedelete/linux.h"

/** include/linux/fs.h */
#define FMODE_WRITE (1u << 1)
#define MAY_WRITE   (1u << 1)
/** include/linux/kernel.h: what rw_verify_area() calls it */
#define WRITE 1u
/** include/uapi/asm-generic/mman-common.h, include/uapi/linux/mman.h */
#define PROT_WRITE	    (1u << 1)
#define MAP_TYPE	    0xfu
#define MAP_SHARED	    1u
#define MAP_SHARED_VALIDATE 3u

static bool is_writable(struct wv_call *call, uint64_t file)
{
	uint32_t mode;

	return wv_call_read_u32(call, file, FILE_MODE, &mode) && mode & FMODE_WRITE;
}

static void mark(struct wv_call *call, uint64_t file)
{
	struct filedelete_linux *data = wv_call_guest_data(call);
	uint64_t inode = wv_linux_file_inode(wv_call_guest(call), wv_call_space(call), file), type;

	if (is_writable(call, file) && inode && wv_call_read_bits(call, inode, INODE_MODE, &type) &&
	    (type & WV_LINUX_S_IFMT) == WV_LINUX_S_IFREG)
		filedelete_key_put(&data->written, file);
}

/* (struct file *file, int mask); rw_verify_area(int read_write, struct file *file, ...) */
enum wv_verdict filedelete_linux_write_entry(struct wv_call *call)
{
	static const struct {
		unsigned file, access;
		uint32_t writes;
	} functions[] = { { 0, 1, MAY_WRITE }, { 1, 0, WRITE } };
	const unsigned method = wv_call_method(call);

	if (wv_call_argument(call, functions[method].access) & functions[method].writes)
		mark(call, wv_call_argument(call, functions[method].file));
	return WV_DONE;
}

/* (file, prot, flags); vm_mmap_pgoff(file, addr, len, prot, flags, pgoff) */
enum wv_verdict filedelete_linux_map_entry(struct wv_call *call)
{
	static const struct {
		unsigned protection, flags;
	} functions[] = { { 1, 2 }, { 3, 4 } };
	const unsigned method = wv_call_method(call);
	uint64_t file = wv_call_argument(call, 0), type;

	if (!file || !(wv_call_argument(call, functions[method].protection) & PROT_WRITE))
		return WV_DONE;
	type = wv_call_argument(call, functions[method].flags) & MAP_TYPE;
	if (type == MAP_SHARED || type == MAP_SHARED_VALIDATE)
		mark(call, file);
	return WV_DONE;
}

static bool take(struct wv_call *call, uint64_t key)
{
	struct filedelete_linux *data = wv_call_guest_data(call);
	bool lost; /* it may have been there */

	return key && (filedelete_key_take(&data->written, key, &lost) || lost);
}

void filedelete_linux_end_written(struct wv_call *call, uint64_t file, uint64_t address)
{
	struct filedelete_linux *data = wv_call_guest_data(call);
	struct wv_linux_inode inode;
	const struct filedelete_linux_file told = {
		.type = FILEDELETE_LINUX_FPUT,
		.reason = FILEDELETE_REASON_WRITE,
		.file = file,
		.inode = &inode,
		.has_content = true,
	};
	uint64_t dentry;

	if (!is_writable(call, file) ||
	    !wv_linux_inode(wv_call_guest(call), wv_call_space(call), address, &inode))
		return;
	dentry = filedelete_linux_entry(call, file);
	if (inode.magic == WV_LINUX_MAGIC_OVERLAY) {
		if (take(call, file) && dentry)
			filedelete_key_put(&data->written, dentry);
		return;
	}

	bool by_file = take(call, file), by_entry = take(call, dentry);

	/* one without a name ends by itself; files of /proc and the like have nothing in memory */
	if ((by_file || by_entry) && inode.links && filedelete_linux_is_file(&inode) &&
	    filedelete_linux_is_cached(call, &inode))
		filedelete_linux_tell(call, &told);
}
