/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills a profile from a walk through JSON. */
#include "profile/json_profile.h"

#include <string.h>

static bool read_all(struct wv_json_reader *reader, const struct wv_json_form *form)
{
	struct wv_json_walk *walk = &reader->walk;

	if (!wv_json_entries(walk, form->read_section) || !wv_json_at_end(walk))
		return false;
	if (!reader->has_metadata)
		return wv_json_fail(walk, form->no_metadata);
	if (reader->symbols->base.count == 0 && reader->types->base.count == 0)
		return wv_json_fail(walk, "it has neither symbols nor types");
	if (form->complete)
		form->complete(reader);
	return true;
}

struct wv_profile *wv_json_profile(const struct wv_json_form *form, const void *data, size_t size,
				   const char *name, GError **error)
{
	struct wv_json_reader reader = {
		.symbols = wv_table_symbols_new(form->origin),
		.types = wv_table_types_new(form->origin),
		.fields = g_array_new(FALSE, FALSE, sizeof(struct wv_table_field)),
		.constants = g_array_new(FALSE, FALSE, sizeof(struct wv_table_constant)),
	};

	reader.profile = wv_profile_new(&reader.symbols->base, &reader.types->base);
	wv_json_walk_init(&reader.walk, data, size, name, form->name, form->depth);
	read_all(&reader, form);
	g_array_unref(reader.fields);
	g_array_unref(reader.constants);
	if (!wv_json_walk_end(&reader.walk, error))
		g_clear_pointer(&reader.profile, wv_profile_free);
	return reader.profile;
}

void wv_json_add_constant(struct wv_json_reader *reader, const char *name, int64_t value)
{
	const struct wv_table_constant constant = { .name = wv_table_intern(reader->types, name),
						    .value = value };

	g_array_append_val(reader->constants, constant);
}

void wv_json_set_pdb(struct wv_json_reader *reader, const char *name, const char *key)
{
	g_free(reader->profile->pdb_name);
	g_free(reader->profile->pdb_key);
	reader->profile->pdb_name = g_strdup(name);
	reader->profile->pdb_key = g_strdup(key);
}

unsigned int wv_json_word(const char *word, const char *const *words, size_t count,
			  unsigned int otherwise)
{
	for (unsigned int i = 0; i < count; i++) {
		if (words[i] && strcmp(word, words[i]) == 0)
			return i;
	}
	return otherwise;
}
