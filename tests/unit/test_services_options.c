/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: its options, and what is suppressed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "services_fixture.h"

static void on_both(const char *settings, void (*body)(struct services_fixture *fixture))
{
	for (size_t i = 0; i < G_N_ELEMENTS(services_widths); i++) {
		struct services_fixture fixture;

		services_start(&fixture, services_widths[i], settings);
		body(&fixture);
		services_stop(&fixture);
	}
}

/** Likewise with a file that names the services that are wanted. */
static void on_both_with_file(const char *names, void (*body)(struct services_fixture *fixture))
{
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "wyvern-test-XXXXXX", NULL);
	g_autofree char *settings = NULL;
	int fd = g_mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_true(g_file_set_contents(path, names, -1, NULL));
	settings = g_strdup_printf("syscalls_file=%s\n", path);
	on_both(settings, body);
	g_unlink(path);
}

#define CLOSE_4 "NtClose #%u: Syscall=0 NArgs=1 PreviousMode=\"User\" Handle=\"0x4\"\n"

/* --no-sysret -----------------------------------------------------------------------------------*/

static void no_returns(struct services_fixture *fixture)
{
	CALL(fixture, "NtClose", 4);
	assert_false(nt_return(&fixture->guest, 0, 0));
	services_told(fixture, CLOSE_4, 1);
}

static void test_no_sysret(void **state)
{
	(void)state;
	on_both("no_sysret=true\n", no_returns);
}

/* --syscalls-file -------------------------------------------------------------------------------*/

/** Whether calls of a function are trapped. */
static bool is_trapped(struct services_fixture *fixture, const char *name)
{
	bool trapped = nt_call(&fixture->guest, 0, name, (const uint64_t[17]){ 4 }, 17);

	nt_return(&fixture->guest, 0, 0);
	return trapped;
}

/** What is not wanted is not trapped: it costs nothing. */
static void some_services(struct services_fixture *fixture)
{
	for (unsigned i = 0; i < USUAL_SERVICES; i++)
		assert_int_equal(is_trapped(fixture, usual_services[i].name),
				 i == CLOSE || i == NAMELESS);
}

static void no_service(struct services_fixture *fixture)
{
	for (unsigned i = 0; i < USUAL_SERVICES; i++)
		assert_false(is_trapped(fixture, usual_services[i].name));
}

/** One function is two services, of which one is wanted: the number that is noted tells. */
static void one_name_of_two(struct services_fixture *fixture)
{
	services_note(fixture, SET_LOW_EVENT_PAIR);
	CALL(fixture, "NtSetHighEventPair", 4);
	assert_false(nt_return(&fixture->guest, 0, 0));
	observer_told(&fixture->observer, "");
	services_note(fixture, SET_HIGH_EVENT_PAIR);
	CALL(fixture, "NtSetHighEventPair", 4);
	services_return(fixture, 0);
	services_told(fixture,
		      "NtSetHighEventPair #1: Syscall=14 NArgs=1 PreviousMode=\"User\" "
		      "EventPairHandle=\"0x4\"\n"
		      "NtSetHighEventPair #1: Syscall=14 Ret=0x0 Info=\"STATUS_SUCCESS\"\n");
}

static void test_file(void **state)
{
	(void)state;
	on_both_with_file("\n  NtClose \r\nsyscall_12\nNtNotInvented\nopenat", some_services);
	on_both_with_file("", no_service);
	on_both_with_file("KiNameless\nZwClose\n", no_service);
	on_both_with_file("NtSetHighEventPair\n", one_name_of_two);
}

/* --buffer-preview ------------------------------------------------------------------------------*/

#define BLOCK USER
#define DATA  (USER + 0x100)

static void write_file(struct services_fixture *fixture, uint64_t data, uint32_t size)
{
	CALL(fixture, "NtWriteFile", 4, 0, 0, 0, BLOCK, data, size, 0, 0);
}

/** The file system has put so many bytes there. */
static void read_file(struct services_fixture *fixture, uint32_t size, uint64_t information)
{
	CALL(fixture, "NtReadFile", 4, 0, 0, 0, BLOCK, DATA, size, 0, 0);
	services_write_word(fixture, BLOCK, 0);
	services_write_word(fixture, BLOCK + services_word(fixture), information);
}

#define FILE_ARGUMENTS(buffer, size)                                                               \
	"FileHandle=\"0x4\" Event=\"NULL\" ApcRoutine=\"NULL\" ApcContext=\"NULL\" "               \
	"IoStatusBlock=\"0x30000\" Buffer=\"" buffer "\" Length=\"" size "\" "                     \
	"ByteOffset=\"NULL\" Key=\"NULL\"\n"

