/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon on Windows: what runs at the start, ends of processes, protections, and what is lost
 * with what a kernel does not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#include "procmon_windows_fixture.h"

/* The start -------------------------------------------------------------------------------------*/

static void test_running(void **state)
{
	struct windows_calls fixture;
	g_autofree char *start = NULL, *expected = NULL;
	unsigned kernel;

	windows_calls_make(&fixture, &(struct nt_options){ .layout = *state });
	kernel = fixture.guest.is_64 ? 64 : 32;
	if (fixture.guest.is_64)
		nt_make_wow64(&fixture.guest, fixture.other);
	windows_calls_watch(&fixture, "procmon", NULL);
	start = observer_take(&fixture.observer);
	expected = g_strdup_printf(
		"RunningProcess 4/0 of 0 uid -1 \"System\" #1: RunningProcess=\"System\" "
		"Bitness=%u\n"
		"RunningProcess 12/0 of 4 uid 1 \"a.exe\" #2: RunningProcess=\"a.exe\" "
		"Bitness=%u\n"
		"RunningProcess 80/0 of 12 uid 1 \"b.exe\" #3: RunningProcess=\"b.exe\" "
		"Bitness=32\n",
		kernel, kernel);
	if (!strstr(start, expected))
		fail_msg("%s", start);
	observer_stop(&fixture.observer);
	nt_deinit(&fixture.guest);
}

/* NtTerminateProcess, MmCleanProcessAddressSpace ------------------------------------------------*/

static uint64_t all_ones(const struct windows_calls *fixture)
{
	return fixture->guest.is_64 ? UINT64_MAX : UINT32_MAX;
}

#define TERMINATES(fixture, handle, status, ...)                                                   \
	TELLS(fixture, "NtTerminateProcess", 2, ((const uint64_t[]){ handle, status }), __VA_ARGS__)

static void test_terminate(void **state)
{
	struct windows_calls *fixture = *state;

	TERMINATES(fixture, OTHER_HANDLE, 0,
		   "ExitPid=80 ExitStatus=0x0 ExitStatusStr=\"STATUS_SUCCESS\"");
	/* what is above the status is nobody's */
	TERMINATES(fixture, OTHER_HANDLE, RUBBISH | 0xc0000005,
		   "ExitPid=80 ExitStatus=0xc0000005 ExitStatusStr=\"STATUS_ACCESS_VIOLATION\"");
	TERMINATES(fixture, OTHER_HANDLE, 0xdead,
		   "ExitPid=80 ExitStatus=0xdead ExitStatusStr=\"0xdead\"");
}

static void test_terminate_self(void **state)
{
	struct windows_calls *fixture = *state;

	TERMINATES(fixture, all_ones(fixture), 0,
		   "ExitPid=12 ExitStatus=0x0 ExitStatusStr=\"STATUS_SUCCESS\"");
	/* all threads but its own */
	TERMINATES(fixture, 0, 0, "ExitPid=12 ExitStatus=0x0 ExitStatusStr=\"STATUS_SUCCESS\"");
	nt_put_handle(&fixture->guest, fixture->process, 0x40, fixture->process->address);
	TERMINATES(fixture, 0x40, 0, "ExitPid=12 ExitStatus=0x0 ExitStatusStr=\"STATUS_SUCCESS\"");
}

static void test_terminate_nothing(void **state)
{
	struct windows_calls *fixture = *state;
	const uint64_t handles[] = { FREE_HANDLE, THREAD_HANDLE, 0x7ffffffc, 3 };

	for (size_t i = 0; i < G_N_ELEMENTS(handles); i++)
		TERMINATES(fixture, handles[i], 0,
			   "ExitPid=null ExitStatus=0x0 ExitStatusStr=\"STATUS_SUCCESS\"");
}

static void test_clean(void **state)
{
	struct windows_calls *fixture = *state;
	uint64_t process = fixture->other->address;
	uint64_t end = nt_pages(&fixture->guest, 1) + MOCK_PAGE;

	TELLS(fixture, "MmCleanProcessAddressSpace", 1, &process, "ExitPid=80");
	TELLS(fixture, "MmCleanProcessAddressSpace", 1, &end, "ExitPid=null");
	process = 0;
	TELLS(fixture, "MmCleanProcessAddressSpace", 1, &process, "ExitPid=null");
}

/* NtProtectVirtualMemory ------------------------------------------------------------------------*/

