/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of a process tree: given piece by piece, never more than a limit, freed at once. */
#ifndef WV_SANDBOX_TREE_ROOM_H
#define WV_SANDBOX_TREE_ROOM_H

#include <glib.h>
#include <stdbool.h>

#include "output/row.h"

struct wv_tree_room {
	GSList *blocks; /**< owned */
	char *next;	/**< free in the newest block */
	size_t free;	/**< bytes of that */
	size_t left;	/**< bytes that may still be given */
};

/** @limit: bytes to be given at the most. */
void wv_tree_room_init(struct wv_tree_room *room, size_t limit);
void wv_tree_room_deinit(struct wv_tree_room *room);

/** Zeroed memory that belongs to the room, or NULL when the limit is reached. */
void *wv_tree_room_take(struct wv_tree_room *room, size_t size);

/**
 * A copy of a text that belongs to the room. What is longer than @max bytes is cut, not within a
 * character, and ends in "...". False, and an empty text, when the limit is reached.
 */
bool wv_tree_room_keep(struct wv_tree_room *room, struct wv_bytes text, size_t max,
		       struct wv_bytes *copy);

/** The first @max bytes of a longer text, not within a character, and "...". To be freed. */
GString *wv_tree_room_cut(struct wv_bytes text, size_t max);

#endif
