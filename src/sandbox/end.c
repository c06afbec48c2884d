/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of ends. */
#include "sandbox/end.h"

const char *wv_end_name(enum wv_end end)
{
	static const char *const names[WV_END_COUNT] = {
		[WV_END_FAILED] = "failed",
		[WV_END_SAMPLE_ENDED] = "sample-ended",
		[WV_END_NOT_STARTED] = "sample-not-started",
		[WV_END_TIME_LIMIT] = "time-limit",
		[WV_END_GUEST_ENDED] = "guest-ended",
		[WV_END_GUEST_CRASHED] = "guest-crashed",
		[WV_END_QEMU_DIED] = "qemu-died",
		[WV_END_INTERRUPTED] = "interrupted",
		[WV_END_OUTPUT_FAILED] = "output-failed",
	};

	return names[end];
}
