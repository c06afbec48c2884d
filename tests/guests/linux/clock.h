/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's clock, for scenarios that time themselves. */
#ifndef WV_GUEST_CLOCK_H
#define WV_GUEST_CLOCK_H

#include <time.h>

/* Nanoseconds since some fixed moment. */
static inline long long wv_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

#endif
