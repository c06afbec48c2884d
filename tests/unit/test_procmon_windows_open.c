/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon on Windows: processes and threads that are opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "procmon_windows_fixture.h"

/** Where the call's handle and CLIENT_ID are. */
#define HANDLE_PLACE (USER + 0x100)
#define CLIENT	     (USER + MOCK_PAGE)

static void write_client(struct windows_calls *fixture, uint64_t pid, uint64_t tid)
{
	write_word(fixture, CLIENT, pid);
	write_word(fixture, CLIENT + (fixture->guest.is_64 ? 8 : 4), tid);
}

static void enter(struct windows_calls *fixture, const char *function, uint64_t place,
		  uint64_t client)
{
	const uint64_t arguments[] = { place, RUBBISH | 0x1fffff, USER + 0x40, client };

	call(fixture, function, arguments, 4);
	told_nothing(fixture); /* it is told on return */
}

/** The call returns, having stored a handle, and is told with these fields. */
static void leave(struct windows_calls *fixture, const char *function, const char *fields)
{
	write_word(fixture, HANDLE_PLACE, 0x24);
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, function, "%s", fields);
}

#define PROCESS	 "ProcessHandle=0x24 "
#define THREAD	 "ThreadHandle=0x24 "
#define ARGUMENT "DesiredAccess=0x1fffff ObjectAttributes=0x30040 "

static void opens_process(struct windows_calls *fixture, uint64_t pid, uint64_t tid,
			  const char *fields)
{
	write_client(fixture, pid, tid);
	enter(fixture, "NtOpenProcess", HANDLE_PLACE, CLIENT);
	leave(fixture, "NtOpenProcess", fields);
}

static void opens_thread(struct windows_calls *fixture, uint64_t pid, uint64_t tid,
			 const char *fields)
{
	write_client(fixture, pid, tid);
	enter(fixture, "NtOpenThread", HANDLE_PLACE, CLIENT);
	leave(fixture, "NtOpenThread", fields);
}

static void test_process(void **state)
{
	struct windows_calls *fixture = *state;

	opens_process(fixture, 0x50, 0, PROCESS ARGUMENT "ClientID=80 ClientName=\"b.exe\"");
	opens_process(fixture, 12, 0, PROCESS ARGUMENT "ClientID=12 ClientName=\"a.exe\"");
	/* as the kernel does, the lowest two bits of an id are not looked at */
	opens_process(fixture, 0x53, 0, PROCESS ARGUMENT "ClientID=83 ClientName=\"b.exe\"");
}

static void test_unknown_process(void **state)
{
	struct windows_calls *fixture = *state;

	opens_process(fixture, 0x54, 0, PROCESS ARGUMENT "ClientID=84 ClientName=null");
	opens_process(fixture, 0xfffffffc, 0,
		      PROCESS ARGUMENT "ClientID=4294967292 ClientName=null");
	/* the id of a thread */
	opens_process(fixture, OTHER_TID, 0, PROCESS ARGUMENT "ClientID=88 ClientName=null");
}

static void test_no_process(void **state)
{
	struct windows_calls *fixture = *state;

	opens_process(fixture, 0, 0, PROCESS ARGUMENT "ClientID=12 ClientName=\"a.exe\"");
	opens_process(fixture, 0, OTHER_TID, PROCESS ARGUMENT "ClientID=80 ClientName=\"b.exe\"");
}

static void test_thread(void **state)
{
	struct windows_calls *fixture = *state;

	opens_thread(fixture, 0x50, OTHER_TID,
		     THREAD ARGUMENT "ClientID=80 ClientName=\"b.exe\" UniqueThread=88");
	opens_thread(fixture, 0x50, 0x7c,
		     THREAD ARGUMENT "ClientID=80 ClientName=\"b.exe\" UniqueThread=124");
}

static void test_thread_without_process(void **state)
{
	struct windows_calls *fixture = *state;

	opens_thread(fixture, 0, OTHER_TID,
		     THREAD ARGUMENT "ClientID=80 ClientName=\"b.exe\" UniqueThread=88");
	/* no thread has these ids: the second one is a process's */
	opens_thread(fixture, 0, 0x7c,
		     THREAD ARGUMENT "ClientID=12 ClientName=\"a.exe\" UniqueThread=124");
	opens_thread(fixture, 0, 0x50,
		     THREAD ARGUMENT "ClientID=12 ClientName=\"a.exe\" UniqueThread=80");
}

