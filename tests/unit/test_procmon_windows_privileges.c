/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon on Windows: privileges that are switched on and off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "procmon_windows_fixture.h"

#define STATE (USER + 0x100)

/** SE_PRIVILEGE_ENABLED */
#define ENABLED 2u

struct row {
	uint32_t low, high, attributes;
};

static void write_state(struct windows_calls *fixture, uint64_t address, uint32_t count,
			const struct row *rows, unsigned n_rows)
{
	write_u32(fixture, address, count);
	nt_write_user(&fixture->guest, fixture->process, address + sizeof(count), rows,
		      n_rows * sizeof(*rows));
}

#define ADJUSTS(fixture, token, disable_all, state, ...)                                           \
	TELLS(fixture, "NtAdjustPrivilegesToken", 6,                                               \
	      ((const uint64_t[]){ token, disable_all, state, 0x10, 0, 0 }), __VA_ARGS__)

static void test_privileges(void **state)
{
	static const struct row rows[] = {
		{ 20, 0, ENABLED },    { 2, 0, 0 },	    { 36, 0, 4 },
		{ 25, 0, 0x80000003 }, { 20, 0, 0x10 | 2 },
	};
	struct windows_calls *fixture = *state;

	write_state(fixture, STATE, 1, rows, 1);
	ADJUSTS(fixture, 0x24, RUBBISH << 8, STATE,
		"ProcessHandle=36 DisableAll=0 "
		"NewState=SE_DEBUG_PRIVILEGE:\"SE_PRIVILEGE_ENABLED\"");
	write_state(fixture, STATE, G_N_ELEMENTS(rows), rows, G_N_ELEMENTS(rows));
	ADJUSTS(fixture, 0x24, 0, STATE,
		"ProcessHandle=36 DisableAll=0 "
		"NewState=SE_DEBUG_PRIVILEGE:\"SE_PRIVILEGE_ENABLED\";SE_CREATE_TOKEN_PRIVILEGE:\"0\";"
		"SE_DELEGATE_SESSION_USER_IMPERSONATE_PRIVILEGE:\"SE_PRIVILEGE_REMOVED\";"
		"SE_UNDOCK_PRIVILEGE:\"SE_PRIVILEGE_ENABLED_BY_DEFAULT|SE_PRIVILEGE_ENABLED|"
		"SE_PRIVILEGE_USED_FOR_ACCESS\";"
		"SE_DEBUG_PRIVILEGE:\"SE_PRIVILEGE_ENABLED|0x10\"");
}

static void test_unknown_privileges(void **state)
{
	static const struct row rows[] = {
		{ 0, 0, ENABLED },
		{ 0x1234, 0, ENABLED },
		{ 20, 1, ENABLED }, /* the upper half counts */
		{ UINT32_MAX, UINT32_MAX, ENABLED },
	};
	struct windows_calls *fixture = *state;

	write_state(fixture, STATE, G_N_ELEMENTS(rows), rows, G_N_ELEMENTS(rows));
	ADJUSTS(fixture, 0x24, 0, STATE,
		"ProcessHandle=36 DisableAll=0 NewState=0x0:\"SE_PRIVILEGE_ENABLED\";"
		"0x1234:\"SE_PRIVILEGE_ENABLED\";0x100000014:\"SE_PRIVILEGE_ENABLED\";"
		"0xffffffffffffffff:\"SE_PRIVILEGE_ENABLED\"");
}

/** All are disabled, or nothing is given: there is no list. */
static void test_no_state(void **state)
{
	static const struct row row = { 20, 0, ENABLED };
	struct windows_calls *fixture = *state;
	uint64_t minus_four = fixture->guest.is_64 ? -UINT64_C(4) : (uint32_t)-4;

	write_state(fixture, STATE, 1, &row, 1);
	ADJUSTS(fixture, 0x24, 1, STATE, "ProcessHandle=36 DisableAll=1");
	ADJUSTS(fixture, 0x24, 0xff, 0, "ProcessHandle=36 DisableAll=1");
	ADJUSTS(fixture, minus_four, 0, 0, "ProcessHandle=-4 DisableAll=0");
	write_state(fixture, STATE, 0, NULL, 0);
	ADJUSTS(fixture, 0x24, 0, STATE, "ProcessHandle=36 DisableAll=0 NewState=");
}

