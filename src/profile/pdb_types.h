/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PDB's types, put into a profile's tables. Internal to the profile folder. */
#ifndef WV_PROFILE_PDB_TYPES_H
#define WV_PROFILE_PDB_TYPES_H

#include "profile/pdb_msf.h"
#include "profile/tables.h"

/**
 * Adds all structures, unions and enumerations that the PDB defines. Of base classes the members
 * are found as if they were the derived one's own; static members and functions are not kept. A
 * field list with a kind of entry that is not known is read up to there.
 *
 * @pointer_size: bytes of a pointer of the image's machine.
 *
 * Errors: WV_ERROR_FORMAT when a record is malformed, or when field lists are shared so often that
 *         they would take much more memory than the file.
 */
bool wv_pdb_types_read(const struct wv_msf *msf, uint32_t pointer_size,
		       struct wv_table_types *types, GError **error);

#endif
