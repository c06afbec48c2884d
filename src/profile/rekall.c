/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a Rekall profile into a profile's tables.
 */
#include "profile/rekall.h"

#include "profile/file.h"
#include "profile/json_profile.h"
#include "profile/pdb_id.h"

#include <string.h>

/** JSON within one entry: a pointer names what it points to, with the arguments of that, ... */
#define DEPTH_MAX 128
/** Steps from a member's type through arrays and pointers; what is behind them is not known. */
#define STEPS_MAX 32u

/* ---- symbols ---- */

static bool read_symbol(struct wv_json_reader *reader, const char *name, json_object *value)
{
	uint64_t address;

	if (!json_object_is_type(value, json_type_int) || !wv_json_number(value, &address))
		return wv_json_fail(&reader->walk, "a symbol's offset is not a number");
	wv_table_symbols_add(reader->symbols, name, address);
	return true;
}

/* ---- types ---- */

static bool read_bits(json_object *arguments, struct wv_table_type *type)
{
	uint64_t start, end;

	if (!wv_json_get_number(arguments, "start_bit", &start) ||
	    !wv_json_get_number(arguments, "end_bit", &end) || end > UINT8_MAX || start >= end)
		return false;
	type->bit_position = (uint8_t)start;
	type->bit_length = (uint8_t)(end - start);
	return true;
}

/* An array has a count, or where Rekall did not know the size of its elements its own size. */
static bool read_count(json_object *arguments, uint64_t *elements, struct wv_table_type *type)
{
	if (wv_json_get_number(arguments, "count", &type->count))
		return !__builtin_mul_overflow(*elements, type->count, elements);
	if (!wv_json_get_number(arguments, "size", &type->bytes))
		type->count = 1;
	return true;
}

/* Characters; without a length, a single one. */
static const struct wv_table_type *string_type(struct wv_json_reader *reader, const char *character,
					       json_object *arguments)
{
	struct wv_table_type array = { .kind = WV_TABLE_ARRAY,
				       .of = wv_table_named(reader->types, character) };

	return wv_json_get_number(arguments, "length", &array.count)
		       ? wv_table_type(reader->types, &array)
		       : array.of;
}

/* Rekall's names for what is not a structure, a base type or a string. */
static const char *const kind_names[] = {
	[WV_TABLE_ENUM] = "Enumeration",  [WV_TABLE_POINTER] = "Pointer",
	[WV_TABLE_ARRAY] = "Array",	  [WV_TABLE_BITS] = "BitField",
	[WV_TABLE_FUNCTION] = "Function",
};

static const struct wv_table_type *plain_type(struct wv_json_reader *reader, const char *name,
					      json_object *arguments)
{
	if (strcmp(name, "String") == 0)
		return string_type(reader, "char", arguments);
	if (strcmp(name, "UnicodeString") == 0)
		return string_type(reader, "wchar_t", arguments);
	if (strcmp(name, "Void") == 0)
		name = "void";
	return *name ? wv_table_named(reader->types, name) : NULL;
}

/*
 * Reads a member's type: a name, and what that needs. One that is not known is NULL. False when it
 * is malformed.
 *
 * @elements: of the arrays that it is in.
 */
static bool read_type(struct wv_json_reader *reader, const char *name, json_object *arguments,
		      unsigned int steps, uint64_t elements, const struct wv_table_type **type)
{
	struct wv_table_type read = {
		.kind = wv_json_word(name, kind_names, G_N_ELEMENTS(kind_names), WV_TABLE_NAMED)
	};

	*type = NULL;
	if (read.kind == WV_TABLE_NAMED) {
		*type = plain_type(reader, name, arguments);
		return true;
	}
	if (steps == 0)
		return true;
	if (read.kind == WV_TABLE_POINTER)
		elements = 1;
	if ((read.kind == WV_TABLE_ARRAY && !read_count(arguments, &elements, &read)) ||
	    (read.kind == WV_TABLE_BITS && !read_bits(arguments, &read)))
		return false;
	if (!read_type(reader, wv_json_get_text(arguments, "target"),
		       wv_json_get(arguments, "target_args", json_type_object), steps - 1, elements,
		       &read.of))
		return false;
	if (read.kind == WV_TABLE_ENUM)
		read.name =
			wv_table_intern(reader->types, wv_json_get_text(arguments, "enum_name"));
	*type = wv_table_type(reader->types, &read);
	return true;
}

