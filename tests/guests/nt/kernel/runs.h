/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of a file put together: each run of them is told with its hash. */
#ifndef WV_NT_RUNS_H
#define WV_NT_RUNS_H

#include "json.h"
#include "sha256.h"

struct wv_runs {
	struct wv_json *json; /* an array: [first, end, SHA-256], in bytes */
	struct wv_sha256 hash;
	u64 first, end; /* of the last run; the same: there is none */
};

/* At rising offsets. */
void wv_runs_add(struct wv_runs *runs, u64 offset, const void *bytes, size_t size);
/* Tells the last one. */
void wv_runs_end(struct wv_runs *runs);

#endif