static void previews(struct services_fixture *fixture)
{
	nt_write_user(&fixture->guest, fixture->process, DATA, "da\"ta\n", 6);
	write_file(fixture, DATA, 6);
	services_told_arguments(fixture, FILE_ARGUMENTS("\\\"da\\\\\\\"t\\\"...", "6"));
	services_return(fixture, STATUS_ACCESS_DENIED);
	services_told_results(fixture, "\n");
	write_file(fixture, DATA, 2);
	services_told_arguments(fixture, FILE_ARGUMENTS("\\\"da\\\"", "2"));
	services_return(fixture, STATUS_ACCESS_DENIED);
	services_told_results(fixture, "\n");
	write_file(fixture, USER_END, UINT32_MAX);
	services_told_arguments(fixture, FILE_ARGUMENTS("0x33000", "4294967295"));
	services_return(fixture, STATUS_ACCESS_DENIED);
	services_told_results(fixture, "Buffer=\"0x33000\"\n");

	/* of a read as much as was read, and no more than was asked for */
	read_file(fixture, 100, 3);
	services_told_arguments(fixture, FILE_ARGUMENTS("0x30100", "100"));
	services_return(fixture, 0);
	services_told_results(fixture, "IoStatusBlock=\"{Status=STATUS_SUCCESS, Information=3}\" "
				       "Buffer=\"\\\"da\\\\\\\"\\\"\"\n");
	read_file(fixture, 2, 100);
	services_told_arguments(fixture, FILE_ARGUMENTS("0x30100", "2"));
	services_return(fixture, 0);
	services_told_results(fixture, "IoStatusBlock=\"{Status=STATUS_SUCCESS, Information=100}\" "
				       "Buffer=\"\\\"da\\\"\"\n");
}

static void test_preview(void **state)
{
	(void)state;
	on_both("buffer_preview=4\n", previews);
}

static void no_previews(struct services_fixture *fixture)
{
	write_file(fixture, USER_END, 6);
	services_told_arguments(fixture, FILE_ARGUMENTS("0x33000", "6"));
	services_return(fixture, STATUS_ACCESS_DENIED);
	services_told_results(fixture, "\n");
	read_file(fixture, 100, 3);
	services_told_arguments(fixture, FILE_ARGUMENTS("0x30100", "100"));
	services_return(fixture, 0);
	services_told_results(fixture,
			      "IoStatusBlock=\"{Status=STATUS_SUCCESS, Information=3}\"\n");
}

static void test_no_preview(void **state)
{
	(void)state;
	on_both(NULL, no_previews);
}

/* --traps-ttl -----------------------------------------------------------------------------------*/

/** Each function has calls of its own, and what is suppressed is told by its name. */
static void suppressed(struct services_fixture *fixture)
{
	struct wv_machine *machine = &fixture->guest.mock.machine;

	for (unsigned i = 0; i < 5; i++) {
		CALL(fixture, "NtClose", 4);
		nt_return(&fixture->guest, 0, 0);
	}
	CALL(fixture, "KiNameless", 1, 2, 3, 4, 5);
	CALL(fixture, "KiNameless", 1, 2, 3, 4, 5);
	CALL(fixture, "KiNameless", 1, 2, 3, 4, 5);
	assert_int_equal(OBSERVER_COUNT(&fixture->observer, suppressed), 3 + 1);
	assert_int_equal(fixture->observer.rows, 0);
	g_free(observer_take(&fixture->observer));
	assert_int_equal(fixture->observer.rows, 2 * 2 + 2);
	machine->events->ended(machine->owner);
	observer_told(&fixture->observer,
		      "message 1: syscalls: NtClose: 3 calls suppressed in a window of 10 s "
		      "(--traps-ttl)\n"
		      "message 1: syscalls: syscall_12: 1 calls suppressed in a window of 10 s "
		      "(--traps-ttl)\n"
		      "status 4,0: \n");
}

static void test_ttl(void **state)
{
	(void)state;
	on_both("traps_ttl=2\n", suppressed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_sysret), cmocka_unit_test(test_file),
		cmocka_unit_test(test_preview),	  cmocka_unit_test(test_no_preview),
		cmocka_unit_test(test_ttl),
	};

	return cmocka_run_group_tests_name("services_options", tests, NULL, NULL);
}
