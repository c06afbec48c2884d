// SPDX-License-Identifier: GPL-2.0-or-later
/* One call, or the end of a thread, over and over. */
#include "structures.h"

#define PART 4096u /* in these the guest's timer is read, that it does not turn over unseen */

/* What the calls are given. */
struct given {
	kernel_word event, base, size;
	long long now;
	u32 before;
	struct unicode_string name;
	struct object_attributes attributes;
};

static void name_event(struct given *given)
{
	given->name = string_of(u"\\BaseNamedObjects\\a storm's event");
	given->attributes = attributes_of(&given->name, 0, CASE_INSENSITIVE | OPEN_IF);
	CALL(NtCreateEvent, (word)&given->event, 0x1f0003, (word)&given->attributes, 0, 1);
}

static void take_memory(struct given *given)
{
	given->base = wv_allocate(PAGE_SIZE);
	given->size = PAGE_SIZE;
}

static void yield(struct given *given)
{
	(void)given;
	NtYieldExecution();
}

static void wait(struct given *given)
{
	CALL(NtWaitForSingleObject, (word)given->event, 0, (word)&given->now);
}

static void protect(struct given *given)
{
	CALL(NtProtectVirtualMemory, SELF, (word)&given->base, (word)&given->size, 4,
	     (word)&given->before);
}

static const struct {
	void (*prepare)(struct given *given); /* NULL: nothing is needed */
	void (*call)(struct given *given);
} storms[] = {
	[STORM_YIELD] = { NULL, yield },
	[STORM_WAIT] = { name_event, wait },
	[STORM_PROTECT] = { take_memory, protect },
};

void wv_callstorm(void)
{
	word which = wv_perform(PERFORM_STORM_CALL, 0, 0, 0), count;
	struct given given = { .now = 0 };

	if (storms[which].prepare)
		storms[which].prepare(&given);
	count = wv_perform(PERFORM_STORM_BEGINS, 0, 0, 0);
	for (word i = 0; i < count; i++) {
		if (i % PART == 0)
			wv_perform(PERFORM_STORM_GOES_ON, 0, 0, 0);
		storms[which].call(&given);
	}
	wv_perform(PERFORM_STORM_ENDS, 0, 0, 0);
}

void wv_killstorm(void)
{
	word count = wv_perform(PERFORM_STORM_BEGINS, 0, 0, 0);

	for (word i = 0; i < count; i++) {
		if (i % PART == 0)
			wv_perform(PERFORM_STORM_GOES_ON, 0, 0, 0);
		wv_kill_thread(WAITS_DEEP | (i & 0xff) << 8, 0);
	}
	wv_perform(PERFORM_STORM_ENDS, 0, 0, 0);
}
