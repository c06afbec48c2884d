// SPDX-License-Identifier: GPL-2.0-or-later
/* A program's list of modules, as a program that hides makes it: nothing is found in it. */
#include "structures.h"

#define LOADER	  (USER_PEB + OFF__PEB_Ldr)
#define IN_LOAD	  (USER_LDR + OFF__PEB_LDR_DATA_InLoadOrderModuleList)
#define IN_MEMORY (USER_LDR + OFF__PEB_LDR_DATA_InMemoryOrderModuleList)

static void store(word where, kernel_word value)
{
	*(volatile kernel_word *)where = value;
}

/*
 * Leads both lists to an entry that is its own next one, and of no address. By no call: what was
 * found before one may be remembered.
 */
static void make_endless(void)
{
	word entry = USER_SCRATCH + 0x400;
	word in_memory = entry + OFF__LDR_DATA_TABLE_ENTRY_InMemoryOrderLinks;

	store(entry, entry);
	store(in_memory, in_memory);
	store(IN_LOAD, entry);
	store(IN_MEMORY, in_memory);
}

void wv_lose_modules(word how)
{
	switch (how) {
	case 0:
		make_endless();
		break;
	case 1: /* the kernel's memory */
		store(IN_LOAD, (kernel_word)-64);
		store(IN_MEMORY, (kernel_word)-64);
		break;
	case 2:
		store(LOADER, USER_NOTHING);
		break;
	}
	wv_perform(PERFORM_MODULES_LOST, 0, 0, 0);
}
