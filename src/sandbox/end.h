/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the watching of a guest came to its end. */
#ifndef WV_SANDBOX_END_H
#define WV_SANDBOX_END_H

/** Their names are an interface: they are in summaries. */
enum wv_end {
	WV_END_FAILED,	      /**< it could not go on */
	WV_END_SAMPLE_ENDED,  /**< and the time to settle is over */
	WV_END_NOT_STARTED,   /**< the guest could not start the sample */
	WV_END_TIME_LIMIT,    /**< the time limit was reached */
	WV_END_GUEST_ENDED,   /**< the guest powered off, or restarted */
	WV_END_GUEST_CRASHED, /**< its kernel did */
	WV_END_QEMU_DIED,     /**< without being asked to */
	WV_END_INTERRUPTED,   /**< by a signal: the user wanted it */
	WV_END_OUTPUT_FAILED, /**< events could not be written */
	WV_END_COUNT
};

/** Its name, such as "sample-ended". */
const char *wv_end_name(enum wv_end end);

#endif
