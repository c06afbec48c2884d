/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a file of events, as `wyvern` writes it with -o json, into a tree of processes. */
#ifndef WV_SANDBOX_TREE_READ_H
#define WV_SANDBOX_TREE_READ_H

#include "sandbox/tree.h"

/** A longer line is no event. An event has a few texts of 64 KiB at the most, escaped. */
#define WV_TREE_LINE_MAX ((size_t)4 << 20)

struct wv_tree_reader; /* owns nothing of the tree */

struct wv_tree_reader *wv_tree_reader_new(struct wv_tree *tree);
void wv_tree_reader_free(struct wv_tree_reader *reader);
typedef struct wv_tree_reader wv_tree_reader;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wv_tree_reader, wv_tree_reader_free)

/** The next bytes of the file; lines may begin and end anywhere in them. */
void wv_tree_reader_feed(struct wv_tree_reader *reader, const char *data, size_t size);

/** The end of the file: a last line without a line feed counts too. Ends the tree. */
void wv_tree_reader_end(struct wv_tree_reader *reader);

/** How many lines were no events. */
uint64_t wv_tree_reader_malformed(const struct wv_tree_reader *reader);

/**
 * Reads a whole file, or standard input for "-".
 *
 * @malformed: how many of its lines were no events.
 *
 * Returns the tree, to be freed, or NULL: WV_ERROR_USAGE if the file can not be opened,
 * WV_ERROR_INTERNAL if it can not be read.
 */
struct wv_tree *wv_tree_read(const char *path, uint64_t *malformed, GError **error);

#endif
