/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: which program makes a call, of which of its modules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "services_loader.h"

/* Modules ---------------------------------------------------------------------------------------*/

static void modules(struct services_fixture *fixture)
{
	static const struct {
		uint64_t address;
		const char *expected;
	} rows[] = {
		{ A_START, FROM("a.exe") },
		{ A_START + A_SIZE - 1, FROM("a.exe") },
		{ A_START + A_SIZE, NONE },
		{ A_START - 1, NONE },
		{ DLL_START + 0x1234, FROM("ntdll.dll") },
		{ DLL_START + DLL_SIZE - 1, FROM("ntdll.dll") },
		{ DLL_START + DLL_SIZE, NONE },
		{ 0x10000, NONE },
		{ 0, NONE },
		{ UINT32_MAX, NONE },
	};

	/* twice: what was found is kept */
	for (unsigned i = 0; i < 2 * G_N_ELEMENTS(rows); i++)
		services_told_from(fixture, rows[i / 2].address, rows[i / 2].expected);
}

static void test_modules(void **state)
{
	(void)state;
	services_on_each(modules);
}

/** A process begins without a loader, and its list is empty at first, and then half made. */
static void first_modules(struct services_fixture *fixture)
{
	services_put_pointer(fixture, fixture->process->peb, "_PEB.Ldr", 0);
	services_told_from(fixture, DLL_START, NOTHING);
	services_put_pointer(fixture, fixture->process->peb, "_PEB.Ldr", LOADER);
	services_put_link(fixture, services_head(fixture), services_head(fixture));
	services_told_from(fixture, DLL_START, NOTHING);
	services_put_link(fixture, services_head(fixture), services_links(fixture, MODULE_1));
	services_put_link(fixture, services_links(fixture, MODULE_1), services_head(fixture));
	services_told_from(fixture, DLL_START, NOTHING);
	services_told_from(fixture, A_START, FROM("a.exe"));
	services_make_loader(fixture);
	services_told_from(fixture, DLL_START, FROM("ntdll.dll"));
}

static void test_first_modules(void **state)
{
	(void)state;
	services_on_both(first_modules);
}

