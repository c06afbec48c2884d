/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done with every profile that a fuzz input turned out to be. */
#ifndef WV_TESTS_FUZZ_LOOK_UP_H
#define WV_TESTS_FUZZ_LOOK_UP_H

#include "profile/profile.h"

/** Names to look for; each list ends with NULL. */
struct names {
	const char *const *structures;
	const char *const *paths; /**< in each of the structures */
	const char *enumerator;
	const char *symbol; /**< not asked of types alone */
};

/** Looks all of them up. */
void look_up_types(const struct wv_types *types, const struct names *names);

/**
 * Takes what a reader returned: a profile or an error, never both, in which the names are looked
 * up. The profile is written as an ISF and read back, which must have the same structures. Frees
 * both.
 */
void take_profile(struct wv_profile *profile, GError *error, const struct names *names);

#endif
