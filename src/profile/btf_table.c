/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads BTF's records.
 *
 * A reader of our own, not libbpf's: Debian 12's libbpf refuses a whole BTF for one kind that it
 * does not know, or for a structure of more than 65535 members, both of which later kernels may
 * have; and the little that it would do here is not worth another library in QEMU's process.
 */
#include "profile/btf_table.h"

#include "base/error.h"

#include <string.h>

/** Bounds chains of typedefs, qualifiers and arrays of arrays; real ones are below 10. */
#define CHAIN_MAX 64u

/** The words of struct btf_type. */
#define TYPE_SIZE 12u

struct header {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t hdr_len;
	/* From the end of the header: */
	uint32_t type_off;
	uint32_t type_len;
	uint32_t str_off;
	uint32_t str_len;
	/* Absent from a header of 24 bytes; then 0. */
	uint32_t layout_off;
	uint32_t layout_len;
};

G_STATIC_ASSERT(offsetof(struct header, layout_off) == WV_BTF_HEADER_MIN);

/** How large a kind's data is: fixed, and for each of the vlen entries. */
struct layout {
	uint8_t fixed;
	uint8_t entry;
	uint8_t known;
};

static const struct layout layouts[WV_BTF_KINDS] = {
	[WV_BTF_VOID] = { 0, 0, 0 },	 [WV_BTF_INT] = { 4, 0, 1 },
	[WV_BTF_PTR] = { 0, 0, 1 },	 [WV_BTF_ARRAY] = { 12, 0, 1 },
	[WV_BTF_STRUCT] = { 0, 12, 1 },	 [WV_BTF_UNION] = { 0, 12, 1 },
	[WV_BTF_ENUM] = { 0, 8, 1 },	 [WV_BTF_FWD] = { 0, 0, 1 },
	[WV_BTF_TYPEDEF] = { 0, 0, 1 },	 [WV_BTF_VOLATILE] = { 0, 0, 1 },
	[WV_BTF_CONST] = { 0, 0, 1 },	 [WV_BTF_RESTRICT] = { 0, 0, 1 },
	[WV_BTF_FUNC] = { 0, 0, 1 },	 [WV_BTF_FUNC_PROTO] = { 0, 8, 1 },
	[WV_BTF_VAR] = { 4, 0, 1 },	 [WV_BTF_DATASEC] = { 0, 12, 1 },
	[WV_BTF_FLOAT] = { 0, 0, 1 },	 [WV_BTF_DECL_TAG] = { 4, 0, 1 },
	[WV_BTF_TYPE_TAG] = { 0, 0, 1 }, [WV_BTF_ENUM64] = { 0, 12, 1 },
};

static uint32_t word(const uint8_t *data, size_t i)
{
	uint32_t value;

	memcpy(&value, data + i * sizeof(value), sizeof(value));
	return value;
}

/* Takes a header that has been read; gives the size of the whole, or 0. */
static size_t measure(const struct header *header, size_t size)
{
	uint64_t end = MAX((uint64_t)header->type_off + header->type_len,
			   (uint64_t)header->str_off + header->str_len);

	if (header->magic != 0xeb9f || header->version != 1 ||
	    header->hdr_len < WV_BTF_HEADER_MIN || header->hdr_len % 4 != 0)
		return 0;
	end = MAX(end, (uint64_t)header->layout_off + header->layout_len) + header->hdr_len;
	return end <= size && end <= WV_BTF_SIZE_MAX ? (size_t)end : 0;
}

static bool read_header(struct header *header, const void *data, size_t size)
{
	memset(header, 0, sizeof(*header));
	if (size < WV_BTF_HEADER_MIN)
		return false;
	memcpy(header, data, MIN(size, sizeof(*header)));
	if (header->hdr_len < sizeof(*header)) {
		header->layout_off = 0;
		header->layout_len = 0;
	}
	return true;
}

