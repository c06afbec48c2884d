/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of numbers that vCPUs share. */
#include "plugins/filedelete/key_set.h"

/* The finalizer of MurmurHash3 (public domain, Austin Appleby). */
uint64_t filedelete_key_mix(uint64_t key)
{
	key ^= key >> 33;
	key *= UINT64_C(0xff51afd7ed558ccd);
	key ^= key >> 33;
	key *= UINT64_C(0xc4ceb9fe1a85ec53);
	return key ^ key >> 33;
}

static struct key_bucket *bucket_of(struct key_set *set, uint64_t key)
{
	return &set->buckets[filedelete_key_mix(key) % KEY_SET_BUCKETS];
}

static bool replace(uint64_t *slot, uint64_t old, uint64_t key)
{
	return __atomic_compare_exchange_n(slot, &old, key, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

static bool has(const struct key_bucket *bucket, uint64_t key)
{
	for (unsigned i = 0; i < KEY_SET_WAYS; i++)
		if (__atomic_load_n(&bucket->keys[i], __ATOMIC_ACQUIRE) == key)
			return true;
	return false;
}

bool filedelete_key_add(struct key_set *set, uint64_t key)
{
	struct key_bucket *bucket = bucket_of(set, key);

	if (has(bucket, key))
		return true;
	for (unsigned i = 0; i < KEY_SET_WAYS; i++)
		if (replace(&bucket->keys[i], 0, key))
			return true;
	return false;
}

void filedelete_key_put(struct key_set *set, uint64_t key)
{
	struct key_bucket *bucket = bucket_of(set, key);

	if (filedelete_key_add(set, key))
		return;

	uint64_t lost = __atomic_fetch_add(&bucket->lost, 1, __ATOMIC_ACQ_REL);

	__atomic_store_n(&bucket->keys[lost % KEY_SET_WAYS], key, __ATOMIC_RELEASE);
}

bool filedelete_key_take(struct key_set *set, uint64_t key, bool *lost)
{
	struct key_bucket *bucket = bucket_of(set, key);
	bool found = false;

	/* two vCPUs may have put it in at the same time, twice */
	for (unsigned i = 0; i < KEY_SET_WAYS; i++)
		if (__atomic_load_n(&bucket->keys[i], __ATOMIC_ACQUIRE) == key)
			found |= replace(&bucket->keys[i], key, 0);
	*lost = !found && __atomic_load_n(&bucket->lost, __ATOMIC_ACQUIRE);
	return found;
}
