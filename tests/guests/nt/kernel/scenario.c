// SPDX-License-Identifier: GPL-2.0-or-later
/* The scenarios: which threads the processes have, what those do, and when they begin. */
#include "scenario.h"
#include "boot_info.h"
#include "cast.h"
#include "cpu.h"
#include "damage.h"
#include "end.h"
#include "exception.h"
#include "memory.h"
#include "object.h"
#include "process.h"
#include "schedule.h"
#include "timer.h"
#include "truth.h"
#include "user.h"

#define WAIT_ROUNDS   200   /* of each user thread, before the scenario begins: time to be found */
#define SERIAL_STATUS 0x3fd /* of the first serial port: bit 0 is set when a byte has come */
#define STORMS	      (DO_STORM | DO_CALLSTORM | DO_KILLSTORM | DO_CRASH)
#define MORTAL	      (DO_PROCMON | DO_SYSCALLS | DO_KILLSTORM | DO_FILES) /* threads come and go */

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
	{ "killstorm", DO_KILLSTORM },
	{ "files", DO_FILES },
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

/* What threads of System do of each action: the steps from a number on, every second one. */
static const struct {
	u32 action;
	bool (*step)(word step);
	bool all; /* and by each thread those of the other one, too */
} kernel_steps[] = {
	{ DO_POOL, wv_pool_step, false },
	{ DO_OBJECTS, wv_object_step, false },
	{ DO_EXCEPTIONS, wv_exception_step, false },
	{ DO_SYSCALLS, wv_service_step, true },
	{ DO_PROCMON, wv_process_step, true },
	{ DO_FILES, wv_file_step, true },
};

static void every_second(bool (*step)(word step), word first)
{
	for (word i = first; step(i); i += 2)
		wv_yield();
}

/* A thread of System: the steps with even numbers; with an argument, while attached to it. */
static void kernel_thread(word attached_to)
{
	word first = attached_to ? 1 : 0;

	while (!begun)
		wv_yield();
	if (attached_to)
		wv_attach((struct _EPROCESS *)attached_to);
	for (unsigned i = 0; i < COUNT_OF(kernel_steps); i++) {
		if (!(kernel_actions & kernel_steps[i].action))
			continue;
		every_second(kernel_steps[i].step, first);
		if (kernel_steps[i].all)
			every_second(kernel_steps[i].step, !first);
	}
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
	wv_fact_hex("hidden_bits", wv_hidden_bits);
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
word wv_scenario_ready(void)
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
	wv_cast_tell(!damaged);
	begun = true;
	return 1;
}

/* One thread for each CPU, so that the time is its own; one alone can crash. */
static void start_storm(u32 actions)
{
	waiting = actions & DO_CRASH ? 1 : wv_boot.cpus;
	for (unsigned i = 0; i < waiting; i++)
		wv_make_ready(wv_user_thread_create(wv_cast[EXPLORER], actions, i));
}

static void start_programs(u32 actions)
{
	static const u8 users[] = { SVCHOST, EXPLORER, EXPLORER, LONG_NAME, OTHER_SCRIPT, CALC32 };

	waiting = COUNT_OF(users);
	for (unsigned i = 0; i < COUNT_OF(users); i++) {
		struct _ETHREAD *thread = wv_user_thread_create(
			wv_cast[users[i]],
			actions | (i == 2 && actions & DO_EXCEPTIONS ? DO_UNHANDLED : 0), i);

		wv_cast_know_thread(users[i], thread);
		wv_make_ready(thread);
	}
}

static void start_threads(u32 actions)
{
	kernel_actions = actions;
	if (actions & STORMS)
		start_storm(actions);
	else
		start_programs(actions);
	if (actions & MORTAL)
		wv_thread_create(wv_cast[SYSTEM], wv_reaper, 0);
	if (actions & STORMS)
		return;
	wv_thread_create(wv_cast[SYSTEM], kernel_thread, 0);
	wv_thread_create(wv_cast[SYSTEM], kernel_thread, (word)wv_cast[CSRSS]);
}

void wv_scenario_start(void)
{
	u32 actions = actions_wanted();

	wv_cast_create();
	wv_exceptions_init(wv_process_info(wv_cast[EXPLORER])->user_dispatcher);
	start_threads(actions);
	damaged = wv_damage(wv_cast[EXPLORER], wv_cast[SVCHOST]);
}
