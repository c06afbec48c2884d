// SPDX-License-Identifier: GPL-2.0-or-later
/* Objects that may have a name in a folder: events, sections, ports, folders themselves ... */
#include "directory.h"
#include "reach.h"
#include "service.h"

#define OBJ_OPENIF 0x80u
#define BODY_SIZE  0x80u /* of an event, a mutant, a section: all have room in it */

/* What is made: with or without a name; one of that name may be there already. */
static ntstatus make(const struct wv_path *path, enum wv_type type, void **object)
{
	struct _OBJECT_DIRECTORY *folder;
	const u16 *last;
	ntstatus status;

	if (!path->name) {
		*object = wv_object_create(type, BODY_SIZE, NULL);
		return STATUS_SUCCESS;
	}
	status = wv_find_object(path, object, &folder, &last);
	if (!status) {
		if (!(path->attributes & OBJ_OPENIF))
			return STATUS_OBJECT_NAME_COLLISION;
		return wv_type_of(*object) == wv_types[type] ? STATUS_OBJECT_NAME_EXISTS
							     : STATUS_OBJECT_TYPE_MISMATCH;
	}
	if (status != STATUS_OBJECT_NAME_NOT_FOUND)
		return status;
	*object = wv_object_create_in(type, BODY_SIZE, folder, last);
	wv_insert_object(folder, *object);
	return STATUS_SUCCESS;
}

static ntstatus open(const struct wv_path *path, enum wv_type type, void **object)
{
	struct _OBJECT_DIRECTORY *folder;
	const u16 *last;
	ntstatus status = wv_find_object(path, object, &folder, &last);

	if (!status && wv_type_of(*object) != wv_types[type])
		return STATUS_OBJECT_TYPE_MISMATCH;
	return status;
}

/* Gives a handle of one, of some rights; the attributes' argument says what its name is. */
static ntstatus give(struct wv_request *request, word access, unsigned attributes,
		     enum wv_type type,
		     ntstatus (*get)(const struct wv_path *, enum wv_type, void **), void **object)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	struct wv_path path;
	ntstatus status, given;
	word none = 0;

	*object = NULL;
	if (!wv_store(mode, arguments[0], &none, sizeof(none)))
		return STATUS_ACCESS_VIOLATION;
	status = wv_fetch_path(mode, arguments[attributes], &path);
	if (status)
		return status;
	status = get(&path, type, object);
	wv_free_path(&path);
	if (status && status != STATUS_OBJECT_NAME_EXISTS)
		return status;
	given = wv_give_handle(arguments[0], *object, (u32)access, path.attributes, mode);
	return given ? given : status;
}

/* The first three arguments are where the handle goes, the access, and OBJECT_ATTRIBUTES. */
static ntstatus by_name(struct wv_request *request, enum wv_type type,
			ntstatus (*get)(const struct wv_path *, enum wv_type, void **),
			void **object)
{
	return give(request, request->arguments[1], 2, type, get, object);
}

static void set_signal(void *object, bool signalled)
{
	((struct _DISPATCHER_HEADER *)object)->SignalState = signalled;
}

static ntstatus create_event(struct wv_request *request)
{
	void *object;
	ntstatus status;

	if ((u32)request->arguments[3] > 1)
		return STATUS_INVALID_PARAMETER;
	status = by_name(request, WV_EVENT, make, &object);
	if (!status)
		set_signal(object, (u8)request->arguments[4]);
	return status;
}

static ntstatus create_mutant(struct wv_request *request)
{
	void *object;
	ntstatus status = by_name(request, WV_MUTANT, make, &object);

	if (!status)
		set_signal(object, !(u8)request->arguments[3]);
	return status;
}

/* Services of which the arguments behind the third one do not matter. */
static const struct {
	const char *name;
	enum wv_type type;
	ntstatus (*get)(const struct wv_path *, enum wv_type, void **);
} plain[] = {
	{ "NtOpenEvent", WV_EVENT, open },
	{ "NtOpenDirectoryObject", WV_DIRECTORY, open },
	{ "NtCreateDirectoryObject", WV_DIRECTORY, make },
	{ "NtOpenSymbolicLinkObject", WV_SYMBOLIC_LINK, open },
	{ "NtCreateSymbolicLinkObject", WV_SYMBOLIC_LINK, make },
	{ "NtCreateSemaphore", WV_SEMAPHORE, make },
	{ "NtCreateTimer", WV_TIMER, make },
	{ "NtCreateJobObject", WV_JOB, make },
	{ "NtCreateIoCompletion", WV_IO_COMPLETION, make },
	{ "NtCreateKeyedEvent", WV_KEYED_EVENT, make },
};

static ntstatus plain_by_name(struct wv_request *request)
{
	unsigned i = 0;
	void *object;

	while (!wv_same(plain[i].name, request->handler->name))
		i++;
	return by_name(request, plain[i].type, plain[i].get, &object);
}

/* Nobody asks for rights: the attributes are the second argument. */
static ntstatus create_port(struct wv_request *request)
{
	void *object;

	return give(request, 0x1f0001, 1, WV_PORT, make, &object);
}

static ntstatus create_section(struct wv_request *request)
{
	void *object, *file;
	ntstatus status = STATUS_SUCCESS;

	if (request->arguments[6])
		status = wv_reach(request->arguments[6], WV_FILE, request->call.mode, &file);
	return status ? status : by_name(request, WV_SECTION, make, &object);
}

const struct wv_handler wv_named_handlers[] = {
	{ "NtCreateEvent", create_event, "h.o.." },
	{ "NtOpenEvent", plain_by_name, "h.o" },
	{ "NtCreateMutant", create_mutant, "h.o." },
	{ "NtCreateSection", create_section, "h.oq..H" },
	{ "NtOpenDirectoryObject", plain_by_name, "h.o" },
	{ "NtCreateDirectoryObject", plain_by_name, "h.o" },
	{ "NtOpenSymbolicLinkObject", plain_by_name, "h.o" },
	{ "NtCreateSymbolicLinkObject", plain_by_name, "h.ou" },
	{ "NtCreateSemaphore", plain_by_name, "h.o.." },
	{ "NtCreateTimer", plain_by_name, "h.o." },
	{ "NtCreateJobObject", plain_by_name, "h.o" },
	{ "NtCreateIoCompletion", plain_by_name, "h.o." },
	{ "NtCreateKeyedEvent", plain_by_name, "h.o." },
	{ "NtAlpcCreatePort", create_port, "ho." },
	{ "NtCreatePort", create_port, "ho..." },
	{ .name = NULL },
};
