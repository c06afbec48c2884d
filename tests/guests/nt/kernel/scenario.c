// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scenarios: which processes there are, which threads they have, and the service by which
 * programs have the kernel do a step.
 */
#include "scenario.h"
#include "boot_info.h"
#include "cpu.h"
#include "damage.h"
#include "end.h"
#include "exception.h"
#include "handle.h"
#include "memory.h"
#include "object.h"
#include "process.h"
#include "schedule.h"
#include "timer.h"
#include "truth.h"
#include "user.h"

#define WAIT_ROUNDS   200   /* of each user thread, before the scenario begins: time to be found */
#define SERIAL_STATUS 0x3fd /* of the first serial port: bit 0 is set when a byte has come */
#define NTH_LEAF      (PAGE / SIZE__HANDLE_TABLE_ENTRY * 4)

static const struct wv_process_plan plans[] = {
	{ .name = "System", .id = 4, .session = -1 },
	{ .name = "smss.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Windows\\System32\\smss.exe",
	  .command_line = "\\SystemRoot\\System32\\smss.exe",
	  .id = 272,
	  .parent = 4 },
	{ .name = "csrss.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Windows\\System32\\csrss.exe",
	  .command_line = "csrss.exe ObjectDirectory=\\Windows",
	  .id = 348,
	  .parent = 272,
	  .unreadable_peb = true },
	{ .name = "svchost.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Windows\\System32\\svchost.exe",
	  .command_line = "svchost.exe -k netsvcs",
	  .id = 872,
	  .parent = 348 },
	{ .name = "explorer.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Windows\\explorer.exe",
	  .command_line = "C:\\Windows\\Explorer.EXE",
	  .id = 1504,
	  .parent = 1420,
	  .session = 1 },
	{ .name = "WINWORD.EXE and more than 15 characters.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Program Files\\WINWORD.EXE and more than 15 "
		  u"characters.exe",
	  .command_line = "WINWORD /n \"C:\\a b.doc\"",
	  .id = 2004,
	  .parent = 1504,
	  .session = 1 },
	{ .name = "?????"
		  "-?ffnen.ex",
	  .path = u"\\Device\\HarddiskVolume2\\\u041f\u0430\u043f\u043a\u0430\\"
		  u"\u043f\u043e\u0438\u0441\u043a-\u00f6ffnen\U0001f40d.exe",
	  .command_line = "x",
	  .id = 70004,
	  .parent = 2004,
	  .session = 2 },
	{ .name = "calc32.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Windows\\SysWOW64\\calc32.exe",
	  .command_line = "calc32.exe",
	  .id = 2308,
	  .parent = 1504,
	  .session = 1,
	  .is_32bit = true },
	{ .name = "gone.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Temp\\gone.exe",
	  .command_line = "gone.exe",
	  .id = 2400,
	  .parent = 1504,
	  .session = 1 },
};

enum { SYSTEM, SMSS, CSRSS, SVCHOST, EXPLORER, LONG_NAME, OTHER_SCRIPT, CALC32, GONE, PROCESSES };

static struct _EPROCESS *processes[PROCESSES];
static word known[PROCESSES][HANDLES];
static u32 waiting, kernel_actions;
static bool begun, damaged;

static const struct {
	const char *name;
	u32 actions;
} scenarios[] = {
	{ "all", DO_POOL | DO_OBJECTS | DO_EXCEPTIONS },
	{ "pool", DO_POOL },
	{ "objects", DO_OBJECTS },
	{ "exceptions", DO_EXCEPTIONS },
	{ "storm", DO_STORM },
	{ "crash", DO_CRASH },
	{ "procmon", DO_PROCMON },
	{ "syscalls", DO_SYSCALLS },
	{ "callstorm", DO_CALLSTORM },
	{ "quiet", 0 },
};

static u32 actions_wanted(void)
{
	char name[24] = "all";

	wv_argument("scenario", name, sizeof(name));
	for (unsigned i = 0; i < COUNT_OF(scenarios); i++)
		if (wv_same(scenarios[i].name, name))
			return scenarios[i].actions;
	wv_broken("no such scenario");
}