static bool read_field(struct wv_json_reader *reader, const char *name, json_object *value)
{
	struct wv_table_field field = { .name = wv_table_intern(reader->types, name) };
	json_object *type = wv_json_element(value, 1, json_type_array);
	json_object *type_name = wv_json_element(type, 0, json_type_string);

	if (!wv_json_number(wv_json_element(value, 0, json_type_int), &field.offset))
		return wv_json_fail(&reader->walk, "a member has no offset");
	if (type_name &&
	    !read_type(reader, json_object_get_string(type_name),
		       wv_json_element(type, 1, json_type_object), STEPS_MAX, 1, &field.type))
		return wv_json_fail(&reader->walk, "a member's type is malformed");
	g_array_append_val(reader->fields, field);
	return true;
}

static bool read_structure(struct wv_json_reader *reader, const char *name, json_object *value)
{
	json_object *members = wv_json_element(value, 1, json_type_object);
	uint64_t size;

	if (!wv_json_number(wv_json_element(value, 0, json_type_int), &size))
		return wv_json_fail(&reader->walk, "a structure has no size");
	g_array_set_size(reader->fields, 0);
	if (members) {
		json_object_object_foreach(members, key, member)
		{
			if (!read_field(reader, key, member))
				return false;
		}
	}
	wv_table_types_add(reader->types, name, WV_TABLE_STRUCT, size, reader->fields);
	return true;
}

/* Enumerations are ints, as Microsoft's compiler has it; $ENUMS does not say. */
static void add_enumeration(struct wv_json_reader *reader, const char *name)
{
	wv_table_types_add_enum(reader->types, name, "long", 4, reader->constants);
}

/* {"name": value}; what is here goes before what $ENUMS has: two names may have one value. */
static bool read_names(struct wv_json_reader *reader, const char *name, json_object *value)
{
	if (!json_object_is_type(value, json_type_object))
		return wv_json_fail(&reader->walk, "an enumeration is not an object");
	g_array_set_size(reader->constants, 0);
	json_object_object_foreach(value, key, number)
	{
		if (!json_object_is_type(number, json_type_int))
			continue;
		wv_json_add_constant(reader, key, json_object_get_int64(number));
		wv_table_types_set_value(reader->types, key, json_object_get_int64(number));
	}
	add_enumeration(reader, name);
	return true;
}

/* {"value": "name"} */
static bool read_values(struct wv_json_reader *reader, const char *name, json_object *value)
{
	if (!json_object_is_type(value, json_type_object))
		return wv_json_fail(&reader->walk, "an enumeration is not an object");
	g_array_set_size(reader->constants, 0);
	json_object_object_foreach(value, key, text)
	{
		const char *constant = json_object_get_string(text);
		gint64 number;

		if (!json_object_is_type(text, json_type_string) ||
		    !g_ascii_string_to_signed(key, 10, G_MININT64, G_MAXINT64, &number, NULL))
			continue;
		wv_json_add_constant(reader, constant, number);
		if (!g_hash_table_contains(reader->types->enumerators, constant))
			wv_table_types_set_value(reader->types, constant, number);
	}
	if (!g_hash_table_contains(reader->types->enums, name))
		add_enumeration(reader, name);
	return true;
}

/* ---- metadata, and what the profile does not tell ---- */

static bool read_metadata(struct wv_json_reader *reader, json_object *metadata)
{
	const char *class = wv_json_get_text(metadata, "ProfileClass");
	const char *arch = wv_json_get_text(metadata, "arch");

	reader->has_metadata = true;
	if (g_str_has_prefix(class, "Linux") || g_str_has_prefix(class, "Darwin"))
		return wv_json_fail(&reader->walk, "it is not of a Windows image");
	wv_json_set_pdb(reader, wv_json_get_text(metadata, "PDBFile"),
			wv_json_get_text(metadata, "GUID_AGE"));
	if (strcmp(arch, "I386") == 0)
		reader->profile->pdb_machine = WV_PE_I386;
	else if (strcmp(arch, "AMD64") == 0)
		reader->profile->pdb_machine = WV_PE_AMD64;
	return true;
}

/* Where the metadata does not tell it, two pointers do. */
static uint64_t pointer_size(const struct wv_json_reader *reader)
{
	const struct wv_types *types = &reader->types->base;
	uint64_t size;

	if (reader->profile->pdb_machine)
		return reader->profile->pdb_machine == WV_PE_I386 ? 4 : 8;
	return types->size(types, "_LIST_ENTRY", &size) && size == 8 ? 4 : 8;
}

