/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes PDBs: records, streams, and the container around them. */
#include "pdb_builder.h"

#include "profile/pdb_tpi.h"

#include <string.h>

/** Streams of a PDB that is written here: 0 to 4 have their place, the others are told by DBI. */
enum {
	STREAM_OLD_DIRECTORY,
	STREAM_INFO,
	STREAM_TYPES,
	STREAM_DBI,
	STREAM_IDS,
	STREAM_SYMBOLS,
	STREAM_SECTIONS,
	STREAM_ORIGINALS,
	STREAM_OMAP,
	STREAM_EXTRA,
	STREAMS,
};

void pdb_builder_init(struct pdb_builder *builder)
{
	*builder = (struct pdb_builder){
		.block_size = 512,
		.machine = WV_PE_AMD64,
		.age = 1,
		.info_age = 2,
		.types = g_byte_array_new(),
		.symbols = g_byte_array_new(),
		.sections = g_byte_array_new(),
		.originals = g_byte_array_new(),
		.omap = g_byte_array_new(),
		.extra = g_byte_array_new(),
	};
}

void pdb_builder_deinit(struct pdb_builder *builder)
{
	g_byte_array_unref(builder->types);
	g_byte_array_unref(builder->symbols);
	g_byte_array_unref(builder->sections);
	g_byte_array_unref(builder->originals);
	g_byte_array_unref(builder->omap);
	g_byte_array_unref(builder->extra);
}

void pdb_append_u16(GByteArray *bytes, uint16_t value)
{
	const guint8 data[] = { (guint8)value, (guint8)(value >> 8) };

	g_byte_array_append(bytes, data, sizeof(data));
}

void pdb_append_u32(GByteArray *bytes, uint32_t value)
{
	pdb_append_u16(bytes, (uint16_t)value);
	pdb_append_u16(bytes, (uint16_t)(value >> 16));
}

static void append_zeros(GByteArray *bytes, size_t size)
{
	guint before = bytes->len;

	g_byte_array_set_size(bytes, before + (guint)size);
	memset(bytes->data + before, 0, size);
}

static void set_u16(GByteArray *bytes, size_t at, size_t value)
{
	bytes->data[at] = (guint8)value;
	bytes->data[at + 1] = (guint8)(value >> 8);
}

/* ---- symbols and sections ---- */

void pdb_add_section(GByteArray *headers, uint32_t rva)
{
	append_zeros(headers, 12);
	pdb_append_u32(headers, rva);
	append_zeros(headers, 24);
}

/* Ends the symbol record that started there. */
static void end_symbol(GByteArray *symbols, size_t start, const char *name)
{
	g_byte_array_append(symbols, (const guint8 *)name, (guint)strlen(name) + 1);
	while ((symbols->len - start) % 4)
		append_zeros(symbols, 1);
	set_u16(symbols, start, symbols->len - start - 2);
}

void pdb_add_symbol(struct pdb_builder *builder, uint16_t kind, size_t size, const char *name)
{
	size_t start = builder->symbols->len;

	pdb_append_u16(builder->symbols, 0);
	pdb_append_u16(builder->symbols, kind);
	append_zeros(builder->symbols, size);
	end_symbol(builder->symbols, start, name);
}

void pdb_add_public(struct pdb_builder *builder, const char *name, uint16_t section,
		    uint32_t offset)
{
	size_t start = builder->symbols->len;

	pdb_append_u16(builder->symbols, 0);
	pdb_append_u16(builder->symbols, 0x110e);
	pdb_append_u32(builder->symbols, 2);
	pdb_append_u32(builder->symbols, offset);
	pdb_append_u16(builder->symbols, section);
	end_symbol(builder->symbols, start, name);
}

/* ---- types ---- */

uint32_t pdb_type(const struct pdb_builder *builder)
{
	return WV_PDB_FIRST_TYPE + builder->n_types;
}

