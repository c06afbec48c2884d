/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads an ISF profile. What is read: `symbols` (address, and constant_data of linux_banner),
 * `user_types`, `enums` and `base_types`; `metadata` must be there, of which `windows.pdb` is read.
 *
 * The file is walked entry by entry, and json-c parses one entry (a symbol, a structure) at a
 * time. json-c's tree of a whole profile takes 20 times the file's size: 370 MB for a Linux
 * kernel of 19 MB of JSON.
 */
#include "profile/isf.h"

#include "base/error.h"
#include "profile/isf_file.h"
#include "profile/isf_tables.h"

#include <json-c/json.h>
#include <string.h>

/** Bytes of JSON of one entry; the largest structures of real profiles take 40 kB. */
#define ENTRY_MAX (4u << 20)
/** JSON within one entry: a field's type may be a pointer to a pointer to ... */
#define DEPTH_MAX 64
/** Steps from a field's type through arrays to what it holds. */
#define REF_STEPS_MAX 32u

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
	char *banner;
	char *pdb_name;
	char *pdb_key;
	bool has_metadata;
	GError **error;
};

/* Handles one entry of an object; the reader stands at its value. */
typedef bool (*entry_reader)(struct reader *reader, const char *key);

/* ---- JSON ---- */

static bool fail(struct reader *reader, const char *what)
{
	if (!*reader->error)
		g_set_error(reader->error, WV_ERROR, WV_ERROR_FORMAT,
			    "%s: not a usable ISF profile: %s%s%s (at byte %zu)", reader->name,
			    reader->section ? reader->section : "", reader->section ? ": " : "",
			    what, (size_t)(reader->at - reader->start));
	return false;
}

static char peek(struct reader *reader)
{
	while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at)
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

/* Parses one value of the wanted type; the caller releases it. */
static json_object *read_value(struct reader *reader, enum json_type type, const char *what)
{
	size_t left = (size_t)(reader->end - reader->at);
	json_object *value;

	json_tokener_reset(reader->tokener);
	value = json_tokener_parse_ex(reader->tokener, reader->at, (int)MIN(left, ENTRY_MAX));
	if (json_tokener_get_error(reader->tokener) == json_tokener_success &&
	    json_object_is_type(value, type)) {
		reader->at += json_tokener_get_parse_end(reader->tokener);
		return value;
	}
	json_object_put(value);
	fail(reader,
	     left > ENTRY_MAX && json_tokener_get_error(reader->tokener) == json_tokener_continue
		     ? "an entry is too large"
		     : what);
	return NULL;
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
		json_object *key;
		bool ok;

		if (peek(reader) != '"')
			return fail(reader, "a name is missing");
		key = read_value(reader, json_type_string, "a name is malformed");
		if (!key)
			return false;
		ok = expect(reader, ':', "a colon is missing") && peek(reader) &&
		     read_entry(reader, json_object_get_string(key));
		json_object_put(key);
		if (!ok)
			return fail(reader, "it ends too early");
		if (peek(reader) != ',')
			break;
		reader->at++;
	}
	return expect(reader, '}', "a comma or brace is missing");
}

/* ---- values within one entry ---- */

