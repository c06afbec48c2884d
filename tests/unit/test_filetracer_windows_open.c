/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: files and folders of objects that are opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "filetracer_windows_fixture.h"

#define HANDLE_OPENED UINT64_C(0x2c)

/** Arguments of NtCreateFile and NtOpenFile that tests change. */
struct request {
	uint32_t access, attributes, share, disposition, options;
};

static void enter_create(struct windows_calls *fixture, const struct request *request)
{
	const uint64_t arguments[11] = {
		PLACE,
		RUBBISH | request->access,
		ATTRIBUTES,
		BLOCK,
		0,
		RUBBISH | request->attributes,
		RUBBISH | request->share,
		RUBBISH | request->disposition,
		RUBBISH | request->options,
	};

	call(fixture, "NtCreateFile", arguments, G_N_ELEMENTS(arguments));
	told_nothing(fixture); /* it is told on return */
}

static void enter_open(struct windows_calls *fixture, uint64_t attributes,
		       const struct request *request)
{
	const uint64_t arguments[] = {
		PLACE, RUBBISH | request->access, attributes,
		BLOCK, RUBBISH | request->share,  RUBBISH | request->options
	};

	call(fixture, "NtOpenFile", arguments, G_N_ELEMENTS(arguments));
	told_nothing(fixture);
}

/** The call has succeeded, and returns. */
static void leave(struct windows_calls *fixture, uint64_t information)
{
	write_word(fixture, PLACE, HANDLE_OPENED);
	write_block(fixture, 0, information);
	assert_true(nt_return(&fixture->guest, 0, RUBBISH));
}

static const struct request nothing;

#define OPENED	  "FileHandle=0x2c ObjectAttributes=\"\" IoStatusBlock=1 "
#define NO_RIGHTS "DesiredAccess=\"\" ShareAccess=\"\" OpenOptions=\"\" Status=0x0"

/** NtOpenFile with those attributes is told with that name. */
static void opens_by(struct windows_calls *fixture, uint64_t attributes, const char *name)
{
	enter_open(fixture, attributes, &nothing);
	leave(fixture, 1);
	told(fixture, "NtOpenFile", "FileName=%s " OPENED NO_RIGHTS, name);
}

static void opens(struct windows_calls *fixture, uint64_t root, const char *name,
		  const char *told_name)
{
	write_attributes(fixture, root, name, 0, 0);
	opens_by(fixture, ATTRIBUTES, told_name);
}

/* Arguments -------------------------------------------------------------------------------------*/

static void test_create(void **state)
{
	struct windows_calls *fixture = *state;

	write_attributes(fixture, 0, "\\??\\C:\\Users\\\xc3\xbc.txt", 0x42, 0);
	enter_create(fixture, &(struct request){ 0xc0110006, 0x80, 3, 2, 0x1060 });
	leave(fixture, 2);
	told(fixture, "NtCreateFile",
	     "FileName=\"\\\\??\\\\C:\\\\Users\\\\\xc3\xbc.txt\" FileHandle=0x2c "
	     "ObjectAttributes=\"OBJ_INHERIT | OBJ_CASE_INSENSITIVE\" IoStatusBlock=2 "
	     "DesiredAccess=\"FILE_WRITE_DATA | FILE_APPEND_DATA | DELETE | SYNCHRONIZE | "
	     "GENERIC_WRITE | GENERIC_READ\" FileAttributes=\"FILE_ATTRIBUTE_NORMAL\" "
	     "ShareAccess=\"FILE_SHARE_READ | FILE_SHARE_WRITE\" "
	     "CreateDisposition=\"FILE_CREATE\" CreateOptions=\"FILE_SYNCHRONOUS_IO_NONALERT | "
	     "FILE_NON_DIRECTORY_FILE | FILE_DELETE_ON_CLOSE\" Status=0x0");
}

