/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedelete on Windows: which files are told, when, and with what of their content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "observer.h"
#include "plugins/filedelete/key_set.h"
#include "temp_folder.h"
#include "windows_fixture_files.h"

/** Pages of the process that runs; the page after them is not mapped. */
#define USER	    UINT64_C(0x30000)
#define USER_SIZE   UINT64_C(0x2000)
#define INFORMATION (USER + 0x100)
#define PLACE	    (USER + 0x200)
#define ATTRIBUTES  (USER + 0x300)

#define HANDLE UINT64_C(0x24)
#define SIZE   6000u /* of the file, of which the first page is in memory */

/** Above arguments of 32 bits in words of 64: not zero. */
#define RUBBISH UINT64_C(0xdeadbeef00000000)

#define STATUS_ACCESS_DENIED UINT64_C(0xc0000022)

/* ntifs.h */
#define FILE_DELETE_ON_CLOSE UINT64_C(0x1000)
enum { BASIC = 4, DISPOSITION = 13, DISPOSITION_EX = 64 };
enum { DELETE = 1, POSIX = 2, ON_CLOSE = 8 };

#define FO_MODIFIED	   0x1000u
#define FO_DELETE_ON_CLOSE 0x10000u

struct fixture {
	struct nt_guest guest;
	struct observer observer;
	struct nt_process *process;
	uint64_t file;
};

/** A file that is open once. */
static uint64_t make_file(struct fixture *fixture, const char *path)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t file = nt_make_file(guest, 0, path), control = nt_make_section(guest);
	uint64_t pointers = nt_make_pointers(guest, file, SIZE, SIZE), page = nt_pages(guest, 1);

	nt_put_prototype(guest, nt_make_subsection(guest, control, 2), 0,
			 NT_VALID(nt_pool_physical(guest, page)));
	nt_write(guest, page, "content!", 8);
	nt_put(guest, pointers, "_SECTION_OBJECT_POINTERS.DataSectionObject", control);
	return file;
}

static void make(struct fixture *fixture, const struct nt_options *options, const char *settings)
{
	memset(fixture, 0, sizeof(*fixture));
	nt_init(&fixture->guest, options);
	fixture->process =
		nt_process(&fixture->guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");
	nt_map_user(&fixture->guest, fixture->process, USER, USER_SIZE);
	fixture->file = make_file(fixture, "\\b.txt");
	nt_put_handle(&fixture->guest, fixture->process, HANDLE, fixture->file);
	nt_run(&fixture->guest, 0, fixture->process);
	nt_watch_plugin(&fixture->guest, &fixture->observer, "filedelete", settings);
}

static int setup_with(void **state, const char *settings)
{
	static struct fixture fixture;

	make(&fixture, &(struct nt_options){ .layout = *state }, settings);
	*state = &fixture;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, "dump=/nowhere\n");
}

static int setup_written(void **state)
{
	return setup_with(state, "dump=/nowhere\ndump_written=true\n");
}

static int setup_no_dump(void **state)
{
	return setup_with(state, NULL);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	observer_stop(&fixture->observer);
	nt_deinit(&fixture->guest);
	return 0;
}

/* What the guest does ---------------------------------------------------------------------------*/

static void put_handles(struct fixture *fixture, uint64_t file, uint64_t count)
{
	struct nt_guest *guest = &fixture->guest;

	nt_put(guest, file - nt_offset(guest, "_OBJECT_HEADER.Body"), "_OBJECT_HEADER.HandleCount",
	       count);
}

/** The object manager closes a handle, so many being left. */
static void close_one(struct fixture *fixture, uint64_t file, uint64_t left)
{
	const uint64_t arguments[] = { fixture->process->address, file, 1, 1 };

	put_handles(fixture, file, left);
	assert_true(nt_call(&fixture->guest, 0, "IopCloseFile", arguments, 4));
	nt_return(&fixture->guest, 0, 0);
}

