/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ISF's content in compact form: the two sources that a profile is made of. isf.c fills them
 * while it reads; afterwards they are constant. Internal to the profile folder.
 */
#ifndef WV_PROFILE_ISF_TABLES_H
#define WV_PROFILE_ISF_TABLES_H

#include "profile/profile.h"

/** What a type is. */
enum wv_isf_kind {
	WV_ISF_NAMED, /**< a base type, or a structure or union: whichever has the name */
	WV_ISF_ENUM,
	WV_ISF_POINTER,
	WV_ISF_ARRAY,
	WV_ISF_BITS,
	WV_ISF_FUNCTION,
};

/** The type of a field, of an array's elements ... Owned by the tables, which keep each but once.
 */
struct wv_isf_type {
	enum wv_isf_kind kind;
	const char *name; /**< of NAMED and ENUM; owned by the tables */
	/** What a POINTER points to, an ARRAY has, BITS are of; of an ENUM an integer that tells
	 * the size. NULL: not known. */
	const struct wv_isf_type *of;
	uint64_t count; /**< of an ARRAY: elements */
	uint64_t bytes; /**< of an ARRAY: its size, where that is all that is known; else 0 */
	uint8_t bit_position;
	uint8_t bit_length; /**< of BITS; not 0 */
};

struct wv_isf_field {
	const char *name;		/**< owned by the tables */
	const struct wv_isf_type *type; /**< NULL: not known; then it has no size */
	uint64_t offset;		/**< bytes */
	bool anonymous; /**< its members are found as if they were its structure's own */
};

/** What a structure was declared as. */
enum wv_isf_shape {
	WV_ISF_STRUCT,
	WV_ISF_UNION,
	WV_ISF_CLASS,
	WV_ISF_SHAPES,
};

struct wv_isf_structure {
	enum wv_isf_shape shape;
	uint64_t size; /**< bytes */
	size_t count;
	struct wv_isf_field fields[];
};

/** What a base type's values are. */
enum wv_isf_values {
	WV_ISF_VOID,
	WV_ISF_INT,
	WV_ISF_CHAR,
	WV_ISF_BOOL,
	WV_ISF_FLOAT,
	WV_ISF_VALUES,
};

struct wv_isf_base {
	enum wv_isf_values values;
	uint64_t size; /**< bytes */
	bool is_signed;
};

struct wv_isf_constant {
	const char *name; /**< owned by the tables */
	int64_t value;
};

struct wv_isf_enum {
	const char *base; /**< the name of its integer; NULL: not known */
	uint64_t size;	  /**< bytes; 0: not known */
	size_t count;
	struct wv_isf_constant constants[];
};

/** How an ISF names the shapes and values. */
extern const char *const wv_isf_shape_names[WV_ISF_SHAPES];
extern const char *const wv_isf_values_names[WV_ISF_VALUES];

struct wv_isf_symbols {
	struct wv_symbols base;
	GStringChunk *strings;
	GHashTable *addresses; /**< by name */
};

struct wv_isf_types {
	struct wv_types base;
	GStringChunk *strings;
	GHashTable *types;	 /**< each struct wv_isf_type, by what it is */
	GHashTable *structures;	 /**< struct wv_isf_structure by name */
	GHashTable *bases;	 /**< struct wv_isf_base by name */
	GHashTable *enums;	 /**< struct wv_isf_enum by name */
	GHashTable *enumerators; /**< values by name, of all enumerations */
};

struct wv_isf_symbols *wv_isf_symbols_new(void);
void wv_isf_symbols_add(struct wv_isf_symbols *self, const char *name, uint64_t address);

struct wv_isf_types *wv_isf_types_new(void);

/** A copy of a string that lives as long as the tables; equal strings are stored once. */
const char *wv_isf_intern(struct wv_isf_types *self, const char *string);

/** The one copy of a type. Its name is interned, and what it is of is a type of the same tables. */
const struct wv_isf_type *wv_isf_type(struct wv_isf_types *self, const struct wv_isf_type *type);

/** A base type, structure or union by its name. */
const struct wv_isf_type *wv_isf_named(struct wv_isf_types *self, const char *name);

/** These replace one of the same name. What they are given is copied. */
void wv_isf_types_add(struct wv_isf_types *self, const char *name, enum wv_isf_shape shape,
		      uint64_t size, const struct wv_isf_field *fields, size_t count);
void wv_isf_types_add_base(struct wv_isf_types *self, const char *name,
			   const struct wv_isf_base *base);
/** Not its enumerators' values: wv_isf_types_set_value(). */
void wv_isf_types_add_enum(struct wv_isf_types *self, const char *name, const char *base,
			   uint64_t size, const struct wv_isf_constant *constants, size_t count);

/** The value of an enumerator. */
void wv_isf_types_set_value(struct wv_isf_types *self, const char *name, int64_t value);

/** The size of a type in bytes; 0 when it has none, or none that is known. */
uint64_t wv_isf_type_size(const struct wv_isf_types *self, const struct wv_isf_type *type);

#endif