size_t wv_btf_measure(const void *data, size_t size)
{
	struct header header;

	return read_header(&header, data, size) ? measure(&header, size) : 0;
}

/* A kind that we do not know may be described by the BTF itself (struct btf_layout, 4 bytes). */
static struct layout kind_layout(const struct wv_btf_table *table, const struct header *header,
				 uint32_t kind)
{
	struct layout layout = { 0, 0, 0 };

	if (kind < WV_BTF_KINDS)
		return layouts[kind];
	if (kind < header->layout_len / 4) {
		const uint8_t *entry =
			table->data + header->hdr_len + header->layout_off + kind * 4;

		layout.fixed = entry[0];
		layout.entry = entry[1];
		layout.known = 1;
	}
	return layout;
}

static bool index_types(struct wv_btf_table *table, const struct header *header, GError **error)
{
	size_t capacity = header->type_len / TYPE_SIZE + 1, at = 0;
	uint32_t *offsets = g_new(uint32_t, capacity);

	offsets[0] = 0;
	table->offsets = offsets;
	table->count = 1;
	while (at < header->type_len) {
		size_t left = header->type_len - at, size;
		struct layout layout;
		uint32_t info;

		if (left < TYPE_SIZE)
			goto truncated;
		info = word(table->types + at, 1);
		layout = kind_layout(table, header, info >> 24 & 0x7f);
		if (!layout.known) {
			g_set_error(error, WV_ERROR, WV_ERROR_FORMAT,
				    "BTF: type %u is of unknown kind %u", table->count,
				    info >> 24 & 0x7f);
			return false;
		}
		if (info >> 31 && (info >> 24 & 0x7f) == WV_BTF_ENUM)
			table->signed_flags = true;
		size = TYPE_SIZE + layout.fixed + (size_t)layout.entry * (info & 0xffffff);
		if (size > left)
			goto truncated;
		offsets[table->count++] = (uint32_t)at;
		at += size;
	}
	table->offsets = g_renew(uint32_t, offsets, table->count);
	return true;
truncated:
	g_set_error(error, WV_ERROR, WV_ERROR_FORMAT, "BTF: type %u runs past the last type",
		    table->count);
	return false;
}

bool wv_btf_table_init(struct wv_btf_table *table, const void *data, size_t size, GError **error)
{
	struct header header;

	memset(table, 0, sizeof(*table));
	if (!read_header(&header, data, size) || !(size = measure(&header, size))) {
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT, "BTF: not a valid header");
		return false;
	}
	/* The source may change meanwhile; from here on only the copies are looked at. */
	table->data = g_memdup2(data, size);
	table->size = size;
	table->types = table->data + header.hdr_len + header.type_off;
	table->strings = (const char *)table->data + header.hdr_len + header.str_off;
	table->strings_size = header.str_len;
	if (header.str_len == 0 || table->strings[0] || table->strings[header.str_len - 1]) {
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT, "BTF: not a valid string section");
		wv_btf_table_deinit(table);
		return false;
	}
	if (!index_types(table, &header, error)) {
		wv_btf_table_deinit(table);
		return false;
	}
	return true;
}

void wv_btf_table_deinit(struct wv_btf_table *table)
{
	g_free(table->data);
	g_free(table->offsets);
	memset(table, 0, sizeof(*table));
}

const char *wv_btf_string(const struct wv_btf_table *table, uint32_t offset)
{
	return offset < table->strings_size ? table->strings + offset : "";
}

void wv_btf_type(const struct wv_btf_table *table, uint32_t id, struct wv_btf_type *type)
{
	const uint8_t *record;
	uint32_t info;

	if (id == 0 || id >= table->count) {
		*type = (struct wv_btf_type){ .name = "", .kind = WV_BTF_VOID };
		return;
	}
	record = table->types + table->offsets[id];
	info = word(record, 1);
	type->name = wv_btf_string(table, word(record, 0));
	type->kind = info >> 24 & 0x7f;
	type->kind_flag = info >> 31;
	type->vlen = info & 0xffffff;
	type->size_or_type = word(record, 2);
	type->data = record + TYPE_SIZE;
}

