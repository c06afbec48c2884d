/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rekall's profiles of Windows kernels: JSON that Rekall's parse_pdb made of a PDB, plain or
 * compressed with xz. The form as github.com/google/rekall writes it:
 *
 *	$METADATA: PDBFile, GUID_AGE, arch, ProfileClass
 *	$CONSTANTS, $FUNCTIONS: name: offset from the image's base
 *	$STRUCTS: name: [size, {member: [offset, [type, {what the type needs}]]}]
 *	$ENUMS: name: {"value": name}; $REVENUMS: name: {name: value}
 */
#ifndef WV_PROFILE_REKALL_H
#define WV_PROFILE_REKALL_H

#include "profile/profile.h"

/**
 * Reads a Rekall profile from memory; `name` is what error messages call it. Symbol addresses are
 * offsets from the image's base. `pdb_name` and `pdb_key` get PDBFile and GUID_AGE as they are in
 * the file: its age is the PDB info stream's, which may be another than the image's.
 *
 * Errors: WV_ERROR_FORMAT when it is malformed, not a Rekall profile, one of Linux or macOS, or
 * larger than WV_PROFILE_SIZE_MAX (file.h).
 */
struct wv_profile *wv_rekall_parse(const void *data, size_t size, const char *name, GError **error);

/** Whether the data starts as a Rekall profile does: an object whose first key starts with '$'. */
bool wv_rekall_is_rekall(const void *data, size_t size);

#endif
