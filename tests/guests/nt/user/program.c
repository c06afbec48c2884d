// SPDX-License-Identifier: GPL-2.0-or-later
/* The program that all processes run: the actions that its first argument names. */
#include "program.h"

#define USER_EVENTS 3 /* one in so many pool steps is done twice, with work in between */

static void all_steps(enum wv_perform what)
{
	for (word step = 0; wv_perform(what, step, 0, 0) != NO_MORE_STEPS; step++)
		if (step % USER_EVENTS == 0)
			NtYieldExecution();
}

static void work(void)
{
	for (u32 i = 0; i < 2000; i++)
		__asm__ volatile("" : : "r"(i));
}

/* Called by assembly; both arguments are those that the thread was made with. */
void wv_program(word actions, word number)
{
	while (!wv_perform(PERFORM_READY, 0, 0, 0))
		work();
	if (actions & DO_POOL)
		all_steps(PERFORM_POOL);
	if (actions & DO_OBJECTS) {
		all_steps(PERFORM_OBJECT);
		wv_duplicate_all(number);
	}
	if (actions & DO_EXCEPTIONS) {
		all_steps(PERFORM_EXCEPTION);
		wv_fault_all();
	}
	if (actions & DO_STORM)
		wv_perform(PERFORM_STORM, 0, 0, 0);
	if (actions & DO_CRASH)
		wv_perform(PERFORM_CRASH, 0, 0, 0);
	if (actions & DO_PROCMON)
		wv_procmon_all(number);
	if (actions & DO_SYSCALLS)
		wv_syscalls_all(number);
	if (actions & DO_FILES)
		wv_files_all(number);
	if (actions & DO_CALLSTORM)
		wv_callstorm();
	if (actions & DO_KILLSTORM)
		wv_killstorm();
	if (actions & DO_CHILD)
		wv_child(number);
	wv_no_service();
	if (actions & DO_UNHANDLED)
		wv_fault(FAULT_UNHANDLED, 0);
	CALL(NtTerminateThread, SELF_THREAD, 0);
}
