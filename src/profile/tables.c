/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of a profile, and lookups in them. */
#include "profile/tables.h"

#include "profile/clones.h"

#include <string.h>

/** Bounds on nested anonymous members, which a hostile file may make endless. */
#define DEPTH_MAX  32u
#define VISITS_MAX 100000u

/** How the tables hold numbers. */
G_STATIC_ASSERT(sizeof(gpointer) == sizeof(uint64_t));

const char *const wv_table_shape_names[WV_TABLE_SHAPES] = {
	[WV_TABLE_STRUCT] = "struct",
	[WV_TABLE_UNION] = "union",
	[WV_TABLE_CLASS] = "class",
};

const char *const wv_table_values_names[WV_TABLE_VALUES] = {
	[WV_TABLE_VOID] = "void", [WV_TABLE_INT] = "int",     [WV_TABLE_CHAR] = "char",
	[WV_TABLE_BOOL] = "bool", [WV_TABLE_FLOAT] = "float",
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
	const struct wv_table_symbols *self = (const struct wv_table_symbols *)base;

	return lookup_number(self->addresses, name, address);
}

static bool symbols_find(const struct wv_symbols *base, const char *name, uint64_t *address)
{
	return wv_find_with_clones(symbols_find_exact, base, name, address);
}

static void symbols_each(const struct wv_symbols *base, const char *prefix, wv_symbol_fn each,
			 void *owner)
{
	const struct wv_table_symbols *self = (const struct wv_table_symbols *)base;
	GHashTableIter names;
	gpointer name, address;

	g_hash_table_iter_init(&names, self->addresses);
	while (g_hash_table_iter_next(&names, &name, &address))
		if (g_str_has_prefix(name, prefix))
			each(owner, name, (uint64_t)address);
}

static void symbols_destroy(struct wv_symbols *base)
{
	struct wv_table_symbols *self = (struct wv_table_symbols *)base;

	g_hash_table_unref(self->addresses);
	g_string_chunk_free(self->strings);
	g_free(self);
}

struct wv_table_symbols *wv_table_symbols_new(const char *origin)
{
	struct wv_table_symbols *self = g_new0(struct wv_table_symbols, 1);

	self->base.find = symbols_find;
	self->base.each = symbols_each;
	self->base.destroy = symbols_destroy;
	self->base.origin = origin;
	self->strings = g_string_chunk_new(64 * 1024);
	self->addresses = g_hash_table_new(g_str_hash, g_str_equal);
	return self;
}

void wv_table_symbols_add(struct wv_table_symbols *self, const char *name, uint64_t address)
{
	g_hash_table_replace(self->addresses, g_string_chunk_insert(self->strings, name),
			     (gpointer)address);
	self->base.count = g_hash_table_size(self->addresses);
}

/* ---- types ---- */

static guint type_hash(gconstpointer key)
{
	const struct wv_table_type *type = key;
	guint hash = (guint)type->kind;

	hash = hash * 31 + g_direct_hash(type->name);
	hash = hash * 31 + g_direct_hash(type->of);
	hash = hash * 31 + (guint)type->count + (guint)type->bytes;
	return hash * 31 + type->bit_position * 64u + type->bit_length;
}

/* Names are interned, and inner types are kept once: pointers tell. */
static gboolean type_equal(gconstpointer left, gconstpointer right)
{
	const struct wv_table_type *a = left, *b = right;

	return a->kind == b->kind && a->name == b->name && a->of == b->of && a->count == b->count &&
	       a->bytes == b->bytes && a->bit_position == b->bit_position &&
	       a->bit_length == b->bit_length;
}

static uint64_t named_size(const struct wv_table_types *self, const char *name)
{
	const struct wv_table_structure *structure = g_hash_table_lookup(self->structures, name);
	const struct wv_table_base *base;

	if (structure)
		return structure->size;
	base = g_hash_table_lookup(self->bases, name);
	return base ? base->size : 0;
}

