/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: which program makes a call, of which of its modules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "services_fixture.h"

/** The program's loader: its data, and what it has noted of each module. */
#define LOADER	 USER
#define MODULE_1 (USER + 0x400)
#define MODULE_2 (USER + 0x800)
#define TEXT_1	 (USER + 0x1000) /* their names' texts */
#define TEXT_2	 (USER + 0x1400)

/** Where the modules are, and how large. */
#define A_START	  UINT64_C(0x400000)
#define A_SIZE	  0x5000u
#define DLL_START UINT64_C(0x77010000)
#define DLL_SIZE  0x180000u

/* A loader --------------------------------------------------------------------------------------*/

static void put(struct services_fixture *fixture, uint64_t object, const char *member,
		uint64_t value)
{
	services_write_word(fixture, object + nt_offset(&fixture->guest, member), value);
}

static uint64_t head(struct services_fixture *fixture)
{
	return LOADER + nt_offset(&fixture->guest, "_PEB_LDR_DATA.InLoadOrderModuleList");
}

static uint64_t links(struct services_fixture *fixture, uint64_t module)
{
	return module + nt_offset(&fixture->guest, "_LDR_DATA_TABLE_ENTRY.InLoadOrderLinks");
}

static void put_module(struct services_fixture *fixture, uint64_t module, uint64_t start,
		       uint32_t size)
{
	put(fixture, module, "_LDR_DATA_TABLE_ENTRY.DllBase", start);
	nt_write_user(&fixture->guest, fixture->process,
		      module + nt_offset(&fixture->guest, "_LDR_DATA_TABLE_ENTRY.SizeOfImage"),
		      &size, sizeof(size));
}

static void put_name(struct services_fixture *fixture, uint64_t module, const char *name,
		     uint64_t text)
{
	services_write_string(
		fixture, module + nt_offset(&fixture->guest, "_LDR_DATA_TABLE_ENTRY.BaseDllName"),
		text, name);
}

/** a.exe and ntdll.dll, in a ring through the list's head. */
static void make_loader(struct services_fixture *fixture)
{
	put(fixture, fixture->process->peb, "_PEB.Ldr", LOADER);
	services_write_word(fixture, head(fixture), links(fixture, MODULE_1));
	services_write_word(fixture, links(fixture, MODULE_1), links(fixture, MODULE_2));
	services_write_word(fixture, links(fixture, MODULE_2), head(fixture));
	put_module(fixture, MODULE_1, A_START, A_SIZE);
	put_module(fixture, MODULE_2, DLL_START, DLL_SIZE);
	put_name(fixture, MODULE_1, "a.exe", TEXT_1);
	put_name(fixture, MODULE_2, "ntdll.dll", TEXT_2);
}

/** The program goes on there after its call. */
static void call_from(struct services_fixture *fixture, uint64_t address)
{
	struct nt_guest *guest = &fixture->guest;

	nt_put(guest, nt_get(guest, fixture->process->thread, "_KTHREAD.TrapFrame"),
	       guest->is_64 ? "_KTRAP_FRAME.Rip" : "_KTRAP_FRAME.Eip", address);
	assert_true(nt_call(guest, 0, "NtClose", (const uint64_t[]){ 4 }, 1));
	assert_true(nt_return(guest, 0, 0));
}

/** The call from that address is told with what is between mode and arguments. */
static void told_from(struct services_fixture *fixture, uint64_t address, const char *expected)
{
	g_autofree char *told = NULL, *part = NULL;
	const char *start, *end;

	call_from(fixture, address);
	told = observer_take(&fixture->observer);
	start = strstr(told, "PreviousMode=");
	end = strstr(told, " Handle=\"0x4\"\n");
	assert_true(start && end);
	start += strcspn(start, " \n");
	part = g_strndup(start, (gsize)(end - start));
	assert_string_equal(part, expected);
}

#define FROM(name) " FromModule=\"" name "\""

/* Modules ---------------------------------------------------------------------------------------*/

static void modules(struct services_fixture *fixture)
{
	static const struct {
		uint64_t address;
		const char *expected;
	} rows[] = {
		{ A_START, FROM("a.exe") },
		{ A_START + A_SIZE - 1, FROM("a.exe") },
		{ A_START + A_SIZE, "" },
		{ A_START - 1, "" },
		{ DLL_START + 0x1234, FROM("ntdll.dll") },
		{ DLL_START + DLL_SIZE - 1, FROM("ntdll.dll") },
		{ DLL_START + DLL_SIZE, "" },
		{ 0x10000, "" },
		{ 0, "" },
		{ UINT32_MAX, "" },
	};

	told_from(fixture, A_START, ""); /* there is no loader yet: a process begins so */
	make_loader(fixture);
	/* twice: what was found is kept */
	for (unsigned i = 0; i < 2 * G_N_ELEMENTS(rows); i++)
		told_from(fixture, rows[i / 2].address, rows[i / 2].expected);
}

