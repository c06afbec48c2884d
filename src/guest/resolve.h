/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every guest system does once its kernel is found: resolve its wants, say what was found. */
#ifndef WV_GUEST_RESOLVE_H
#define WV_GUEST_RESOLVE_H

#include "guest/guest.h"

/**
 * Resolves the wants of a guest layer in its kernel's profile; what is missing and costs only
 * something is reported.
 *
 * @places: of the wants' indices.
 *
 * Errors: WV_ERROR_KERNEL: all that is missing and nothing works without.
 */
bool wv_guest_resolve(const struct wv_guest_search *search, const struct wv_profile *profile,
		      const struct wv_want *wants, unsigned n_wants, struct wv_place *places,
		      GError **error);

/**
 * The line that tells the user what was found; free with g_free().
 *
 * @name: the system and its version.
 * @started: when the search began, by g_get_monotonic_time().
 */
char *wv_guest_summary(const char *name, const struct wv_profile *profile, gint64 started);

#endif