static void give_handles(unsigned number)
{
	struct _HANDLE_TABLE *table = processes[number]->ObjectTable;
	word *handles = known[number];
	/* Tables of one, two and three levels: as high as the last handle is. */
	static const word highest[] = { 0x7c, NTH_LEAF * 3 + 8,
					(word)NTH_LEAF * (PAGE / WV_POINTER) + 0x1c };

	handles[HANDLE_OWN_PROCESS] = wv_handle_new(table, processes[number], 0x1fffff);
	handles[HANDLE_OTHER_PROCESS] =
		wv_handle_new(table, processes[number == EXPLORER ? SVCHOST : EXPLORER], 0x40);
	handles[HANDLE_EVENT] =
		wv_handle_new(table, wv_object_create(WV_EVENT, 0x18, "WyvernEvent"), 2);
	handles[HANDLE_FILE] =
		wv_handle_new(table, wv_object_create(WV_FILE, SIZE__FILE_OBJECT, NULL), 0x120089);
	handles[HANDLE_HIGH] = highest[number % 3];
	wv_handle_put(table, handles[HANDLE_HIGH], wv_object_create(WV_MUTANT, 0x38, NULL),
		      0x1f0001);
}

static void steps_in_kernel(bool (*step)(word step), word first)
{
	for (word i = first; step(i); i += 2)
		wv_yield();
}

/* A thread of System: the steps with even numbers; with an argument, while attached to it. */
static void kernel_thread(word attached_to)
{
	while (!begun)
		wv_yield();
	if (attached_to)
		wv_attach((struct _EPROCESS *)attached_to);
	if (kernel_actions & DO_POOL)
		steps_in_kernel(wv_pool_step, attached_to ? 1 : 0);
	if (kernel_actions & DO_OBJECTS)
		steps_in_kernel(wv_object_step, attached_to ? 1 : 0);
	if (kernel_actions & DO_EXCEPTIONS)
		steps_in_kernel(wv_exception_step, 0);
	if (kernel_actions & DO_SYSCALLS)
		steps_in_kernel(wv_service_step, 0);
	if (kernel_actions & DO_SYSCALLS)
		steps_in_kernel(wv_service_step, 1);
	if (attached_to)
		wv_attach(wv_process_of(wv_current_thread()));
}

static void tell_start(void)
{
	static const char *const pcrs[MAX_CPUS] = { "pcr_0", "pcr_1", "pcr_2", "pcr_3" };

	wv_fact("start");
	wv_fact_hex("base", wv_boot.image_base);
	wv_fact_hex("size", wv_boot.image_size);
	wv_fact_bool("large_pages", wv_boot.large_pages);
	wv_fact_int("cpus", wv_boot.cpus);
	wv_fact_int("bits", WV_POINTER * 8);
	wv_fact_int("build", WV_OS_BUILD);
	wv_fact_hex("system_process", (word)PsInitialSystemProcess);
	wv_fact_hex("idle_process", (word)wv_idle_process);
	for (unsigned i = 0; i < wv_boot.cpus; i++)
		wv_fact_hex(pcrs[i], (word)wv_pcrs[i]);
	wv_fact_end();
}

/* Not before its time has come, and, where somebody outside says when, not before that. */
static bool may_begin(void)
{
	if (wv_ticks() < wv_argument_number("wait", 0) * (WV_TICKS_PER_SECOND / 1000))
		return false;
	return !wv_argument_number("signal", 0) || wv_inb(SERIAL_STATUS) & 1;
}

/* The last user thread that gets here begins the scenario. */
static ntstatus perform_ready(void)
{
	static u32 rounds;

	if (begun)
		return 1;
	if (__atomic_add_fetch(&rounds, 1, __ATOMIC_SEQ_CST) < WAIT_ROUNDS * waiting) {
		wv_yield();
		return 0;
	}
	if (!may_begin()) {
		wv_yield();
		return 0;
	}
	if (__atomic_exchange_n(&wv_telling, true, __ATOMIC_SEQ_CST))
		return 0;
	tell_start();
	wv_tell_types();
	for (unsigned i = 0; i < PROCESSES; i++)
		wv_tell_process(processes[i]);
	for (unsigned i = 0; i < PROCESSES; i++)
		wv_tell_modules(processes[i]);
	for (unsigned i = 0; i < PROCESSES && !damaged; i++)
		wv_tell_handles(processes[i]);
	begun = true;
	return 1;
}

static void tell_storm(word count, u64 ticks)
{
	wv_fact("storm");
	wv_fact_int("count", (long long)count);
	wv_fact_int("pid", (long long)(word)wv_process_of(wv_current_thread())->UniqueProcessId);
	wv_fact_int("tid", (long long)(word)wv_current_thread()->Cid.UniqueThread);
	wv_fact_int("elapsed_ticks", (long long)ticks);
	wv_fact_int("ticks_per_second", WV_TICKS_PER_SECOND);
	wv_fact_end();
}

