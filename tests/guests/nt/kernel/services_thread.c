// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads: made, opened, ended. */
#include "cpu.h"
#include "end.h"
#include "handle.h"
#include "process.h"
#include "reach.h"
#include "schedule.h"
#include "service.h"

/* Its start is the program's, whatever it is asked for; its argument is what the program does. */
static ntstatus create_thread_ex(struct wv_request *request)
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
	thread = wv_user_thread_create(process, arguments[5] & 0xffff, arguments[5] >> 16);
	thread->Win32StartAddress = (void *)arguments[4];
	status = wv_give_handle(arguments[0], thread, (u32)arguments[1], 0, mode);
	wv_make_ready(thread);
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
	if (thread == wv_current_thread())
		PspExitThread(end);
	if (!wv_tell_to_end(thread, end))
		return STATUS_THREAD_IS_TERMINATING;
	return STATUS_SUCCESS;
}

static ntstatus open_thread(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	struct _OBJECT_ATTRIBUTES attributes;
	struct _CLIENT_ID id;
	word none = 0;
	void *object;

	if (!wv_store(mode, arguments[0], &none, sizeof(none)) ||
	    !wv_fetch(mode, &attributes, arguments[2], sizeof(attributes)))
		return STATUS_ACCESS_VIOLATION;
	if (!arguments[3])
		return STATUS_INVALID_PARAMETER;
	if (!wv_fetch(mode, &id, arguments[3], sizeof(id)))
		return STATUS_ACCESS_VIOLATION;
	object = wv_id_object((word)id.UniqueThread);
	if (!object || wv_type_of(object) != wv_types[WV_THREAD])
		return STATUS_INVALID_CID;
	if (id.UniqueProcess && id.UniqueProcess != wv_process_of(object)->UniqueProcessId)
		return STATUS_INVALID_CID;
	return wv_give_handle(arguments[0], object, (u32)arguments[1], attributes.Attributes, mode);
}

const struct wv_handler wv_thread_handlers[] = {
	{ "NtCreateThreadEx", create_thread_ex, "h.oH......." },
	{ "NtTerminateThread", terminate_thread, "H." },
	{ "NtOpenThread", open_thread, "h.oc" },
	{ .name = NULL },
};