/** An enumeration is no set of flags: 3 is not 1 and 2. */
static void test_dispositions(void **state)
{
	static const char *const names[] = {
		"FILE_SUPERSEDE", "FILE_OPEN",	       "FILE_CREATE", "FILE_OPEN_IF",
		"FILE_OVERWRITE", "FILE_OVERWRITE_IF", "0x6"
	};
	struct windows_calls *fixture = *state;

	write_attributes(fixture, 0, "x", 0, 0);
	for (uint32_t i = 0; i < G_N_ELEMENTS(names); i++) {
		enter_create(fixture, &(struct request){ .disposition = i });
		leave(fixture, 0);
		told(fixture, "NtCreateFile",
		     "FileName=\"x\" FileHandle=0x2c ObjectAttributes=\"\" IoStatusBlock=0 "
		     "DesiredAccess=\"\" FileAttributes=\"\" ShareAccess=\"\" "
		     "CreateDisposition=\"%s\" CreateOptions=\"\" Status=0x0",
		     names[i]);
	}
}

/** Rights of folders have names of their own; those of several bits are told bit by bit. */
static void test_access(void **state)
{
	static const struct {
		uint32_t access, options;
		const char *names, *told_options;
	} rows[] = {
		{ 0x10047, 1,
		  "FILE_LIST_DIRECTORY | FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY | FILE_DELETE_CHILD | "
		  "DELETE",
		  "FILE_DIRECTORY_FILE" },
		{ 0x1f01ff, 0,
		  "FILE_READ_DATA | FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_READ_EA | "
		  "FILE_WRITE_EA | FILE_EXECUTE | FILE_DELETE_CHILD | FILE_READ_ATTRIBUTES | "
		  "FILE_WRITE_ATTRIBUTES | DELETE | READ_CONTROL | WRITE_DAC | WRITE_OWNER | "
		  "SYNCHRONIZE",
		  "" },
		{ 0x04000200, 0, "0x4000200", "" },
	};
	struct windows_calls *fixture = *state;

	write_attributes(fixture, 0, "x", 0, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		enter_open(
			fixture, ATTRIBUTES,
			&(struct request){ .access = rows[i].access, .options = rows[i].options });
		leave(fixture, 1);
		told(fixture, "NtOpenFile",
		     "FileName=\"x\" " OPENED
		     "DesiredAccess=\"%s\" ShareAccess=\"\" OpenOptions=\"%s\" Status=0x0",
		     rows[i].names, rows[i].told_options);
	}
}

/** A call that fails stores nothing: what is there is older. */
static void test_failure(void **state)
{
	struct windows_calls *fixture = *state;

	write_attributes(fixture, 0, "\\??\\C:\\x", 0x40, 0);
	write_word(fixture, PLACE, HANDLE_OPENED);
	write_block(fixture, STATUS_NOT_FOUND, 5);
	enter_open(fixture, ATTRIBUTES, &(struct request){ .access = 1, .share = 7 });
	assert_true(nt_return(&fixture->guest, 0, STATUS_NOT_FOUND));
	told(fixture, "NtOpenFile",
	     "FileName=\"\\\\??\\\\C:\\\\x\" FileHandle=null "
	     "ObjectAttributes=\"OBJ_CASE_INSENSITIVE\" DesiredAccess=\"FILE_READ_DATA\" "
	     "ShareAccess=\"FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE\" "
	     "OpenOptions=\"\" Status=0xc0000034");
}

static void test_directory_object(void **state)
{
	struct windows_calls *fixture = *state;
	const uint64_t arguments[] = { PLACE, RUBBISH | 3, ATTRIBUTES };

	write_attributes(fixture, 0, "\\KnownDlls", 0x40, 0);
	call(fixture, "NtOpenDirectoryObject", arguments, 3);
	told_nothing(fixture);
	assert_true(nt_return(&fixture->guest, 0, STATUS_ACCESS_DENIED));
	told(fixture, "NtOpenDirectoryObject",
	     "FileName=\"\\\\KnownDlls\" ObjectAttributes=\"OBJ_CASE_INSENSITIVE\" "
	     "Status=0xc0000022");
}

/* Names -----------------------------------------------------------------------------------------*/