void wv_btf_member(const struct wv_btf_table *table, const struct wv_btf_type *type, uint32_t i,
		   struct wv_btf_member *member)
{
	const uint8_t *record = type->data + (size_t)i * 12;
	uint32_t offset = word(record, 2);

	member->name = wv_btf_string(table, word(record, 0));
	member->type = word(record, 1);
	member->bit_offset = type->kind_flag ? offset & 0xffffff : offset;
	member->bit_size = type->kind_flag ? offset >> 24 : 0;
}

const char *wv_btf_parameter(const struct wv_btf_table *table, const struct wv_btf_type *prototype,
			     uint32_t i, uint32_t *type)
{
	const uint8_t *record = prototype->data + (size_t)i * 8;

	*type = word(record, 1);
	return wv_btf_string(table, word(record, 0));
}

const char *wv_btf_enumerator(const struct wv_btf_table *table, const struct wv_btf_type *type,
			      uint32_t i, int64_t *value)
{
	if (type->kind == WV_BTF_ENUM64) {
		const uint8_t *record = type->data + (size_t)i * 12;

		*value = (int64_t)((uint64_t)word(record, 2) << 32 | word(record, 1));
		return wv_btf_string(table, word(record, 0));
	}
	const uint8_t *record = type->data + (size_t)i * 8;

	if (type->kind_flag || !table->signed_flags)
		*value = (int32_t)word(record, 1);
	else
		*value = word(record, 1);
	return wv_btf_string(table, word(record, 0));
}

void wv_btf_array(const struct wv_btf_type *type, uint32_t *element, uint32_t *count)
{
	*element = word(type->data, 0);
	*count = word(type->data, 2);
}

void wv_btf_int(const struct wv_btf_type *type, uint32_t *bit_offset, uint32_t *bits)
{
	uint32_t encoding = word(type->data, 0);

	*bit_offset = encoding >> 16 & 0xff;
	*bits = encoding & 0xff;
}

uint32_t wv_btf_strip(const struct wv_btf_table *table, uint32_t id)
{
	for (unsigned int i = 0; i < CHAIN_MAX; i++) {
		struct wv_btf_type type;

		wv_btf_type(table, id, &type);
		switch (type.kind) {
		case WV_BTF_TYPEDEF:
		case WV_BTF_VOLATILE:
		case WV_BTF_CONST:
		case WV_BTF_RESTRICT:
		case WV_BTF_TYPE_TAG:
			id = type.size_or_type;
			break;
		default:
			return type.kind == WV_BTF_VOID ? 0 : id;
		}
	}
	return 0;
}

uint64_t wv_btf_size(const struct wv_btf_table *table, uint32_t id)
{
	uint64_t elements = 1, size;

	for (unsigned int i = 0; i < CHAIN_MAX; i++) {
		struct wv_btf_type type;
		uint32_t count;

		wv_btf_type(table, wv_btf_strip(table, id), &type);
		switch (type.kind) {
		case WV_BTF_ARRAY:
			wv_btf_array(&type, &id, &count);
			if (__builtin_mul_overflow(elements, (uint64_t)count, &elements))
				return 0;
			break;
		case WV_BTF_PTR:
			return __builtin_mul_overflow(elements, (uint64_t)8, &size) ? 0 : size;
		case WV_BTF_INT:
		case WV_BTF_STRUCT:
		case WV_BTF_UNION:
		case WV_BTF_ENUM:
		case WV_BTF_ENUM64:
		case WV_BTF_FLOAT:
			size = type.size_or_type;
			return __builtin_mul_overflow(elements, size, &size) ? 0 : size;
		default:
			return 0;
		}
	}
	return 0;
}
