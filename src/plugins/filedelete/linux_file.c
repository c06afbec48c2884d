/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedelete on Linux: a file is told, with its path and its content. */
#include "plugins/filedelete/linux.h"

#include <string.h>

bool filedelete_linux_is_file(const struct wv_linux_inode *inode)
{
	/* files of overlayfs have their pages in another inode, which ends by itself */
	return (inode->mode & WV_LINUX_S_IFMT) == WV_LINUX_S_IFREG &&
	       inode->magic != WV_LINUX_MAGIC_OVERLAY;
}

/**
 * Bits of file.f_mode (include/linux/fs.h), one of which is FMODE_BACKING: a stacked file system
 * opened it in the layer below. That is bit 24 since 6.14, and was bit 25, which now means another
 * thing.
 */
#define MODE_BACKING (3u << 24)

/**
 * What overlayfs adds to the flags of its user when it opens a file in a layer
 * (fs/overlayfs/file.c, OVL_OPEN_FLAGS): O_NOATIME, and up to 6.4 FMODE_NONOTIFY, which is no flag
 * that a program can set.
 */
#define O_NOATIME      01000000u
#define FMODE_NONOTIFY 0x4000000u

/**
 * The struct path of a file by which its user knows it: in an overlay, not in the layer below,
 * which is in a mount that nobody sees.
 */
static uint64_t path_of(struct wv_call *call, uint64_t file)
{
	const struct wv_place *backing = wv_call_place(call, BACKING_PATH);
	uint64_t path = file + backing->value, dentry, sb, magic;
	uint32_t mode;

	if (backing->found && wv_call_read_u32(call, file, FILE_MODE, &mode) &&
	    mode & MODE_BACKING && wv_call_read_u64(call, path, PATH_DENTRY, &dentry) &&
	    wv_call_read_u64(call, dentry, DENTRY_SB, &sb) &&
	    wv_call_read_u64(call, sb, SB_MAGIC, &magic) && magic == WV_LINUX_MAGIC_OVERLAY)
		return path;
	return file + wv_call_place(call, FILE_PATH)->value;
}

uint64_t filedelete_linux_entry(struct wv_call *call, uint64_t file)
{
	uint64_t dentry;

	return wv_call_place(call, FILE_PATH)->found &&
			       wv_call_read_u64(call, path_of(call, file), PATH_DENTRY, &dentry)
		       ? dentry
		       : 0;
}

bool filedelete_linux_is_shared_memory(struct wv_call *call, uint64_t file,
				       const struct wv_linux_inode *inode)
{
	static const char memfd[] = { 'm', 'e', 'm', 'f', 'd', ':' };
	uint64_t dentry, parent, name;
	char start[sizeof(memfd)];

	if (inode->magic != WV_LINUX_MAGIC_TMPFS && inode->magic != WV_LINUX_MAGIC_HUGETLB)
		return false;
	dentry = filedelete_linux_entry(call, file);
	/* what is in no directory is its own parent (d_alloc_pseudo()) */
	return wv_call_read_u64(call, dentry, DENTRY_PARENT, &parent) && parent == dentry &&
	       !(wv_call_read_u64(call, dentry, DENTRY_NAME, &name) &&
		 wv_space_read(wv_call_space(call), name, start, sizeof(start)) &&
		 memcmp(start, memfd, sizeof(memfd)) == 0);
}

static bool stop(void *owner, uint64_t offset, uint64_t physical, size_t size)
{
	(void)owner, (void)offset, (void)physical, (void)size;
	return false;
}

bool filedelete_linux_is_cached(struct wv_call *call, const struct wv_linux_inode *inode)
{
	return wv_linux_cached(wv_call_guest(call), wv_call_space(call), inode, inode->size, stop,
			       NULL) != 0;
}

static bool write_path(struct wv_call *call, const struct filedelete_linux_file *file, char *path,
		       size_t *size, bool *truncated)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);

	if (file->file && wv_call_place(call, FILE_PATH)->found)
		return wv_linux_path(guest, space, path_of(call, file->file), path, size,
				     truncated);
	return file->dentry &&
	       wv_linux_entry_path(guest, space, file->dentry, 0, wv_call_caller(call)->thread,
				   path, size, truncated);
}

static void write_name(struct wv_call *call, struct wv_event *event,
		       const struct filedelete_linux_file *file)
{
	size_t size = WV_LINUX_PATH_MAX;
	char *path = wv_event_text_begin(event, FILEDELETE_FILE_NAME, &size);
	bool truncated;

	if (path && write_path(call, file, path, &size, &truncated))
		wv_event_text_end(event, size, truncated);
	else
		wv_event_unreadable(event, FILEDELETE_FILE_NAME);
}

/** The flags that the file's user opened it with. False when they can not be read. */
static bool read_flags(struct wv_call *call, uint64_t file, uint32_t *flags)
{
	bool is_layers;

	if (!file || !wv_call_read_u32(call, file, FILE_FLAGS, flags))
		return false;
	is_layers = *flags & FMODE_NONOTIFY ||
		    path_of(call, file) != file + wv_call_place(call, FILE_PATH)->value;
	if (is_layers)
		*flags &= ~(O_NOATIME | FMODE_NONOTIFY);
	return true;
}

void filedelete_linux_tell(struct wv_call *call, const struct filedelete_linux_file *file)
{
	struct wv_event *event = wv_event_open(call, file->type);
	struct filedelete_file told = {
		.reason = file->reason,
		.has_size = true,
		.size = file->inode->size,
		.has_content = file->has_content,
	};
	struct wv_content *content;

	told.has_flags = read_flags(call, file->file, &told.flags);
	write_name(call, event, file);
	content = filedelete_tell(call, event, &told);
	if (!content)
		return;
	wv_linux_cached(wv_call_guest(call), wv_call_space(call), file->inode,
			wv_content_limit(call), wv_content_page, content);
	wv_content_close(content);
}
