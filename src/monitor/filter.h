/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters by process: --process and --ignore-process, by name or PID. */
#ifndef WV_MONITOR_FILTER_H
#define WV_MONITOR_FILTER_H

#include "guest/guest.h"
#include "monitor/settings.h"

struct wv_filter_list {
	char **names; /**< owned, ended by NULL; NULL: none */
	uint32_t *pids;
	unsigned n_pids;
};

struct wv_filter {
	struct wv_filter_list only;
	struct wv_filter_list ignore;
	bool any; /**< there is something to check */
};

void wv_filter_init(struct wv_filter *filter, const struct wv_settings *settings);
void wv_filter_deinit(struct wv_filter *filter);

/** Whether events of this process are wanted. A name matches the short name or the whole path. */
bool wv_filter_accepts(const struct wv_filter *filter, const struct wv_identity *process);

#endif
