/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads a profile file of any form: what it is, its content tells, never its name. */
#ifndef WV_PROFILE_LOAD_H
#define WV_PROFILE_LOAD_H

#include "profile/profile.h"

/**
 * Loads a PDB (pdb.h), a Volatility 3 ISF (isf.h) or a Rekall profile (rekall.h), each plain or
 * compressed with xz. Of a Windows kernel's, `pdb_name` and `pdb_key` get what identifies the
 * image: of a PDB, its file's name (without ".xz") and its own GUID and age; of the others, what
 * their metadata says. A key that is not one is dropped: then `pdb_key` is NULL.
 *
 * Errors: WV_ERROR_USAGE when the file can not be read, WV_ERROR_FORMAT when it is none of these,
 * malformed or too large.
 */
struct wv_profile *wv_profile_load(const char *path, GError **error);

/** The same from memory; `name` is what error messages call it, and where a PDB's name is from. */
struct wv_profile *wv_profile_parse(const void *data, size_t size, const char *name,
				    GError **error);

/**
 * Whether the profile is of the image that has this key (wv_pdb_id_key()). GUIDs are compared, not
 * ages: profiles made by Rekall, and by some versions of other tools, have the age of the PDB's
 * info stream, which tools that rewrite a PDB count up. A profile without a key is of no image.
 */
bool wv_profile_is_of(const struct wv_profile *profile, const char *key);

#endif
