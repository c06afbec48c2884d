/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of objects, and the folders that they are in. */
#ifndef WV_NT_NAME_H
#define WV_NT_NAME_H

#include "nt.h"

/*
 * An object's whole name, without a NUL; how many characters, 0: it has none. Of a file it is the
 * path in its volume, of a key \REGISTRY\... .
 */
unsigned wv_object_name(void *object, u16 *text, unsigned most);
/* Of an open file, which may have no header. */
unsigned wv_file_name(const struct _FILE_OBJECT *file, u16 *text, unsigned most);

#endif
