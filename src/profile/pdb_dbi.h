/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DBI stream of a PDB ("debug information"): which streams hold the symbols and what tells
 * their addresses. Internal to the profile folder.
 */
#ifndef WV_PROFILE_PDB_DBI_H
#define WV_PROFILE_PDB_DBI_H

#include "profile/pdb_msf.h"

/** Each of the streams may be WV_MSF_NO_STREAM. */
struct wv_pdb_dbi {
	uint32_t age;	    /**< the one that the image's RSDS record has */
	uint16_t machine;   /**< enum wv_pe_machine; 0 when it is not told */
	uint16_t symbols;   /**< stream of symbol records */
	uint16_t sections;  /**< stream of the image's section headers */
	uint16_t original;  /**< stream of its section headers before it was rearranged */
	uint16_t omap_from; /**< stream that maps addresses from before that to after it */
};

/** Whether the PDB has the stream; one that a compiler writes for types only has none. */
bool wv_pdb_dbi_present(const struct wv_msf *msf);

/** Errors: WV_ERROR_FORMAT. */
bool wv_pdb_dbi_read(const struct wv_msf *msf, struct wv_pdb_dbi *dbi, GError **error);

#endif