static uint64_t pointer_size(const struct wv_table_types *self)
{
	const struct wv_table_base *base = g_hash_table_lookup(self->bases, "pointer");

	return base ? base->size : 8;
}

static uint64_t enum_size(const struct wv_table_types *self, const char *name)
{
	const struct wv_table_enum *enumeration = g_hash_table_lookup(self->enums, name);

	return enumeration ? enumeration->size : 0;
}

uint64_t wv_table_type_size(const struct wv_table_types *self, const struct wv_table_type *type)
{
	uint64_t size;

	if (!type)
		return 0;
	switch (type->kind) {
	case WV_TABLE_NAMED:
		return named_size(self, type->name);
	case WV_TABLE_ENUM:
		size = wv_table_type_size(self, type->of);
		return size ? size : enum_size(self, type->name);
	case WV_TABLE_POINTER:
		return pointer_size(self);
	case WV_TABLE_ARRAY:
		if (type->bytes)
			return type->bytes;
		size = wv_table_type_size(self, type->of);
		return __builtin_mul_overflow(size, type->count, &size) ? 0 : size;
	case WV_TABLE_BITS:
		return (type->bit_position % 8u + type->bit_length + 7u) / 8;
	case WV_TABLE_FUNCTION:
		break;
	}
	return 0;
}

/* What an array has, however many dimensions it has. */
static const struct wv_table_type *element_of(const struct wv_table_type *type)
{
	while (type && type->kind == WV_TABLE_ARRAY)
		type = type->of;
	return type;
}

/* The structure that members are looked up in; NULL where there are none. */
static const struct wv_table_structure *structure_of(const struct wv_table_types *self,
						     const struct wv_table_type *type)
{
	type = element_of(type);
	if (!type || type->kind != WV_TABLE_NAMED)
		return NULL;
	return g_hash_table_lookup(self->structures, type->name);
}

/*
 * Looks for a field in a structure, and in its anonymous fields. *offset gets what the anonymous
 * ones on the way there add.
 */
