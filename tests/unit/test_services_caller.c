/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on 32-bit Windows: the caller is behind the stub that SYSENTER comes back to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "services_loader.h"

#define STACK USER

/** The program's stack pointer was that. */
static void put_frame(struct services_fixture *fixture, uint64_t stack)
{
	struct nt_guest *guest = &fixture->guest;

	nt_put(guest, fixture->frame, "_KTRAP_FRAME.HardwareEsp", stack);
}

static void start(struct services_fixture *fixture)
{
	services_start(fixture, NT_WINDOWS_7_X86, NULL);
	put_frame(fixture, STACK);
}

static void test_caller_of_the_stub(void **state)
{
	struct services_fixture fixture;

	(void)state;
	start(&fixture);
	services_write_word(&fixture, STACK, DLL_START + 0x5678);
	services_told_from(&fixture, SERVICES_STUB, FROM("ntdll.dll"));
	services_write_word(&fixture, STACK, A_START + 0x10);
	services_told_from(&fixture, SERVICES_STUB, FROM("a.exe"));
	services_write_word(&fixture, STACK, 0x10000);
	services_told_from(&fixture, SERVICES_STUB, NONE);
	services_stop(&fixture);
}

/** By an interrupt (INT 2EH) the program goes on where it was: its stack does not count. */
static void test_other_ways(void **state)
{
	struct services_fixture fixture;

	(void)state;
	start(&fixture);
	services_write_word(&fixture, STACK, A_START);
	services_told_from(&fixture, SERVICES_STUB + 1, FROM("ntdll.dll"));
	services_told_from(&fixture, 0x10000, NONE);
	services_stop(&fixture);
}

static void test_no_stack(void **state)
{
	struct services_fixture fixture;

	(void)state;
	start(&fixture);
	put_frame(&fixture, USER_END);
	services_told_from(&fixture, SERVICES_STUB, NOTHING);
	put_frame(&fixture, USER_END - 2);
	services_told_from(&fixture, SERVICES_STUB, NOTHING);
	services_told_from(&fixture, A_START, FROM("a.exe"));
	services_stop(&fixture);
}

/** The kernel has told nobody where that is: what the frame says is all there is. */
static void test_no_stub(void **state)
{
	struct services_fixture fixture;

	(void)state;
	services_make(&fixture, &(struct services_options){ .layout = NT_WINDOWS_7_X86 });
	services_put_stub(&fixture, 0);
	g_free(services_watch(&fixture, NULL));
	put_frame(&fixture, STACK);
	services_write_word(&fixture, STACK, A_START);
	services_told_from(&fixture, SERVICES_STUB, FROM("ntdll.dll"));
	services_write_word(&fixture, STACK, DLL_START);
	services_told_from(&fixture, 0, NONE);
	services_stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caller_of_the_stub),
		cmocka_unit_test(test_other_ways),
		cmocka_unit_test(test_no_stack),
		cmocka_unit_test(test_no_stub),
	};

	return cmocka_run_group_tests_name("services_caller", tests, NULL, NULL);
}
