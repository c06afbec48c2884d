/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a sample: told by the monitor in states, kept for the summary. */
#ifndef WV_SANDBOX_FATE_H
#define WV_SANDBOX_FATE_H

#include "output/reader.h"

struct wv_fate {
	bool started;	 /**< its process is about to execute it, or has */
	bool refused;	 /**< the guest could not execute it: error says why */
	bool exited;	 /**< its process has ended: status is known */
	uint32_t pid;	 /**< of its process, once it has started */
	uint32_t status; /**< as wait(2) has it */
	char *error;	 /**< owned: the guest's own words; NULL: none */
	/* When, in microseconds since 1970; 0: it did not come to that. */
	uint64_t resumed_us;  /**< the clone's guest ran */
	uint64_t starting_us; /**< it had the sample */
	uint64_t armed_us;    /**< the traps were set, and the sample was executed */
	uint64_t exited_us;
};

/** Takes note of a state; those that are not about the sample are let pass. */
void wv_fate_note(struct wv_fate *fate, const struct wv_status_note *note);

void wv_fate_clear(struct wv_fate *fate);

#endif
