// SPDX-License-Identifier: GPL-2.0-or-later
/* System calls: from the number in EAX to the function, through the table that Windows has. */
#include "nt.h"
#include "service.h"
#include "cpu.h"
#include "exception.h"
#include "guarded.h"
#include "process.h"
#include "truth.h"

#define MOST_ARGUMENTS 16

/* KSERVICE_TABLE_DESCRIPTOR, which no PDB describes. */
struct descriptor {
	void *base, *counters;
	word limit;
	u8 *arguments;
};

extern struct descriptor KeServiceDescriptorTable[2], KeServiceDescriptorTableShadow[2];
extern u32 KiServiceTable[];

#ifdef HAS_KiArgumentTable
extern u8 KiArgumentTable[];
#endif
#ifdef HAS_KiServiceLimit
extern u32 KiServiceLimit;
#endif

void wv_services_init(void)
{
	struct descriptor descriptor = { .base = KiServiceTable, .limit = wv_service_count };

	for (unsigned i = 0; i < wv_service_count; i++) {
		unsigned count = wv_services[i].arguments;
#if WV_POINTER == 8
		/* The distance from the table, and how many arguments are on the stack. */
		word distance = (word)wv_services[i].function - (word)KiServiceTable;

		KiServiceTable[i] = (u32)distance << 4 | (count > 4 ? count - 4 : 0);
#else
		KiServiceTable[i] = (u32)wv_services[i].function;
#endif
#ifdef HAS_KiArgumentTable
		KiArgumentTable[i] = (u8)(count * WV_POINTER);
#endif
	}
#ifdef HAS_KiArgumentTable
	descriptor.arguments = KiArgumentTable;
#endif
#ifdef HAS_KiServiceLimit
	KiServiceLimit = wv_service_count;
#endif
	KeServiceDescriptorTable[0] = descriptor;
	KeServiceDescriptorTableShadow[0] = descriptor;
}

/* What the table says about a service: its function, and how many arguments it takes. */
static void *service_function(unsigned number, unsigned *count)
{
#if WV_POINTER == 8
	int entry = (int)((u32 *)KeServiceDescriptorTable[0].base)[number];

	*count = 4 + (entry & 15);
	return (u8 *)KeServiceDescriptorTable[0].base + (entry >> 4);
#else
	*count = KeServiceDescriptorTable[0].arguments[number] / 4;
	return (void *)((u32 *)KeServiceDescriptorTable[0].base)[number];
#endif
}

/* Called by assembly. True when the frame's registers are all to be restored. */
u32 wv_service(struct _KTRAP_FRAME *frame)
{
	struct _ETHREAD *thread = wv_current_thread();
	struct wv_thread_info *info = wv_thread_info(thread);
	word arguments[MOST_ARGUMENTS] = { 0 }, result;
	unsigned number, count;
	void *function;
	bool bad = false;

	thread->Tcb.PreviousMode = USER_MODE;
	thread->Tcb.TrapFrame = frame;
#if WV_POINTER == 8
	number = (u32)frame->Rax;
#else
	number = frame->Eax;
#endif
	if (number >= KeServiceDescriptorTable[0].limit) {
		wv_frame_set_result(frame, STATUS_INVALID_SYSTEM_SERVICE);
		return 0;
	}
	function = service_function(number, &count);
#if WV_POINTER == 8
	arguments[0] = frame->Rcx;
	arguments[1] = frame->Rdx;
	arguments[2] = frame->R8;
	arguments[3] = frame->R9;
	if (count > 4)
		bad = wv_copy_guarded(arguments + 4, (void *)(frame->Rsp + 40), (count - 4) * 8);
#else
	bad = wv_copy_guarded(arguments, (void *)(frame->Edx + 8), count * 4);
#endif
	if (bad) {
		wv_frame_set_result(frame, STATUS_ACCESS_VIOLATION);
		return 0;
	}
	info->frame_replaced = false;
	result = wv_call_with(function, arguments, count);
	if (info->frame_replaced)
		return 1;
	wv_frame_set_result(frame, (u32)result);
	return 0;
}
