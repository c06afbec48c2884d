/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door: a function that does nothing, at the address that the monitor traps. */
#include <string.h>
#include <sys/mman.h>

#include "launcher/launcher.h"

/* The linker puts the section to WV_DOOR_ADDRESS (see the build's --section-start). */
__asm__(".pushsection .door, \"ax\", @progbits\n"
	".globl wyvern_door\n"
	".type wyvern_door, @function\n"
	"wyvern_door:\n"
	"\tnop\n"
	"\tret\n"
	".size wyvern_door, . - wyvern_door\n"
	".popsection\n");

void wv_knock(enum wv_door_request request, const volatile void *address, uint64_t size)
{
	void (*volatile door)(uint64_t, const volatile void *, uint64_t) =
		(void (*)(uint64_t, const volatile void *, uint64_t))WV_DOOR_ADDRESS;

	/* The compiler must not keep anything in registers that the monitor reads or writes. */
	__asm__ volatile("" ::: "memory");
	door(request, address, size);
	__asm__ volatile("" ::: "memory");
}

void wv_forget_door(void)
{
	munmap((void *)(uintptr_t)WV_DOOR_ADDRESS, 1);
}

void wv_tell_failed(const struct wv_why *why)
{
	/* The monitor does not fault pages in: the text has to be in memory, and it is. */
	wv_say(why->text);
	wv_knock(WV_DOOR_FAILED, why->text, strnlen(why->text, sizeof(why->text)));
}
