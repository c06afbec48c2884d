// SPDX-License-Identifier: GPL-2.0-or-later
/* Every service that the guest has, with good arguments, bad ones, and in the middle of others. */
#include "structures.h"

#define ALL_ACCESS     0x1fffffu
#define OPEN_IF	       0x80u
#define MOST_ARGUMENTS 17

/* Named objects --------------------------------------------------------------------------------*/

struct named {
	struct unicode_string string;
	struct object_attributes attributes;
};

/* Points into itself: must stay where it is. */
static word name_it(struct named *named, const u16 *name, kernel_word root, u32 attributes)
{
	named->string = string_of(name);
	named->attributes = attributes_of(&named->string, root, attributes);
	return (word)&named->attributes;
}

static kernel_word folder(const u16 *name)
{
	struct named named;
	kernel_word handle = 0;

	CALL(NtOpenDirectoryObject, (word)&handle, 0xf, name_it(&named, name, 0, 0x40));
	return handle;
}

static void named_objects(void)
{
	static const u16 *const names[] = {
		u"\\BaseNamedObjects\\wyvern",
		u"\\BaseNamedObjects\\\u041f\u0430\u043f\u043a\u0430 \u00f6 \U0001f40d \xdc00",
		u"\\BaseNamedObjects\\nowhere\\wyvern",
		u"BaseNamedObjects",
		u"\\Device",
		u"\\KernelObjects\\a,\"b\" 'c' = d\\",
		u"",
	};
	kernel_word root = folder(u"\\BaseNamedObjects"), handle = 0, size = 0x12345;
	struct named named;

	for (u32 i = 0; i < COUNT_OF(names); i++) {
		if (CALL(NtCreateEvent, (word)&handle, 0x1f0003,
			 name_it(&named, names[i], 0, i % 2 ? OPEN_IF : 0x40), i % 3,
			 1) < 0x80000000)
			NtClose((word)handle);
		if (CALL(NtOpenEvent, (word)&handle, 0x100000, name_it(&named, names[i], 0, 0)) <
		    0x80000000)
			NtClose((word)handle);
	}
	CALL(NtCreateMutant, (word)&handle, 0x1f0001, name_it(&named, u"below a root", root, 0x42),
	     1);
	NtClose((word)handle);
	CALL(NtCreateMutant, (word)&handle, 0x80000000,
	     name_it(&named, u"below no folder", 0x7ffc, 0), 0xffffff00);
	CALL(NtCreateMutant, (word)&handle, 0, 0, 0);
	NtClose((word)handle);
	CALL(NtCreateSection, (word)&handle, 0xf001f, name_it(&named, u"section", root, OPEN_IF),
	     (word)&size, 4, 0x8000000, 0);
	size = 0;
	{
		kernel_word base = 0;

		CALL(NtMapViewOfSection, (word)handle, SELF, (word)&base, 0, 0x1000, 0, (word)&size,
		     2, 0, 2);
		CALL(NtMapViewOfSection, (word)root, SELF, (word)&base, 0, 0x1000, 0, (word)&size,
		     1, 0, 4);
		CALL(NtMapViewOfSection, (word)handle, SELF, USER_NOTHING, 0, 0, 0, (word)&size, 1,
		     0, 2);
	}
	NtClose((word)handle);
	NtClose((word)root);
}

/* Files and keys -------------------------------------------------------------------------------*/