void pdb_begin(struct pdb_builder *builder, uint16_t leaf)
{
	builder->record = builder->types->len;
	pdb_append_u16(builder->types, 0);
	pdb_append_u16(builder->types, leaf);
}

void pdb_u8(struct pdb_builder *builder, uint8_t value)
{
	g_byte_array_append(builder->types, &value, 1);
}

void pdb_u16(struct pdb_builder *builder, uint16_t value)
{
	pdb_append_u16(builder->types, value);
}

void pdb_u32(struct pdb_builder *builder, uint32_t value)
{
	pdb_append_u32(builder->types, value);
}

void pdb_number(struct pdb_builder *builder, uint64_t value)
{
	int64_t number = (int64_t)value;

	if (value < 0x8000) {
		pdb_u16(builder, (uint16_t)value);
	} else if (number < 0 && number >= INT8_MIN) {
		pdb_u16(builder, 0x8000);
		pdb_u8(builder, (uint8_t)value);
	} else if (number < 0 && number >= INT16_MIN) {
		pdb_u16(builder, 0x8001);
		pdb_u16(builder, (uint16_t)value);
	} else if (value <= UINT16_MAX) {
		pdb_u16(builder, 0x8002);
		pdb_u16(builder, (uint16_t)value);
	} else if (number < 0 && number >= INT32_MIN) {
		pdb_u16(builder, 0x8003);
		pdb_u32(builder, (uint32_t)value);
	} else if (value <= UINT32_MAX) {
		pdb_u16(builder, 0x8004);
		pdb_u32(builder, (uint32_t)value);
	} else {
		pdb_u16(builder, number < 0 ? 0x8009 : 0x800a);
		pdb_u32(builder, (uint32_t)value);
		pdb_u32(builder, (uint32_t)(value >> 32));
	}
}

void pdb_text(struct pdb_builder *builder, const char *text)
{
	g_byte_array_append(builder->types, (const guint8 *)text, (guint)strlen(text) + 1);
}

void pdb_pad(struct pdb_builder *builder)
{
	while ((builder->types->len - builder->record) % 4)
		pdb_u8(builder, (uint8_t)(0xf4 - (builder->types->len - builder->record) % 4));
}

uint32_t pdb_end(struct pdb_builder *builder)
{
	pdb_pad(builder);
	set_u16(builder->types, builder->record, builder->types->len - builder->record - 2);
	return WV_PDB_FIRST_TYPE + builder->n_types++;
}

void pdb_member(struct pdb_builder *builder, uint32_t type, uint64_t offset, const char *name)
{
	pdb_u16(builder, 0x150d);
	pdb_u16(builder, 3);
	pdb_u32(builder, type);
	pdb_number(builder, offset);
	pdb_text(builder, name);
	pdb_pad(builder);
}

void pdb_enumerator(struct pdb_builder *builder, uint64_t value, const char *name)
{
	pdb_u16(builder, 0x1502);
	pdb_u16(builder, 3);
	pdb_number(builder, value);
	pdb_text(builder, name);
	pdb_pad(builder);
}

void pdb_continue(struct pdb_builder *builder, uint32_t list)
{
	pdb_u16(builder, 0x1404);
	pdb_u16(builder, 0);
	pdb_u32(builder, list);
}

uint32_t pdb_structure(struct pdb_builder *builder, uint16_t leaf, const char *name,
		       const char *unique, uint32_t list, uint64_t size)
{
	uint16_t properties = (uint16_t)((list ? 0 : 0x80) | (unique ? 0x200 : 0));
	bool newer = leaf >= WV_LF_CLASS2, is_union = leaf == WV_LF_UNION || leaf == WV_LF_UNION2;

	pdb_begin(builder, leaf);
	if (newer) {
		pdb_u32(builder, properties);
	} else {
		pdb_u16(builder, 1);
		pdb_u16(builder, properties);
	}
	if (leaf == WV_LF_ENUM)
		pdb_u32(builder, (uint32_t)size); /* its integer type */
	pdb_u32(builder, list);
	if (!is_union && leaf != WV_LF_ENUM) {
		pdb_u32(builder, 0);
		pdb_u32(builder, 0);
	}
	if (newer)
		pdb_number(builder, 70000); /* members, which nobody counts */
	if (leaf != WV_LF_ENUM)
		pdb_number(builder, size);
	pdb_text(builder, name);
	if (unique)
		pdb_text(builder, unique);
	return pdb_end(builder);
}

