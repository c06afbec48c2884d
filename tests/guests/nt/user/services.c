// SPDX-License-Identifier: GPL-2.0-or-later
/* Every service that the guest has, with good arguments, bad ones, and in the middle of others. */
#include "structures.h"

#define MOST_ARGUMENTS 17

static void questions(void)
{
	u8 answer[64];
	u32 size = 0;
	long long now = 0, soon = -10;

	CALL(NtQuerySystemInformation, 0, (word)answer, WV_POINTER == 8 ? 64 : 44, (word)&size);
	CALL(NtQuerySystemInformation, 0, (word)answer, 3, (word)&size);
	CALL(NtQuerySystemInformation, 0xffff, (word)answer, 3, 0);
	CALL(NtQueryInformationProcess, SELF, 0, (word)answer, WV_POINTER * 6, (word)&size);
	CALL(NtQueryInformationProcess, SELF, 0, (word)answer, 1, (word)&size);
	CALL(NtQueryInformationProcess, SELF_THREAD, 0, (word)answer, WV_POINTER * 6, 0);
	CALL(NtQueryInformationProcess, SELF, 26, (word)answer, 8, 0);
	CALL(NtDelayExecution, 0, (word)&soon);
	CALL(NtDelayExecution, 1, 0);
	CALL(NtWaitForSingleObject, SELF, 0, (word)&now);
	CALL(NtWaitForSingleObject, 0x7ffc, 1, 0);
	CALL_DIRECTLY(NtClose, 0x7ffc);
	CALL_DIRECTLY(NtQuerySystemInformation, 0, (word)answer, 3, (word)&size);
}

/* Services that the guest does not have: many arguments, none, and several that are one function.
 */
static void others(void)
{
	static const u32 numbers[] = {
		SYS_NtAccessCheckByTypeResultListAndAuditAlarmByHandle,
		SYS_NtCreateNamedPipeFile,
		SYS_NtNotifyChangeMultipleKeys,
		SYS_NtAccessCheck,
		SYS_NtFlushWriteBuffer,
		SYS_NtFlushInstructionCache,
		SYS_NtCompleteConnectPort,
		SYS_NtVdmControl,
		SYS_NtSetHighEventPair,
		SYS_NtWaitLowEventPair,
		SYS_NtTestAlert,
		SYS_NtWaitForWorkViaWorkerFactory,
		SYS_NtLoadDriver,
	};
	word arguments[MOST_ARGUMENTS];

	for (u32 i = 0; i < MOST_ARGUMENTS; i++)
		arguments[i] = 0x1000 + i;
	for (u32 i = 0; i < COUNT_OF(numbers); i++) {
		wv_invoke(numbers[i], false, arguments, MOST_ARGUMENTS);
		wv_invoke(numbers[i], true, arguments, MOST_ARGUMENTS);
	}
	/* Numbers of no service. */
	wv_invoke(0xfff, false, arguments, 0);
	wv_invoke(0x7fffffff, true, arguments, 0);
}

/* Everything, with arguments that are all the same: a handle, a pointer or a number that is none.
 */
static void nonsense(void)
{
	static const u32 numbers[] = {
		SYS_NtClose,
		SYS_NtDelayExecution,
		SYS_NtDuplicateObject,
		SYS_NtCreateUserProcess,
		SYS_NtCreateProcessEx,
		SYS_NtOpenProcess,
		SYS_NtOpenThread,
		SYS_NtCreateThreadEx,
		SYS_NtOpenProcessToken,
		SYS_NtAdjustPrivilegesToken,
		SYS_NtAllocateVirtualMemory,
		SYS_NtProtectVirtualMemory,
		SYS_NtCreateFile,
		SYS_NtOpenFile,
		SYS_NtReadFile,
		SYS_NtWriteFile,
		SYS_NtOpenKey,
		SYS_NtCreateKey,
		SYS_NtSetValueKey,
		SYS_NtQueryValueKey,
		SYS_NtCreateEvent,
		SYS_NtOpenEvent,
		SYS_NtCreateMutant,
		SYS_NtCreateSection,
		SYS_NtMapViewOfSection,
		SYS_NtOpenDirectoryObject,
		SYS_NtQuerySystemInformation,
		SYS_NtQueryInformationProcess,
	};
	static const word values[] = { 0,	   8,	    USER_NOTHING, USER_SCRATCH + 0xffc,
				       0x7fffffff, (word)-8 };
	word arguments[MOST_ARGUMENTS];

	for (u32 i = 0; i < COUNT_OF(values); i++) {
		for (u32 j = 0; j < MOST_ARGUMENTS; j++)
			arguments[j] = values[i];
		for (u32 j = 0; j < COUNT_OF(numbers); j++)
			wv_invoke(numbers[j], j % 5 == 0, arguments, MOST_ARGUMENTS);
	}
}

/* Threads that are ended while they wait in a call; the next one is made in the memory of the last.
 */
static void killed_threads(void)
{
	static const word waits[] = { WAITS_FOR_ITSELF, WAITS_IN_A_CALL,      WAITS_DEEP | 3 << 8,
				      WAITS_IN_A_CALL,	WAITS_DEEP | 77 << 8, WAITS_FOR_ITSELF };

	for (u32 i = 0; i < COUNT_OF(waits); i++) {
		wv_kill_thread(waits[i], i);
		NtYieldExecution();
	}
}

void wv_syscalls_all(word thread)
{
	wv_named_all();
	questions();
	others();
	killed_threads();
	wv_fault_all();
	wv_let_thread_end(CONTINUES);
	wv_perform(PERFORM_ATTACHED, 0, 0, 0);
	nonsense();
	wv_duplicate_all(thread);
}
