/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes PDBs for tests, record by record, for what no linker at hand writes. */
#ifndef WV_TESTS_PDB_BUILDER_H
#define WV_TESTS_PDB_BUILDER_H

#include "profile/pdb_id.h"

#include <glib.h>
#include <stdbool.h>

struct pdb_builder {
	uint32_t block_size;
	bool scattered; /**< blocks in reverse order */
	uint16_t machine;
	uint32_t age;	   /**< of the DBI stream */
	uint32_t info_age; /**< of the info stream */
	bool no_dbi;
	GByteArray *types;     /**< records of the TPI stream */
	uint32_t n_types;      /**< complete ones */
	size_t record;	       /**< where the record being written starts */
	GByteArray *symbols;   /**< records of symbols */
	GByteArray *sections;  /**< section headers; none are written while it is empty */
	GByteArray *originals; /**< those of before the image was rearranged */
	GByteArray *omap;      /**< pairs {from, to} */
	GByteArray *extra;     /**< a stream that nobody reads */
};

/** Four-byte words at the start of a PDB, for tests that change them. */
enum {
	PDB_BLOCK_SIZE = 32,
	PDB_BLOCKS = 40,
	PDB_DIRECTORY_SIZE = 44,
	PDB_MAP_BLOCK = 52,
};

/** An amd64 PDB with blocks of 512 bytes. */
void pdb_builder_init(struct pdb_builder *builder);
void pdb_builder_deinit(struct pdb_builder *builder);

/** The whole file. */
GByteArray *pdb_finish(const struct pdb_builder *builder);

void pdb_append_u16(GByteArray *bytes, uint16_t value);
void pdb_append_u32(GByteArray *bytes, uint32_t value);

/* ---- symbols and sections ---- */

void pdb_add_section(GByteArray *headers, uint32_t rva);
void pdb_add_public(struct pdb_builder *builder, const char *name, uint16_t section,
		    uint32_t offset);
/** Any record with a name at its end, such as S_GDATA32: what is between is `size` zeros. */
void pdb_add_symbol(struct pdb_builder *builder, uint16_t kind, size_t size, const char *name);

/* ---- types ---- */

/** The index that the next record, or the one being written, has. */
uint32_t pdb_type(const struct pdb_builder *builder);

/** A record: begin, its parts, end (which pads it, and returns its index). */
void pdb_begin(struct pdb_builder *builder, uint16_t leaf);
void pdb_u8(struct pdb_builder *builder, uint8_t value);
void pdb_u16(struct pdb_builder *builder, uint16_t value);
void pdb_u32(struct pdb_builder *builder, uint32_t value);
void pdb_number(struct pdb_builder *builder, uint64_t value); /**< a numeric leaf, the shortest */
void pdb_text(struct pdb_builder *builder, const char *text);
void pdb_pad(struct pdb_builder *builder); /**< LF_PAD bytes, up to four */
uint32_t pdb_end(struct pdb_builder *builder);

/** Entries of a field list that was begun. */
void pdb_member(struct pdb_builder *builder, uint32_t type, uint64_t offset, const char *name);
void pdb_enumerator(struct pdb_builder *builder, uint64_t value, const char *name);
void pdb_continue(struct pdb_builder *builder, uint32_t list);

/** Whole records. `unique`: the mangled name, or NULL. A list of 0 is a forward reference. */
uint32_t pdb_structure(struct pdb_builder *builder, uint16_t leaf, const char *name,
		       const char *unique, uint32_t list, uint64_t size);
uint32_t pdb_array(struct pdb_builder *builder, uint32_t element, uint64_t size);
uint32_t pdb_pointer(struct pdb_builder *builder, uint32_t type, uint32_t size);
uint32_t pdb_bits(struct pdb_builder *builder, uint32_t type, uint8_t position, uint8_t length);

/**
 * A PDB of a small kernel, with a record of each kind that is read; as test_pdb.c expects it.
 * `moved`: with OMAP.
 */
GByteArray *pdb_small_kernel(uint32_t block_size, bool scattered, bool moved);

#endif