static void test_roots(void **state)
{
	struct windows_calls *fixture = *state;
	struct nt_guest *guest = &fixture->guest;
	uint64_t folder =
		nt_make_named_object(guest, nt_type(guest, "Directory", "Dire"), 64, "\\", false);

	nt_put_handle(guest, fixture->process, 0x60, folder);
	opens(fixture, FOLDER_HANDLE, "b\\c.txt", "\"" FOLDER "\\\\b\\\\c.txt\"");
	opens(fixture, FOLDER_HANDLE + 3, "b", "\"" FOLDER "\\\\b\"");
	opens(fixture, 0x60, "Device", "\"\\\\Device\""); /* it ends in a separator */
	/* the root itself, and again */
	opens(fixture, FILE_HANDLE, "", "\"" FILE_NAME "\\\\\"");
	opens(fixture, FILE_HANDLE, NULL, "\"" FILE_NAME "\"");
	/* roots that lead nowhere, or have no name */
	opens(fixture, FREE_HANDLE, "b", "\"b\"");
	opens(fixture, OTHER_HANDLE, "b", "\"b\"");
	opens(fixture, 0, NULL, "\"\"");
}

/** The name is the number of a file. */
static void test_by_id(void **state)
{
	static const uint64_t id[2] = { 0x0005000000001234, 0x89 };
	static const struct {
		uint16_t length;
		const char *name;
	} rows[] = {
		{ 8, "0x0005000000001234" },
		{ 16, "0x00000000000000890005000000001234" },
	};
	struct windows_calls *fixture = *state;

	write_attributes(fixture, FOLDER_HANDLE, "", 0, 0);
	write_bytes(fixture, NAME_TEXT, id, sizeof(id));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		write_string(fixture, NAME, rows[i].length, NAME_TEXT);
		enter_open(fixture, ATTRIBUTES, &(struct request){ .options = 0x2000 });
		leave(fixture, 1);
		told(fixture, "NtOpenFile",
		     "FileName=\"" FOLDER "\\\\%s\" " OPENED "DesiredAccess=\"\" ShareAccess=\"\" "
		     "OpenOptions=\"FILE_OPEN_BY_FILE_ID\" Status=0x0",
		     rows[i].name);
	}
}

/** What a program writes over it while the call goes on was not what it asked for. */
static void test_changed_during_the_call(void **state)
{
	struct windows_calls *fixture = *state;

	write_attributes(fixture, FOLDER_HANDLE, "real", 0x40, 0);
	enter_open(fixture, ATTRIBUTES, &nothing);
	write_attributes(fixture, 0, "forged", 0x2, 0);
	nt_put_handle(&fixture->guest, fixture->process, FOLDER_HANDLE, 0);
	leave(fixture, 1);
	told(fixture, "NtOpenFile",
	     "FileName=\"" FOLDER "\\\\real\" FileHandle=0x2c "
	     "ObjectAttributes=\"OBJ_CASE_INSENSITIVE\" IoStatusBlock=1 " NO_RIGHTS);
}

/** What was not in memory when the call began is there when it ends: the kernel has read it. */
static void test_paged_out(void **state)
{
	struct windows_calls *fixture = *state;
	struct nt_guest *guest = &fixture->guest;

	/* all of it, and the second half of the text */
	nt_page_out(guest, &fixture->process->paging, ATTRIBUTES);
	enter_open(fixture, ATTRIBUTES, &nothing);
	nt_map_user(guest, fixture->process, ATTRIBUTES, MOCK_PAGE);
	write_attributes(fixture, FOLDER_HANDLE, "there", 0, 0);
	leave(fixture, 1);
	told(fixture, "NtOpenFile", "FileName=\"" FOLDER "\\\\there\" " OPENED NO_RIGHTS);

	write_attributes(fixture, 0, "", 0, 0);
	write_string(fixture, NAME, 8, BUFFER - 4);
	write_utf16(fixture, BUFFER - 4, "abcd");
	nt_page_out(guest, &fixture->process->paging, BUFFER);
	enter_open(fixture, ATTRIBUTES, &nothing);
	nt_map_user(guest, fixture->process, BUFFER, MOCK_PAGE);
	write_utf16(fixture, BUFFER - 4, "abcd");
	leave(fixture, 1);
	told(fixture, "NtOpenFile", "FileName=\"abcd\" " OPENED NO_RIGHTS);
}

