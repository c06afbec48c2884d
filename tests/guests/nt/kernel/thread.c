// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads: ETHREAD, and the stack on which each begins. */
#include "cpu.h"
#include "handle.h"
#include "memory.h"
#include "object.h"
#include "process.h"
#include "schedule.h"
#include "user.h"

#define OBJECT_THREAD 6
#define STACK_PAGES   8
#define FLAGS_USER    0x202 /* interrupts on */

#ifdef OFF__KTHREAD_ServiceTable
extern u8 KeServiceDescriptorTable[];
#endif

struct wv_thread_info *wv_thread_info(struct _ETHREAD *thread)
{
	return (void *)((u8 *)thread + ((SIZE__ETHREAD + 15) & ~15));
}

struct _EPROCESS *wv_process_of(const struct _ETHREAD *thread)
{
	return (struct _EPROCESS *)thread->Tcb.Process;
}

static struct wv_spares spares;

void wv_thread_recycle(struct _ETHREAD *thread)
{
	wv_spare_put(&spares, thread);
}

/* One that was deleted keeps its stack, too. */
static struct _ETHREAD *new_object(void)
{
	size_t size = SIZE__ETHREAD + 16 + sizeof(struct wv_thread_info);
	struct _ETHREAD *thread = wv_spare_take(&spares);
	word stack_top;

	if (!thread)
		return wv_object_create(WV_THREAD, size, NULL);
	stack_top = wv_thread_info(thread)->stack_top;
	memset(thread, 0, size);
	wv_thread_info(thread)->stack_top = stack_top;
	return thread;
}

void wv_thread_init(struct _ETHREAD *thread, struct _EPROCESS *process, word id)
{
	struct wv_thread_info *info = wv_thread_info(thread);
	word stack;

	if (!info->stack_top)
		info->stack_top = (word)wv_kernel_pages_fenced(STACK_PAGES) + STACK_PAGES * PAGE;
	stack = info->stack_top - STACK_PAGES * PAGE;
	info->root = wv_process_info(process)->root;
	thread->Tcb.Header.Type = OBJECT_THREAD;
	wv_list_init(&thread->Tcb.Header.WaitListHead);
	thread->Tcb.Process = &process->Pcb;
	thread->Tcb.ApcState.Process = &process->Pcb;
	thread->Tcb.InitialStack = (void *)info->stack_top;
	thread->Tcb.StackLimit = (void *)stack;
#ifdef OFF__KTHREAD_StackBase
	thread->Tcb.StackBase = (void *)info->stack_top;
#endif
	thread->Tcb.PreviousMode = KERNEL_MODE;
	thread->Cid.UniqueProcess = process->UniqueProcessId;
	thread->Cid.UniqueThread = (void *)id;
	thread->ExitStatus = 0x103;
#ifdef OFF__KTHREAD_ServiceTable
	thread->Tcb.ServiceTable = (void *)KeServiceDescriptorTable;
#endif
	wv_lock_threads();
	wv_list_add(&process->ThreadListHead, &thread->ThreadListEntry);
	wv_list_add(&process->Pcb.ThreadListHead, &thread->Tcb.ThreadListEntry);
	process->ActiveThreads++;
	wv_process_info(process)->threads++;
	__atomic_add_fetch(&wv_process_info(process)->objects, 1, __ATOMIC_SEQ_CST);
	wv_process_info(process)->running++;
	wv_unlock_threads();
}

static struct _ETHREAD *create(struct _EPROCESS *process)
{
	struct _ETHREAD *thread = new_object();
	word id = wv_id_next(ANY_CALL);

	wv_thread_init(thread, process, id);
	wv_id_put(id, thread);
	return thread;
}

/* A stack that wv_thread_entry begins on: a trap frame, and what KiSwapContext takes. */
static struct _KTRAP_FRAME *begin_stack(struct _ETHREAD *thread)
{
	struct wv_thread_info *info = wv_thread_info(thread);
	struct _KTRAP_FRAME *frame = (void *)(info->stack_top - SIZE__KTRAP_FRAME);
	word *stack = (word *)frame;

#if WV_POINTER == 4
	stack -= 2; /* the arguments of KiSwapContext, which takes them away */
#endif
	*--stack = (word)wv_thread_entry;
	/* The registers that a function keeps: 8 or 4 of them. */
	stack -= WV_POINTER;
	info->stack = (word)stack;
	thread->Tcb.TrapFrame = frame;
	return frame;
}

struct _ETHREAD *wv_thread_create(struct _EPROCESS *process, void (*function)(word), word argument)
{
	struct _ETHREAD *thread = create(process);
	struct wv_thread_info *info = wv_thread_info(thread);

	begin_stack(thread);
	info->function = function;
	info->argument = argument;
	thread->StartAddress = (void *)function;
	wv_make_ready(thread);
	return thread;
}

struct _ETHREAD *wv_user_thread_create(struct _EPROCESS *process, word first, word second)
{
	struct _ETHREAD *thread = create(process);
	struct wv_thread_info *info = wv_thread_info(thread);
	struct _KTRAP_FRAME *frame = begin_stack(thread);
	bool is_32bit = wv_process_info(process)->is_32bit;

	thread->Tcb.PreviousMode = USER_MODE;
	thread->StartAddress = (void *)wv_process_info(process)->image_entry;
	thread->Win32StartAddress = thread->StartAddress;
	info->teb = wv_user_thread_memory(process, thread, first, second, frame);
	thread->Tcb.Teb = (void *)info->teb;
	frame->SegCs = is_32bit ? SELECTOR_USER_32 : SELECTOR_USER;
	frame->EFlags = FLAGS_USER;
#if WV_POINTER == 8
	frame->SegSs = SELECTOR_USER_DATA;
	frame->Rip = wv_process_info(process)->image_entry;
	frame->Rcx = first;
	frame->Rdx = second;
#else
	frame->HardwareSegSs = SELECTOR_USER_DATA;
	frame->SegDs = frame->SegEs = SELECTOR_USER_DATA;
	frame->SegFs = SELECTOR_TEB;
	frame->Eip = wv_process_info(process)->image_entry;
#endif
	return thread;
}