/** Two processes have different modules at one address, and are in turn on one vCPU. */
static void two_processes(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	struct nt_process *other =
		nt_process(guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");
	struct nt_process *first = fixture->process;

	nt_put(guest, other->thread, "_KTHREAD.PreviousMode", 1);
	fixture->process = other;
	services_make_loader(fixture);
	services_put_name(fixture, MODULE_2, "otherdll.dll", TEXT_2);
	for (unsigned i = 0; i < 4; i++) {
		fixture->process = i & 1 ? other : first;
		nt_run(guest, 0, fixture->process);
		services_told_from(fixture, DLL_START,
				   i & 1 ? FROM("otherdll.dll") : FROM("ntdll.dll"));
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
	uint64_t first = services_links(fixture, MODULE_1);
	uint64_t second = services_links(fixture, MODULE_2);

	/* it never comes back to its head */
	services_write_word(fixture, second, first);
	services_told_from(fixture, 0x10000, NOTHING);
	services_told_from(fixture, DLL_START, FROM("ntdll.dll"));
	services_write_word(fixture, first, first);
	services_told_from(fixture, DLL_START + 0x1000, NOTHING);
	/* it leads to where nothing is, or to the kernel's half */
	services_write_word(fixture, first, USER_END);
	services_told_from(fixture, DLL_START + 0x2000, NOTHING);
	services_write_word(fixture, first, UINT64_MAX);
	services_told_from(fixture, DLL_START + 0x3000, NOTHING);
	/* a size that reaches beyond all addresses */
	services_make_loader(fixture);
	services_put_module(fixture, MODULE_1, UINT64_MAX - 0xfff, UINT32_MAX);
	services_told_from(fixture, A_START, NONE);
	services_put_pointer(fixture, fixture->process->peb, "_PEB.Ldr", USER_END);
	services_told_from(fixture, DLL_START + 0x4000, NOTHING);
	nt_page_out(&fixture->guest, &fixture->process->paging, fixture->process->peb);
	services_told_from(fixture, DLL_START + 0x5000, NOTHING);
}

static void test_forged_lists(void **state)
{
	(void)state;
	services_on_both(forged_lists);
}

/** A list of so many entries is walked to its end, and one of one more is not. */
static void long_lists(struct services_fixture *fixture)
{
	enum { MOST = 1024, STRIDE = 0x100 };
	const uint64_t entries = UINT64_C(0x10000000);
	uint64_t last = services_links(fixture, entries + (MOST - 1) * STRIDE);

	nt_map_user(&fixture->guest, fixture->process, entries, (MOST + 1) * STRIDE);
	services_put_link(fixture, services_head(fixture), services_links(fixture, entries));
	for (uint64_t i = 0; i <= MOST; i++) {
		uint64_t entry = entries + i * STRIDE;

		services_put_module(fixture, entry, A_START + i * 0x1000, 0x1000);
		services_put_name(fixture, entry, "a.exe", TEXT_1);
		if (i < MOST)
			services_put_link(fixture, services_links(fixture, entry),
					  services_links(fixture, entry + STRIDE));
	}
	services_put_link(fixture, last, services_head(fixture));
	services_told_from(fixture, A_START + (MOST - 1) * 0x1000, FROM("a.exe"));
	services_told_from(fixture, A_START + MOST * 0x1000, NONE);
	services_put_link(fixture, last, services_links(fixture, entries + MOST * STRIDE));
	services_told_from(fixture, A_START + (MOST - 1) * 0x1000, FROM("a.exe"));
	services_told_from(fixture, A_START + MOST * 0x1000, NOTHING);
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

	services_write_word(fixture, name + nt_offset(guest, "_UNICODE_STRING.Buffer"), USER_END);
	services_told_from(fixture, A_START, NOTHING);
	/* it has come back from the page file */
	services_put_name(fixture, MODULE_1, long_name, TEXT_1);
	expected = g_strdup_printf(FROM("%.128s...") "+", long_name);
	services_told_from(fixture, A_START, expected);
	services_told_from(fixture, A_START, expected); /* as it is kept */
	services_put_name(fixture, MODULE_1, "k\xc3\xa9rnel\".dll", TEXT_1);
	services_told_from(fixture, A_START + 0x1000, FROM("k\xc3\xa9rnel\\\".dll"));
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
	if (fixture->guest.is_64)
		nt_make_wow64(&fixture->guest, fixture->process);
	services_put_mode(fixture, 0);
	services_told_from(fixture, DLL_START, NOTHING);
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

	fixture->frame = page;
	nt_page_out(guest, &guest->paging, page);
	services_told_from(fixture, DLL_START, NOTHING);
	nt_put(guest, thread, "_KTHREAD.TrapFrame", 0);
	nt_map_user(guest, fixture->process, 0, MOCK_PAGE);
	services_write_word(fixture, nt_offset(guest, member), DLL_START);
	CALL(fixture, "NtClose", 4);
	services_told(fixture, "NtClose #2: Syscall=0 NArgs=1 PreviousMode=\"User\" "
			       "Handle=\"0x4\"\n");
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

	services_told_from(fixture, DLL_START, FROM("ntdll.dll"));
	/* the other one has all the same, and another name */
	fixture->process = other;
	services_make_loader(fixture);
	services_put_name(fixture, MODULE_2, "otherdll.dll", TEXT_2);
	fixture->process = first;
	nt_attach(guest, first, other);
	services_told_from(fixture, DLL_START, NOTHING);
	nt_attach(guest, first, first);
	services_told_from(fixture, DLL_START, FROM("ntdll.dll"));
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

	nt_attach(guest, other, fixture->process);
	if (guest->is_64)
		nt_make_wow64(guest, fixture->process);
	services_told_from(fixture, A_START,
			   guest->is_64 ? FROM("a.exe") " Caller=\"wow64\"" : FROM("a.exe"));
	/* it is the program that counts, and not the process that it acts in */
	nt_attach(guest, fixture->process, other);
	services_told_from(fixture, A_START, guest->is_64 ? NOTHING " Caller=\"wow64\"" : NOTHING);
}

static void test_wow64(void **state)
{
	(void)state;
	services_on_each(wow64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules),		 cmocka_unit_test(test_first_modules),
		cmocka_unit_test(test_two_processes),	 cmocka_unit_test(test_forged_lists),
		cmocka_unit_test(test_long_lists),	 cmocka_unit_test(test_names),
		cmocka_unit_test(test_kernel_callers),	 cmocka_unit_test(test_no_frames),
		cmocka_unit_test(test_attached_threads), cmocka_unit_test(test_wow64),
	};

	return cmocka_run_group_tests_name("services_module", tests, NULL, NULL);
}
