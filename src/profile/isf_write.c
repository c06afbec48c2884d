/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes an ISF, one line for each symbol and type, sorted by name. */
#include "profile/isf_write.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "config.h"
#include "profile/isf_out.h"
#include "profile/pdb_id.h"
#include "profile/tables.h"

#define FORMAT "6.2.0"

struct writer {
	struct wv_isf_out *out;
	const struct wv_table_types *types;
};

/* Writes what is kept under a name. */
typedef void (*entry_writer)(const struct writer *writer, const void *value);

static void write_entries(const struct writer *writer, const char *section, GHashTable *table,
			  entry_writer write_entry)
{
	GList *names = g_list_sort(g_hash_table_get_keys(table), (GCompareFunc)strcmp);

	wv_isf_out_text(writer->out, ",\n\"%s\": {", section);
	for (GList *name = names; name; name = name->next) {
		wv_isf_out_text(writer->out, name == names ? "\n" : ",\n");
		wv_isf_out_string(writer->out, name->data);
		wv_isf_out_text(writer->out, ": ");
		write_entry(writer, g_hash_table_lookup(table, name->data));
	}
	wv_isf_out_text(writer->out, "\n}");
	g_list_free(names);
}

/* ---- types ---- */

static void write_named(const struct writer *writer, const char *kind, const char *name)
{
	wv_isf_out_text(writer->out, "{\"kind\": \"%s\", \"name\": ", kind);
	wv_isf_out_string(writer->out, name);
	wv_isf_out_text(writer->out, "}");
}

/* A structure that is nowhere defined is one all the same: pointers may lead to it. */
static void write_structure_name(const struct writer *writer, const char *name)
{
	const struct wv_table_structure *structure =
		g_hash_table_lookup(writer->types->structures, name);

	if (!structure && g_hash_table_contains(writer->types->bases, name))
		write_named(writer, "base", name);
	else
		write_named(writer, wv_table_shape_names[structure ? structure->shape : 0], name);
}

static uint64_t element_count(const struct writer *writer, const struct wv_table_type *array)
{
	uint64_t size = array->bytes ? wv_table_type_size(writer->types, array->of) : 0;

	return size ? array->bytes / size : array->count;
}

/* What is not known is void: it has no size either. */
static void write_type(const struct writer *writer, const struct wv_table_type *type)
{
	struct wv_isf_out *out = writer->out;

	if (!type) {
		write_named(writer, "base", "void");
		return;
	}
	switch (type->kind) {
	case WV_TABLE_NAMED:
		write_structure_name(writer, type->name);
		return;
	case WV_TABLE_ENUM:
		if (g_hash_table_contains(writer->types->enums, type->name))
			write_named(writer, "enum", type->name);
		else
			write_type(writer, type->of);
		return;
	case WV_TABLE_FUNCTION:
		wv_isf_out_text(out, "{\"kind\": \"function\"}");
		return;
	case WV_TABLE_POINTER:
		wv_isf_out_text(out, "{\"kind\": \"pointer\", \"subtype\": ");
		break;
	case WV_TABLE_ARRAY:
		wv_isf_out_text(out, "{\"kind\": \"array\", \"count\": %" PRIu64 ", \"subtype\": ",
				element_count(writer, type));
		break;
	case WV_TABLE_BITS:
		wv_isf_out_text(out,
				"{\"kind\": \"bitfield\", \"bit_position\": %u, \"bit_length\": "
				"%u, \"type\": ",
				type->bit_position, type->bit_length);
		break;
	}
	write_type(writer, type->of);
	wv_isf_out_text(out, "}");
}

static void write_field(const struct writer *writer, const struct wv_table_field *field)
{
	wv_isf_out_string(writer->out, field->name);
	wv_isf_out_text(writer->out, ": {\"offset\": %" PRIu64 ", ", field->offset);
	if (field->anonymous)
		wv_isf_out_text(writer->out, "\"anonymous\": true, ");
	wv_isf_out_text(writer->out, "\"type\": ");
	write_type(writer, field->type);
	wv_isf_out_text(writer->out, "}");
}

static void write_structure(const struct writer *writer, const void *value)
{
	const struct wv_table_structure *structure = value;

	wv_isf_out_text(writer->out, "{\"kind\": \"%s\", \"size\": %" PRIu64 ", \"fields\": {",
			wv_table_shape_names[structure->shape], structure->size);
	for (size_t i = 0; i < structure->count; i++) {
		wv_isf_out_text(writer->out, i ? ", " : "");
		write_field(writer, &structure->fields[i]);
	}
	wv_isf_out_text(writer->out, "}}");
}

