/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz inputs as lists of changes to valid data. Random bytes never pass a finder's first test;
 * a valid table with a few changes gets everywhere.
 */
#ifndef WV_TESTS_FUZZ_PATCH_H
#define WV_TESTS_FUZZ_PATCH_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/**
 * Changes `target` as the input says: six bytes each, a place (24 bits), what to do, and a value.
 * Returns the size that is left, which may be smaller.
 */
static inline size_t apply_patches(uint8_t *target, size_t target_size, const uint8_t *input,
				   size_t input_size)
{
	for (; input_size >= 6 && target_size >= 8; input += 6, input_size -= 6) {
		size_t at = input[0] | (size_t)input[1] << 8 | (size_t)input[2] << 16;
		uint16_t value = (uint16_t)(input[4] | input[5] << 8);
		uint32_t word;

		at %= target_size - 4;
		memcpy(&word, target + at, sizeof(word));
		switch (input[3] % 8) {
		case 0:
			word = (word & 0xffffff00) | (value & 0xff);
			break;
		case 1:
			word = (word & 0xffff0000) | value;
			break;
		case 2:
			word = value;
			break;
		case 3:
			word = (uint32_t)(int16_t)value;
			break;
		case 4:
			word += (uint32_t)(int16_t)value;
			break;
		case 5:
			word ^= 1u << (value & 31);
			break;
		case 6:
			word = (uint32_t)value << 16;
			break;
		case 7:
			target_size = target_size - value % target_size;
			continue;
		}
		memcpy(target + at, &word, sizeof(word));
	}
	return target_size;
}

/**
 * What is to be read: a copy of the base, changed as the input says; without a base (NULL), one of
 * the input. It is in memory of its own size, so that reading beyond it is noticed. Free with
 * free().
 */
static inline uint8_t *patched_copy(const GByteArray *base, const uint8_t *input, size_t input_size,
				    size_t *size)
{
	uint8_t *copy = malloc(base ? base->len : input_size);

	if (!base) {
		memcpy(copy, input, input_size);
		*size = input_size;
		return copy;
	}
	memcpy(copy, base->data, base->len);
	*size = apply_patches(copy, base->len, input, input_size);
	return realloc(copy, *size);
}

#endif
