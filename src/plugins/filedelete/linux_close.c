/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filedelete on Linux: files without a name end: those that were unlinked while they were open,
 * those of O_TMPFILE, and memfds.
 *
 * Every inode's end is evict(), with all its pages still there. It does not know a name; but the
 * last user of an inode without a name is mostly a struct file, which ends in __fput(), and its
 * directory entry keeps what it was called.
 */
#include "plugins/filedelete/linux.h"

/** What the end of a struct file keeps until it returns. */
struct closing {
	uint64_t file, inode;
	bool stacked; /* its pages are in another inode, of the layer below */
};

static enum wv_verdict begin_closing(struct wv_call *call, uint64_t file, uint64_t address)
{
	struct closing *closing = wv_call_saved(call);
	struct wv_linux_inode inode;

	if (!wv_linux_inode(wv_call_guest(call), wv_call_space(call), address, &inode))
		return WV_DONE;
	closing->file = file;
	closing->inode = address;
	closing->stacked = inode.magic == WV_LINUX_MAGIC_OVERLAY;
	return WV_AWAIT_RETURN;
}

/* (struct file *file): for every file that was opened; most have a name */
enum wv_verdict filedelete_linux_fput_entry(struct wv_call *call)
{
	uint64_t file = wv_call_argument(call, 0);
	uint64_t inode = wv_linux_file_inode(wv_call_guest(call), wv_call_space(call), file);
	uint32_t links;

	if (!inode || !wv_call_read_u32(call, inode, INODE_LINKS, &links))
		return WV_DONE;
	if (filedelete_wants_written(wv_call_state(call)))
		filedelete_linux_end_written(call, file, inode);
	return links ? WV_DONE : begin_closing(call, file, inode);
}

void filedelete_linux_fput_return(struct wv_call *call)
{
	(void)call; /* evict() is told from inside of it that it goes on */
}

/** The struct file whose end is the end of this inode; 0: it is another that ends. */
static uint64_t closing_file(struct wv_call *call, const struct wv_linux_inode *inode)
{
	const struct closing *closing = wv_call_outer(call, TRAP_FPUT);

	return closing && (closing->inode == inode->address || closing->stacked) ? closing->file
										 : 0;
}

/* (struct inode *inode): for every inode that leaves the memory; most are of files that stay */
enum wv_verdict filedelete_linux_evict_entry(struct wv_call *call)
{
	uint64_t address = wv_call_argument(call, 0);
	struct wv_linux_inode inode;
	uint32_t links;

	if (!wv_call_read_u32(call, address, INODE_LINKS, &links) || links ||
	    !wv_linux_inode(wv_call_guest(call), wv_call_space(call), address, &inode) ||
	    !filedelete_linux_is_file(&inode) || filedelete_linux_was_told(call, &inode) ||
	    filedelete_linux_tell_removed(call, &inode))
		return WV_DONE;

	const struct filedelete_linux_file file = {
		.type = FILEDELETE_LINUX_EVICT,
		.reason = FILEDELETE_REASON_CLOSE,
		.file = closing_file(call, &inode),
		.inode = &inode,
		.has_content = true,
	};

	/* a file that could not be created has neither a name nor a size */
	if (file.file ? !filedelete_linux_is_shared_memory(call, file.file, &inode) : inode.size)
		filedelete_linux_tell(call, &file);
	return WV_DONE;
}
