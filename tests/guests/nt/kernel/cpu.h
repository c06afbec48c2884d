/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A virtual CPU as Windows sets it up: KPCR and KPRCB, descriptor tables, machine registers. */
#ifndef WV_NT_CPU_H
#define WV_NT_CPU_H

#include "nt.h"

#define MAX_CPUS 4

#if WV_POINTER == 8
#define PCR_PRCB	     Prcb
#define OFF_PCR_PRCB	     OFF__KPCR_Prcb
#define PCR_SEGMENT	     "gs"
#define OFF_PCR_SELF	     OFF__KPCR_Self
#define SELECTOR_KERNEL_CODE 0x10
#define SELECTOR_USER_32     0x23
#define SELECTOR_USER_DATA   0x2b
#define SELECTOR_USER_64     0x33
#define SELECTOR_TSS	     0x40
#define SELECTOR_TEB	     0x53
#define SELECTOR_USER	     SELECTOR_USER_64
#else
#define PCR_PRCB	     PrcbData
#define OFF_PCR_PRCB	     OFF__KPCR_PrcbData
#define PCR_SEGMENT	     "fs"
#define OFF_PCR_SELF	     OFF__KPCR_SelfPcr
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_32     0x1b
#define SELECTOR_USER_DATA   0x23
#define SELECTOR_TSS	     0x28
#define SELECTOR_PCR	     0x30
#define SELECTOR_TEB	     0x3b
#define SELECTOR_USER	     SELECTOR_USER_32
#endif

/* One exception vector: its entry in assembly. */
struct wv_vector {
	u32 number, dpl;
	void *entry; /* at the build's address */
};

extern struct _KPCR *wv_pcrs[MAX_CPUS];
extern unsigned wv_cpu_count;

/* Sets up the CPU that runs this; it gets the given idle thread as its current one. */
void wv_cpu_init(unsigned number, struct _ETHREAD *idle);
/* Makes a CPU's KPCR known before that CPU runs. */
void wv_cpu_prepare(unsigned number);
/* What a thread's start on this CPU changes besides its stack and its address space. */
void wv_cpu_enter_thread(struct _ETHREAD *thread, word kernel_stack, word teb, bool is_32bit);
/* Starts all other CPUs; each comes out in wv_cpu_started() on its idle thread's stack. */
void wv_start_cpus(void);
void wv_cpu_started(unsigned number);

/* Assembly: leaves the stack that it is on for another; the old one's pointer goes to *save. */
NTAPI void KiSwapContext(word *save, word load);
/* Assembly: calls a function with the given arguments. */
word wv_call_with(void *function, const word *arguments, unsigned count);
/* Assembly: leaves a program's system call by its frame. */
__attribute__((noreturn)) void wv_leave(struct _KTRAP_FRAME *frame);
/* Assembly: where a new thread begins. */
extern char wv_thread_entry[];
/* Assembly: goes on in a function on another stack. */
__attribute__((noreturn)) void wv_run_on(word stack, void (*function)(void));

static inline struct _KPCR *wv_pcr(void)
{
	struct _KPCR *pcr;

	__asm__ volatile("mov %%" PCR_SEGMENT ":%c1, %0" : "=r"(pcr) : "i"(OFF_PCR_SELF));
	return pcr;
}

static inline struct _ETHREAD *wv_current_thread(void)
{
	struct _ETHREAD *thread;

	__asm__ volatile("mov %%" PCR_SEGMENT ":%c1, %0"
			 : "=r"(thread)
			 : "i"(OFF_PCR_PRCB + OFF__KPRCB_CurrentThread));
	return thread;
}

static inline unsigned wv_cpu_number(void)
{
	return wv_pcr()->PCR_PRCB.Number;
}

static inline u64 wv_cr3(void)
{
	word value;

	__asm__ volatile("mov %%cr3, %0" : "=r"(value));
	return value;
}

static inline void wv_set_cr3(u64 value)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"((word)value) : "memory");
}

#endif
