// SPDX-License-Identifier: GPL-2.0-or-later
/* Reaches what arguments lead to. */
#include "reach.h"
#include "cpu.h"
#include "guarded.h"
#include "handle.h"
#include "process.h"

#define KERNEL_HANDLE	  ((word)(WV_POINTER == 8 ? 0xffffffff80000000 : 0x80000000))
#define OBJ_KERNEL_HANDLE 0x200u
#define USER_END	  ((word)(WV_POINTER == 8 ? 0x7fffffff0000 : 0x7fff0000))

static bool may_reach(u32 mode, word address, size_t size)
{
	return mode == KERNEL_MODE || (address < USER_END && size <= USER_END - address);
}

bool wv_fetch(u32 mode, void *to, word from, size_t size)
{
	return may_reach(mode, from, size) && !wv_copy_guarded(to, (const void *)from, size);
}

bool wv_store(u32 mode, word to, const void *from, size_t size)
{
	return may_reach(mode, to, size) && !wv_copy_guarded((void *)to, from, size);
}

static struct _EPROCESS *current_process(void)
{
	return (struct _EPROCESS *)wv_current_thread()->Tcb.ApcState.Process;
}

void *wv_reach_object_of(struct _EPROCESS *process, word handle, u32 mode)
{
	struct _HANDLE_TABLE *table = process->ObjectTable;

	if (handle == CURRENT_PROCESS)
		return process;
	if (handle == CURRENT_THREAD)
		return wv_current_thread();
	if ((handle & KERNEL_HANDLE) == KERNEL_HANDLE) {
		if (mode != KERNEL_MODE)
			return NULL;
		table = PsInitialSystemProcess->ObjectTable;
		handle &= ~KERNEL_HANDLE;
	}
	return table ? wv_handle_object(table, handle) : NULL;
}

void *wv_reach_object(word handle, u32 mode)
{
	return wv_reach_object_of(current_process(), handle, mode);
}

ntstatus wv_reach(word handle, enum wv_type type, u32 mode, void **object)
{
	*object = wv_reach_object(handle, mode);
	if (!*object)
		return STATUS_INVALID_HANDLE;
	if (type != WV_TYPES && wv_type_of(*object) != wv_types[type])
		return STATUS_OBJECT_TYPE_MISMATCH;
	return STATUS_SUCCESS;
}

ntstatus wv_give_handle(word where, void *object, u32 access, u32 attributes, u32 mode)
{
	bool of_kernel = mode == KERNEL_MODE && attributes & OBJ_KERNEL_HANDLE;
	struct _HANDLE_TABLE *table =
		of_kernel ? PsInitialSystemProcess->ObjectTable : current_process()->ObjectTable;
	word handle = wv_handle_new(table, object, access);

	if (!handle)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (of_kernel)
		handle |= KERNEL_HANDLE;
	return wv_store(mode, where, &handle, sizeof(handle)) ? STATUS_SUCCESS
							      : STATUS_ACCESS_VIOLATION;
}
