/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recording what is looked up in a profile, and writing that as an ISF. */
#include "profile/extract.h"

#include <json-c/json.h>
#include <string.h>

#include "config.h"

/** The format's version that the file is in: what Volatility 3's dwarf2json writes. */
#define ISF_FORMAT "6.2.0"

struct symbols_recorder {
	struct wv_symbols base;
	struct wv_symbols *inner;
	GHashTable *found; /* of names; the value is the address */
};

/** A structure that something was asked about. */
struct structure {
	uint64_t size;	     /* 0: not asked for, or not known */
	GHashTable *members; /* of paths, of struct wv_member */
};

struct types_recorder {
	struct wv_types base;
	struct wv_types *inner;
	GHashTable *structures;	 /* of names */
	GHashTable *enumerators; /* of names; the value is the number */
};

/* Recording -------------------------------------------------------------------------------------*/

static void keep_number(GHashTable *table, const char *name, uint64_t value)
{
	g_hash_table_insert(table, g_strdup(name), g_memdup2(&value, sizeof(value)));
}

static bool record_symbol(const struct wv_symbols *base, const char *name, uint64_t *address)
{
	const struct symbols_recorder *self = (const struct symbols_recorder *)base;

	if (!self->inner->find(self->inner, name, address))
		return false;
	keep_number(self->found, name, *address);
	return true;
}

struct recording {
	const struct symbols_recorder *recorder;
	wv_symbol_fn each;
	void *owner;
};

static void record_one(void *owner, const char *name, uint64_t address)
{
	const struct recording *recording = owner;

	keep_number(recording->recorder->found, name, address);
	recording->each(recording->owner, name, address);
}

static void record_each(const struct wv_symbols *base, const char *prefix, wv_symbol_fn each,
			void *owner)
{
	const struct symbols_recorder *self = (const struct symbols_recorder *)base;
	struct recording recording = { self, each, owner };

	self->inner->each(self->inner, prefix, record_one, &recording);
}

static void destroy_symbols(struct wv_symbols *base)
{
	struct symbols_recorder *self = (struct symbols_recorder *)base;

	self->inner->destroy(self->inner);
	g_hash_table_unref(self->found);
	g_free(self);
}

static void free_structure(gpointer data)
{
	struct structure *structure = data;

	g_hash_table_unref(structure->members);
	g_free(structure);
}

static struct structure *keep_structure(const struct types_recorder *self, const char *name)
{
	struct structure *structure = g_hash_table_lookup(self->structures, name);

	if (structure)
		return structure;
	structure = g_new0(struct structure, 1);
	structure->members = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	self->inner->size(self->inner, name, &structure->size);
	g_hash_table_insert(self->structures, g_strdup(name), structure);
	return structure;
}

static bool record_member(const struct wv_types *base, const char *name, const char *path,
			  struct wv_member *member)
{
	const struct types_recorder *self = (const struct types_recorder *)base;

	if (!self->inner->member(self->inner, name, path, member))
		return false;
	g_hash_table_insert(keep_structure(self, name)->members, g_strdup(path),
			    g_memdup2(member, sizeof(*member)));
	return true;
}

static bool record_size(const struct wv_types *base, const char *name, uint64_t *size)
{
	const struct types_recorder *self = (const struct types_recorder *)base;

	if (!self->inner->size(self->inner, name, size))
		return false;
	keep_structure(self, name);
	return true;
}

static bool record_enumerator(const struct wv_types *base, const char *name, int64_t *value)
{
	const struct types_recorder *self = (const struct types_recorder *)base;

	if (!self->inner->enumerator(self->inner, name, value))
		return false;
	keep_number(self->enumerators, name, (uint64_t)*value);
	return true;
}

static void destroy_types(struct wv_types *base)
{
	struct types_recorder *self = (struct types_recorder *)base;

	self->inner->destroy(self->inner);
	g_hash_table_unref(self->structures);
	g_hash_table_unref(self->enumerators);
	g_free(self);
}

static GHashTable *new_numbers(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

void wv_profile_record(struct wv_profile *profile)
{
	struct symbols_recorder *symbols = g_new0(struct symbols_recorder, 1);
	struct types_recorder *types = g_new0(struct types_recorder, 1);

	symbols->inner = profile->symbols;
	symbols->base = *profile->symbols;
	symbols->base.find = record_symbol;
	symbols->base.each = profile->symbols->each ? record_each : NULL;
	symbols->base.destroy = destroy_symbols;
	symbols->found = new_numbers();
	profile->symbols = &symbols->base;

	types->inner = profile->types;
	types->base = *profile->types;
	types->base.member = record_member;
	types->base.size = record_size;
	types->base.enumerator = record_enumerator;
	types->base.destroy = destroy_types;
	types->structures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_structure);
	types->enumerators = new_numbers();
	profile->types = &types->base;
}

/* Writing ---------------------------------------------------------------------------------------*/

static json_object *add_object(json_object *parent, const char *key)
{
	json_object *object = json_object_new_object();

	json_object_object_add(parent, key, object);
	return object;
}

static void add_number(json_object *parent, const char *key, uint64_t value)
{
	json_object_object_add(parent, key, json_object_new_uint64(value));
}

static void add_text(json_object *parent, const char *key, const char *text)
{
	json_object_object_add(parent, key, json_object_new_string(text));
}

/** The sections of the file. */
struct sections {
	json_object *base_types, *user_types;
};

/** The object of that name in the section; a new one of this size where there is none. */
static json_object *structure_object(json_object *user_types, const char *name, uint64_t size)
{
	json_object *object;

	if (json_object_object_get_ex(user_types, name, &object))
		return object;
	object = add_object(user_types, name);
	add_text(object, "kind", "struct");
	add_number(object, "size", size);
	add_object(object, "fields");
	return object;
}

