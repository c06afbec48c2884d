/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PDB: the debug information that Microsoft's linker, and LLVM's, write beside a Windows image. The
 * form of Visual Studio 2005 and later (MSF 7.00, 32-bit type indices) is read, which all kernels
 * since Windows Vista have.
 */
#ifndef WV_PROFILE_PDB_H
#define WV_PROFILE_PDB_H

#include "profile/pdb_id.h"
#include "profile/profile.h"

/** Bytes that are accepted. PDBs of Windows kernels have 5 to 15 MB. */
#define WV_PDB_SIZE_MAX (256u << 20)

/**
 * Reads a PDB: its public symbols and its types; `name` is what error messages call it. The data
 * is not kept. Symbol addresses are offsets from the image's base (RVAs), in the image as it is
 * loaded. Names are those that C programs have: in 32-bit x86 images without the marks of the
 * calling convention. Of the types, all structures, unions and enumerations that are defined are in
 * the profile; one without a name is known by a made-up one.
 *
 * Errors: WV_ERROR_FORMAT when it is malformed, has neither symbols nor types, or is larger than
 * WV_PDB_SIZE_MAX.
 */
struct wv_profile *wv_pdb_parse(const void *data, size_t size, const char *name, GError **error);

/**
 * What the PDB says of itself. The age is the one that the image has too: the DBI stream's, not the
 * info stream's, which tools that rewrite a PDB count up (where there is no DBI stream, the info
 * stream's). The machine is 0 where it is not told.
 *
 * Errors as wv_pdb_parse().
 */
bool wv_pdb_identify(const void *data, size_t size, const char *name, struct wv_pdb_id *id,
		     GError **error);

/** Whether the data starts as a PDB of any age does. */
bool wv_pdb_is_pdb(const void *data, size_t size);

#endif
