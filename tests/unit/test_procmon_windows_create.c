/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon on Windows: new processes, and what they are started with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "procmon_windows_fixture.h"

/** Where the call's handles are, the parameters, and from TEXTS on their texts, each in its part.
 */
#define PROCESS_PLACE USER
#define THREAD_PLACE  (USER + 0x10)
#define PARAMETERS    (USER + 0x100)
#define TEXTS	      (USER + MOCK_PAGE)
#define TEXT_ROOM     0x400u

#define NORMALIZED 1u

#define MEMBER(name) "_RTL_USER_PROCESS_PARAMETERS." name

/** The texts in the order of the event's fields. */
enum { COMMAND_LINE, IMAGE_PATH_NAME, DLL_PATH, CURRENT_DIRECTORY, N_TEXTS };

static const struct {
	const char *member, *text;
} texts[N_TEXTS] = {
	{ MEMBER("CommandLine"), "\"C:\\a b\\c.exe\" /x caf\xc3\xa9" },
	{ MEMBER("ImagePathName"), "C:\\a b\\c.exe" },
	{ MEMBER("DllPath"), "C:\\Windows\\System32" },
	{ MEMBER("CurrentDirectory.DosPath"), "C:\\Users\\u" },
};

/** What is told of those texts. */
#define COMMAND_FIELD	"CommandLine=\"\\\"C:\\\\a b\\\\c.exe\\\" /x caf\xc3\xa9\" "
#define IMAGE_FIELD	"ImagePathName=\"C:\\\\a b\\\\c.exe\" "
#define DLL_FIELD	"DllPath=\"C:\\\\Windows\\\\System32\" "
#define DIRECTORY_FIELD "CWD=\"C:\\\\Users\\\\u\" "
#define TEXT_FIELDS	COMMAND_FIELD IMAGE_FIELD DLL_FIELD DIRECTORY_FIELD
#define NO_TEXTS	"CommandLine=null ImagePathName=null DllPath=null CWD=null "

#define HANDLE_FIELDS "NewProcessHandle=0x1a4 NewPid=80 NewThreadHandle=0x1a8 NewTid=88 "
#define NO_HANDLES    "NewProcessHandle=null NewPid=null NewThreadHandle=null NewTid=null "

static unsigned bitness(const struct windows_calls *fixture)
{
	return fixture->guest.is_64 ? 64 : 32;
}

static uint64_t text_place(unsigned which)
{
	return TEXTS + which * TEXT_ROOM;
}

/** Lets one of the UNICODE_STRINGs in the parameters be this. */
static void point(struct windows_calls *fixture, unsigned which, uint64_t buffer, uint16_t length)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t string = PARAMETERS + nt_offset(guest, texts[which].member);

	nt_write_user(guest, fixture->process, string + nt_offset(guest, "_UNICODE_STRING.Length"),
		      &length, sizeof(length));
	write_word(fixture, string + nt_offset(guest, "_UNICODE_STRING.Buffer"), buffer);
}

static void write_flags(struct windows_calls *fixture, uint32_t flags)
{
	write_u32(fixture, PARAMETERS + nt_offset(&fixture->guest, MEMBER("Flags")), flags);
}

static void write_parameters(struct windows_calls *fixture)
{
	write_flags(fixture, NORMALIZED | 0x4000);
	for (unsigned i = 0; i < N_TEXTS; i++)
		point(fixture, i, text_place(i),
		      write_utf16(fixture, text_place(i), texts[i].text));
}

static void write_handles(struct windows_calls *fixture)
{
	write_word(fixture, PROCESS_PLACE, OTHER_HANDLE);
	write_word(fixture, THREAD_PLACE, THREAD_HANDLE);
}

static void enter(struct windows_calls *fixture, uint64_t parameters)
{
	const uint64_t arguments[11] = {
		PROCESS_PLACE, THREAD_PLACE, 0x1fffff, 0x1fffff, 0, 0, 0, 0, parameters
	};

	call(fixture, "NtCreateUserProcess", arguments, 11);
	told_nothing(fixture); /* it is told on return */
}