/** A list of a caller's making, of @n times the same row, and the mark that there is more. */
static char *many(unsigned n, bool more)
{
	GString *text = g_string_new("ProcessHandle=36 DisableAll=0 NewState=");

	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(text, "%sSE_DEBUG_PRIVILEGE:\"SE_PRIVILEGE_ENABLED\"",
				       i ? ";" : "");
	if (more)
		g_string_append(text, ";...:\"...\"");
	return g_string_free(text, FALSE);
}

static void test_too_many(void **state)
{
	static const struct {
		uint32_t count;
		unsigned told;
		bool more;
	} cases[] = { { 36, 36, false },
		      { 37, 36, true },
		      { UINT32_C(1) << 31, 36, true },
		      { UINT32_MAX, 36, true } };
	struct windows_calls *fixture = *state;
	struct row rows[40];

	for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
		rows[i] = (struct row){ 20, 0, ENABLED };
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *expected = many(cases[i].told, cases[i].more);

		write_state(fixture, STATE, cases[i].count, rows, G_N_ELEMENTS(rows));
		ADJUSTS(fixture, 0x24, 0, STATE, "%s", expected);
	}
}

static void enter(struct windows_calls *fixture, uint64_t place)
{
	const uint64_t arguments[] = { 0x24, 0, place, 0x10, 0, 0 };

	call(fixture, "NtAdjustPrivilegesToken", arguments, 6);
	told_nothing(fixture); /* what can not be read yet is awaited */
}

static void test_paged_out(void **state)
{
	static const struct row row = { 20, 0, ENABLED };
	struct windows_calls *fixture = *state;
	uint64_t page = USER + MOCK_PAGE;

	nt_page_out(&fixture->guest, &fixture->process->paging, page);
	enter(fixture, page + 8);
	nt_map_user(&fixture->guest, fixture->process, page, MOCK_PAGE);
	write_state(fixture, page + 8, 1, &row, 1);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtAdjustPrivilegesToken",
	     "ProcessHandle=36 DisableAll=0 NewState=SE_DEBUG_PRIVILEGE:\"SE_PRIVILEGE_ENABLED\"");
}

static void test_unreadable(void **state)
{
	struct windows_calls *fixture = *state;
	const struct row row = { 20, 0, ENABLED };
	uint64_t place = USER_END - sizeof(uint32_t) - sizeof(row);
	g_autofree char *one = many(1, true), *none = NULL;

	enter(fixture, USER_END);
	assert_true(nt_return(&fixture->guest, 0, 0xc0000005));
	told(fixture, "NtAdjustPrivilegesToken", "ProcessHandle=36 DisableAll=0 NewState=null");

	/* two to the power of 31, of which one is there */
	write_state(fixture, place, UINT32_C(1) << 31, &row, 1);
	enter(fixture, place);
	assert_true(nt_return(&fixture->guest, 0, 0xc0000005));
	told(fixture, "NtAdjustPrivilegesToken", "%s", one);

	write_u32(fixture, USER_END - 4, 7);
	enter(fixture, USER_END - 4);
	assert_true(nt_return(&fixture->guest, 0, 0xc0000005));
	told(fixture, "NtAdjustPrivilegesToken", "ProcessHandle=36 DisableAll=0 NewState=\"...\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_privileges), ON_EACH_BUILD(test_unknown_privileges),
		ON_EACH_BUILD(test_no_state),	ON_EACH_BUILD(test_too_many),
		ON_EACH_BUILD(test_paged_out),	ON_EACH_BUILD(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
