/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files, as the program's threads use them: each in a folder of its own. */
#ifndef WV_NT_FILES_H
#define WV_NT_FILES_H

#include "structures.h"

#define READ	    0x80000000u /* rights */
#define WRITE	    0x40000000u
#define DELETE	    0x10000u
#define SYNCHRONIZE 0x100000u
#define EVERYTHING  (READ | WRITE | DELETE | SYNCHRONIZE)

#define SUPERSEDE	 0u /* dispositions */
#define OPEN		 1u
#define CREATE		 2u
#define OPEN_ALWAYS	 3u
#define OVERWRITE	 4u
#define OVERWRITE_ALWAYS 5u

#define DIRECTORY	0x1u /* options */
#define UNBUFFERED	0x8u
#define SYNCHRONOUS	0x20u
#define NO_DIRECTORY	0x40u
#define DELETE_ON_CLOSE 0x1000u

#define BASIC		  4u /* classes of information */
#define STANDARD	  5u
#define RENAME		  10u
#define DISPOSITION	  13u
#define ALL		  18u
#define END_OF_FILE	  20u
#define NETWORK		  34u
#define DISPOSITION_FLAGS 64u
#define RENAME_FLAGS	  65u

#define AT_POSITION (-2ll)
#define AT_END	    (-1ll)

#define BUFFER_SIZE 0x10000u

/* What a thread works with; it does not move. */
struct desk {
	word thread;
	kernel_word folder; /* handle of its own folder */
	u16 path[8192];	    /* of the last file */
	struct unicode_string name;
	struct object_attributes attributes;
	struct io_status block;
	long long offset;
	u8 information[1024];
	u8 buffer[BUFFER_SIZE];
};

/* Attributes of a name in the thread's folder, or of a whole name. */
word wv_name_own(struct desk *desk, const u16 *name);
word wv_name_whole(struct desk *desk, const u16 *name, kernel_word root);
/* A file of the thread's folder; 0: it can not be opened. */
kernel_word wv_create(struct desk *desk, const u16 *name, u32 access, u32 disposition, u32 options);
kernel_word wv_open(struct desk *desk, const u16 *name, u32 access, u32 options);
/* Bytes that depend on where they are. */
u32 wv_write(struct desk *desk, kernel_word file, long long offset, u32 size);
u32 wv_read(struct desk *desk, kernel_word file, long long offset, u32 size);
u32 wv_set(struct desk *desk, kernel_word file, u32 kind, u32 size);
u32 wv_query(struct desk *desk, kernel_word file, u32 kind, u32 size);
u32 wv_dispose(struct desk *desk, kernel_word file, bool goes);
u32 wv_set_end(struct desk *desk, kernel_word file, u64 size);
u32 wv_rename(struct desk *desk, kernel_word file, u32 kind, u32 flags, const u16 *name,
	      kernel_word root);

/* Files opened, read, written, asked about and changed. */
void wv_files_use(struct desk *desk);
/* The same by names, attributes and pointers that only hostile programs have. */
void wv_files_hostile(struct desk *desk);
/* Files deleted, in every way; some not before the process ends. */
void wv_files_delete(struct desk *desk);

#endif
