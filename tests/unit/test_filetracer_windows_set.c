/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: what is changed of open files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "filetracer_windows_fixture.h"

#define SIZE_MAX_32 0xffffffffu

static void enter(struct windows_calls *fixture, uint64_t handle, uint32_t class, uint64_t buffer,
		  uint32_t length)
{
	const uint64_t arguments[] = { handle, BLOCK, buffer, RUBBISH | length, RUBBISH | class };

	call(fixture, "NtSetInformationFile", arguments, G_N_ELEMENTS(arguments));
	told_nothing(fixture);
}

static void leave(struct windows_calls *fixture, const char *fields)
{
	assert_true(nt_return(&fixture->guest, 0, RUBBISH));
	told(fixture, "NtSetInformationFile", "%s Status=0x0", fields);
}

static void sets(struct windows_calls *fixture, uint32_t class, const void *value, uint32_t length,
		 const char *fields)
{
	write_bytes(fixture, BUFFER, value, length);
	enter(fixture, FILE_HANDLE, class, BUFFER, length);
	leave(fixture, fields);
}

/* Simple values ---------------------------------------------------------------------------------*/

static void test_basic(void **state)
{
	struct {
		uint64_t times[4];
		uint32_t attributes, zero;
	} value = { { FILETIME(1700000000), FILETIME(0), FILETIME(1) + 9999999, 10000000 },
		    0x21,
		    0 };
	struct windows_calls *fixture = *state;

#define SET_BASIC "Operation=\"FileBasicInformation\" " WITH_HANDLE OF_FILE
	sets(fixture, BASIC_INFORMATION, &value, sizeof(value),
	     SET_BASIC "CreationTime=1700000000 LastAccessTime=0 LastWriteTime=1 "
		       "ChangeTime=-11644473599 "
		       "FileAttributes=\"FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_ARCHIVE\"");
	/* as they are, and no more changes of them, or again */
	memcpy(value.times, (const uint64_t[]){ 0, UINT64_MAX, UINT64_MAX - 1, 0 },
	       sizeof(value.times));
	value.attributes = 0;
	sets(fixture, BASIC_INFORMATION, &value, sizeof(value), SET_BASIC "FileAttributes=\"\"");
}

static void test_disposition(void **state)
{
	struct windows_calls *fixture = *state;
	uint32_t flags = 0x1b;

#define SET_DISPOSITION(ex) "Operation=\"FileDispositionInformation" ex "\" " OF_FILE WITH_HANDLE
	sets(fixture, DISPOSITION_INFORMATION, "\1", 1, SET_DISPOSITION("") "DeleteFile=1");
	sets(fixture, DISPOSITION_INFORMATION, "\200", 1, SET_DISPOSITION("") "DeleteFile=1");
	sets(fixture, DISPOSITION_INFORMATION, "\0\1", 2, SET_DISPOSITION("") "DeleteFile=0");
	sets(fixture, DISPOSITION_INFORMATION_EX, &flags, 4,
	     SET_DISPOSITION("Ex") "Flags=\"FILE_DISPOSITION_DELETE | "
				   "FILE_DISPOSITION_POSIX_SEMANTICS | FILE_DISPOSITION_ON_CLOSE | "
				   "FILE_DISPOSITION_IGNORE_READONLY_ATTRIBUTE\"");
	flags = 0;
	sets(fixture, DISPOSITION_INFORMATION_EX, &flags, 4, SET_DISPOSITION("Ex") "Flags=\"\"");
}

static void test_end_of_file(void **state)
{
	static const uint64_t size = UINT64_C(0x123456789a);
	struct windows_calls *fixture = *state;

	sets(fixture, END_OF_FILE_INFORMATION, &size, 8,
	     "Operation=\"FileEndOfFileInformation\" " WITH_HANDLE OF_FILE "FileSize=78187493530");
}

static void test_failure(void **state)
{
	struct windows_calls *fixture = *state;

	write_bytes(fixture, BUFFER, "\1", 1);
	enter(fixture, FREE_HANDLE, DISPOSITION_INFORMATION, BUFFER, 1);
	assert_true(nt_return(&fixture->guest, 0, 0xc0000008));
	told(fixture, "NtSetInformationFile",
	     "Operation=\"FileDispositionInformation\" FileName=null FileHandle=0x1ac DeleteFile=1 "
	     "Status=0xc0000008");
}

