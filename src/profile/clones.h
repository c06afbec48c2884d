/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions that the compiler has cloned. GCC may compile a function `f` only as `f.isra.0` or
 * `f.constprop.0` (a parameter split, removed or made constant); then no symbol is called `f`.
 * Internal to the profile folder.
 */
#ifndef WV_PROFILE_CLONES_H
#define WV_PROFILE_CLONES_H

#include "profile/profile.h"

/** Finds a symbol by exactly this name. */
typedef bool (*wv_find_exact)(const struct wv_symbols *self, const char *name, uint64_t *address);

/**
 * Finds `name`; when there is no such symbol, the first of `name`.isra.0 to .255 and then
 * `name`.constprop.0 to .255. Never .cold or .part: these are fragments of a function, and a call
 * does not start there.
 */
bool wv_find_with_clones(wv_find_exact find, const struct wv_symbols *self, const char *name,
			 uint64_t *address);

#endif
