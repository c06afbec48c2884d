/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of objects, and looking for names in them. */
#ifndef WV_NT_DIRECTORY_H
#define WV_NT_DIRECTORY_H

#include "object.h"

/* Makes the folders that every Windows has, and the volume's device. */
void wv_directories_init(void);

/* What OBJECT_ATTRIBUTES of a caller say: fetched, and with a copy of the name behind a NUL. */
struct wv_path {
	void *root; /* NULL: it begins with the root folder */
	u32 attributes;
	u16 *name;	 /* to be freed; NULL: there is none */
	unsigned length; /* characters */
};

ntstatus wv_fetch_path(u32 mode, word attributes, struct wv_path *path);
void wv_free_path(struct wv_path *path);

/*
 * The object of a name; or, when only its last part is not there, its folder, and that part.
 * STATUS_ OBJECT_NAME_NOT_FOUND then, and another error when it can not be there at all.
 */
ntstatus wv_find_object(const struct wv_path *path, void **object,
			struct _OBJECT_DIRECTORY **folder, const u16 **last);
/* An object in a folder, under its own name. */
void wv_insert_object(struct _OBJECT_DIRECTORY *folder, void *object);

extern struct _DEVICE_OBJECT *wv_volume;

#endif
