/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exmon: exceptions with their codes and registers, in kernels of 64 and of 32 bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "observer.h"
#include "windows_fixture.h"

#define KERNEL_MODE 0
#define USER_MODE   1

/** In the words of arguments of 8 bits: what a compiler leaves there. */
#define RUBBISH UINT64_C(0x4e4e4e00)

/** The registers that are told, in the order of output, and their members of _KTRAP_FRAME. */
struct told_register {
	const char *name, *member;
};

static const struct told_register registers_64[] = {
	{ "RIP", "Rip" }, { "RAX", "Rax" }, { "RBX", "Rbx" }, { "RCX", "Rcx" }, { "RDX", "Rdx" },
	{ "RDI", "Rdi" }, { "RSI", "Rsi" }, { "RBP", "Rbp" }, { "RSP", "Rsp" }, { "R8", "R8" },
	{ "R9", "R9" },	  { "R10", "R10" }, { "R11", "R11" }, { NULL, NULL },
};

static const struct told_register registers_32[] = {
	{ "EIP", "Eip" },	  { "EAX", "Eax" }, { "EBX", "Ebx" }, { "ECX", "Ecx" },
	{ "EDX", "Edx" },	  { "EDI", "Edi" }, { "ESI", "Esi" }, { "EBP", "Ebp" },
	{ "ESP", "HardwareEsp" }, { NULL, NULL },
};

struct fixture {
	struct nt_guest guest;
	struct observer observer;
	struct nt_process *process; /* PID 12, on vCPU 0 */
	const struct told_register *registers;
	uint64_t record, frame; /* an EXCEPTION_RECORD and a KTRAP_FRAME */
	uint64_t stack;		/* the stack pointer in the last call */
};

static void start(struct fixture *fixture, const char *layout, const char *settings)
{
	struct nt_guest *guest = &fixture->guest;

	nt_init(guest, &(struct nt_options){ .layout = layout });
	fixture->registers = guest->is_64 ? registers_64 : registers_32;
	fixture->process = nt_process(guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");
	fixture->record = nt_object(guest, nt_size(guest, "_EXCEPTION_RECORD"));
	fixture->frame = nt_object(guest, nt_size(guest, "_KTRAP_FRAME"));
	nt_put(guest, fixture->record, "_EXCEPTION_RECORD.ExceptionCode", 0xc0000005);
	nt_run(guest, 0, fixture->process);
	nt_watch_plugin(guest, &fixture->observer, "exmon", settings);
}

static void stop(struct fixture *fixture)
{
	observer_stop(&fixture->observer);
	nt_deinit(&fixture->guest);
}

/** Runs a test's body on a build of 64 bits and on one of 32. */
static void on_both(void (*body)(struct fixture *fixture))
{
	static const char *const widths[] = { NT_WINDOWS_10, NT_WINDOWS_7_X86 };

	for (size_t i = 0; i < G_N_ELEMENTS(widths); i++) {
		struct fixture fixture;

		start(&fixture, widths[i], NULL);
		body(&fixture);
		stop(&fixture);
	}
}

/** Fills in a register's member of the frame. */
static void put_register(struct fixture *fixture, const struct told_register *reg, uint64_t value)
{
	g_autofree char *member = g_strconcat("_KTRAP_FRAME.", reg->member, NULL);

	nt_put(&fixture->guest, fixture->frame, member, value);
}

static void dispatch(struct fixture *fixture, uint64_t record, uint64_t frame, uint64_t mode,
		     uint64_t first_chance)
{
	const uint64_t arguments[5] = { record, 0x1234, frame, mode, first_chance };

	assert_true(nt_call(&fixture->guest, 0, "KiDispatchException", arguments, 5));
	fixture->stack = fixture->process->frames[fixture->process->depth - 1].entry;
	assert_false(nt_return(&fixture->guest, 0, 0));
}

/** The end of each event: the registers' fields, all of one value (NULL: as they were filled). */
static void append_registers(GString *text, const struct told_register *reg, const char *value)
{
	for (uint64_t i = 1; reg->name; i++, reg++) {
		g_string_append_printf(text, " %s=", reg->name);
		if (value)
			g_string_append(text, value);
		else
			g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x",
					       i * UINT64_C(0x0101010101010101));
	}
}