static void test_modules(void **state)
{
	(void)state;
	services_on_each(modules);
}

/** A module that was found is looked for again when a process has started or ended, not before. */
static void kept_modules(struct services_fixture *fixture)
{
	make_loader(fixture);
	told_from(fixture, DLL_START + 0x10, FROM("ntdll.dll"));
	services_write_word(fixture, head(fixture), head(fixture)); /* the list is empty */
	told_from(fixture, DLL_START + 0x20, FROM("ntdll.dll"));
	told_from(fixture, DLL_START + 0x1010, ""); /* another page */
	nt_call(&fixture->guest, 0, "PspProcessDelete", (const uint64_t[1]){ 0 }, 1);
	nt_return(&fixture->guest, 0, 0);
	told_from(fixture, DLL_START + 0x20, "");
}

static void test_kept_modules(void **state)
{
	(void)state;
	services_on_both(kept_modules);
}

/** Two processes have different modules at one address, and are in turn on one vCPU. */
static void two_processes(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	struct nt_process *other =
		nt_process(guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");
	struct nt_process *first = fixture->process;

	make_loader(fixture);
	nt_map_user(guest, other, USER, USER_SIZE);
	nt_put(guest, other->thread, "_KTHREAD.TrapFrame",
	       nt_get(guest, first->thread, "_KTHREAD.TrapFrame"));
	nt_put(guest, other->thread, "_KTHREAD.PreviousMode", 1);
	fixture->process = other;
	make_loader(fixture);
	put_name(fixture, MODULE_2, "otherdll.dll", TEXT_2);
	for (unsigned i = 0; i < 4; i++) {
		fixture->process = i & 1 ? other : first;
		nt_run(guest, 0, fixture->process);
		told_from(fixture, DLL_START, i & 1 ? FROM("otherdll.dll") : FROM("ntdll.dll"));
	}
	fixture->process = first;
}

static void test_two_processes(void **state)
{
	(void)state;
	services_on_both(two_processes);
}

/* Lists that are no good ------------------------------------------------------------------------*/

static void forged_lists(struct services_fixture *fixture)
{
	make_loader(fixture);
	/* it never comes back to its head */
	services_write_word(fixture, links(fixture, MODULE_2), links(fixture, MODULE_1));
	told_from(fixture, 0x10000, "");
	told_from(fixture, DLL_START, FROM("ntdll.dll"));
	services_write_word(fixture, links(fixture, MODULE_1), links(fixture, MODULE_1));
	told_from(fixture, DLL_START + 0x1000, "");
	/* it leads to where nothing is, or to the kernel's half */
	services_write_word(fixture, links(fixture, MODULE_1), USER_END);
	told_from(fixture, DLL_START + 0x2000, "");
	services_write_word(fixture, links(fixture, MODULE_1), UINT64_MAX);
	told_from(fixture, DLL_START + 0x3000, "");
	/* a size that reaches beyond all addresses */
	put_module(fixture, MODULE_1, UINT64_MAX - 0xfff, UINT32_MAX);
	told_from(fixture, A_START, "");
	put(fixture, fixture->process->peb, "_PEB.Ldr", USER_END);
	told_from(fixture, DLL_START + 0x4000, "");
	put(fixture, fixture->process->peb, "_PEB.Ldr", 0);
	told_from(fixture, DLL_START + 0x5000, "");
	nt_page_out(&fixture->guest, &fixture->process->paging, fixture->process->peb);
	told_from(fixture, DLL_START + 0x6000, "");
}

static void test_forged_lists(void **state)
{
	(void)state;
	services_on_both(forged_lists);
}

/** A list of so many entries is walked so far, and one of one more is not. */
static void long_lists(struct services_fixture *fixture)
{
	enum { MOST = 1024, STRIDE = 0x100 };
	const uint64_t entries = UINT64_C(0x10000000);

	make_loader(fixture);
	nt_map_user(&fixture->guest, fixture->process, entries, (MOST + 1) * STRIDE);
	services_write_word(fixture, head(fixture), links(fixture, entries));
	for (uint64_t i = 0; i <= MOST; i++) {
		uint64_t entry = entries + i * STRIDE;

		put_module(fixture, entry, A_START + i * 0x1000, 0x1000);
		put_name(fixture, entry, "a.exe", TEXT_1);
		services_write_word(fixture, links(fixture, entry),
				    i == MOST ? head(fixture) : links(fixture, entry + STRIDE));
	}
	told_from(fixture, A_START + (MOST - 1) * 0x1000, FROM("a.exe"));
	told_from(fixture, A_START + MOST * 0x1000, "");
}

static void test_long_lists(void **state)
{
	(void)state;
	services_on_both(long_lists);
}

static void names(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	g_autofree char *long_name = g_strnfill(200, 'n'), *expected = NULL;
	uint64_t name = MODULE_1 + nt_offset(guest, "_LDR_DATA_TABLE_ENTRY.BaseDllName");

	make_loader(fixture);
	put_name(fixture, MODULE_1, long_name, TEXT_1);
	expected = g_strdup_printf(FROM("%.128s...") "+", long_name);
	told_from(fixture, A_START, expected);
	told_from(fixture, A_START, expected); /* as it is kept */
	services_write_word(fixture, name + nt_offset(guest, "_UNICODE_STRING.Buffer"), USER_END);
	told_from(fixture, A_START + 0x1000, "");
	put_name(fixture, MODULE_1, "k\xc3\xa9rnel\".dll", TEXT_1);
	told_from(fixture, A_START + 0x1000, FROM("k\xc3\xa9rnel\\\".dll"));
}

static void test_names(void **state)
{
	(void)state;
	services_on_both(names);
}

/* Who calls -------------------------------------------------------------------------------------*/

/** What the kernel calls itself is of no module, though the thread has come from one. */
static void kernel_callers(struct services_fixture *fixture)
{
	make_loader(fixture);
	if (fixture->guest.is_64)
		nt_make_wow64(&fixture->guest, fixture->process);
	services_put_mode(fixture, 0);
	told_from(fixture, DLL_START, "");
}

static void test_kernel_callers(void **state)
{
	(void)state;
	services_on_both(kernel_callers);
}

/** The frame is not there, or none was noted: what a program has at address 0 is none. */
static void no_frames(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	const char *member = guest->is_64 ? "_KTRAP_FRAME.Rip" : "_KTRAP_FRAME.Eip";
	uint64_t thread = fixture->process->thread, page = nt_pages(guest, 1);

	make_loader(fixture);
	nt_put(guest, thread, "_KTHREAD.TrapFrame", page);
	nt_page_out(guest, &guest->paging, page);
	told_from(fixture, DLL_START, "");
	nt_put(guest, thread, "_KTHREAD.TrapFrame", 0);
	nt_map_user(guest, fixture->process, 0, MOCK_PAGE);
	services_write_word(fixture, nt_offset(guest, member), DLL_START);
	CALL(fixture, "NtClose", 4);
	services_return(fixture, 0);
	services_told(fixture,
		      "NtClose #2: Syscall=0 NArgs=1 PreviousMode=\"User\" Handle=\"0x4\"\n"
		      "NtClose #2: Syscall=0 Ret=0x0 Info=\"STATUS_SUCCESS\"\n");
}

static void test_no_frames(void **state)
{
	(void)state;
	services_on_both(no_frames);
}

/** A program's modules are not to be seen while its thread is in another process's memory. */
static void attached_threads(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	struct nt_process *first = fixture->process;
	struct nt_process *other =
		nt_process(guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");

	make_loader(fixture);
	told_from(fixture, DLL_START, FROM("ntdll.dll"));
	/* the other one has all the same, and another name */
	nt_map_user(guest, other, USER, USER_SIZE);
	fixture->process = other;
	make_loader(fixture);
	put_name(fixture, MODULE_2, "otherdll.dll", TEXT_2);
	fixture->process = first;
	nt_attach(guest, first, other);
	told_from(fixture, DLL_START, "");
	nt_attach(guest, first, first);
	told_from(fixture, DLL_START, FROM("ntdll.dll"));
}

static void test_attached_threads(void **state)
{
	(void)state;
	services_on_both(attached_threads);
}

/** A 32-bit program in a kernel of 64 bits; in one of 32 bits all are, and nothing is said. */
static void wow64(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	struct nt_process *other =
		nt_process(guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");

	told_from(fixture, A_START, "");
	nt_attach(guest, other, fixture->process);
	if (guest->is_64)
		nt_make_wow64(guest, fixture->process);
	make_loader(fixture);
	told_from(fixture, A_START, guest->is_64 ? FROM("a.exe") " Type=\"wow64\"" : FROM("a.exe"));
	/* it is the program that counts, and not the process that it acts in */
	nt_attach(guest, fixture->process, other);
	told_from(fixture, A_START, guest->is_64 ? " Type=\"wow64\"" : "");
}

static void test_wow64(void **state)
{
	(void)state;
	services_on_each(wow64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules),		 cmocka_unit_test(test_kept_modules),
		cmocka_unit_test(test_two_processes),	 cmocka_unit_test(test_forged_lists),
		cmocka_unit_test(test_long_lists),	 cmocka_unit_test(test_names),
		cmocka_unit_test(test_kernel_callers),	 cmocka_unit_test(test_no_frames),
		cmocka_unit_test(test_attached_threads), cmocka_unit_test(test_wow64),
	};

	return cmocka_run_group_tests_name("services_module", tests, NULL, NULL);
}
