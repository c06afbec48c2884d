/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lookups in an ISF's content. */
#include "profile/isf_tables.h"

#include "profile/clones.h"

#include <string.h>

/** Bounds on nested anonymous members, which a hostile file may make endless. */
#define DEPTH_MAX  32u
#define VISITS_MAX 100000u

/** How the tables hold numbers. */
G_STATIC_ASSERT(sizeof(gpointer) == sizeof(uint64_t));

struct structure {
	uint64_t size;
	size_t count;
	struct wv_isf_field fields[];
};

/* ---- symbols ---- */

static bool lookup_number(GHashTable *table, const char *name, uint64_t *value)
{
	gpointer found;

	if (!name || !g_hash_table_lookup_extended(table, name, NULL, &found))
		return false;
	*value = (uint64_t)found;
	return true;
}

static bool symbols_find_exact(const struct wv_symbols *base, const char *name, uint64_t *address)
{
	const struct wv_isf_symbols *self = (const struct wv_isf_symbols *)base;

	return lookup_number(self->addresses, name, address);
}

static bool symbols_find(const struct wv_symbols *base, const char *name, uint64_t *address)
{
	return wv_find_with_clones(symbols_find_exact, base, name, address);
}

static void symbols_destroy(struct wv_symbols *base)
{
	struct wv_isf_symbols *self = (struct wv_isf_symbols *)base;

	g_hash_table_unref(self->addresses);
	g_string_chunk_free(self->strings);
	g_free(self);
}

struct wv_isf_symbols *wv_isf_symbols_new(void)
{
	struct wv_isf_symbols *self = g_new0(struct wv_isf_symbols, 1);

	self->base.find = symbols_find;
	self->base.destroy = symbols_destroy;
	self->base.origin = "isf";
	self->strings = g_string_chunk_new(64 * 1024);
	self->addresses = g_hash_table_new(g_str_hash, g_str_equal);
	return self;
}

void wv_isf_symbols_add(struct wv_isf_symbols *self, const char *name, uint64_t address)
{
	g_hash_table_replace(self->addresses, g_string_chunk_insert(self->strings, name),
			     (gpointer)address);
	self->base.count = g_hash_table_size(self->addresses);
}

/* ---- types ---- */

static uint64_t ref_size(const struct wv_isf_types *self, const struct wv_isf_ref *ref)
{
	const struct structure *structure;
	uint64_t size = 0;

	switch (ref->kind) {
	case WV_ISF_NONE:
		break;
	case WV_ISF_NAMED:
		structure = ref->name ? g_hash_table_lookup(self->structures, ref->name) : NULL;
		if (structure)
			size = structure->size;
		else
			lookup_number(self->base_sizes, ref->name, &size);
		break;
	case WV_ISF_ENUM:
		lookup_number(self->enum_sizes, ref->name, &size);
		break;
	case WV_ISF_POINTER:
		if (!lookup_number(self->base_sizes, "pointer", &size))
			size = 8;
		break;
	}
	return __builtin_mul_overflow(size, ref->count, &size) ? 0 : size;
}

/*
 * Looks for a field in structure `name`, and in its anonymous fields. *offset gets what the
 * anonymous ones on the way there add.
 */
static const struct wv_isf_field *find_field(const struct wv_isf_types *self,
					     const struct wv_isf_ref *ref, const char *name,
					     size_t length, unsigned int depth,
					     unsigned int *visits, uint64_t *offset)
{
	const struct structure *structure = NULL;

	if (ref->kind == WV_ISF_NAMED && ref->name)
		structure = g_hash_table_lookup(self->structures, ref->name);
	if (!structure)
		return NULL;
	for (size_t i = 0; i < structure->count; i++) {
		const struct wv_isf_field *field = &structure->fields[i], *inner;

		if (++*visits > VISITS_MAX)
			return NULL;
		if (strncmp(field->name, name, length) == 0 && !field->name[length]) {
			*offset += field->offset;
			return field;
		}
		if (!field->anonymous || depth == 0)
			continue;
		inner = find_field(self, &field->ref, name, length, depth - 1, visits, offset);
		if (inner) {
			*offset += field->offset;
			return inner;
		}
	}
	return NULL;
}

