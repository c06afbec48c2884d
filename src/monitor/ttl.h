/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TTL: a trap may fire so many times in a window of time; what comes after that is suppressed and
 * counted, and when the window ends the trap is armed again.
 */
#ifndef WV_MONITOR_TTL_H
#define WV_MONITOR_TTL_H

#include <stdbool.h>
#include <stdint.h>

/** The window, in nanoseconds: 10 seconds, as users of --traps-ttl elsewhere know it. */
#define WV_TTL_WINDOW_NS UINT64_C(10000000000)

struct wv_ttl {
	uint64_t window_start; /**< nanoseconds of any rising clock; 0: no window yet */
	uint64_t fired;	       /**< in this window, suppressed ones included */
};

/**
 * Counts a call. Safe on several vCPUs at once.
 *
 * @limit: calls per window; 0: no limit, nothing is counted.
 * @suppressed: out: when this call begins a new window, how many the last one suppressed; else 0.
 *
 * Returns whether the call is to be handled.
 */
bool wv_ttl_allows(struct wv_ttl *ttl, uint64_t limit, uint64_t now_ns, uint64_t *suppressed);

/** How many calls the present window has suppressed so far. */
uint64_t wv_ttl_suppressed(const struct wv_ttl *ttl, uint64_t limit);

#endif
