/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: calls of services, their numbers and modes, their results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "services_fixture.h"

/* A call ----------------------------------------------------------------------------------------*/

static void one_call(struct services_fixture *fixture)
{
	CALL(fixture, "NtClose", 0x1a4);
	services_return(fixture, 0);
	services_told(fixture,
		      "NtClose #1: Syscall=0 NArgs=1 PreviousMode=\"User\" Handle=\"0x1a4\"\n"
		      "NtClose #1: Syscall=0 Ret=0x0 Info=\"STATUS_SUCCESS\"\n");
}

static void test_one_call(void **state)
{
	(void)state;
	services_on_each(one_call);
}

/** What stands in both rows in front of the service's own fields. */
static void test_common_fields(void **state)
{
	struct services_fixture fixture;
	g_autofree char *told = NULL, *expected = NULL;

	(void)state;
	services_start(&fixture, NT_WINDOWS_10, NULL);
	CALL(&fixture, "NtClose", 4);
	told = observer_take(&fixture.observer);
	expected = g_strdup_printf("NtClose 12/13 of 4 uid 1 \"a.exe\" #1: Module=\"nt\" vCPU=0 "
				   "CR3=0x%" G_GINT64_MODIFIER
				   "x Syscall=0 NArgs=1 PreviousMode=\"User\" Handle=\"0x4\"\n",
				   fixture.process->paging.root);
	assert_string_equal(told, expected);
	services_stop(&fixture);
}

static void nested(struct services_fixture *fixture)
{
	CALL(fixture, "NtClose", 0x10);
	CALL(fixture, "NtClose", 0x20);
	CALL(fixture, "NtInitializeRegistry", 1);
	services_return(fixture, 3);
	services_return(fixture, 2);
	services_return(fixture, 1);
	services_told(fixture,
		      "NtClose #1: Syscall=0 NArgs=1 PreviousMode=\"User\" Handle=\"0x10\"\n"
		      "NtClose #2: Syscall=0 NArgs=1 PreviousMode=\"User\" Handle=\"0x20\"\n"
		      "NtInitializeRegistry #3: Syscall=17 NArgs=1 PreviousMode=\"User\" "
		      "BootCondition=\"REG_INIT_BOOT_SETUP\"\n"
		      "NtInitializeRegistry #3: Syscall=17 Ret=0x3 Info=\"STATUS_WAIT_3\"\n"
		      "NtClose #2: Syscall=0 Ret=0x2 Info=\"STATUS_WAIT_2\"\n"
		      "NtClose #1: Syscall=0 Ret=0x1 Info=\"STATUS_WAIT_1\"\n");
}

static void test_nested(void **state)
{
	(void)state;
	services_on_both(nested);
}

/* PreviousMode ----------------------------------------------------------------------------------*/

static void modes(struct services_fixture *fixture)
{
	static const struct {
		uint64_t mode;
		const char *text;
	} rows[] = { { 0, "Kernel" }, { 1, "User" }, { 2, "?" }, { 0xff, "?" } };

	for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
		services_put_mode(fixture, rows[i].mode);
		CALL(fixture, "NtClose", 4);
		services_told(fixture,
			      "NtClose #%u: Syscall=0 NArgs=1 PreviousMode=\"%s\" Handle=\"0x4\"\n",
			      i + 1, rows[i].text);
	}
}

static void test_modes(void **state)
{
	(void)state;
	services_on_both(modes);
}

/** The thread's object ends with a page, in front of the mode; the page behind it is gone. */
static void unreadable_mode(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t mode = nt_offset(guest, "_KTHREAD.PreviousMode");
	uint64_t thread = nt_pages(guest, 1) + MOCK_PAGE - mode;
	g_autofree char *told = NULL;

	for (uint64_t i = 0; i < mode; i++)
		nt_write(guest, thread + i, nt_at(guest, fixture->process->thread + i), 1);
	fixture->process->thread = thread;
	nt_run(guest, 0, fixture->process);
	CALL(fixture, "NtClose", 4);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, " NArgs=1 Handle=\"0x4\"\n"));
}

static void test_unreadable_mode(void **state)
{
	(void)state;
	services_on_both(unreadable_mode);
}

/* Arguments' numbers ----------------------------------------------------------------------------*/