static word storm_count(void)
{
	return (word)wv_argument_number("count", 100000);
}

static word storm_begins(void)
{
	__atomic_add_fetch(&wv_silent, 1, __ATOMIC_SEQ_CST);
	wv_thread_info(wv_current_thread())->storm_began = wv_ticks();
	return storm_count();
}

static void storm_ends(void)
{
	tell_storm(storm_count(), wv_ticks() - wv_thread_info(wv_current_thread())->storm_began);
	__atomic_sub_fetch(&wv_silent, 1, __ATOMIC_SEQ_CST);
}

static void perform_storm(void)
{
	word count = storm_count();
	u64 ticks = wv_ticks();

	/* Told in parts, that the timer does not turn over unseen. */
	for (word done = 0; done < count; done += 4096) {
		wv_storm(count - done < 4096 ? count - done : 4096);
		wv_ticks();
	}
	tell_storm(count, wv_ticks() - ticks);
}

static word known_handle(word which)
{
	struct _EPROCESS *process = wv_process_of(wv_current_thread());

	for (unsigned i = 0; i < PROCESSES; i++)
		if (processes[i] == process && which < HANDLES)
			return known[i][which];
	return 0;
}

/* The service that no Windows has, and no layout: programs have the kernel do a step by it. */
NTAPI word wv_perform(word what, word step, word a, word b)
{
	bool done = false;

	(void)a;
	(void)b;
	switch (what) {
	case PERFORM_READY:
		return perform_ready();
	case PERFORM_POOL:
		done = wv_pool_step(step);
		break;
	case PERFORM_OBJECT:
		done = wv_object_step(step);
		break;
	case PERFORM_EXCEPTION:
		done = wv_exception_step(step);
		break;
	case PERFORM_STORM:
		perform_storm();
		done = true;
		break;
	case PERFORM_CRASH:
		KeBugCheckEx(0xdeaddead, 1, 2, 3, 4);
	case PERFORM_STORM_BEGINS:
		return storm_begins();
	case PERFORM_STORM_ENDS:
		storm_ends();
		return STATUS_SUCCESS;
	case PERFORM_PAGE_OUT:
		return wv_page_out(wv_process_of(wv_current_thread()), step);
	case PERFORM_HANDLE:
		return known_handle(step);
	}
	return done ? STATUS_SUCCESS : NO_MORE_STEPS;
}

static void start_threads(u32 actions)
{
	static const u8 users[] = { SVCHOST, EXPLORER, EXPLORER, LONG_NAME, OTHER_SCRIPT, CALC32 };

	kernel_actions = actions;
	if (actions & (DO_STORM | DO_CALLSTORM | DO_CRASH)) {
		/* One thread for each CPU, so that the time is its own; one alone can crash. */
		waiting = actions & DO_CRASH ? 1 : wv_boot.cpus;
		for (unsigned i = 0; i < waiting; i++)
			wv_make_ready(wv_user_thread_create(processes[EXPLORER], actions, i));
		return;
	}
	waiting = COUNT_OF(users);
	for (unsigned i = 0; i < COUNT_OF(users); i++) {
		struct _ETHREAD *thread = wv_user_thread_create(
			processes[users[i]],
			actions | (i == 2 && actions & DO_EXCEPTIONS ? DO_UNHANDLED : 0), i);

		known[users[i]][HANDLE_THREAD] =
			wv_handle_new(processes[users[i]]->ObjectTable, thread, 0x1fffff);
		wv_make_ready(thread);
	}
	if (actions & (DO_PROCMON | DO_SYSCALLS))
		wv_thread_create(processes[SYSTEM], wv_reaper, 0);
	wv_thread_create(processes[SYSTEM], kernel_thread, 0);
	wv_thread_create(processes[SYSTEM], kernel_thread, (word)processes[CSRSS]);
}

void wv_scenario_start(void)
{
	u32 actions = actions_wanted();

	for (unsigned i = 0; i < PROCESSES; i++)
		processes[i] = wv_process_create(&plans[i]);
	for (unsigned i = 0; i < PROCESSES; i++)
		give_handles(i);
	wv_exceptions_init(wv_process_info(processes[EXPLORER])->user_dispatcher);
	wv_process_forget(processes[GONE]);
	start_threads(actions);
	damaged = wv_damage(processes[EXPLORER], processes[SVCHOST]);
}
