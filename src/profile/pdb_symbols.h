/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PDB's public symbols: the names and addresses of functions and data that more than one object
 * file may use. Internal to the profile folder.
 */
#ifndef WV_PROFILE_PDB_SYMBOLS_H
#define WV_PROFILE_PDB_SYMBOLS_H

#include "profile/pdb_dbi.h"
#include "profile/tables.h"

/**
 * Adds all public symbols that are in the image, by the names that C programs give them. Where two
 * have the same such name, the first one stays.
 *
 * Errors: WV_ERROR_FORMAT when records run past the stream's end, or when there are symbols and no
 * section headers.
 */
bool wv_pdb_symbols_read(const struct wv_msf *msf, const struct wv_pdb_dbi *dbi,
			 struct wv_table_symbols *symbols, GError **error);

/**
 * The name that a C program has for a symbol of a 32-bit x86 image, where compilers write the
 * calling convention into it: `_name` (cdecl), `_name@12` (stdcall), `@name@8` (fastcall),
 * `name@@16` (vectorcall). Any other name, such as a C++ one, is as it is.
 *
 * Returns where in `name` it starts; *length gets how long it is.
 */
const char *wv_pdb_plain_name(const char *name, size_t *length);

#endif
