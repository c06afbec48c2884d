/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Direct callers: where in the kernel's code a function is called, and so where it returns to.
 *
 * Trapping these places from the start means that no first return can be missed and that no
 * translated code has to be thrown away later. Of calls through a pointer only those of functions
 * are seen that are known to make them; other return sites are added when they are first met.
 */
#ifndef WV_MONITOR_CALLERS_H
#define WV_MONITOR_CALLERS_H

#include "memory/space.h"

typedef void (*wv_return_site_fn)(void *owner, uint64_t address);

/**
 * Scans code for `call rel32` (opcode E8, Intel SDM volume 2) to any of the functions.
 *
 * @functions: ascending.
 * @each: called with the address after each such call. Bytes that only look like a call give an
 *        address that no call returns to: harmless.
 */
void wv_callers_find(const struct wv_space *space, uint64_t start, uint64_t end,
		     const uint64_t *functions, unsigned n_functions, wv_return_site_fn each,
		     void *owner);

/**
 * Scans code for calls of what a register points to (opcode FF /2, Intel SDM volume 2).
 *
 * @size: at most WV_CALLERS_POINTER_MAX.
 * @each: as above.
 */
void wv_callers_find_pointer(const struct wv_space *space, uint64_t start, size_t size,
			     wv_return_site_fn each, void *owner);

#define WV_CALLERS_POINTER_MAX 4096

#endif