static void write_information(struct fixture *fixture, uint32_t value)
{
	nt_write_user(&fixture->guest, fixture->process, INFORMATION, &value, sizeof(value));
}

static void enter_set(struct fixture *fixture, uint64_t handle, uint64_t information,
		      uint32_t class)
{
	const uint64_t arguments[] = { handle, PLACE, information, RUBBISH | 4, RUBBISH | class };

	assert_true(nt_call(&fixture->guest, 0, "NtSetInformationFile", arguments, 5));
}

/** Asks for a file's deletion, or takes that back. */
static void set(struct fixture *fixture, uint32_t class, uint32_t value, uint64_t status)
{
	/* a BOOLEAN has one byte */
	write_information(fixture, class == DISPOSITION ? value | 0xabcdef00 : value);
	enter_set(fixture, HANDLE, INFORMATION, class);
	nt_return(&fixture->guest, 0, status);
}

/** A new handle of a file is stored and returned. */
static void open_file(struct fixture *fixture, const char *function, uint64_t options,
		      uint64_t status)
{
	bool creates = strcmp(function, "NtCreateFile") == 0;
	uint64_t arguments[11] = { PLACE };
	uint64_t handle = HANDLE;

	arguments[creates ? 8 : 5] = RUBBISH | options;
	assert_true(nt_call(&fixture->guest, 0, function, arguments, creates ? 11 : 6));
	nt_write_user(&fixture->guest, fixture->process, PLACE, &handle,
		      fixture->guest.is_64 ? 8 : 4);
	nt_return(&fixture->guest, 0, status);
}

static void write_file(struct fixture *fixture, uint64_t status)
{
	const uint64_t arguments[9] = { HANDLE };

	assert_true(nt_call(&fixture->guest, 0, "NtWriteFile", arguments, 9));
	nt_return(&fixture->guest, 0, status);
}

/* What is told ----------------------------------------------------------------------------------*/

static void told_nothing(struct fixture *fixture)
{
	observer_told(&fixture->observer, "");
}

/** One event, with these fields, and what follows it. */
static void told(struct fixture *fixture, const char *method, const char *fields)
{
	g_autofree char *line = observer_take(&fixture->observer);
	g_autofree char *begin = g_strdup_printf("%s 12/13 of 4 uid 1 \"a.exe\" #", method);
	const char *got = strstr(line, ": ");

	if (!got || !g_str_has_prefix(line, begin))
		fail_msg("not %s: %s", begin, line);
	assert_string_equal(got + 2, fields);
}

/** The content that setup gives a file: the second page is not in memory. */
#define CONTENT(number)                                                                            \
	"content " #number " of 6000\n"                                                            \
	"content at 0+4096: content!\n"                                                            \
	"content end\n"

#define DELETED(flags, expanded, number)                                                           \
	"FileName=\"\\\\b.txt\" Size=6000 Flags=" flags " FlagsExpanded=\"" expanded               \
	"\" SeqNum=" #number " Reason=\"DeleteFile\"\n"

static void told_deleted(struct fixture *fixture)
{
	told(fixture, "IopCloseFile", DELETED("0x0", "0", 1) CONTENT(1));
}

/* Tests -----------------------------------------------------------------------------------------*/

static void test_disposition(void **state)
{
	struct fixture *fixture = *state;

	set(fixture, DISPOSITION, DELETE, 0);
	told_nothing(fixture);
	/* another handle is left */
	close_one(fixture, fixture->file, 1);
	told_nothing(fixture);
	close_one(fixture, fixture->file, 0);
	told_deleted(fixture);

	/* another FILE_OBJECT comes to be at the address */
	close_one(fixture, fixture->file, 0);
	told_nothing(fixture);
}

static void test_disposition_ex(void **state)
{
	struct fixture *fixture = *state;

	set(fixture, DISPOSITION_EX, DELETE | POSIX, 0);
	close_one(fixture, fixture->file, 0);
	told_deleted(fixture);
}

