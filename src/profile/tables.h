/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile's content in compact form, whatever file it was in: the two sources that a profile is
 * made of. The readers of PDB, ISF and Rekall's profiles fill them, and pe_exports.c the symbols;
 * afterwards they are constant. Internal to the profile folder.
 */
#ifndef WV_PROFILE_TABLES_H
#define WV_PROFILE_TABLES_H

#include "profile/profile.h"

/** What a type is. */
enum wv_table_kind {
	WV_TABLE_NAMED, /**< a base type, or a structure or union: whichever has the name */
	WV_TABLE_ENUM,
	WV_TABLE_POINTER,
	WV_TABLE_ARRAY,
	WV_TABLE_BITS,
	WV_TABLE_FUNCTION,
};

/** The type of a field, of an array's elements ... Owned by the tables, which keep each but once.
 */
struct wv_table_type {
	enum wv_table_kind kind;
	const char *name; /**< of NAMED and ENUM; owned by the tables */
	/** What a POINTER points to, an ARRAY has, BITS are of; of an ENUM an integer that tells
	 * the size. NULL: not known. */
	const struct wv_table_type *of;
	uint64_t count; /**< of an ARRAY: elements */
	uint64_t bytes; /**< of an ARRAY: its size, where that is all that is known; else 0 */
	uint8_t bit_position;
	uint8_t bit_length; /**< of BITS; not 0 */
};

struct wv_table_field {
	const char *name;		  /**< owned by the tables */
	const struct wv_table_type *type; /**< NULL: not known; then it has no size */
	uint64_t offset;		  /**< bytes */
	bool anonymous; /**< its members are found as if they were its structure's own */
};

/** What a structure was declared as. */
enum wv_table_shape {
	WV_TABLE_STRUCT,
	WV_TABLE_UNION,
	WV_TABLE_CLASS,
	WV_TABLE_SHAPES,
};

struct wv_table_structure {
	enum wv_table_shape shape;
	uint64_t size; /**< bytes */
	size_t count;
	struct wv_table_field fields[];
};

/** What a base type's values are. */
enum wv_table_values {
	WV_TABLE_VOID,
	WV_TABLE_INT,
	WV_TABLE_CHAR,
	WV_TABLE_BOOL,
	WV_TABLE_FLOAT,
	WV_TABLE_VALUES,
};

struct wv_table_base {
	enum wv_table_values values;
	uint64_t size; /**< bytes */
	bool is_signed;
};

struct wv_table_constant {
	const char *name; /**< owned by the tables */
	int64_t value;
};

struct wv_table_enum {
	const char *base; /**< the name of its integer; NULL: not known */
	uint64_t size;	  /**< bytes; 0: not known */
	size_t count;
	struct wv_table_constant constants[];
};

/** How an ISF names the shapes and values; only to be indexed by those. */
extern const char *const wv_table_shape_names[WV_TABLE_SHAPES];
extern const char *const wv_table_values_names[WV_TABLE_VALUES];

struct wv_table_symbols {
	struct wv_symbols base;
	GStringChunk *strings;
	GHashTable *addresses; /**< by name */
};

struct wv_table_types {
	struct wv_types base;
	GStringChunk *strings;
	GHashTable *types;	 /**< each struct wv_table_type, by what it is */
	GHashTable *structures;	 /**< struct wv_table_structure by name */
	GHashTable *bases;	 /**< struct wv_table_base by name */
	GHashTable *enums;	 /**< struct wv_table_enum by name */
	GHashTable *enumerators; /**< values by name, of all enumerations */
};

/** `origin` is what the report says they came from: a static string. */
struct wv_table_symbols *wv_table_symbols_new(const char *origin);
struct wv_table_types *wv_table_types_new(const char *origin);

/** Replaces one of the same name. The address is as the file has it; the name is copied. */
void wv_table_symbols_add(struct wv_table_symbols *self, const char *name, uint64_t address);

/** A copy of a string that lives as long as the tables; equal strings are stored once. */
const char *wv_table_intern(struct wv_table_types *self, const char *string);

/** The one copy of a type. Its name is interned, and what it is of is a type of the same tables. */
const struct wv_table_type *wv_table_type(struct wv_table_types *self,
					  const struct wv_table_type *type);

/** A base type, structure or union by its name. */
const struct wv_table_type *wv_table_named(struct wv_table_types *self, const char *name);

/**
 * These replace one of the same name. What they are given is copied. Sizes are in bytes.
 *
 * @fields: of struct wv_table_field.
 * @constants: of struct wv_table_constant. Their values are not found by name before
 *	       wv_table_types_set_value().
 * @base: the name of an enumeration's integer, or NULL.
 */
void wv_table_types_add(struct wv_table_types *self, const char *name, enum wv_table_shape shape,
			uint64_t size, const GArray *fields);
void wv_table_types_add_base(struct wv_table_types *self, const char *name,
			     const struct wv_table_base *base);
void wv_table_types_add_enum(struct wv_table_types *self, const char *name, const char *base,
			     uint64_t size, const GArray *constants);

/** The value of an enumerator. */
void wv_table_types_set_value(struct wv_table_types *self, const char *name, int64_t value);

/** The size of a type in bytes; 0 when it has none, or none that is known. */
uint64_t wv_table_type_size(const struct wv_table_types *self, const struct wv_table_type *type);

#endif
