/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing texts of events. */
#ifndef WV_SANDBOX_TREE_TEXT_H
#define WV_SANDBOX_TREE_TEXT_H

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "output/row.h"

static inline bool wv_text_same(struct wv_bytes a, struct wv_bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool wv_text_is(struct wv_bytes text, const char *expected)
{
	return wv_text_same(text, (struct wv_bytes){ expected, strlen(expected) });
}

static inline bool wv_text_begins(struct wv_bytes text, const char *with)
{
	return text.size >= strlen(with) && memcmp(text.data, with, strlen(with)) == 0;
}

static inline bool wv_text_is_in_word(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

/** Whether a word stands in a text as a whole: "O_CREAT" in "{flags=O_RDWR|O_CREAT, ...". */
static inline bool wv_text_has_word(struct wv_bytes text, const char *word)
{
	const char *at = text.data, *end = text.data + text.size;

	while (at < end && (at = g_strstr_len(at, end - at, word))) {
		bool starts = at == text.data || !wv_text_is_in_word(at[-1]);

		at += strlen(word);
		if (starts && (at == end || !wv_text_is_in_word(*at)))
			return true;
	}
	return false;
}

/** Of a path the part behind the last slash. */
static inline struct wv_bytes wv_text_base_name(struct wv_bytes path)
{
	size_t start = path.size;

	while (start > 0 && path.data[start - 1] != '/')
		start--;
	return (struct wv_bytes){ path.data + start, path.size - start };
}

static inline bool wv_text_is_ascii(struct wv_bytes text)
{
	for (size_t i = 0; i < text.size; i++)
		if ((uint8_t)text.data[i] >= 0x80)
			return false;
	return true;
}

#endif