/** The one event since the last one, from its first field on. */
static char *take_fields(struct fixture *fixture)
{
	g_autofree char *line = observer_take(&fixture->observer);
	const char *fields = strstr(line, ": ");

	assert_non_null(fields);
	assert_true(g_str_has_prefix(line, "KiDispatchException 12/13 of 4 uid 1 \"a.exe\" #"));
	return g_strdup(fields + 2);
}

/**
 * Which is: its record's address, the code with its name, first chance, registers of that value,
 * and the process's name if it is one of user mode.
 */
static void told(struct fixture *fixture, uint64_t record, const char *code, unsigned first_chance,
		 const char *registers, bool of_user)
{
	g_autofree char *fields = take_fields(fixture);
	g_autoptr(GString) expected = g_string_new(NULL);

	g_string_append_printf(expected, "KernelRSP=0x%" G_GINT64_MODIFIER "x ", fixture->stack);
	g_string_append_printf(expected, "ExceptionRecord=0x%" G_GINT64_MODIFIER "x %s ", record,
			       code);
	g_string_append_printf(expected, "FirstChance=%u", first_chance);
	append_registers(expected, fixture->registers, registers);
	g_string_append(expected, of_user ? " Name=\"a.exe\"\n" : "\n");
	assert_string_equal(fields, expected->str);
}

#define VIOLATION "ExceptionCode=0xc0000005 ExceptionName=\"STATUS_ACCESS_VIOLATION\""

static void test_registers_on_all_builds(void **state)
{
	static const char *const builds[] = { NT_WINDOWS_7, NT_SERVER_2019, NT_WINDOWS_10,
					      NT_WINDOWS_11 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(builds); i++) {
		struct fixture fixture;

		start(&fixture, builds[i], NULL);
		for (uint64_t j = 0; registers_64[j].name; j++)
			put_register(&fixture, &registers_64[j],
				     (j + 1) * UINT64_C(0x0101010101010101));
		dispatch(&fixture, fixture.record, fixture.frame, KERNEL_MODE, 1);
		told(&fixture, fixture.record, VIOLATION, 1, NULL, false);
		stop(&fixture);
	}
}

static void test_registers_of_32_bits(void **state)
{
	struct fixture fixture;
	g_autofree char *fields = NULL;

	(void)state;
	start(&fixture, NT_WINDOWS_7_X86, NULL);
	for (unsigned i = 0; registers_32[i].name; i++)
		put_register(&fixture, &registers_32[i], 0x80000001 + i);
	dispatch(&fixture, fixture.record, fixture.frame, USER_MODE, 1);
	fields = take_fields(&fixture);
	assert_non_null(strstr(fields,
			       " FirstChance=1 EIP=0x80000001 EAX=0x80000002 EBX=0x80000003 "
			       "ECX=0x80000004 EDX=0x80000005 EDI=0x80000006 "
			       "ESI=0x80000007 EBP=0x80000008 ESP=0x80000009 "
			       "Name=\"a.exe\"\n"));
	stop(&fixture);
}

static void modes(struct fixture *fixture)
{
	static const struct {
		uint64_t mode, first_chance;
		bool of_user;
		unsigned first;
	} rows[] = {
		{ KERNEL_MODE, 0, false, 0 },
		{ KERNEL_MODE, 1, false, 1 },
		{ USER_MODE, 0, true, 0 },
		{ USER_MODE, 1, true, 1 },
		/* of either, one byte counts */
		{ RUBBISH | USER_MODE, RUBBISH | 0, true, 0 },
		{ RUBBISH | KERNEL_MODE, RUBBISH | 1, false, 1 },
		{ USER_MODE, 0x80, true, 1 }, /* TRUE is whatever is not 0 */
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		dispatch(fixture, fixture->record, fixture->frame, rows[i].mode,
			 rows[i].first_chance);
		told(fixture, fixture->record, VIOLATION, rows[i].first, "0x0", rows[i].of_user);
	}
}