/** Other classes are nobody's business. */
static void test_others(void **state)
{
	struct windows_calls *fixture = *state;

	for (uint32_t class = 0; class < 90; class ++) {
		static const uint32_t told_classes[] = {
			BASIC_INFORMATION,	    RENAME_INFORMATION,
			DISPOSITION_INFORMATION,    END_OF_FILE_INFORMATION,
			DISPOSITION_INFORMATION_EX, RENAME_INFORMATION_EX
		};
		bool is_told = false;

		for (size_t i = 0; i < G_N_ELEMENTS(told_classes); i++)
			is_told |= class == told_classes[i];
		enter(fixture, FILE_HANDLE, class, BUFFER, 64);
		nt_return(&fixture->guest, 0, 0);
		if (is_told)
			g_free(observer_take(&fixture->observer));
		else
			told_nothing(fixture);
	}
}

/** The value is what it was when the call began; or what there is later. */
static void test_when_it_is_read(void **state)
{
	struct windows_calls *fixture = *state;
	struct nt_guest *guest = &fixture->guest;

	write_bytes(fixture, BUFFER, "\1", 1);
	enter(fixture, FILE_HANDLE, DISPOSITION_INFORMATION, BUFFER, 1);
	write_bytes(fixture, BUFFER, "", 1);
	nt_put_handle(guest, fixture->process, FILE_HANDLE, 0);
	leave(fixture, SET_DISPOSITION("") "DeleteFile=1");

	nt_page_out(guest, &fixture->process->paging, BUFFER);
	enter(fixture, FREE_HANDLE, DISPOSITION_INFORMATION, BUFFER, 1);
	nt_map_user(guest, fixture->process, BUFFER, MOCK_PAGE);
	write_bytes(fixture, BUFFER, "\1", 1);
	leave(fixture, "Operation=\"FileDispositionInformation\" FileName=null FileHandle=0x1ac "
		       "DeleteFile=1");
}

