/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trap table: open addressing, one writer at a time, any number of readers. */
#include "machine/traps.h"

#include <glib.h>
#include <string.h>

static unsigned traps_hash(uint64_t address)
{
	/* Fibonacci hashing: function addresses share their low bits */
	return (unsigned)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 40) & (WV_TRAPS_MAX - 1);
}

void wv_traps_init(struct wv_traps *traps)
{
	traps->rows = g_new0(struct wv_trap, WV_TRAPS_MAX);
	traps->count = 0;
	wv_traps_clear(traps);
}

void wv_traps_deinit(struct wv_traps *traps)
{
	g_clear_pointer(&traps->rows, g_free);
}

void wv_traps_clear(struct wv_traps *traps)
{
	if (traps->count) /* untouched rows take no memory */
		memset(traps->rows, 0, WV_TRAPS_MAX * sizeof(*traps->rows));
	traps->count = 0;
	traps->lowest = UINT64_MAX;
	traps->highest = 0;
}

struct wv_trap *wv_traps_find(const struct wv_traps *traps, uint64_t address)
{
	if (address < __atomic_load_n(&traps->lowest, __ATOMIC_ACQUIRE) ||
	    address > __atomic_load_n(&traps->highest, __ATOMIC_ACQUIRE))
		return NULL;

	for (unsigned i = traps_hash(address);; i = (i + 1) & (WV_TRAPS_MAX - 1)) {
		struct wv_trap *row = &traps->rows[i];
		uint64_t here = __atomic_load_n(&row->address, __ATOMIC_ACQUIRE);

		if (here == address)
			return row;
		if (!here) /* there always is a free row: WV_TRAPS_LIMIT */
			return NULL;
	}
}

struct wv_trap *wv_traps_add(struct wv_traps *traps, uint64_t address)
{
	if (!address)
		return NULL;

	struct wv_trap *row = wv_traps_find(traps, address);

	if (row)
		return row;
	if (traps->count >= WV_TRAPS_LIMIT)
		return NULL;

	unsigned i = traps_hash(address);

	while (traps->rows[i].address)
		i = (i + 1) & (WV_TRAPS_MAX - 1);
	row = &traps->rows[i];
	traps->count++;
	__atomic_store_n(&row->address, address, __ATOMIC_RELEASE);
	if (address < traps->lowest)
		__atomic_store_n(&traps->lowest, address, __ATOMIC_RELEASE);
	if (address > traps->highest)
		__atomic_store_n(&traps->highest, address, __ATOMIC_RELEASE);
	return row;
}