static void write_enumeration(const struct writer *writer, const void *value)
{
	const struct wv_table_enum *enumeration = value;

	wv_isf_out_text(writer->out, "{\"size\": %" PRIu64 ", \"base\": ", enumeration->size);
	wv_isf_out_string(writer->out, enumeration->base ? enumeration->base : "int");
	wv_isf_out_text(writer->out, ", \"constants\": {");
	for (size_t i = 0; i < enumeration->count; i++) {
		wv_isf_out_text(writer->out, i ? ", " : "");
		wv_isf_out_string(writer->out, enumeration->constants[i].name);
		wv_isf_out_text(writer->out, ": %" PRId64, enumeration->constants[i].value);
	}
	wv_isf_out_text(writer->out, "}}");
}

static void write_base(const struct writer *writer, const void *value)
{
	const struct wv_table_base *base = value;

	wv_isf_out_text(writer->out,
			"{\"size\": %" PRIu64 ", \"signed\": %s, \"kind\": \"%s\", \"endian\": "
			"\"little\"}",
			base->size, base->is_signed ? "true" : "false",
			wv_table_values_names[base->values]);
}

/* ---- the rest ---- */

/* The table has the numbers themselves. */
static void write_symbol(const struct writer *writer, const void *value)
{
	wv_isf_out_text(writer->out, "{\"address\": %" PRIu64 "}", (uint64_t)value);
}

static void write_metadata(const struct writer *writer, const struct wv_profile *profile)
{
	const struct wv_table_base *pointer = g_hash_table_lookup(writer->types->bases, "pointer");
	uint16_t machine = profile->pdb_machine;

	if (!machine)
		machine = pointer && pointer->size == 4 ? WV_PE_I386 : WV_PE_AMD64;
	wv_isf_out_text(writer->out, "{\"metadata\": {\"format\": \"" FORMAT
				     "\", \"producer\": {\"name\": \"wyvern\", \"version\": "
				     "\"" WV_VERSION "\"}, \"windows\": {\"pdb\": {\"GUID\": ");
	wv_isf_out_text(writer->out,
			"\"%.*s\", \"age\": %" PRIu64 ", \"database\": ", (int)WV_PDB_GUID_DIGITS,
			profile->pdb_key,
			g_ascii_strtoull(profile->pdb_key + WV_PDB_GUID_DIGITS, NULL, 16));
	wv_isf_out_string(writer->out, profile->pdb_name);
	wv_isf_out_text(writer->out, ", \"machine_type\": %u}}}", machine);
}

/* Base types that are referred to, whether the profile has them or not. */
static void write_bases(const struct writer *writer)
{
	static const struct {
		const char *name;
		struct wv_table_base base;
	} needed[] = {
		{ "void", { .values = WV_TABLE_VOID } },
		{ "int", { .values = WV_TABLE_INT, .size = 4, .is_signed = true } },
		{ "pointer", { .values = WV_TABLE_INT, .size = 8 } },
	};
	g_autoptr(GHashTable) all = g_hash_table_new(g_str_hash, g_str_equal);
	GHashTableIter iter;
	gpointer name, base;

	for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
		g_hash_table_insert(all, (gpointer)needed[i].name, (gpointer)&needed[i].base);
	g_hash_table_iter_init(&iter, writer->types->bases);
	while (g_hash_table_iter_next(&iter, &name, &base))
		g_hash_table_insert(all, name, base);
	write_entries(writer, "base_types", all, write_base);
}

bool wv_isf_write(const struct wv_profile *profile, const char *path, GError **error)
{
	const struct wv_table_symbols *symbols = (const struct wv_table_symbols *)profile->symbols;
	struct writer writer = { .types = (const struct wv_table_types *)profile->types };

	if (!profile->pdb_name || !profile->pdb_key) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "the profile does not say which PDB it is of: only those of Windows "
			    "kernels are converted");
		return false;
	}
	writer.out = wv_isf_out_open(path, error);
	if (!writer.out)
		return false;
	write_metadata(&writer, profile);
	write_bases(&writer);
	write_entries(&writer, "user_types", writer.types->structures, write_structure);
	write_entries(&writer, "enums", writer.types->enums, write_enumeration);
	write_entries(&writer, "symbols", symbols->addresses, write_symbol);
	wv_isf_out_text(writer.out, "\n}\n");
	return wv_isf_out_close(writer.out, error);
}
