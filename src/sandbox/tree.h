/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of a guest's processes: who made whom, what each executed, what it did and how it ended,
 * all learnt from events. Nothing about the events is trusted: the tree's size is bounded, and what
 * has no room is counted.
 *
 * A process is a thread group. Its number can be used again after its end: a second process of that
 * number is another one.
 */
#ifndef WV_SANDBOX_TREE_H
#define WV_SANDBOX_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/tree_calls.h"
#include "sandbox/tree_room.h"
#include "sandbox/tree_row.h"

/** How many processes and living threads are kept, and bytes of memory for all but threads. */
#define WV_TREE_PROCESSES_MAX 65536u
#define WV_TREE_THREADS_MAX   65536u
#define WV_TREE_ROOM_MAX      ((size_t)128 << 20)

/** What is kept of each process, and of texts (in bytes). */
#define WV_TREE_COMMANDS_MAX 16u
#define WV_TREE_OBJECTS_MAX  8u
#define WV_TREE_COMMAND_MAX  4096u
#define WV_TREE_OBJECT_MAX   256u
#define WV_TREE_NAME_MAX     256u

/** One thing that something was done to. */
struct wv_tree_object {
	struct wv_bytes text;
	uint64_t count, failed; /**< how often, and how often of these in vain */
	struct wv_bytes error;	/**< of the first failure: EPERM */
};

/** All that a process did of one kind. */
struct wv_tree_deeds {
	uint64_t count, failed; /**< all, also on objects that are not kept */
	uint64_t others;	/**< on objects that are not kept */
	unsigned n_objects;
	struct wv_tree_object objects[WV_TREE_OBJECTS_MAX]; /**< the first ones, distinct */
};

struct wv_tree_command {
	struct wv_tree_command *next;
	struct wv_bytes line;  /**< the arguments, joined by blanks */
	struct wv_bytes image; /**< the file that was executed */
	uint64_t time_us;
};

struct wv_tree_process {
	unsigned index; /**< in the order in which processes became known, from 0 */
	uint32_t pid;
	uint32_t ppid;			/**< of the first event that tells it; 0 if none does */
	struct wv_tree_process *parent; /**< who made it, or NULL; there are no circles */
	struct wv_tree_process *first_child, *last_child;
	struct wv_tree_process *next_sibling, *previous_sibling;
	struct wv_bytes name; /**< of the image that it ran last */
	uint64_t start_us;    /**< when it was made, or first heard of */
	uint64_t end_us;      /**< when its last thread ended */
	bool start_known;     /**< start_us is when it was made */
	bool ended;
	int64_t status;		/**< if ended: 0 to 255, or of a signal 128 + its number */
	struct wv_bytes signal; /**< if ended by a signal, its name; else empty */
	bool is_sample;		/**< the process that executed first, or made by one of these */
	bool is_touched;	/**< one of these sent it a signal */
	uint64_t calls;		/**< system calls entered */
	uint64_t threads;	/**< made, beside the first */
	unsigned n_commands;	/**< all, also those that are not kept */
	struct wv_tree_command *commands, *last_command;
	struct wv_tree_deeds *deeds[WV_TREE_N_KINDS]; /**< NULL: none */

	/* while events are added */
	struct wv_bytes comm; /* its first thread's name; data == NULL: not known */
	uint64_t first_uid, end_uid;
	unsigned n_alive;    /* threads that are known and have not ended */
	unsigned generation; /* rises when an exec ends all other threads */
	bool renames;	     /* it has called prctl(PR_SET_NAME) */
	bool is_announced;   /* its clone was told */
};

struct wv_tree {
	GPtrArray *processes;		/**< struct wv_tree_process, by index */
	struct wv_tree_process *sample; /**< the first that executed, or NULL */
	uint64_t first_us, last_us;	/**< the times of the first and the last event */
	uint64_t n_events;
	/** Events of which something had no room. */
	uint64_t n_without_room;

	GHashTable *by_pid;  /* the latest process of each number */
	GHashTable *threads; /* by number, owned */
	GHashTable *calls;
	struct wv_tree_room room;
};

struct wv_tree *wv_tree_new(void);
void wv_tree_free(struct wv_tree *tree);
typedef struct wv_tree wv_tree;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wv_tree, wv_tree_free)

/** Adds an event, in the order in which they were told. */
void wv_tree_add(struct wv_tree *tree, const struct wv_tree_row *row);

/** After the last event: calls that never returned are added. */
void wv_tree_end(struct wv_tree *tree);

/** Whether a process is told of: those of the sample and those that they touched, or all. */
bool wv_tree_is_shown(const struct wv_tree *tree, const struct wv_tree_process *process, bool all);

#endif
