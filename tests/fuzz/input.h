/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fuzz input that is taken piece by piece. */
#ifndef WV_TESTS_FUZZ_INPUT_H
#define WV_TESTS_FUZZ_INPUT_H

#include <glib.h>
#include <stdint.h>
#include <string.h>

struct input {
	const uint8_t *data;
	size_t left;
};

/** A number of up to 8 bytes; of what is left when there is less. */
static inline uint64_t take(struct input *input, size_t size)
{
	uint64_t number = 0;

	size = MIN(size, input->left);
	memcpy(&number, input->data, size);
	input->data += size;
	input->left -= size;
	return number;
}

#endif
