/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting calls per window. */
#include "monitor/ttl.h"

bool wv_ttl_allows(struct wv_ttl *ttl, uint64_t limit, uint64_t now_ns, uint64_t *suppressed)
{
	*suppressed = 0;
	if (!limit)
		return true;

	uint64_t start = __atomic_load_n(&ttl->window_start, __ATOMIC_ACQUIRE);

	/* whoever moves the window on takes the old count along */
	if ((!start || (int64_t)(now_ns - start) >= (int64_t)WV_TTL_WINDOW_NS) &&
	    __atomic_compare_exchange_n(&ttl->window_start, &start, now_ns, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE)) {
		uint64_t fired = __atomic_exchange_n(&ttl->fired, 1, __ATOMIC_ACQ_REL);

		*suppressed = fired > limit ? fired - limit : 0;
		return true;
	}
	return __atomic_fetch_add(&ttl->fired, 1, __ATOMIC_ACQ_REL) < limit;
}

uint64_t wv_ttl_suppressed(const struct wv_ttl *ttl, uint64_t limit)
{
	uint64_t fired = __atomic_load_n(&ttl->fired, __ATOMIC_ACQUIRE);

	return limit && fired > limit ? fired - limit : 0;
}
