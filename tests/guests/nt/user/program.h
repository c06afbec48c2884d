/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the programs in user mode have: system services, and exceptions to make. */
#ifndef WV_NT_PROGRAM_H
#define WV_NT_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "scenario.h"

typedef uintptr_t word;
typedef uint32_t u32;

#if UINTPTR_MAX > 0xffffffffu
#define SERVICE
#else
#define SERVICE __attribute__((stdcall))
#endif

SERVICE u32 NtYieldExecution(void);
SERVICE u32 NtTerminateThread(word thread, u32 status);
SERVICE u32 NtClose(word handle);
SERVICE u32 NtContinue(void *context, u32 alert);
SERVICE u32 NtRaiseException(void *record, void *context, u32 first_chance);
SERVICE u32 NtDuplicateObject(word source_process, word source, word target_process, word *target,
			      u32 access, u32 attributes, u32 options);
SERVICE word wv_perform(word what, word step, word a, word b);
/* A system call whose number no service has. */
SERVICE u32 wv_no_service(void);

/* Assembly: makes an exception happen; the handler goes on behind it. */
enum wv_fault {
	FAULT_DIVIDE,
	FAULT_STEP,
	FAULT_BREAKPOINT,
	FAULT_OVERFLOW,
	FAULT_ILLEGAL,
	FAULT_PRIVILEGED,
	FAULT_READ,	 /* at the address */
	FAULT_WRITE,	 /* at the address */
	FAULT_EXECUTE,	 /* at the address */
	FAULT_UNHANDLED, /* as FAULT_ILLEGAL, but nobody wants it */
};
void wv_fault(word which, word address);

/* thread: a number that no other thread has. */
void wv_duplicate_all(word thread);
void wv_fault_all(void);

#endif
