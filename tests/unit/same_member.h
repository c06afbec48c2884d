/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing members of structures. */
#ifndef WV_TESTS_SAME_MEMBER_H
#define WV_TESTS_SAME_MEMBER_H

#include "profile/profile.h"

/** Field by field: what is between them is anything. */
static inline bool same_member(const struct wv_member *a, const struct wv_member *b)
{
	return a->offset == b->offset && a->size == b->size && a->bit_shift == b->bit_shift &&
	       a->bit_count == b->bit_count;
}

#endif
