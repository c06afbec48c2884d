/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structures behind arguments of Windows' services, and what hostile bytes make of the decoders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "plugins/syscalls/nt_format.h"
#include "syscall_text.h"

/* A structure as it is put together, of a 64-bit kernel or of a 32-bit one. */
struct structure {
	uint8_t bytes[256];
	size_t size;
	bool compat;
};

static void put(struct structure *structure, uint64_t number, size_t size)
{
	assert_true(size <= sizeof(structure->bytes) - structure->size);
	memcpy(structure->bytes + structure->size, &number, size);
	structure->size += size;
}

static void put_words(struct structure *structure, const uint64_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put(structure, words[i], structure->compat ? 4 : 8);
}

#define PUT_WORDS(structure, ...)                                                                  \
	put_words(structure, (const uint64_t[]){ __VA_ARGS__ },                                    \
		  G_N_ELEMENTS(((const uint64_t[]){ __VA_ARGS__ })))

static const char *text_in(const char *service, const char *name, const void *bytes, size_t size,
			   bool compat)
{
	struct wv_arg arg = nt_argument(service, name, 0x1000);

	arg.compat = compat;
	set_bytes(&arg, bytes, size);
	return text_of(&arg);
}

static const char *structure_text(const char *service, const char *name,
				  const struct structure *structure)
{
	return text_in(service, name, structure->bytes, structure->size, structure->compat);
}

static const char *number_text_of_64(const char *service, const char *name, int64_t number)
{
	return text_in(service, name, &number, sizeof(number), false);
}

/* Times -----------------------------------------------------------------------------------------*/

