/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls that a process tree tells of: what kind of deed each is, and which arguments
 * say what it was done to. To tell of another call add a row in tree_calls.c.
 */
#ifndef WV_SANDBOX_TREE_CALLS_H
#define WV_SANDBOX_TREE_CALLS_H

#include <glib.h>

#include "output/row.h"

/** What processes do, in the order in which it is printed. */
enum wv_tree_kind {
	WV_TREE_CREATED,     /**< files, folders and links made, or opened with O_CREAT */
	WV_TREE_WRITTEN,     /**< files written to, by calls that write */
	WV_TREE_OPENED,	     /**< files opened otherwise */
	WV_TREE_RENAMED,     /**< files renamed */
	WV_TREE_REMOVED,     /**< files and folders removed */
	WV_TREE_CHANGED,     /**< modes, owners, times and attributes of files */
	WV_TREE_EXEC_FAILED, /**< programs that could not be executed */
	WV_TREE_SIGNALLED,   /**< signals sent, or refused */
	WV_TREE_PRIVILEGES,  /**< users, capabilities, other processes' memory, secret files */
	WV_TREE_NETWORK,     /**< sockets and addresses */
	WV_TREE_KERNEL,	     /**< modules, kexec, BPF, reboot */
	WV_TREE_MOUNTS,	     /**< mounts, roots and namespaces */
	WV_TREE_MEMORY,	     /**< memory that can be written and executed, files in memory */
	WV_TREE_ITSELF,	     /**< its own name, session, and parent's death */
	WV_TREE_N_KINDS,
};

/** A kind's name: for people, and as a key of json. */
struct wv_tree_kind_name {
	const char *label, *key;
};

extern const struct wv_tree_kind_name wv_tree_kind_names[WV_TREE_N_KINDS];

/** What else decides whether a call is told, or as what. */
enum wv_tree_condition {
	WV_TREE_ALWAYS,
	WV_TREE_BY_FLAGS,     /**< by the flags of open: created, written or opened */
	WV_TREE_BY_OPTION,    /**< by the option of prctl */
	WV_TREE_IF_FAILED,    /**< only when it fails: what succeeds is told by procmon */
	WV_TREE_IF_NOT_NULL,  /**< only if the object is an address */
	WV_TREE_IF_WRITE_EXEC /**< only for memory that can be both written and executed */
};

#define WV_TREE_OBJECTS 2

struct wv_tree_call {
	const char *name;
	enum wv_tree_kind kind;
	enum wv_tree_condition condition;
	bool named;	/**< the object begins with the call's name */
	bool from_fd;	/**< the object is the file behind a descriptor */
	int8_t decider; /**< the argument that the condition looks at */
	/** Indexes of arguments, -1: none; two objects of a call without a name are "a -> b". */
	int8_t objects[WV_TREE_OBJECTS];
	int8_t folders[WV_TREE_OBJECTS]; /**< descriptors that objects' paths are relative to */
};

/** All calls, by name: `const char *` to `const struct wv_tree_call *`; to be unreffed. */
GHashTable *wv_tree_calls_new(void);

/**
 * What a call is told as. False: not at all.
 *
 * @decider: the text of the argument that the condition looks at.
 */
bool wv_tree_call_kind(const struct wv_tree_call *call, struct wv_bytes decider,
		       enum wv_tree_kind *kind);

/** Whether a file gives rights, or secrets, to who can open it. */
bool wv_tree_is_secret(struct wv_bytes path);

#endif
