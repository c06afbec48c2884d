/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree of processes as text for people, and as JSON for programs. */
#ifndef WV_SANDBOX_TREE_PRINT_H
#define WV_SANDBOX_TREE_PRINT_H

#include "sandbox/tree.h"

/** How many processes are printed as text, and how deep their lines are indented. */
#define WV_TREE_PRINTED_MAX 2000u
#define WV_TREE_DEPTH_MAX   20u

struct wv_tree_style {
	bool all;  /**< all processes of the guest, not only the sample's and what they touched */
	bool utf8; /**< the terminal shows UTF-8; if not, everything is ASCII */
	unsigned width; /**< columns after which lists are continued on the next line */
};

/**
 * Appends the tree as text. What is the guest's is escaped: a backslash is \\, a line feed \n, a
 * tab \t, each other control character's or ill-formed byte \xHH, and a character that is not shown
 * or changes the direction of writing \u{HEX}.
 */
void wv_tree_print(const struct wv_tree *tree, const struct wv_tree_style *style, GString *out);

/** Appends a text of the guest, escaped like that. */
void wv_tree_append_text(GString *out, struct wv_bytes text, bool utf8);

/**
 * Appends the tree as one JSON object and a line feed.
 *
 * @malformed: how many lines were no events.
 */
void wv_tree_json(const struct wv_tree *tree, bool all, uint64_t malformed, GString *out);

#endif
