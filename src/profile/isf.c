/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads an ISF profile. What is read: `symbols` (address, and constant_data of linux_banner),
 * `user_types`, `enums` and `base_types`; `metadata` must be there, of which `windows.pdb` is read.
 */
#include "profile/isf.h"

#include "profile/file.h"
#include "profile/json_profile.h"

#include <string.h>

/** JSON within one entry: a field's type may be a pointer to a pointer to ... */
#define DEPTH_MAX 64
/** Steps from a field's type through arrays and pointers; what is behind them is not known. */
#define REF_STEPS_MAX 32u

/* ---- symbols ---- */

/* The banner's text, without the newline and the NUL at its end. */
static char *decode_banner(const char *base64)
{
	gsize size;
	g_autofree guchar *data = g_base64_decode(base64, &size);

	return g_strchomp(g_strndup((const char *)data, size));
}

static bool read_symbol(struct wv_json_walk *walk, const char *name)
{
	struct wv_json_reader *reader = wv_json_reader_of(walk);
	json_object *symbol = wv_json_typed(walk, json_type_object, "a symbol is malformed");
	json_object *number;
	uint64_t address;

	if (!symbol)
		return false;
	number = wv_json_get(symbol, "address", json_type_int);
	if (!number) {
		json_object_put(symbol);
		return wv_json_fail(walk, "a symbol has no address");
	}
	/* Some writers give kernel addresses as negative numbers, some cut them to 48 bits. */
	address = json_object_get_int64(number) < 0 ? (uint64_t)json_object_get_int64(number)
						    : json_object_get_uint64(number);
	if (address & UINT64_C(1) << 47)
		address |= UINT64_C(0xffff) << 48;
	wv_table_symbols_add(reader->symbols, name, address);
	if (strcmp(name, "linux_banner") == 0 && *wv_json_get_text(symbol, "constant_data")) {
		g_free(reader->profile->banner);
		reader->profile->banner = decode_banner(wv_json_get_text(symbol, "constant_data"));
	}
	json_object_put(symbol);
	return true;
}

/* ---- types ---- */

static bool read_bits(json_object *json, struct wv_table_type *type)
{
	uint64_t position, length;

	if (!wv_json_get_number(json, "bit_position", &position) ||
	    !wv_json_get_number(json, "bit_length", &length) || position > UINT8_MAX ||
	    length == 0 || length > UINT8_MAX)
		return false;
	type->bit_position = (uint8_t)position;
	type->bit_length = (uint8_t)length;
	return true;
}

/* The kinds that are not just a name, and where they have what they are made of. */
static const char *const kind_words[] = {
	[WV_TABLE_ENUM] = "enum",     [WV_TABLE_POINTER] = "pointer",	[WV_TABLE_ARRAY] = "array",
	[WV_TABLE_BITS] = "bitfield", [WV_TABLE_FUNCTION] = "function",
};
static const char *const inner_keys[] = {
	[WV_TABLE_POINTER] = "subtype",
	[WV_TABLE_ARRAY] = "subtype",
	[WV_TABLE_BITS] = "type",
	[WV_TABLE_FUNCTION] = NULL,
};

/* Which of the words the object has under a key. */
static unsigned int get_word(json_object *object, const char *key, const char *const *words,
			     size_t count, unsigned int otherwise)
{
	return wv_json_word(wv_json_get_text(object, key), words, count, otherwise);
}

/* What a type without a name refers to, of whatever kind it is. */
static json_object *get_inner(json_object *json)
{
	json_object *inner = wv_json_get(json, "subtype", json_type_object);

	return inner ? inner : wv_json_get(json, "type", json_type_object);
}

/*
 * Reads a type; one that is absent or of an unknown kind is NULL. False when it is malformed.
 *
 * @elements: of the arrays that it is in.
 */
static bool read_type(struct wv_json_reader *reader, json_object *json, unsigned int steps,
		      uint64_t elements, const struct wv_table_type **type)
{
	const char *name = wv_json_get_text(json, "name");
	struct wv_table_type read = { .kind = get_word(json, "kind", kind_words,
						       G_N_ELEMENTS(kind_words), WV_TABLE_NAMED) };
	const char *inner = inner_keys[read.kind];

	*type = NULL;
	if (!json || steps == 0)
		return true;
	if (read.kind == WV_TABLE_NAMED && !*name) /* a typedef, say */
		return read_type(reader, get_inner(json), steps - 1, elements, type);
	if (read.kind == WV_TABLE_NAMED || read.kind == WV_TABLE_ENUM)
		read.name = wv_table_intern(reader->types, name);
	if (read.kind == WV_TABLE_POINTER)
		elements = 1;
	if (read.kind == WV_TABLE_ARRAY) {
		wv_json_get_number(json, "count", &read.count);
		if (__builtin_mul_overflow(elements, read.count, &elements))
			return false;
	}
	if (read.kind == WV_TABLE_BITS && !read_bits(json, &read))
		return false;
	if (inner && !read_type(reader, wv_json_get(json, inner, json_type_object), steps - 1,
				elements, &read.of))
		return false;
	*type = wv_table_type(reader->types, &read);
	return true;
}

static bool read_field(struct wv_json_reader *reader, const char *name, json_object *value)
{
	struct wv_table_field field = { .name = wv_table_intern(reader->types, name) };
	json_object *anonymous;

	if (!json_object_is_type(value, json_type_object) ||
	    !wv_json_get_number(value, "offset", &field.offset))
		return wv_json_fail(&reader->walk, "a field has no offset");
	if (!read_type(reader, wv_json_get(value, "type", json_type_object), REF_STEPS_MAX, 1,
		       &field.type))
		return wv_json_fail(&reader->walk, "a field's type is malformed");
	anonymous = wv_json_get(value, "anonymous", json_type_boolean);
	field.anonymous = anonymous && json_object_get_boolean(anonymous);
	g_array_append_val(reader->fields, field);
	return true;
}

