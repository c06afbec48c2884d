/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads an ISF profile. What is read: `symbols` (address, and constant_data of linux_banner),
 * `user_types`, `enums` and `base_types`; `metadata` must be there, of which `windows.pdb` is read.
 */
#include "profile/isf.h"

#include "profile/isf_file.h"
#include "profile/isf_tables.h"
#include "profile/json_walk.h"

#include <string.h>

/** JSON within one entry: a field's type may be a pointer to a pointer to ... */
#define DEPTH_MAX 64
/** Steps from a field's type through arrays and pointers; what is behind them is not known. */
#define REF_STEPS_MAX 32u

struct reader {
	struct wv_json_walk walk; /* first: a walk is a reader */
	struct wv_isf_symbols *symbols;
	struct wv_isf_types *types;
	GArray *fields;	   /* of the structure being read */
	GArray *constants; /* of the enumeration being read */
	char *banner;
	char *pdb_name;
	char *pdb_key;
	uint16_t pdb_machine;
	bool has_metadata;
};

static struct reader *reader_of(struct wv_json_walk *walk)
{
	return (struct reader *)walk;
}

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
	struct reader *reader = reader_of(walk);
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
	wv_isf_symbols_add(reader->symbols, name, address);
	if (strcmp(name, "linux_banner") == 0 && *wv_json_get_text(symbol, "constant_data")) {
		g_free(reader->banner);
		reader->banner = decode_banner(wv_json_get_text(symbol, "constant_data"));
	}
	json_object_put(symbol);
	return true;
}

/* ---- types ---- */

static bool read_bits(json_object *json, struct wv_isf_type *type)
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
static const struct form {
	const char *kind;
	enum wv_isf_kind meaning;
	const char *inner;
} forms[] = {
	{ "array", WV_ISF_ARRAY, "subtype" },	  { "bitfield", WV_ISF_BITS, "type" },
	{ "pointer", WV_ISF_POINTER, "subtype" }, { "enum", WV_ISF_ENUM, "" },
	{ "function", WV_ISF_FUNCTION, "" },
};

static const struct form *find_form(const char *kind)
{
	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		if (strcmp(kind, forms[i].kind) == 0)
			return &forms[i];
	}
	return NULL;
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
static bool read_type(struct reader *reader, json_object *json, unsigned int steps,
		      uint64_t elements, const struct wv_isf_type **type)
{
	const struct form *form = json ? find_form(wv_json_get_text(json, "kind")) : NULL;
	const char *name = json ? wv_json_get_text(json, "name") : "";
	struct wv_isf_type read = { .kind = form ? form->meaning : WV_ISF_NAMED };

	*type = NULL;
	if (!json || steps == 0)
		return true;
	if (!form && !*name) /* a typedef, say */
		return read_type(reader, get_inner(json), steps - 1, elements, type);
	if (read.kind == WV_ISF_NAMED || read.kind == WV_ISF_ENUM)
		read.name = wv_isf_intern(reader->types, name);
	if (read.kind == WV_ISF_POINTER)
		elements = 1;
	if (read.kind == WV_ISF_ARRAY) {
		wv_json_get_number(json, "count", &read.count);
		if (__builtin_mul_overflow(elements, read.count, &elements))
			return false;
	}
	if (read.kind == WV_ISF_BITS && !read_bits(json, &read))
		return false;
	if (form && *form->inner &&
	    !read_type(reader, wv_json_get(json, form->inner, json_type_object), steps - 1,
		       elements, &read.of))
		return false;
	*type = wv_isf_type(reader->types, &read);
	return true;
}

