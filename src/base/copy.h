/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying few bytes fast. */
#ifndef WV_BASE_COPY_H
#define WV_BASE_COPY_H

#include <stddef.h>
#include <string.h>

/**
 * Like memcpy(), for sizes that the compiler does not know and that are mostly a word's: a compiler
 * may make `rep movs` of them, which takes longer to start than a walk of page tables takes.
 */
static inline void wv_copy(void *to, const void *from, size_t size)
{
	switch (size) {
	case 8:
		memcpy(to, from, 8);
		break;
	case 4:
		memcpy(to, from, 4);
		break;
	case 2:
		memcpy(to, from, 2);
		break;
	case 1:
		memcpy(to, from, 1);
		break;
	default:
		memcpy(to, from, size);
	}
}

#endif
