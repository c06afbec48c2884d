/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks objects by hand, and has json-c parse what is in them. */
#include "profile/json_walk.h"

#include <string.h>

#include "base/error.h"

/** Bytes of JSON of one entry; the largest structures of real profiles take 40 kB. */
#define ENTRY_MAX (4u << 20)

void wv_json_walk_init(struct wv_json_walk *walk, const void *data, size_t size, const char *name,
		       const char *form, int depth)
{
	const char *text = size ? data : "";

	*walk = (struct wv_json_walk){
		.start = text,
		.at = text,
		.end = text + size,
		.name = name,
		.form = form,
		.tokener = json_tokener_new_ex(depth),
	};
	if (!walk->tokener)
		wv_json_fail(walk, "out of memory");
}

bool wv_json_walk_end(struct wv_json_walk *walk, GError **error)
{
	if (walk->tokener)
		json_tokener_free(walk->tokener);
	if (!walk->failure)
		return true;
	g_propagate_error(error, g_steal_pointer(&walk->failure));
	return false;
}

bool wv_json_fail(struct wv_json_walk *walk, const char *what)
{
	if (!walk->failure)
		g_set_error(&walk->failure, WV_ERROR, WV_ERROR_FORMAT,
			    "%s: not a usable %s: %s%s%s (at byte %zu)", walk->name, walk->form,
			    walk->section ? walk->section : "", walk->section ? ": " : "", what,
			    (size_t)(walk->at - walk->start));
	return false;
}

static char peek(struct wv_json_walk *walk)
{
	while (walk->at < walk->end && *walk->at && strchr(" \t\r\n", *walk->at))
		walk->at++;
	return walk->at < walk->end ? *walk->at : '\0';
}

static bool expect(struct wv_json_walk *walk, char character, const char *what)
{
	if (peek(walk) != character)
		return wv_json_fail(walk, what);
	walk->at++;
	return true;
}

bool wv_json_at_end(struct wv_json_walk *walk)
{
	return (!peek(walk) && walk->at == walk->end) || wv_json_fail(walk, "something follows it");
}

bool wv_json_value(struct wv_json_walk *walk, json_object **value)
{
	size_t left = (size_t)(walk->end - walk->at);
	enum json_tokener_error status;

	*value = NULL;
	if (!walk->tokener)
		return false;
	json_tokener_reset(walk->tokener);
	*value = json_tokener_parse_ex(walk->tokener, walk->at, (int)MIN(left, ENTRY_MAX));
	status = json_tokener_get_error(walk->tokener);
	if (status == json_tokener_success) {
		walk->at += json_tokener_get_parse_end(walk->tokener);
		return true;
	}
	if (status == json_tokener_continue)
		return wv_json_fail(walk, left > ENTRY_MAX ? "an entry is too large"
							   : "it ends too early");
	return wv_json_fail(walk, json_tokener_error_desc(status));
}

json_object *wv_json_typed(struct wv_json_walk *walk, enum json_type type, const char *what)
{
	json_object *value;

	if (!wv_json_value(walk, &value))
		return NULL;
	if (json_object_is_type(value, type))
		return value;
	json_object_put(value);
	wv_json_fail(walk, what);
	return NULL;
}

/* One entry: name, colon, value. */
static bool walk_entry(struct wv_json_walk *walk, wv_json_entry_fn entry)
{
	json_object *key;
	bool ok;

	if (peek(walk) != '"')
		return wv_json_fail(walk, "a name is missing");
	key = wv_json_typed(walk, json_type_string, "a name is malformed");
	if (!key)
		return false;
	ok = expect(walk, ':', "a colon is missing");
	if (ok && !peek(walk))
		ok = wv_json_fail(walk, "it ends too early");
	ok = ok && entry(walk, json_object_get_string(key));
	json_object_put(key);
	return ok;
}

bool wv_json_entries(struct wv_json_walk *walk, wv_json_entry_fn entry)
{
	if (!expect(walk, '{', "an object is missing"))
		return false;
	if (peek(walk) == '}') {
		walk->at++;
		return true;
	}
	for (;;) {
		if (!walk_entry(walk, entry))
			return false;
		if (peek(walk) != ',')
			break;
		walk->at++;
	}
	return expect(walk, '}', "a comma or brace is missing");
}

bool wv_json_section(struct wv_json_walk *walk, const struct wv_json_section *sections,
		     const char *key, bool *ok)
{
	for (; sections->key; sections++) {
		if (strcmp(key, sections->key) != 0)
			continue;
		walk->section = sections->key;
		*ok = wv_json_entries(walk, sections->entry);
		walk->section = NULL;
		return true;
	}
	return false;
}

/* ---- values ---- */

json_object *wv_json_get(json_object *object, const char *key, enum json_type type)
{
	json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

json_object *wv_json_element(json_object *array, size_t index, enum json_type type)
{
	json_object *value;

	if (!json_object_is_type(array, json_type_array) ||
	    index >= json_object_array_length(array))
		return NULL;
	value = json_object_array_get_idx(array, index);
	return json_object_is_type(value, type) ? value : NULL;
}

bool wv_json_number(json_object *value, uint64_t *number)
{
	if (!value || json_object_get_int64(value) < 0)
		return false;
	*number = json_object_get_uint64(value);
	return true;
}

bool wv_json_get_number(json_object *object, const char *key, uint64_t *number)
{
	return wv_json_number(wv_json_get(object, key, json_type_int), number);
}

const char *wv_json_get_text(json_object *object, const char *key)
{
	json_object *value = wv_json_get(object, key, json_type_string);

	return value ? json_object_get_string(value) : "";
}
