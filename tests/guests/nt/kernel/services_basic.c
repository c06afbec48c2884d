// SPDX-License-Identifier: GPL-2.0-or-later
/* System services that the scenarios need for themselves: no fact is written about them. */
#include "cpu.h"
#include "handle.h"
#include "process.h"
#include "schedule.h"

NTAPI ntstatus wv_NtYieldExecution(void)
{
	wv_yield();
	return STATUS_SUCCESS;
}

NTAPI ntstatus wv_NtTerminateThread(word thread, ntstatus status)
{
	if (thread && thread != CURRENT_THREAD)
		return STATUS_INVALID_HANDLE;
	wv_thread_exit(status);
}

NTAPI ntstatus wv_NtClose(word handle)
{
	struct _HANDLE_TABLE *table = wv_process_of(wv_current_thread())->ObjectTable;

	if (!wv_handle_object(table, handle))
		return STATUS_INVALID_HANDLE;
	wv_handle_close(table, handle);
	return STATUS_SUCCESS;
}