static const struct wv_table_field *find_field(const struct wv_table_types *self,
					       const struct wv_table_structure *structure,
					       const char *name, size_t length, unsigned int depth,
					       unsigned int *visits, uint64_t *offset)
{
	for (size_t i = 0; structure && i < structure->count; i++) {
		const struct wv_table_field *field = &structure->fields[i], *inner;

		if (++*visits > VISITS_MAX)
			return NULL;
		if (strncmp(field->name, name, length) == 0 && !field->name[length]) {
			*offset += field->offset;
			return field;
		}
		if (!field->anonymous || depth == 0)
			continue;
		inner = find_field(self, structure_of(self, field->type), name, length, depth - 1,
				   visits, offset);
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
	const struct wv_table_types *self = (const struct wv_table_types *)base;
	const struct wv_table_structure *in = g_hash_table_lookup(self->structures, structure);
	const struct wv_table_type *element;
	const struct wv_table_field *field;
	unsigned int visits = 0;
	uint64_t offset = 0, size;

	for (;;) {
		size_t length = strcspn(path, ".");

		field = length ? find_field(self, in, path, length, DEPTH_MAX, &visits, &offset)
			       : NULL;
		if (!field)
			return false;
		path += length;
		if (!*path)
			break;
		path++;
		in = structure_of(self, field->type);
	}
	element = element_of(field->type);
	*member = (struct wv_member){ .offset = offset };
	if (element && element->kind == WV_TABLE_BITS) {
		member->offset += element->bit_position / 8;
		member->bit_shift = element->bit_position % 8;
		member->bit_count = element->bit_length;
		size = wv_table_type_size(self, element);
	} else {
		size = wv_table_type_size(self, field->type);
	}
	member->size = size <= UINT32_MAX ? (uint32_t)size : 0;
	return true;
}

static bool types_size(const struct wv_types *base, const char *name, uint64_t *size)
{
	const struct wv_table_types *self = (const struct wv_table_types *)base;
	const struct wv_table_structure *structure = g_hash_table_lookup(self->structures, name);

	if (!structure)
		return false;
	*size = structure->size;
	return true;
}

static bool types_enumerator(const struct wv_types *base, const char *name, int64_t *value)
{
	const struct wv_table_types *self = (const struct wv_table_types *)base;
	uint64_t number;

	if (!lookup_number(self->enumerators, name, &number))
		return false;
	*value = (int64_t)number;
	return true;
}

static void types_destroy(struct wv_types *base)
{
	struct wv_table_types *self = (struct wv_table_types *)base;

	g_hash_table_unref(self->structures);
	g_hash_table_unref(self->bases);
	g_hash_table_unref(self->enums);
	g_hash_table_unref(self->enumerators);
	g_hash_table_unref(self->types);
	g_string_chunk_free(self->strings);
	g_free(self);
}

struct wv_table_types *wv_table_types_new(const char *origin)
{
	struct wv_table_types *self = g_new0(struct wv_table_types, 1);

	self->base.member = types_member;
	self->base.size = types_size;
	self->base.enumerator = types_enumerator;
	self->base.destroy = types_destroy;
	self->base.origin = origin;
	self->strings = g_string_chunk_new(64 * 1024);
	self->types = g_hash_table_new_full(type_hash, type_equal, g_free, NULL);
	self->structures = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	self->bases = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	self->enums = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	self->enumerators = g_hash_table_new(g_str_hash, g_str_equal);
	return self;
}

const char *wv_table_intern(struct wv_table_types *self, const char *string)
{
	return g_string_chunk_insert_const(self->strings, string);
}

const struct wv_table_type *wv_table_type(struct wv_table_types *self,
					  const struct wv_table_type *type)
{
	struct wv_table_type *kept = g_hash_table_lookup(self->types, type);

	if (!kept) {
		kept = g_memdup2(type, sizeof(*type));
		g_hash_table_add(self->types, kept);
	}
	return kept;
}

const struct wv_table_type *wv_table_named(struct wv_table_types *self, const char *name)
{
	const struct wv_table_type type = { .kind = WV_TABLE_NAMED,
					    .name = wv_table_intern(self, name) };

	return wv_table_type(self, &type);
}

static void put(struct wv_table_types *self, GHashTable *table, const char *name, gpointer value)
{
	g_hash_table_replace(table, (gpointer)wv_table_intern(self, name), value);
}

void wv_table_types_add(struct wv_table_types *self, const char *name, enum wv_table_shape shape,
			uint64_t size, const GArray *fields)
{
	const size_t bytes = fields->len * sizeof(struct wv_table_field);
	struct wv_table_structure *structure = g_malloc(sizeof(*structure) + bytes);

	structure->shape = shape;
	structure->size = size;
	structure->count = fields->len;
	if (bytes)
		memcpy(structure->fields, fields->data, bytes);
	put(self, self->structures, name, structure);
	self->base.count = g_hash_table_size(self->structures);
}

void wv_table_types_add_base(struct wv_table_types *self, const char *name,
			     const struct wv_table_base *base)
{
	put(self, self->bases, name, g_memdup2(base, sizeof(*base)));
}

void wv_table_types_add_enum(struct wv_table_types *self, const char *name, const char *base,
			     uint64_t size, const GArray *constants)
{
	const size_t bytes = constants->len * sizeof(struct wv_table_constant);
	struct wv_table_enum *enumeration = g_malloc(sizeof(*enumeration) + bytes);

	enumeration->base = base ? wv_table_intern(self, base) : NULL;
	enumeration->size = size;
	enumeration->count = constants->len;
	if (bytes)
		memcpy(enumeration->constants, constants->data, bytes);
	put(self, self->enums, name, enumeration);
}

void wv_table_types_set_value(struct wv_table_types *self, const char *name, int64_t value)
{
	put(self, self->enumerators, name, (gpointer)value);
}