static json_object *get(json_object *object, const char *key, enum json_type type)
{
	json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

/* A number that is not negative. */
static bool get_number(json_object *object, const char *key, uint64_t *number)
{
	json_object *value = get(object, key, json_type_int);

	if (!value || json_object_get_int64(value) < 0)
		return false;
	*number = json_object_get_uint64(value);
	return true;
}

static const char *get_text(json_object *object, const char *key)
{
	json_object *value = get(object, key, json_type_string);

	return value ? json_object_get_string(value) : "";
}

/* ---- symbols ---- */

/* The banner's text, without the newline and the NUL at its end. */
static char *decode_banner(const char *base64)
{
	gsize size;
	g_autofree guchar *data = g_base64_decode(base64, &size);

	return g_strchomp(g_strndup((const char *)data, size));
}

static bool read_symbol(struct reader *reader, const char *name)
{
	json_object *symbol = read_value(reader, json_type_object, "a symbol is malformed");
	json_object *number;
	uint64_t address;

	if (!symbol)
		return false;
	number = get(symbol, "address", json_type_int);
	if (!number) {
		json_object_put(symbol);
		return fail(reader, "a symbol has no address");
	}
	/* Some writers give kernel addresses as negative numbers, some cut them to 48 bits. */
	address = json_object_get_int64(number) < 0 ? (uint64_t)json_object_get_int64(number)
						    : json_object_get_uint64(number);
	if (address & UINT64_C(1) << 47)
		address |= UINT64_C(0xffff) << 48;
	wv_isf_symbols_add(reader->symbols, name, address);
	if (strcmp(name, "linux_banner") == 0 && *get_text(symbol, "constant_data")) {
		g_free(reader->banner);
		reader->banner = decode_banner(get_text(symbol, "constant_data"));
	}
	json_object_put(symbol);
	return true;
}

/* ---- types ---- */

static bool read_bitfield(json_object *type, struct wv_isf_field *field)
{
	uint64_t position, length;

	if (!get_number(type, "bit_position", &position) ||
	    !get_number(type, "bit_length", &length) || position > UINT8_MAX || length == 0 ||
	    length > UINT8_MAX)
		return false;
	field->bit_position = (uint8_t)position;
	field->bit_length = (uint8_t)length;
	return true;
}

/* Takes a field's type apart; a type that is absent or of an unknown kind has no size. */
static bool read_type(struct reader *reader, json_object *type, struct wv_isf_field *field)
{
	struct wv_isf_ref *ref = &field->ref;

	for (unsigned int i = 0; type && i < REF_STEPS_MAX; i++) {
		const char *kind = get_text(type, "kind"), *name = get_text(type, "name");
		uint64_t count = 0;

		if (strcmp(kind, "array") == 0) {
			get_number(type, "count", &count);
			if (__builtin_mul_overflow(ref->count, count, &ref->count))
				return false;
			type = get(type, "subtype", json_type_object);
		} else if (strcmp(kind, "bitfield") == 0) {
			if (!read_bitfield(type, field))
				return false;
			type = get(type, "type", json_type_object);
		} else if (strcmp(kind, "pointer") == 0) {
			ref->kind = WV_ISF_POINTER;
			return true;
		} else if (strcmp(kind, "enum") == 0) {
			ref->kind = WV_ISF_ENUM;
			ref->name = wv_isf_intern(reader->types, name);
			return true;
		} else if (*name) { /* base, struct, union, class; or something like a typedef */
			ref->kind = WV_ISF_NAMED;
			ref->name = wv_isf_intern(reader->types, name);
			return true;
		} else {
			json_object *inner = get(type, "subtype", json_type_object);

			type = inner ? inner : get(type, "type", json_type_object);
		}
	}
	return true;
}

static bool read_field(struct reader *reader, const char *name, json_object *value)
{
	struct wv_isf_field field = { .ref = { .count = 1 } };
	json_object *anonymous;

	if (!json_object_is_type(value, json_type_object) ||
	    !get_number(value, "offset", &field.offset))
		return fail(reader, "a field has no offset");
	if (!read_type(reader, get(value, "type", json_type_object), &field))
		return fail(reader, "a field's type is malformed");
	anonymous = get(value, "anonymous", json_type_boolean);
	field.anonymous = anonymous && json_object_get_boolean(anonymous);
	field.name = wv_isf_intern(reader->types, name);
	g_array_append_val(reader->fields, field);
	return true;
}

static bool read_structure(struct reader *reader, const char *name)
{
	json_object *structure = read_value(reader, json_type_object, "a type is malformed");
	json_object *fields;
	uint64_t size;
	bool ok = true;

	if (!structure)
		return false;
	g_array_set_size(reader->fields, 0);
	fields = get(structure, "fields", json_type_object);
	if (!get_number(structure, "size", &size))
		ok = fail(reader, "a type has no size");
	if (ok && fields) {
		json_object_object_foreach(fields, key, value)
		{
			ok = ok && read_field(reader, key, value);
		}
	}
	if (ok)
		wv_isf_types_add(reader->types, name, size,
				 (struct wv_isf_field *)(void *)reader->fields->data,
				 reader->fields->len);
	json_object_put(structure);
	return ok;
}

static bool read_enumeration(struct reader *reader, const char *name)
{
	json_object *enumeration = read_value(reader, json_type_object, "an enum is malformed");
	struct wv_isf_types *types = reader->types;
	json_object *constants;
	uint64_t size = 0;

	if (!enumeration)
		return false;
	get_number(enumeration, "size", &size);
	wv_isf_types_set(types, types->enum_sizes, name, size);
	constants = get(enumeration, "constants", json_type_object);
	if (constants) {
		json_object_object_foreach(constants, key, value)
		{
			if (json_object_is_type(value, json_type_int))
				wv_isf_types_set(types, types->enumerators, key,
						 (uint64_t)json_object_get_int64(value));
		}
	}
	json_object_put(enumeration);
	return true;
}

static bool read_base_type(struct reader *reader, const char *name)
{
	json_object *base = read_value(reader, json_type_object, "a base type is malformed");
	uint64_t size = 0;

	if (!base)
		return false;
	get_number(base, "size", &size);
	wv_isf_types_set(reader->types, reader->types->base_sizes, name, size);
	json_object_put(base);
	return true;
}

/* ---- the whole ---- */

/* Which PDB a Windows profile was made of. What is malformed is taken as absent. */
static void read_metadata(struct reader *reader, json_object *metadata)
{
	static const char *const path[] = { "windows", "pdb" };
	uint64_t age;

	reader->has_metadata = true;
	for (size_t i = 0; i < G_N_ELEMENTS(path); i++) {
		metadata = get(metadata, path[i], json_type_object);
		if (!metadata)
			return;
	}
	g_free(reader->pdb_name);
	g_free(reader->pdb_key);
	reader->pdb_name = g_strdup(get_text(metadata, "database"));
	reader->pdb_key = NULL;
	if (get_number(metadata, "age", &age) && age <= UINT32_MAX)
		reader->pdb_key = g_strdup_printf("%s%X", get_text(metadata, "GUID"), (guint)age);
}

static bool read_section(struct reader *reader, const char *key)
{
	static const struct {
		const char *key;
		entry_reader read_entry;
	} sections[] = {
		{ "symbols", read_symbol },
		{ "user_types", read_structure },
		{ "enums", read_enumeration },
		{ "base_types", read_base_type },
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
	if (strcmp(key, "$METADATA") == 0)
		return fail(reader, "it is a Rekall profile; only Volatility 3 ISF is read");
	value = read_value(reader, json_type_object, "what it holds is not an object");
	if (!value)
		return false;
	if (strcmp(key, "metadata") == 0)
		read_metadata(reader, value);
	json_object_put(value);
	return true;
}

static bool read_profile(struct reader *reader)
{
	if (!read_entries(reader, read_section))
		return false;
	if (peek(reader) || reader->at < reader->end)
		return fail(reader, "something follows it");
	if (!reader->has_metadata)
		return fail(reader, "it has no metadata");
	if (reader->symbols->base.count == 0 && reader->types->base.count == 0)
		return fail(reader, "it has neither symbols nor types");
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

	if (!reader.tokener)
		fail(&reader, "out of memory");
	else if (read_profile(&reader))
		profile->banner = g_steal_pointer(&reader.banner);
	profile->pdb_name = reader.pdb_name;
	profile->pdb_key = reader.pdb_key;
	if (reader.tokener)
		json_tokener_free(reader.tokener);
	g_array_unref(reader.fields);
	g_free(reader.banner);
	if (failure) {
		g_propagate_error(error, failure);
		g_clear_pointer(&profile, wv_profile_free);
	}
	return profile;
}

struct wv_profile *wv_isf_parse(const void *data, size_t size, const char *name, GError **error)
{
	g_autoptr(GByteArray) plain = NULL;

	if (!wv_isf_is_xz(data, size))
		return parse_json(data, size, name, error);
	plain = wv_isf_unxz(data, size, name, error);
	return plain ? parse_json(plain->data, plain->len, name, error) : NULL;
}

struct wv_profile *wv_isf_load(const char *path, GError **error)
{
	g_autoptr(GByteArray) file = wv_isf_read_file(path, error);

	return file ? wv_isf_parse(file->data, file->len, path, error) : NULL;
}
