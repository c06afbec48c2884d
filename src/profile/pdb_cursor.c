/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes numbers and strings out of a PDB, within bounds. */
#include "profile/pdb_cursor.h"

#include <glib.h>
#include <string.h>

/** The forms of numbers: LF_ of Microsoft's cvinfo.h (github.com/microsoft/microsoft-pdb). */
enum {
	LF_NUMERIC = 0x8000, /* what is below is the number itself */
	LF_CHAR = 0x8000,
	LF_SHORT = 0x8001,
	LF_USHORT = 0x8002,
	LF_LONG = 0x8003,
	LF_ULONG = 0x8004,
	LF_QUADWORD = 0x8009,
	LF_UQUADWORD = 0x800a,
	LF_OCTWORD = 0x8017,
	LF_UOCTWORD = 0x8018,
};

const uint8_t *wv_pdb_take(struct wv_pdb_cursor *cursor, size_t size)
{
	const uint8_t *taken = cursor->at;

	if (cursor->failed || wv_pdb_left(cursor) < size) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at += size;
	return taken;
}

/* A little-endian number of up to eight bytes. */
static uint64_t take_little(struct wv_pdb_cursor *cursor, size_t size)
{
	const uint8_t *taken = wv_pdb_take(cursor, size);
	uint64_t value = 0;

	if (taken)
		memcpy(&value, taken, size);
	return GUINT64_FROM_LE(value);
}

uint8_t wv_pdb_take_u8(struct wv_pdb_cursor *cursor)
{
	return (uint8_t)take_little(cursor, sizeof(uint8_t));
}

uint16_t wv_pdb_take_u16(struct wv_pdb_cursor *cursor)
{
	return (uint16_t)take_little(cursor, sizeof(uint16_t));
}

uint32_t wv_pdb_take_u32(struct wv_pdb_cursor *cursor)
{
	return (uint32_t)take_little(cursor, sizeof(uint32_t));
}

const char *wv_pdb_take_string(struct wv_pdb_cursor *cursor)
{
	const uint8_t *start = cursor->at;
	const uint8_t *nul = cursor->failed ? NULL : memchr(start, 0, wv_pdb_left(cursor));

	if (!nul) {
		cursor->failed = true;
		return "";
	}
	cursor->at = nul + 1;
	return (const char *)start;
}

uint64_t wv_pdb_take_number(struct wv_pdb_cursor *cursor)
{
	uint16_t form = wv_pdb_take_u16(cursor);
	uint64_t value;

	if (form < LF_NUMERIC)
		return form;
	switch (form) {
	case LF_CHAR:
		return (uint64_t)(int8_t)wv_pdb_take_u8(cursor);
	case LF_SHORT:
		return (uint64_t)(int16_t)wv_pdb_take_u16(cursor);
	case LF_USHORT:
		return wv_pdb_take_u16(cursor);
	case LF_LONG:
		return (uint64_t)(int32_t)wv_pdb_take_u32(cursor);
	case LF_ULONG:
		return wv_pdb_take_u32(cursor);
	case LF_QUADWORD:
	case LF_UQUADWORD:
		return take_little(cursor, sizeof(uint64_t));
	case LF_OCTWORD:
	case LF_UOCTWORD:
		value = take_little(cursor, sizeof(uint64_t));
		take_little(cursor, sizeof(uint64_t));
		return cursor->failed ? 0 : value;
	default:
		cursor->failed = true;
		return 0;
	}
}