static void leave(struct windows_calls *fixture, const char *fields)
{
	write_handles(fixture);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtCreateUserProcess", "Status=0x0 " HANDLE_FIELDS "%sBitness=%u", fields,
	     bitness(fixture));
}

static void creates(struct windows_calls *fixture, const char *fields)
{
	enter(fixture, PARAMETERS);
	leave(fixture, fields);
}

/* NtCreateUserProcess ---------------------------------------------------------------------------*/

static void test_create(void **state)
{
	struct windows_calls *fixture = *state;

	write_parameters(fixture);
	creates(fixture, TEXT_FIELDS);
}

static void test_wow64(void **state)
{
	struct windows_calls *fixture = *state;

	nt_make_wow64(&fixture->guest, fixture->other);
	write_parameters(fixture);
	enter(fixture, PARAMETERS);
	write_handles(fixture);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtCreateUserProcess", "Status=0x0 " HANDLE_FIELDS TEXT_FIELDS "Bitness=32");
}

static void test_failure(void **state)
{
	struct windows_calls *fixture = *state;

	write_parameters(fixture);
	write_handles(fixture); /* what was there before is not what the call has made */
	enter(fixture, PARAMETERS);
	assert_true(nt_return(&fixture->guest, 0, RUBBISH | STATUS_ACCESS_DENIED));
	told(fixture, "NtCreateUserProcess",
	     "Status=0xc0000022 " NO_HANDLES TEXT_FIELDS "Bitness=null");
}

static void test_odd_handles(void **state)
{
	struct windows_calls *fixture = *state;

	write_parameters(fixture);
	/* they lead to something else, and nowhere */
	enter(fixture, PARAMETERS);
	write_word(fixture, PROCESS_PLACE, THREAD_HANDLE);
	write_word(fixture, THREAD_PLACE, OTHER_HANDLE);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtCreateUserProcess",
	     "Status=0x0 NewProcessHandle=0x1a8 NewPid=null NewThreadHandle=0x1a4 NewTid=null " TEXT_FIELDS
	     "Bitness=null");
	enter(fixture, PARAMETERS);
	write_word(fixture, PROCESS_PLACE, FREE_HANDLE);
	write_word(fixture, THREAD_PLACE, 0);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtCreateUserProcess",
	     "Status=0x0 NewProcessHandle=0x1ac NewPid=null NewThreadHandle=0x0 NewTid=null " TEXT_FIELDS
	     "Bitness=null");
	/* where they are can not be read */
	enter(fixture, PARAMETERS);
	nt_map_user(&fixture->guest, fixture->process, USER_END, MOCK_PAGE);
	nt_page_out(&fixture->guest, &fixture->process->paging, USER);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtCreateUserProcess", "Status=0x0 " NO_HANDLES TEXT_FIELDS "Bitness=null");
}

static void test_no_parameters(void **state)
{
	struct windows_calls *fixture = *state;
	const uint64_t places[] = { 0, USER_END, USER_END - 0x20, 0x7fff0000, UINT64_MAX - 0x10 };

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		enter(fixture, places[i]);
		leave(fixture, NO_TEXTS);
	}
}

/** Strings of a structure that has just been made, or was moved: distances from it. */
static void test_not_normalized(void **state)
{
	struct windows_calls *fixture = *state;

	write_parameters(fixture);
	for (unsigned i = 0; i < N_TEXTS; i++)
		point(fixture, i, text_place(i) - PARAMETERS,
		      write_utf16(fixture, text_place(i), texts[i].text));
	write_flags(fixture, 0x4000);
	creates(fixture, TEXT_FIELDS);
}

/* When texts are read ---------------------------------------------------------------------------*/

