// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes: made, and ended. */
#include "attributes.h"
#include "cpu.h"
#include "end.h"
#include "handle.h"
#include "insert.h"
#include "pool.h"
#include "process.h"
#include "reach.h"
#include "schedule.h"
#include "service.h"
#include "stubs.h"
#include "../user/scenario.h"

#define CREATE_SUSPENDED 1u /* THREAD_CREATE_FLAGS_... */

/* A text of the caller's, as much of it as can be read. */
static void fetch_string(u32 mode, struct _UNICODE_STRING *to, const struct _UNICODE_STRING *from)
{
	u16 *text = wv_pool_take(POOL_PAGED, from->Length + 2u, TAG('P', 's', 'P', 'a'));
	unsigned at = 0;

	if (wv_fetch(mode, text, (word)from->Buffer, from->Length & ~1u))
		at = from->Length / 2u;
	while (at < from->Length / 2u && wv_fetch(mode, text + at, (word)from->Buffer + at * 2, 2))
		at++;
	text[at] = 0;
	to->Length = (u16)(at * 2);
	to->MaximumLength = (u16)(at * 2 + (at < 0x7fff ? 2 : 0));
	to->Buffer = (void *)text;
}

static bool fetch_parameters(u32 mode, word from, struct wv_parameters *to)
{
	struct _RTL_USER_PROCESS_PARAMETERS *block =
		wv_pool_take(POOL_PAGED, sizeof(*block), TAG('P', 's', 'P', 'a'));
	bool ok = wv_fetch(mode, block, from, sizeof(*block));

	if (ok) {
		fetch_string(mode, &to->command_line, &block->CommandLine);
		fetch_string(mode, &to->image_path, &block->ImagePathName);
		fetch_string(mode, &to->dll_path, &block->DllPath);
		fetch_string(mode, &to->directory, &block->CurrentDirectory.DosPath);
	}
	wv_pool_give(block);
	return ok;
}

static void free_parameters(struct wv_parameters *parameters)
{
	wv_pool_give((void *)parameters->command_line.Buffer);
	wv_pool_give((void *)parameters->image_path.Buffer);
	wv_pool_give((void *)parameters->dll_path.Buffer);
	wv_pool_give((void *)parameters->directory.Buffer);
}

/* An image's path as the kernel has it, and its last part. */
struct image {
	u16 path[160];
	char name[64];
	bool is_32bit, is_there;
	unsigned number; /* the digit in front of .exe */
};

static bool contains(const struct _UNICODE_STRING *string, const char *part)
{
	const u16 *text = (const u16 *)string->Buffer;

	for (unsigned i = 0; i < string->Length / 2u; i++) {
		unsigned same = 0;

		while (part[same] && i + same < string->Length / 2u &&
		       text[i + same] == (u8)part[same])
			same++;
		if (!part[same])
			return true;
	}
	return false;
}

/* \??\C:\x or C:\x is \Device\HarddiskVolume2\x. */
static void find_image(const struct _UNICODE_STRING *path, struct image *image)
{
	static const u16 device[] = u"\\Device\\HarddiskVolume2";
	const u16 *text = (const u16 *)path->Buffer;
	unsigned count = path->Length / 2u, from = 0, to = 0, name = 0;

	for (unsigned i = 0; i < count && i < 8 && !from; i++)
		if (text[i] == ':')
			from = i + 1;
	for (; from && device[to]; to++)
		image->path[to] = device[to];
	for (unsigned i = from; i < count && to + 1 < COUNT_OF(image->path); i++) {
		image->path[to++] = text[i];
		if (text[i] == '\\')
			name = to;
	}
	image->path[to] = 0;
	for (unsigned i = name; i < to && i - name + 1 < sizeof(image->name); i++)
		image->name[i - name] = image->path[i] < 0x80 ? (char)image->path[i] : '?';
	if (to > name + 5)
		image->number = (u8)(image->path[to - 5] - '0') % 10;
	image->is_32bit = contains(path, "SysWOW64") && WV_POINTER == 8;
	image->is_there = count && from && !contains(path, "missing");
}

/* Gives both handles; what was made stays without them when they can not be put anywhere. */
static ntstatus give_handles(struct wv_request *request, struct _EPROCESS *process,
			     struct _ETHREAD *thread)
{
	const word *arguments = request->arguments;
	ntstatus status =
		wv_give_handle(arguments[0], process, (u32)arguments[2], 0, request->call.mode);

	return status ? status
		      : wv_give_handle(arguments[1], thread, (u32)arguments[3], 0,
				       request->call.mode);
}