static void test_not_deleted(void **state)
{
	struct fixture *fixture = *state;

	close_one(fixture, fixture->file, 0);
	/* it fails */
	set(fixture, DISPOSITION, DELETE, STATUS_ACCESS_DENIED);
	set(fixture, DISPOSITION_EX, DELETE, STATUS_ACCESS_DENIED);
	/* it is taken back */
	set(fixture, DISPOSITION, DELETE, 0);
	set(fixture, DISPOSITION, 0, 0);
	set(fixture, DISPOSITION_EX, DELETE, 0);
	set(fixture, DISPOSITION_EX, 0, 0);
	set(fixture, DISPOSITION_EX, DELETE, 0);
	set(fixture, DISPOSITION, 0, 0);
	/* it is about something else */
	set(fixture, BASIC, DELETE, 0);
	close_one(fixture, fixture->file, 0);
	told_nothing(fixture);

	/* a failure takes nothing back */
	set(fixture, DISPOSITION, DELETE, 0);
	set(fixture, DISPOSITION, 0, STATUS_ACCESS_DENIED);
	close_one(fixture, fixture->file, 0);
	told_deleted(fixture);
}

/** What the FILE_OBJECT says by itself: nobody called a service for it. */
static void test_own_flags(void **state)
{
	struct fixture *fixture = *state;
	struct nt_guest *guest = &fixture->guest;

	nt_put(guest, fixture->file, "_FILE_OBJECT.DeletePending", 1);
	close_one(fixture, fixture->file, 1);
	told_nothing(fixture);
	close_one(fixture, fixture->file, 0);
	told_deleted(fixture);
	nt_put(guest, fixture->file, "_FILE_OBJECT.DeletePending", 0);
	nt_put(guest, fixture->file, "_FILE_OBJECT.Flags", FO_DELETE_ON_CLOSE | 2);
	close_one(fixture, fixture->file, 0);
	told(fixture, "IopCloseFile",
	     DELETED("0x10002", "FO_SYNCHRONOUS_IO | FO_DELETE_ON_CLOSE", 2) CONTENT(2));
}

static void check_on_close(struct fixture *fixture, const char *function)
{
	uint64_t pending = fixture->observer.rows;

	open_file(fixture, function, 0x20, 0);
	open_file(fixture, function, FILE_DELETE_ON_CLOSE, STATUS_ACCESS_DENIED);
	close_one(fixture, fixture->file, 0);
	told_nothing(fixture);
	open_file(fixture, function, FILE_DELETE_ON_CLOSE | 0x20, 0);
	/* that is no disposition */
	set(fixture, DISPOSITION, 0, 0);
	told_nothing(fixture);
	close_one(fixture, fixture->file, 0);
	observer_read(&fixture->observer);
	assert_int_equal(fixture->observer.rows, pending + 1);
}

static void test_create(void **state)
{
	check_on_close(*state, "NtCreateFile");
	told_deleted(*state);
}

static void test_open(void **state)
{
	check_on_close(*state, "NtOpenFile");
	told_deleted(*state);
}

/** What opening has asked for can be taken back as well, and asked for later. */
static void test_on_close_ex(void **state)
{
	struct fixture *fixture = *state;

	open_file(fixture, "NtCreateFile", FILE_DELETE_ON_CLOSE, 0);
	nt_put(&fixture->guest, fixture->file, "_FILE_OBJECT.Flags", FO_DELETE_ON_CLOSE);
	set(fixture, DISPOSITION_EX, ON_CLOSE, 0);
	close_one(fixture, fixture->file, 0);
	told_nothing(fixture);
	nt_put(&fixture->guest, fixture->file, "_FILE_OBJECT.Flags", 0);
	set(fixture, DISPOSITION_EX, ON_CLOSE | DELETE, 0);
	close_one(fixture, fixture->file, 0);
	told_deleted(fixture);
}

