// SPDX-License-Identifier: GPL-2.0-or-later
/* The queue of threads, and the change from one to the next. */
#include "schedule.h"
#include "cpu.h"
#include "end.h"
#include "power.h"
#include "process.h"
#include "truth.h"

enum { READY = 1, RUNNING = 2, TERMINATED = 4 }; /* _KTHREAD_STATE */

static struct {
	struct wv_lock lock; /* held over the change of stacks: the next thread releases it */
	struct _ETHREAD *first, *last;
	unsigned alive;
} queue;

static void append(struct _ETHREAD *thread)
{
	wv_thread_info(thread)->next = NULL;
	if (queue.last)
		wv_thread_info(queue.last)->next = thread;
	else
		queue.first = thread;
	queue.last = thread;
	thread->Tcb.State = READY;
}

void wv_make_ready(struct _ETHREAD *thread)
{
	wv_take(&queue.lock);
	queue.alive++;
	append(thread);
	wv_release(&queue.lock);
}

bool wv_resume(struct _ETHREAD *thread)
{
	if (!wv_thread_info(thread)->suspended)
		return false;
	wv_thread_info(thread)->suspended = false;
	queue.alive++;
	append(thread);
	return true;
}

static struct _ETHREAD *take_first(void)
{
	struct _ETHREAD *thread = queue.first;

	if (!thread)
		return NULL;
	queue.first = wv_thread_info(thread)->next;
	if (!queue.first)
		queue.last = NULL;
	return thread;
}

/* With the lock held; returns when this thread runs again, with the lock released. */
static void run(struct _ETHREAD *next)
{
	struct _ETHREAD *current = wv_current_thread();
	struct wv_thread_info *info = wv_thread_info(next);

	next->Tcb.State = RUNNING;
	current->Tcb.KernelStack = (void *)wv_thread_info(current)->stack;
	wv_cpu_enter_thread(next, info->stack_top, info->teb,
			    wv_process_info(wv_process_of(next))->is_32bit);
	if (wv_cr3() != info->root)
		wv_set_cr3(info->root);
	KiSwapContext(&wv_thread_info(current)->stack, info->stack);
	wv_release(&queue.lock);
}

void wv_yield(void)
{
	struct _ETHREAD *next;

	wv_take(&queue.lock);
	next = take_first();
	if (!next) {
		wv_release(&queue.lock);
		return;
	}
	append(wv_current_thread());
	run(next);
}

void wv_lock_threads(void)
{
	wv_take(&queue.lock);
}

void wv_unlock_threads(void)
{
	wv_release(&queue.lock);
}

unsigned wv_threads_alive(void)
{
	return __atomic_load_n(&queue.alive, __ATOMIC_SEQ_CST);
}

void wv_end_if_told(void)
{
	struct wv_thread_info *info = wv_thread_info(wv_current_thread());

	if (!info->told_to_end)
		return;
	PspExitThread(info->end_status);
}

void wv_thread_exit(ntstatus status)
{
	struct _ETHREAD *thread = wv_current_thread(), *next;
	struct _EPROCESS *process = wv_process_of(thread);

	wv_take(&queue.lock);
	thread->ExitStatus = (int)status;
	thread->Tcb.State = TERMINATED;
	wv_list_remove(&thread->ThreadListEntry);
	wv_list_remove(&thread->Tcb.ThreadListEntry);
	process->ActiveThreads--;
	queue.alive--;
	wv_reap_later(thread);
	next = take_first();
	run(next ? next : (struct _ETHREAD *)wv_pcr()->PCR_PRCB.IdleThread);
	wv_broken("a thread that had ended ran again");
}

void wv_thread_begin(void)
{
	struct wv_thread_info *info = wv_thread_info(wv_current_thread());

	wv_release(&queue.lock);
	if (!info->function)
		return;
	info->function(info->argument);
	wv_thread_exit(STATUS_SUCCESS);
}

void wv_idle(void)
{
	static unsigned done;

	for (;;) {
		struct _ETHREAD *next;
		unsigned alive;

		wv_take(&queue.lock);
		next = take_first();
		alive = queue.alive;
		if (next) {
			run(next);
			continue;
		}
		wv_release(&queue.lock);
		if (!alive && wv_telling && !__atomic_exchange_n(&done, 1, __ATOMIC_SEQ_CST)) {
			wv_fact("end");
			wv_fact_end();
			wv_power_off();
		}
		for (int i = 0; i < 100; i++)
			wv_pause();
	}
}

void wv_attach(struct _EPROCESS *process)
{
	struct _ETHREAD *thread = wv_current_thread();
	bool back = process == wv_process_of(thread);

	thread->Tcb.ApcState.Process = &process->Pcb;
	thread->Tcb.ApcStateIndex = !back;
	wv_thread_info(thread)->root = wv_process_info(process)->root;
	wv_set_cr3(wv_process_info(process)->root);
}