uint32_t pdb_array(struct pdb_builder *builder, uint32_t element, uint64_t size)
{
	pdb_begin(builder, WV_LF_ARRAY);
	pdb_u32(builder, element);
	pdb_u32(builder, 0x22);
	pdb_number(builder, size);
	pdb_text(builder, "");
	return pdb_end(builder);
}

uint32_t pdb_pointer(struct pdb_builder *builder, uint32_t type, uint32_t size)
{
	pdb_begin(builder, WV_LF_POINTER);
	pdb_u32(builder, type);
	pdb_u32(builder, size << 13 | (size == 8 ? 0x0c : 0x0a));
	return pdb_end(builder);
}

uint32_t pdb_bits(struct pdb_builder *builder, uint32_t type, uint8_t position, uint8_t length)
{
	pdb_begin(builder, WV_LF_BITFIELD);
	pdb_u32(builder, type);
	pdb_u8(builder, length);
	pdb_u8(builder, position);
	return pdb_end(builder);
}

/* ---- streams ---- */

static GByteArray *make_info(const struct pdb_builder *builder)
{
	GByteArray *info = g_byte_array_new();

	pdb_append_u32(info, 20000404);
	pdb_append_u32(info, 0x5f5e1000);
	pdb_append_u32(info, builder->info_age);
	for (guint8 i = 0; i < 16; i++)
		g_byte_array_append(info, &(guint8){ (guint8)(0xa0 + i) }, 1);
	append_zeros(info, 8);
	return info;
}

static GByteArray *make_types(const struct pdb_builder *builder)
{
	GByteArray *types = g_byte_array_new();

	pdb_append_u32(types, 20040203);
	pdb_append_u32(types, 56);
	pdb_append_u32(types, WV_PDB_FIRST_TYPE);
	pdb_append_u32(types, WV_PDB_FIRST_TYPE + builder->n_types);
	pdb_append_u32(types, builder->types->len);
	append_zeros(types, 56 - 20);
	g_byte_array_append(types, builder->types->data, builder->types->len);
	return types;
}

static uint16_t stream_if(const GByteArray *bytes, uint16_t stream)
{
	return bytes->len ? stream : 0xffff;
}

