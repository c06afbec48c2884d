/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a small PE image for tests, in either layout. */
#ifndef WV_TESTS_PE_BUILDER_H
#define WV_TESTS_PE_BUILDER_H

#include "profile/pe.h"

/** Where things are in the image: offsets of its headers, which both layouts have in common. */
enum {
	PE_NT_OFFSET = 60, /* e_lfanew */
	PE_NT = 0x80,
	PE_FILE_HEADER = PE_NT + 4,
	PE_SECTION_COUNT = PE_FILE_HEADER + 2,
	PE_OPTIONAL_SIZE = PE_FILE_HEADER + 16,
	PE_OPTIONAL = PE_NT + 24,
	PE_SIZE_OF_IMAGE = PE_OPTIONAL + 56,
};

/** RVAs, and what lies there. */
enum {
	PE_TEXT = 0x1000,   /* code: 0x200 bytes */
	PE_EXPORT = 0x2000, /* the export directory: 0x400 bytes in all */
	PE_FUNCTIONS = 0x2040,
	PE_NAMES = 0x2060,
	PE_ORDINALS = 0x2080,
	PE_FORWARDER = 0x20c0,
	PE_DEBUG_ENTRIES = 0x3000, /* two entries; the second is CodeView's */
	PE_RSDS = 0x3100,
	PE_IMAGE_SIZE = 0x4000,
};

/**
 * An image that exports ExAllocatePool (0x1010), Forwarded (to another image), KeData (0x1100) and
 * NoFunction, and whose PDB is C:\build\small.pdb, of GUID 00010203-..., age 0x2a.
 */
GByteArray *pe_small(bool is_64, enum wv_pe_layout layout);

/** The bytes at an RVA of it. */
uint8_t *pe_at(GByteArray *pe, enum wv_pe_layout layout, uint32_t rva);

/** Where the entry of a directory is in the headers. */
size_t pe_directory(bool is_64, enum wv_pe_directory directory);

void pe_set_u16(GByteArray *pe, size_t at, uint16_t value);
void pe_set_u32(GByteArray *pe, size_t at, uint32_t value);

#endif