static bool types_member(const struct wv_types *base, const char *structure, const char *path,
			 struct wv_member *member)
{
	const struct wv_isf_types *self = (const struct wv_isf_types *)base;
	struct wv_isf_ref ref = { .kind = WV_ISF_NAMED, .name = structure, .count = 1 };
	const struct wv_isf_field *field = NULL;
	unsigned int visits = 0;
	uint64_t offset = 0, size;

	for (;;) {
		size_t length = strcspn(path, ".");

		if (length == 0 || (field && field->bit_length))
			return false;
		field = find_field(self, &ref, path, length, DEPTH_MAX, &visits, &offset);
		if (!field)
			return false;
		ref = field->ref;
		path += length;
		if (!*path)
			break;
		path++;
	}
	if (field->bit_length) {
		member->offset = offset + field->bit_position / 8;
		member->bit_shift = field->bit_position % 8;
		size = (member->bit_shift + field->bit_length + 7u) / 8;
	} else {
		member->offset = offset;
		member->bit_shift = 0;
		size = ref_size(self, &ref);
	}
	member->bit_count = field->bit_length;
	member->size = size <= UINT32_MAX ? (uint32_t)size : 0;
	return true;
}

static bool types_size(const struct wv_types *base, const char *name, uint64_t *size)
{
	const struct wv_isf_types *self = (const struct wv_isf_types *)base;
	const struct structure *structure = g_hash_table_lookup(self->structures, name);

	if (!structure)
		return false;
	*size = structure->size;
	return true;
}

static bool types_enumerator(const struct wv_types *base, const char *name, int64_t *value)
{
	const struct wv_isf_types *self = (const struct wv_isf_types *)base;
	uint64_t number;

	if (!lookup_number(self->enumerators, name, &number))
		return false;
	*value = (int64_t)number;
	return true;
}

static void types_destroy(struct wv_types *base)
{
	struct wv_isf_types *self = (struct wv_isf_types *)base;

	g_hash_table_unref(self->structures);
	g_hash_table_unref(self->base_sizes);
	g_hash_table_unref(self->enum_sizes);
	g_hash_table_unref(self->enumerators);
	g_string_chunk_free(self->strings);
	g_free(self);
}

struct wv_isf_types *wv_isf_types_new(void)
{
	struct wv_isf_types *self = g_new0(struct wv_isf_types, 1);

	self->base.member = types_member;
	self->base.size = types_size;
	self->base.enumerator = types_enumerator;
	self->base.destroy = types_destroy;
	self->base.origin = "isf";
	self->strings = g_string_chunk_new(64 * 1024);
	self->structures = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	self->base_sizes = g_hash_table_new(g_str_hash, g_str_equal);
	self->enum_sizes = g_hash_table_new(g_str_hash, g_str_equal);
	self->enumerators = g_hash_table_new(g_str_hash, g_str_equal);
	return self;
}

const char *wv_isf_intern(struct wv_isf_types *self, const char *string)
{
	return g_string_chunk_insert_const(self->strings, string);
}

void wv_isf_types_add(struct wv_isf_types *self, const char *name, uint64_t size,
		      const struct wv_isf_field *fields, size_t count)
{
	struct structure *structure = g_malloc(sizeof(*structure) + count * sizeof(*fields));

	structure->size = size;
	structure->count = count;
	if (count)
		memcpy(structure->fields, fields, count * sizeof(*fields));
	g_hash_table_replace(self->structures, (gpointer)wv_isf_intern(self, name), structure);
	self->base.count = g_hash_table_size(self->structures);
}

void wv_isf_types_set(struct wv_isf_types *self, GHashTable *table, const char *name,
		      uint64_t value)
{
	g_hash_table_replace(table, (gpointer)wv_isf_intern(self, name), (gpointer)value);
}
