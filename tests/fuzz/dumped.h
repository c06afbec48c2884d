/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump for fuzz targets: in memory, and everything in its folder is looked at. */
#ifndef WV_TESTS_FUZZ_DUMPED_H
#define WV_TESTS_FUZZ_DUMPED_H

#include "output/dump.h"

struct dumped {
	char *folder;
	struct wv_dump *dump;
	uint64_t max_total;
};

/** Opens one; limits as of wv_dump_open(). */
void dumped_open(struct dumped *dumped, uint64_t max_size, uint64_t max_total);

/**
 * Ends it and removes the folder. Aborts when something is in it that is not to be: other names,
 * contents whose hash is not their name, metadata that is not JSON, or too much of it all.
 */
void dumped_close(struct dumped *dumped);

#endif
