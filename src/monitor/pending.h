/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pending calls: calls that were entered and have not returned, by thread and stack pointer.
 *
 * No lock: a thread runs on one vCPU at a time, so only that vCPU touches the thread's calls; what
 * vCPUs share is the claiming of free slots, done by compare-and-swap. All memory is reserved at
 * the start and touched only as far as calls are pending at once.
 */
#ifndef WV_MONITOR_PENDING_H
#define WV_MONITOR_PENDING_H

#include "monitor/plugin.h"

/** Calls that can be pending at once: at least this many of ordinary threads. */
#define WV_PENDING_MAX 65536u

struct wv_hook;

/** What is kept of a call until it returns. */
struct wv_pending {
	const struct wv_hook *hook;
	uint64_t uid;
	uint64_t return_address; /**< unless its thread alone identifies it */
	_Alignas(16) uint8_t saved[WV_CALL_SAVED_MAX];
	struct wv_identity caller; /* last: only as much of the name as is used is written */
};

/** Stands for the stack pointer of a call that its thread alone identifies. */
#define WV_PENDING_ANY_STACK UINT64_MAX

struct wv_pending_table;

/** NULL when memory can not be had. */
struct wv_pending_table *wv_pending_new(void);
void wv_pending_free(struct wv_pending_table *table);

/** Forgets everything. Only while no vCPU is inside a trap. */
void wv_pending_clear(struct wv_pending_table *table);

/**
 * A new pending call of a thread. An older one of the same hook at the same stack pointer never
 * returned; it is replaced.
 *
 * Returns NULL when there is no room, and for thread 0: it is not known who calls.
 */
struct wv_pending *wv_pending_add(struct wv_pending_table *table, uint64_t thread, uint64_t stack,
				  const struct wv_hook *hook);

/** Whether the thread has any call that is pending: cheap, most have none most of the time. */
bool wv_pending_any(struct wv_pending_table *table, uint64_t thread);

/** A walk over the calls of one thread; starts with zeros. */
struct wv_pending_walk {
	unsigned probe, index;
};

/**
 * The next pending call of the thread at this stack pointer, whatever its hook; NULL when there is
 * no further one. Several hooks of one function give several calls. What was returned may be
 * removed before the walk goes on.
 */
struct wv_pending *wv_pending_next(struct wv_pending_table *table, uint64_t thread, uint64_t stack,
				   struct wv_pending_walk *walk);

/**
 * The stack pointer of the thread's innermost call that may now have returned to an address, where
 * the callee takes arguments off the stack as well, and nobody knows how many: the highest one in
 * the @room bytes below @stack, the stack pointer after the return. 0: there is none.
 */
uint64_t wv_pending_below(struct wv_pending_table *table, uint64_t thread, uint64_t stack,
			  uint64_t room, uint64_t return_address);

/** The thread's pending call of a hook with the lowest stack pointer: the innermost. */
struct wv_pending *wv_pending_innermost(struct wv_pending_table *table, uint64_t thread,
					const struct wv_hook *hook);

/** A call has returned; the pointer came from this table. */
void wv_pending_remove(struct wv_pending_table *table, struct wv_pending *pending);

/** A thread ends: its calls will not return. Returns how many there were. */
unsigned wv_pending_remove_thread(struct wv_pending_table *table, uint64_t thread);

/** How many calls are pending, for tests. */
unsigned wv_pending_count(const struct wv_pending_table *table);

#endif
