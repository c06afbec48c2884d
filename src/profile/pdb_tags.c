/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads structures, unions and enumerations, and finds what forward references mean. */
#include "profile/pdb_tags.h"

#include <string.h>

/** Bits of a record's properties (CV_prop_t of cvinfo.h). */
#define PROPERTY_FORWARD 0x0080u
#define PROPERTY_UNIQUE	 0x0200u

static void read_names(struct wv_pdb_cursor *record, uint32_t properties, struct wv_pdb_tag *tag)
{
	tag->forward = properties & PROPERTY_FORWARD;
	tag->name = wv_pdb_take_string(record);
	tag->unique = properties & PROPERTY_UNIQUE ? wv_pdb_take_string(record) : "";
}

static void read_structure(struct wv_pdb_cursor *record, bool is_union, struct wv_pdb_tag *tag)
{
	uint32_t properties;

	wv_pdb_take(record, 2); /* how many members */
	properties = wv_pdb_take_u16(record);
	tag->fields = wv_pdb_take_u32(record);
	if (!is_union)
		wv_pdb_take(record, 8); /* derived types, table of virtual functions */
	tag->size = wv_pdb_take_number(record);
	read_names(record, properties, tag);
}

/* The newer form has 32 bits of properties, and counts members in a number of variable length. */
static void read_structure2(struct wv_pdb_cursor *record, bool is_union, struct wv_pdb_tag *tag)
{
	uint32_t properties = wv_pdb_take_u32(record);

	tag->fields = wv_pdb_take_u32(record);
	if (!is_union)
		wv_pdb_take(record, 8);
	wv_pdb_take_number(record);
	tag->size = wv_pdb_take_number(record);
	read_names(record, properties, tag);
}

static void read_enumeration(struct wv_pdb_cursor *record, struct wv_pdb_tag *tag)
{
	uint32_t properties;

	tag->enumeration = true;
	wv_pdb_take(record, 2);
	properties = wv_pdb_take_u16(record);
	tag->underlying = wv_pdb_take_u32(record);
	tag->fields = wv_pdb_take_u32(record);
	tag->size = wv_pdb_simple_size(tag->underlying);
	read_names(record, properties, tag);
}

/* The records of structures. */
static const struct form {
	uint16_t kind;
	enum wv_table_shape shape;
	void (*read)(struct wv_pdb_cursor *record, bool is_union, struct wv_pdb_tag *tag);
} forms[] = {
	{ WV_LF_STRUCTURE, WV_TABLE_STRUCT, read_structure },
	{ WV_LF_UNION, WV_TABLE_UNION, read_structure },
	{ WV_LF_CLASS, WV_TABLE_CLASS, read_structure },
	{ WV_LF_INTERFACE, WV_TABLE_CLASS, read_structure },
	{ WV_LF_STRUCTURE2, WV_TABLE_STRUCT, read_structure2 },
	{ WV_LF_UNION2, WV_TABLE_UNION, read_structure2 },
	{ WV_LF_CLASS2, WV_TABLE_CLASS, read_structure2 },
	{ WV_LF_INTERFACE2, WV_TABLE_CLASS, read_structure2 },
};

/* False when the kind is another; a malformed record fails the cursor. */
static bool read_tag(uint16_t kind, struct wv_pdb_cursor *record, struct wv_pdb_tag *tag)
{
	*tag = (struct wv_pdb_tag){ .name = "", .unique = "" };
	if (kind == WV_LF_ENUM) {
		read_enumeration(record, tag);
		return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		if (kind != forms[i].kind)
			continue;
		tag->shape = forms[i].shape;
		forms[i].read(record, tag->shape == WV_TABLE_UNION, tag);
		return true;
	}
	return false;
}

bool wv_pdb_tag(const struct wv_pdb_tpi *tpi, uint32_t index, struct wv_pdb_tag *tag)
{
	struct wv_pdb_cursor record;
	uint16_t kind = wv_pdb_tpi_record(tpi, index, &record);

	return read_tag(kind, &record, tag);
}

/* Compilers write one of these for a type without a name, in C++ and by clang behind its scope. */
static bool has_name(const struct wv_pdb_tag *tag)
{
	static const char *const none[] = { "", "__unnamed", "<unnamed-tag>", "<anonymous-tag>" };
	const char *last = g_strrstr(tag->name, "::");

	last = last ? last + 2 : tag->name;
	for (size_t i = 0; i < G_N_ELEMENTS(none); i++) {
		if (strcmp(last, none[i]) == 0)
			return false;
	}
	return true;
}

static void add_first(GHashTable *table, const char *name, uint32_t index)
{
	if (!g_hash_table_contains(table, name))
		g_hash_table_insert(table, (gpointer)name, GUINT_TO_POINTER(index));
}

bool wv_pdb_tags_init(struct wv_pdb_tags *tags, const struct wv_pdb_tpi *tpi, GError **error)
{
	tags->tpi = tpi;
	tags->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	tags->by_unique = g_hash_table_new(g_str_hash, g_str_equal);
	for (uint32_t index = tpi->begin; index < tpi->end; index++) {
		struct wv_pdb_cursor record;
		struct wv_pdb_tag tag;
		uint16_t kind = wv_pdb_tpi_record(tpi, index, &record);

		if (!read_tag(kind, &record, &tag))
			continue;
		if (record.failed) {
			wv_pdb_tags_deinit(tags);
			return wv_msf_fail(tpi->msf, error, "type %#x (kind %#x) is malformed",
					   index, kind);
		}
		if (tag.forward)
			continue;
		if (has_name(&tag))
			add_first(tags->by_name, tag.name, index);
		if (*tag.unique)
			add_first(tags->by_unique, tag.unique, index);
	}
	return true;
}

void wv_pdb_tags_deinit(struct wv_pdb_tags *tags)
{
	g_clear_pointer(&tags->by_name, g_hash_table_unref);
	g_clear_pointer(&tags->by_unique, g_hash_table_unref);
}

static uint32_t lookup(GHashTable *table, const char *name)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(table, name));
}

uint32_t wv_pdb_tags_resolve(const struct wv_pdb_tags *tags, uint32_t index,
			     const struct wv_pdb_tag *tag)
{
	uint32_t definition = 0;

	if (!tag->forward)
		return index;
	if (*tag->unique)
		definition = lookup(tags->by_unique, tag->unique);
	if (!definition && has_name(tag))
		definition = lookup(tags->by_name, tag->name);
	return definition ? definition : index;
}

const char *wv_pdb_tags_key(const struct wv_pdb_tags *tags, uint32_t index,
			    const struct wv_pdb_tag *tag, GString *buffer)
{
	if (!has_name(tag)) {
		g_string_printf(buffer, "__anonymous_%x", index);
		return buffer->str;
	}
	if (tag->forward || lookup(tags->by_name, tag->name) == index)
		return tag->name;
	g_string_printf(buffer, "%s__%x", tag->name, index);
	return buffer->str;
}