/** What is to be set was paged out at the entry. */
static void test_information_paged_out(void **state)
{
	struct fixture *fixture = *state;
	uint64_t page = USER + USER_SIZE;
	uint32_t flags = DELETE;

	enter_set(fixture, HANDLE, page, DISPOSITION_EX);
	nt_map_user(&fixture->guest, fixture->process, page, MOCK_PAGE);
	nt_write_user(&fixture->guest, fixture->process, page, &flags, sizeof(flags));
	nt_return(&fixture->guest, 0, 0);
	close_one(fixture, fixture->file, 0);
	told_deleted(fixture);

	/* and never is there */
	enter_set(fixture, HANDLE, page + MOCK_PAGE, DISPOSITION);
	nt_return(&fixture->guest, 0, 0);
	close_one(fixture, fixture->file, 0);
	told_nothing(fixture);
}

/** Handles that lead to no file, or to another one when the call returns. */
static void test_other_handles(void **state)
{
	struct fixture *fixture = *state;
	struct nt_guest *guest = &fixture->guest;
	uint64_t event = nt_make_object(guest, nt_type(guest, "Event", "Even"), 0x200);

	write_information(fixture, DELETE);
	enter_set(fixture, HANDLE + 4, INFORMATION, DISPOSITION);
	nt_return(guest, 0, 0);
	nt_put_handle(guest, fixture->process, HANDLE, event);
	set(fixture, DISPOSITION, DELETE, 0);
	open_file(fixture, "NtOpenFile", FILE_DELETE_ON_CLOSE, 0);
	close_one(fixture, event, 0);
	nt_put_handle(guest, fixture->process, HANDLE, fixture->file);
	enter_set(fixture, HANDLE, INFORMATION, DISPOSITION);
	nt_put_handle(guest, fixture->process, HANDLE, event);
	nt_return(guest, 0, 0);
	close_one(fixture, fixture->file, 0);
	told_nothing(fixture);
}

static void test_no_dump(void **state)
{
	struct fixture *fixture = *state;

	set(fixture, DISPOSITION, DELETE, 0);
	close_one(fixture, fixture->file, 0);
	told(fixture, "IopCloseFile", DELETED("0x0", "0", 0));
}

/** What has no size has no content: it is no file of a file system. */
static void test_no_pointers(void **state)
{
	struct fixture *fixture = *state;

	nt_put(&fixture->guest, fixture->file, "_FILE_OBJECT.SectionObjectPointer", 0);
	set(fixture, DISPOSITION, DELETE, 0);
	close_one(fixture, fixture->file, 0);
	told(fixture, "IopCloseFile",
	     "FileName=\"\\\\b.txt\" Size=null Flags=0x0 FlagsExpanded=\"0\" SeqNum=0 "
	     "Reason=\"DeleteFile\"\n");
}

#define WRITTEN(flags, expanded, number)                                                           \
	"FileName=\"\\\\b.txt\" Size=6000 Flags=" flags " FlagsExpanded=\"" expanded               \
	"\" SeqNum=" #number " Reason=\"WriteFile\"\n"

static void test_written(void **state)
{
	struct fixture *fixture = *state;
	struct nt_guest *guest = &fixture->guest;

	write_file(fixture, STATUS_ACCESS_DENIED);
	close_one(fixture, fixture->file, 0);
	told_nothing(fixture);
	write_file(fixture, 0);
	write_file(fixture, 0);
	close_one(fixture, fixture->file, 1);
	told_nothing(fixture);
	close_one(fixture, fixture->file, 0);
	told(fixture, "IopCloseFile", WRITTEN("0x0", "0", 1) CONTENT(1));

	nt_put(guest, fixture->file, "_FILE_OBJECT.Flags", FO_MODIFIED);
	close_one(fixture, fixture->file, 0);
	told(fixture, "IopCloseFile", WRITTEN("0x1000", "FO_FILE_MODIFIED", 2) CONTENT(2));

	/* it is deleted as well */
	write_file(fixture, 0);
	set(fixture, DISPOSITION, DELETE, 0);
	close_one(fixture, fixture->file, 0);
	told(fixture, "IopCloseFile", DELETED("0x1000", "FO_FILE_MODIFIED", 3) CONTENT(3));
}

