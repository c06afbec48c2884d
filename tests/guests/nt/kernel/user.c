// SPDX-License-Identifier: GPL-2.0-or-later
/* Fills in the user half of a new process: program, PEB, and each thread's TEB and stack. */
#include "user.h"
#include "boot_info.h"
#include "memory.h"
#include "object.h"
#include "schedule.h"
#include "truth.h"

#define DATA	    (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_NX)
#define CODE	    (PTE_PRESENT | PTE_USER)
#define STACK_PAGES 4
#define STACK_HEAD  0x100 /* above a 32-bit program's first return address */
#define TEB_PAGES   4
#define SLOTS	    13u /* threads that a process has room for: up to USER_LDR */
#define SLOT_SIZE   0x10000u
#define TURNS	    10000000u /* more than the end of a thread takes */

#if WV_POINTER == 4
static u64 shared_data;

void wv_share_data(void)
{
	struct _KUSER_SHARED_DATA *data;

	shared_data = wv_physical_pages(1);
	wv_map(wv_boot.root_pa, KERNEL_SHARED_DATA, shared_data, PTE_PRESENT | PTE_WRITE);
	data = wv_physical(shared_data);
	/* Where SYSENTER's way back goes: all programs have ntdll.dll at the same place. */
	data->SystemCallReturn = USER_FAST_CALL_RETURN;
}
#endif

/* Before a program's first instruction: where it has its other entries, relative to the first. */
struct program {
	int dispatcher;	 /* of exceptions */
	int system_call; /* a WoW64 program's way to system calls */
};

/* New pages of the process at an address; where the kernel can fill them in. */
void *wv_user_pages(struct _EPROCESS *process, word va, unsigned count, u64 flags)
{
	u64 pa = wv_physical_pages(count);

	for (unsigned i = 0; i < count; i++)
		wv_map(wv_process_info(process)->root, va + i * PAGE, pa + i * PAGE, flags);
	return wv_physical(pa);
}

/* All processes share a program's pages. */
static void map_program(struct _EPROCESS *process, unsigned which, word va)
{
	for (u64 at = 0; at < wv_boot.user_size[which]; at += PAGE)
		wv_map(wv_process_info(process)->root, va + (word)at, wv_boot.user_pa[which] + at,
		       CODE);
}

static const struct program *program_of(unsigned which)
{
	u8 *entry = wv_physical(wv_boot.user_pa[which] + wv_boot.user_entry[which]);

	return (const struct program *)entry - 1;
}

static void make_peb(struct _EPROCESS *process, const struct wv_process_plan *plan, word image)
{
	struct _PEB *peb = wv_user_pages(process, USER_PEB, 1, DATA);

	peb->ImageBaseAddress = (void *)image;
	peb->Ldr = (void *)(word)USER_LDR;
	peb->ProcessParameters = (void *)(word)USER_PARAMETERS;
	peb->SessionId = (u32)plan->session;
	peb->NumberOfProcessors = wv_boot.cpus;
	peb->OSMajorVersion = WV_OS_MAJOR;
	peb->OSMinorVersion = WV_OS_MINOR;
	peb->OSBuildNumber = WV_OS_BUILD;
	peb->OSPlatformId = 2;
	process->Peb = (void *)(word)USER_PEB;
	process->SectionBaseAddress = (void *)image;
	if (plan->unreadable_peb)
		*wv_pte(wv_process_info(process)->root, USER_PEB) = 0;
}

#if WV_POINTER == 8
static void make_wow64(struct _EPROCESS *process, const struct wv_process_plan *plan)
{
	u8 *peb = wv_user_pages(process, USER_PEB_32, 1, DATA);

	*(u32 *)(peb + 0x8) = USER_IMAGE_32;
	*(u32 *)(peb + 0x10) = USER_PARAMETERS + 0x1000;
	*(u32 *)(peb + 0x1d4) = (u32)plan->session;
#ifdef OFF__EPROCESS_WoW64Process
	{
		struct _EWOW64PROCESS *wow64 = wv_kernel_pages(1);

		wow64->Peb = (void *)(word)USER_PEB_32;
		process->WoW64Process = wow64;
	}
#else
	process->Wow64Process = (void *)(word)USER_PEB_32;
#endif
}
#endif

