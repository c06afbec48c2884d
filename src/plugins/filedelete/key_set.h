/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of numbers that vCPUs put in and take out, several at once: of a fixed size, without locks.
 * Where there is no room a newer number replaces an older one, and the set remembers that it did.
 */
#ifndef WV_PLUGINS_FILEDELETE_KEY_SET_H
#define WV_PLUGINS_FILEDELETE_KEY_SET_H

#include <stdbool.h>
#include <stdint.h>

#define KEY_SET_BUCKETS 1024u
#define KEY_SET_WAYS	7u

/** A cache line. */
struct key_bucket {
	uint64_t keys[KEY_SET_WAYS]; /**< 0: free */
	uint64_t lost;		     /**< how many were replaced */
};

/** All zeros: empty. */
struct key_set {
	struct key_bucket buckets[KEY_SET_BUCKETS];
};

/** @key: not 0. */
void filedelete_key_put(struct key_set *set, uint64_t key);

/** Likewise, but replaces none: false where there is no room. */
bool filedelete_key_add(struct key_set *set, uint64_t key);

/** Takes a number out. Returns whether it was there; @lost: it may have been, and was replaced. */
bool filedelete_key_take(struct key_set *set, uint64_t key, bool *lost);

/** A number with every bit of it spread over all bits. */
uint64_t filedelete_key_mix(uint64_t key);

#endif