static GByteArray *make_dbi(const struct pdb_builder *builder)
{
	/* Parts that nobody reads, each of a size of its own. */
	static const uint32_t sizes[] = { 8, 12, 4, 20, 4 };
	GByteArray *dbi = g_byte_array_new();

	pdb_append_u32(dbi, 0xffffffff);
	pdb_append_u32(dbi, 19990903);
	pdb_append_u32(dbi, builder->age);
	append_zeros(dbi, 8);
	pdb_append_u16(dbi, stream_if(builder->symbols, STREAM_SYMBOLS));
	pdb_append_u16(dbi, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
		pdb_append_u32(dbi, sizes[i]);
	pdb_append_u32(dbi, 0x7777); /* number of a type server */
	pdb_append_u32(dbi, 22);
	pdb_append_u32(dbi, 16); /* edit-and-continue */
	pdb_append_u16(dbi, 0);
	pdb_append_u16(dbi, builder->machine);
	append_zeros(dbi, 4 + 8 + 12 + 4 + 20 + 4 + 16);
	for (int i = 0; i < 11; i++) {
		pdb_append_u16(dbi, i == 4    ? stream_if(builder->omap, STREAM_OMAP)
				    : i == 5  ? stream_if(builder->sections, STREAM_SECTIONS)
				    : i == 10 ? stream_if(builder->originals, STREAM_ORIGINALS)
					      : 0xffff);
	}
	return dbi;
}

/* ---- the container ---- */

struct container {
	const struct pdb_builder *builder;
	GByteArray *file;
	uint32_t blocks; /* of the whole file */
	uint32_t next;	 /* how many are in use */
};

static uint32_t blocks_for(const struct pdb_builder *builder, size_t bytes)
{
	return (uint32_t)((bytes + builder->block_size - 1) / builder->block_size);
}

/* The block that comes next: after the superblock and the two maps of free blocks. */
static uint32_t take_block(struct container *container)
{
	uint32_t block = container->next++;

	return container->builder->scattered ? container->blocks - 1 - (block - 3) : block;
}

/* Writes bytes into blocks of their own, whose numbers go into the list. */
static void put(struct container *container, const GByteArray *bytes, GByteArray *list)
{
	uint32_t size = container->builder->block_size;

	for (guint at = 0; at < bytes->len; at += size) {
		uint32_t block = take_block(container);

		memcpy(container->file->data + (size_t)block * size, bytes->data + at,
		       MIN(size, bytes->len - at));
		pdb_append_u32(list, block);
	}
}

static GByteArray *make_directory(struct container *container, GByteArray *const *streams)
{
	g_autoptr(GByteArray) lists = g_byte_array_new();
	GByteArray *directory = g_byte_array_new();

	pdb_append_u32(directory, STREAMS);
	for (size_t i = 0; i < STREAMS; i++) {
		pdb_append_u32(directory, streams[i] ? streams[i]->len : 0xffffffff);
		if (streams[i])
			put(container, streams[i], lists);
	}
	g_byte_array_append(directory, lists->data, lists->len);
	return directory;
}

GByteArray *pdb_finish(const struct pdb_builder *builder)
{
	GByteArray *streams[STREAMS] = {
		[STREAM_INFO] = make_info(builder),
		[STREAM_TYPES] = builder->n_types ? make_types(builder) : NULL,
		[STREAM_DBI] = builder->no_dbi ? NULL : make_dbi(builder),
		[STREAM_SYMBOLS] = builder->symbols,
		[STREAM_SECTIONS] = builder->sections,
		[STREAM_ORIGINALS] = builder->originals,
		[STREAM_OMAP] = builder->omap,
		[STREAM_EXTRA] = builder->extra,
	};
	struct container container = { .builder = builder, .file = g_byte_array_new(), .next = 3 };
	g_autoptr(GByteArray) directory = NULL, map = g_byte_array_new(), head = g_byte_array_new();
	size_t directory_size = 4 + 4 * STREAMS;

	container.blocks = 3;
	for (size_t i = 0; i < STREAMS; i++)
		container.blocks += streams[i] ? blocks_for(builder, streams[i]->len) : 0;
	directory_size += (size_t)(container.blocks - 3) * 4;
	container.blocks += blocks_for(builder, directory_size);
	container.blocks += blocks_for(builder, (size_t)blocks_for(builder, directory_size) * 4);
	append_zeros(container.file, (size_t)container.blocks * builder->block_size);

	directory = make_directory(&container, streams);
	g_assert(directory->len == directory_size);
	g_byte_array_append(head,
			    (const guint8 *)"Microsoft C/C++ MSF 7.00\r\n\x1a"
					    "DS\0\0\0",
			    32);
	pdb_append_u32(head, builder->block_size);
	pdb_append_u32(head, 1);
	pdb_append_u32(head, container.blocks);
	pdb_append_u32(head, directory->len);
	pdb_append_u32(head, 0);
	put(&container, directory, map);
	put(&container, map, head);
	g_assert(container.next == container.blocks);
	memcpy(container.file->data, head->data, head->len);

	g_clear_pointer(&streams[STREAM_INFO], g_byte_array_unref);
	g_clear_pointer(&streams[STREAM_TYPES], g_byte_array_unref);
	g_clear_pointer(&streams[STREAM_DBI], g_byte_array_unref);
	return container.file;
}
