// SPDX-License-Identifier: GPL-2.0-or-later
/* What programs ask the kernel about the system and processes; sections in their memory. */
#include "boot_info.h"
#include "memory.h"
#include "process.h"
#include "reach.h"
#include "service.h"
#include "user.h"

#define SYSTEM_BASIC  0u
#define PROCESS_BASIC 0u
#define VIEW_SIZE     PAGE

/* Stores an answer, if there is as much room as it has. */
static ntstatus answer(struct wv_request *request, unsigned first, const void *value, u32 size)
{
	const word *arguments = request->arguments + first;
	u32 mode = request->call.mode;

	if (arguments[2] && !wv_store(mode, arguments[2], &size, sizeof(size)))
		return STATUS_ACCESS_VIOLATION;
	if ((u32)arguments[1] != size)
		return STATUS_INFO_LENGTH_MISMATCH;
	return wv_store(mode, arguments[0], value, size) ? STATUS_SUCCESS : STATUS_ACCESS_VIOLATION;
}

static ntstatus query_system(struct wv_request *request)
{
	u32 basic[16] = { 0, 156250, PAGE, 0x8000, 1, 0x7fff, 0x10000 };

	if ((u32)request->arguments[0] != SYSTEM_BASIC)
		return STATUS_INVALID_INFO_CLASS;
	return answer(request, 1, basic, WV_POINTER == 8 ? 64 : 44);
}

static ntstatus query_process(struct wv_request *request)
{
	struct _EPROCESS *process;
	word basic[6];
	void *object;
	ntstatus status;

	if ((u32)request->arguments[1] != PROCESS_BASIC)
		return STATUS_INVALID_INFO_CLASS;
	status = wv_reach(request->arguments[0], WV_PROCESS, request->call.mode, &object);
	if (status)
		return status;
	process = object;
	basic[0] = (u32)process->ExitStatus;
	basic[1] = (word)process->Peb;
	basic[2] = 1;
	basic[3] = 8;
	basic[4] = (word)process->UniqueProcessId;
	basic[5] = (word)process->InheritedFromUniqueProcessId;
	return answer(request, 2, basic, sizeof(basic));
}

/* Every section is a page of memory of its own. */
static ntstatus map_view(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	word base, size;
	void *section, *process;
	ntstatus status = wv_reach(arguments[0], WV_SECTION, mode, &section);

	if (!status)
		status = wv_reach(arguments[1], WV_PROCESS, mode, &process);
	if (status)
		return status;
	if (!wv_fetch(mode, &base, arguments[2], sizeof(base)) ||
	    !wv_fetch(mode, &size, arguments[6], sizeof(size)))
		return STATUS_ACCESS_VIOLATION;
	if (!((struct _EPROCESS *)process)->ObjectTable || process == PsInitialSystemProcess)
		return STATUS_PROCESS_IS_TERMINATING;
	base = __atomic_fetch_add(&wv_process_info(process)->heap, 2 * PAGE, __ATOMIC_SEQ_CST);
	size = VIEW_SIZE;
	wv_user_pages(process, base, 1, PTE_PRESENT | PTE_USER | PTE_WRITE | PTE_NX);
	return wv_store(mode, arguments[2], &base, sizeof(base)) &&
			       wv_store(mode, arguments[6], &size, sizeof(size))
		       ? STATUS_SUCCESS
		       : STATUS_ACCESS_VIOLATION;
}

const struct wv_handler wv_query_handlers[] = {
	{ "NtQuerySystemInformation", query_system, ".B.d" },
	{ "NtQueryInformationProcess", query_process, "H.B.d" },
	{ "NtMapViewOfSection", map_view, "HHw..qw..." },
	{ .name = NULL },
};
