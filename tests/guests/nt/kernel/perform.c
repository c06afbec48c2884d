// SPDX-License-Identifier: GPL-2.0-or-later
/* The service that no Windows has, and no layout: programs have the kernel do a step by it. */
#include "cast.h"
#include "cpu.h"
#include "exception.h"
#include "handle.h"
#include "memory.h"
#include "process.h"
#include "reach.h"
#include "scenario.h"
#include "storm.h"
#include "stubs.h"
#include "truth.h"
#include "user.h"

#define DEEPEST	   255u /* in units on the stack */
#define DEPTH_UNIT 16u
#define COPIED	   (3 * PAGE) /* of a block of parameters */

static struct _EPROCESS *own_process(void)
{
	return wv_process_of(wv_current_thread());
}

static word crash(void)
{
	KeBugCheckEx(0xdeaddead, 1, 2, 3, 4);
}

static word page_out(word address)
{
	return wv_page_out(own_process(), address);
}

static word handle(word which)
{
	return wv_cast_handle(own_process(), which);
}

/* Where the call is on the stack differs, and so does where its return is awaited. */
static word wait_for_ever(word depth)
{
	volatile u8 *room = __builtin_alloca(DEPTH_UNIT * (1 + depth % DEEPEST));

	room[0] = 0;
	wv_storm_waits();
	return ZwWaitForSingleObject(CURRENT_THREAD, 0, 0);
}

/* Of memory that a program says the address of; it gets the copy's there. */
static word copy_into_kernel(word where)
{
	u8 *copy = wv_kernel_pages(COPIED / PAGE);
	word made = (word)copy, from;

	if (!wv_fetch(USER_MODE, &from, where, sizeof(from)) ||
	    !wv_fetch(USER_MODE, copy, from, COPIED) ||
	    !wv_store(USER_MODE, where, &made, sizeof(made)))
		return STATUS_ACCESS_VIOLATION;
	return STATUS_SUCCESS;
}

static word modules_lost(void)
{
	wv_fact("modules_lost");
	wv_fact_int("pid", (long long)(word)own_process()->UniqueProcessId);
	wv_fact_end();
	return STATUS_SUCCESS;
}

/* One of the three: a scenario's step, of which there may be no more; or what returns a value. */
static const struct {
	bool (*step)(word step);
	word (*with)(word value);
	word (*without)(void);
} works[] = {
	[PERFORM_READY] = { .without = wv_scenario_ready },
	[PERFORM_POOL] = { .step = wv_pool_step },
	[PERFORM_OBJECT] = { .step = wv_object_step },
	[PERFORM_EXCEPTION] = { .step = wv_exception_step },
	[PERFORM_STORM] = { .without = wv_storm_of_pool },
	[PERFORM_CRASH] = { .without = crash },
	[PERFORM_STORM_BEGINS] = { .without = wv_storm_begins },
	[PERFORM_STORM_ENDS] = { .without = wv_storm_ends },
	[PERFORM_STORM_CALL] = { .without = wv_storm_call },
	[PERFORM_STORM_GOES_ON] = { .without = wv_storm_goes_on },
	[PERFORM_PAGE_OUT] = { .with = page_out },
	[PERFORM_HANDLE] = { .with = handle },
	[PERFORM_WAIT] = { .with = wait_for_ever },
	[PERFORM_ATTACHED] = { .without = wv_attached_calls },
	[PERFORM_KERNEL_COPY] = { .with = copy_into_kernel },
	[PERFORM_MODULES_LOST] = { .without = modules_lost },
	[PERFORM_FILE] = { .with = wv_planned_file },
};

NTAPI word wv_perform(word what, word value, word unused, word unused_too)
{
	(void)unused;
	(void)unused_too;
	if (what >= COUNT_OF(works))
		return STATUS_INVALID_PARAMETER;
	if (works[what].without)
		return works[what].without();
	if (works[what].with)
		return works[what].with(value);
	return works[what].step(value) ? STATUS_SUCCESS : NO_MORE_STEPS;
}