/* Windows' sizes of C's types, by the names that Rekall gives them. */
static void add_base_types(struct wv_json_reader *reader)
{
	static const struct {
		const char *name;
		struct wv_table_base base;
	} bases[] = {
		{ "void", { WV_TABLE_VOID, 0, false } },
		{ "char", { WV_TABLE_CHAR, 1, true } },
		{ "unsigned char", { WV_TABLE_CHAR, 1, false } },
		{ "signed char", { WV_TABLE_CHAR, 1, true } },
		{ "bool", { WV_TABLE_BOOL, 1, false } },
		{ "wchar_t", { WV_TABLE_INT, 2, false } },
		{ "short", { WV_TABLE_INT, 2, true } },
		{ "unsigned short", { WV_TABLE_INT, 2, false } },
		{ "short int", { WV_TABLE_INT, 2, true } },
		{ "unsigned short int", { WV_TABLE_INT, 2, false } },
		{ "int", { WV_TABLE_INT, 4, true } },
		{ "unsigned int", { WV_TABLE_INT, 4, false } },
		{ "long", { WV_TABLE_INT, 4, true } },
		{ "unsigned long", { WV_TABLE_INT, 4, false } },
		{ "long int", { WV_TABLE_INT, 4, true } },
		{ "unsigned long int", { WV_TABLE_INT, 4, false } },
		{ "long long", { WV_TABLE_INT, 8, true } },
		{ "unsigned long long", { WV_TABLE_INT, 8, false } },
		{ "float", { WV_TABLE_FLOAT, 4, true } },
		{ "double", { WV_TABLE_FLOAT, 8, true } },
		{ "long double", { WV_TABLE_FLOAT, 10, true } },
		{ "Pointer32", { WV_TABLE_INT, 4, false } },
	};
	const struct wv_table_base pointer = { WV_TABLE_INT, pointer_size(reader), false };

	for (size_t i = 0; i < G_N_ELEMENTS(bases); i++)
		wv_table_types_add_base(reader->types, bases[i].name, &bases[i].base);
	wv_table_types_add_base(reader->types, "pointer", &pointer);
}

/* ---- the whole ---- */

/* Reads one entry of a section; its value may be null (NULL). */
typedef bool (*value_reader)(struct wv_json_reader *reader, const char *name, json_object *value);

static bool read_entry(struct wv_json_walk *walk, const char *name, value_reader read)
{
	json_object *value;
	bool ok = wv_json_value(walk, &value) && read(wv_json_reader_of(walk), name, value);

	json_object_put(value);
	return ok;
}

static bool symbol_entry(struct wv_json_walk *walk, const char *name)
{
	return read_entry(walk, name, read_symbol);
}

static bool structure_entry(struct wv_json_walk *walk, const char *name)
{
	return read_entry(walk, name, read_structure);
}

static bool names_entry(struct wv_json_walk *walk, const char *name)
{
	return read_entry(walk, name, read_names);
}

static bool values_entry(struct wv_json_walk *walk, const char *name)
{
	return read_entry(walk, name, read_values);
}

/* What is neither metadata nor one of the sections is passed over. */
static bool read_other(struct wv_json_reader *reader, const char *key, json_object *value)
{
	return strcmp(key, "$METADATA") != 0 || read_metadata(reader, value);
}

static bool read_section(struct wv_json_walk *walk, const char *key)
{
	static const struct wv_json_section sections[] = {
		{ "$CONSTANTS", symbol_entry },	 { "$FUNCTIONS", symbol_entry },
		{ "$STRUCTS", structure_entry }, { "$REVENUMS", names_entry },
		{ "$ENUMS", values_entry },	 { NULL, NULL },
	};
	bool ok;

	return wv_json_section(walk, sections, key, &ok) ? ok : read_entry(walk, key, read_other);
}

static struct wv_profile *parse_json(const void *data, size_t size, const char *name,
				     GError **error)
{
	static const struct wv_json_form form = {
		.name = "Rekall profile",
		.origin = "rekall",
		.no_metadata = "it has no $METADATA",
		.depth = DEPTH_MAX,
		.read_section = read_section,
		.complete = add_base_types,
	};

	return wv_json_profile(&form, data, size, name, error);
}

struct wv_profile *wv_rekall_parse(const void *data, size_t size, const char *name, GError **error)
{
	return wv_profile_file_unpack(data, size, name, parse_json, error);
}

bool wv_rekall_is_rekall(const void *data, size_t size)
{
	static const char start[] = { '{', '"', '$' };
	const char *text = data;
	size_t found = 0;

	for (size_t i = 0; i < size && found < sizeof(start); i++) {
		if (text[i] == start[found])
			found++;
		else if (found == 2 || !text[i] || !strchr(" \t\r\n", text[i]))
			return false;
	}
	return found == sizeof(start);
}
