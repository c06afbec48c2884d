/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads PE headers, and the record that names the image's PDB. */
#include "profile/pe.h"

#include "base/error.h"
#include "profile/pdb_cursor.h"

#include <stdarg.h>
#include <string.h>

#define DOS_HEADER_SIZE 64u
#define DOS_NT_OFFSET	60u /* e_lfanew */
/** "PE\0\0" and IMAGE_FILE_HEADER. */
#define FILE_HEADER_SIZE 24u
/** Bytes of the optional header of PE32+, with all directories; that of PE32 is shorter. */
#define OPTIONAL_64_SIZE 240u
#define SECTION_SIZE	 40u
/** The NT headers start within the first page or two; the loader's own bound is far higher. */
#define NT_OFFSET_MAX (1u << 20)

#define DEBUG_ENTRY_SIZE  28u
#define DEBUG_ENTRIES_MAX 64u
#define DEBUG_CODEVIEW	  2u
/** "RSDS", GUID and age; the PDB's path follows. */
#define RSDS_SIZE     24u
#define RSDS_PATH_MAX 1024u

static bool fail(const struct wv_pe_source *source, GError **error, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static bool fail(const struct wv_pe_source *source, GError **error, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list arguments;

	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, WV_ERROR, WV_ERROR_FORMAT, "%s: not a usable PE image: %s", source->name,
		    what);
	return false;
}

bool wv_pe_read_bytes(void *owner, uint64_t offset, void *buffer, size_t size)
{
	const struct wv_pe_bytes *bytes = owner;

	if (offset > bytes->size || size > bytes->size - offset)
		return false;
	if (size)
		memcpy(buffer, (const uint8_t *)bytes->data + offset, size);
	return true;
}

/* ---- headers ---- */

/* The optional header, of which the image may have less than we know of. */
static bool read_optional(struct wv_pe *pe, uint64_t offset, uint32_t size, GError **error)
{
	uint8_t header[OPTIONAL_64_SIZE] = { 0 };
	struct wv_pdb_cursor cursor;
	uint32_t directories, room;
	uint16_t magic;

	size = MIN(size, OPTIONAL_64_SIZE);
	if (!pe->source.read(pe->source.owner, offset, header, size))
		return fail(&pe->source, error, "its optional header can not be read");
	cursor = wv_pdb_cursor(header, size);
	magic = wv_pdb_take_u16(&cursor);
	if (magic != 0x10b && magic != 0x20b)
		return fail(&pe->source, error, "its optional header starts with %#x", magic);
	pe->is_64 = magic == 0x20b;
	wv_pdb_take(&cursor, 14); /* linker, sizes of code and data */
	pe->entry_point = wv_pdb_take_u32(&cursor);
	wv_pdb_take(&cursor, pe->is_64 ? 4 : 8); /* where code and data start */
	pe->image_base = wv_pdb_take_u32(&cursor);
	if (pe->is_64)
		pe->image_base |= (uint64_t)wv_pdb_take_u32(&cursor) << 32;
	wv_pdb_take(&cursor, 24); /* alignment, versions */
	pe->size_of_image = wv_pdb_take_u32(&cursor);
	pe->size_of_headers = wv_pdb_take_u32(&cursor);
	wv_pdb_take(&cursor, 8);		   /* checksum, subsystem */
	wv_pdb_take(&cursor, pe->is_64 ? 32 : 16); /* stack and heap */
	wv_pdb_take(&cursor, 4);
	directories = wv_pdb_take_u32(&cursor);
	if (cursor.failed)
		return fail(&pe->source, error, "its optional header has only %u bytes", size);
	room = (uint32_t)wv_pdb_left(&cursor) / 8;
	for (uint32_t i = 0; i < MIN(MIN(directories, room), WV_PE_DIRECTORIES); i++) {
		pe->directories[i].rva = wv_pdb_take_u32(&cursor);
		pe->directories[i].size = wv_pdb_take_u32(&cursor);
	}
	return true;
}

