/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects: a body behind an _OBJECT_HEADER, and the types that they have. */
#ifndef WV_NT_OBJECT_H
#define WV_NT_OBJECT_H

#include "nt.h"

enum wv_type {
	WV_TYPE,
	WV_DIRECTORY,
	WV_SYMBOLIC_LINK,
	WV_TOKEN,
	WV_JOB,
	WV_PROCESS,
	WV_THREAD,
	WV_EVENT,
	WV_MUTANT,
	WV_SEMAPHORE,
	WV_TIMER,
	WV_KEY,
	WV_FILE,
	WV_SECTION,
	WV_DEVICE,
	WV_DRIVER,
	WV_DESKTOP,
	WV_PORT,
	WV_IO_COMPLETION,
	WV_KEYED_EVENT,
	WV_ODD, /* a type with an odd name and key, which no Windows has */
	WV_TYPES
};

extern struct _OBJECT_TYPE *wv_types[WV_TYPES];

/* Makes the types, the table of types and the root directory. */
void wv_objects_init(void);
/* An object of a type, zeroed; with a name (an optional header) when name is not NULL. */
void *wv_object_create(enum wv_type type, size_t size, const char *name);
/* The same with a name in a folder of objects. */
void *wv_object_create_in(enum wv_type type, size_t size, struct _OBJECT_DIRECTORY *directory,
			  const u16 *name);
/* Objects that nobody needs any more, for the next ones of their kind: the last one's memory first.
 */
struct wv_spares {
	struct wv_lock lock;
	void *first; /* each begins with the next one's address */
};

void wv_spare_put(struct wv_spares *spares, void *object);
/* As it was, with a count of one; NULL: there is none. */
void *wv_spare_take(struct wv_spares *spares);
/* Gives an object's memory back, for the next one of its size. */
void wv_object_free(void *object);
struct _OBJECT_HEADER *wv_header_of(void *object);
/* NULL: it has no name. */
struct _OBJECT_HEADER_NAME_INFO *wv_name_info(void *object);
struct _OBJECT_TYPE *wv_type_of(void *object);
/* A UNICODE_STRING in pool memory, of bytes (Latin-1) or of UTF-16. */
void wv_string(struct _UNICODE_STRING *string, const char *text);
void wv_string_wide(struct _UNICODE_STRING *string, const u16 *text);
/* One fact about each type. */
void wv_tell_types(void);

NTAPI ntstatus ObCreateObject(u8 probe_mode, struct _OBJECT_TYPE *type,
			      struct _OBJECT_ATTRIBUTES *attributes, u8 owner_mode, void *context,
			      u32 size, u32 paged, u32 non_paged, void **object);

#endif
