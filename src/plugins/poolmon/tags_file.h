/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A user's own table of pool tags, in the form of the pooltag.txt that comes with WinDbg:
 *
 *   rem a comment; so is a line that begins with `//`
 *   Abcd - driver.sys - What it holds
 *   Ab?* - <unknown>  - What others hold
 *   Abc  - What it holds, of an unknown driver
 *
 * A `-` between blanks ends the tag, and another one the source. Lines without one are skipped:
 * Microsoft's file has some that are comments but do not say so.
 */
#ifndef WV_PLUGINS_POOLMON_TAGS_FILE_H
#define WV_PLUGINS_POOLMON_TAGS_FILE_H

#include <glib.h>

#include "plugins/poolmon/tags.h"

/** Bytes that are accepted: of a file (Microsoft's has 0.3 MB), and of a line. */
#define POOLMON_FILE_MAX (4u << 20)
#define POOLMON_LINE_MAX 1024u

struct poolmon_tags_file {
	char *text;
	GArray *rows; /**< struct poolmon_tag, in the file's order; their texts are in text */
};

/**
 * Reads a file. Errors (WV_ERROR_USAGE): it can not be read or is too large, and of a line, which
 * the message names: it is too long, has a NUL byte, or has a tag that is none.
 */
bool poolmon_tags_file_load(struct poolmon_tags_file *file, const char *path, GError **error);

/**
 * The same from memory.
 *
 * @text: from malloc(); the file's from now on. @name: what error messages call it.
 */
bool poolmon_tags_file_parse(struct poolmon_tags_file *file, char *text, size_t size,
			     const char *name, GError **error);
void poolmon_tags_file_deinit(struct poolmon_tags_file *file);

#endif