/** It never comes: what there is of it is told, with a mark. */
static void test_never_there(void **state)
{
	struct windows_calls *fixture = *state;
	const uint64_t places[] = { 0, USER_END, USER_END - 8, 0x7fff0000 };

	nt_map_user(&fixture->guest, fixture->process, 0, MOCK_PAGE); /* which may be mapped */
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		enter_open(fixture, places[i], &nothing);
		leave(fixture, 1);
		told(fixture, "NtOpenFile",
		     "FileName=null FileHandle=0x2c ObjectAttributes=null IoStatusBlock=1 " NO_RIGHTS);
	}
	write_attributes(fixture, 0, "", 0, 0);
	write_utf16(fixture, USER_END - 6, "end");
	write_string(fixture, NAME, 0xffff, USER_END - 6);
	opens_by(fixture, ATTRIBUTES, "\"end...\"+");
	write_string(fixture, NAME, 2, USER_END);
	opens_by(fixture, ATTRIBUTES, "null");
	/* the root alone would be another file */
	write_attributes(fixture, FOLDER_HANDLE, "", 0, 0);
	write_string(fixture, NAME, 2, USER_END);
	opens_by(fixture, ATTRIBUTES, "\"" FOLDER "\\\\...\"+");
}

static void test_long_name(void **state)
{
	struct windows_calls *fixture = *state;
	uint64_t long_text = UINT64_C(0x100000);
	uint16_t units[0x7fff];
	g_autofree char *line = NULL;

	for (unsigned i = 0; i < G_N_ELEMENTS(units); i++)
		units[i] = 0x20ac;
	nt_map_user(&fixture->guest, fixture->process, long_text, 0x10000);
	write_bytes(fixture, long_text, units, sizeof(units));
	write_attributes(fixture, FOLDER_HANDLE, "", 0, 0);
	write_string(fixture, NAME, 0xfffe, long_text);
	enter_open(fixture, ATTRIBUTES, &nothing);
	leave(fixture, 1);
	line = observer_take(&fixture->observer);
	assert_non_null(strstr(line, "\xe2\x82\xac...\"+ FileHandle=0x2c "));
	assert_in_range(strlen(line), WV_TEXT_MAX - 64, WV_TEXT_MAX + 512);
	assert_int_equal(OBSERVER_COUNT(&fixture->observer, overflowed), 0);
}

/** More calls than there are places for: each is told with its own name, or what is there now. */
static void test_many_at_once(void **state)
{
	struct windows_calls *fixture = *state;
	const unsigned rounds = 200;

	write_attributes(fixture, 0, "first", 0, 0);
	enter_open(fixture, ATTRIBUTES, &nothing);
	for (unsigned i = 0; i < rounds; i++)
		opens(fixture, 0, "other", "\"other\"");
	leave(fixture, 1);
	told(fixture, "NtOpenFile", "FileName=\"other\" " OPENED NO_RIGHTS);
	enter_open(fixture, ATTRIBUTES, &nothing);
	for (unsigned i = 0; i < 8; i++)
		opens(fixture, 0, "third", "\"third\"");
	leave(fixture, 1);
	told(fixture, "NtOpenFile", "FileName=\"other\" " OPENED NO_RIGHTS);
}

/* The kernel's half -----------------------------------------------------------------------------*/

/** What a program has of the kernel's half is not what its call was given. */
static void test_pointers_to_the_kernel(void **state)
{
	struct windows_calls *fixture = *state;
	struct nt_guest *guest = &fixture->guest;
	uint64_t secret = nt_pages(guest, 1), string = nt_string(guest, "secret"), buffer = 0;

	memcpy(&buffer, nt_at(guest, string + nt_offset(guest, "_UNICODE_STRING.Buffer")),
	       word(fixture));
	nt_write_pointer(guest, secret + 2 * word(fixture), string);
	for (enum windows_mode mode = KERNEL_MODE; mode <= USER_MODE; mode++) {
		const char *name = mode == KERNEL_MODE ? "\"secret\"" : "null";

		put_mode(fixture, mode);
		write_attributes(fixture, 0, "", 0, 0);
		write_string(fixture, NAME, 12, buffer);
		opens_by(fixture, ATTRIBUTES, name);
		write_word(fixture, ATTRIBUTES + 2 * word(fixture), string);
		opens_by(fixture, ATTRIBUTES, name);
		enter_open(fixture, secret, &nothing);
		leave(fixture, 1);
		told(fixture, "NtOpenFile",
		     "FileName=%s FileHandle=0x2c ObjectAttributes=%s IoStatusBlock=1 " NO_RIGHTS,
		     name, mode == KERNEL_MODE ? "\"\"" : "null");
	}
}

