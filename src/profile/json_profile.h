/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the readers of JSON profiles share: a profile that is being filled from a walk through a
 * file. Each of them (isf.c, rekall.c) is a form. Internal to the profile folder.
 */
#ifndef WV_PROFILE_JSON_PROFILE_H
#define WV_PROFILE_JSON_PROFILE_H

#include "profile/json_walk.h"
#include "profile/tables.h"

struct wv_json_reader {
	struct wv_json_walk walk;   /**< first: a walk is a reader, wv_json_reader_of() */
	struct wv_profile *profile; /**< of the two tables; a reader fills in the rest itself */
	struct wv_table_symbols *symbols;
	struct wv_table_types *types;
	GArray *fields;	   /**< struct wv_table_field, of the structure being read */
	GArray *constants; /**< struct wv_table_constant, of the enumeration being read */
	bool has_metadata; /**< whether there was some, which no profile may lack */
};

struct wv_json_form {
	const char *name;	       /**< for messages: "ISF profile" */
	const char *origin;	       /**< of the tables (profile.h) */
	const char *no_metadata;       /**< what the message says when it has none */
	int depth;		       /**< of JSON within one entry */
	wv_json_entry_fn read_section; /**< is given each key at the top */
	/** Adds what is not in the file, once all has been read; or NULL. */
	void (*complete)(struct wv_json_reader *reader);
};

/**
 * Reads a whole file that is not compressed; `name` is what error messages call it.
 *
 * Errors: WV_ERROR_FORMAT when it is malformed, has no metadata, or neither symbols nor types.
 */
struct wv_profile *wv_json_profile(const struct wv_json_form *form, const void *data, size_t size,
				   const char *name, GError **error);

/** The reader whose walk it is. */
static inline struct wv_json_reader *wv_json_reader_of(struct wv_json_walk *walk)
{
	return (struct wv_json_reader *)walk;
}

/** Takes note of an enumerator for the enumeration being read. */
void wv_json_add_constant(struct wv_json_reader *reader, const char *name, int64_t value);

/** Sets which PDB it is of. Both are copied; `key` may be NULL. */
void wv_json_set_pdb(struct wv_json_reader *reader, const char *name, const char *key);

/** Which of the words it is, some of which may be NULL; `otherwise` when it is none of them. */
unsigned int wv_json_word(const char *word, const char *const *words, size_t count,
			  unsigned int otherwise);

#endif