static json_object *fields_of(json_object *structure)
{
	json_object *fields = NULL;

	json_object_object_get_ex(structure, "fields", &fields);
	return fields;
}

/** Describes a type of which only the size matters. */
static void add_plain_type(const struct sections *sections, json_object *field,
			   const struct wv_member *member)
{
	g_autofree char *name = g_strdup_printf("bytes%u", member->size);
	json_object *type = add_object(field, "type"), *base;

	if (!json_object_object_get_ex(sections->base_types, name, &base)) {
		base = add_object(sections->base_types, name);
		add_number(base, "size", member->size);
		json_object_object_add(base, "signed", json_object_new_boolean(false));
		add_text(base, "kind", "int");
		add_text(base, "endian", "little");
	}
	if (member->bit_count) {
		add_text(type, "kind", "bitfield");
		add_number(type, "bit_position", member->bit_shift);
		add_number(type, "bit_length", member->bit_count);
		type = add_object(type, "type");
	}
	add_text(type, "kind", "base");
	add_text(type, "name", name);
}

/**
 * Adds a member that is itself a structure because something in it was asked for. Its type gets a
 * name of its own, the path.
 */
static json_object *add_inner(const struct sections *sections, json_object *structure,
			      const char *name, const char *path, uint64_t offset, uint64_t size)
{
	json_object *field = add_object(fields_of(structure), name);
	json_object *type;

	add_number(field, "offset", offset);
	type = add_object(field, "type");
	add_text(type, "kind", "struct");
	add_text(type, "name", path);
	return structure_object(sections->user_types, path, size);
}

/** Adds a member by its dotted path, and the members on the way to it; those become structures. */
static void add_member(const struct types_recorder *self, const struct sections *sections,
		       const char *name, const char *path, const struct wv_member *member)
{
	g_auto(GStrv) parts = g_strsplit(path, ".", 0);
	g_autoptr(GString) way = g_string_new(NULL), type = g_string_new(name);
	json_object *structure, *field;
	uint64_t start = 0;

	if (!json_object_object_get_ex(sections->user_types, name, &structure))
		return;
	for (char **part = parts; part[1]; part++) {
		struct wv_member inner;

		g_string_append_printf(way, "%s%s", way->len ? "." : "", *part);
		g_string_append_printf(type, ".%s", *part);
		if (!self->inner->member(self->inner, name, way->str, &inner))
			return;
		structure = add_inner(sections, structure, *part, type->str, inner.offset - start,
				      inner.size);
		start = inner.offset;
	}

	const char *last = parts[g_strv_length(parts) - 1];

	field = add_object(fields_of(structure), last);
	add_number(field, "offset", member->offset - start);
	add_plain_type(sections, field, member);
}

/** The keys, sorted: a member comes before those that are inside of it. Free with g_list_free(). */
static GList *sorted_keys(GHashTable *table)
{
	return g_list_sort(g_hash_table_get_keys(table), (GCompareFunc)strcmp);
}

static void add_structures(const struct types_recorder *self, const struct sections *sections)
{
	g_autoptr(GList) names = sorted_keys(self->structures);

	for (GList *name = names; name; name = name->next) {
		const struct structure *structure =
			g_hash_table_lookup(self->structures, name->data);
		g_autoptr(GList) paths = sorted_keys(structure->members);

		structure_object(sections->user_types, name->data, structure->size);
		for (GList *path = paths; path; path = path->next)
			add_member(self, sections, name->data, path->data,
				   g_hash_table_lookup(structure->members, path->data));
	}
}

static uint64_t number_of(GHashTable *table, const char *name)
{
	return *(const uint64_t *)g_hash_table_lookup(table, name);
}

static void add_enumerators(const struct types_recorder *self, json_object *enums)
{
	g_autoptr(GList) names = sorted_keys(self->enumerators);
	json_object *all = add_object(enums, "extract");
	json_object *constants;

	add_number(all, "size", sizeof(int));
	add_text(all, "base", "bytes4");
	constants = add_object(all, "constants");
	for (GList *name = names; name; name = name->next)
		json_object_object_add(
			constants, name->data,
			json_object_new_int64((int64_t)number_of(self->enumerators, name->data)));
}

static void add_symbols(const struct symbols_recorder *self, json_object *symbols,
			const char *banner)
{
	g_autoptr(GList) names = sorted_keys(self->found);

	for (GList *name = names; name; name = name->next) {
		json_object *symbol = add_object(symbols, name->data);

		add_number(symbol, "address", number_of(self->found, name->data));
		if (strcmp(name->data, "linux_banner") == 0) {
			g_autofree char *data =
				g_base64_encode((const guchar *)banner, strlen(banner));

			add_text(symbol, "constant_data", data);
		}
	}
}

char *wv_profile_extract(const struct wv_profile *profile, const char *banner)
{
	const struct symbols_recorder *symbols = (const struct symbols_recorder *)profile->symbols;
	const struct types_recorder *types = (const struct types_recorder *)profile->types;
	json_object *root = json_object_new_object();
	json_object *metadata = add_object(root, "metadata");
	json_object *producer = add_object(metadata, "producer");
	struct sections sections = { add_object(root, "base_types"),
				     add_object(root, "user_types") };

	add_text(producer, "name", "wyvern");
	add_text(producer, "version", WV_VERSION);
	add_text(metadata, "format", ISF_FORMAT);
	add_structures(types, &sections);
	add_enumerators(types, add_object(root, "enums"));
	add_symbols(symbols, add_object(root, "symbols"), banner);

	char *text = g_strdup(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY));

	json_object_put(root);
	return text;
}
