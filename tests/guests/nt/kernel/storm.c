// SPDX-License-Identifier: GPL-2.0-or-later
/* Many calls, of which only their number and their time are told. */
#include "storm.h"
#include "cpu.h"
#include "process.h"
#include "scenario.h"
#include "timer.h"
#include "truth.h"

#define PART 4096u /* in these the timer is read */

static u32 waits;

static void tell(word count, u64 ticks)
{
	struct _ETHREAD *thread = wv_current_thread();

	wv_fact("storm");
	wv_fact_int("count", (long long)count);
	wv_fact_int("pid", (long long)(word)wv_process_of(thread)->UniqueProcessId);
	wv_fact_int("tid", (long long)(word)thread->Cid.UniqueThread);
	wv_fact_int("waits", __atomic_load_n(&waits, __ATOMIC_SEQ_CST));
	wv_fact_int("elapsed_ticks", (long long)ticks);
	wv_fact_int("ticks_per_second", WV_TICKS_PER_SECOND);
	wv_fact_end();
}

static word count_of_calls(void)
{
	return (word)wv_argument_number("count", 100000);
}

void wv_storm_waits(void)
{
	__atomic_add_fetch(&waits, 1, __ATOMIC_SEQ_CST);
}

word wv_storm_call(void)
{
	static const char *const names[] = {
		[STORM_YIELD] = "NtYieldExecution",
		[STORM_WAIT] = "NtWaitForSingleObject",
		[STORM_PROTECT] = "NtProtectVirtualMemory",
	};
	char name[32] = "NtYieldExecution";

	wv_argument("call", name, sizeof(name));
	for (unsigned i = 0; i < COUNT_OF(names); i++)
		if (wv_same(names[i], name))
			return i;
	wv_broken("no such call");
}

word wv_storm_goes_on(void)
{
	wv_ticks();
	return STATUS_SUCCESS;
}

word wv_storm_begins(void)
{
	__atomic_add_fetch(&wv_silent, 1, __ATOMIC_SEQ_CST);
	wv_thread_info(wv_current_thread())->storm_began = wv_ticks();
	return count_of_calls();
}

word wv_storm_ends(void)
{
	tell(count_of_calls(), wv_ticks() - wv_thread_info(wv_current_thread())->storm_began);
	__atomic_sub_fetch(&wv_silent, 1, __ATOMIC_SEQ_CST);
	return STATUS_SUCCESS;
}

word wv_storm_of_pool(void)
{
	word count = count_of_calls();
	u64 ticks = wv_ticks();

	for (word done = 0; done < count; done += PART) {
		wv_storm(count - done < PART ? count - done : PART);
		wv_storm_goes_on();
	}
	tell(count, wv_ticks() - ticks);
	return STATUS_SUCCESS;
}
