// SPDX-License-Identifier: GPL-2.0-or-later
/* Protections of memory changed: every one that there is, and some that there are not. */
#include "structures.h"

void wv_protect_all(void)
{
	static const u32 protections[] = { 1,	  2,	 4,	     8,		 0x10,
					   0x20,  0x40,	 0x80,	     0x104,	 0x240,
					   0x404, 0x840, 0x1002,     0x40000010, 0x80000020,
					   0,	  6,	 0xffffffff, 0x10000000 };
	word memory = wv_allocate(2 * PAGE_SIZE);
	kernel_word base, size;
	u32 before;

	for (u32 i = 0; i < COUNT_OF(protections); i++) {
		base = memory + 0x123;
		size = PAGE_SIZE;
		CALL(NtProtectVirtualMemory, SELF, (word)&base, (word)&size, protections[i],
		     (word)&before);
	}
	base = memory;
	size = 1;
	CALL(NtProtectVirtualMemory, 0x7ffc, (word)&base, (word)&size, 4, (word)&before);
	CALL(NtProtectVirtualMemory, SELF, 0, (word)&size, 4, (word)&before);
	CALL(NtProtectVirtualMemory, SELF, (word)&base, (word)&size, 4, USER_NOTHING);
	base = USER_NOTHING;
	CALL(NtProtectVirtualMemory, SELF, (word)&base, (word)&size, 0x40, (word)&before);
}
