/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a Rekall profile into the tables that ISF profiles are kept in.
 *
 * As in isf.c, the file is walked entry by entry, and json-c parses one entry (a symbol, a
 * structure) at a time.
 */
#include "profile/rekall.h"

#include "base/error.h"
#include "profile/isf_file.h"
#include "profile/isf_tables.h"

#include <json-c/json.h>
#include <string.h>

/** Bytes of JSON of one entry; the largest structures of real profiles take 40 kB. */
#define ENTRY_MAX (4u << 20)
/** JSON within one entry: a pointer names what it points to, with the arguments of that, ... */
#define DEPTH_MAX 128
/** Steps from a member's type through arrays and bit fields to what it holds. */
#define STEPS_MAX 32u

struct reader {
	const char *start;
	const char *at;
	const char *end;
	const char *name;    /* of the file, for messages */
	const char *section; /* the key at the top, for messages; or NULL */
	struct json_tokener *tokener;
	struct wv_isf_symbols *symbols;
	struct wv_isf_types *types;
	GArray *fields; /* of the structure being read */
	char *pdb_name;
	char *pdb_key;
	uint64_t pointer_size; /* as the metadata tells it, or 0 */
	bool has_metadata;
	GError **error;
};

/* Handles one entry of an object: the reader stands behind its value, which may be null (NULL). */
typedef bool (*entry_reader)(struct reader *reader, const char *key, json_object *value);

/* ---- JSON ---- */

static bool fail(struct reader *reader, const char *what)
{
	if (!*reader->error)
		g_set_error(reader->error, WV_ERROR, WV_ERROR_FORMAT,
			    "%s: not a usable Rekall profile: %s%s%s (at byte %zu)", reader->name,
			    reader->section ? reader->section : "", reader->section ? ": " : "",
			    what, (size_t)(reader->at - reader->start));
	return false;
}

static char peek(struct reader *reader)
{
	while (reader->at < reader->end && *reader->at && strchr(" \t\r\n", *reader->at))
		reader->at++;
	return reader->at < reader->end ? *reader->at : '\0';
}

static bool expect(struct reader *reader, char character, const char *what)
{
	if (peek(reader) != character)
		return fail(reader, what);
	reader->at++;
	return true;
}

/* Parses one value; the caller releases it. */
static bool read_value(struct reader *reader, json_object **value)
{
	size_t left = (size_t)(reader->end - reader->at);
	enum json_tokener_error status;

	json_tokener_reset(reader->tokener);
	*value = json_tokener_parse_ex(reader->tokener, reader->at, (int)MIN(left, ENTRY_MAX));
	status = json_tokener_get_error(reader->tokener);
	if (status == json_tokener_success) {
		reader->at += json_tokener_get_parse_end(reader->tokener);
		return true;
	}
	if (status == json_tokener_continue)
		return fail(reader,
			    left > ENTRY_MAX ? "an entry is too large" : "it ends too early");
	return fail(reader, json_tokener_error_desc(status));
}

/* Reads one entry: name, colon, value. Without a read_entry, the value is a section. */
static bool read_section(struct reader *reader, const char *key);

static bool read_one(struct reader *reader, entry_reader read_entry)
{
	json_object *key = NULL, *value = NULL;
	bool ok;

	if (peek(reader) != '"')
		return fail(reader, "a name is missing");
	ok = read_value(reader, &key) && expect(reader, ':', "a colon is missing");
	if (ok && !peek(reader))
		ok = fail(reader, "it ends too early");
	if (ok && !read_entry)
		ok = read_section(reader, json_object_get_string(key));
	else if (ok)
		ok = read_value(reader, &value) &&
		     read_entry(reader, json_object_get_string(key), value);
	json_object_put(value);
	json_object_put(key);
	return ok;
}

/* Reads an object at the reader's place, giving each of its entries to read_entry. */
static bool read_entries(struct reader *reader, entry_reader read_entry)
{
	if (!expect(reader, '{', "an object is missing"))
		return false;
	if (peek(reader) == '}') {
		reader->at++;
		return true;
	}
	for (;;) {
		if (!read_one(reader, read_entry))
			return false;
		if (peek(reader) != ',')
			break;
		reader->at++;
	}
	return expect(reader, '}', "a comma or brace is missing");
}

