// SPDX-License-Identifier: GPL-2.0-or-later
/* System calls: from the number in EAX to the function, through the table that Windows has. */
#include "nt.h"
#include "service.h"
#include "cpu.h"
#include "exception.h"
#include "frame.h"
#include "guarded.h"
#include "process.h"
#include "reach.h"
#include "schedule.h"
#include "services.h"
#include "user.h"

#define MOST_ARGUMENTS 18

/* KSERVICE_TABLE_DESCRIPTOR, which no PDB describes. */
struct descriptor {
	void *base, *counters;
	word limit;
	u8 *arguments;
};

NTAPI word wv_perform(word what, word step, word a, word b);

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
	wv_serve_init();
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

/* What _KTHREAD says of the call that a thread is in. */
static void note(struct _KTHREAD *thread, unsigned number, word first)
{
#ifdef OFF__KTHREAD_SystemCallNumber
	thread->SystemCallNumber = number;
#else
	(void)number;
#endif
	thread->FirstArgument = (void *)first;
}

#if WV_POINTER == 8
#define FRAME_NUMBER   Rax
#define FRAME_PREVIOUS PreviousMode
#else
#define FRAME_NUMBER   Eax
#define FRAME_PREVIOUS PreviousPreviousMode
#endif

/* A service's arguments: in registers and above the caller's stack pointer. */
static bool gather(word *arguments, unsigned count, const struct _KTRAP_FRAME *frame, u32 mode)
{
#if WV_POINTER == 8
	arguments[0] = frame->Rcx;
	arguments[1] = frame->Rdx;
	arguments[2] = frame->R8;
	arguments[3] = frame->R9;
	return count <= 4 || wv_fetch(mode, arguments + 4, frame->Rsp + 40, (count - 4) * 8);
#else
	/* A program's stub has called another one. */
	return wv_fetch(mode, arguments, frame->Edx + (mode == USER_MODE ? 8 : 0), count * 4);
#endif
}

/* Where a program goes on behind its system call. */
static word caller(const struct _KTRAP_FRAME *frame)
{
#if WV_POINTER == 4
	u32 behind_stub;

	/* SYSENTER comes back in ntdll.dll, from where it returns to the caller. */
	if (frame->Eip == USER_FAST_CALL_RETURN &&
	    !wv_copy_guarded(&behind_stub, (void *)frame->HardwareEsp, sizeof(behind_stub)))
		return behind_stub;
#endif
	return (word)frame->FRAME_IP;
}

static word call(struct _KTRAP_FRAME *frame, u32 mode)
{
	struct wv_thread_info *info = wv_thread_info(wv_current_thread());
	word arguments[MOST_ARGUMENTS] = { 0 };
	unsigned number = (u32)frame->FRAME_NUMBER, count;
	void *function = wv_perform;

	if (number == SYS_wv_perform) {
		count = 4;
	} else {
		if (number >= KeServiceDescriptorTable[0].limit)
			return STATUS_INVALID_SYSTEM_SERVICE;
		function = service_function(number, &count);
		info->asked_for = number + 1;
	}
	if (!gather(arguments, count, frame, mode)) {
		info->asked_for = 0;
		return STATUS_ACCESS_VIOLATION;
	}
	info->called_from = mode == USER_MODE ? caller(frame) : 0;
	note(&wv_current_thread()->Tcb, number, arguments[0]);
	return wv_call_with(function, arguments, count);
}

/*
 * Called by assembly for a call from the kernel, by a stub: the thread's previous mode is the
 * kernel's until it returns.
 */
void wv_service_internal(struct _KTRAP_FRAME *frame)
{
	struct _KTHREAD *thread = &wv_current_thread()->Tcb;
	struct _KTRAP_FRAME *before = (void *)thread->TrapFrame;

	frame->FRAME_PREVIOUS = thread->PreviousMode;
	thread->PreviousMode = KERNEL_MODE;
	thread->TrapFrame = frame;
	wv_frame_set_result(frame, (u32)call(frame, KERNEL_MODE));
	thread->TrapFrame = before;
	thread->PreviousMode = frame->FRAME_PREVIOUS;
}

/*
 * Called by assembly for a call from a program. It is always at the same place of the thread's
 * stack that such a call's frame is, so a program's thread keeps it as its trap frame.
 */
void wv_service(struct _KTRAP_FRAME *frame)
{
	struct _KTHREAD *thread = &wv_current_thread()->Tcb;

	thread->PreviousMode = USER_MODE;
	thread->TrapFrame = frame;
	wv_end_if_told();
	wv_frame_set_result(frame, (u32)call(frame, USER_MODE));
	wv_end_if_told();
}

void wv_service_leave(void)
{
	wv_serve_never_returns();
	wv_end_if_told();
	wv_leave((void *)wv_current_thread()->Tcb.TrapFrame);
}