static bool read_field(struct reader *reader, const char *name, json_object *value)
{
	struct wv_isf_field field = { .name = wv_isf_intern(reader->types, name) };
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

/* Which of the words it is. */
static unsigned int get_word(json_object *object, const char *key, const char *const *words,
			     unsigned int count, unsigned int otherwise)
{
	const char *word = wv_json_get_text(object, key);

	for (unsigned int i = 0; i < count; i++) {
		if (strcmp(word, words[i]) == 0)
			return i;
	}
	return otherwise;
}

static bool read_structure(struct wv_json_walk *walk, const char *name)
{
	struct reader *reader = reader_of(walk);
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
		wv_isf_types_add(reader->types, name,
				 get_word(structure, "kind", wv_isf_shape_names, WV_ISF_SHAPES,
					  WV_ISF_STRUCT),
				 size, (struct wv_isf_field *)(void *)reader->fields->data,
				 reader->fields->len);
	json_object_put(structure);
	return ok;
}

static void read_constant(struct reader *reader, const char *name, json_object *value)
{
	struct wv_isf_constant constant = { .name = wv_isf_intern(reader->types, name) };

	if (!json_object_is_type(value, json_type_int))
		return;
	constant.value = json_object_get_int64(value);
	g_array_append_val(reader->constants, constant);
	wv_isf_types_set_value(reader->types, name, constant.value);
}

static bool read_enumeration(struct wv_json_walk *walk, const char *name)
{
	struct reader *reader = reader_of(walk);
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
	wv_isf_types_add_enum(reader->types, name, *base ? base : NULL, size,
			      (struct wv_isf_constant *)(void *)reader->constants->data,
			      reader->constants->len);
	json_object_put(enumeration);
	return true;
}

static bool read_base_type(struct wv_json_walk *walk, const char *name)
{
	json_object *json = wv_json_typed(walk, json_type_object, "a base type is malformed");
	struct wv_isf_base base = { 0 };
	json_object *is_signed;

	if (!json)
		return false;
	wv_json_get_number(json, "size", &base.size);
	is_signed = wv_json_get(json, "signed", json_type_boolean);
	base.is_signed = is_signed && json_object_get_boolean(is_signed);
	base.values = get_word(json, "kind", wv_isf_values_names, WV_ISF_VALUES, WV_ISF_INT);
	wv_isf_types_add_base(reader_of(walk)->types, name, &base);
	json_object_put(json);
	return true;
}

/* ---- the whole ---- */

/* Which PDB a Windows profile was made of. What is malformed is taken as absent. */
static void read_metadata(struct reader *reader, json_object *metadata)
{
	static const char *const path[] = { "windows", "pdb" };
	uint64_t age, machine;

	reader->has_metadata = true;
	for (size_t i = 0; i < G_N_ELEMENTS(path); i++) {
		metadata = wv_json_get(metadata, path[i], json_type_object);
		if (!metadata)
			return;
	}
	g_free(reader->pdb_name);
	g_free(reader->pdb_key);
	reader->pdb_name = g_strdup(wv_json_get_text(metadata, "database"));
	reader->pdb_key = NULL;
	if (wv_json_get_number(metadata, "age", &age) && age <= UINT32_MAX)
		reader->pdb_key =
			g_strdup_printf("%s%X", wv_json_get_text(metadata, "GUID"), (guint)age);
	if (wv_json_get_number(metadata, "machine_type", &machine) && machine <= UINT16_MAX)
		reader->pdb_machine = (uint16_t)machine;
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
		read_metadata(reader_of(walk), value);
	json_object_put(value);
	return true;
}

static bool read_profile(struct reader *reader)
{
	struct wv_json_walk *walk = &reader->walk;

	if (!wv_json_entries(walk, read_section) || !wv_json_at_end(walk))
		return false;
	if (!reader->has_metadata)
		return wv_json_fail(walk, "it has no metadata");
	if (reader->symbols->base.count == 0 && reader->types->base.count == 0)
		return wv_json_fail(walk, "it has neither symbols nor types");
	return true;
}

static struct wv_profile *parse_json(const void *data, size_t size, const char *name,
				     GError **error)
{
	struct reader reader = {
		.symbols = wv_isf_symbols_new(),
		.types = wv_isf_types_new(),
		.fields = g_array_new(FALSE, FALSE, sizeof(struct wv_isf_field)),
		.constants = g_array_new(FALSE, FALSE, sizeof(struct wv_isf_constant)),
	};
	struct wv_profile *profile = wv_profile_new(&reader.symbols->base, &reader.types->base);

	wv_json_walk_init(&reader.walk, data, size, name, "ISF profile", DEPTH_MAX);
	read_profile(&reader);
	profile->banner = reader.banner;
	profile->pdb_name = reader.pdb_name;
	profile->pdb_key = reader.pdb_key;
	profile->pdb_machine = reader.pdb_machine;
	g_array_unref(reader.fields);
	g_array_unref(reader.constants);
	if (!wv_json_walk_end(&reader.walk, error))
		g_clear_pointer(&profile, wv_profile_free);
	return profile;
}

struct wv_profile *wv_isf_parse(const void *data, size_t size, const char *name, GError **error)
{
	return wv_isf_unpack(data, size, name, parse_json, error);
}

struct wv_profile *wv_isf_load(const char *path, GError **error)
{
	g_autoptr(GByteArray) file = wv_isf_read_file(path, error);

	return file ? wv_isf_parse(file->data, file->len, path, error) : NULL;
}