/** What a program writes over them while the call goes on was not what it asked for. */
static void test_changed_during_the_call(void **state)
{
	struct windows_calls *fixture = *state;

	write_parameters(fixture);
	enter(fixture, PARAMETERS);
	for (unsigned i = 0; i < N_TEXTS; i++)
		write_utf16(fixture, text_place(i), "forged");
	write_flags(fixture, 0);
	leave(fixture, TEXT_FIELDS);
}

static void test_paged_out(void **state)
{
	struct windows_calls *fixture = *state;

	nt_page_out(&fixture->guest, &fixture->process->paging, TEXTS);
	nt_page_out(&fixture->guest, &fixture->process->paging, USER);
	enter(fixture, PARAMETERS);
	nt_map_user(&fixture->guest, fixture->process, USER, USER_SIZE);
	write_parameters(fixture);
	leave(fixture, TEXT_FIELDS);
}

/** Each text for itself: the one whose end is paged out is read again, the others are not. */
static void test_partly_paged_out(void **state)
{
	struct windows_calls *fixture = *state;
	uint64_t page = USER + 2 * MOCK_PAGE, place = page - 4;
	uint16_t length;

	write_parameters(fixture);
	length = write_utf16(fixture, place, texts[COMMAND_LINE].text);
	point(fixture, COMMAND_LINE, place, length);
	nt_page_out(&fixture->guest, &fixture->process->paging, page);
	enter(fixture, PARAMETERS);
	nt_map_user(&fixture->guest, fixture->process, page, MOCK_PAGE);
	write_utf16(fixture, place, texts[COMMAND_LINE].text);
	write_utf16(fixture, text_place(DLL_PATH), "forged");
	leave(fixture, TEXT_FIELDS);
}

/** More calls at once than texts are kept of: the last ones have theirs. */
static void test_many_at_once(void **state)
{
	struct windows_calls *fixture = *state;
	struct nt_guest *guest = &fixture->guest;
	struct nt_process *others[2];
	g_autofree char *told_of_others = NULL;
	g_auto(GStrv) lines = NULL;

	write_parameters(fixture);
	enter(fixture, PARAMETERS);
	for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
		others[i] = nt_process(guest, 0x60 + 4 * i, 12, "\\Windows\\other.exe");
		nt_run(guest, 0, others[i]);
		for (unsigned j = 0; j < 10; j++)
			enter(fixture, 0);
	}
	nt_run(guest, 0, fixture->process);
	write_utf16(fixture, text_place(DLL_PATH), "D:");
	leave(fixture,
	      COMMAND_FIELD IMAGE_FIELD "DllPath=\"D:\\\\Windows\\\\System32\" " DIRECTORY_FIELD);
	for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
		nt_run(guest, 0, others[i]);
		for (unsigned j = 0; j < 10; j++)
			assert_true(nt_return(guest, 0, STATUS_ACCESS_DENIED));
	}
	told_of_others = observer_take(&fixture->observer);
	lines = g_strsplit(told_of_others, "\n", -1);
	assert_int_equal(g_strv_length(lines), 2 * 10 + 1); /* behind the last one is nothing */
}

static void test_nested(void **state)
{
	struct windows_calls *fixture = *state;

	write_parameters(fixture);
	enter(fixture, PARAMETERS);
	enter(fixture, 0);
	leave(fixture, NO_TEXTS);
	leave(fixture, TEXT_FIELDS);
}

/** A thread that ends inside the call takes it with it. */
static void test_killed(void **state)
{
	struct windows_calls *fixture = *state;
	const uint64_t status = 0;

	write_parameters(fixture);
	for (unsigned i = 0; i < 3; i++) {
		enter(fixture, PARAMETERS);
		call(fixture, "PspExitThread", &status, 1);
		nt_return(&fixture->guest, 0, 0);
		nt_return(&fixture->guest, 0, 0);
		told_nothing(fixture);
	}
	creates(fixture, TEXT_FIELDS);
}

