// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes and threads as the kernel opens, changes and ends them. */
#include "cpu.h"
#include "handle.h"
#include "process.h"
#include "scenario.h"
#include "stubs.h"
#include "user.h"

static void open(struct wv_kernel_arguments *arguments)
{
	word at = (word)&arguments->handle, id = (word)&arguments->id;

	arguments->id.UniqueProcess = (void *)872;
	if (!ZwOpenProcess(at, 0x1fffff, attributes_of(arguments, u"", OBJ_KERNEL_HANDLE), id))
		ZwClose(arguments->handle);
	if (!ZwOpenProcess(at, 0x400, attributes_of(arguments, u"", 0), id))
		ZwClose(arguments->handle);
	arguments->id.UniqueProcess = NULL;
	arguments->id.UniqueThread = (void *)3004;
	if (!ZwOpenThread(at, 0x1fffff, attributes_of(arguments, u"", OBJ_KERNEL_HANDLE), id))
		ZwClose(arguments->handle);
}

/* In the address space that the thread is in. */
static void change(struct wv_kernel_arguments *arguments)
{
	struct {
		u32 count, rows[2][3];
	} privileges = { 2, { { 20, 0, 2 }, { 23, 0, 0 } } };
	word base = USER_SCRATCH, size = PAGE;
	u32 before;

	ZwProtectVirtualMemory(CURRENT_PROCESS, (word)&base, (word)&size, 0x104, (word)&before);
	if (ZwOpenProcessToken(CURRENT_PROCESS, 0x28, (word)&arguments->handle))
		return;
	ZwAdjustPrivilegesToken(arguments->handle, 0, (word)&privileges, 0, 0,
				(word)&arguments->length);
	ZwClose(arguments->handle);
}

/* System's own children have no program: only who is attached to another process makes one. */
static void create_and_end(struct wv_kernel_arguments *arguments)
{
	bool attached =
		(void *)wv_current_thread()->Tcb.ApcState.Process != (void *)PsInitialSystemProcess;

	ZwTerminateProcess(0x7ffc, 1);
	if (!attached || ZwCreateProcessEx((word)&arguments->handle, 0x1fffff, 0, CURRENT_PROCESS,
					   4, 0, 0, 0, 0))
		return;
	ZwTerminateProcess(arguments->handle, 0xc0000022);
	ZwClose(arguments->handle);
}

bool wv_process_step(word step)
{
	static void (*const steps[])(struct wv_kernel_arguments *) = { open, change,
								       create_and_end };
	struct wv_kernel_arguments arguments = { .length = 0 };

	if (step >= COUNT_OF(steps))
		return false;
	steps[step](&arguments);
	return true;
}
