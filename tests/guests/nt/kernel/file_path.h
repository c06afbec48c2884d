/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From names that callers give to paths in the volume. */
#ifndef WV_NT_FILE_PATH_H
#define WV_NT_FILE_PATH_H

#include "directory.h"
#include "file.h"

/* The path in the volume, in pool memory: behind a folder's own when that is where it begins. */
ntstatus wv_name_file(const struct wv_path *path, struct _UNICODE_STRING *name);

static inline struct wv_path_text wv_text_of(const struct _UNICODE_STRING *string)
{
	return (struct wv_path_text){ (const u16 *)string->Buffer, string->Length / 2u };
}

#endif
