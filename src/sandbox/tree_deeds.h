/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What processes did: from a system call's entry and return to one more count of a deed. A call is
 * told when it has returned, since then it is known whether it was in vain, and what the texts were
 * that were not in memory when it was entered.
 */
#ifndef WV_SANDBOX_TREE_DEEDS_H
#define WV_SANDBOX_TREE_DEEDS_H

#include "sandbox/tree.h"

/** A call that has not returned. */
struct wv_tree_pending;

struct wv_tree_thread {
	uint32_t tid;
	unsigned generation; /**< of its process, when it began */
	struct wv_tree_process *process;
	struct wv_tree_pending *pending; /**< NULL: none; owned */
};

/** Counts a deed. @error: its name, or data == NULL if it was not in vain. */
void wv_tree_deeds_add(struct wv_tree *tree, struct wv_tree_process *process,
		       enum wv_tree_kind kind, struct wv_bytes object, struct wv_bytes error);

/** A thread enters a call: a row `syscall`. */
void wv_tree_deeds_enter(struct wv_tree *tree, struct wv_tree_thread *thread,
			 const struct wv_tree_row *row);

/** A thread returns from a call: a row `sysret`. */
void wv_tree_deeds_return(struct wv_tree *tree, struct wv_tree_thread *thread,
			  const struct wv_tree_row *row);

/** The thread's call will not be heard of again: it is counted. */
void wv_tree_deeds_flush(struct wv_tree *tree, struct wv_tree_thread *thread);

/** The same, but it is not counted. */
void wv_tree_deeds_drop(struct wv_tree_thread *thread);

#endif
