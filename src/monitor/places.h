/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places inside a function: an instruction that is known by its bytes, where the way through the
 * function that is of interest calls nothing that could be trapped.
 */
#ifndef WV_MONITOR_PLACES_H
#define WV_MONITOR_PLACES_H

#include "memory/space.h"
#include "monitor/plugin.h"

/**
 * Looks for an instruction from a function's start on, some way beyond its end: what belongs to the
 * next function must be told apart when it is trapped.
 *
 * @places: room for @most addresses. Returns how many were found.
 */
unsigned wv_places_find(const struct wv_space *space, uint64_t function, const struct wv_code *code,
			uint64_t *places, unsigned most);

/** Which of some instructions, ended by one of size 0, is at that address; NULL: none of them. */
const struct wv_code *wv_place_is(const struct wv_space *space, uint64_t address,
				  const struct wv_code *codes);

#endif
