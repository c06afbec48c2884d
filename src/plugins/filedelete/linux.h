/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the Linux files of this plugin share. */
#ifndef WV_PLUGINS_FILEDELETE_LINUX_H
#define WV_PLUGINS_FILEDELETE_LINUX_H

#include "guest/linux/linux.h"
#include "plugins/filedelete/filedelete.h"
#include "plugins/filedelete/key_set.h"
#include "plugins/linux_rename.h"

/** Wants, by their index in linux.c's table. */
enum filedelete_linux_want {
	INODE_LINKS,
	INODE_MODE,
	INODE_DENTRIES,
	INODE_GENERATION,
	FILE_MODE,
	FILE_FLAGS,
	FILE_PATH,
	PATH_DENTRY,
	DENTRY_PARENT,
	DENTRY_ALIAS,
	DENTRY_NAME,
	DENTRY_SB,
	SB_MAGIC,
	BACKING_PATH,
	UNLINK_DENTRY,
	RENAME_FIRST, /* see plugins/linux_rename.h */
	FILEDELETE_LINUX_WANT_COUNT = RENAME_FIRST + WV_RENAME_WANTS
};

/** Indices in the table of traps. */
enum filedelete_linux_trap {
	TRAP_UNLINK,
	TRAP_RENAME,
	TRAP_FPUT,
	TRAP_EVICT,
	TRAP_WRITE,
	TRAP_MAP,
	FILEDELETE_LINUX_TRAP_COUNT
};

/** What prepare() makes. */
struct filedelete_linux {
	struct key_set told; /**< inodes that were told, and nobody can change any more */
	struct key_set
		written; /**< struct files that something was written to; see linux_written.c */
};

/** A file that is told. */
struct filedelete_linux_file {
	enum filedelete_event type;
	enum filedelete_reason reason;
	uint64_t dentry; /**< its name: of a struct dentry, or */
	uint64_t file;	 /**< of a struct file; both 0: not known */
	const struct wv_linux_inode *inode;
	bool has_content;
};

/* linux_file.c */
void filedelete_linux_tell(struct wv_call *call, const struct filedelete_linux_file *file);
/** Whether the inode is of a file that has content of its own. */
bool filedelete_linux_is_file(const struct wv_linux_inode *inode);
/** The directory entry of a struct file: the one that its user knows; 0: it can not be read. */
uint64_t filedelete_linux_entry(struct wv_call *call, uint64_t file);
/** Whether a struct file is memory that processes share, and was never opened as a file. */
bool filedelete_linux_is_shared_memory(struct wv_call *call, uint64_t file,
				       const struct wv_linux_inode *inode);
/** Whether anything of an inode is in memory. */
bool filedelete_linux_is_cached(struct wv_call *call, const struct wv_linux_inode *inode);

/* linux_remove.c */
enum wv_verdict filedelete_linux_unlink_entry(struct wv_call *call);
enum wv_verdict filedelete_linux_rename_entry(struct wv_call *call);
void filedelete_linux_unlink_return(struct wv_call *call);
void filedelete_linux_rename_return(struct wv_call *call);
/** Whether this inode was told with its name, and was nobody's any more by then. Once. */
bool filedelete_linux_was_told(struct wv_call *call, const struct wv_linux_inode *inode);
/** An inode ends while its name is being removed: tells so. False: it is another's. */
bool filedelete_linux_tell_removed(struct wv_call *call, const struct wv_linux_inode *inode);

/* linux_close.c */
enum wv_verdict filedelete_linux_fput_entry(struct wv_call *call);
void filedelete_linux_fput_return(struct wv_call *call);
enum wv_verdict filedelete_linux_evict_entry(struct wv_call *call);

/* linux_written.c */
enum wv_verdict filedelete_linux_write_entry(struct wv_call *call);
enum wv_verdict filedelete_linux_map_entry(struct wv_call *call);
/** A struct file ends: tells of it if it was written. */
void filedelete_linux_end_written(struct wv_call *call, uint64_t file, uint64_t inode);

#endif
