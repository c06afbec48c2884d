/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scanning code for calls. */
#include "monitor/callers.h"

#include <string.h>

#define CALL_OPCODE 0xe8
#define CALL_SIZE   5

/** Code is read in pieces of this many bytes; pieces overlap by a call less one byte. */
#define PIECE 65536

/** A kernel's code is smaller than this. */
#define CODE_MAX (UINT64_C(256) << 20)

static bool is_among(const uint64_t *sorted, unsigned count, uint64_t value)
{
	unsigned low = 0;

	while (count > 0) {
		unsigned half = count / 2;

		if (sorted[low + half] == value)
			return true;
		if (sorted[low + half] < value) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return false;
}

static void scan_piece(const uint8_t *code, size_t size, uint64_t address,
		       const uint64_t *functions, unsigned n_functions, wv_return_site_fn each,
		       void *owner)
{
	const uint8_t *end = code + size;
	const uint8_t *at = code;

	while (end - at >= CALL_SIZE &&
	       (at = memchr(at, CALL_OPCODE, (size_t)(end - at) - CALL_SIZE + 1))) {
		int32_t distance;

		memcpy(&distance, at + 1, sizeof(distance));

		uint64_t next = address + (uint64_t)(at - code) + CALL_SIZE;

		if (is_among(functions, n_functions, next + (uint64_t)(int64_t)distance))
			each(owner, next);
		at++;
	}
}

void wv_callers_find(const struct wv_space *space, uint64_t start, uint64_t end,
		     const uint64_t *functions, unsigned n_functions, wv_return_site_fn each,
		     void *owner)
{
	uint8_t code[PIECE];

	if (!n_functions || end <= start || end - start > CODE_MAX)
		return;
	while (end - start >= CALL_SIZE) {
		size_t size = end - start < sizeof(code) ? (size_t)(end - start) : sizeof(code);

		if (wv_space_read(space, start, code, size))
			scan_piece(code, size, start, functions, n_functions, each, owner);
		start += size - (CALL_SIZE - 1);
	}
}

#define POINTER_OPCODE 0xff
/** The second byte: mod 3, /2; the register's number is in the lowest three bits. */
#define POINTER_REGISTER 0xd0
#define REGISTER_MASK	 0x07

void wv_callers_find_pointer(const struct wv_space *space, uint64_t start, size_t size,
			     wv_return_site_fn each, void *owner)
{
	uint8_t code[WV_CALLERS_POINTER_MAX];

	if (size > sizeof(code) || !wv_space_read(space, start, code, size))
		return;
	for (size_t i = 0; i + 1 < size; i++)
		if (code[i] == POINTER_OPCODE && (code[i + 1] & ~REGISTER_MASK) == POINTER_REGISTER)
			each(owner, start + i + 2);
}
