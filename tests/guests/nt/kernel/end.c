// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of threads and processes. */
#include "end.h"
#include "cpu.h"
#include "damage.h"
#include "handle.h"
#include "object.h"
#include "process.h"
#include "schedule.h"
#include "service.h"
#include "truth.h"
#include "user.h"

#define TERMINATED 4 /* _KTHREAD_STATE */

/* Objects that may not be needed any more; one may be in it twice. */
static struct {
	struct wv_lock lock;
	unsigned first, last;
	void *objects[1024];
} queue;

void wv_reap_later(void *object)
{
	struct _OBJECT_TYPE *type = wv_type_of(object);

	if (type != wv_types[WV_PROCESS] && type != wv_types[WV_THREAD])
		return;
	wv_take(&queue.lock);
	queue.objects[queue.last++ % COUNT_OF(queue.objects)] = object;
	wv_release(&queue.lock);
}

static void *take_object(void)
{
	void *object = NULL;

	wv_take(&queue.lock);
	if (queue.first != queue.last)
		object = queue.objects[queue.first++ % COUNT_OF(queue.objects)];
	wv_release(&queue.lock);
	return object;
}

static void tell_process_call(const struct wv_call *call, struct _EPROCESS *process)
{
	if (!wv_fact_call(call))
		return;
	wv_fact_hex("process", (word)process);
	wv_fact_int("process_pid", (long long)(word)process->UniqueProcessId);
	wv_fact_text("process_image", wv_process_info(process)->image);
	wv_fact_end();
}

NTAPI void wv_MmCleanProcessAddressSpace(struct _EPROCESS *process)
{
	struct wv_call call = wv_enter("MmCleanProcessAddressSpace");

	tell_process_call(&call, process);
}

NTAPI void wv_PspProcessDelete(struct _EPROCESS *process)
{
	struct wv_call call = wv_enter("PspProcessDelete");

	tell_process_call(&call, process);
	if (wv_process_info(process)->listed)
		wv_process_forget(process);
	wv_id_remove((word)process->UniqueProcessId, call.sequence);
	wv_process_recycle(process);
}

NTAPI void wv_PspThreadDelete(struct _ETHREAD *thread)
{
	struct wv_call call = wv_enter("PspThreadDelete");

	if (wv_fact_call(&call)) {
		wv_fact_hex("deleted", (word)thread);
		wv_fact_int("deleted_tid", (long long)(word)thread->Cid.UniqueThread);
		wv_fact_end();
	}
	wv_id_remove((word)thread->Cid.UniqueThread, call.sequence);
	if (wv_thread_info(thread)->teb)
		wv_user_thread_gone(thread);
	thread->Cid.UniqueThread = NULL;
	__atomic_sub_fetch(&wv_process_info(wv_process_of(thread))->objects, 1, __ATOMIC_SEQ_CST);
	wv_thread_recycle(thread);
}

static void end_process(struct _EPROCESS *process, ntstatus status)
{
	struct _HANDLE_TABLE *table = process->ObjectTable;

	if (process->ExitStatus == 0x103)
		process->ExitStatus = (int)status;
	process->ExitTime.QuadPart = process->CreateTime.QuadPart + 10000000;
	if (!wv_is_damaged())
		wv_handles_close(table);
	process->ObjectTable = NULL;
	process->Pcb.Header.SignalState = 1;
	MmCleanProcessAddressSpace(process);
	wv_process_info(process)->ended = true;
}

NTAPI void wv_PspExitThread(ntstatus status)
{
	struct _ETHREAD *thread = wv_current_thread();
	struct _EPROCESS *process = wv_process_of(thread);
	struct wv_call call = wv_enter("PspExitThread");

	wv_thread_info(thread)->told_to_end = false;
	if (wv_fact_call(&call)) {
		wv_fact_hex("status", status);
		wv_fact_end();
	}
	if ((struct _EPROCESS *)thread->Tcb.ApcState.Process != process)
		wv_attach(process);
	wv_serve_never_returns();
	if (!__atomic_sub_fetch(&wv_process_info(process)->running, 1, __ATOMIC_SEQ_CST))
		end_process(process, status);
	thread->Tcb.Header.SignalState = 1;
	wv_thread_exit(status);
}

void wv_end_without_threads(struct _EPROCESS *process, ntstatus status)
{
	if (!wv_process_info(process)->threads)
		end_process(process, status);
}

/* With the lock held. */
static bool tell_to_end(struct _ETHREAD *thread, ntstatus status)
{
	struct wv_thread_info *info = wv_thread_info(thread);

	if (info->told_to_end || thread->Tcb.State == TERMINATED)
		return false;
	info->end_status = status;
	info->told_to_end = true;
	wv_resume(thread);
	return true;
}

bool wv_tell_to_end(struct _ETHREAD *thread, ntstatus status)
{
	bool told;

	wv_lock_threads();
	told = tell_to_end(thread, status);
	wv_unlock_threads();
	return told;
}

void wv_end_threads(struct _EPROCESS *process, ntstatus status)
{
	struct _ETHREAD *current = wv_current_thread();

	wv_lock_threads();
	for (struct _LIST_ENTRY *link = (void *)process->ThreadListHead.Flink;
	     link != &process->ThreadListHead; link = (void *)link->Flink) {
		struct _ETHREAD *thread = (void *)((u8 *)link - OFF__ETHREAD_ThreadListEntry);

		if (thread != current)
			tell_to_end(thread, status);
	}
	wv_unlock_threads();
}

/* Whether a thread can go; those that are gone already have no number any more. */
static bool thread_is_done(struct _ETHREAD *thread)
{
	return thread->Tcb.State == TERMINATED && thread->Cid.UniqueThread &&
	       !wv_header_of(thread)->HandleCount;
}

static bool process_is_done(struct _EPROCESS *process)
{
	return wv_process_info(process)->ended && !wv_process_info(process)->objects &&
	       !wv_header_of(process)->HandleCount;
}

static void reap_process(struct _EPROCESS *process)
{
	if (!process_is_done(process))
		return;
	wv_process_info(process)->ended = false;
	PspProcessDelete(process);
}

static void reap(void *object)
{
	struct _EPROCESS *owner;

	/* A thread that ends holds this until its CPU has left its stack. */
	wv_lock_threads();
	wv_unlock_threads();
	if (wv_type_of(object) == wv_types[WV_PROCESS]) {
		reap_process(object);
		return;
	}
	if (!thread_is_done(object))
		return;
	owner = wv_process_of(object);
	PspThreadDelete(object);
	reap_process(owner);
}

void wv_reaper(word argument)
{
	(void)argument;
	while (wv_threads_alive() > 1 || queue.first != queue.last) {
		void *object;

		while ((object = take_object()))
			reap(object);
		wv_yield();
	}
}