static bool read_structure(struct wv_json_walk *walk, const char *name)
{
	struct wv_json_reader *reader = wv_json_reader_of(walk);
	json_object *structure = wv_json_typed(walk, json_type_object, "a type is malformed");
	json_object *fields;
	uint64_t size;
	bool ok = true;

	if (!structure)
		return false;
	g_array_set_size(reader->fields, 0);
	fields = wv_json_get(structure, "fields", json_type_object);
	if (!wv_json_get_number(structure, "size", &size))
		ok = wv_json_fail(walk, "a type has no size");
	if (ok && fields) {
		json_object_object_foreach(fields, key, value)
		{
			ok = ok && read_field(reader, key, value);
		}
	}
	if (ok)
		wv_table_types_add(reader->types, name,
				   get_word(structure, "kind", wv_table_shape_names,
					    WV_TABLE_SHAPES, WV_TABLE_STRUCT),
				   size, reader->fields);
	json_object_put(structure);
	return ok;
}

static void read_constant(struct wv_json_reader *reader, const char *name, json_object *value)
{
	if (!json_object_is_type(value, json_type_int))
		return;
	wv_json_add_constant(reader, name, json_object_get_int64(value));
	wv_table_types_set_value(reader->types, name, json_object_get_int64(value));
}

static bool read_enumeration(struct wv_json_walk *walk, const char *name)
{
	struct wv_json_reader *reader = wv_json_reader_of(walk);
	json_object *enumeration = wv_json_typed(walk, json_type_object, "an enum is malformed");
	json_object *constants;
	const char *base;
	uint64_t size = 0;

	if (!enumeration)
		return false;
	wv_json_get_number(enumeration, "size", &size);
	base = wv_json_get_text(enumeration, "base");
	constants = wv_json_get(enumeration, "constants", json_type_object);
	g_array_set_size(reader->constants, 0);
	if (constants) {
		json_object_object_foreach(constants, key, value)
		{
			read_constant(reader, key, value);
		}
	}
	wv_table_types_add_enum(reader->types, name, *base ? base : NULL, size, reader->constants);
	json_object_put(enumeration);
	return true;
}

static bool read_base_type(struct wv_json_walk *walk, const char *name)
{
	json_object *json = wv_json_typed(walk, json_type_object, "a base type is malformed");
	struct wv_table_base base = { 0 };
	json_object *is_signed;

	if (!json)
		return false;
	wv_json_get_number(json, "size", &base.size);
	is_signed = wv_json_get(json, "signed", json_type_boolean);
	base.is_signed = is_signed && json_object_get_boolean(is_signed);
	base.values = get_word(json, "kind", wv_table_values_names, WV_TABLE_VALUES, WV_TABLE_INT);
	wv_table_types_add_base(wv_json_reader_of(walk)->types, name, &base);
	json_object_put(json);
	return true;
}

/* ---- the whole ---- */

/* Which PDB a Windows profile was made of. What is malformed is taken as absent. */
static void read_metadata(struct wv_json_reader *reader, json_object *metadata)
{
	static const char *const path[] = { "windows", "pdb" };
	g_autofree char *key = NULL;
	uint64_t age, machine;

	reader->has_metadata = true;
	for (size_t i = 0; i < G_N_ELEMENTS(path); i++) {
		metadata = wv_json_get(metadata, path[i], json_type_object);
		if (!metadata)
			return;
	}
	if (wv_json_get_number(metadata, "age", &age) && age <= UINT32_MAX)
		key = g_strdup_printf("%s%X", wv_json_get_text(metadata, "GUID"), (guint)age);
	wv_json_set_pdb(reader, wv_json_get_text(metadata, "database"), key);
	if (wv_json_get_number(metadata, "machine_type", &machine) && machine <= UINT16_MAX)
		reader->profile->pdb_machine = (uint16_t)machine;
}

static bool read_section(struct wv_json_walk *walk, const char *key)
{
	static const struct wv_json_section sections[] = {
		{ "symbols", read_symbol },
		{ "user_types", read_structure },
		{ "enums", read_enumeration },
		{ "base_types", read_base_type },
		{ NULL, NULL },
	};
	json_object *value;
	bool ok;

	if (wv_json_section(walk, sections, key, &ok))
		return ok;
	if (strcmp(key, "$METADATA") == 0)
		return wv_json_fail(walk, "it is a Rekall profile");
	value = wv_json_typed(walk, json_type_object, "what it holds is not an object");
	if (!value)
		return false;
	if (strcmp(key, "metadata") == 0)
		read_metadata(wv_json_reader_of(walk), value);
	json_object_put(value);
	return true;
}

static struct wv_profile *parse_json(const void *data, size_t size, const char *name,
				     GError **error)
{
	static const struct wv_json_form form = {
		.name = "ISF profile",
		.origin = "isf",
		.no_metadata = "it has no metadata",
		.depth = DEPTH_MAX,
		.read_section = read_section,
	};

	return wv_json_profile(&form, data, size, name, error);
}

struct wv_profile *wv_isf_parse(const void *data, size_t size, const char *name, GError **error)
{
	return wv_profile_file_unpack(data, size, name, parse_json, error);
}
