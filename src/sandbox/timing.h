/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a trapped call costs, stage by stage: the lines of --timing. */
#ifndef WV_SANDBOX_TIMING_H
#define WV_SANDBOX_TIMING_H

#include "output/printer.h"
#include "output/session.h"

/** The time stamp counter against the clock, to turn cycles into nanoseconds. */
struct wv_timing_clock {
	uint64_t cycles;
	int64_t us;
};

struct wv_timing_clock wv_timing_clock_start(void);

/** One line on standard error: nanoseconds per trapped call and stage, and per encoded event. */
void wv_timing_print(const struct wv_timing_clock *start, const struct wv_counters *sum,
		     const struct wv_printer *printer);

#endif