static void test_protect(void **state)
{
	static const struct {
		uint32_t protection;
		const char *text;
	} rows[] = {
		{ 0x40, "PAGE_EXECUTE_READWRITE" },
		{ 0x104, "PAGE_READWRITE;PAGE_GUARD" },
		{ 0x04000020, "PAGE_EXECUTE_READ;0x4000000" },
		{ 0x01000000, "0x1000000" },
		{ 0, "NONE" },
	};
	struct windows_calls *fixture = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const uint64_t arguments[] = { OTHER_HANDLE, USER, USER + 8,
					       RUBBISH | rows[i].protection, USER + 16 };

		TELLS(fixture, "NtProtectVirtualMemory", 5, arguments,
		      "ProcessHandle=0x1a4 NewProtectWin32=\"%s\"", rows[i].text);
	}
}

static void test_protect_self(void **state)
{
	struct windows_calls *fixture = *state;
	const uint64_t arguments[] = { all_ones(fixture), USER, USER, 4, USER };

	TELLS(fixture, "NtProtectVirtualMemory", 5, arguments,
	      "ProcessHandle=0x%" G_GINT64_MODIFIER "x NewProtectWin32=\"PAGE_READWRITE\"",
	      all_ones(fixture));
}

/* What a kernel does not have, and the TTL ------------------------------------------------------*/

static const char *const functions[] = {
	"NtCreateUserProcess",	  "NtCreateProcessEx",		"NtTerminateProcess",
	"NtOpenProcess",	  "MmCleanProcessAddressSpace", "NtOpenThread",
	"NtProtectVirtualMemory", "NtAdjustPrivilegesToken",
};

/** The build's profile without a symbol, in a file. Free the name with g_free(). */
static char *profile_without(const char *build, const char *symbol)
{
	g_autofree char *from =
		g_strdup_printf(WV_SOURCE_ROOT "/tests/guests/nt/layouts/%s.json", build);
	g_autofree char *quoted = g_strdup_printf("\"%s\"", symbol);
	g_autofree char *text = NULL;
	char *path = NULL, *at;
	gint file = g_file_open_tmp("procmon-XXXXXX.json", &path, NULL);

	assert_true(file >= 0 && g_close(file, NULL));
	assert_true(g_file_get_contents(from, &text, NULL, NULL));
	at = strstr(text, quoted);
	assert_non_null(at);
	at[1] = 'X';
	assert_true(g_file_set_contents(path, text, -1, NULL));
	return path;
}

static void test_missing_functions(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
		g_autofree char *profile = profile_without(*state, functions[i]);
		g_autofree char *start = NULL;
		struct windows_calls fixture;
		const uint64_t none[11] = { 0 };

		windows_calls_make(&fixture, &(struct nt_options){ .profile = profile });
		windows_calls_watch(&fixture, "procmon", NULL);
		start = observer_take(&fixture.observer);
		if (!strstr(start, functions[i]) || !strstr(start, "RunningProcess"))
			fail_msg("%s", start);
		/* the others are trapped all the same */
		for (size_t j = 0; j < G_N_ELEMENTS(functions); j++)
			if (j != i)
				call(&fixture, functions[j], none, 11);
		observer_stop(&fixture.observer);
		nt_deinit(&fixture.guest);
		assert_int_equal(g_unlink(profile), 0);
	}
}

static void test_ttl(void **state)
{
	struct windows_calls fixture;
	const uint64_t none[11] = { 0 };

	windows_calls_make(&fixture, &(struct nt_options){ .layout = *state });
	windows_calls_watch(&fixture, "procmon", "traps_ttl=2\n");
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
		for (unsigned j = 0; j < 5; j++) {
			call(&fixture, functions[i], none, 11);
			nt_return(&fixture.guest, 0, 0);
		}
	}
	observer_read(&fixture.observer);
	assert_int_equal(OBSERVER_COUNT(&fixture.observer, suppressed),
			 3 * G_N_ELEMENTS(functions));
	observer_stop(&fixture.observer);
	nt_deinit(&fixture.guest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NT_TESTS(test_running, NULL, NULL),
		ON_EACH_BUILD(test_terminate),
		ON_EACH_BUILD(test_terminate_self),
		ON_EACH_BUILD(test_terminate_nothing),
		ON_EACH_BUILD(test_clean),
		ON_EACH_BUILD(test_protect),
		ON_EACH_BUILD(test_protect_self),
		NT_TEST(test_missing_functions, NULL, NULL, NT_WINDOWS_11),
		NT_TEST(test_ttl, NULL, NULL, NT_WINDOWS_7),
		NT_TEST(test_ttl, NULL, NULL, NT_WINDOWS_7_X86),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
