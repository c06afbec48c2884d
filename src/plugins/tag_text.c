/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a pool tag. */
#include "plugins/tag_text.h"

#include <glib.h>

void wv_tag_text(uint64_t tag, char *text, size_t size)
{
	size_t used;

	for (used = 0; used < WV_TAG_SIZE && used + 1 < size; used++) {
		char byte = (char)(tag >> 8 * used);

		text[used] = g_ascii_isprint(byte) ? byte : '?';
	}
	if (size)
		text[used] = '\0';
}
