/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time at the price of one instruction: the writer of an event notes the processor's counter, and
 * its reader makes a time of day of it.
 *
 * Sources: Intel SDM volume 3, section 18.17 (time-stamp counter); Arm ARM, section D11 (CNTVCT).
 */
#ifndef WV_BASE_CLOCK_H
#define WV_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

static inline uint64_t wv_clock_read_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/** The counter: it rises at a constant rate, the same on all of the host's processors. */
static inline uint64_t wv_ticks(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return __rdtsc();
#elif defined(__aarch64__)
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#else
	return wv_clock_read_ns(CLOCK_MONOTONIC);
#endif
}

/** Whether that is true of this host: its kernel knows, and uses the counter if it is. */
bool wv_ticks_are_steady(void);

/** Makes times of ticks. It looks at the host's clock now and then, and follows its corrections. */
struct wv_clock {
	uint64_t first_ticks, first_ns; /* when it was started; ns: CLOCK_MONOTONIC */
	uint64_t last_ticks;		/* when it last looked */
	uint64_t last_real_ns;		/* CLOCK_REALTIME then */
	double ns_per_tick;
};

void wv_clock_start(struct wv_clock *clock);

/** Nanoseconds since 1970. The more recent the ticks, the more precise: to some 100 ns. */
uint64_t wv_clock_time(struct wv_clock *clock, uint64_t ticks);

#endif