/* The kernel opens the image, as a call in the call. */
static ntstatus open_image(const struct _UNICODE_STRING *path)
{
	struct _OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes) };
	word handle = 0, block[2];
	ntstatus status;

	attributes.ObjectName = (void *)path;
	attributes.Attributes = OBJ_KERNEL_HANDLE;
	status = (ntstatus)ZwOpenFile((word)&handle, 0xa1, (word)&attributes, (word)block, 5, 0x60);
	if (!status)
		ZwClose(handle);
	return status;
}

static ntstatus start(struct wv_request *request, struct wv_parameters *parameters,
		      const struct wv_attributes *attributes)
{
	struct _EPROCESS *parent = attributes->parent, *process;
	struct image image = { .number = 0 };
	struct wv_process_plan plan = { .parameters = parameters };
	struct _ETHREAD *thread;
	ntstatus status;

	find_image(&parameters->image_path, &image);
	if (!image.is_there)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	open_image(&parameters->image_path);
	plan.name = image.name;
	plan.path = image.path;
	plan.id = wv_id_next(request->call.sequence);
	plan.parent = (word)parent->UniqueProcessId;
	plan.session = (int)wv_process_info(parent)->session;
	plan.is_32bit = image.is_32bit;
	process = wv_process_create(&plan);
	status = PspInsertProcess(process, parent, (u32)request->arguments[2], 0);
	if (status)
		return status;
	thread = wv_user_thread_create(process, DO_CHILD, image.number);
	wv_tell_new_process(process, request->call.sequence);
	status = give_handles(request, process, thread);
	wv_give_attributes(request, attributes, thread);
	/* nobody could resume it without a handle */
	if (request->arguments[7] & CREATE_SUSPENDED && !status)
		wv_thread_info(thread)->suspended = true;
	else
		wv_make_ready(thread);
	return status;
}

static ntstatus create_user_process(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	struct wv_parameters parameters;
	struct wv_attributes attributes;
	word none = 0;
	ntstatus status;

	if (!wv_store(mode, arguments[0], &none, sizeof(none)) ||
	    !wv_store(mode, arguments[1], &none, sizeof(none)))
		return STATUS_ACCESS_VIOLATION;
	status = wv_fetch_attributes(request, arguments[10], &attributes);
	if (status)
		return status;
	if (!fetch_parameters(mode, arguments[8], &parameters))
		return STATUS_ACCESS_VIOLATION;
	status = start(request, &parameters, &attributes);
	free_parameters(&parameters);
	return status;
}

/* A process without a thread: named as its parent, and with an address space like a new one's. */
static ntstatus create_process_ex(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	struct wv_process_plan plan = { .command_line = "" };
	struct _OBJECT_NAME_INFORMATION *path;
	struct _EPROCESS *process;
	word none = 0;
	void *parent;
	ntstatus status;

	if (!wv_store(mode, arguments[0], &none, sizeof(none)))
		return STATUS_ACCESS_VIOLATION;
	status = wv_reach(arguments[3], WV_PROCESS, mode, &parent);
	if (status)
		return status;
	path = (void *)((struct _EPROCESS *)parent)->SeAuditProcessCreationInfo.ImageFileName;
	plan.name = wv_process_info(parent)->image;
	plan.path = (const u16 *)path->Name.Buffer;
	plan.id = wv_id_next(request->call.sequence);
	plan.parent = (word)((struct _EPROCESS *)parent)->UniqueProcessId;
	plan.session = (int)wv_process_info(parent)->session;
	plan.is_32bit = wv_process_info(parent)->is_32bit && WV_POINTER == 8;
	process = wv_process_create(&plan);
	status = PspInsertProcess(process, parent, (u32)arguments[1], 0);
	if (status)
		return status;
	wv_tell_new_process(process, request->call.sequence);
	return wv_give_handle(arguments[0], process, (u32)arguments[1], 0, mode);
}

static ntstatus terminate_process(struct wv_request *request)
{
	word handle = request->arguments[0];
	ntstatus end = (u32)request->arguments[1], status = STATUS_SUCCESS;
	void *object = request->call.process;
	struct _EPROCESS *process;

	if (handle)
		status = wv_reach(handle, WV_PROCESS, request->call.mode, &object);
	if (status)
		return status;
	process = object;
	if (process == PsInitialSystemProcess)
		return STATUS_ACCESS_DENIED;
	if (!process->ObjectTable)
		return STATUS_PROCESS_IS_TERMINATING;
	if (handle)
		process->ExitStatus = (int)end;
	wv_end_threads(process, end);
	if (handle && process == wv_process_of(wv_current_thread()))
		PspExitThread(end);
	wv_end_without_threads(process, end);
	return STATUS_SUCCESS;
}

const struct wv_handler wv_process_handlers[] = {
	{ "NtCreateUserProcess", create_user_process, "hh..oo..P.A" },
	{ "NtCreateProcessEx", create_process_ex, "h.oH.HHH." },
	{ "NtTerminateProcess", terminate_process, "H." },
	{ .name = NULL },
};
