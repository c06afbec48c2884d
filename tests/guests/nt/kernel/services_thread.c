// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads: made, and ended. */
#include "cpu.h"
#include "end.h"
#include "handle.h"
#include "process.h"
#include "reach.h"
#include "schedule.h"
#include "service.h"
#include "../user/context.h"

/*
 * A thread's start is the program's, whatever it is asked for; its argument is what the program
 * does: the action, and above it the number.
 */
#define ACTION_BITS 16

/* Makes a thread, and puts its handle where the first argument says. */
static ntstatus make(struct wv_request *request, word start, word argument, struct _ETHREAD **made)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	struct _ETHREAD *thread;
	word none = 0;
	void *process;
	ntstatus status;

	if (!wv_store(mode, arguments[0], &none, sizeof(none)))
		return STATUS_ACCESS_VIOLATION;
	status = wv_reach(arguments[3], WV_PROCESS, mode, &process);
	if (status)
		return status;
	if (!((struct _EPROCESS *)process)->ObjectTable || process == PsInitialSystemProcess)
		return STATUS_PROCESS_IS_TERMINATING;
	thread = wv_user_thread_create(process, argument & ((1 << ACTION_BITS) - 1),
				       argument >> ACTION_BITS);
	thread->Win32StartAddress = (void *)start;
	*made = thread;
	return wv_give_handle(arguments[0], thread, (u32)arguments[1], 0, mode);
}

static ntstatus create_thread_ex(struct wv_request *request)
{
	struct _ETHREAD *thread = NULL;
	ntstatus status = make(request, request->arguments[4], request->arguments[5], &thread);

	if (thread)
		wv_make_ready(thread);
	return status;
}

/* What the thread begins with is in registers of a CONTEXT. */
static ntstatus create_thread(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	struct _ETHREAD *thread = NULL;
	word start, argument;
	ntstatus status;

	if (!wv_fetch(mode, &start, arguments[5] + OFF_CONTEXT_START, sizeof(start)) ||
	    !wv_fetch(mode, &argument, arguments[5] + OFF_CONTEXT_ARGUMENT, sizeof(argument)))
		return STATUS_ACCESS_VIOLATION;
	status = make(request, start, argument, &thread);
	if (thread) {
		wv_store(mode, arguments[4], &thread->Cid, sizeof(thread->Cid));
		wv_make_ready(thread);
	}
	return status;
}

static ntstatus terminate_thread(struct wv_request *request)
{
	word handle = request->arguments[0] ? request->arguments[0] : CURRENT_THREAD;
	ntstatus end = (u32)request->arguments[1];
	struct _ETHREAD *thread;
	void *object;
	ntstatus status = wv_reach(handle, WV_THREAD, request->call.mode, &object);

	if (status)
		return status;
	thread = object;
	/* a process's last thread can not be meant by chance */
	if (!request->arguments[0] && wv_process_info(wv_process_of(thread))->running == 1)
		return STATUS_CANT_TERMINATE_SELF;
	if (thread == wv_current_thread())
		PspExitThread(end);
	if (!wv_tell_to_end(thread, end))
		return STATUS_THREAD_IS_TERMINATING;
	return STATUS_SUCCESS;
}

static ntstatus resume_thread(struct wv_request *request)
{
	u32 mode = request->call.mode, before;
	void *object;
	ntstatus status = wv_reach(request->arguments[0], WV_THREAD, mode, &object);

	if (status)
		return status;
	wv_lock_threads();
	before = wv_resume(object);
	wv_unlock_threads();
	return !request->arguments[1] ||
			       wv_store(mode, request->arguments[1], &before, sizeof(before))
		       ? STATUS_SUCCESS
		       : STATUS_ACCESS_VIOLATION;
}

const struct wv_handler wv_thread_handlers[] = {
	{ "NtCreateThreadEx", create_thread_ex, "h.oH......." },
	{ "NtCreateThread", create_thread, "h.oHC..." },
	{ "NtTerminateThread", terminate_thread, "H." },
	{ "NtResumeThread", resume_thread, "Hd" },
	{ .name = NULL },
};