static void test_modes(void **state)
{
	(void)state;
	on_both(modes);
}

static void codes(struct fixture *fixture)
{
	static const struct {
		uint32_t code;
		const char *text;
	} rows[] = {
		{ 0x80000003, "ExceptionCode=0x80000003 ExceptionName=\"STATUS_BREAKPOINT\"" },
		{ 0xe06d7363, "ExceptionCode=0xe06d7363 ExceptionName=\"EXCEPTION_MSVC\"" },
		{ 0x10000004,
		  "ExceptionCode=0x10000004 ExceptionName=\"KI_EXCEPTION_ACCESS_VIOLATION\"" },
		{ 0xe0001234, "ExceptionCode=0xe0001234 ExceptionName=\"0xe0001234\"" },
		{ 0, "ExceptionCode=0x0 ExceptionName=\"STATUS_SUCCESS\"" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		nt_put(&fixture->guest, fixture->record, "_EXCEPTION_RECORD.ExceptionCode",
		       rows[i].code);
		dispatch(fixture, fixture->record, fixture->frame, KERNEL_MODE, 1);
		told(fixture, fixture->record, rows[i].text, 1, "0x0", false);
	}
}

static void test_codes(void **state)
{
	(void)state;
	on_both(codes);
}

#define NO_CODE "ExceptionCode=null ExceptionName=null"

static void unreadable(struct fixture *fixture)
{
	uint64_t nowhere = nt_pages(&fixture->guest, 1) + MOCK_PAGE;

	dispatch(fixture, nowhere, fixture->frame, USER_MODE, 1);
	told(fixture, nowhere, NO_CODE, 1, "0x0", true);
	dispatch(fixture, fixture->record, nowhere, USER_MODE, 0);
	told(fixture, fixture->record, VIOLATION, 0, "null", true);
	dispatch(fixture, 0, 0, KERNEL_MODE, 1);
	told(fixture, 0, NO_CODE, 1, "null", false);
}

static void test_unreadable(void **state)
{
	(void)state;
	on_both(unreadable);
}

/** Registers on a page that is there are told, whatever is with the others. */
static void cut_frame(struct fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t end = nt_pages(guest, 1) + MOCK_PAGE;
	uint64_t stack =
		nt_offset(guest, guest->is_64 ? "_KTRAP_FRAME.Rsp" : "_KTRAP_FRAME.HardwareEsp");
	g_autofree char *fields = NULL;

	dispatch(fixture, fixture->record, end - stack, KERNEL_MODE, 1);
	fields = take_fields(fixture);
	assert_non_null(strstr(fields, guest->is_64 ? " RIP=0x0 " : " EIP=0x0 "));
	assert_non_null(strstr(fields, guest->is_64 ? " RSP=null " : " ESP=null\n"));
}

static void test_cut_frame(void **state)
{
	(void)state;
	on_both(cut_frame);
}

static void test_wow64(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, NT_WINDOWS_10, NULL);
	nt_make_wow64(&fixture.guest, fixture.process);
	dispatch(&fixture, fixture.record, fixture.frame, USER_MODE, 1);
	/* the kernel's frame is of 64 bits whatever the program is */
	told(&fixture, fixture.record, VIOLATION, 1, "0x0", true);
	stop(&fixture);
}

static void test_ttl(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, NULL, "traps_ttl=2\n");
	for (unsigned i = 0; i < 5; i++)
		dispatch(&fixture, fixture.record, fixture.frame, KERNEL_MODE, 1);
	assert_int_equal(OBSERVER_COUNT(&fixture.observer, suppressed), 3);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers_on_all_builds),
		cmocka_unit_test(test_registers_of_32_bits),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_cut_frame),
		cmocka_unit_test(test_wow64),
		cmocka_unit_test(test_ttl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
