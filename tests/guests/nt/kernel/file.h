/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files: their names in the volume, what is in them, and where of that is in memory.
 *
 * What a file has on its disk is computed from its number, so nothing but what was written needs
 * memory; what is in memory is there in pages, which Windows' structures lead to: the section's
 * prototype PTEs (section.c), and the cache's views (cache.c).
 *
 * Everything here wants the lock of all files, except where it says otherwise.
 */
#ifndef WV_NT_FILE_H
#define WV_NT_FILE_H

#include "json.h"

#define VIEW_PAGES 64u /* 256 KiB, as much as one view of the cache shows */
#define VIEW_SIZE  (VIEW_PAGES * PAGE)

#define ATTRIBUTE_READONLY  1u
#define ATTRIBUTE_DIRECTORY 0x10u
#define ATTRIBUTE_NORMAL    0x80u
#define ATTRIBUTE_TEMPORARY 0x100u

enum wv_page_state {
	PAGE_NEVER,   /* its PTE is all zeros: nobody has asked for it */
	PAGE_AWAY,    /* to be read from the file */
	PAGE_STANDBY, /* in transition */
	PAGE_ACTIVE,
};

/* A view's worth of a file, of which something is in memory. */
struct wv_part {
	struct wv_part *next;
	u32 number;	       /* where in the file, in views */
	struct _VACB *vacb;    /* NULL: the cache has no view of it */
	u64 pages[VIEW_PAGES]; /* physical; of those that are away or never were 0 */
	u8 states[VIEW_PAGES];
};

/* What a file's FsContext leads to. */
struct wv_file {
	struct _FSRTL_ADVANCED_FCB_HEADER header;
	struct _SECTION_OBJECT_POINTERS pointers;
	struct wv_file *next; /* in the volume */
	struct _UNICODE_STRING path;
	u32 number; /* from which its content on disk is computed */
	u32 attributes;
	u64 on_disk;  /* bytes of such content; behind it are zeros */
	bool touched; /* somebody has written: its content is not that of its number any more */
	bool delete_pending, removed;
	bool spoiled;	/* its structures lead anywhere: they are left alone */
	unsigned opens; /* FILE_OBJECTs that have handles */
	long long times[4];
	struct wv_part *parts;	    /* at rising numbers */
	struct _FILE_OBJECT *owner; /* of section and cache: its memory stays as long as they do */
};

extern struct wv_lock wv_files_lock;

/* volume.c: names. A path begins behind the volume's own name. */
struct wv_path_text {
	const u16 *text;
	unsigned length; /* characters */
};

void wv_volume_init(void);
struct wv_file *wv_file_find(struct wv_path_text path);
/* What a path is in, or NULL: no folder of that name is there. */
struct wv_file *wv_file_parent(struct wv_path_text path);
/* Not to be one that is there. */
struct wv_file *wv_file_make(struct wv_path_text path, u32 attributes);
void wv_file_rename(struct wv_file *file, struct wv_path_text path);
bool wv_folder_is_empty(const struct wv_file *folder);
/* Takes it out of the volume: nobody finds it any more. */
void wv_file_take_out(struct wv_file *file);
static inline bool wv_is_folder(const struct wv_file *file)
{
	return file->attributes & ATTRIBUTE_DIRECTORY;
}

/* content.c: what is in a file. */
u64 wv_take_page(void);
void wv_give_page(u64 page);
u64 wv_file_size(const struct wv_file *file);
void wv_file_resize(struct wv_file *file, u64 size);
/* Copies bytes out of a file, or into one; what is not in memory comes in. As far as the size. */
void wv_file_get(struct wv_file *file, u64 offset, void *to, u32 size);
void wv_file_put(struct wv_file *file, u64 offset, const void *from, u32 size);
/* The same past the cache: what of the range was in memory is not any more. */
void wv_file_put_on_disk(struct wv_file *file, u64 offset, u32 size);
/* What the disk has of a page: words that depend on the file, and on where they are in it. */
void wv_read_disk(const struct wv_file *file, u64 offset, u32 *to);
/* Makes a page what a scenario wants it to be; nobody has it open. */
void wv_file_page(struct wv_file *file, u32 page, enum wv_page_state state);
/* Gives all of it back: section, cache and pages. */
void wv_file_drop(struct wv_file *file);
/*
 * What is in memory: an array of [first, end, SHA-256 of that], in bytes, up to the file's size.
 * Needs no lock when nobody else has the file open.
 */
