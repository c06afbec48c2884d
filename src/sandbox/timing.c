/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of --timing. */
#include "sandbox/timing.h"

#include "base/clock.h"
#include "base/say.h"

struct wv_timing_clock wv_timing_clock_start(void)
{
	return (struct wv_timing_clock){ wv_ticks(), g_get_monotonic_time() };
}

void wv_timing_print(const struct wv_timing_clock *start, const struct wv_counters *sum,
		     const struct wv_printer *printer)
{
	static const char *const names[WV_STAGE_COUNT] = { "callback", "identity", "fields",
							   "commit" };
	struct wv_timing_clock end = wv_timing_clock_start();
	double ns_per_cycle =
		(double)(end.us - start->us) * 1000 / (double)MAX(end.cycles - start->cycles, 1);
	double calls = (double)MAX(sum->calls, 1), total = 0;
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_printf(line, "timing: %" G_GUINT64_FORMAT " calls, ns per call:", sum->calls);
	for (unsigned i = 0; i < WV_STAGE_COUNT; i++) {
		double ns = (double)sum->cycles[i] * ns_per_cycle / calls;

		g_string_append_printf(line, " %s %.0f,", names[i], ns);
		total += ns;
	}
	g_string_append_printf(line, " total %.0f; encoding %.0f ns per event", total,
			       (double)wv_printer_encoding_ns(printer) /
				       (double)MAX(wv_printer_total(printer), 1));
	wv_say("%s; vCPUs waited for the reader %" G_GUINT64_FORMAT " times", line->str,
	       sum->waits);
}