/* ---- values within one entry; any of them may be NULL ---- */

static json_object *get(json_object *object, const char *key, enum json_type type)
{
	json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

static json_object *get_element(json_object *array, size_t index, enum json_type type)
{
	json_object *value;

	if (!json_object_is_type(array, json_type_array) ||
	    index >= json_object_array_length(array))
		return NULL;
	value = json_object_array_get_idx(array, index);
	return json_object_is_type(value, type) ? value : NULL;
}

/* A number that is not negative. */
static bool to_number(json_object *value, uint64_t *number)
{
	if (!value || json_object_get_int64(value) < 0)
		return false;
	*number = json_object_get_uint64(value);
	return true;
}

static bool get_number(json_object *object, const char *key, uint64_t *number)
{
	return to_number(get(object, key, json_type_int), number);
}

static const char *get_text(json_object *object, const char *key)
{
	json_object *value = get(object, key, json_type_string);

	return value ? json_object_get_string(value) : "";
}

/* ---- symbols ---- */

static bool read_symbol(struct reader *reader, const char *name, json_object *value)
{
	uint64_t address;

	if (!json_object_is_type(value, json_type_int) || !to_number(value, &address))
		return fail(reader, "a symbol's offset is not a number");
	wv_isf_symbols_add(reader->symbols, name, address);
	return true;
}

/* ---- types ---- */

static void set_named(struct reader *reader, const char *name, struct wv_isf_ref *ref)
{
	ref->kind = WV_ISF_NAMED;
	ref->name = wv_isf_intern(reader->types, name);
}

static bool multiply(struct wv_isf_ref *ref, uint64_t count)
{
	return !__builtin_mul_overflow(ref->count, count, &ref->count);
}

/*
 * What is known by its size only: an array whose element Rekall did not know the size of. It
 * becomes a structure of that size, of which the first element is an anonymous member.
 */
static void set_sized(struct reader *reader, uint64_t size, struct wv_isf_ref *ref)
{
	struct wv_isf_field element = { .name = "", .anonymous = true, .ref = *ref };
	const char *of = ref->kind == WV_ISF_NAMED ? ref->name : "";
	g_autofree char *name = g_strdup_printf("%s in %" G_GUINT64_FORMAT " bytes", of, size);

	element.ref.count = 1;
	wv_isf_types_add(reader->types, name, size, &element, ref->kind == WV_ISF_NAMED ? 1 : 0);
	set_named(reader, name, ref);
}

static bool read_bitfield(json_object *arguments, struct wv_isf_field *field)
{
	uint64_t start, end;

	if (!get_number(arguments, "start_bit", &start) ||
	    !get_number(arguments, "end_bit", &end) || end > UINT8_MAX || start >= end)
		return false;
	field->bit_position = (uint8_t)start;
	field->bit_length = (uint8_t)(end - start);
	return true;
}

/* A type's name that says no more than what it holds: takes the name and what it needs of it. */
static bool step(const char **name, json_object **arguments)
{
	json_object *outer = *arguments;

	*name = get_text(outer, "target");
	*arguments = get(outer, "target_args", json_type_object);
	return **name;
}

/* Takes a member's type apart. One that has no name, or no end, has no size. */
static bool read_type(struct reader *reader, const char *name, json_object *arguments,
		      struct wv_isf_field *field)
{
	struct wv_isf_ref *ref = &field->ref, outer = { .count = 0 };
	uint64_t number, bytes = 0;

	for (unsigned int i = 0; i < STEPS_MAX; i++) {
		if (strcmp(name, "Array") == 0) {
			if (get_number(arguments, "count", &number)) {
				if (!multiply(ref, number))
					return false;
			} else if (!outer.count && get_number(arguments, "size", &bytes)) {
				outer.count = ref->count;
			}
		} else if (strcmp(name, "BitField") == 0) {
			if (!read_bitfield(arguments, field))
				return false;
		} else if (strcmp(name, "Enumeration") != 0) {
			break;
		}
		if (!step(&name, &arguments))
			break;
	}
	if (strcmp(name, "Pointer") == 0) {
		ref->kind = WV_ISF_POINTER;
	} else if (strcmp(name, "String") == 0 || strcmp(name, "UnicodeString") == 0) {
		/* An array of characters; without a length, a single one. */
		set_named(reader, *name == 'S' ? "char" : "wchar_t", ref);
		if (get_number(arguments, "length", &number) && !multiply(ref, number))
			return false;
	} else if (*name) {
		set_named(reader, name, ref);
	}
	if (bytes) {
		set_sized(reader, bytes, ref);
		ref->count = outer.count;
	}
	return true;
}

static bool read_field(struct reader *reader, const char *name, json_object *value)
{
	struct wv_isf_field field = { .ref = { .count = 1 } };
	json_object *type = get_element(value, 1, json_type_array);
	json_object *type_name = get_element(type, 0, json_type_string);

	if (!to_number(get_element(value, 0, json_type_int), &field.offset))
		return fail(reader, "a member has no offset");
	if (type_name && !read_type(reader, json_object_get_string(type_name),
				    get_element(type, 1, json_type_object), &field))
		return fail(reader, "a member's type is malformed");
	field.name = wv_isf_intern(reader->types, name);
	g_array_append_val(reader->fields, field);
	return true;
}

static bool read_structure(struct reader *reader, const char *name, json_object *value)
{
	json_object *members = get_element(value, 1, json_type_object);
	uint64_t size;

	if (!to_number(get_element(value, 0, json_type_int), &size))
		return fail(reader, "a structure has no size");
	g_array_set_size(reader->fields, 0);
	if (members) {
		json_object_object_foreach(members, key, member)
		{
			if (!read_field(reader, key, member))
				return false;
		}
	}
	wv_isf_types_add(reader->types, name, size,
			 (struct wv_isf_field *)(void *)reader->fields->data, reader->fields->len);
	return true;
}

/* {"name": value}; what is here goes before what $ENUMS has: two names may have one value. */
static bool read_names(struct reader *reader, const char *name, json_object *value)
{
	(void)name;
	if (!json_object_is_type(value, json_type_object))
		return fail(reader, "an enumeration is not an object");
	json_object_object_foreach(value, key, number)
	{
		if (json_object_is_type(number, json_type_int))
			wv_isf_types_set(reader->types, reader->types->enumerators, key,
					 (uint64_t)json_object_get_int64(number));
	}
	return true;
}

/* {"value": "name"} */
static bool read_values(struct reader *reader, const char *name, json_object *value)
{
	GHashTable *enumerators = reader->types->enumerators;

	(void)name;
	if (!json_object_is_type(value, json_type_object))
		return fail(reader, "an enumeration is not an object");
	json_object_object_foreach(value, key, text)
	{
		gint64 number;

		if (json_object_is_type(text, json_type_string) &&
		    g_ascii_string_to_signed(key, 10, G_MININT64, G_MAXINT64, &number, NULL) &&
		    !g_hash_table_contains(enumerators, json_object_get_string(text)))
			wv_isf_types_set(reader->types, enumerators, json_object_get_string(text),
					 (uint64_t)number);
	}
	return true;
}

/* ---- metadata, and what the profile does not tell ---- */

static bool read_metadata(struct reader *reader, json_object *metadata)
{
	const char *class = get_text(metadata, "ProfileClass");
	const char *arch = get_text(metadata, "arch");

	reader->has_metadata = true;
	if (g_str_has_prefix(class, "Linux") || g_str_has_prefix(class, "Darwin"))
		return fail(reader, "it is not of a Windows image");
	g_free(reader->pdb_name);
	g_free(reader->pdb_key);
	reader->pdb_name = g_strdup(get_text(metadata, "PDBFile"));
	reader->pdb_key = g_strdup(get_text(metadata, "GUID_AGE"));
	if (strcmp(arch, "I386") == 0)
		reader->pointer_size = 4;
	else if (strcmp(arch, "AMD64") == 0)
		reader->pointer_size = 8;
	return true;
}

/* Where the metadata does not tell it, two pointers do. */
static uint64_t pointer_size(const struct reader *reader)
{
	const struct wv_types *types = &reader->types->base;
	uint64_t size;

	if (reader->pointer_size)
		return reader->pointer_size;
	return types->size(types, "_LIST_ENTRY", &size) && size == 8 ? 4 : 8;
}

/* Windows' sizes of C's types, by the names that Rekall gives them. */
static void add_base_types(struct reader *reader)
{
	static const struct {
		const char *name;
		uint8_t size;
	} bases[] = {
		{ "char", 1 },
		{ "unsigned char", 1 },
		{ "signed char", 1 },
		{ "bool", 1 },
		{ "wchar_t", 2 },
		{ "short", 2 },
		{ "unsigned short", 2 },
		{ "short int", 2 },
		{ "unsigned short int", 2 },
		{ "int", 4 },
		{ "unsigned int", 4 },
		{ "long", 4 },
		{ "unsigned long", 4 },
		{ "long int", 4 },
		{ "unsigned long int", 4 },
		{ "long long", 8 },
		{ "unsigned long long", 8 },
		{ "float", 4 },
		{ "double", 8 },
		{ "long double", 10 },
		{ "Pointer32", 4 },
	};
	struct wv_isf_types *types = reader->types;

	for (size_t i = 0; i < G_N_ELEMENTS(bases); i++)
		wv_isf_types_set(types, types->base_sizes, bases[i].name, bases[i].size);
	wv_isf_types_set(types, types->base_sizes, "pointer", pointer_size(reader));
}

/* ---- the whole ---- */

static bool read_section(struct reader *reader, const char *key)
{
	static const struct {
		const char *key;
		entry_reader read_entry;
	} sections[] = {
		{ "$CONSTANTS", read_symbol },	{ "$FUNCTIONS", read_symbol },
		{ "$STRUCTS", read_structure }, { "$REVENUMS", read_names },
		{ "$ENUMS", read_values },
	};
	json_object *value;
	bool ok;

	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
		if (strcmp(key, sections[i].key) != 0)
			continue;
		reader->section = sections[i].key;
		ok = read_entries(reader, sections[i].read_entry);
		reader->section = NULL;
		return ok;
	}
	if (!read_value(reader, &value))
		return false;
	ok = strcmp(key, "$METADATA") != 0 || read_metadata(reader, value);
	json_object_put(value);
	return ok;
}

