/* SPDX-License-Identifier: GPL-2.0-or-later */
/* objmon: keys and names of created objects' types, and handles that are duplicated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "observer.h"
#include "windows_fixture.h"

/** Pages of the process that runs. */
#define USER	  UINT64_C(0x30000)
#define USER_SIZE 0x2000u

/** Above NtDuplicateObject's arguments of 32 bits on a stack of 64: not zero. */
#define RUBBISH UINT64_C(0xdeadbeef00000000)

#define CREATE_BEGIN	"ObCreateObject 12/13 of 4 uid 1 \"a.exe\" "
#define DUPLICATE_BEGIN "NtDuplicateObject 12/13 of 4 uid 1 \"a.exe\" "

struct fixture {
	struct nt_guest guest;
	struct observer observer;
	struct nt_process *process; /* PID 12, on vCPU 0 */
};

static void start(struct fixture *fixture, const char *layout, const char *settings)
{
	nt_init(&fixture->guest, &(struct nt_options){ .layout = layout });
	fixture->process =
		nt_process(&fixture->guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");
	nt_map_user(&fixture->guest, fixture->process, USER, USER_SIZE);
	nt_run(&fixture->guest, 0, fixture->process);
	nt_watch_plugin(&fixture->guest, &fixture->observer, "objmon", settings);
}

static void stop(struct fixture *fixture)
{
	observer_stop(&fixture->observer);
	nt_deinit(&fixture->guest);
}

/** What each test is run on: a build of 64 bits, and one of 32. */
static const char *const widths[] = { NT_WINDOWS_10, NT_WINDOWS_7_X86 };

/** Runs a test's body on both. */
static void on_both(void (*body)(struct fixture *fixture))
{
	for (size_t i = 0; i < G_N_ELEMENTS(widths); i++) {
		struct fixture fixture;

		start(&fixture, widths[i], NULL);
		body(&fixture);
		stop(&fixture);
	}
}

/* ObCreateObject --------------------------------------------------------------------------------*/

/** Creates an object of a type. Returns whether that was trapped. */
static bool create(struct fixture *fixture, uint64_t type)
{
	const uint64_t arguments[9] = { 0, type, 0, 1, 0, 0x20 };
	bool trapped = nt_call(&fixture->guest, 0, "ObCreateObject", arguments, 9);

	assert_false(nt_return(&fixture->guest, 0, 0));
	return trapped;
}

/** The one event since the last one has these fields. */
static void told(struct fixture *fixture, const char *begin, const char *fields)
{
	g_autofree char *line = observer_take(&fixture->observer);
	const char *got = strstr(line, ": ");

	assert_non_null(got);
	if (!g_str_has_prefix(line, begin))
		fail_msg("%s", line);
	assert_string_equal(got + 2, fields);
}

static void test_create_on_all_builds(void **state)
{
	static const char *const builds[] = { NT_WINDOWS_7, NT_WINDOWS_7_X86, NT_SERVER_2019,
					      NT_WINDOWS_10, NT_WINDOWS_11 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(builds); i++) {
		struct fixture fixture;

		start(&fixture, builds[i], NULL);
		assert_true(create(&fixture, nt_type(&fixture.guest, "Event", "Even")));
		told(&fixture, CREATE_BEGIN, "Key=\"Even\" TypeName=\"Event\"\n");
		stop(&fixture);
	}
}

static void odd_keys(struct fixture *fixture)
{
	static const struct {
		char key[5];
		const char *text;
	} keys[] = {
		{ "Key ", "\"Key \"" },		 { "A\0\0\0", "\"A???\"" },
		{ "\0\0\0\0", "\"????\"" },	 { "Pro\xe3", "\"Pro?\"" },
		{ "\x01~\x7f\xff", "\"?~??\"" }, { "a\"\\\n", "\"a\\\"\\\\?\"" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autofree char *fields =
			g_strdup_printf("Key=%s TypeName=\"Odd\"\n", keys[i].text);

		create(fixture, nt_type(&fixture->guest, "Odd", keys[i].key));
		told(fixture, CREATE_BEGIN, fields);
	}
}

static void test_odd_keys(void **state)
{
	(void)state;
	on_both(odd_keys);
}

static void unreadable_types(struct fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t end = nt_pages(guest, 1) + MOCK_PAGE; /* what is there can not be read */
	uint64_t type = end - nt_offset(guest, "_OBJECT_TYPE.Key");

	nt_put_string(guest, type + nt_offset(guest, "_OBJECT_TYPE.Name"), "Cut");
	create(fixture, type);
	told(fixture, CREATE_BEGIN, "Key=null TypeName=\"Cut\"\n");
	create(fixture, end);
	told(fixture, CREATE_BEGIN, "Key=null TypeName=null\n");
	create(fixture, 0);
	told(fixture, CREATE_BEGIN, "Key=null TypeName=null\n");
	create(fixture, UINT64_MAX);
	told(fixture, CREATE_BEGIN, "Key=null TypeName=null\n");
}

static void test_unreadable_types(void **state)
{
	(void)state;
	on_both(unreadable_types);
}

static void paged_types(struct fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t type = nt_pages(guest, 1);

	nt_put(guest, type, "_OBJECT_TYPE.Key", 0x656c6946);
	nt_put_string(guest, type + nt_offset(guest, "_OBJECT_TYPE.Name"), "File");
	nt_make_transition(guest, &guest->paging, type);
	create(fixture, type);
	told(fixture, CREATE_BEGIN, "Key=\"File\" TypeName=\"File\"\n");
	nt_page_out(guest, &guest->paging, type);
	create(fixture, type);
	told(fixture, CREATE_BEGIN, "Key=null TypeName=null\n");
}

static void test_paged_types(void **state)
{
	(void)state;
	on_both(paged_types);
}

static void names(struct fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t type = nt_type(guest, "", "Name");
	uint64_t name = type + nt_offset(guest, "_OBJECT_TYPE.Name");
	static const uint16_t units[] = { 'a', 0xd83d, 0xdc0d, 0xd800, 0, '"', 0xe9 };
	static uint16_t many[0x7fff];
	g_autofree char *line = NULL;

	create(fixture, type);
	told(fixture, CREATE_BEGIN, "Key=\"Name\" TypeName=\"\"\n");
	nt_put_units(guest, name, units, G_N_ELEMENTS(units), sizeof(units));
	create(fixture, type);
	told(fixture, CREATE_BEGIN,
	     "Key=\"Name\" TypeName=\"a\xf0\x9f\x90\x8d\xef\xbf\xbd\\x00\\\"\xc3\xa9\"\n");

	/* the longest that there can be: not all of it is kept */
	for (size_t i = 0; i < G_N_ELEMENTS(many); i++)
		many[i] = 0x20ac; /* three bytes in UTF-8 */
	nt_put_units(guest, name, many, G_N_ELEMENTS(many), 0xffff);
	create(fixture, type);
	line = observer_take(&fixture->observer);
	assert_true(g_str_has_suffix(line, "\xe2\x82\xac...\"+\n"));
	assert_in_range(strlen(line), WV_TEXT_MAX - 2, WV_TEXT_MAX + 200);
}

static void test_names(void **state)
{
	(void)state;
	on_both(names);
}

static void unreadable_names(struct fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t type = nt_type(guest, "Bad", "Bad ");
	uint64_t name = type + nt_offset(guest, "_OBJECT_TYPE.Name");
	uint64_t page = nt_pages(guest, 1);
	static const uint16_t end[] = { 'e', 'n', 'd' };

	nt_put(guest, name, "_UNICODE_STRING.Length", 0x40);
	nt_put(guest, name, "_UNICODE_STRING.Buffer", page + MOCK_PAGE);
	create(fixture, type);
	told(fixture, CREATE_BEGIN, "Key=\"Bad \" TypeName=null\n");
	nt_put(guest, name, "_UNICODE_STRING.Buffer", 0);
	create(fixture, type);
	told(fixture, CREATE_BEGIN, "Key=\"Bad \" TypeName=null\n");
	nt_write(guest, page + MOCK_PAGE - sizeof(end), end, sizeof(end));
	nt_put(guest, name, "_UNICODE_STRING.Buffer", page + MOCK_PAGE - sizeof(end));
	create(fixture, type);
	told(fixture, CREATE_BEGIN, "Key=\"Bad \" TypeName=\"end...\"+\n");
}

static void test_unreadable_names(void **state)
{
	(void)state;
	on_both(unreadable_names);
}

/* NtDuplicateObject -----------------------------------------------------------------------------*/

/** Calls it, as the process's own handles have it; what is at USER then is the target's place. */
static void enter_duplicate(struct fixture *fixture, uint64_t target)
{
	const uint64_t arguments[7] = { UINT64_MAX,	  0x1a4,	 0x24,	       target,
					RUBBISH | 0x1f03, RUBBISH | 0x2, RUBBISH | 0x5 };

	assert_true(nt_call(&fixture->guest, 0, "NtDuplicateObject", arguments, 7));
	observer_told(&fixture->observer, ""); /* it is told on return */
}

#define SOURCE_64    "SourceProcessHandle=0xffffffffffffffff "
#define SOURCE_32    "SourceProcessHandle=0xffffffff "
#define HANDLES	     "SourceHandle=0x1a4 TargetProcessHandle=0x24 "
#define RIGHTS	     "DesiredAccess=0x1f03 HandleAttributes=0x2 Options=0x5 "
#define STATUS(name) "Status=\"" name "\"\n"

/** It returns; its event has that TargetHandle and that end. */
static void leave_duplicate(struct fixture *fixture, uint64_t result, const char *target,
			    const char *end)
{
	g_autofree char *fields = g_strconcat(fixture->guest.is_64 ? SOURCE_64 : SOURCE_32, HANDLES,
					      "TargetHandle=", target, " ", RIGHTS, end, NULL);

	assert_true(nt_return(&fixture->guest, 0, result));
	told(fixture, DUPLICATE_BEGIN, fields);
}

static void write_handle(struct fixture *fixture, uint64_t address, uint64_t handle)
{
	nt_write_user(&fixture->guest, fixture->process, address, &handle,
		      fixture->guest.is_64 ? 8 : 4);
}

static void duplicate(struct fixture *fixture)
{
	bool is_64 = fixture->guest.is_64;

	write_handle(fixture, USER, 0x55); /* what was there before the call */
	enter_duplicate(fixture, USER);
	write_handle(fixture, USER, 0xfff4);
	leave_duplicate(fixture, 0, "0xfff4", STATUS("STATUS_SUCCESS"));

	/* a handle is as wide as the kernel; what is beside it does not count */
	write_handle(fixture, USER, UINT64_MAX);
	write_handle(fixture, USER + (is_64 ? 8 : 4), UINT64_MAX);
	enter_duplicate(fixture, USER);
	leave_duplicate(fixture, 0, is_64 ? "0xffffffffffffffff" : "0xffffffff",
			STATUS("STATUS_SUCCESS"));
}

static void test_duplicate(void **state)
{
	(void)state;
	on_both(duplicate);
}

static void failures(struct fixture *fixture)
{
	write_handle(fixture, USER, 0);
	enter_duplicate(fixture, USER);
	leave_duplicate(fixture, 0xc0000022, "0x0", STATUS("STATUS_ACCESS_DENIED"));
	enter_duplicate(fixture, USER);
	leave_duplicate(fixture, UINT64_C(0xffffffffc0000008), "0x0",
			STATUS("STATUS_INVALID_HANDLE"));
	enter_duplicate(fixture, USER);
	leave_duplicate(fixture, 0xc0001234, "0x0", STATUS("0xc0001234"));
}

static void test_failures(void **state)
{
	(void)state;
	on_both(failures);
}

static void unreadable_targets(struct fixture *fixture)
{
	const uint64_t targets[] = { USER - MOCK_PAGE, USER + USER_SIZE - 2, 0x7fff0000 };

	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
		enter_duplicate(fixture, targets[i]);
		leave_duplicate(fixture, 0, "null", STATUS("STATUS_SUCCESS"));
	}
	/* none is asked for: what may be mapped there is no handle */
	nt_map_user(&fixture->guest, fixture->process, 0, MOCK_PAGE);
	enter_duplicate(fixture, 0);
	leave_duplicate(fixture, 0, "null", STATUS("STATUS_SUCCESS"));
	/* at first it is not there: the kernel has touched it until the call returns */
	enter_duplicate(fixture, USER + USER_SIZE);
	nt_map_user(&fixture->guest, fixture->process, USER + USER_SIZE, MOCK_PAGE);
	write_handle(fixture, USER + USER_SIZE, 0x18);
	leave_duplicate(fixture, 0, "0x18", STATUS("STATUS_SUCCESS"));
}

static void test_unreadable_targets(void **state)
{
	(void)state;
	on_both(unreadable_targets);
}

static void nested(struct fixture *fixture)
{
	write_handle(fixture, USER, 0x10);
	write_handle(fixture, USER + MOCK_PAGE, 0x20);
	enter_duplicate(fixture, USER);
	enter_duplicate(fixture, USER + MOCK_PAGE);
	leave_duplicate(fixture, 0, "0x20", STATUS("STATUS_SUCCESS"));
	leave_duplicate(fixture, 0, "0x10", STATUS("STATUS_SUCCESS"));
}

static void test_nested(void **state)
{
	(void)state;
	on_both(nested);
}

/* Options and the TTL ---------------------------------------------------------------------------*/

/** Whether NtDuplicateObject is trapped. */
static bool duplicates(struct fixture *fixture)
{
	const uint64_t arguments[7] = { 0 };
	bool trapped = nt_call(&fixture->guest, 0, "NtDuplicateObject", arguments, 7);

	return nt_return(&fixture->guest, 0, 0) && trapped;
}

static void test_options(void **state)
{
	static const struct {
		const char *settings;
		bool create, duplicate;
	} rows[] = {
		{ "", true, true },
		{ "objmon_disable_create_hook=true\n", false, true },
		{ "objmon_disable_duplicate_hook=true\n", true, false },
		{ "objmon_disable_create_hook=false\n", true, true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct fixture fixture;
		uint64_t type;

		start(&fixture, NULL, rows[i].settings);
		type = nt_type(&fixture.guest, "Event", "Even");
		assert_int_equal(create(&fixture, type), rows[i].create);
		assert_int_equal(duplicates(&fixture), rows[i].duplicate);
		stop(&fixture);
	}
}

static void test_ttl(void **state)
{
	struct fixture fixture;
	uint64_t type;

	(void)state;
	start(&fixture, NULL, "traps_ttl=2\n");
	type = nt_type(&fixture.guest, "Event", "Even");
	for (unsigned i = 0; i < 5; i++) {
		create(&fixture, type);
		duplicates(&fixture);
	}
	assert_int_equal(OBSERVER_COUNT(&fixture.observer, suppressed), 2 * 3);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create_on_all_builds),
		cmocka_unit_test(test_odd_keys),
		cmocka_unit_test(test_unreadable_types),
		cmocka_unit_test(test_paged_types),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_unreadable_names),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_unreadable_targets),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_ttl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