void wv_file_tell(const struct wv_file *file, struct wv_json *json);

/* section.c: the data section. */
void wv_section_make(struct wv_file *file, u64 size);
/* More of it, so that it has as many bytes. */
void wv_section_extend(struct wv_file *file, u64 size);
void wv_section_free(struct wv_file *file);
/* Makes a page's prototype PTE what its state says. */
void wv_section_show(struct wv_file *file, const struct wv_part *part, unsigned index);
/* What the PTE of a page that is not active has in a view of the cache. */
u64 wv_section_view_pte(struct wv_file *file, const struct wv_part *part, unsigned index);

/* image.c: the section of a program. Its subsections begin at any sector of the file. */
void wv_image_make(struct wv_file *file);
void wv_image_free(struct wv_file *file);

/* cache.c: the cache's views. */
void wv_cache_make(struct wv_file *file);
void wv_cache_resize(struct wv_file *file);
void wv_cache_free(struct wv_file *file);
/* A view of a part, where there is none. */
void wv_cache_map(struct wv_file *file, struct wv_part *part);
void wv_cache_unmap(struct wv_file *file, struct wv_part *part);
void wv_cache_show(struct wv_file *file, const struct wv_part *part, unsigned index);

/* spoil.c: damages what section and cache are made of, in one of several ways. */
void wv_file_spoil(struct wv_file *file, unsigned number);

/* open_file.c: FILE_OBJECTs. */
#define FO_SYNCHRONOUS_IO	     0x2u
#define FO_NO_INTERMEDIATE_BUFFERING 0x8u
#define FO_FILE_MODIFIED	     0x1000u
#define FO_FILE_SIZE_CHANGED	     0x2000u
#define FO_CLEANUP_COMPLETE	     0x4000u
#define FO_DELETE_ON_CLOSE	     0x10000u

/* A file's, which then has one more; its FileName is the one that is given, to be freed with it. */
struct _FILE_OBJECT *wv_file_object(struct wv_file *file, const struct _UNICODE_STRING *name,
				    u32 flags);
/* NULL: it is nobody's, or the file is gone. */
static inline struct wv_file *wv_file_of(const struct _FILE_OBJECT *object)
{
	return (struct wv_file *)object->FsContext;
}
/* One more, or one less, that needs a FILE_OBJECT. */
void wv_file_object_keep(struct _FILE_OBJECT *object);
void wv_file_object_let_go(struct _FILE_OBJECT *object);
/* That it is written; for the truth. */
void wv_file_object_written(struct _FILE_OBJECT *object);
/* Whether the file goes when it is closed. */
void wv_file_object_on_close(struct _FILE_OBJECT *object, bool goes);
/*
 * Deletes a file by a FILE_OBJECT that is on the stack, is no object, and has no handle. The lock
 * is not held meanwhile; the name is freed.
 */
void wv_file_delete(struct wv_file *file, const struct _UNICODE_STRING *name);
/* Undoes wv_file_object(): nobody has got a handle. */
void wv_file_object_cancel(struct _FILE_OBJECT *object);
/* Whether a file can be deleted: STATUS_ ... */
ntstatus wv_file_may_go(const struct wv_file *file);

/*
 * Called for each of a file's handles as it is closed; how many there were, this one counted. No
 * process: it is no handle that is closed.
 */
NTAPI void IopCloseFile(struct _EPROCESS *process, void *object, word of_process, word of_all);

#endif
