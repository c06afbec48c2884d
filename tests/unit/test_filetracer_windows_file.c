/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: what is read, written and asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "filetracer_windows_fixture.h"

/** Where an offset is. */
#define OFFSET (BUFFER + 0x100)

/* NtReadFile, NtWriteFile -----------------------------------------------------------------------*/

static void enter_transfer(struct windows_calls *fixture, const char *function, uint64_t handle,
			   uint64_t offset)
{
	const uint64_t arguments[] = { handle, 0, 0, 0, BLOCK, BUFFER, RUBBISH | 4096, offset, 0 };

	call(fixture, function, arguments, G_N_ELEMENTS(arguments));
	told_nothing(fixture);
}

static void transfers(struct windows_calls *fixture, uint64_t offset, uint64_t result,
		      const char *fields)
{
	static const char *const functions[] = { "NtReadFile", "NtWriteFile" };

	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
		enter_transfer(fixture, functions[i], FILE_HANDLE, offset);
		write_block(fixture, (uint32_t)result, 77);
		assert_true(nt_return(&fixture->guest, 0, result));
		told(fixture, functions[i], OF_FILE WITH_HANDLE "%s", fields);
	}
}

static void write_offset(struct windows_calls *fixture, int64_t offset)
{
	write_bytes(fixture, OFFSET, &offset, sizeof(offset));
}

static void test_transfers(void **state)
{
	struct windows_calls *fixture = *state;

	transfers(fixture, 0, RUBBISH, "Length=4096 Information=77 Status=0x0");
	write_offset(fixture, INT64_C(0x123456789a));
	transfers(fixture, OFFSET, 0,
		  "ByteOffset=78187493530 Length=4096 Information=77 Status=0x0");
	write_offset(fixture, -1);
	transfers(fixture, OFFSET, 0, "ByteOffset=-1 Length=4096 Information=77 Status=0x0");
	write_offset(fixture, -2); /* the current position */
	transfers(fixture, OFFSET, 0, "Length=4096 Information=77 Status=0x0");
	transfers(fixture, USER_END - 4, STATUS_ACCESS_DENIED,
		  "ByteOffset=null Length=4096 Status=0xc0000022");
	transfers(fixture, fixture->guest.pool, STATUS_ACCESS_DENIED,
		  "ByteOffset=null Length=4096 Status=0xc0000022");
}

/** Nothing has come yet; more was there than was asked for; nothing at all. */
static void test_statuses(void **state)
{
	struct windows_calls *fixture = *state;

	transfers(fixture, 0, STATUS_PENDING, "Length=4096 Status=0x103");
	transfers(fixture, 0, STATUS_BUFFER_OVERFLOW,
		  "Length=4096 Information=77 Status=0x80000005");
	transfers(fixture, 0, 0xc0000011, "Length=4096 Status=0xc0000011");
}

static void test_handles(void **state)
{
	struct windows_calls *fixture = *state;
	uint64_t kernels = kernel_handle(fixture, KERNEL_FILE);
	const struct {
		uint64_t handle;
		enum windows_mode mode;
		const char *name;
	} rows[] = {
		{ 0, USER_MODE, "null" },
		{ FREE_HANDLE, USER_MODE, "null" },
		{ OTHER_HANDLE, USER_MODE, "null" },
		{ FILE_HANDLE | 3, USER_MODE, "\"" FILE_NAME "\"" },
		{ kernels, USER_MODE, "null" },
		{ kernels, KERNEL_MODE, "\"" KERNELS "\"" },
		{ fixture->guest.is_64 ? UINT64_MAX : UINT32_MAX, USER_MODE, "null" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		put_mode(fixture, rows[i].mode);
		enter_transfer(fixture, "NtReadFile", rows[i].handle, 0);
		assert_true(nt_return(&fixture->guest, 0, STATUS_ACCESS_DENIED));
		told(fixture, "NtReadFile",
		     "FileName=%s FileHandle=0x%" PRIx64 " Length=4096 Status=0xc0000022",
		     rows[i].name, rows[i].handle);
	}
}

/** The file, and where in it, are what they were when the call began. */
static void test_changed_during_the_call(void **state)
{
	struct windows_calls *fixture = *state;

	write_offset(fixture, 8);
	enter_transfer(fixture, "NtWriteFile", FILE_HANDLE, OFFSET);
	write_offset(fixture, 9);
	nt_put_handle(&fixture->guest, fixture->process, FILE_HANDLE, 0);
	write_block(fixture, 0, 4096);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtWriteFile",
	     OF_FILE WITH_HANDLE "ByteOffset=8 Length=4096 Information=4096 Status=0x0");
}

/* What is asked for -----------------------------------------------------------------------------*/

/** What a call is given, in the order of each structure. */
struct basic {
	uint64_t times[4];
	uint32_t attributes, zero;
};

static const struct basic basic = { { FILETIME(1), FILETIME(2), FILETIME(3), FILETIME(4) },
				    0x20,
				    0 };
static const uint64_t sizes[2] = { 0x2000, 0x1234 };

#define TIMES	   "CreationTime=1 LastAccessTime=2 LastWriteTime=3 ChangeTime=4 "
#define SIZES	   "AllocationSize=0x2000 EndOfFile=0x1234 "
#define IS_ARCHIVE "FileAttributes=\"FILE_ATTRIBUTE_ARCHIVE\" "

/** FILE_NETWORK_OPEN_INFORMATION: times, sizes, attributes. */
static void write_network(struct windows_calls *fixture, uint64_t address)
{
	write_bytes(fixture, address, basic.times, sizeof(basic.times));
	write_bytes(fixture, address + 32, sizes, sizeof(sizes));
	write_bytes(fixture, address + 48, &basic.attributes, sizeof(basic.attributes));
}

