/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A place in a piece of a PDB, from which numbers and strings are taken one after the other and
 * never from behind its end. A taking that fails gives 0 or "", and so do all that follow: a
 * reader takes what it needs and asks once, at the end, whether that went well. Internal to the
 * profile folder.
 */
#ifndef WV_PROFILE_PDB_CURSOR_H
#define WV_PROFILE_PDB_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wv_pdb_cursor {
	const uint8_t *at;
	const uint8_t *end; /**< one past the last byte */
	bool failed;
};

static inline struct wv_pdb_cursor wv_pdb_cursor(const void *data, size_t size)
{
	const uint8_t *bytes = size ? data : (const void *)""; /* nothing may be NULL */

	return (struct wv_pdb_cursor){ .at = bytes, .end = bytes + size };
}

static inline size_t wv_pdb_left(const struct wv_pdb_cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

/** The next `size` bytes, or NULL. */
const uint8_t *wv_pdb_take(struct wv_pdb_cursor *cursor, size_t size);

uint8_t wv_pdb_take_u8(struct wv_pdb_cursor *cursor);
uint16_t wv_pdb_take_u16(struct wv_pdb_cursor *cursor);
uint32_t wv_pdb_take_u32(struct wv_pdb_cursor *cursor);

/** A string up to its NUL, which must be there. It lives as long as the data. */
const char *wv_pdb_take_string(struct wv_pdb_cursor *cursor);

/**
 * A CodeView "numeric leaf": two bytes below 0x8000, or two that tell the form of a number that
 * follows (LF_CHAR = 0x8000 to LF_UQUADWORD = 0x800a). Signed forms are sign-extended. Of 128-bit
 * integers the low half is taken; forms that are no integer fail.
 */
uint64_t wv_pdb_take_number(struct wv_pdb_cursor *cursor);

#endif
