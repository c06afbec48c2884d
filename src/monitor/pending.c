/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pending calls in an index of buckets (where) and an array of slots (what).
 *
 * A thread's calls are in the bucket that its address hashes to, or in the few that follow it when
 * that one is full. An entry of the index is claimed by setting its thread from 0; the thread's own
 * vCPU is the only one that then reads or frees it. Slots come from a stack of free ones, so that
 * the same few pages are used again and again.
 */
#include "monitor/pending.h"

#include <string.h>
#include <sys/mman.h>

#define BUCKET_ENTRIES 8u
#define BUCKETS	       (WV_PENDING_MAX * 2 / BUCKET_ENTRIES)
#define PROBES	       16u /* buckets that one thread's calls may spread over */
#define NO_SLOT	       UINT32_MAX

struct entry {
	uint64_t thread; /* 0: free. Atomic: other vCPUs claim free entries of the same bucket */
	uint64_t stack;
	uint32_t slot;
};

struct bucket {
	_Alignas(64) struct entry entries[BUCKET_ENTRIES];
	uint32_t reach; /* how many buckets further threads of this one have ever spread; rises */
};

struct wv_pending_table {
	_Alignas(64) uint64_t free_top; /* {change counter, slot}: the stack of free slots */
	uint32_t fresh;			/* slots from here on were never used */
	_Alignas(64) struct bucket buckets[BUCKETS];
	uint32_t next_free[WV_PENDING_MAX];
	struct wv_pending slots[WV_PENDING_MAX];
};

struct wv_pending_table *wv_pending_new(void)
{
	struct wv_pending_table *table = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE,
					      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (table == MAP_FAILED)
		return NULL;
	table->free_top = NO_SLOT;
	return table;
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
	table->free_top = NO_SLOT;
}

static uint32_t take_slot(struct wv_pending_table *table)
{
	uint64_t top = __atomic_load_n(&table->free_top, __ATOMIC_ACQUIRE);

	while ((uint32_t)top != NO_SLOT) {
		/* the counter in the upper half keeps a slot that came back from fooling us */
		uint64_t below =
			((top >> 32) + 1) << 32 |
			__atomic_load_n(&table->next_free[(uint32_t)top], __ATOMIC_RELAXED);

		if (__atomic_compare_exchange_n(&table->free_top, &top, below, false,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return (uint32_t)top;
	}

	uint32_t fresh = __atomic_load_n(&table->fresh, __ATOMIC_RELAXED);

	while (fresh < WV_PENDING_MAX)
		if (__atomic_compare_exchange_n(&table->fresh, &fresh, fresh + 1, false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return fresh;
	return NO_SLOT;
}

static void give_slot(struct wv_pending_table *table, uint32_t slot)
{
	uint64_t top = __atomic_load_n(&table->free_top, __ATOMIC_ACQUIRE);
	uint64_t above;

	do {
		__atomic_store_n(&table->next_free[slot], (uint32_t)top, __ATOMIC_RELAXED);
		above = ((top >> 32) + 1) << 32 | slot;
	} while (!__atomic_compare_exchange_n(&table->free_top, &top, above, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
}

static struct bucket *bucket_of(struct wv_pending_table *table, uint64_t thread, unsigned probe)
{
	uint64_t hash = (thread * UINT64_C(0x9e3779b97f4a7c15)) >> 32;

	return &table->buckets[(hash + probe) & (BUCKETS - 1)];
}

/** A walk over the entries of one thread. */
struct walk {
	unsigned probe, index;
};

/** The next entry of a thread; thread 0 has none: it marks what is free. */
static struct entry *next_entry(struct wv_pending_table *table, uint64_t thread, struct walk *walk)
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

static void free_entry(struct wv_pending_table *table, struct entry *entry)
{
	give_slot(table, entry->slot);
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
	struct walk walk = { 0 };
	struct entry *entry;

	if (!thread)
		return NULL;
	while ((entry = next_entry(table, thread, &walk)))
		if (entry->stack == stack && table->slots[entry->slot].hook == hook)
			return &table->slots[entry->slot];

	uint32_t slot = take_slot(table);

	if (slot == NO_SLOT)
		return NULL;
	entry = claim_entry(table, thread);
	if (!entry) {
		give_slot(table, slot);
		return NULL;
	}
	entry->stack = stack;
	entry->slot = slot;
	table->slots[slot].hook = hook;
	return &table->slots[slot];
}

struct wv_pending *wv_pending_find(struct wv_pending_table *table, uint64_t thread, uint64_t stack)
{
	struct walk walk = { 0 };
	struct entry *entry;

	while ((entry = next_entry(table, thread, &walk)))
		if (entry->stack == stack)
			return &table->slots[entry->slot];
	return NULL;
}

struct wv_pending *wv_pending_innermost(struct wv_pending_table *table, uint64_t thread,
					const struct wv_hook *hook)
{
	struct wv_pending *innermost = NULL;
	uint64_t lowest = UINT64_MAX;
	struct walk walk = { 0 };
	struct entry *entry;

	while ((entry = next_entry(table, thread, &walk))) {
		if (table->slots[entry->slot].hook == hook && entry->stack < lowest) {
			lowest = entry->stack;
			innermost = &table->slots[entry->slot];
		}
	}
	return innermost;
}

void wv_pending_remove(struct wv_pending_table *table, uint64_t thread, struct wv_pending *pending)
{
	uint32_t slot = (uint32_t)(pending - table->slots);
	struct walk walk = { 0 };
	struct entry *entry;

	while ((entry = next_entry(table, thread, &walk))) {
		if (entry->slot == slot) {
			free_entry(table, entry);
			return;
		}
	}
}

unsigned wv_pending_remove_thread(struct wv_pending_table *table, uint64_t thread)
{
	struct walk walk = { 0 };
	struct entry *entry;
	unsigned count = 0;

	while ((entry = next_entry(table, thread, &walk))) {
		free_entry(table, entry);
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
