/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a small PE image. */
#include "pe_builder.h"

#include <string.h>

#define HEADERS 0x400u

static const struct section {
	char name[8];
	uint32_t rva, raw_offset, raw_size;
} sections[] = {
	{ ".text", PE_TEXT, 0x400, 0x200 },
	{ ".edata", PE_EXPORT, 0x600, 0x400 },
	{ { 'I', 'N', 'I', 'T', 'D', 'A', 'T', 'A' }, PE_DEBUG_ENTRIES, 0xa00, 0x200 },
};

#define FILE_SIZE 0xc00u

void pe_set_u16(GByteArray *pe, size_t at, uint16_t value)
{
	g_assert(at + 2 <= pe->len);
	pe->data[at] = (uint8_t)value;
	pe->data[at + 1] = (uint8_t)(value >> 8);
}

void pe_set_u32(GByteArray *pe, size_t at, uint32_t value)
{
	pe_set_u16(pe, at, (uint16_t)value);
	pe_set_u16(pe, at + 2, (uint16_t)(value >> 16));
}

static size_t offset_of(enum wv_pe_layout layout, uint32_t rva)
{
	if (layout == WV_PE_MEMORY || rva < HEADERS)
		return rva;
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
		if (rva >= sections[i].rva && rva - sections[i].rva < sections[i].raw_size)
			return sections[i].raw_offset + (rva - sections[i].rva);
	}
	g_assert_not_reached();
}

uint8_t *pe_at(GByteArray *pe, enum wv_pe_layout layout, uint32_t rva)
{
	return pe->data + offset_of(layout, rva);
}

size_t pe_directory(bool is_64, enum wv_pe_directory directory)
{
	return PE_OPTIONAL + (is_64 ? 112u : 96u) + 8u * directory;
}

static void write_headers(GByteArray *pe, bool is_64)
{
	uint16_t optional_size = is_64 ? 240 : 224;
	size_t at = PE_OPTIONAL + optional_size;

	memcpy(pe->data, "MZ", 2);
	pe_set_u32(pe, PE_NT_OFFSET, PE_NT);
	memcpy(pe->data + PE_NT, "PE\0\0", 4);
	pe_set_u16(pe, PE_FILE_HEADER, is_64 ? WV_PE_AMD64 : WV_PE_I386);
	pe_set_u16(pe, PE_SECTION_COUNT, G_N_ELEMENTS(sections));
	pe_set_u32(pe, PE_FILE_HEADER + 4, 0x5f5e1000);
	pe_set_u16(pe, PE_OPTIONAL_SIZE, optional_size);
	pe_set_u16(pe, PE_OPTIONAL, is_64 ? 0x20b : 0x10b);
	pe_set_u32(pe, PE_OPTIONAL + 16, 0x1020);
	if (is_64) {
		pe_set_u32(pe, PE_OPTIONAL + 24, 0x40000000);
		pe_set_u32(pe, PE_OPTIONAL + 28, 0x1);
	} else {
		pe_set_u32(pe, PE_OPTIONAL + 28, 0x400000);
	}
	pe_set_u32(pe, PE_SIZE_OF_IMAGE, PE_IMAGE_SIZE);
	pe_set_u32(pe, PE_OPTIONAL + 60, HEADERS);
	pe_set_u32(pe, pe_directory(is_64, WV_PE_EXPORTS) - 4, 16);
	pe_set_u32(pe, pe_directory(is_64, WV_PE_EXPORTS), PE_EXPORT);
	pe_set_u32(pe, pe_directory(is_64, WV_PE_EXPORTS) + 4, 0x200);
	pe_set_u32(pe, pe_directory(is_64, WV_PE_DEBUG), PE_DEBUG_ENTRIES);
	pe_set_u32(pe, pe_directory(is_64, WV_PE_DEBUG) + 4, 2 * 28);
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++, at += 40) {
		memcpy(pe->data + at, sections[i].name, 8);
		pe_set_u32(pe, at + 8, 0x1000);
		pe_set_u32(pe, at + 12, sections[i].rva);
		pe_set_u32(pe, at + 16, sections[i].raw_size);
		pe_set_u32(pe, at + 20, sections[i].raw_offset);
		pe_set_u32(pe, at + 36, 0x60000020);
	}
}

static void write_exports(GByteArray *pe, enum wv_pe_layout layout)
{
	static const struct {
		const char *name;
		uint16_t ordinal;
		uint32_t function;
	} exports[] = {
		{ "ExAllocatePool", 2, 0x1010 },
		{ "Forwarded", 0, PE_FORWARDER },
		{ "KeData", 3, 0x1100 },
		{ "NoFunction", 1, 0 },
		{ "PastTheFunctions", 4, 0x1200 } /* behind the last function */,
	};
	size_t at = offset_of(layout, PE_EXPORT), names = 0x100;
	uint32_t count = G_N_ELEMENTS(exports);

	pe_set_u32(pe, at + 16, 1);
	pe_set_u32(pe, at + 20, count - 1); /* functions */
	pe_set_u32(pe, at + 24, count);
	pe_set_u32(pe, at + 28, PE_FUNCTIONS);
	pe_set_u32(pe, at + 32, PE_NAMES);
	pe_set_u32(pe, at + 36, PE_ORDINALS);
	for (uint32_t i = 0; i < count; i++) {
		pe_set_u32(pe, offset_of(layout, PE_FUNCTIONS + exports[i].ordinal * 4u),
			   exports[i].function);
		pe_set_u32(pe, offset_of(layout, PE_NAMES + i * 4), PE_EXPORT + (uint32_t)names);
		pe_set_u16(pe, offset_of(layout, PE_ORDINALS + i * 2), exports[i].ordinal);
		strcpy((char *)pe->data + at + names, exports[i].name);
		names += strlen(exports[i].name) + 1;
	}
	strcpy((char *)pe_at(pe, layout, PE_FORWARDER), "hal.HalSomething");
}

static void write_debug(GByteArray *pe, enum wv_pe_layout layout)
{
	static const char path[] = "C:\\build\\small.pdb";
	size_t at = offset_of(layout, PE_DEBUG_ENTRIES), record = offset_of(layout, PE_RSDS);

	pe_set_u32(pe, at + 12, 13); /* IMAGE_DEBUG_TYPE_POGO */
	at += 28;
	pe_set_u32(pe, at + 12, 2);
	pe_set_u32(pe, at + 16, 24 + sizeof(path));
	pe_set_u32(pe, at + 20, PE_RSDS);
	pe_set_u32(pe, at + 24, (uint32_t)offset_of(WV_PE_FILE, PE_RSDS));
	memcpy(pe->data + record, "RSDS", 4);
	for (uint8_t i = 0; i < 16; i++)
		pe->data[record + 4 + i] = i;
	pe_set_u32(pe, record + 20, 0x2a);
	memcpy(pe->data + record + 24, path, sizeof(path));
}

GByteArray *pe_small(bool is_64, enum wv_pe_layout layout)
{
	GByteArray *pe = g_byte_array_new();

	g_byte_array_set_size(pe, layout == WV_PE_FILE ? FILE_SIZE : PE_IMAGE_SIZE);
	memset(pe->data, 0, pe->len);
	write_headers(pe, is_64);
	write_exports(pe, layout);
	write_debug(pe, layout);
	return pe;
}
