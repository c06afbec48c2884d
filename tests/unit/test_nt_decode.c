/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments of Windows' services: numbers, names, handles, texts, and how much is captured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "plugins/syscalls/nt_format.h"
#include "syscall_text.h"

/* Numbers ---------------------------------------------------------------------------------------*/

static void test_numbers(void **state)
{
	static const struct {
		const char *service, *name;
		uint64_t number;
		const char *text;
	} rows[] = {
		{ "NtCreateFile", "EaLength", 0xdead00000010, "16" },
		{ "NtCreateFile", "IoStatusBlock", 0, "NULL" },
		{ "NtCreateFile", "IoStatusBlock", 0x7ffc1000, "0x7ffc1000" },
		{ "NtCreateFile", "ShareAccess", 0, "0" },
		{ "NtCreateFile", "ShareAccess", 5, "FILE_SHARE_READ|FILE_SHARE_DELETE" },
		{ "NtCreateFile", "DesiredAccess", 0x40110002,
		  "FILE_WRITE_DATA|DELETE|SYNCHRONIZE|GENERIC_WRITE" },
		{ "NtCreateFile", "CreateDisposition", 0xffffffff00000003, "FILE_OPEN_IF" },
		{ "NtCreateFile", "CreateDisposition", 77, "77" },
		{ "NtOpenProcess", "DesiredAccess", 0x80000401,
		  "PROCESS_TERMINATE|PROCESS_QUERY_INFORMATION|GENERIC_READ" },
		{ "NtOpenKey", "DesiredAccess", 0x103,
		  "KEY_QUERY_VALUE|KEY_SET_VALUE|KEY_WOW64_64KEY" },
		{ "NtAllocateVirtualMemory", "PageProtection", 0x40, "PAGE_EXECUTE_READWRITE" },
		{ "NtAllocateVirtualMemory", "PageProtection", 0x104, "PAGE_READWRITE|PAGE_GUARD" },
		{ "NtAllocateVirtualMemory", "ZeroBits", 0x1f, "0x1f" },
		{ "NtQueryInformationProcess", "ProcessInformationClass", 4, "ProcessTimes" },
		{ "NtCreateEvent", "EventType", 1, "SynchronizationEvent" },
		{ "NtCreateEvent", "InitialState", 0xab01, "TRUE" },
		{ "NtCreateEvent", "InitialState", 0xab00, "FALSE" },
		{ "NtCreateEvent", "InitialState", 0x42, "0x42" },
		{ "NtTerminateProcess", "ExitStatus", 0xffffffffc0000005,
		  "STATUS_ACCESS_VIOLATION" },
		{ "NtTerminateProcess", "ExitStatus", 0xcaca, "0xcaca" },
		{ "NtSetEventEx", "ThreadId", 4312, "4312" },
		{ "NtDeviceIoControlFile", "IoControlCode", 0x12007, "IOCTL_AFD_CONNECT" },
		{ "NtDeviceIoControlFile", "IoControlCode", 0xffffffff00222007,
		  "0x222007=CTL_CODE(0x22, 0x801, METHOD_NEITHER, FILE_ANY_ACCESS)" },
		{ "NtFsControlFile", "FsControlCode", 0x90004, "FSCTL_REQUEST_OPLOCK_LEVEL_2" },
		{ "NtFsControlFile", "FsControlCode", 0xfffffffd,
		  "0xfffffffd=CTL_CODE(0xffff, 0xfff, METHOD_IN_DIRECT, "
		  "FILE_READ_ACCESS|FILE_WRITE_ACCESS)" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_text(nt_number_text(rows[i].service, rows[i].name, rows[i].number),
			    rows[i].text);
}

/* The rights of a kind of objects that are all together have one name; others are told beside it,
 * and where one of them lacks each of the rest is told. */
static void test_all_access(void **state)
{
	static const struct {
		const char *service;
		uint64_t number;
		const char *text;
	} rows[] = {
		/* winnt.h, wdm.h: STANDARD_RIGHTS_REQUIRED, mostly SYNCHRONIZE, and the type's own
		 */
		{ "NtOpenProcess", 0x1fffff, "PROCESS_ALL_ACCESS" },
		{ "NtOpenThread", 0x1fffff, "THREAD_ALL_ACCESS" },
		{ "NtOpenFile", 0x1f01ff, "FILE_ALL_ACCESS" },
		{ "NtCreateNamedPipeFile", 0x1f01ff, "FILE_ALL_ACCESS" },
		{ "NtOpenKey", 0xf003f, "KEY_ALL_ACCESS" },
		{ "NtOpenProcessToken", 0xf01ff, "TOKEN_ALL_ACCESS" },
		{ "NtOpenEvent", 0x1f0003, "EVENT_ALL_ACCESS" },
		{ "NtOpenMutant", 0x1f0001, "MUTANT_ALL_ACCESS" },
		{ "NtOpenSection", 0xf001f, "SECTION_ALL_ACCESS" },
		{ "NtOpenSemaphore", 0x1f0003, "SEMAPHORE_ALL_ACCESS" },
		{ "NtOpenTimer", 0x1f0003, "TIMER_ALL_ACCESS" },
		{ "NtOpenJobObject", 0x1f003f, "JOB_OBJECT_ALL_ACCESS" },
		{ "NtOpenDirectoryObject", 0xf000f, "DIRECTORY_ALL_ACCESS" },
		{ "NtOpenSymbolicLinkObject", 0xf0001, "SYMBOLIC_LINK_ALL_ACCESS" },
		{ "NtOpenIoCompletion", 0x1f0003, "IO_COMPLETION_ALL_ACCESS" },
		{ "NtOpenSession", 0xf0003, "SESSION_ALL_ACCESS" },
		{ "NtOpenKeyedEvent", 0xf0003, "KEYEDEVENT_ALL_ACCESS" },
		{ "NtOpenPartition", 0x1f0003, "MEMORY_PARTITION_ALL_ACCESS" },
		{ "NtCreateDebugObject", 0x1f000f, "DEBUG_ALL_ACCESS" },
		{ "NtCreateWorkerFactory", 0xf003f, "WORKER_FACTORY_ALL_ACCESS" },
		{ "NtOpenEnlistment", 0xf001f, "ENLISTMENT_ALL_ACCESS" },
		{ "NtOpenResourceManager", 0x1f007f, "RESOURCEMANAGER_ALL_ACCESS" },
		{ "NtOpenTransaction", 0x1f003f, "TRANSACTION_ALL_ACCESS" },
		{ "NtOpenTransactionManager", 0xf003f, "TRANSACTIONMANAGER_ALL_ACCESS" },
		{ "NtOpenKey", 0xf013f, "KEY_ALL_ACCESS|KEY_WOW64_64KEY" },
		{ "NtOpenSection", 0x81f007f,
		  "SECTION_ALL_ACCESS|SECTION_MAP_EXECUTE_EXPLICIT|SYNCHRONIZE|0x8000040" },
		{ "NtOpenKey", 0xe003f,
		  "KEY_QUERY_VALUE|KEY_SET_VALUE|KEY_CREATE_SUB_KEY|KEY_ENUMERATE_SUB_KEYS|"
		  "KEY_NOTIFY|KEY_CREATE_LINK|READ_CONTROL|WRITE_DAC|WRITE_OWNER" },
		{ "NtOpenEvent", 0xf0003,
		  "EVENT_QUERY_STATE|EVENT_MODIFY_STATE|DELETE|READ_CONTROL|WRITE_DAC|"
		  "WRITE_OWNER" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_text(nt_number_text(rows[i].service, "DesiredAccess", rows[i].number),
			    rows[i].text);
}

/* What stands behind a pointer, of its width and no more. */
static const char *behind(const char *service, const char *name, uint64_t number, size_t size)
{
	struct wv_arg arg = nt_argument(service, name, 0x1000);

	set_bytes(&arg, &number, size);
	return text_of(&arg);
}

static void test_numbers_behind(void **state)
{
	(void)state;
	assert_text(behind("NtAllocateVirtualMemory", "BaseAddress", 0x7ff600000000, 8),
		    "0x7ff600000000");
	assert_text(behind("NtAllocateVirtualMemory", "RegionSize", 4096, 8), "4096");
	assert_text(behind("NtQueryKey", "ResultLength", 0xffffffff, 4), "4294967295");
	assert_text(behind("NtSetEvent", "PreviousState", 0xffffffff, 4), "-1");
	assert_text(behind("NtProtectVirtualMemory", "OldProtection", 0x20, 4),
		    "PAGE_EXECUTE_READ");
	assert_text(behind("NtCreateKey", "Disposition", 1, 4), "REG_CREATED_NEW_KEY");
	assert_text(behind("NtAccessCheck", "AccessStatus", 0xc0000022, 4), "STATUS_ACCESS_DENIED");
	assert_text(behind("NtAccessCheck", "GrantedAccess", 0x20001, 4), "READ_CONTROL|0x1");
	assert_text(behind("NtPrivilegeCheck", "Result", 1, 1), "TRUE");
	assert_text(behind("NtAddAtom", "Atom", 0xc001, 2), "0xc001");
	/* too little was captured */
	assert_text(behind("NtAllocateVirtualMemory", "RegionSize", 4096, 7), "0x1000");
}

static void test_numbers_of_32_bits(void **state)
{
	struct wv_arg arg = nt_argument("NtAllocateVirtualMemory", "RegionSize", 0x1000);
	const uint32_t size = 0x12345;

	(void)state;
	arg.compat = true;
	set_bytes(&arg, &size, sizeof(size));
	assert_text(text_of(&arg), "74565");
}

/* Handles ---------------------------------------------------------------------------------------*/

#define OBJECT(text) (text), sizeof(text) - 1

static const char *handle_text(uint64_t handle, const char *object, size_t size)
{
	struct wv_arg arg = nt_argument("NtClose", "Handle", handle);

	set_bytes(&arg, object, size);
	return text_of(&arg);
}

static void test_handles(void **state)
{
	(void)state;
	assert_text(nt_number_text("NtClose", "Handle", 0x1c), "0x1c");
	assert_text(nt_number_text("NtClose", "Handle", 0), "NULL");
	assert_text(nt_number_text("NtClose", "Handle", UINT64_MAX), "NtCurrentProcess");
	assert_text(nt_number_text("NtClose", "Handle", (uint64_t)-2), "NtCurrentThread");
	assert_text(nt_number_text("NtClose", "Handle", (uint64_t)-6),
		    "NtCurrentThreadEffectiveToken");
	assert_text(nt_number_text("NtClose", "Handle", (uint64_t)-7), "0xfffffffffffffff9");
	assert_text(nt_number_text("NtClose", "Handle", (uint64_t)INT32_MIN), "0xffffffff80000000");
	assert_text(handle_text(0x1c, OBJECT("File\0\\Device\\HarddiskVolume1\\a")),
		    "0x1c<File:\\Device\\HarddiskVolume1\\a>");
	assert_text(handle_text(0x1c, OBJECT("Event\0")), "0x1c<Event>");
	assert_text(handle_text(0x1c, OBJECT("Event")), "0x1c<Event>");
	assert_text(handle_text(0x1c, OBJECT("\0\\a")), "0x1c<\\a>");
	assert_text(handle_text(0x1c, OBJECT("\0")), "0x1c");
	assert_text(handle_text(0x1c, OBJECT("")), "0x1c");
}

static void test_handles_of_32_bits(void **state)
{
	struct wv_arg arg = nt_argument("NtClose", "Handle", 0x1234ffffffff);

	(void)state;
	arg.compat = true;
	arg.bits = 32;
	assert_text(text_of(&arg), "NtCurrentProcess");
	arg.number = 0x80000010;
	assert_text(text_of(&arg), "0x80000010");
}

static void test_handle_at(void **state)
{
	struct wv_arg arg = nt_argument("NtCreateFile", "FileHandle", 0x1000);

	(void)state;
	assert_text(text_of(&arg), "0x1000");
	set_bytes(&arg, OBJECT("\x20\0\0\0\0\0\0\0"));
	assert_text(text_of(&arg), "0x20");
	set_bytes(&arg, OBJECT("\x20\0\0\0\0\0\0\0Key\0\\REGISTRY\\MACHINE"));
	assert_text(text_of(&arg), "0x20<Key:\\REGISTRY\\MACHINE>");
	arg.truncated = true;
	assert_text(text_of(&arg), "0x20<Key:\\REGISTRY\\MACHINE...>");
	set_bytes(&arg, OBJECT("\x20\0\0\0\0\0\0"));
	assert_text(text_of(&arg), "0x1000");
}

static void test_handles_in_a_row(void **state)
{
	const uint64_t words[] = { 0x10, UINT64_MAX };
	const uint32_t halves[] = { 0x10, UINT32_MAX };
	struct wv_arg arg = nt_argument("NtWaitForMultipleObjects", "Handles", 0x1000);

	(void)state;
	set_bytes(&arg, words, sizeof(words));
	assert_text(text_of(&arg), "[0x10, NtCurrentProcess]");
	set_bytes(&arg, words, sizeof(words) - 1);
	arg.truncated = true;
	assert_text(text_of(&arg), "[0x10, ...]");
	arg = nt_argument("NtWaitForMultipleObjects", "Handles", 0x1000);
	arg.compat = true;
	set_bytes(&arg, halves, sizeof(halves));
	assert_text(text_of(&arg), "[0x10, NtCurrentProcess]");
	arg = nt_argument("NtWaitForMultipleObjects32", "Handles", 0x1000);
	set_bytes(&arg, halves, sizeof(halves));
	assert_text(text_of(&arg), "[0x10, NtCurrentProcess]");
}

/* Texts -----------------------------------------------------------------------------------------*/

static void test_unicode_string(void **state)
{
	struct wv_arg arg = nt_argument("NtSetValueKey", "ValueName", 0x1000);

	(void)state;
	assert_text(text_of(&arg), "0x1000");
	set_bytes(&arg, OBJECT(""));
	assert_text(text_of(&arg), "");
	set_bytes(&arg, OBJECT("Gr\xc3\xbc\xc3\x9f\x65 \"\\\""));
	assert_text(text_of(&arg), "Gr\xc3\xbc\xc3\x9f\x65 \"\\\"");
	arg.truncated = true;
	assert_text(text_of(&arg), "Gr\xc3\xbc\xc3\x9f\x65 \"\\\"...");
	arg.number = 0;
	arg.bytes = NULL;
	assert_text(text_of(&arg), "NULL");
}

static const char *wide(const uint16_t *units, size_t size)
{
	struct wv_arg arg = nt_argument("NtAddAtom", "AtomName", 0x1000);

	set_bytes(&arg, units, size);
	return text_of(&arg);
}

static void test_wide_text(void **state)
{
	static const uint16_t text[] = { 'a', 0xfc, 0x20ac, 0xd83d, 0xde00, 'z' };
	static const uint16_t halves[] = { 0xd83d, 'a', 0xde00, 0xd83d };

	(void)state;
	assert_text(wide(text, sizeof(text)), "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80z");
	assert_text(wide(text, 3), "a");
	assert_text(wide(text, 8), "a\xc3\xbc\xe2\x82\xac\xef\xbf\xbd");
	assert_text(wide(text, 0), "");
	assert_text(wide(halves, sizeof(halves)), "\xef\xbf\xbd"
						  "a\xef\xbf\xbd\xef\xbf\xbd");
	assert_text(wide((const uint16_t[]){ 'a', 0, 'b' }, 6), "a");
	assert_text(nt_number_text("NtAddAtom", "AtomName", 0xc005), "0xc005");
}

static const char *attributes_text(uint64_t root, uint32_t flags, const char *root_name,
				   const char *name)
{
	struct wv_arg arg = nt_argument("NtOpenKey", "ObjectAttributes", 0x1000);
	struct wv_nt_object_attributes head = { root, flags, (uint16_t)strlen(root_name), 0 };
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	g_byte_array_append(bytes, (const guint8 *)&head, sizeof(head));
	g_byte_array_append(bytes, (const guint8 *)root_name, (guint)strlen(root_name));
	g_byte_array_append(bytes, (const guint8 *)name, (guint)strlen(name));
	set_bytes(&arg, bytes->data, bytes->len);
	return text_of(&arg);
}

static void test_object_attributes(void **state)
{
	struct wv_arg arg = nt_argument("NtOpenKey", "ObjectAttributes", 0x1000);
	struct wv_nt_object_attributes head = { 0x10, 0, UINT16_MAX, 0 };

	(void)state;
	assert_text(attributes_text(0, 0x40, "", "\\??\\C:\\a"), "\\??\\C:\\a");
	assert_text(attributes_text(0x10, 0, "\\REGISTRY\\MACHINE", "Software"),
		    "\\REGISTRY\\MACHINE\\Software");
	assert_text(attributes_text(0x10, 0, "\\", "a"), "\\a");
	assert_text(attributes_text(0x10, 0, "\\REGISTRY\\MACHINE", ""), "\\REGISTRY\\MACHINE");
	assert_text(attributes_text(0x10, 0, "", "a"), "<0x10>\\a");
	assert_text(attributes_text(0x10, 0, "", ""), "<0x10>");
	assert_text(attributes_text(0, 0x40, "", ""), "");
	assert_text(attributes_text(0, 0x242, "", "\\a"), "\\a (OBJ_INHERIT|OBJ_KERNEL_HANDLE)");
	assert_text(attributes_text(0, 0x80000042, "", ""), "(OBJ_INHERIT|0x80000000)");
	assert_text(text_of(&arg), "0x1000");
	/* a root's name longer than all there is */
	set_bytes(&arg, &head, sizeof(head));
	assert_text(text_of(&arg), "<0x10>");
	set_bytes(&arg, &head, sizeof(head) - 1);
	assert_text(text_of(&arg), "0x1000");
}

/* How much to capture ---------------------------------------------------------------------------*/

static size_t size_and_cut(const char *service, const char *name, uint64_t other, uint64_t told,
			   bool compat, bool *cut)
{
	const struct wv_nt_prototype *prototype = wv_nt_prototype_find(service);
	uint64_t numbers[WV_NT_ARGS];
	struct wv_arg arg = nt_argument(service, name, 0x1000);

	for (unsigned i = 0; i < WV_NT_ARGS; i++)
		numbers[i] = other;
	arg = wv_nt_arg(prototype, arg.index, numbers, prototype->n_arguments, compat);
	return wv_capture_size(&arg, told, cut);
}

static size_t size_of(const char *service, const char *name, uint64_t other, uint64_t told,
		      bool compat)
{
	bool cut;

	return size_and_cut(service, name, other, told, compat, &cut);
}

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(size_of("NtOpenProcess", "ClientId", 0, 0, false), 16);
	assert_int_equal(size_of("NtOpenProcess", "ClientId", 0, 0, true), 8);
	assert_int_equal(size_of("NtWriteFile", "Buffer", 100, 7, false), 100);
	/* no more than the buffer has, whatever the status block says */
	assert_int_equal(size_of("NtReadFile", "Buffer", 100, 7, false), 7);
	assert_int_equal(size_of("NtReadFile", "Buffer", 100, UINT64_MAX, false), 100);
	assert_int_equal(size_of("NtAddAtom", "AtomName", 10, 0, false), 10);
	assert_int_equal(size_of("NtAddAtom", "AtomName", UINT64_MAX, 0, false), 512);
	assert_int_equal(size_of("NtWaitForMultipleObjects", "Handles", 3, 0, false), 24);
	assert_int_equal(size_of("NtWaitForMultipleObjects", "Handles", 3, 0, true), 12);
	assert_int_equal(size_of("NtWaitForMultipleObjects", "Handles", UINT64_MAX, 0, true), 512);
	assert_int_equal(size_of("NtAdjustPrivilegesToken", "NewState", 0, 0, false), 4);
	assert_int_equal(size_of("NtAdjustPrivilegesToken", "NewState", 0, 2, false), 28);
	assert_int_equal(size_of("NtAdjustPrivilegesToken", "NewState", 0, 0x80000000, false), 460);
	assert_int_equal(size_of("NtAdjustPrivilegesToken", "NewState", 0, UINT32_MAX, true), 460);
	assert_int_equal(size_of("NtPrivilegeCheck", "RequiredPrivileges", 0, 2, false), 32);
	assert_int_equal(size_of("NtAccessCheckByType", "PrincipalSelfSid", 0, 2, false), 16);
	assert_int_equal(size_of("NtAccessCheckByType", "PrincipalSelfSid", 0, 255, false), 68);
	assert_int_equal(size_of("NtCreateToken", "User", 0, 5, false), 28);
	assert_int_equal(size_of("NtCreateUserProcess", "AttributeList", 0, 72, false), 72);
	assert_int_equal(size_of("NtCreateUserProcess", "AttributeList", 0, UINT64_MAX, false),
			 1032);
	assert_int_equal(size_of("NtClose", "Handle", 9, 9, false), 0);
}

/* More than there can be of use, as another argument or the guest's memory says. */
static void test_cut(void **state)
{
	static const struct {
		const char *service, *name;
		uint64_t other, told; /* still whole */
	} rows[] = {
		{ "NtAdjustPrivilegesToken", "NewState", 0, 38 },
		{ "NtPrivilegeCheck", "RequiredPrivileges", 0, 38 },
		{ "NtAccessCheckByType", "PrincipalSelfSid", 0, 15 },
		{ "NtCreateToken", "User", 0, 15 },
		{ "NtCreateUserProcess", "AttributeList", 0, 1032 },
		{ "NtWaitForMultipleObjects", "Handles", 64, 0 },
		{ "NtWaitForMultipleObjects32", "Handles", 64, 0 },
		{ "NtSetInformationVirtualMemory", "VirtualAddresses", 16, 0 },
		{ "NtAddAtom", "AtomName", 512, 0 },
		{ "NtWriteFile", "Buffer", 1 << 20, 0 },
		{ "NtQueryWnfStateData", "Buffer", 0, 1 << 20 },
	};
	bool cut;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *service = rows[i].service, *name = rows[i].name;
		uint64_t other = rows[i].other, told = rows[i].told;
		size_t size = size_and_cut(service, name, other, told, false, &cut);

		assert_false(cut);
		assert_int_equal(size_and_cut(service, name, other + 1, told + 1, false, &cut),
				 size);
		assert_true(cut);
		assert_int_equal(size_and_cut(service, name, 1u << 31, 1u << 31, false, &cut),
				 size);
		assert_true(cut);
	}
	/* the smaller one of two lengths counts */
	size_and_cut("NtReadFile", "Buffer", 100, UINT64_MAX, false, &cut);
	assert_false(cut);
	size_and_cut("NtReadFile", "Buffer", UINT64_MAX, (1 << 20) + 1, false, &cut);
	assert_true(cut);
	/* a 32-bit kernel's elements are smaller */
	size_and_cut("NtWaitForMultipleObjects", "Handles", 128, 0, true, &cut);
	assert_false(cut);
	size_and_cut("NtWaitForMultipleObjects", "Handles", 129, 0, true, &cut);
	assert_true(cut);
	size_and_cut("NtOpenProcess", "ClientId", UINT64_MAX, UINT64_MAX, false, &cut);
	assert_false(cut);
}

static bool length_at(const char *service, const char *name, bool compat, uint64_t *address,
		      size_t *size)
{
	const struct wv_nt_prototype *prototype = wv_nt_prototype_find(service);
	uint64_t numbers[WV_NT_ARGS];
	struct wv_arg arg = nt_argument(service, name, 0);

	for (unsigned i = 0; i < WV_NT_ARGS; i++)
		numbers[i] = 0x1000 * (i + 1);
	arg = wv_nt_arg(prototype, arg.index, numbers, prototype->n_arguments, compat);
	return wv_capture_length_at(&arg, address, size);
}

static void test_where_lengths_are(void **state)
{
	static const struct {
		const char *service, *name;
		bool compat;
		uint64_t address;
		size_t size;
	} rows[] = {
		{ "NtReadFile", "Buffer", false, 0x5008, 8 },
		{ "NtReadFile", "Buffer", true, 0x5004, 4 },
		{ "NtAdjustPrivilegesToken", "NewState", false, 0x3000, 4 },
		{ "NtPrivilegeCheck", "RequiredPrivileges", false, 0x2000, 4 },
		{ "NtAccessCheckByType", "PrincipalSelfSid", false, 0x2001, 1 },
		{ "NtCreateUserProcess", "AttributeList", false, 0xb000, 8 },
		{ "NtCreateUserProcess", "AttributeList", true, 0xb000, 4 },
		{ "NtQueryWnfStateData", "Buffer", false, 0x6000, 4 },
	};
	uint64_t address;
	size_t size;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_true(
			length_at(rows[i].service, rows[i].name, rows[i].compat, &address, &size));
		assert_int_equal(address, rows[i].address);
		assert_int_equal(size, rows[i].size);
	}
	assert_false(length_at("NtWriteFile", "Buffer", false, &address, &size));
	assert_false(length_at("NtClose", "Handle", false, &address, &size));
}

/* A call of which fewer arguments are known than its prototype has. */
static void test_neighbours_that_are_not_there(void **state)
{
	const uint64_t numbers[] = { 1, 2, 3, 4, 0x5000, 0x6000 };
	const struct wv_nt_prototype *prototype = wv_nt_prototype_find("NtWriteFile");
	struct wv_arg arg = wv_nt_arg(prototype, 5, numbers, 6, false);
	bool cut;

	(void)state;
	assert_text(wv_nt_argument_at(prototype, 5)->name, "Buffer");
	assert_int_equal(arg.number, 0x6000);
	assert_int_equal(wv_capture_size(&arg, 0, &cut), 0);
	assert_false(cut);
	assert_int_equal(wv_nt_arg(prototype, 6, numbers, 6, false).number, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_all_access),
		cmocka_unit_test(test_numbers_behind),
		cmocka_unit_test(test_numbers_of_32_bits),
		cmocka_unit_test(test_handles),
		cmocka_unit_test(test_handles_of_32_bits),
		cmocka_unit_test(test_handle_at),
		cmocka_unit_test(test_handles_in_a_row),
		cmocka_unit_test(test_unicode_string),
		cmocka_unit_test(test_wide_text),
		cmocka_unit_test(test_object_attributes),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_where_lengths_are),
		cmocka_unit_test(test_neighbours_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
