/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor that watches a machine, and a reader of what it tells: all of that must be sound. */
#ifndef WV_TESTS_FUZZ_WATCHER_H
#define WV_TESTS_FUZZ_WATCHER_H

#include "monitor/monitor.h"
#include "output/reader.h"

struct watcher {
	struct wv_machine *machine;
	struct wv_session *session;
	struct wv_monitor *monitor; /* NULL: does not watch */
	struct wv_reader *reader;
};

/** Says what is wrong, and aborts. */
void stop_if(bool wrong, const char *what);

/** Starts to watch: the kernel is looked for at once. */
void watcher_start(struct watcher *watcher, struct wv_machine *machine, const char *config);
void watcher_stop(struct watcher *watcher);

/** Prints what has been told in each format, one line a row. */
void watcher_read(struct watcher *watcher);

#endif
