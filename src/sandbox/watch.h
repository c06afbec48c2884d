/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching a guest that runs: reads the session until QEMU has ended, prints what comes, ends
 * QEMU when it is time to, and decides how it all ended.
 */
#ifndef WV_SANDBOX_WATCH_H
#define WV_SANDBOX_WATCH_H

#include "base/error.h"
#include "output/dump.h"
#include "output/printer.h"
#include "output/session.h"
#include "sandbox/child.h"
#include "sandbox/collect.h"
#include "sandbox/end.h"
#include "sandbox/fate.h"
#include "sandbox/qmp.h"

struct wv_watch_options {
	struct wv_child *child;
	struct wv_session *session;
	struct wv_printer *const *printers; /**< ended by NULL: each gets every row */
	struct wv_collect *const
		*collects;    /**< ended by NULL: read while the guest runs; or NULL */
	struct wv_dump *dump; /**< where contents of files go; NULL: nowhere */
	struct wv_qmp *qmp;   /**< by which QEMU is asked to end; NULL: SIGTERM */
	struct wv_fate *fate; /**< of the sample, to be filled; NULL: there is none */
	/** Called when the monitor wants a profile: is to see to a wv_session_answer(), without
	 *  waiting. NULL: there is none. @question: see WV_STATUS_PROFILE_WANTED. */
	void (*profile_wanted)(void *owner, const char *question);
	void *owner;
	double settle; /**< seconds to go on after the sample's end */
	/** Seconds, 0: none. Counted from the sample's start, without one from the guest's. */
	double time_limit;
	bool timing; /**< print where the time went */
};

/** How it went. */
struct wv_watched {
	enum wv_exit verdict; /**< the command's exit code */
	enum wv_end end;
	struct wv_counters counters; /**< sums over all vCPUs */
	uint64_t malformed;	     /**< records */
	char *error; /**< owned: why it failed, or how the kernel crashed; or NULL */
};

/** Returns when QEMU has ended and all events are written. Free `error` of what it gives. */
void wv_watch(const struct wv_watch_options *options, struct wv_watched *watched);

/** Installs the handlers of SIGINT, SIGTERM and SIGHUP, which end the watch; SIGPIPE is ignored. */
void wv_watch_signals(void);

/** Whether one of these signals has come. */
bool wv_watch_interrupted(void);

#endif
