// SPDX-License-Identifier: GPL-2.0-or-later
/* Pieces of a file put together. */
#include "runs.h"

void wv_runs_end(struct wv_runs *runs)
{
	char text[WV_SHA256_TEXT];

	if (runs->first == runs->end)
		return;
	wv_sha256_text(&runs->hash, text);
	wv_json_open(runs->json, NULL, '[');
	wv_json_int(runs->json, NULL, (long long)runs->first);
	wv_json_int(runs->json, NULL, (long long)runs->end);
	wv_json_text(runs->json, NULL, text);
	wv_json_close(runs->json, ']');
}

void wv_runs_add(struct wv_runs *runs, u64 offset, const void *bytes, size_t size)
{
	if (offset != runs->end || runs->first == runs->end) {
		wv_runs_end(runs);
		runs->first = runs->end = offset;
		wv_sha256_init(&runs->hash);
	}
	wv_sha256_add(&runs->hash, bytes, size);
	runs->end += size;
}