/** Nobody asked for those. */
static void test_written_unasked(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t arguments[9] = { HANDLE };

	assert_false(nt_call(&fixture->guest, 0, "NtWriteFile", arguments, 9));
	nt_return(&fixture->guest, 0, 0);
	nt_put(&fixture->guest, fixture->file, "_FILE_OBJECT.Flags", FO_MODIFIED);
	close_one(fixture, fixture->file, 0);
	told_nothing(fixture);
}

/* NtDeleteFile ----------------------------------------------------------------------------------*/

static void enter_delete(struct fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t name = nt_string(guest, "\\??\\C:\\b.txt");
	const uint64_t arguments[] = { ATTRIBUTES };

	nt_write_user(guest, fixture->process,
		      ATTRIBUTES + nt_offset(guest, "_OBJECT_ATTRIBUTES.ObjectName"), &name,
		      guest->is_64 ? 8 : 4);
	assert_true(nt_call(guest, 0, "NtDeleteFile", arguments, 1));
}

/** The kernel makes a FILE_OBJECT for it that is no object: no header says what it is. */
static void test_delete(void **state)
{
	struct fixture *fixture = *state;
	struct nt_guest *guest = &fixture->guest;
	uint64_t header = nt_size(guest, "_OBJECT_HEADER");
	uint64_t bare = nt_object(guest, header + nt_size(guest, "_FILE_OBJECT")) + header;
	const uint64_t arguments[] = { 0, bare, 1, 1 };

	nt_put_string(guest, bare + nt_offset(guest, "_FILE_OBJECT.FileName"), "\\b.txt");
	nt_put(guest, bare, "_FILE_OBJECT.SectionObjectPointer",
	       nt_get(guest, fixture->file, "_FILE_OBJECT.SectionObjectPointer"));
	nt_put(guest, bare, "_FILE_OBJECT.FsContext",
	       nt_get(guest, fixture->file, "_FILE_OBJECT.FsContext"));
	put_handles(fixture, bare, 77);
	enter_delete(fixture);
	told_nothing(fixture);
	assert_true(nt_call(guest, 0, "IopCloseFile", arguments, 4));
	nt_return(guest, 0, 0);
	told_deleted(fixture);
	nt_return(guest, 0, 0);
	told_nothing(fixture);
}

static void test_delete_unseen(void **state)
{
	struct fixture *fixture = *state;

	enter_delete(fixture);
	nt_return(&fixture->guest, 0, STATUS_ACCESS_DENIED);
	told_nothing(fixture);
	enter_delete(fixture);
	nt_return(&fixture->guest, 0, 0);
	told(fixture, "NtDeleteFile",
	     "FileName=\"\\\\??\\\\C:\\\\b.txt\" Size=null SeqNum=0 Reason=\"DeleteFile\"\n");
}

/* Many files ------------------------------------------------------------------------------------*/

/** A file whose deletion is kept in the same place as that of others: where its address has it. */
static uint64_t make_colliding(struct fixture *fixture, uint64_t bucket)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t body = nt_offset(guest, "_OBJECT_HEADER.Body");

	while (filedelete_key_mix((guest->pool + guest->pool_used + body) | 1) % KEY_SET_BUCKETS !=
	       bucket)
		nt_object(guest, 16);
	return make_file(fixture, "\\b.txt");
}

