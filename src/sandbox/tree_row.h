/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One event of a file that `wyvern` has written as json: its common fields, and access to its own.
 * Nothing about the file is trusted.
 */
#ifndef WV_SANDBOX_TREE_ROW_H
#define WV_SANDBOX_TREE_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "output/row.h"

struct json_object;
struct json_tokener;

struct wv_tree_row {
	struct json_object *fields; /**< owned; the texts below are in it */
	struct wv_bytes plugin;
	struct wv_bytes method;
	struct wv_bytes process; /**< empty if there is none */
	uint32_t pid, ppid, tid; /**< tid: pid if there is none; ppid: 0 if there is none */
	uint64_t uid;		 /**< EventUID, 0 if there is none */
	uint64_t time_us;	 /**< microseconds since 1970, 0 if there is no time */
};

/** What parses lines; to be freed with wv_tree_row_parser_free(). */
struct json_tokener *wv_tree_row_parser_new(void);
void wv_tree_row_parser_free(struct json_tokener *parser);

/** Parses a line (without its line feed). False if it is no event, with nothing to be freed. */
bool wv_tree_row_parse(struct json_tokener *parser, const char *line, size_t size,
		       struct wv_tree_row *row);
void wv_tree_row_deinit(struct wv_tree_row *row);

/** A field that is text. False if it is absent or no text. */
bool wv_tree_row_text(const struct wv_tree_row *row, const char *key, struct wv_bytes *text);

/** A field that is a number. False if it is absent or no number. */
bool wv_tree_row_number(const struct wv_tree_row *row, const char *key, int64_t *number);

/**
 * The argument number @index, from 0, of a system call's entry: its name, which lives as long as
 * the row, and its text. False if there are fewer, or it is no text.
 */
bool wv_tree_row_argument(const struct wv_tree_row *row, unsigned index, const char **name,
			  struct wv_bytes *text);

#endif
