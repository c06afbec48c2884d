/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's side of the formats, for tests: strict parsers that fail on anything that the
 * encoders' documentation does not promise. They share no code with the encoders.
 */
#ifndef WV_TESTS_PARSE_BACK_H
#define WV_TESTS_PARSE_BACK_H

#include <glib.h>
#include <stdbool.h>

/** A value in `default`, `kv` or `csv`. */
struct parsed_value {
	char *name;    /**< still escaped; NULL in csv */
	bool quoted;   /**< csv: it was in quotes */
	GString *text; /**< default, kv: as in the line; csv: without its quotes */
};

/** A list of struct parsed_value. */
GPtrArray *parsed_new(void);

/** Undoes \" \\ \n \r \t \xHH; NULL for any other backslash, and for bare control characters. */
GString *parse_unescape(const char *text, size_t size);

/** The bytes of a text in double quotes that is all of @token, or NULL. */
GString *parse_quoted(const char *token);

/**
 * The fields of a `default` line: the prefix is cut off at @prefix_words blanks outside of quotes
 * and returned in @prefix; then name:value. NULL if malformed.
 */
GPtrArray *parse_default(const char *line, unsigned prefix_words, char **prefix);

/** The fields of a `kv` line after its first word, which is returned in @plugin. */
GPtrArray *parse_kv(const char *line, char **plugin);

/** The columns of one csv record that is all of @line, by RFC 4180 (LF ends it); NULL if not. */
GPtrArray *parse_csv(const char *line, size_t size);

/** How many keys the object of a json line has, counted in its text, its inner ones left out. */
unsigned count_json_keys(const char *line);

/**
 * What a text must be in json: U+FFFD for each maximal subpart of ill-formed UTF-8. Slow: it tries
 * all completions of a sequence by GLib's validator.
 */
GString *expected_utf8(const char *text, size_t size);

/** Whether all of it is one line: UTF-8, a newline at its end, no other control character. */
bool is_one_line(const char *line, size_t size);

#endif