/** Those that there is no room for are told at once. */
static void test_too_many(void **state)
{
	struct fixture *fixture = *state;
	struct nt_guest *guest = &fixture->guest;
	uint64_t bucket = filedelete_key_mix(fixture->file | 1) % KEY_SET_BUCKETS;
	uint64_t files[KEY_SET_WAYS + 1];

	for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
		files[i] = make_colliding(fixture, bucket);
		nt_put_handle(guest, fixture->process, HANDLE, files[i]);
		set(fixture, DISPOSITION, DELETE, 0);
		if (i < KEY_SET_WAYS)
			told_nothing(fixture);
	}
	told(fixture, "NtSetInformationFile", DELETED("0x0", "0", 1) CONTENT(1));

	/* the FILE_OBJECT says it itself, and will when it is closed */
	nt_put(guest, files[KEY_SET_WAYS], "_FILE_OBJECT.DeletePending", 1);
	set(fixture, DISPOSITION, DELETE, 0);
	told_nothing(fixture);
	for (unsigned i = 0; i < KEY_SET_WAYS; i++) {
		g_autofree char *expected = g_strdup_printf("content %u of 6000\n", i + 2);
		g_autofree char *line = NULL;

		close_one(fixture, files[i], 0);
		line = observer_take(&fixture->observer);
		assert_non_null(strstr(line, expected));
	}
}

/* Without IopCloseFile --------------------------------------------------------------------------*/

/** A profile that does not have the symbol. */
static char *write_profile(const char *folder, const char *layout)
{
	g_autofree char *from =
		g_strdup_printf(WV_SOURCE_ROOT "/tests/guests/nt/layouts/%s.json", layout);
	char *to = g_build_filename(folder, "profile.json", NULL);
	g_autofree char *text = NULL;
	char *symbol;

	assert_true(g_file_get_contents(from, &text, NULL, NULL));
	symbol = strstr(text, "\"IopCloseFile\"");
	assert_non_null(symbol);
	symbol[1] = 'X';
	assert_true(g_file_set_contents(to, text, -1, NULL));
	return to;
}

static void close_handle(struct fixture *fixture, uint64_t handle, uint64_t count)
{
	const uint64_t arguments[] = { handle };

	put_handles(fixture, fixture->file, count);
	assert_true(nt_call(&fixture->guest, 0, "NtClose", arguments, 1));
	nt_return(&fixture->guest, 0, 0);
}

static void test_close_by_handle(void **state)
{
	static struct fixture fixture;
	char *folder = temp_folder_make();
	g_autofree char *profile = write_profile(folder, *state);

	make(&fixture, &(struct nt_options){ .profile = profile }, "dump=/nowhere\n");
	set(&fixture, DISPOSITION, DELETE, 0);
	close_handle(&fixture, HANDLE + 4, 1);
	close_handle(&fixture, HANDLE, 2);
	told_nothing(&fixture);
	close_handle(&fixture, HANDLE, 1);
	told(&fixture, "NtClose", DELETED("0x0", "0", 1) CONTENT(1));
	observer_stop(&fixture.observer);
	nt_deinit(&fixture.guest);
	temp_folder_remove(folder);
}

#define ON_EACH_BUILD(test) NT_TESTS(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_disposition),
		ON_EACH_BUILD(test_disposition_ex),
		ON_EACH_BUILD(test_not_deleted),
		ON_EACH_BUILD(test_own_flags),
		ON_EACH_BUILD(test_create),
		ON_EACH_BUILD(test_open),
		ON_EACH_BUILD(test_on_close_ex),
		ON_EACH_BUILD(test_information_paged_out),
		ON_EACH_BUILD(test_other_handles),
		NT_TESTS(test_no_dump, setup_no_dump, teardown),
		ON_EACH_BUILD(test_no_pointers),
		NT_TESTS(test_written, setup_written, teardown),
		ON_EACH_BUILD(test_written_unasked),
		ON_EACH_BUILD(test_delete),
		ON_EACH_BUILD(test_delete_unseen),
		ON_EACH_BUILD(test_too_many),
		NT_TESTS(test_close_by_handle, NULL, NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
