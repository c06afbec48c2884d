/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a trapped call costs, stage by stage: the lines of --timing. */
#ifndef WV_CLI_TIMING_H
#define WV_CLI_TIMING_H

#include "output/printer.h"
#include "output/session.h"

/** The time stamp counter against the clock, to turn cycles into nanoseconds. */
struct cli_clock {
	uint64_t cycles;
	int64_t us;
};

struct cli_clock cli_clock_start(void);

/** One line on standard error: nanoseconds per trapped call and stage, and per encoded event. */
void cli_timing_print(const struct cli_clock *start, const struct wv_counters *sum,
		      const struct wv_printer *printer);

#endif
