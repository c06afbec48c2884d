/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pending calls in a hash table of small buckets.
 *
 * A thread's calls are in the bucket that its address hashes to, or in the few that follow it when
 * that one is full. An entry is claimed by setting its thread from 0; the thread's own vCPU is the
 * only one that then reads or frees it. What is kept of a call has the same place in an array of
 * its own, so that buckets stay small. Kernels use the same few thread objects again and again,
 * and so does this table its memory.
 */
#include "monitor/pending.h"

#include <string.h>
#include <sys/mman.h>

#define BUCKET_ENTRIES 3u /* a bucket is one cache line */
#define BUCKETS	       WV_PENDING_MAX
#define PROBES	       32u /* buckets that one thread's calls may spread over */

struct entry {
	uint64_t thread; /* 0: free. Atomic: other vCPUs claim free entries of the same bucket */
	uint64_t stack;
};

struct bucket {
	_Alignas(64) struct entry entries[BUCKET_ENTRIES];
	uint32_t reach; /* how many buckets further threads of this one have ever spread; rises */
};

struct wv_pending_table {
	struct bucket buckets[BUCKETS];
	struct wv_pending slots[BUCKETS][BUCKET_ENTRIES];
};

struct wv_pending_table *wv_pending_new(void)
{
	struct wv_pending_table *table = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE,
					      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return table == MAP_FAILED ? NULL : table;
}

void wv_pending_free(struct wv_pending_table *table)
{
	if (table)
		munmap(table, sizeof(*table));
}

void wv_pending_clear(struct wv_pending_table *table)
{
	/* gives the memory back as well; it reads as zeros from now on */
	madvise(table, sizeof(*table), MADV_DONTNEED);
}

static struct bucket *bucket_of(struct wv_pending_table *table, uint64_t thread, unsigned probe)
{
	uint64_t hash = (thread * UINT64_C(0x9e3779b97f4a7c15)) >> 32;

	return &table->buckets[(hash + probe) & (BUCKETS - 1)];
}

/** What is kept of an entry's call. */
static struct wv_pending *slot_of(struct wv_pending_table *table, const struct entry *entry)
{
	size_t offset = (size_t)((const char *)entry - (const char *)table->buckets);
	size_t bucket = offset / sizeof(struct bucket);

	return &table->slots[bucket][entry - table->buckets[bucket].entries];
}

static struct entry *entry_of(struct wv_pending_table *table, const struct wv_pending *pending)
{
	size_t index = (size_t)(pending - &table->slots[0][0]);

	return &table->buckets[index / BUCKET_ENTRIES].entries[index % BUCKET_ENTRIES];
}

/** The next entry of a thread; thread 0 has none: it marks what is free. */
static struct entry *next_entry(struct wv_pending_table *table, uint64_t thread,
				struct wv_pending_walk *walk)
{
	if (!thread)
		return NULL;

	unsigned reach = __atomic_load_n(&bucket_of(table, thread, 0)->reach, __ATOMIC_RELAXED);

	for (; walk->probe <= reach; walk->probe++, walk->index = 0) {
		struct bucket *bucket = bucket_of(table, thread, walk->probe);

		while (walk->index < BUCKET_ENTRIES) {
			struct entry *entry = &bucket->entries[walk->index++];

			if (__atomic_load_n(&entry->thread, __ATOMIC_RELAXED) == thread)
				return entry;
		}
	}
	return NULL;
}

bool wv_pending_any(struct wv_pending_table *table, uint64_t thread)
{
	struct wv_pending_walk walk = { 0 };

	return next_entry(table, thread, &walk) != NULL;
}

static void free_entry(struct entry *entry)
{
	__atomic_store_n(&entry->thread, 0, __ATOMIC_RELEASE);
}

static struct entry *claim_entry(struct wv_pending_table *table, uint64_t thread)
{
	struct bucket *home = bucket_of(table, thread, 0);

	for (unsigned probe = 0; probe < PROBES; probe++) {
		struct bucket *bucket = bucket_of(table, thread, probe);
		uint32_t reach = __atomic_load_n(&home->reach, __ATOMIC_RELAXED);

		while (reach < probe &&
		       !__atomic_compare_exchange_n(&home->reach, &reach, probe, false,
						    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			;

		for (unsigned i = 0; i < BUCKET_ENTRIES; i++) {
			uint64_t free = 0;

			if (__atomic_compare_exchange_n(&bucket->entries[i].thread, &free, thread,
							false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
				return &bucket->entries[i];
		}
	}
	return NULL;
}

struct wv_pending *wv_pending_add(struct wv_pending_table *table, uint64_t thread, uint64_t stack,
				  const struct wv_hook *hook)
{
	struct wv_pending_walk walk = { 0 };
	struct entry *entry;

	if (!thread)
		return NULL;
	while ((entry = next_entry(table, thread, &walk)))
		if (entry->stack == stack && slot_of(table, entry)->hook == hook)
			return slot_of(table, entry);
	entry = claim_entry(table, thread);
	if (!entry)
		return NULL;
	entry->stack = stack;
	slot_of(table, entry)->hook = hook;
	return slot_of(table, entry);
}

struct wv_pending *wv_pending_next(struct wv_pending_table *table, uint64_t thread, uint64_t stack,
				   struct wv_pending_walk *walk)
{
	struct entry *entry;

	while ((entry = next_entry(table, thread, walk)))
		if (entry->stack == stack)
			return slot_of(table, entry);
	return NULL;
}

uint64_t wv_pending_below(struct wv_pending_table *table, uint64_t thread, uint64_t stack,
			  uint64_t room, uint64_t return_address)
{
	struct wv_pending_walk walk = { 0 };
	struct entry *entry;
	uint64_t highest = 0;

	while ((entry = next_entry(table, thread, &walk)))
		if (entry->stack > highest && entry->stack < stack &&
		    stack - entry->stack <= room &&
		    slot_of(table, entry)->return_address == return_address)
			highest = entry->stack;
	return highest;
}

struct wv_pending *wv_pending_innermost(struct wv_pending_table *table, uint64_t thread,
					const struct wv_hook *hook)
{
	struct wv_pending *innermost = NULL;
	uint64_t lowest = UINT64_MAX; /* WV_PENDING_ANY_STACK is not below it */
	struct wv_pending_walk walk = { 0 };
	struct entry *entry;

	while ((entry = next_entry(table, thread, &walk))) {
		if (slot_of(table, entry)->hook == hook && entry->stack <= lowest) {
			lowest = entry->stack;
			innermost = slot_of(table, entry);
		}
	}
	return innermost;
}

void wv_pending_remove(struct wv_pending_table *table, struct wv_pending *pending)
{
	free_entry(entry_of(table, pending));
}

unsigned wv_pending_remove_thread(struct wv_pending_table *table, uint64_t thread)
{
	struct wv_pending_walk walk = { 0 };
	struct entry *entry;
	unsigned count = 0;

	while ((entry = next_entry(table, thread, &walk))) {
		free_entry(entry);
		count++;
	}
	return count;
}

unsigned wv_pending_count(const struct wv_pending_table *table)
{
	unsigned count = 0;

	for (unsigned i = 0; i < BUCKETS; i++)
		for (unsigned j = 0; j < BUCKET_ENTRIES; j++)
			count += table->buckets[i].entries[j].thread != 0;
	return count;
}
