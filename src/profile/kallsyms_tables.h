/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The raw kallsyms tables of one kernel: located in an image, copied, and checked in the copy.
 * Internal to the profile folder; kallsyms.h is what others use.
 */
#ifndef WV_PROFILE_KALLSYMS_TABLES_H
#define WV_PROFILE_KALLSYMS_TABLES_H

#include "profile/kallsyms.h"

/** Tokens are numbered by one byte. */
#define WV_KALLSYMS_TOKENS 256u
/** Every so many names there is a marker. */
#define WV_KALLSYMS_STRIDE 256u

/**
 * How an entry of the offset table becomes an address. (Tables of 8-byte addresses, possible up to
 * 6.10, were never built for x86.)
 */
enum wv_kallsyms_encoding {
	WV_KALLSYMS_ABSOLUTE_PERCPU, /**< off >= 0: off itself; else base - 1 - off (4.6 to 6.14) */
	WV_KALLSYMS_RELATIVE,	     /**< base + (u32)off */
	WV_KALLSYMS_PLACE,	     /**< address of the entry itself + (s32)off (since 7.0) */
};

/** The tables. All memory is owned; everything in it has been checked. */
struct wv_kallsyms_tables {
	uint32_t count;			     /**< symbols */
	uint8_t *names;			     /**< `count` compressed names, one after another */
	size_t names_size;		     /**< bytes */
	uint32_t *markers;		     /**< where in `names` every 256th name starts */
	uint32_t marker_count;		     /**< count / 256, rounded up */
	char *tokens;			     /**< 256 strings, each ended by NUL */
	uint16_t starts[WV_KALLSYMS_TOKENS]; /**< where in `tokens` each one starts */
	int32_t *offsets; /**< `count` encoded addresses, non-decreasing when decoded */
	enum wv_kallsyms_encoding encoding;
	uint64_t base; /**< relative_base, or the virtual address of offsets[0] */
};

/**
 * Locates, copies and checks the tables. On failure the error (WV_ERROR_FORMAT) names the first
 * table that could not be found, and `tables` holds nothing.
 */
bool wv_kallsyms_tables_init(struct wv_kallsyms_tables *tables, const struct wv_image *image,
			     GError **error);
void wv_kallsyms_tables_deinit(struct wv_kallsyms_tables *tables);

/** The address of symbol `i`; i < count. */
static inline uint64_t wv_kallsyms_address(const struct wv_kallsyms_tables *tables, uint32_t i)
{
	int64_t offset = tables->offsets[i];

	switch (tables->encoding) {
	case WV_KALLSYMS_ABSOLUTE_PERCPU:
		return offset >= 0 ? (uint64_t)offset : tables->base - 1 - (uint64_t)offset;
	case WV_KALLSYMS_RELATIVE:
		return tables->base + (uint32_t)offset;
	case WV_KALLSYMS_PLACE:
		return tables->base + (uint64_t)i * sizeof(int32_t) + (uint64_t)offset;
	}
	return 0;
}

/**
 * Reads the length (in tokens) of the name at *at, and moves *at to its first token. False when
 * the name is empty or does not end within `size`.
 *
 * Since 6.1 (73bbb94466fd) a length of 0x80 or more takes two bytes, ULEB128. Earlier kernels cut
 * names at 127 characters, which as tokens are always fewer than 0x80.
 */
static inline bool wv_kallsyms_name_length(const uint8_t *names, size_t size, size_t *at,
					   uint32_t *length)
{
	uint32_t value;

	if (*at >= size)
		return false;
	value = names[(*at)++];
	if (value & 0x80) {
		if (*at >= size)
			return false;
		value = (value & 0x7f) | (uint32_t)names[(*at)++] << 7;
	}
	*length = value;
	return value > 0 && value <= size - *at;
}

#endif