static bool read_profile(struct reader *reader)
{
	if (!read_entries(reader, NULL))
		return false;
	if (peek(reader) || reader->at < reader->end)
		return fail(reader, "something follows it");
	if (!reader->has_metadata)
		return fail(reader, "it has no $METADATA");
	if (reader->symbols->base.count == 0 && reader->types->base.count == 0)
		return fail(reader, "it has neither symbols nor types");
	add_base_types(reader);
	return true;
}

static struct wv_profile *parse_json(const void *data, size_t size, const char *name,
				     GError **error)
{
	const char *text = size ? data : "";
	GError *failure = NULL;
	struct reader reader = {
		.start = text,
		.at = text,
		.end = text + size,
		.name = name,
		.tokener = json_tokener_new_ex(DEPTH_MAX),
		.symbols = wv_isf_symbols_new(),
		.types = wv_isf_types_new(),
		.fields = g_array_new(FALSE, FALSE, sizeof(struct wv_isf_field)),
		.error = &failure,
	};
	struct wv_profile *profile = wv_profile_new(&reader.symbols->base, &reader.types->base);

	reader.symbols->base.origin = "rekall";
	reader.types->base.origin = "rekall";
	if (!reader.tokener)
		fail(&reader, "out of memory");
	else
		read_profile(&reader);
	profile->pdb_name = reader.pdb_name;
	profile->pdb_key = reader.pdb_key;
	if (reader.tokener)
		json_tokener_free(reader.tokener);
	g_array_unref(reader.fields);
	if (failure) {
		g_propagate_error(error, failure);
		g_clear_pointer(&profile, wv_profile_free);
	}
	return profile;
}

struct wv_profile *wv_rekall_parse(const void *data, size_t size, const char *name, GError **error)
{
	g_autoptr(GByteArray) plain = NULL;

	if (!wv_isf_is_xz(data, size))
		return parse_json(data, size, name, error);
	plain = wv_isf_unxz(data, size, name, error);
	return plain ? parse_json(plain->data, plain->len, name, error) : NULL;
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
