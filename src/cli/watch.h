/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching a guest that runs: reads the session until QEMU has ended, prints what comes, ends
 * QEMU when it is time to, and decides how it all ended.
 */
#ifndef WV_CLI_WATCH_H
#define WV_CLI_WATCH_H

#include "base/error.h"
#include "cli/child.h"
#include "output/printer.h"
#include "output/session.h"

struct cli_watch_options {
	struct cli_child *child;
	struct wv_session *session;
	struct wv_printer *printer;
	double time_limit; /**< seconds; 0: none */
	bool timing;	   /**< print where the time went */
};

/** Returns when QEMU has ended and all events are written: the command's exit code. */
enum wv_exit cli_watch(const struct cli_watch_options *options);

/** Installs the handlers of SIGINT, SIGTERM and SIGHUP, which end the watch; SIGPIPE is ignored. */
void cli_watch_signals(void);

#endif