void wv_user_memory(struct _EPROCESS *process, const struct wv_process_plan *plan)
{
	struct wv_process_info *info = wv_process_info(process);
	word image = USER_IMAGE;

	map_program(process, WV_PROGRAM, USER_IMAGE);
	map_program(process, WV_NTDLL, USER_NTDLL);
#if WV_POINTER == 4
	wv_map(info->root, USER_SHARED_DATA, shared_data, CODE);
#endif
	info->image_entry = USER_IMAGE + (word)wv_boot.user_entry[WV_PROGRAM];
	info->user_dispatcher = info->image_entry + (word)program_of(WV_PROGRAM)->dispatcher;
#if WV_POINTER == 8
	if (plan->is_32bit) {
		image = USER_IMAGE_32;
		map_program(process, WV_PROGRAM_32, USER_IMAGE_32);
		info->image_entry = USER_IMAGE_32 + (word)wv_boot.user_entry[WV_PROGRAM_32];
		make_wow64(process, plan);
	}
#endif
	wv_user_parameters(process, plan);
	make_peb(process, plan, image);
	wv_user_modules(process);
	wv_user_missing_pages(process);
}

/* As if a 32-bit program's entry had been called: its arguments behind a return address. */
static void put_arguments(u8 *top, word first, word second)
{
	u32 *stack = (u32 *)(top - STACK_HEAD);

	stack[1] = (u32)first;
	stack[2] = (u32)second;
}

/* The lowest number that no thread of the process has; waits for the end of those that have ended.
 */
static unsigned take_slot(struct wv_process_info *info)
{
	for (unsigned turn = 0; turn < TURNS; turn++) {
		unsigned slot = turn % SLOTS, bit = 1u << slot;

		if (!(__atomic_fetch_or(&info->slots, bit, __ATOMIC_SEQ_CST) & bit))
			return slot;
		if (slot + 1 == SLOTS)
			wv_yield();
	}
	wv_broken("a process has too many threads");
}

void wv_user_thread_gone(struct _ETHREAD *thread)
{
	__atomic_fetch_and(&wv_process_info(wv_process_of(thread))->slots,
			   ~(1u << wv_thread_info(thread)->slot), __ATOMIC_SEQ_CST);
}

/* Zeroed pages of a slot: those of the thread that had it before, if there was one. */
static u8 *slot_pages(struct _EPROCESS *process, word va, unsigned count)
{
	u64 *pte = wv_pte(wv_process_info(process)->root, va);

	return pte && *pte & PTE_PRESENT
		       ? memset(wv_physical(*pte & PTE_FRAME), 0, (size_t)count * PAGE)
		       : wv_user_pages(process, va, count, DATA);
}

word wv_user_thread_memory(struct _EPROCESS *process, struct _ETHREAD *thread, word first,
			   word second, struct _KTRAP_FRAME *frame)
{
	unsigned slot = take_slot(wv_process_info(process));
	word va = USER_TEBS + slot * SLOT_SIZE;
	word stack = USER_STACKS + slot * SLOT_SIZE + STACK_PAGES * PAGE;
	u8 *memory = slot_pages(process, va, TEB_PAGES);
	struct _TEB *teb = (void *)memory;
	u8 *top = slot_pages(process, stack - STACK_PAGES * PAGE, STACK_PAGES) + STACK_PAGES * PAGE;

	wv_thread_info(thread)->slot = slot;
	teb->NtTib.Self = (void *)va;
	teb->NtTib.StackBase = (void *)stack;
	teb->NtTib.StackLimit = (void *)(stack - STACK_PAGES * PAGE);
	teb->ClientId = thread->Cid;
	teb->ProcessEnvironmentBlock = process->Peb;
#if WV_POINTER == 8
	frame->Rsp = stack - 40; /* as if called: the return address and the home space */
	if (wv_process_info(process)->is_32bit) {
		u8 *teb_32 = memory + 2 * PAGE;

		*(u32 *)(teb_32 + 0x18) = (u32)va + 2 * PAGE;
		*(u32 *)(teb_32 + 0x20) = (u32)(word)thread->Cid.UniqueProcess;
		*(u32 *)(teb_32 + 0x24) = (u32)(word)thread->Cid.UniqueThread;
		*(u32 *)(teb_32 + 0x30) = USER_PEB_32;
		*(u32 *)(teb_32 + 0xc0) = (u32)(USER_IMAGE + wv_boot.user_entry[WV_PROGRAM]) +
					  (u32)program_of(WV_PROGRAM)->system_call;
		frame->Rsp = stack - STACK_HEAD;
		put_arguments(top, first, second);
	}
#else
	frame->HardwareEsp = stack - STACK_HEAD;
	put_arguments(top, first, second);
#endif
	return va;
}