/* Hostile texts ---------------------------------------------------------------------------------*/

static void test_empty_texts(void **state)
{
	struct windows_calls *fixture = *state;

	write_flags(fixture, NORMALIZED);
	for (unsigned i = 0; i < N_TEXTS; i++)
		point(fixture, i, 0, 0);
	creates(fixture, "CommandLine=\"\" ImagePathName=\"\" DllPath=\"\" CWD=\"\" ");
}

static void test_texts_nowhere(void **state)
{
	struct windows_calls *fixture = *state;
	const uint64_t buffers[N_TEXTS] = { 0, USER_END, UINT64_MAX, 0x7fff0000 };
	/* the last two lead around the end of the address space */
	const uint64_t distances[N_TEXTS] = { USER_SIZE, USER_END, -USER_SIZE, -PARAMETERS };

	write_flags(fixture, NORMALIZED);
	for (unsigned i = 0; i < N_TEXTS; i++)
		point(fixture, i, buffers[i], 0xffff);
	creates(fixture, NO_TEXTS);
	write_flags(fixture, 0);
	for (unsigned i = 0; i < N_TEXTS; i++)
		point(fixture, i, distances[i], 0xffff);
	creates(fixture, NO_TEXTS);
}

/** A command line that points to itself, as long as can be, and one at the end of memory. */
static void test_endless_texts(void **state)
{
	struct windows_calls *fixture = *state;
	g_autofree char *line = NULL;

	write_parameters(fixture);
	point(fixture, COMMAND_LINE, PARAMETERS + nt_offset(&fixture->guest, texts[0].member),
	      0xffff);
	write_utf16(fixture, USER_END - 6, "end");
	point(fixture, DLL_PATH, USER_END - 6, 0xfffe);
	enter(fixture, PARAMETERS);
	write_handles(fixture);
	assert_true(nt_return(&fixture->guest, 0, 0));
	line = observer_take(&fixture->observer);
	assert_non_null(strstr(line, IMAGE_FIELD "DllPath=\"end...\"+ " DIRECTORY_FIELD));
	assert_non_null(strstr(line, "...\"+ ImagePathName=")); /* memory ends before it does */
	assert_in_range(strlen(line), USER_SIZE / 2 - 0x200, 4 * USER_SIZE);
}

/** All are as long as can be, and each character is three bytes: what follows is told all the same.
 */
static void test_longest_texts(void **state)
{
	struct windows_calls *fixture = *state;
	uint64_t long_text = UINT64_C(0x100000);
	uint16_t units[0x7fff];
	g_autofree char *line = NULL;

	for (unsigned i = 0; i < G_N_ELEMENTS(units); i++)
		units[i] = 0x20ac;
	nt_map_user(&fixture->guest, fixture->process, long_text, 0x10000);
	nt_write_user(&fixture->guest, fixture->process, long_text, units, sizeof(units));
	write_flags(fixture, NORMALIZED);
	for (unsigned i = 0; i < N_TEXTS; i++)
		point(fixture, i, long_text, 0xffff);
	enter(fixture, PARAMETERS);
	write_handles(fixture);
	/* what another thread makes of them meanwhile is not told */
	units[0] = 'x';
	nt_write_user(&fixture->guest, fixture->process, long_text, units, sizeof(units[0]));
	assert_true(nt_return(&fixture->guest, 0, 0));
	line = observer_take(&fixture->observer);
	assert_null(strstr(line, "=\"x"));
	assert_non_null(strstr(line, "\xe2\x82\xac...\"+ ImagePathName=\"\xe2\x82\xac"));
	assert_non_null(strstr(line, "\xe2\x82\xac...\"+ Bitness="));
	assert_in_range(strlen(line), 4 * 60000, WV_RECORD_MAX);
	assert_int_equal(OBSERVER_COUNT(&fixture->observer, overflowed), 0);
}

/* The current directory -------------------------------------------------------------------------*/

