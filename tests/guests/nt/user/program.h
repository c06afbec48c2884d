/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the programs in user mode have: system services, and exceptions to make. */
#ifndef WV_NT_PROGRAM_H
#define WV_NT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario.h"
#include "services.h"

typedef uintptr_t word;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Assembly: a system call, by ntdll, or by an instruction of the program's own. */
u32 wv_invoke(u32 number, u32 direct, const word *arguments, u32 count);

#define VALUES(...) ((const word[]){ __VA_ARGS__ })
#define CALL(name, ...)                                                                            \
	wv_invoke(SYS_##name, false, VALUES(__VA_ARGS__),                                          \
		  sizeof(VALUES(__VA_ARGS__)) / sizeof(word))
#define CALL_DIRECTLY(name, ...)                                                                   \
	wv_invoke(SYS_##name, true, VALUES(__VA_ARGS__), sizeof(VALUES(__VA_ARGS__)) / sizeof(word))

#define NtYieldExecution()	     CALL(NtYieldExecution, 0)
#define NtClose(handle)		     CALL(NtClose, handle)
#define wv_perform(what, step, a, b) CALL(wv_perform, what, step, a, b)
/* A system call whose number no service has. */
#define wv_no_service() wv_invoke(0xfff, false, VALUES(0), 0)

#define SELF	    ((word)-1) /* the current process's handle, and thread's */
#define SELF_THREAD ((word)-2)

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
void wv_procmon_all(word thread);
void wv_open_all(word thread);
void wv_adjust_all(word thread);
void wv_protect_all(void);
void wv_syscalls_all(word thread);
void wv_named_all(void);
void wv_files_all(word thread);
/* As many calls, or threads that are ended in one, as the command line says. */
void wv_callstorm(void);
void wv_killstorm(void);

/* The low byte of a child's number: what it does. */
enum wv_task {
	TERMINATES_OTHERS_FIRST = 1,
	WAITS_FOR_EVER,
	ENDS_ITS_THREAD,
	OPENS,
	WAITS_FOR_ITSELF,
	LOSES_MODULES, /* and the next two */
	ENDS_NO_THREAD = 9,
	WAITS_IN_A_CALL,
	WAITS_DEEP, /* by the next byte: how deep on the kernel's stack */
	CONTINUES,
};
/* What a process does that another one has made. */
void wv_child(word number);
/* Has a thread do what a child does, which waits, and ends it. */
void wv_kill_thread(word number, u32 status);
/* The same with one that ends by itself. */
void wv_let_thread_end(word number);
/* Goes on elsewhere by a CONTEXT, by an exception's then, and ends the thread. */
void wv_continue(void);
/* Spoils the program's list of modules, in one of three ways. */
void wv_lose_modules(word how);

#endif
