/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PDB's structures, unions and enumerations: what their records say, which definition a forward
 * reference means, and the names by which the profile keeps them. Internal to the profile folder.
 */
#ifndef WV_PROFILE_PDB_TAGS_H
#define WV_PROFILE_PDB_TAGS_H

#include "profile/pdb_tpi.h"
#include "profile/tables.h"

struct wv_pdb_tag {
	bool enumeration;
	enum wv_table_shape shape; /**< of a structure */
	bool forward;		   /**< a reference; the definition is another record */
	uint32_t fields;	   /**< type index of the field list; 0 when there is none */
	uint32_t underlying;	   /**< of an enumeration: the type index of its integer */
	uint64_t size;	    /**< bytes; of an enumeration: of that integer, if it is a built-in */
	const char *name;   /**< in the record, "" when malformed */
	const char *unique; /**< the mangled name, which is different for types of the same name;
			     *   "" when there is none. In the record. */
};

struct wv_pdb_tags {
	const struct wv_pdb_tpi *tpi;
	GHashTable *by_name;   /**< type index of the first definition of a name */
	GHashTable *by_unique; /**< the same by the mangled name */
};

/** Finds all definitions. The tpi must outlive it. Errors: WV_ERROR_FORMAT: a malformed record. */
bool wv_pdb_tags_init(struct wv_pdb_tags *tags, const struct wv_pdb_tpi *tpi, GError **error);
void wv_pdb_tags_deinit(struct wv_pdb_tags *tags);

/** Reads a record. False when the type is no structure, union or enumeration. */
bool wv_pdb_tag(const struct wv_pdb_tpi *tpi, uint32_t index, struct wv_pdb_tag *tag);

/** The definition that a forward reference means; the index itself when there is none. */
uint32_t wv_pdb_tags_resolve(const struct wv_pdb_tags *tags, uint32_t index,
			     const struct wv_pdb_tag *tag);

/**
 * The name by which the profile keeps a definition. Of several with the same name the first has it;
 * the others, and those without a name, get one that is made of their type index, such as
 * "__anonymous_12ab". Writes into `buffer` if need be.
 */
const char *wv_pdb_tags_key(const struct wv_pdb_tags *tags, uint32_t index,
			    const struct wv_pdb_tag *tag, GString *buffer);

#endif
