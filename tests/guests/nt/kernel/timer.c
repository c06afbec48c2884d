// SPDX-License-Identifier: GPL-2.0-or-later
/* Extends ACPI's 24-bit timer. */
#include "timer.h"

#define PM_TIMER 0x608

u64 wv_ticks(void)
{
	static struct wv_lock lock;
	static u64 ticks;
	static u32 last;
	u64 result;
	u32 now;

	wv_take(&lock);
	__asm__ volatile("inl %1, %0" : "=a"(now) : "d"((u16)PM_TIMER));
	ticks += (now - last) & 0xffffff;
	last = now;
	result = ticks;
	wv_release(&lock);
	return result;
}
