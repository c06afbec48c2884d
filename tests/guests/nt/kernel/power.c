// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine's end: ACPI's power-off register where SeaBIOS puts it, or the keyboard's reset. */
#include "power.h"
#include "nt.h"

#define PM1A_CONTROL 0x604
#define SLEEP_NOW    0x2000 /* with type 0, which is S5 in QEMU */

static void hang(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

void wv_power_off(void)
{
	__asm__ volatile("outw %0, %1" : : "a"((u16)SLEEP_NOW), "Nd"((u16)PM1A_CONTROL));
	hang();
	__builtin_unreachable();
}

void wv_restart(void)
{
	wv_outb(0x64, 0xfe);
	hang();
	__builtin_unreachable();
}
