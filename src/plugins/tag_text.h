/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a pool tag, which is also what the key of an object type is. */
#ifndef WV_PLUGINS_TAG_TEXT_H
#define WV_PLUGINS_TAG_TEXT_H

#include <stddef.h>
#include <stdint.h>

/** Characters of a tag's text. */
#define WV_TAG_SIZE 4

/**
 * A tag's four bytes, the lowest first, as four characters of ASCII: a wv_format_fn. Blanks stay;
 * what can not be printed, NUL and bytes above 0x7e with it, is '?', each byte for itself, so that
 * texts of one tag always look the same. The last byte's top bit, which marks protected pool, is a
 * part of it.
 *
 * @tag: its low 32 bits count.
 */
void wv_tag_text(uint64_t tag, char *text, size_t size);

#endif