/** Without a path there is the open directory, whose handle has marks in its lowest bits. */
static void test_directory_handle(void **state)
{
	struct windows_calls *fixture = *state;
	struct nt_guest *guest = &fixture->guest;
	uint64_t type = nt_type(guest, "Directory", "Dire");
	uint64_t handle = PARAMETERS + nt_offset(guest, MEMBER("CurrentDirectory.Handle"));

	nt_put_handle(guest, fixture->process, 0x60,
		      nt_make_named_object(guest, type, 64, "\\Users", false));
	write_parameters(fixture);
	write_word(fixture, handle, 0x63);
	creates(fixture, TEXT_FIELDS);
	point(fixture, CURRENT_DIRECTORY, 0, 0);
	creates(fixture, COMMAND_FIELD IMAGE_FIELD DLL_FIELD "CWD=\"\\\\Users\" ");
	/* one without a name, and none */
	write_word(fixture, handle, OTHER_HANDLE);
	creates(fixture, COMMAND_FIELD IMAGE_FIELD DLL_FIELD "CWD=\"\" ");
	write_word(fixture, handle, FREE_HANDLE);
	creates(fixture, COMMAND_FIELD IMAGE_FIELD DLL_FIELD "CWD=\"\" ");
}

/* NtCreateProcessEx -----------------------------------------------------------------------------*/

static const uint64_t ex_arguments[] = {
	PROCESS_PLACE, RUBBISH | 0x1fffff, USER + 0x40, 0x24, RUBBISH | 4, 0x28, 0x2c,
	0x30,	       RUBBISH | 3
};

#define EX_FIELDS                                                                                  \
	"DesiredAccess=0x1fffff ObjectAttributes=0x30040 ParentProcess=0x24 Flags=0x4 "            \
	"SectionHandle=0x28 DebugPort=0x2c ExceptionPort=0x30 JobMemberLevel=3 "

static void test_create_ex(void **state)
{
	struct windows_calls *fixture = *state;

	call(fixture, "NtCreateProcessEx", ex_arguments, G_N_ELEMENTS(ex_arguments));
	told_nothing(fixture);
	write_handles(fixture);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtCreateProcessEx",
	     "Status=0x0 ProcessHandle=0x1a4 " EX_FIELDS "NewPid=80 Bitness=%u", bitness(fixture));
}

static void test_create_ex_failure(void **state)
{
	struct windows_calls *fixture = *state;

	write_handles(fixture);
	call(fixture, "NtCreateProcessEx", ex_arguments, G_N_ELEMENTS(ex_arguments));
	assert_true(nt_return(&fixture->guest, 0, STATUS_ACCESS_DENIED));
	told(fixture, "NtCreateProcessEx",
	     "Status=0xc0000022 ProcessHandle=null " EX_FIELDS "NewPid=null Bitness=null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_create),	     ON_BUILD(test_wow64, NT_WINDOWS_7),
		ON_BUILD(test_wow64, NT_WINDOWS_11), ON_EACH_BUILD(test_failure),
		ON_EACH_BUILD(test_odd_handles),     ON_EACH_BUILD(test_no_parameters),
		ON_EACH_BUILD(test_not_normalized),  ON_EACH_BUILD(test_changed_during_the_call),
		ON_EACH_BUILD(test_paged_out),	     ON_EACH_BUILD(test_partly_paged_out),
		ON_EACH_BUILD(test_many_at_once),    ON_EACH_BUILD(test_nested),
		ON_EACH_BUILD(test_killed),	     ON_EACH_BUILD(test_empty_texts),
		ON_EACH_BUILD(test_texts_nowhere),   ON_EACH_BUILD(test_endless_texts),
		ON_EACH_BUILD(test_longest_texts),   ON_EACH_BUILD(test_directory_handle),
		ON_EACH_BUILD(test_create_ex),	     ON_EACH_BUILD(test_create_ex_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