static void test_handles_of_the_kernel(void **state)
{
	struct windows_calls *fixture = *state;
	uint64_t handle = kernel_handle(fixture, KERNEL_FILE);

	opens(fixture, handle, "x", "\"x\"");
	put_mode(fixture, KERNEL_MODE);
	opens(fixture, handle, "x", "\"" KERNELS "\\\\x\"");
}

/** A thread that has another process's memory when the call ends has none of its own there. */
static void test_attached_at_the_end(void **state)
{
	struct windows_calls *fixture = *state;

	nt_map_user(&fixture->guest, fixture->other, USER, USER_SIZE);
	write_attributes(fixture, 0, "x", 0, 0);
	enter_open(fixture, ATTRIBUTES, &nothing);
	nt_attach(&fixture->guest, fixture->process, fixture->other);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtOpenFile",
	     "FileName=\"x\" FileHandle=null ObjectAttributes=\"\" " NO_RIGHTS);
	nt_attach(&fixture->guest, fixture->process, fixture->process);
}

/* IO_STATUS_BLOCK -------------------------------------------------------------------------------*/

/** Of WoW64: the program's own block, whose address is in the other one. */
static void test_narrow_block(void **state)
{
	struct windows_calls *fixture = *state;
	const uint32_t own[] = { 0, 3 };

	write_attributes(fixture, 0, "x", 0, 0);
	for (unsigned is_wow64 = 0; is_wow64 < 2; is_wow64++) {
		if (is_wow64)
			nt_make_wow64(&fixture->guest, fixture->process);
		enter_open(fixture, ATTRIBUTES, &nothing);
		write_word(fixture, PLACE, HANDLE_OPENED);
		write_word(fixture, BLOCK, BUFFER);
		write_word(fixture, BLOCK + 8, 0x77);
		write_bytes(fixture, BUFFER, own, sizeof(own));
		assert_true(nt_return(&fixture->guest, 0, 0));
		told(fixture, "NtOpenFile",
		     "FileName=\"x\" FileHandle=0x2c ObjectAttributes=\"\" %s" NO_RIGHTS,
		     is_wow64 ? "IoStatusBlock=3 " : "");
	}
}

/** What it says is not of this call, or is nowhere. */
static void test_blocks_of_no_use(void **state)
{
	struct windows_calls *fixture = *state;
	static const uint64_t places[] = { 0, USER_END - 4, USER_END };

	write_attributes(fixture, 0, "x", 0, 0);
	enter_open(fixture, ATTRIBUTES, &nothing);
	write_word(fixture, PLACE, HANDLE_OPENED);
	write_block(fixture, 0xcccccccc, 0x77);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtOpenFile",
	     "FileName=\"x\" FileHandle=0x2c ObjectAttributes=\"\" " NO_RIGHTS);
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		const uint64_t arguments[] = { PLACE, 0, ATTRIBUTES, places[i], 0, 0 };

		call(fixture, "NtOpenFile", arguments, 6);
		assert_true(nt_return(&fixture->guest, 0, 0));
		told(fixture, "NtOpenFile",
		     "FileName=\"x\" FileHandle=0x2c ObjectAttributes=\"\" " NO_RIGHTS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_create),
		ON_EACH_BUILD(test_dispositions),
		ON_EACH_BUILD(test_access),
		ON_EACH_BUILD(test_failure),
		ON_EACH_BUILD(test_directory_object),
		ON_EACH_BUILD(test_roots),
		ON_EACH_BUILD(test_by_id),
		ON_EACH_BUILD(test_changed_during_the_call),
		ON_EACH_BUILD(test_paged_out),
		ON_EACH_BUILD(test_never_there),
		ON_EACH_BUILD(test_long_name),
		ON_EACH_BUILD(test_many_at_once),
		ON_EACH_BUILD(test_pointers_to_the_kernel),
		ON_EACH_BUILD(test_handles_of_the_kernel),
		ON_EACH_BUILD(test_attached_at_the_end),
		ON_BUILD(test_narrow_block, NT_WINDOWS_7),
		ON_BUILD(test_narrow_block, NT_WINDOWS_11),
		ON_EACH_BUILD(test_blocks_of_no_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
