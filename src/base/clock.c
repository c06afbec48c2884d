/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rate of the processor's counter, and the time of day that goes with it. */
#include "base/clock.h"

#include <glib.h>
#include <string.h>

#define CLOCK_SOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

/** It is looked at the host's clock again after this many ticks: some tens of milliseconds. */
#define LOOK_TICKS (UINT64_C(1) << 27)

/** Ticks further away than this, many years, are not believed. */
#define FAR_TICKS (INT64_C(1) << 60)

bool wv_ticks_are_steady(void)
{
	/* those of Linux that are the counter, scaled or not */
	static const char *const steady[] = { "tsc", "kvm-clock", "hyperv_clocksource_tsc_page",
					      "arch_sys_counter", NULL };
	g_autofree char *name = NULL;

	return g_file_get_contents(CLOCK_SOURCE, &name, NULL, NULL) &&
	       g_strv_contains(steady, g_strstrip(name));
}

/** Reads all three at the same moment, as well as that can be done. */
static void look(uint64_t *ticks, uint64_t *ns, uint64_t *real_ns)
{
	uint64_t shortest = UINT64_MAX;

	for (unsigned i = 0; i < 4; i++) {
		uint64_t before = wv_ticks();
		uint64_t monotonic = wv_clock_read_ns(CLOCK_MONOTONIC);
		uint64_t real = wv_clock_read_ns(CLOCK_REALTIME);
		uint64_t took = wv_ticks() - before;

		if (took >= shortest)
			continue;
		shortest = took;
		*ticks = before + took / 2;
		*ns = monotonic;
		*real_ns = real;
	}
}

void wv_clock_start(struct wv_clock *clock)
{
	look(&clock->first_ticks, &clock->first_ns, &clock->last_real_ns);
	clock->last_ticks = clock->first_ticks;
	clock->ns_per_tick = 0;
}

static void look_again(struct wv_clock *clock)
{
	uint64_t ns = 0;

	look(&clock->last_ticks, &ns, &clock->last_real_ns);
	if (clock->last_ticks != clock->first_ticks)
		clock->ns_per_tick = (double)(ns - clock->first_ns) /
				     (double)(clock->last_ticks - clock->first_ticks);
}

uint64_t wv_clock_time(struct wv_clock *clock, uint64_t ticks)
{
	int64_t distance = (int64_t)(ticks - clock->last_ticks);

	if (clock->ns_per_tick == 0 || distance > (int64_t)LOOK_TICKS) {
		look_again(clock);
		distance = (int64_t)(ticks - clock->last_ticks);
	}
	distance = CLAMP(distance, -FAR_TICKS, FAR_TICKS); /* ticks may be anybody's invention */
	return clock->last_real_ns + (uint64_t)(int64_t)((double)distance * clock->ns_per_tick);
}
