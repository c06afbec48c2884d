// SPDX-License-Identifier: GPL-2.0-or-later
/* Handles of any object: duplicated, signalled, waited for. */
#include "cpu.h"
#include "handle.h"
#include "process.h"
#include "reach.h"
#include "schedule.h"
#include "service.h"
#include "stubs.h"

#define DUPLICATE_CLOSE_SOURCE 1u
#define DUPLICATE_SAME_ACCESS  2u

static ntstatus process_of(word handle, u32 mode, struct _EPROCESS **process)
{
	void *object = NULL;
	ntstatus status = wv_reach(handle, WV_PROCESS, mode, &object);

	*process = object;
	return status;
}

enum { SOURCE_PROCESS, SOURCE, TARGET_PROCESS, TARGET, ACCESS, ATTRIBUTES, OPTIONS };

/* A handle of the object in the process that is to have one. */
static ntstatus give_target(struct wv_request *request, void *object)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode, options = (u32)arguments[OPTIONS];
	struct _EPROCESS *to;
	ntstatus status = process_of(arguments[TARGET_PROCESS], mode, &to);
	word made;

	if (status)
		return status;
	/* Others run before this call is done. */
	wv_yield();
	if (!to->ObjectTable)
		return STATUS_PROCESS_IS_TERMINATING;
	made = wv_handle_new((void *)to->ObjectTable, object,
			     options & DUPLICATE_SAME_ACCESS ? 0x1f0fff : (u32)arguments[ACCESS]);
	if (!made)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (arguments[TARGET] && !wv_store(mode, arguments[TARGET], &made, sizeof(made)))
		return STATUS_ACCESS_VIOLATION;
	return STATUS_SUCCESS;
}

static ntstatus duplicate(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	word none = 0;
	struct _EPROCESS *from;
	ntstatus status = process_of(arguments[SOURCE_PROCESS], mode, &from);
	void *object;

	if (arguments[TARGET] && !wv_store(mode, arguments[TARGET], &none, sizeof(none)))
		return STATUS_ACCESS_VIOLATION;
	if (status)
		return status;
	object = wv_reach_object_of(from, arguments[SOURCE], mode);
	if (!object)
		return STATUS_INVALID_HANDLE;
	if (arguments[TARGET_PROCESS])
		status = give_target(request, object);
	/* Whatever became of it; and not before, as it may be the only handle. */
	if ((u32)arguments[OPTIONS] & DUPLICATE_CLOSE_SOURCE && from->ObjectTable)
		wv_handle_close((void *)from->ObjectTable, arguments[SOURCE]);
	return status;
}

/* Objects that can be waited for begin with a header that says whether they are signalled. */
static bool can_be_waited_for(void *object)
{
	struct _OBJECT_TYPE *type = wv_type_of(object);

	return type == wv_types[WV_EVENT] || type == wv_types[WV_MUTANT] ||
	       type == wv_types[WV_PROCESS] || type == wv_types[WV_THREAD];
}

static ntstatus wait(struct wv_request *request)
{
	u32 mode = request->call.mode;
	struct _DISPATCHER_HEADER *header;
	long long timeout = 0;
	void *object;
	ntstatus status = wv_reach(request->arguments[0], WV_TYPES, mode, &object);

	if (request->arguments[2] &&
	    !wv_fetch(mode, &timeout, request->arguments[2], sizeof(timeout)))
		return STATUS_ACCESS_VIOLATION;
	if (status)
		return status;
	if (!can_be_waited_for(object))
		return STATUS_OBJECT_TYPE_MISMATCH;
	header = object;
	while (!*(volatile int *)&header->SignalState) {
		if (request->arguments[2])
			return STATUS_TIMEOUT;
		wv_yield();
		wv_end_if_told();
	}
	return STATUS_SUCCESS;
}

/* The wait is a call of its own, which no Windows makes of it. */
static ntstatus signal_and_wait(struct wv_request *request)
{
	const word *arguments = request->arguments;
	void *object;
	ntstatus status = wv_reach(arguments[0], WV_EVENT, request->call.mode, &object);

	if (status)
		return status;
	((struct _DISPATCHER_HEADER *)object)->SignalState = 1;
	return (ntstatus)ZwWaitForSingleObject(arguments[1], arguments[2], arguments[3]);
}

const struct wv_handler wv_object_handlers[] = {
	{ "NtDuplicateObject", duplicate, "HFHf..." },
	{ "NtWaitForSingleObject", wait, "H.q" },
	{ "NtSignalAndWaitForSingleObject", signal_and_wait, "HH.q" },
	{ .name = NULL },
};
