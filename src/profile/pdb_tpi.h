/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records of a PDB's TPI stream ("type program information"), readable by type index. Internal
 * to the profile folder.
 *
 * The records are CodeView's: LLVM's docs/PDB/TpiStream and CodeViewTypes, and cvinfo.h of
 * github.com/microsoft/microsoft-pdb.
 */
#ifndef WV_PROFILE_PDB_TPI_H
#define WV_PROFILE_PDB_TPI_H

#include "profile/pdb_cursor.h"
#include "profile/pdb_msf.h"
#include "profile/tables.h"

/** Type indices below are built-in types: the index itself says which. */
#define WV_PDB_FIRST_TYPE 0x1000u

/** What a built-in pointer's index says that it points to, as the index of that type. */
#define WV_PDB_SIMPLE_TARGET(index) ((index)&0xffu)

/** Kinds of records that are read. */
enum wv_pdb_leaf {
	WV_LF_MODIFIER = 0x1001,
	WV_LF_POINTER = 0x1002,
	WV_LF_PROCEDURE = 0x1008,
	WV_LF_MFUNCTION = 0x1009,
	WV_LF_FIELDLIST = 0x1203,
	WV_LF_BITFIELD = 0x1205,
	WV_LF_ARRAY = 0x1503,
	WV_LF_CLASS = 0x1504,
	WV_LF_STRUCTURE = 0x1505,
	WV_LF_UNION = 0x1506,
	WV_LF_ENUM = 0x1507,
	WV_LF_ALIAS = 0x150a,
	WV_LF_INTERFACE = 0x1519,
	/* Since Visual Studio 2019 16.8; not in cvinfo.h. Their form: issue 50 there. */
	WV_LF_CLASS2 = 0x1608,
	WV_LF_STRUCTURE2 = 0x1609,
	WV_LF_UNION2 = 0x160a,
	WV_LF_INTERFACE2 = 0x160b,
};

struct wv_pdb_tpi {
	const struct wv_msf *msf;
	GByteArray *stream; /**< NULL when the PDB has no types */
	uint32_t *offsets;  /**< owned: where in the stream each record starts */
	uint32_t begin;	    /**< the first type index, WV_PDB_FIRST_TYPE */
	uint32_t end;	    /**< one past the last */
};

/** A PDB without types gives an empty table. Errors: WV_ERROR_FORMAT; then it holds nothing. */
bool wv_pdb_tpi_init(struct wv_pdb_tpi *tpi, const struct wv_msf *msf, GError **error);
void wv_pdb_tpi_deinit(struct wv_pdb_tpi *tpi);

/** A record's kind and what follows that; kind 0, and nothing, for an index that has no record. */
uint16_t wv_pdb_tpi_record(const struct wv_pdb_tpi *tpi, uint32_t index,
			   struct wv_pdb_cursor *data);

/** The size in bytes of a built-in type (of a pointer to one as well); 0 when it has none. */
uint32_t wv_pdb_simple_size(uint32_t index);

/** What its values are: INT for a pointer. VOID when there is no such type. */
enum wv_table_values wv_pdb_simple_values(uint32_t index);

/** Whether it is an integer with a sign. */
bool wv_pdb_simple_signed(uint32_t index);

/** Its name as ISF profiles have it, such as "unsigned long"; NULL for a pointer. */
const char *wv_pdb_simple_name(uint32_t index);

#endif