static void test_no_client(void **state)
{
	struct windows_calls *fixture = *state;
	const uint64_t places[] = { 0, USER_END, USER_END - 4, 0x7fff0000 };

	nt_map_user(&fixture->guest, fixture->process, 0, MOCK_PAGE); /* which may be mapped */
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		enter(fixture, "NtOpenProcess", HANDLE_PLACE, places[i]);
		leave(fixture, "NtOpenProcess", PROCESS ARGUMENT "ClientID=null ClientName=null");
		enter(fixture, "NtOpenThread", HANDLE_PLACE, places[i]);
		leave(fixture, "NtOpenThread",
		      THREAD ARGUMENT "ClientID=null ClientName=null UniqueThread=null");
	}
}

/** What the caller asks for is what there is at the entry; what was not there then comes later. */
static void test_when_the_client_is_read(void **state)
{
	struct windows_calls *fixture = *state;

	write_client(fixture, 0x50, OTHER_TID);
	enter(fixture, "NtOpenThread", HANDLE_PLACE, CLIENT);
	write_client(fixture, 12, 4);
	leave(fixture, "NtOpenThread",
	      THREAD ARGUMENT "ClientID=80 ClientName=\"b.exe\" UniqueThread=88");

	nt_page_out(&fixture->guest, &fixture->process->paging, CLIENT);
	enter(fixture, "NtOpenThread", HANDLE_PLACE, CLIENT);
	nt_map_user(&fixture->guest, fixture->process, CLIENT, MOCK_PAGE);
	write_client(fixture, 0x50, OTHER_TID);
	leave(fixture, "NtOpenThread",
	      THREAD ARGUMENT "ClientID=80 ClientName=\"b.exe\" UniqueThread=88");
}

/** A call that fails stores no handle: what is there is older. */
static void test_failures(void **state)
{
	struct windows_calls *fixture = *state;

	write_client(fixture, 0x50, 0);
	write_word(fixture, HANDLE_PLACE, OTHER_HANDLE);
	enter(fixture, "NtOpenProcess", HANDLE_PLACE, CLIENT);
	assert_true(nt_return(&fixture->guest, 0, STATUS_ACCESS_DENIED));
	told(fixture, "NtOpenProcess",
	     "ProcessHandle=null " ARGUMENT "ClientID=80 ClientName=\"b.exe\"");
}

static void test_unreadable_handles(void **state)
{
	struct windows_calls *fixture = *state;
	const uint64_t places[] = { 0, USER_END, USER_END - 2 };

	write_client(fixture, 0x50, 0);
	nt_map_user(&fixture->guest, fixture->process, 0, MOCK_PAGE);
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		enter(fixture, "NtOpenProcess", places[i], CLIENT);
		assert_true(nt_return(&fixture->guest, 0, 0));
		told(fixture, "NtOpenProcess",
		     "ProcessHandle=null " ARGUMENT "ClientID=80 ClientName=\"b.exe\"");
	}
}

/** The table of ids is what the kernel has: it may be anything. */
static void test_damaged_ids(void **state)
{
	struct windows_calls *fixture = *state;
	struct nt_guest *guest = &fixture->guest;
	uint64_t symbol = nt_symbol(guest, "PspCidTable");
	uint64_t end = nt_pages(guest, 1) + MOCK_PAGE;
	const uint64_t tables[] = { 0, end, USER, symbol };

	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
		nt_write_pointer(guest, symbol, tables[i]);
		opens_process(fixture, 0x50, 0, PROCESS ARGUMENT "ClientID=80 ClientName=null");
		opens_process(fixture, 0, OTHER_TID,
			      PROCESS ARGUMENT "ClientID=12 ClientName=null");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_process),
		ON_EACH_BUILD(test_unknown_process),
		ON_EACH_BUILD(test_no_process),
		ON_EACH_BUILD(test_thread),
		ON_EACH_BUILD(test_thread_without_process),
		ON_EACH_BUILD(test_no_client),
		ON_EACH_BUILD(test_when_the_client_is_read),
		ON_EACH_BUILD(test_failures),
		ON_EACH_BUILD(test_unreadable_handles),
		ON_EACH_BUILD(test_damaged_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
