/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in the image a PDB's addresses lie. Symbols have a section's number and an offset in it;
 * the section headers, which are in the PDB too, make an RVA (an offset from the image's base) of
 * it. Internal to the profile folder.
 *
 * OMAP. Microsoft rearranges the code of some of its images after linking, so that what is used
 * often lies together; 32-bit kernels up to Windows 7 and many since are such. The symbols keep the
 * addresses of before. Such a PDB has two more streams: the section headers of before, by which a
 * symbol's section becomes an RVA of before, and a table that maps RVAs of before ("source") to
 * those in the image: pairs of {from, to}, sorted by `from`, each valid up to the next pair. A `to`
 * of 0 says that the code is not in the image any more. (OMAP of dbghelp.h and
 * IMAGE_DEBUG_TYPE_OMAP_FROM_SRC of the PE format, both documented by Microsoft; M. Pietrek, "Under
 * the Hood", Microsoft Systems Journal, May 1997; IDiaAddressMap of the DIA SDK.)
 */
#ifndef WV_PROFILE_PDB_ADDRESS_H
#define WV_PROFILE_PDB_ADDRESS_H

#include "profile/pdb_dbi.h"

struct wv_pdb_addresses {
	GArray *sections;     /**< uint32_t: each section's RVA */
	GByteArray *omap;     /**< the table, or NULL when the image is as it was linked */
	uint32_t omap_length; /**< pairs */
};

/** Errors: WV_ERROR_FORMAT, also when the PDB has no section headers; then it holds nothing. */
bool wv_pdb_addresses_init(struct wv_pdb_addresses *self, const struct wv_msf *msf,
			   const struct wv_pdb_dbi *dbi, GError **error);
void wv_pdb_addresses_deinit(struct wv_pdb_addresses *self);

/**
 * The RVA of an offset in a section, counted from 1. False when there is no such section (absolute
 * symbols have none), or when it is not in the image.
 */
bool wv_pdb_address(const struct wv_pdb_addresses *self, uint16_t section, uint32_t offset,
		    uint32_t *rva);

#endif