static void enter_attributes(struct windows_calls *fixture, const char *function, uint64_t buffer)
{
	const uint64_t arguments[] = { ATTRIBUTES, buffer };

	write_attributes(fixture, FOLDER_HANDLE, "a.txt", 0x40, 0);
	call(fixture, function, arguments, 2);
	told_nothing(fixture);
}

#define BY_NAME "FileName=\"" FILE_NAME "\" ObjectAttributes=\"OBJ_CASE_INSENSITIVE\" "

static void test_attributes(void **state)
{
	struct windows_calls *fixture = *state;

	enter_attributes(fixture, "NtQueryAttributesFile", BUFFER);
	write_bytes(fixture, BUFFER, &basic, sizeof(basic));
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtQueryAttributesFile", BY_NAME TIMES IS_ARCHIVE "Status=0x0");
	enter_attributes(fixture, "NtQueryFullAttributesFile", BUFFER);
	write_network(fixture, BUFFER);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtQueryFullAttributesFile", BY_NAME TIMES SIZES IS_ARCHIVE "Status=0x0");
}

static void test_attributes_not_given(void **state)
{
	static const struct {
		const char *function, *unreadable;
	} rows[] = {
		{ "NtQueryAttributesFile", "CreationTime=null LastAccessTime=null "
					   "LastWriteTime=null ChangeTime=null "
					   "FileAttributes=null Status=0x0" },
		{ "NtQueryFullAttributesFile",
		  "CreationTime=null LastAccessTime=null LastWriteTime=null ChangeTime=null "
		  "AllocationSize=null EndOfFile=null FileAttributes=null Status=0x0" },
	};
	struct windows_calls *fixture = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		enter_attributes(fixture, rows[i].function, BUFFER);
		assert_true(nt_return(&fixture->guest, 0, STATUS_NOT_FOUND));
		told(fixture, rows[i].function, BY_NAME "Status=0xc0000034");
		enter_attributes(fixture, rows[i].function, USER_END - 35);
		assert_true(nt_return(&fixture->guest, 0, 0));
		told(fixture, rows[i].function, BY_NAME "%s", rows[i].unreadable);
	}
}

static void enter_query(struct windows_calls *fixture, uint32_t class, uint64_t buffer)
{
	const uint64_t arguments[] = { FILE_HANDLE, BLOCK, buffer, 104, RUBBISH | class };

	call(fixture, "NtQueryInformationFile", arguments, G_N_ELEMENTS(arguments));
	told_nothing(fixture);
}

/** The call has filled in what is there by now. */
static void queried(struct windows_calls *fixture, const char *operation, const char *fields)
{
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtQueryInformationFile",
	     "Operation=\"%s\" " WITH_HANDLE OF_FILE "%sStatus=0x0", operation, fields);
}

static void test_query(void **state)
{
	struct windows_calls *fixture = *state;

	enter_query(fixture, BASIC_INFORMATION, BUFFER);
	write_bytes(fixture, BUFFER, &basic, sizeof(basic));
	queried(fixture, "FileBasicInformation", TIMES IS_ARCHIVE);
	enter_query(fixture, ALL_INFORMATION, BUFFER);
	write_bytes(fixture, BUFFER + sizeof(basic), sizes, sizeof(sizes));
	queried(fixture, "FileAllInformation", TIMES SIZES IS_ARCHIVE);
	enter_query(fixture, NETWORK_OPEN_INFORMATION, BUFFER);
	write_network(fixture, BUFFER);
	queried(fixture, "FileNetworkInformation", TIMES SIZES IS_ARCHIVE);
}

static void test_query_not_given(void **state)
{
	struct windows_calls *fixture = *state;

	enter_query(fixture, BASIC_INFORMATION, BUFFER);
	assert_true(nt_return(&fixture->guest, 0, STATUS_ACCESS_DENIED));
	told(fixture, "NtQueryInformationFile",
	     "Operation=\"FileBasicInformation\" " WITH_HANDLE OF_FILE "Status=0xc0000022");
	enter_query(fixture, BASIC_INFORMATION, 0);
	queried(fixture, "FileBasicInformation",
		"CreationTime=null LastAccessTime=null LastWriteTime=null ChangeTime=null "
		"FileAttributes=null ");
	/* what else may be asked for is nobody's business */
	enter_query(fixture, STANDARD_INFORMATION, BUFFER);
	nt_return(&fixture->guest, 0, 0);
	told_nothing(fixture);
}

/** Times that there are none of. */
static void test_no_times(void **state)
{
	static const struct basic none = { { 0, FILETIME(2), UINT64_MAX, 0 }, 0x80, 0 };
	struct windows_calls *fixture = *state;

	enter_query(fixture, BASIC_INFORMATION, BUFFER);
	write_bytes(fixture, BUFFER, &none, sizeof(none));
	queried(fixture, "FileBasicInformation",
		"LastAccessTime=2 FileAttributes=\"FILE_ATTRIBUTE_NORMAL\" ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_transfers),	ON_EACH_BUILD(test_statuses),
		ON_EACH_BUILD(test_handles),	ON_EACH_BUILD(test_changed_during_the_call),
		ON_EACH_BUILD(test_attributes), ON_EACH_BUILD(test_attributes_not_given),
		ON_EACH_BUILD(test_query),	ON_EACH_BUILD(test_query_not_given),
		ON_EACH_BUILD(test_no_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
