// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory of the program's own: more of it, and pages that are away. */
#include "structures.h"

word wv_allocate(u32 size)
{
	kernel_word base = 0, room = size;

	return CALL(NtAllocateVirtualMemory, SELF, (word)&base, 0, (word)&room, 0x3000, 4)
		       ? 0
		       : (word)base;
}

void wv_page_out(word address, u32 size)
{
	for (u32 i = 0; i < size; i += PAGE_SIZE)
		wv_perform(PERFORM_PAGE_OUT, address + i, 0, 0);
}