static void test_timeouts(void **state)
{
	static const struct {
		int64_t timeout;
		const char *text;
	} rows[] = {
		{ 0, "0s" },
		{ -1, "0.0000001s" },
		{ -15000000, "1.5s" },
		{ -600000000, "60s" },
		{ -10000001, "1.0000001s" },
		{ INT64_MIN, "infinite" },
		{ INT64_MIN + 1, "922337203685.4775807s" },
		{ 133500000000000000, "2024-01-17T21:20:00Z" },
		{ INT64_MAX, "30828-09-14T02:48:05.4775807Z" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_text(number_text_of_64("NtWaitForSingleObject", "Timeout", rows[i].timeout),
			    rows[i].text);
	assert_text(nt_number_text("NtWaitForSingleObject", "Timeout", 0), "NULL");
}

static void test_times(void **state)
{
	(void)state;
	assert_text(number_text_of_64("NtSetSystemTime", "SystemTime", 116444736000000000),
		    "1970-01-01T00:00:00Z");
	assert_text(number_text_of_64("NtSetSystemTime", "SystemTime", 125911583990000120),
		    "1999-12-31T23:59:59.000012Z");
	assert_text(number_text_of_64("NtSetSystemTime", "SystemTime", 1),
		    "1601-01-01T00:00:00.0000001Z");
	assert_text(number_text_of_64("NtSetSystemTime", "SystemTime", 0), "0");
	assert_text(number_text_of_64("NtSetSystemTime", "SystemTime", -1), "-1");
}

/* Input and output ------------------------------------------------------------------------------*/

static void test_io(void **state)
{
	struct structure wide = { .compat = false }, narrow = { .compat = true };

	(void)state;
	PUT_WORDS(&wide, 0x80000005, 17);
	PUT_WORDS(&narrow, 0xc0000022, 2);
	assert_text(structure_text("NtReadFile", "IoStatusBlock", &wide),
		    "{Status=STATUS_BUFFER_OVERFLOW, Information=17}");
	assert_text(structure_text("NtReadFile", "IoStatusBlock", &narrow),
		    "{Status=STATUS_ACCESS_DENIED, Information=2}");
	assert_text(structure_text("NtCreateFile", "IoStatusBlock", &narrow),
		    "{Status=STATUS_ACCESS_DENIED, Information=FILE_CREATED}");
	assert_text(number_text_of_64("NtReadFile", "ByteOffset", 4096), "4096");
	assert_text(number_text_of_64("NtReadFile", "ByteOffset", -1), "FILE_WRITE_TO_END_OF_FILE");
	assert_text(number_text_of_64("NtReadFile", "ByteOffset", -2),
		    "FILE_USE_FILE_POINTER_POSITION");
}

static void test_files(void **state)
{
	struct structure basic = { 0 }, network = { 0 };

	(void)state;
	PUT_WORDS(&basic, 116444736000000000, 0, UINT64_MAX, 116444736000000000, 0x21);
	assert_text(structure_text("NtQueryAttributesFile", "FileInformation", &basic),
		    "{CreationTime=1970-01-01T00:00:00Z, LastAccessTime=0, LastWriteTime=-1, "
		    "ChangeTime=1970-01-01T00:00:00Z, "
		    "FileAttributes=FILE_ATTRIBUTE_READONLY|FILE_ATTRIBUTE_ARCHIVE}");
	PUT_WORDS(&network, 0, 0, 0, 0, 4096, 5, 0x10);
	assert_text(structure_text("NtQueryFullAttributesFile", "FileInformation", &network),
		    "{CreationTime=0, LastAccessTime=0, LastWriteTime=0, ChangeTime=0, "
		    "AllocationSize=4096, EndOfFile=5, FileAttributes=FILE_ATTRIBUTE_DIRECTORY}");
}

static void test_port_message(void **state)
{
	static const char text[] = "{DataLength=16, TotalLength=40, Type=0x2, UniqueProcess=4, "
				   "UniqueThread=8, MessageId=0x99}";

	(void)state;
	for (unsigned compat = 0; compat < 2; compat++) {
		struct structure message = { .compat = compat };

		put(&message, 16, 2);
		put(&message, 40, 2);
		put(&message, 2, 4);
		PUT_WORDS(&message, 4, 8, 0x99, 0);
		assert_text(structure_text("NtReplyPort", "ReplyMessage", &message), text);
	}
}

/* Processes -------------------------------------------------------------------------------------*/

static void test_client_id(void **state)
{
	struct structure wide = { .compat = false }, narrow = { .compat = true };

	(void)state;
	PUT_WORDS(&wide, 1232, 1240);
	PUT_WORDS(&narrow, 1232, 0);
	assert_text(structure_text("NtOpenProcess", "ClientId", &wide),
		    "{UniqueProcess=1232, UniqueThread=1240}");
	assert_text(structure_text("NtOpenProcess", "ClientId", &narrow),
		    "{UniqueProcess=1232, UniqueThread=0}");
}

static void put_text(struct structure *structure, const char *text)
{
	put(structure, strlen(text), 2);
	for (; *text; text++)
		put(structure, (uint8_t)*text, 1);
}

static void test_process_parameters(void **state)
{
	static const char *const call[] = { "NtCreateUserProcess", "ProcessParameters" };
	struct structure all = { 0 }, some = { 0 };
	struct wv_arg arg = nt_argument(call[0], call[1], 0x1000);

	(void)state;
	put_text(&all, "C:\\a b.exe");
	put_text(&all, "\"C:\\a b.exe\" /x");
	put_text(&all, "C:\\");
	put_text(&all, "D:\\");
	assert_text(structure_text(call[0], call[1], &all),
		    "{ImagePathName=\"C:\\a b.exe\", CommandLine=\"\"\"C:\\a b.exe\"\" /x\", "
		    "DllPath=\"C:\\\", CurrentDirectory=\"D:\\\"}");
	put(&some, WV_NT_NO_TEXT, 2);
	put_text(&some, "x");
	put_text(&some, "");
	put(&some, 100, 2); /* of which nothing is there */
	assert_text(structure_text(call[0], call[1], &some),
		    "{CommandLine=\"x\", CurrentDirectory=\"\"}");
	set_bytes(&arg, some.bytes, 5);
	arg.truncated = true;
	assert_text(text_of(&arg), "{CommandLine=\"x\", ...}");
	set_bytes(&arg, some.bytes, 1);
	assert_text(text_of(&arg), "{...}");
}

static void test_attribute_list(void **state)
{
	static const char text[] = "[PsAttributeImageName={Size=58, Value=0x7ff0}, "
				   "PsAttributeParentProcess={Size=8, Value=NULL}, "
				   "99={Size=0, Value=0x1}]";

	(void)state;
	for (unsigned compat = 0; compat < 2; compat++) {
		struct structure list = { .compat = compat };

		PUT_WORDS(&list, 104, 0x20005, 58, 0x7ff0, 0, 0x60000, 8, 0, 0, 99, 0, 1, 0);
		assert_text(structure_text("NtCreateUserProcess", "AttributeList", &list), text);
	}
}

static void test_processes(void **state)
{
	static const char teb[] =
		"{StackBase=0x3000, StackLimit=0x4000, StackAllocationBase=0x5000}";
	static const char exception[] = "{ExceptionCode=STATUS_ACCESS_VIOLATION, "
					"ExceptionFlags=0x1, ExceptionAddress=0x401000, "
					"NumberParameters=2}";
	static const char ranges[] = "[{VirtualAddress=0x1000, NumberOfBytes=4096}, "
				     "{VirtualAddress=NULL, NumberOfBytes=0}]";

	(void)state;
	for (unsigned compat = 0; compat < 2; compat++) {
		struct structure info = { .compat = compat }, stack = info, record = info,
				 memory = info;

		PUT_WORDS(&info, 88, 6);
		assert_text(structure_text("NtCreateUserProcess", "CreateInfo", &info),
			    "{State=PsCreateSuccess}");
		PUT_WORDS(&stack, 0x1000, 0x2000, 0x3000, 0x4000, 0x5000);
		assert_text(structure_text("NtCreateThread", "InitialTeb", &stack), teb);
		put(&record, 0xc0000005, 4);
		put(&record, 1, 4);
		PUT_WORDS(&record, 0, 0x401000, 2);
		assert_text(structure_text("NtRaiseException", "ExceptionRecord", &record),
			    exception);
		PUT_WORDS(&memory, 0x1000, 4096, 0, 0);
		assert_text(structure_text("NtSetInformationVirtualMemory", "VirtualAddresses",
					   &memory),
			    ranges);
	}
	assert_text(
		text_in("NtGetCurrentProcessorNumberEx", "ProcessorNumber", "\1\0\7\xff", 4, false),
		"{Group=1, Number=7}");
}

/* Security --------------------------------------------------------------------------------------*/

#define SYSTEM_SID "\1\1\0\0\0\0\0\5\x12\0\0\0"

static void test_identifiers(void **state)
{
	static const char guid[] =
		"\xdd\x8d\xe3\x1f\x72\xdd\xca\x4c\xa6\xfc\x1c\x63\xe0\xdc\x8c\x1b";
	static const char odd[] = "\1\1\1\2\3\4\5\6\xff\xff\xff\xff";

	(void)state;
	assert_text(number_text_of_64("NtAllocateLocallyUniqueId", "Luid", 0x1000003e7),
		    "0x1000003e7");
	assert_text(text_in("NtCreateTransaction", "Uow", guid, 16, false),
		    "{1fe38ddd-dd72-4cca-a6fc-1c63e0dc8c1b}");
	assert_text(text_in("NtAccessCheckByType", "PrincipalSelfSid", SYSTEM_SID, 12, false),
		    "S-1-5-18");
	assert_text(text_in("NtCreateToken", "User", SYSTEM_SID, 12, false), "S-1-5-18");
	assert_text(text_in("NtCreateToken", "User", odd, 12, false),
		    "S-1-0x10203040506-4294967295");
	/* more parts promised than there are, or than a SID may have */
	assert_text(text_in("NtCreateToken", "User", "\1\xf\0\0\0\0\0\5\x12\0\0\0", 12, false),
		    "S-1-5-18");
	assert_text(text_in("NtCreateToken", "User", "\1\x10\0\0\0\0\0\5\x12\0\0\0", 12, false),
		    "0x1000");
	assert_text(text_in("NtCreateToken", "User", SYSTEM_SID, 7, false), "0x1000");
}

static void put_privilege(struct structure *structure, uint64_t luid, uint32_t attributes)
{
	put(structure, luid, 8);
	put(structure, attributes, 4);
}

static void test_privileges(void **state)
{
	struct structure token = { 0 }, set = { 0 };
	struct wv_arg arg = nt_argument("NtAdjustPrivilegesToken", "NewState", 0x1000);

	(void)state;
	put(&token, 0x80000000, 4);
	assert_text(structure_text("NtAdjustPrivilegesToken", "NewState", &token), "[]");
	put_privilege(&token, 20, 2);
	put_privilege(&token, 0x100000014, 0);
	assert_text(structure_text("NtAdjustPrivilegesToken", "NewState", &token),
		    "[SE_DEBUG_PRIVILEGE=SE_PRIVILEGE_ENABLED, 0x100000014=0]");
	set_bytes(&arg, token.bytes, token.size - 1);
	arg.truncated = true;
	assert_text(text_of(&arg), "[SE_DEBUG_PRIVILEGE=SE_PRIVILEGE_ENABLED, ...]");
	put(&set, 1, 4);
	put(&set, 1, 4);
	put_privilege(&set, 7, 0x80000000);
	assert_text(structure_text("NtPrivilegeCheck", "RequiredPrivileges", &set),
		    "{Control=0x1, Privilege=[SE_TCB_PRIVILEGE=SE_PRIVILEGE_USED_FOR_ACCESS]}");
}

static void test_tokens(void **state)
{
	struct structure source = { 0 }, qos = { 0 }, mapping = { 0 };

	(void)state;
	put(&source, 0x2a00323372657355, 8); /* "User32", a NUL, "*" */
	put(&source, 0x3e7, 8);
	assert_text(structure_text("NtCreateToken", "Source", &source),
		    "{SourceName=\"User32\", SourceIdentifier=0x3e7}");
	put(&qos, 12, 4);
	put(&qos, 2, 4);
	put(&qos, 0x0001, 4);
	assert_text(structure_text("NtConnectPort", "SecurityQos", &qos),
		    "{ImpersonationLevel=SecurityImpersonation, ContextTrackingMode=TRUE, "
		    "EffectiveOnly=FALSE}");
	put(&mapping, 0x80020000, 4);
	put(&mapping, 0, 4);
	put(&mapping, 0x100000, 4);
	put(&mapping, 1, 4);
	assert_text(structure_text("NtAccessCheck", "GenericMapping", &mapping),
		    "{GenericRead=READ_CONTROL|GENERIC_READ, GenericWrite=0, "
		    "GenericExecute=SYNCHRONIZE, GenericAll=0x1}");
}

static void test_buffer(void **state)
{
	struct wv_arg arg = nt_argument("NtWriteFile", "Buffer", 0x1000);

	(void)state;
	set_bytes(&arg, "MZ\x90\0", 4);
	arg.truncated = true;
	assert_text(text_of(&arg), "\"MZ\\x90\\x00\"...");
}

/* Hostile ---------------------------------------------------------------------------------------*/

static void check_hostile(struct wv_arg *arg, const uint8_t *bytes, size_t size)
{
	for (unsigned i = 0; i < 8; i++) {
		set_bytes(arg, bytes, size);
		arg->compat = i & 1;
		arg->truncated = i & 2;
		arg->returned = i & 4;
		assert_true(strlen(text_of(arg)) < 64 * (size + 64));
	}
}

/* Each decoder with nothing, with too little, with enough and with more, of any one byte. */
static void test_hostile(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 7, 8, 11, 12, 15, 16, 17, 31, 40, 55, 56, 200 };
	uint8_t bytes[200];
	size_t count;
	const struct wv_nt_prototype *rows = wv_nt_prototypes(&count);
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (unsigned j = 0; j < rows[i].n_arguments; j++) {
			struct wv_arg arg = nt_argument(rows[i].name, rows[i].arguments[j].name, 1);

			if (!g_hash_table_add(seen, (gpointer)arg.decoder))
				continue;
			for (size_t k = 0; k < G_N_ELEMENTS(sizes); k++)
				for (int fill = 0; fill < 256; fill += 51) {
					memset(bytes, fill, sizeof(bytes));
					check_hostile(&arg, bytes, sizes[k]);
				}
		}
	}
	assert_true(g_hash_table_size(seen) > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_io),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_port_message),
		cmocka_unit_test(test_client_id),
		cmocka_unit_test(test_process_parameters),
		cmocka_unit_test(test_attribute_list),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_identifiers),
		cmocka_unit_test(test_privileges),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_buffer),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
