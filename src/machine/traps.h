/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trap table: which instruction addresses are trapped, and who wants to know.
 *
 * It is read by every translating vCPU without a lock and written rarely (arming, a new return
 * site). Rows are only ever added; a reset of the machine empties the table while no row is used.
 */
#ifndef WV_MACHINE_TRAPS_H
#define WV_MACHINE_TRAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Rows; a power of two. A Windows kernel alone allocates from its pools at some thousand places.
 */
#define WV_TRAPS_MAX   32768
#define WV_TRAPS_LIMIT (WV_TRAPS_MAX * 3 / 4) /**< of them used at the most */

/** One trapped address. What it means is the owner's business. */
struct wv_trap {
	uint64_t address;      /**< virtual; 0: the row is free */
	void *entry;	       /**< what is called here, or NULL */
	bool is_return;	       /**< a call may return to here */
	bool is_thread_return; /**< of those that are told apart by the thread alone */
	bool result_stored;    /**< likewise, behind the instruction that stores the result */
};

struct wv_traps {
	struct wv_trap *rows; /**< WV_TRAPS_MAX of them, open addressing */
	unsigned count;
	uint64_t lowest; /**< of all addresses, for a quick rejection; UINT64_MAX when empty */
	uint64_t highest;
};

void wv_traps_init(struct wv_traps *traps);
void wv_traps_deinit(struct wv_traps *traps);

/** Forgets every row. Only while no vCPU can be inside a trap. */
void wv_traps_clear(struct wv_traps *traps);

/** The row of an address, or NULL. Safe against concurrent wv_traps_add(). */
struct wv_trap *wv_traps_find(const struct wv_traps *traps, uint64_t address);

/**
 * Finds or adds the row of an address. Callers serialise among themselves.
 *
 * Returns NULL when the table is full or the address is 0.
 */
struct wv_trap *wv_traps_add(struct wv_traps *traps, uint64_t address);

#endif