static bool read_sections(struct wv_pe *pe, uint64_t offset, unsigned int count, GError **error)
{
	if (count > WV_PE_SECTIONS_MAX)
		return fail(&pe->source, error, "%u sections", count);
	for (unsigned int i = 0; i < count; i++) {
		struct wv_pe_section *section = &pe->sections[i];
		uint8_t header[SECTION_SIZE];
		struct wv_pdb_cursor cursor;

		if (!pe->source.read(pe->source.owner, offset + (uint64_t)i * SECTION_SIZE, header,
				     sizeof(header)))
			return fail(&pe->source, error, "the header of section %u can not be read",
				    i + 1);
		cursor = wv_pdb_cursor(header, sizeof(header));
		memcpy(section->name, wv_pdb_take(&cursor, 8), 8);
		section->name[8] = '\0';
		section->size = wv_pdb_take_u32(&cursor);
		section->rva = wv_pdb_take_u32(&cursor);
		section->raw_size = wv_pdb_take_u32(&cursor);
		section->raw_offset = wv_pdb_take_u32(&cursor);
		wv_pdb_take(&cursor, 12);
		section->flags = wv_pdb_take_u32(&cursor);
	}
	pe->n_sections = count;
	return true;
}

bool wv_pe_init(struct wv_pe *pe, const struct wv_pe_source *source, GError **error)
{
	uint8_t dos[DOS_HEADER_SIZE], header[FILE_HEADER_SIZE];
	struct wv_pdb_cursor cursor;
	uint32_t nt;
	uint16_t sections, optional;

	memset(pe, 0, sizeof(*pe));
	pe->source = *source;
	if (!source->read(source->owner, 0, dos, sizeof(dos)))
		return fail(source, error, "its first %u bytes can not be read", DOS_HEADER_SIZE);
	if (dos[0] != 'M' || dos[1] != 'Z')
		return fail(source, error, "it does not start with \"MZ\"");
	cursor = wv_pdb_cursor(dos + DOS_NT_OFFSET, 4);
	nt = wv_pdb_take_u32(&cursor);
	if (nt > NT_OFFSET_MAX || !source->read(source->owner, nt, header, sizeof(header)))
		return fail(source, error, "there are no headers at %#x", nt);
	if (memcmp(header, "PE\0\0", 4) != 0)
		return fail(source, error, "its headers do not start with \"PE\"");
	cursor = wv_pdb_cursor(header + 4, sizeof(header) - 4);
	pe->machine = wv_pdb_take_u16(&cursor);
	sections = wv_pdb_take_u16(&cursor);
	pe->timestamp = wv_pdb_take_u32(&cursor);
	wv_pdb_take(&cursor, 8); /* COFF symbols */
	optional = wv_pdb_take_u16(&cursor);
	return read_optional(pe, (uint64_t)nt + FILE_HEADER_SIZE, optional, error) &&
	       read_sections(pe, (uint64_t)nt + FILE_HEADER_SIZE + optional, sections, error);
}

/* ---- bytes by RVA ---- */

static bool within(uint32_t at, size_t size, uint32_t start, uint32_t length)
{
	return at >= start && at - start <= length && size <= length - (at - start);
}

bool wv_pe_read(const struct wv_pe *pe, uint32_t rva, void *buffer, size_t size)
{
	const struct wv_pe_source *source = &pe->source;

	if (source->layout == WV_PE_MEMORY)
		return within(rva, size, 0, pe->size_of_image) &&
		       source->read(source->owner, rva, buffer, size);
	if (within(rva, size, 0, pe->size_of_headers))
		return source->read(source->owner, rva, buffer, size);
	for (unsigned int i = 0; i < pe->n_sections; i++) {
		const struct wv_pe_section *section = &pe->sections[i];

		if (within(rva, size, section->rva, section->raw_size))
			return source->read(source->owner,
					    (uint64_t)section->raw_offset + (rva - section->rva),
					    buffer, size);
	}
	return false;
}

/* ---- the PDB ---- */

struct debug_entry {
	uint32_t type;
	uint32_t size;
	uint32_t rva;	 /* 0 when it is not mapped */
	uint32_t offset; /* in a file */
};