/** A buffer that is nowhere, in the kernel's half, or too short for what it is to have. */
static void test_no_value(void **state)
{
	struct windows_calls *fixture = *state;
	const struct {
		uint64_t buffer;
		uint32_t length;
	} rows[] = {
		{ 0, 40 },     { USER_END, 40 },      { fixture->guest.pool, 40 },
		{ BUFFER, 0 }, { USER_END - 35, 40 },
	};
	static const struct {
		uint32_t class;
		const char *fields;
	} classes[] = {
		{ BASIC_INFORMATION,
		  "Operation=\"FileBasicInformation\" FileHandle=0x20 " OF_FILE
		  "CreationTime=null LastAccessTime=null LastWriteTime=null ChangeTime=null "
		  "FileAttributes=null" },
		{ DISPOSITION_INFORMATION, SET_DISPOSITION("") "DeleteFile=null" },
		{ DISPOSITION_INFORMATION_EX, SET_DISPOSITION("Ex") "Flags=null" },
		{ END_OF_FILE_INFORMATION,
		  "Operation=\"FileEndOfFileInformation\" FileHandle=0x20 " OF_FILE
		  "FileSize=null" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
		/* the last row is there as far as the other classes need it */
		for (size_t j = 0; j < G_N_ELEMENTS(rows) - (i > 0); j++) {
			enter(fixture, FILE_HANDLE, classes[i].class, rows[j].buffer,
			      rows[j].length);
			leave(fixture, classes[i].fields);
		}
	}
}

/* Names -----------------------------------------------------------------------------------------*/

/** Writes FILE_RENAME_INFORMATION; returns its size. */
static uint32_t write_rename(struct windows_calls *fixture, uint32_t flags, uint64_t root,
			     const char *name)
{
	uint32_t head = 2 * word(fixture) + 4;
	uint16_t length = write_utf16(fixture, BUFFER + head, name);

	write_word(fixture, BUFFER, flags);
	write_word(fixture, BUFFER + word(fixture), root);
	write_u32(fixture, BUFFER + 2 * word(fixture), length);
	return head + length;
}

static void renames(struct windows_calls *fixture, uint64_t root, const char *name,
		    const char *target)
{
	g_autofree char *fields =
		g_strdup_printf("Operation=\"FileRenameInformation\" FileSrc=\"" FILE_NAME
				"\" FileDst=\"%s\" FileHandle=0x20 ReplaceIfExists=0",
				target);
	uint32_t size = write_rename(fixture, 0xffffff00, root, name);

	enter(fixture, FILE_HANDLE, RENAME_INFORMATION, BUFFER, size);
	leave(fixture, fields);
}

static void test_rename(void **state)
{
	struct windows_calls *fixture = *state;

	renames(fixture, 0, "\\??\\C:\\b.txt", "\\\\??\\\\C:\\\\b.txt");
	renames(fixture, 0, "b\xc3\xbc.txt", FOLDER "\\\\b\xc3\xbc.txt");
	renames(fixture, FOLDER_HANDLE, "c\\b.txt", FOLDER "\\\\c\\\\b.txt");
	renames(fixture, FOLDER_HANDLE, "\\??\\C:\\b.txt", "\\\\??\\\\C:\\\\b.txt");
	renames(fixture, 0, ":stream", FILE_NAME ":stream");
	renames(fixture, 0, "", FOLDER "\\\\");
	/* the kernel's own, which the program can not use */
	renames(fixture, kernel_handle(fixture, KERNEL_FILE), "b.txt", "b.txt");
}

static void test_rename_stream(void **state)
{
	struct windows_calls *fixture = *state;
	struct nt_guest *guest = &fixture->guest;
	uint32_t size = write_rename(fixture, 1, 0, ":b");

	nt_put_handle(guest, fixture->process, 0x30, nt_make_file(guest, 0, "\\Users\\a:s:$DATA"));
	enter(fixture, 0x30, RENAME_INFORMATION, BUFFER, size);
	leave(fixture, "Operation=\"FileRenameInformation\" FileSrc=\"\\\\Users\\\\a:s:$DATA\" "
		       "FileDst=\"\\\\Users\\\\a:b\" FileHandle=0x30 ReplaceIfExists=1");
}

static void test_rename_ex(void **state)
{
	struct windows_calls *fixture = *state;
	uint32_t size = write_rename(fixture, 0x43, 0, "b");

	enter(fixture, FILE_HANDLE, RENAME_INFORMATION_EX, BUFFER, size);
	leave(fixture, "Operation=\"FileRenameInformationEx\" FileSrc=\"" FILE_NAME
		       "\" FileDst=\"" FOLDER "\\\\b\" FileHandle=0x20 "
		       "Flags=\"FILE_RENAME_REPLACE_IF_EXISTS | FILE_RENAME_POSIX_SEMANTICS | "
		       "FILE_RENAME_IGNORE_READONLY_ATTRIBUTE\"");
}

/** By the end of the call the file has its new name, and others may have written over the old. */
static void test_renamed_at_the_end(void **state)
{
	struct windows_calls *fixture = *state;
	struct nt_guest *guest = &fixture->guest;
	uint32_t size = write_rename(fixture, 0, 0, "b");

	enter(fixture, FILE_HANDLE, RENAME_INFORMATION, BUFFER, size);
	nt_put_handle(guest, fixture->process, FILE_HANDLE, nt_make_file(guest, 0, "\\new"));
	write_rename(fixture, 1, FOLDER_HANDLE, "\\forged");
	leave(fixture, "Operation=\"FileRenameInformation\" FileSrc=\"" FILE_NAME
		       "\" FileDst=\"" FOLDER "\\\\b\" FileHandle=0x20 ReplaceIfExists=0");
}

/** Names longer than their buffer, and buffers without one. */
static void test_hostile_names(void **state)
{
	struct windows_calls *fixture = *state;
	uint32_t size = write_rename(fixture, 0, 0, "bcd"), head = 2 * word(fixture) + 4;

#define RENAMES(target)                                                                            \
	"Operation=\"FileRenameInformation\" FileSrc=\"" FILE_NAME "\" FileDst=" target            \
	" FileHandle=0x20 ReplaceIfExists="
	write_u32(fixture, BUFFER + 2 * word(fixture), 0xfffffffe);
	enter(fixture, FILE_HANDLE, RENAME_INFORMATION, BUFFER, size);
	leave(fixture, RENAMES("\"" FOLDER "\\\\bcd\"") "0");
	enter(fixture, FILE_HANDLE, RENAME_INFORMATION, BUFFER, head);
	leave(fixture, RENAMES("\"" FOLDER "\\\\\"") "0");
	enter(fixture, FILE_HANDLE, RENAME_INFORMATION, BUFFER, head - 1);
	leave(fixture, RENAMES("null") "0");
	enter(fixture, FILE_HANDLE, RENAME_INFORMATION, 0, size);
	leave(fixture, RENAMES("null") "null");
	enter(fixture, FILE_HANDLE, RENAME_INFORMATION, USER_END - head - 2, SIZE_MAX_32);
	leave(fixture, RENAMES("\"" FOLDER "\\\\\"") "0");
	/* the folder alone would be another file */
	write_u32(fixture, USER_END - 4, 2);
	enter(fixture, FILE_HANDLE, RENAME_INFORMATION, USER_END - head, head + 2);
	leave(fixture, RENAMES("null") "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_basic),
		ON_EACH_BUILD(test_disposition),
		ON_EACH_BUILD(test_end_of_file),
		ON_EACH_BUILD(test_failure),
		ON_EACH_BUILD(test_others),
		ON_EACH_BUILD(test_when_it_is_read),
		ON_EACH_BUILD(test_no_value),
		ON_EACH_BUILD(test_rename),
		ON_EACH_BUILD(test_rename_stream),
		ON_EACH_BUILD(test_rename_ex),
		ON_EACH_BUILD(test_renamed_at_the_end),
		ON_EACH_BUILD(test_hostile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
