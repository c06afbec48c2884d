// SPDX-License-Identifier: GPL-2.0-or-later
/* NtDuplicateObject. */
#include "cpu.h"
#include "guarded.h"
#include "handle.h"
#include "object.h"
#include "process.h"
#include "schedule.h"
#include "truth.h"

#define DUPLICATE_CLOSE_SOURCE 1u
#define DUPLICATE_SAME_ACCESS  2u
#define KERNEL_HANDLE	       ((word)1 << 31)

/* A handle's object as its user sees it: a process's own table, or the kernel's. */
static void *object_of(word handle, u32 mode)
{
	struct _HANDLE_TABLE *table = wv_process_of(wv_current_thread())->ObjectTable;

	if (handle == CURRENT_PROCESS)
		return wv_process_of(wv_current_thread());
	if (handle == CURRENT_THREAD)
		return wv_current_thread();
	if (mode == KERNEL_MODE && (word)(handle & KERNEL_HANDLE))
		return wv_handle_object(PsInitialSystemProcess->ObjectTable,
					handle & (KERNEL_HANDLE - 1));
	return wv_handle_object(table, handle);
}

static ntstatus process_of(word handle, u32 mode, struct _EPROCESS **process)
{
	void *object = object_of(handle, mode);

	if (!object)
		return STATUS_INVALID_HANDLE;
	if (wv_type_of(object) != wv_types[WV_PROCESS])
		return STATUS_OBJECT_TYPE_MISMATCH;
	*process = object;
	return STATUS_SUCCESS;
}

static ntstatus duplicate(word source_process, word source, word target_process, word *target,
			  u32 access, u32 options, u32 mode)
{
	struct _EPROCESS *from, *to;
	ntstatus status = process_of(source_process, mode, &from);
	word made = 0;
	void *object;

	if (target && wv_copy_guarded(target, &made, sizeof(made)))
		return STATUS_ACCESS_VIOLATION;
	if (status)
		return status;
	object = source == CURRENT_PROCESS  ? (void *)from
		 : source == CURRENT_THREAD ? (void *)wv_current_thread()
					    : wv_handle_object(from->ObjectTable, source);
	if (!object)
		return STATUS_INVALID_HANDLE;
	if (options & DUPLICATE_CLOSE_SOURCE)
		wv_handle_close(from->ObjectTable, source);
	if (!target_process)
		return STATUS_SUCCESS;
	status = process_of(target_process, mode, &to);
	if (status)
		return status;
	/* Others run before this call is done. */
	wv_yield();
	made = wv_handle_new(to->ObjectTable, object,
			     options & DUPLICATE_SAME_ACCESS ? 0x1f0fff : access);
	if (!made)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (target && wv_copy_guarded(target, &made, sizeof(made)))
		return STATUS_ACCESS_VIOLATION;
	return STATUS_SUCCESS;
}

NTAPI ntstatus wv_NtDuplicateObject(word source_process, word source, word target_process,
				    word *target, u32 access, u32 attributes, u32 options)
{
	struct wv_call call = wv_enter("NtDuplicateObject");
	ntstatus status = duplicate(source_process, source, target_process, target, access, options,
				    call.mode);
	word made = 0;
	bool readable = target && !wv_copy_guarded(&made, target, sizeof(made));

	if (!wv_fact_call(&call))
		return status;
	wv_fact_hex("source_process", source_process);
	wv_fact_hex("source", source);
	wv_fact_hex("target_process", target_process);
	wv_fact_hex("target", (word)target);
	if (readable)
		wv_fact_hex("target_handle", made);
	else
		wv_fact_null("target_handle");
	wv_fact_hex("access", access);
	wv_fact_hex("attributes", attributes);
	wv_fact_hex("options", options);
	wv_fact_hex("result", status);
	wv_fact_int("return_cpu", wv_cpu_number());
	wv_fact_end();
	return status;
}