static bool read_debug_entry(const struct wv_pe *pe, uint32_t i, struct debug_entry *entry)
{
	uint8_t data[DEBUG_ENTRY_SIZE];
	struct wv_pdb_cursor cursor;
	uint32_t rva;

	if (__builtin_add_overflow(pe->directories[WV_PE_DEBUG].rva, i * DEBUG_ENTRY_SIZE, &rva) ||
	    !wv_pe_read(pe, rva, data, sizeof(data)))
		return false;
	cursor = wv_pdb_cursor(data, sizeof(data));
	wv_pdb_take(&cursor, 12); /* flags, time, version */
	entry->type = wv_pdb_take_u32(&cursor);
	entry->size = wv_pdb_take_u32(&cursor);
	entry->rva = wv_pdb_take_u32(&cursor);
	entry->offset = wv_pdb_take_u32(&cursor);
	return true;
}

static bool read_debug_data(const struct wv_pe *pe, const struct debug_entry *entry, void *buffer,
			    size_t size)
{
	if (pe->source.layout == WV_PE_FILE)
		return pe->source.read(pe->source.owner, entry->offset, buffer, size);
	return wv_pe_read(pe, entry->rva, buffer, size);
}

/* The part of a path behind its folders, if it is fit for a file's name. */
static bool copy_name(const char *path, char name[WV_PE_PDB_NAME_SIZE])
{
	const char *start = path;

	for (const char *at = path; *at; at++) {
		if (*at == '\\' || *at == '/')
			start = at + 1;
	}
	if (strlen(start) >= WV_PE_PDB_NAME_SIZE || !*start || strcmp(start, ".") == 0 ||
	    strcmp(start, "..") == 0)
		return false;
	for (const char *at = start; *at; at++) {
		if (!g_ascii_isprint(*at) || strchr(":*?\"<>|", *at))
			return false;
	}
	strcpy(name, start);
	return true;
}

static bool read_rsds(const struct wv_pe *pe, const struct debug_entry *entry, struct wv_pdb_id *id,
		      char name[WV_PE_PDB_NAME_SIZE], GError **error)
{
	uint8_t record[RSDS_SIZE + RSDS_PATH_MAX + 1];
	size_t size = MIN(entry->size, sizeof(record) - 1);
	struct wv_pdb_cursor cursor;

	if (size < RSDS_SIZE || !read_debug_data(pe, entry, record, size))
		return fail(&pe->source, error,
			    "its CodeView record (%u bytes at %#x) can not be read", entry->size,
			    entry->rva);
	if (memcmp(record, "RSDS", 4) != 0)
		return fail(&pe->source, error, "its CodeView record is not RSDS");
	record[size] = '\0';
	cursor = wv_pdb_cursor(record + 4, RSDS_SIZE - 4);
	memcpy(id->guid, wv_pdb_take(&cursor, sizeof(id->guid)), sizeof(id->guid));
	id->age = wv_pdb_take_u32(&cursor);
	id->machine = pe->machine;
	if (!copy_name((const char *)record + RSDS_SIZE, name))
		return fail(&pe->source, error, "its PDB's name can not be used");
	return true;
}

bool wv_pe_pdb(const struct wv_pe *pe, struct wv_pdb_id *id, char name[WV_PE_PDB_NAME_SIZE],
	       GError **error)
{
	uint32_t count = pe->directories[WV_PE_DEBUG].size / DEBUG_ENTRY_SIZE;

	for (uint32_t i = 0; i < MIN(count, DEBUG_ENTRIES_MAX); i++) {
		struct debug_entry entry;

		if (!read_debug_entry(pe, i, &entry))
			return fail(&pe->source, error,
				    "its debug directory at %#x can not be read",
				    pe->directories[WV_PE_DEBUG].rva);
		if (entry.type == DEBUG_CODEVIEW)
			return read_rsds(pe, &entry, id, name, error);
	}
	return fail(&pe->source, error, "it names no PDB");
}
