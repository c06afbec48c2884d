// SPDX-License-Identifier: GPL-2.0-or-later
/* All that procmon tells of, one after the other. */
#include "start.h"

void wv_procmon_all(word thread)
{
	struct block block = { .at = (u8 *)wv_allocate(BLOCK_SIZE) };

	wv_create_all(&block);
	wv_open_all(thread);
	wv_create_hostile(&block);
	wv_adjust_all(thread);
	wv_protect_all();
	wv_end_all(&block);
}
