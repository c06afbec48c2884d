// SPDX-License-Identifier: GPL-2.0-or-later
/* System services as the kernel calls them: by their stubs, and their functions. */
#include "cast.h"
#include "cpu.h"
#include "handle.h"
#include "process.h"
#include "scenario.h"
#include "schedule.h"
#include "stubs.h"

static void by_stubs(struct wv_kernel_arguments *arguments)
{
	word at = (word)&arguments->handle;

	if (!ZwCreateEvent(at, 2, attributes_of(arguments, u"\\KernelObjects\\Wyvern", 0x2c0), 1,
			   0))
		ZwClose(arguments->handle);
	if (!ZwOpenFile(at, 0x80000000,
			attributes_of(arguments, u"\\??\\C:\\pagefile.sys", OBJ_KERNEL_HANDLE),
			(word)arguments->status, 7, 0x20)) {
		ZwReadFile(arguments->handle, 0, 0, 0, (word)arguments->status,
			   (word)arguments->buffer, 16, 0, 0);
		ZwClose(arguments->handle);
	}
	ZwQuerySystemInformation(0, (word)arguments->buffer, WV_POINTER == 8 ? 64 : 44,
				 (word)&arguments->length);
	arguments->id.UniqueProcess = (void *)872;
	if (!ZwOpenProcess(at, 0x1fffff, attributes_of(arguments, u"", OBJ_KERNEL_HANDLE),
			   (word)&arguments->id))
		ZwClose(arguments->handle);
	ZwClose(0x7ffc);
	ZwLoadDriver((word)&arguments->name);
	ZwYieldExecution();
}

/* What the thread's last mode is, that these take for the caller's. */
static void by_functions(struct wv_kernel_arguments *arguments)
{
	long long now = 0;

	arguments->id.UniqueProcess = (void *)4;
	if (!NtOpenProcess((word)&arguments->handle, 1,
			   attributes_of(arguments, u"", OBJ_KERNEL_HANDLE), (word)&arguments->id))
		NtClose(arguments->handle);
	NtQueryInformationProcess(CURRENT_PROCESS, 0, (word)arguments->buffer, WV_POINTER * 6,
				  (word)&arguments->length);
	NtWaitForSingleObject(CURRENT_PROCESS, 0, (word)&now);
}

bool wv_service_step(word step)
{
	struct wv_kernel_arguments arguments = { .length = 0 };

	if (step >= 4)
		return false;
	if (step % 2)
		by_functions(&arguments);
	else
		by_stubs(&arguments);
	return true;
}

word wv_attached_calls(void)
{
	struct wv_kernel_arguments arguments = { .length = 0 };

	wv_attach(wv_cast[CSRSS]);
	by_stubs(&arguments);
	by_functions(&arguments);
	wv_attach(wv_process_of(wv_current_thread()));
	return STATUS_SUCCESS;
}
