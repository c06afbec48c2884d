/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who uses a pool tag, and what for: a table of known tags that is made once and then only read.
 *
 * Tags are numbers as the kernel has them: the first character is the lowest byte. Rows of the
 * table may stand for several tags (`Afd?`, `Ac*`): bytes that may be anything are 0 in their mask.
 */
#ifndef WV_PLUGINS_POOLMON_TAGS_H
#define WV_PLUGINS_POOLMON_TAGS_H

#include <stdbool.h>

#include "output/row.h"

/** What is known of one tag, or of all that are alike. */
struct poolmon_tag {
	uint32_t tag;		     /**< 0 where the mask is */
	uint32_t mask;		     /**< 0xff for each byte that counts, 0 for the others */
	struct wv_bytes source;	     /**< whose it is: a file's name; empty: not known */
	struct wv_bytes description; /**< may be empty, too */
};

/** What Wyvern knows: data/pooltags.tsv, by data/generate_pooltags.py. */
extern const struct poolmon_tag poolmon_known_tags[];
extern const unsigned poolmon_known_tags_count;

/** Rows that can be looked up quickly. */
struct poolmon_tags;

/** @rows: stay the caller's. Of several rows for the same tags the last one counts. */
struct poolmon_tags *poolmon_tags_new(const struct poolmon_tag *rows, unsigned count);
void poolmon_tags_free(struct poolmon_tags *tags);

/**
 * The row that tells most of this tag, or NULL: one for exactly this tag; else for this tag without
 * the mark of protected pool, and padded with blanks where NUL or blanks end it; else, of those
 * that stand for several tags, the one with the most bytes that count, of equals the one that has
 * the first byte in which they differ. Allocates nothing.
 */
const struct poolmon_tag *poolmon_tags_find(const struct poolmon_tags *tags, uint32_t tag);

/**
 * Makes a row of a tag as it is written in tables: up to four characters, padded with blanks; `?`
 * stands for any one, `*`, at the end, for whatever follows. False, and nothing done, where it is
 * empty, longer, has control characters, or `*` elsewhere.
 */
bool poolmon_tag_parse(const char *text, size_t size, struct poolmon_tag *row);

#endif
