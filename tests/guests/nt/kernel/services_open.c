// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes and threads opened by their ids. */
#include "handle.h"
#include "process.h"
#include "reach.h"
#include "service.h"

/* Reads what both have behind the access; puts no handle where one is to go. */
static ntstatus fetch(struct wv_request *request, struct _OBJECT_ATTRIBUTES *attributes,
		      struct _CLIENT_ID *id)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	word none = 0;

	if (!wv_store(mode, arguments[0], &none, sizeof(none)) ||
	    !wv_fetch(mode, attributes, arguments[2], sizeof(*attributes)))
		return STATUS_ACCESS_VIOLATION;
	if (!arguments[3])
		return STATUS_INVALID_PARAMETER;
	return wv_fetch(mode, id, arguments[3], sizeof(*id)) ? STATUS_SUCCESS
							     : STATUS_ACCESS_VIOLATION;
}

static ntstatus give(struct wv_request *request, void *object,
		     const struct _OBJECT_ATTRIBUTES *attributes)
{
	return wv_give_handle(request->arguments[0], object, (u32)request->arguments[1],
			      attributes->Attributes, request->call.mode);
}

static void *thread_of(const struct _CLIENT_ID *id)
{
	void *object = wv_id_object((word)id->UniqueThread);

	return object && wv_type_of(object) == wv_types[WV_THREAD] ? object : NULL;
}

/* By its own id, or that of one of its threads. */
static ntstatus open_process(struct wv_request *request)
{
	struct _OBJECT_ATTRIBUTES attributes;
	struct _CLIENT_ID id;
	ntstatus status = fetch(request, &attributes, &id);
	void *object;

	if (status)
		return status;
	if (id.UniqueThread) {
		object = thread_of(&id);
		if (!object)
			return STATUS_INVALID_CID;
		object = wv_process_of(object);
	} else {
		object = wv_id_object((word)id.UniqueProcess);
		if (!object || wv_type_of(object) != wv_types[WV_PROCESS])
			return STATUS_INVALID_PARAMETER;
	}
	if (object == PsInitialSystemProcess && request->call.mode == USER_MODE)
		return STATUS_ACCESS_DENIED;
	return give(request, object, &attributes);
}

static ntstatus open_thread(struct wv_request *request)
{
	struct _OBJECT_ATTRIBUTES attributes;
	struct _CLIENT_ID id;
	ntstatus status = fetch(request, &attributes, &id);
	void *object;

	if (status)
		return status;
	object = thread_of(&id);
	if (!object ||
	    (id.UniqueProcess && id.UniqueProcess != wv_process_of(object)->UniqueProcessId))
		return STATUS_INVALID_CID;
	return give(request, object, &attributes);
}

const struct wv_handler wv_open_handlers[] = {
	{ "NtOpenProcess", open_process, "h.oc" },
	{ "NtOpenThread", open_thread, "h.oc" },
	{ .name = NULL },
};