static void many_arguments(struct services_fixture *fixture)
{
	uint64_t arguments[17];

	for (unsigned i = 0; i < G_N_ELEMENTS(arguments); i++)
		arguments[i] = i + 1;
	services_call(fixture, "NtAccessCheckByTypeResultListAndAuditAlarmByHandle", arguments, 17);
	services_told(fixture,
		      "NtAccessCheckByTypeResultListAndAuditAlarmByHandle #1: Syscall=11 "
		      "NArgs=17 PreviousMode=\"User\" SubsystemName=\"0x1\" HandleId=\"0x2\" "
		      "ClientToken=\"0x3\" ObjectTypeName=\"0x4\" ObjectName=\"0x5\" "
		      "SecurityDescriptor=\"0x6\" PrincipalSelfSid=\"0x7\" "
		      "DesiredAccess=\"0x8\" AuditType=\"9\" Flags=\"0xa\" "
		      "ObjectTypeList=\"0xb\" ObjectTypeListLength=\"12\" "
		      "GenericMapping=\"0xd\" ObjectCreation=\"0xe\" GrantedAccess=\"0xf\" "
		      "AccessStatus=\"0x10\" GenerateOnClose=\"0x11\"\n");
	/* 17 words are taken off the stack on 32 bits: the return is found all the same */
	services_return(fixture, STATUS_ACCESS_DENIED);
	services_told_results(fixture, "SubsystemName=\"0x1\" ObjectTypeName=\"0x4\" "
				       "ObjectName=\"0x5\" PrincipalSelfSid=\"0x7\" "
				       "GenericMapping=\"0xd\"\n");
}

static void test_many_arguments(void **state)
{
	(void)state;
	services_on_both(many_arguments);
}

/** A number of 64 bits is one word on 64 bits, and two on 32. */
static void wide_argument(struct services_fixture *fixture)
{
	const uint64_t words[7] = { 4, 8, 1, 0, 0, 0x89abcdef, 0x01234567 };
	uint64_t wide[6] = { 4, 8, 1, 0, 0, UINT64_C(0x0123456789abcdef) };

	services_call(fixture, "NtChangeProcessState", fixture->guest.is_64 ? wide : words,
		      fixture->guest.is_64 ? 6 : 7);
	services_told(fixture, "NtChangeProcessState #1: Syscall=16 NArgs=6 PreviousMode=\"User\" "
			       "ProcessStateChangeHandle=\"0x4\" ProcessHandle=\"0x8\" "
			       "StateChangeType=\"ProcessStateChangeResume\" "
			       "ExtendedInformation=\"NULL\" ExtendedInformationLength=\"0\" "
			       "Reserved=\"0x123456789abcdef\"\n");
}

static void test_wide_argument(void **state)
{
	(void)state;
	services_on_both(wide_argument);
}

/** The upper part of a register or of a word on the stack is anything. */
static void narrow_arguments(struct services_fixture *fixture)
{
	CALL(fixture, "NtInitializeRegistry", RUBBISH | 0xabcd0007);
	services_told_arguments(fixture, "BootCondition=\"7\"\n");
	CALL(fixture, "NtDelayExecution", RUBBISH | 0xabcdef01, 0);
	services_told_arguments(fixture, "Alertable=\"TRUE\" DelayInterval=\"NULL\"\n");
	CALL(fixture, "NtAllocateVirtualMemory", 4, 0, 0, 0, RUBBISH | 0x1000, RUBBISH | 4);
	services_told_arguments(fixture,
				"ProcessHandle=\"0x4\" BaseAddress=\"NULL\" ZeroBits=\"0x0\" "
				"RegionSize=\"NULL\" AllocationType=\"MEM_COMMIT\" "
				"PageProtection=\"PAGE_READWRITE\"\n");
}

static void test_narrow_arguments(void **state)
{
	(void)state;
	services_on_both(narrow_arguments);
}

/* Results ---------------------------------------------------------------------------------------*/

/** NtOpenKey fills in a handle: it is told where the call has come to its end, and not failed. */
static void results(struct services_fixture *fixture)
{
	static const struct {
		uint64_t result;
		const char *text;
		bool filled_in;
	} rows[] = {
		{ 0, "Ret=0x0 Info=\"STATUS_SUCCESS\"", true },
		{ 0x40000000, "Ret=0x40000000 Info=\"STATUS_OBJECT_NAME_EXISTS\"", true },
		{ 0x80000005, "Ret=0x80000005 Info=\"STATUS_BUFFER_OVERFLOW\"", true },
		{ 0x103, "Ret=0x103 Info=\"STATUS_PENDING\"", false },
		{ STATUS_ACCESS_DENIED, "Ret=0xc0000022 Info=\"STATUS_ACCESS_DENIED\"", false },
		{ UINT64_C(0xffffffffc0000008), "Ret=0xc0000008 Info=\"STATUS_INVALID_HANDLE\"",
		  false },
		{ 0xc0001234, "Ret=0xc0001234 Info=\"0xc0001234\"", false },
		{ RUBBISH, "Ret=0x0 Info=\"STATUS_SUCCESS\"", true },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
		services_write_word(fixture, USER, 0x55);
		CALL(fixture, "NtOpenKey", USER, 0, 0);
		services_told_arguments(fixture, "KeyHandle=\"0x30000\" DesiredAccess=\"0\" "
						 "ObjectAttributes=\"NULL\"\n");
		services_write_word(fixture, USER, 0x1f4);
		services_return(fixture, rows[i].result);
		services_told(fixture, "NtOpenKey #%u: Syscall=3 %s%s\n", i + 1, rows[i].text,
			      rows[i].filled_in ? " KeyHandle=\"0x1f4\"" : "");
	}
}

static void test_results(void **state)
{
	(void)state;
	services_on_both(results);
}