static void files(void)
{
	static const u16 *const names[] = {
		u"\\??\\C:\\Windows\\System32\\drivers\\etc\\hosts",
		u"\\Device\\HarddiskVolume2\\\u041f\u0430\u043f\u043a\u0430\\\u00f6\U0001f40d.txt",
		u"\\??\\C:\\missing",
		u"\\??\\X:\\x",
		u"hosts",
		u"\\??\\C:\\stream.txt:hidden:$DATA",
	};
	kernel_word folder_handle = 0, handle = 0;
	struct io_status block = { 0xcccccccc, 0x77 };
	long long offset = 0x100000001;
	u8 bytes[32] = "\x01 some \"bytes\" \\ \xff";
	struct named named;

	for (u32 i = 0; i < COUNT_OF(names); i++) {
		if (!CALL(NtCreateFile, (word)&handle, 0x120196, name_it(&named, names[i], 0, 0x40),
			  (word)&block, (word)&offset, 0x80, i % 8, i % 6, 0x20 | 1 << i, 0, 0))
			NtClose((word)handle);
		if (!CALL(NtOpenFile, (word)&handle, 0x80100080, name_it(&named, names[i], 0, 0x42),
			  (word)&block, 7, 0x4020 + i))
			NtClose((word)handle);
	}
	CALL(NtOpenFile, (word)&folder_handle, 0x100001,
	     name_it(&named, u"\\??\\C:\\Users\\w", 0, 0x40), (word)&block, 7, 0x21);
	CALL(NtCreateFile, (word)&handle, 0x40000000,
	     name_it(&named, u"below\\it.txt", folder_handle, 0x40), (word)&block, 0, 0, 0, 2, 0x60,
	     0, 0);
	CALL(NtWriteFile, (word)handle, 0, 0, 0, (word)&block, (word)bytes, sizeof(bytes),
	     (word)&offset, 0);
	CALL(NtReadFile, (word)handle, 0, 0, 0, (word)&block, (word)bytes, 5, 0, 0);
	CALL(NtReadFile, (word)handle, 0, 0, 0, (word)&block, USER_NOTHING, 5, 0, 0);
	CALL(NtWriteFile, (word)handle, 0, 0, 0, (word)&block, (word)bytes, 0xffffffff, 0, 0);
	CALL(NtWriteFile, SELF, 0, 0, 0, (word)&block, (word)bytes, 4, 0, 0);
	NtClose((word)handle);
	/* A file is no folder of objects, nor is what is closed. */
	CALL(NtCreateEvent, (word)&handle, 0, name_it(&named, u"x", folder_handle, 0), 0, 0);
	NtClose((word)folder_handle);
	CALL(NtOpenFile, (word)&handle, 1, name_it(&named, u"x", folder_handle, 0), (word)&block, 0,
	     0);
}

static void keys(void)
{
	static const u16 *const names[] = {
		u"\\REGISTRY\\MACHINE\\Software\\Wyvern",
		u"\\Registry\\Machine",
		u"\\REGISTRY\\USER\\\u041f\u0430\u043f\u043a\u0430",
		u"\\REGISTRY\\MACHINE\\missing\\x",
	};
	kernel_word handle = 0, below = 0;
	struct unicode_string value = string_of(u"A value"), empty = { 0, 0, 0 };
	struct named named;
	u32 data[4] = { 1, 2, 3, 4 }, size = 0;

	for (u32 i = 0; i < COUNT_OF(names); i++)
		if (!CALL(NtOpenKey, (word)&handle, 0x20019, name_it(&named, names[i], 0, 0x40)))
			NtClose((word)handle);
	CALL(NtOpenKey, (word)&handle, 0xf003f, name_it(&named, names[0], 0, 0x40));
	CALL(NtCreateKey, (word)&below, 0x2000000, name_it(&named, u"below", handle, 0x40), 0, 0, 1,
	     (word)&size);
	CALL(NtSetValueKey, (word)below, (word)&value, 0, 4, (word)data, 4);
	CALL(NtSetValueKey, (word)below, (word)&empty, 0, 3, (word)data, 16);
	CALL(NtSetValueKey, 0x7ffc, USER_NOTHING, 0, 99, 0, 0);
	CALL(NtQueryValueKey, (word)below, (word)&value, 2, (word)data, sizeof(data), (word)&size);
	CALL(NtQueryValueKey, (word)below, (word)&value, 2, (word)data, 12, (word)&size);
	CALL(NtQueryValueKey, (word)below, (word)&value, 2, (word)data, 1, (word)&size);
	CALL(NtQueryValueKey, (word)below, (word)&value, 77, (word)data, 1, (word)&size);
	NtClose((word)below);
	NtClose((word)handle);
}

/* All others -----------------------------------------------------------------------------------*/

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
	for (u32 i = 0; i < 5; i++) {
		kernel_word thread = 0;

		CALL(NtCreateThreadEx, (word)&thread, ALL_ACCESS, 0, SELF, 0x401000,
		     DO_CHILD | 5 << 16, 0, 0, 0, 0, 0);
		NtYieldExecution();
		CALL(NtTerminateThread, (word)thread, i);
		CALL(NtWaitForSingleObject, (word)thread, 0, 0);
		NtClose((word)thread);
		NtYieldExecution();
	}
}

void wv_syscalls_all(word thread)
{
	named_objects();
	files();
	keys();
	questions();
	others();
	killed_threads();
	nonsense();
	wv_duplicate_all(thread);
}

void wv_callstorm(void)
{
	word count = wv_perform(PERFORM_STORM_BEGINS, 0, 0, 0);

	for (word i = 0; i < count; i++)
		NtYieldExecution();
	wv_perform(PERFORM_STORM_ENDS, 0, 0, 0);
}
