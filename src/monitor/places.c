/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scanning a function's code for an instruction. */
#include "monitor/places.h"

/** How far it is looked: the functions in question are shorter. */
#define RANGE 1024

static bool matches(const uint8_t *bytes, const struct wv_code *code)
{
	for (unsigned i = 0; i < code->size; i++)
		if ((bytes[i] & code->mask[i]) != code->bytes[i])
			return false;
	return true;
}

unsigned wv_places_find(const struct wv_space *space, uint64_t function, const struct wv_code *code,
			uint64_t *places, unsigned most)
{
	uint8_t bytes[RANGE];
	unsigned count = 0;

	if (!wv_space_read(space, function, bytes, sizeof(bytes)))
		return 0;
	for (unsigned i = 0; i + code->size <= sizeof(bytes) && count < most; i++)
		if (matches(bytes + i, code))
			places[count++] = function + i;
	return count;
}

const struct wv_code *wv_place_is(const struct wv_space *space, uint64_t address,
				  const struct wv_code *codes)
{
	uint8_t bytes[WV_CODE_MAX];

	for (; codes && codes->size; codes++)
		if (wv_space_read(space, address, bytes, codes->size) && matches(bytes, codes))
			return codes;
	return NULL;
}