/** A service that goes on elsewhere must not be taken for having returned when the next one does.
 */
static void test_leaving(void **state)
{
	static const struct service_row rows[] = {
		{ .name = "NtContinue", .words = 2 },
		{ .name = "NtCallbackReturn", .words = 3 },
		{ .name = "NtClose", .words = 1 },
		{ .name = "NtOpenKey", .words = 3 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(services_widths); i++) {
		const struct services_options options = { .layout = services_widths[i],
							  .rows = rows,
							  .n_rows = G_N_ELEMENTS(rows) };
		struct services_fixture fixture;

		services_make(&fixture, &options);
		g_free(services_watch(&fixture, NULL));
		CALL(&fixture, "NtContinue", USER, 0);
		nt_leave(&fixture.guest, 0);
		CALL(&fixture, "NtClose", 8);
		services_return(&fixture, 1);
		CALL(&fixture, "NtCallbackReturn", 0, 0, 0);
		nt_leave(&fixture.guest, 0);
		CALL(&fixture, "NtOpenKey", 0, 0, 0);
		services_return(&fixture, 2);
		services_told(&fixture,
			      "NtContinue #1: Syscall=0 NArgs=2 PreviousMode=\"User\" "
			      "ContextRecord=\"0x30000\" TestAlert=\"FALSE\"\n"
			      "NtClose #2: Syscall=2 NArgs=1 PreviousMode=\"User\" Handle=\"0x8\"\n"
			      "NtClose #2: Syscall=2 Ret=0x1 Info=\"STATUS_WAIT_1\"\n"
			      "NtCallbackReturn #3: Syscall=1 NArgs=3 PreviousMode=\"User\" "
			      "OutputBuffer=\"NULL\" OutputLength=\"0\" Status=\"STATUS_SUCCESS\"\n"
			      "NtOpenKey #4: Syscall=3 NArgs=3 PreviousMode=\"User\" "
			      "KeyHandle=\"NULL\" DesiredAccess=\"0\" ObjectAttributes=\"NULL\"\n"
			      "NtOpenKey #4: Syscall=3 Ret=0x2 Info=\"STATUS_WAIT_2\"\n");
		services_stop(&fixture);
	}
}

/** What is no status has no name, and does not say that the call failed. */
static void no_status(struct services_fixture *fixture)
{
	CALL(fixture, "NtGetCurrentProcessorNumber", 0);
	services_return(fixture, 0xc0000022);
	services_told(fixture,
		      "NtGetCurrentProcessorNumber #1: Syscall=9 NArgs=0 PreviousMode=\"User\"\n"
		      "NtGetCurrentProcessorNumber #1: Syscall=9 Ret=0xc0000022\n");
}

static void test_no_status(void **state)
{
	(void)state;
	services_on_both(no_status);
}

/** No pointer was given: nothing is there, whatever is mapped at address 0. */
static void no_pointer(struct services_fixture *fixture)
{
	nt_map_user(&fixture->guest, fixture->process, 0, MOCK_PAGE);
	CALL(fixture, "NtOpenKey", 0, 0, 0);
	services_return(fixture, 0);
	services_told(fixture, "NtOpenKey #1: Syscall=3 NArgs=3 PreviousMode=\"User\" "
			       "KeyHandle=\"NULL\" DesiredAccess=\"0\" ObjectAttributes=\"NULL\"\n"
			       "NtOpenKey #1: Syscall=3 Ret=0x0 Info=\"STATUS_SUCCESS\"\n");
}

static void test_no_pointer(void **state)
{
	(void)state;
	services_on_both(no_pointer);
}

/* A reset ---------------------------------------------------------------------------------------*/

static void reset(struct services_fixture *fixture)
{
	struct wv_machine *machine = &fixture->guest.mock.machine;
	g_autofree char *told = NULL;

	CALL(fixture, "NtClose", 4); /* and never returns */
	machine->events->reset(machine->owner, 0);
	assert_false(nt_return(&fixture->guest, 0, 0));
	assert_false(nt_call(&fixture->guest, 0, "NtClose", NULL, 0));
	nt_return(&fixture->guest, 0, 0);
	machine->events->watched(machine->owner, 0);
	told = observer_take(&fixture->observer);
	assert_null(strstr(told, "message 1"));
	CALL(fixture, "NtClose", 8);
	services_return(fixture, 0);
	services_told(fixture,
		      "NtClose #2: Syscall=0 NArgs=1 PreviousMode=\"User\" Handle=\"0x8\"\n"
		      "NtClose #2: Syscall=0 Ret=0x0 Info=\"STATUS_SUCCESS\"\n");
}

static void test_reset(void **state)
{
	(void)state;
	services_on_both(reset);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_call),	cmocka_unit_test(test_common_fields),
		cmocka_unit_test(test_nested),		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_unreadable_mode), cmocka_unit_test(test_many_arguments),
		cmocka_unit_test(test_wide_argument),	cmocka_unit_test(test_narrow_arguments),
		cmocka_unit_test(test_results),		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_no_status),	cmocka_unit_test(test_no_pointer),
		cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
