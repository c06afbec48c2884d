/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that the input changes while it is watched, or before it is looked at for the first time.
 * Changes are undone after each input.
 */
#ifndef WV_TESTS_FUZZ_HOSTILE_H
#define WV_TESTS_FUZZ_HOSTILE_H

#include "changes.h"
#include "watcher.h"

/** How many a target has: two that are watched before the changes, one only after them. */
#define HOSTILE_GUESTS 3

struct hostile {
	struct watcher watcher;
	struct changes_scope scope;
	/** Looks for the kernel, and arms. */
	void (*watch)(struct hostile *hostile);
	/** Puts back what the mock itself needs after the changes. */
	void (*settle)(struct hostile *hostile);
	/** Makes calls, as the input's head says. */
	void (*act)(struct hostile *hostile, const uint8_t *head);
};

/** Makes one of a target's guests, which stays; called once for each. */
typedef struct hostile *(*hostile_make_fn)(unsigned index);

/**
 * Runs an input: a head, of which the first byte chooses the guest, and changes (see changes.h).
 * The last guest is looked for after the changes (which is slow: for few inputs).
 */
void hostile_run(hostile_make_fn make, const uint8_t *data, size_t size, size_t head_size);

#endif
