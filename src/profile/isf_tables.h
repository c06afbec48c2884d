/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ISF's content in compact form: the two sources that a profile is made of. isf.c fills them
 * while it reads; afterwards they are constant. Internal to the profile folder.
 */
#ifndef WV_PROFILE_ISF_TABLES_H
#define WV_PROFILE_ISF_TABLES_H

#include "profile/profile.h"

enum wv_isf_kind {
	WV_ISF_NONE,
	WV_ISF_NAMED, /**< a base type, or a structure or union: whichever has the name */
	WV_ISF_ENUM,
	WV_ISF_POINTER,
};

/** The type of a field, arrays taken apart. */
struct wv_isf_ref {
	enum wv_isf_kind kind;
	const char *name; /**< of NAMED and ENUM; owned by the tables */
	uint64_t count;	  /**< elements, of all dimensions; 1 when it is no array */
};

struct wv_isf_field {
	const char *name; /**< owned by the tables */
	struct wv_isf_ref ref;
	uint64_t offset; /**< bytes */
	uint8_t bit_position;
	uint8_t bit_length; /**< 0: not a bit field */
	bool anonymous;	    /**< its members are found as if they were its structure's own */
};

struct wv_isf_symbols {
	struct wv_symbols base;
	GStringChunk *strings;
	GHashTable *addresses; /**< by name */
};

struct wv_isf_types {
	struct wv_types base;
	GStringChunk *strings;
	GHashTable *structures; /**< by name: structures and unions */
	GHashTable *base_sizes; /**< by name, in bytes */
	GHashTable *enum_sizes;
	GHashTable *enumerators; /**< values by name */
};

struct wv_isf_symbols *wv_isf_symbols_new(void);
void wv_isf_symbols_add(struct wv_isf_symbols *self, const char *name, uint64_t address);

struct wv_isf_types *wv_isf_types_new(void);

/** A copy of a string that lives as long as the tables; equal strings are stored once. */
const char *wv_isf_intern(struct wv_isf_types *self, const char *string);

/** Adds a structure or union, replacing one of the same name. The fields are copied. */
void wv_isf_types_add(struct wv_isf_types *self, const char *name, uint64_t size,
		      const struct wv_isf_field *fields, size_t count);

/** Stores a number (a size, an enumerator's value) by name in one of the tables. */
void wv_isf_types_set(struct wv_isf_types *self, GHashTable *table, const char *name,
		      uint64_t value);

#endif
