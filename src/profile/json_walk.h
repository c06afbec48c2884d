/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks a large JSON text entry by entry. json-c parses one entry (a symbol, a structure) at a
 * time: its tree of a whole profile takes 20 times the file's size, 370 MB for a Linux kernel of 19
 * MB of JSON. Internal to the profile folder.
 */
#ifndef WV_PROFILE_JSON_WALK_H
#define WV_PROFILE_JSON_WALK_H

#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct wv_json_walk {
	const char *start;
	const char *at;
	const char *end;
	const char *name;    /**< of the file, for messages */
	const char *form;    /**< what it should be, for messages: "ISF profile" */
	const char *section; /**< the key at the top, for messages; or NULL */
	struct json_tokener *tokener;
	GError *failure; /**< the first */
};

/** Handles one entry of an object: the walk stands at its value, and behind it afterwards. */
typedef bool (*wv_json_entry_fn)(struct wv_json_walk *walk, const char *key);

/** @depth: of JSON within one entry. */
void wv_json_walk_init(struct wv_json_walk *walk, const void *data, size_t size, const char *name,
		       const char *form, int depth);

/** Ends the walk. False when it failed: then the error is given away. */
bool wv_json_walk_end(struct wv_json_walk *walk, GError **error);

/** Fails (WV_ERROR_FORMAT), and says where. Returns false. */
bool wv_json_fail(struct wv_json_walk *walk, const char *what);

/** Walks the object that is next, giving each of its entries to the function. */
bool wv_json_entries(struct wv_json_walk *walk, wv_json_entry_fn entry);

/** A part of the file: its key at the top, and what handles its entries. */
struct wv_json_section {
	const char *key; /**< NULL ends a table of them */
	wv_json_entry_fn entry;
};

/** Walks the section of that key. False when there is none; else *ok tells whether it went well. */
bool wv_json_section(struct wv_json_walk *walk, const struct wv_json_section *sections,
		     const char *key, bool *ok);

/** Fails unless nothing is left. */
bool wv_json_at_end(struct wv_json_walk *walk);

/**
 * Parses the value that is next, of any type: null is NULL. The caller releases it with
 * json_object_put().
 */
bool wv_json_value(struct wv_json_walk *walk, json_object **value);

/** The same of one type; NULL when it fails, with this message where it is of another. */
json_object *wv_json_typed(struct wv_json_walk *walk, enum json_type type, const char *what);

/* Values within one entry, any of which may be NULL ---------------------------------------------*/

/** NULL where it is not there, or of another type. */
json_object *wv_json_get(json_object *object, const char *key, enum json_type type);
json_object *wv_json_element(json_object *array, size_t index, enum json_type type);

/** A number that is not negative. */
bool wv_json_number(json_object *value, uint64_t *number);
bool wv_json_get_number(json_object *object, const char *key, uint64_t *number);

/** "" where there is none. It lives as long as the object. */
const char *wv_json_get_text(json_object *object, const char *key);

#endif
