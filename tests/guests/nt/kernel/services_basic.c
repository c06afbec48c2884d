// SPDX-License-Identifier: GPL-2.0-or-later
/* System services that every program needs: other threads' turn, time, handles' end. */
#include "cpu.h"
#include "handle.h"
#include "process.h"
#include "reach.h"
#include "schedule.h"
#include "service.h"

static ntstatus yield(struct wv_request *request)
{
	(void)request;
	wv_yield();
	return STATUS_SUCCESS;
}

/* Time does not matter here: a turn of all others is as good as any delay. */
static ntstatus delay(struct wv_request *request)
{
	long long interval;

	if (!wv_fetch(request->call.mode, &interval, request->arguments[1], sizeof(interval)))
		return STATUS_ACCESS_VIOLATION;
	wv_yield();
	wv_end_if_told();
	return STATUS_SUCCESS;
}

static ntstatus close(struct wv_request *request)
{
	struct _EPROCESS *process = request->call.process;

	if (!wv_reach_object(request->arguments[0], request->call.mode))
		return STATUS_INVALID_HANDLE;
	if ((intptr_t)request->arguments[0] >= 0)
		wv_handle_close(process->ObjectTable, request->arguments[0]);
	else if (request->call.mode == KERNEL_MODE)
		wv_handle_close(PsInitialSystemProcess->ObjectTable,
				request->arguments[0] & 0x7fffffff);
	return STATUS_SUCCESS;
}

const struct wv_handler wv_basic_handlers[] = {
	{ "NtYieldExecution", yield, "" },
	{ "NtDelayExecution", delay, ".q" },
	{ "NtClose", close, "H" },
	{ .name = NULL },
};
