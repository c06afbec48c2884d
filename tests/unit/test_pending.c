/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pending calls: pairs, nesting, threads that end, full buckets, exhaustion, many vCPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>
#include <string.h>

#include "monitor/pending.h"

/** Kernel objects of threads, and the tops of their kernel stacks. */
#define THREAD(n) (UINT64_C(0xffff888003a40000) + (uint64_t)(n)*0x1500)
#define STACK(n)  (UINT64_C(0xffffc90000014000) + (uint64_t)(n)*0x100)

/** Hooks are only compared. */
#define HOOK(n) ((const struct wv_hook *)(uintptr_t)(0x1000 + (n)*0x40))

/** How many calls of one thread there is room for, if no other thread is in the way. */
#define CALLS_OF_A_THREAD 96

static int setup(void **state)
{
	*state = wv_pending_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	wv_pending_free(*state);
	return 0;
}

/** The first of the thread's calls at that stack pointer. */
static struct wv_pending *find(struct wv_pending_table *table, uint64_t thread, uint64_t stack)
{
	struct wv_pending_walk walk = { 0 };

	return wv_pending_next(table, thread, stack, &walk);
}

static struct wv_pending *add(struct wv_pending_table *table, uint64_t thread, uint64_t stack,
			      const struct wv_hook *hook, uint64_t uid)
{
	struct wv_pending *pending = wv_pending_add(table, thread, stack, hook);

	assert_non_null(pending);
	assert_ptr_equal(pending->hook, hook);
	pending->uid = uid;
	return pending;
}

/** The call returns, and is the one with that number. */
static void returns(struct wv_pending_table *table, uint64_t thread, uint64_t stack, uint64_t uid)
{
	struct wv_pending *pending = find(table, thread, stack);

	assert_non_null(pending);
	assert_int_equal(pending->uid, uid);
	wv_pending_remove(table, pending);
}

/* One vCPU --------------------------------------------------------------------------------------*/

static void test_empty(void **state)
{
	struct wv_pending_table *table = *state;

	assert_int_equal(wv_pending_count(table), 0);
	assert_null(find(table, THREAD(0), STACK(0)));
	assert_null(wv_pending_innermost(table, THREAD(0), HOOK(0)));
	assert_int_equal(wv_pending_remove_thread(table, THREAD(0)), 0);
}

static void test_pair(void **state)
{
	struct wv_pending_table *table = *state;
	struct wv_pending *pending = add(table, THREAD(0), STACK(5), HOOK(1), 7);

	assert_int_equal(wv_pending_count(table), 1);
	assert_ptr_equal(find(table, THREAD(0), STACK(5)), pending);
	assert_null(find(table, THREAD(0), STACK(5) + 8));
	assert_null(find(table, THREAD(0), STACK(5) - 8));
	assert_null(find(table, THREAD(1), STACK(5)));
	assert_true(wv_pending_any(table, THREAD(0)));
	assert_false(wv_pending_any(table, THREAD(1)));
	returns(table, THREAD(0), STACK(5), 7);
	assert_false(wv_pending_any(table, THREAD(0)));
	assert_null(find(table, THREAD(0), STACK(5)));
	assert_int_equal(wv_pending_count(table), 0);
}

static void test_what_is_saved_is_kept(void **state)
{
	struct wv_pending_table *table = *state;

	for (unsigned i = 0; i < 50; i++) {
		struct wv_pending *pending = add(table, THREAD(i), STACK(i), HOOK(1), i);

		assert_int_equal((uintptr_t)pending->saved % 16, 0);
		memset(pending->saved, (int)i + 1, sizeof(pending->saved));
		pending->caller.pid = i;
		pending->caller.name_size = sizeof(pending->caller.name);
		memset(pending->caller.name, (int)i + 100, sizeof(pending->caller.name));
	}
	for (unsigned i = 0; i < 50; i++) {
		struct wv_pending *pending = find(table, THREAD(i), STACK(i));

		assert_int_equal(pending->caller.pid, i);
		for (unsigned j = 0; j < sizeof(pending->saved); j++)
			assert_int_equal(pending->saved[j], i + 1);
		for (unsigned j = 0; j < sizeof(pending->caller.name); j++)
			assert_int_equal((uint8_t)pending->caller.name[j], i + 100);
	}
}

static void test_nested(void **state)
{
	struct wv_pending_table *table = *state;

	/* deeper calls have lower stack pointers; they return first */
	for (unsigned i = 0; i < 20; i++)
		add(table, THREAD(0), STACK(100 - i), HOOK(i % 2), i);
	for (unsigned i = 20; i-- > 0;) {
		assert_int_equal(wv_pending_count(table), i + 1);
		returns(table, THREAD(0), STACK(100 - i), i);
	}
	assert_int_equal(wv_pending_count(table), 0);
}

static void test_returns_in_any_order(void **state)
{
	struct wv_pending_table *table = *state;

	for (unsigned round = 0; round < 5; round++) {
		for (unsigned i = 0; i < 31; i++)
			add(table, THREAD(0), STACK(i), HOOK(0), i);
		for (unsigned i = 0; i < 31; i++)
			returns(table, THREAD(0), STACK((i + round) * 7 % 31),
				(i + round) * 7 % 31);
		assert_int_equal(wv_pending_count(table), 0);
	}
}

static void test_same_stack_pointer_replaces(void **state)
{
	struct wv_pending_table *table = *state;
	struct wv_pending *first = add(table, THREAD(0), STACK(3), HOOK(1), 1);

	/* the older call of this function never returned */
	assert_ptr_equal(add(table, THREAD(0), STACK(3), HOOK(1), 2), first);
	assert_int_equal(wv_pending_count(table), 1);
	/* another thread's stack may be at the same address: not the same call */
	add(table, THREAD(1), STACK(3), HOOK(1), 3);
	assert_int_equal(wv_pending_count(table), 2);
	returns(table, THREAD(0), STACK(3), 2);
	assert_null(find(table, THREAD(0), STACK(3)));
	returns(table, THREAD(1), STACK(3), 3);
}

static void test_several_hooks_of_one_call(void **state)
{
	struct wv_pending_table *table = *state;
	uint64_t seen = 0;
	struct wv_pending *pending;

	for (unsigned i = 0; i < 5; i++)
		add(table, THREAD(0), STACK(3), HOOK(i), UINT64_C(1) << i);
	add(table, THREAD(0), STACK(4), HOOK(0), 1000);
	assert_int_equal(wv_pending_count(table), 6);
	while ((pending = find(table, THREAD(0), STACK(3)))) {
		assert_false(seen & pending->uid);
		seen |= pending->uid;
		wv_pending_remove(table, pending);
	}
	assert_int_equal(seen, 31);
	returns(table, THREAD(0), STACK(4), 1000);
}

static void test_innermost(void **state)
{
	struct wv_pending_table *table = *state;
	static const unsigned order[] = { 5, 9, 2, 7 };

	for (unsigned i = 0; i < 4; i++)
		add(table, THREAD(0), STACK(order[i]), HOOK(1), order[i]);
	add(table, THREAD(0), STACK(1), HOOK(2), 1); /* deeper, but of another hook */
	add(table, THREAD(1), STACK(0), HOOK(1), 0); /* and of another thread */
	static const unsigned rising[] = { 2, 5, 7, 9 };

	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(wv_pending_innermost(table, THREAD(0), HOOK(1))->uid, rising[i]);
		returns(table, THREAD(0), STACK(rising[i]), rising[i]);
	}
	assert_null(wv_pending_innermost(table, THREAD(0), HOOK(1)));
	assert_int_equal(wv_pending_innermost(table, THREAD(0), HOOK(2))->uid, 1);
}

static void expect_below(struct wv_pending_table *table, uint64_t stack, uint64_t to,
			 uint64_t expected)
{
	assert_int_equal(wv_pending_below(table, THREAD(0), stack, 0x40, to), expected);
}

static void test_callee_that_takes_its_arguments(void **state)
{
	const uint64_t here = 0x80501000, there = 0x80502000;
	struct wv_pending_table *table = *state;

	add(table, THREAD(0), STACK(9), HOOK(1), 1)->return_address = here;
	add(table, THREAD(0), STACK(9) - 0x20, HOOK(1), 2)->return_address = here;
	add(table, THREAD(0), STACK(9) - 0x10, HOOK(2), 3)->return_address = there;
	add(table, THREAD(1), STACK(9) - 0x8, HOOK(1), 4)->return_address = here;

	/* the address was popped, and up to fifteen arguments of four bytes */
	expect_below(table, STACK(9) + 4, here, STACK(9));
	expect_below(table, STACK(9) + 0x40, here, STACK(9));
	expect_below(table, STACK(9) + 0x44, here, 0);
	/* a call of the same function from the same place, further down */
	expect_below(table, STACK(9), here, STACK(9) - 0x20);
	expect_below(table, STACK(9) - 0x1c, here, STACK(9) - 0x20);
	expect_below(table, STACK(9) - 0x20, here, 0);
	expect_below(table, STACK(9) + 4, there, STACK(9) - 0x10);
	expect_below(table, STACK(9) + 4, 0x80503000, 0);
	assert_int_equal(wv_pending_count(table), 4);
}

static void test_remove_thread(void **state)
{
	struct wv_pending_table *table = *state;

	for (unsigned i = 0; i < 30; i++) {
		add(table, THREAD(0), STACK(i), HOOK(i), i);
		add(table, THREAD(1), STACK(i), HOOK(i), 100 + i);
	}
	assert_int_equal(wv_pending_remove_thread(table, THREAD(0)), 30);
	assert_int_equal(wv_pending_remove_thread(table, THREAD(0)), 0);
	assert_int_equal(wv_pending_count(table), 30);
	for (unsigned i = 0; i < 30; i++) {
		assert_null(find(table, THREAD(0), STACK(i)));
		returns(table, THREAD(1), STACK(i), 100 + i);
	}
}

static void test_no_thread_has_no_calls(void **state)
{
	struct wv_pending_table *table = *state;

	/* where the current thread can not be read it is 0, which also marks what is free */
	for (unsigned i = 0; i < 3000; i++) { /* leaves its traces in many places */
		add(table, THREAD(i), STACK(3), HOOK(1), i);
		returns(table, THREAD(i), STACK(3), i);
	}
	assert_null(wv_pending_add(table, 0, STACK(3), HOOK(1)));
	assert_null(find(table, 0, STACK(3)));
	assert_null(find(table, 0, 0));
	assert_null(wv_pending_innermost(table, 0, HOOK(1)));
	assert_int_equal(wv_pending_remove_thread(table, 0), 0);
	assert_int_equal(wv_pending_count(table), 0);
}

static void test_clear(void **state)
{
	struct wv_pending_table *table = *state;

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 1000; i++)
			add(table, THREAD(i), STACK(i), HOOK(0), i);
		for (unsigned i = 0; i < 1000; i += 2)
			returns(table, THREAD(i), STACK(i), i);
		wv_pending_clear(table);
		assert_int_equal(wv_pending_count(table), 0);
		for (unsigned i = 0; i < 1000; i++)
			assert_null(find(table, THREAD(i), STACK(i)));
	}
}

/* No room ---------------------------------------------------------------------------------------*/

/** All slots are there, each once. */
static void assert_nothing_is_used_up(struct wv_pending_table *table)
{
	assert_int_equal(wv_pending_count(table), 0);
	for (unsigned i = 0; i < WV_PENDING_MAX; i++)
		add(table, THREAD(i), STACK(0), HOOK(0), i);
	assert_int_equal(wv_pending_count(table), WV_PENDING_MAX);
	for (unsigned i = 0; i < WV_PENDING_MAX; i++)
		returns(table, THREAD(i), STACK(0), i);
}

static void test_full_buckets(void **state)
{
	struct wv_pending_table *table = *state;

	/* again and again: what could not be placed must not use anything up */
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < CALLS_OF_A_THREAD; i++)
			add(table, THREAD(0), STACK(i), HOOK(0), i);
		for (unsigned i = 0; i < WV_PENDING_MAX; i++)
			assert_null(wv_pending_add(table, THREAD(0), STACK(500 + i), HOOK(0)));
		assert_int_equal(wv_pending_count(table), CALLS_OF_A_THREAD);
		/* one that is there can still be replaced, and one that returned makes room */
		add(table, THREAD(0), STACK(7), HOOK(0), 7000);
		returns(table, THREAD(0), STACK(7), 7000);
		add(table, THREAD(0), STACK(7), HOOK(0), 7);
		for (unsigned i = 0; i < CALLS_OF_A_THREAD; i++)
			returns(table, THREAD(0), STACK(i), i);
		assert_nothing_is_used_up(table);
	}
}

/** Adds as many calls of a thread as there is room for. */
static unsigned fill(struct wv_pending_table *table, uint64_t thread)
{
	unsigned count = 0;

	while (count < 2 * CALLS_OF_A_THREAD &&
	       wv_pending_add(table, thread, STACK(count), HOOK(0)))
		count++;
	return count;
}

static void test_neighbours_spill(void **state)
{
	struct wv_pending_table *table = *state;
	unsigned room = CALLS_OF_A_THREAD, neighbour = 0;

	assert_int_equal(fill(table, THREAD(0)), CALLS_OF_A_THREAD);
	/* look for a thread whose places overlap with those of the first, but for some */
	while (room == 0 || room == CALLS_OF_A_THREAD) {
		wv_pending_remove_thread(table, THREAD(neighbour ? neighbour : 1));
		assert_true(++neighbour < 100000);
		room = fill(table, THREAD(neighbour));
	}
	assert_int_equal(wv_pending_count(table), CALLS_OF_A_THREAD + room);

	/* half of the first's calls return; the second takes their places, and finds all its own */
	for (unsigned i = 0; i < CALLS_OF_A_THREAD; i += 2)
		wv_pending_remove(table, find(table, THREAD(0), STACK(i)));
	assert_int_equal(wv_pending_remove_thread(table, THREAD(neighbour)), room);

	unsigned more = fill(table, THREAD(neighbour));

	assert_true(more > room);
	for (unsigned i = 0; i < more; i++)
		assert_non_null(find(table, THREAD(neighbour), STACK(i)));
	for (unsigned i = 1; i < CALLS_OF_A_THREAD; i += 2)
		assert_non_null(find(table, THREAD(0), STACK(i)));
	assert_int_equal(wv_pending_remove_thread(table, THREAD(0)), CALLS_OF_A_THREAD / 2);
	assert_int_equal(wv_pending_remove_thread(table, THREAD(neighbour)), more);
	assert_int_equal(wv_pending_count(table), 0);
}

static void test_table_is_full(void **state)
{
	struct wv_pending_table *table = *state;

	for (unsigned round = 0; round < 2; round++) {
		struct wv_pending *pending;
		unsigned threads = 0;

		/* until there is no room near one thread's place */
		while ((pending = wv_pending_add(table, THREAD(threads), STACK(0), HOOK(0))))
			pending->uid = threads++;
		assert_true(threads > WV_PENDING_MAX);
		assert_int_equal(wv_pending_count(table), threads);
		assert_null(wv_pending_add(table, THREAD(threads), STACK(0), HOOK(0)));
		/* all others are as they were, and a place that comes back can be had at once */
		returns(table, THREAD(77), STACK(0), 77);
		add(table, THREAD(77), STACK(1), HOOK(0), 5);
		returns(table, THREAD(77), STACK(1), 5);
		for (unsigned i = 0; i < threads; i++)
			if (i != 77)
				returns(table, THREAD(i), STACK(0), i);
		assert_int_equal(wv_pending_count(table), 0);
	}
}

/* Several vCPUs ---------------------------------------------------------------------------------*/

#define VCPUS  4
#define ROUNDS 1000000u
#define DEPTH  6u
#define OWN    3u /* guest threads that one vCPU runs */

struct vcpu {
	struct wv_pending_table *table;
	unsigned index;
	uint64_t wrong;
};

/** Enters and leaves calls of some threads at random; each must find its own, untouched. */
static gpointer hammer(gpointer data)
{
	struct vcpu *vcpu = data;
	unsigned depth[OWN] = { 0 };
	uint32_t random = vcpu->index + 1;

	for (uint64_t i = 0; i < ROUNDS; i++) {
		random = random * 1664525 + 1013904223;

		unsigned own = random >> 8 & 0xff;
		unsigned which = own % OWN;
		uint64_t thread = THREAD(vcpu->index * OWN + which);
		uint64_t mark = thread + depth[which];
		struct wv_pending *pending;

		if (depth[which] < DEPTH && random >> 31) {
			pending = wv_pending_add(vcpu->table, thread, STACK(depth[which]), HOOK(0));
			if (!pending) {
				vcpu->wrong++;
				continue;
			}
			/* written at both ends: two owners of one slot would notice */
			__atomic_store_n(&pending->uid, mark, __ATOMIC_RELAXED);
			memcpy(pending->saved, &mark, sizeof(mark));
			depth[which]++;
		} else if (depth[which]) {
			uint64_t saved;

			depth[which]--;
			mark = thread + depth[which];
			pending = find(vcpu->table, thread, STACK(depth[which]));
			if (!pending) {
				vcpu->wrong++;
				continue;
			}
			memcpy(&saved, pending->saved, sizeof(saved));
			vcpu->wrong += saved != mark || pending->uid != mark;
			wv_pending_remove(vcpu->table, pending);
		}
	}
	for (unsigned i = 0; i < OWN; i++)
		vcpu->wrong += wv_pending_remove_thread(vcpu->table,
							THREAD(vcpu->index * OWN + i)) != depth[i];
	return NULL;
}

/** Takes two slots and gives them back in the other order: they meet again at once, elsewhere. */
static gpointer swap(gpointer data)
{
	struct vcpu *vcpu = data;
	uint64_t thread = THREAD(vcpu->index);

	for (uint64_t i = 0; i < 2 * ROUNDS; i++) {
		struct wv_pending *first = wv_pending_add(vcpu->table, thread, STACK(1), HOOK(0));
		struct wv_pending *second = wv_pending_add(vcpu->table, thread, STACK(2), HOOK(0));

		if (!first || !second) {
			vcpu->wrong++;
			break;
		}
		__atomic_store_n(&first->uid, thread, __ATOMIC_RELAXED);
		__atomic_store_n(&second->uid, thread + 1, __ATOMIC_RELAXED);
		wv_pending_remove(vcpu->table, first);
		vcpu->wrong += __atomic_load_n(&second->uid, __ATOMIC_RELAXED) != thread + 1;
		wv_pending_remove(vcpu->table, second);
	}
	return NULL;
}

static void check_vcpus(struct wv_pending_table *table, GThreadFunc work)
{
	struct vcpu vcpus[VCPUS];
	GThread *threads[VCPUS];

	for (unsigned i = 0; i < VCPUS; i++) {
		vcpus[i] = (struct vcpu){ table, i, 0 };
		threads[i] = g_thread_new("vcpu", work, &vcpus[i]);
	}
	for (unsigned i = 0; i < VCPUS; i++) {
		g_thread_join(threads[i]);
		assert_int_equal(vcpus[i].wrong, 0);
	}
	assert_nothing_is_used_up(table);
}

static void test_many_vcpus(void **state)
{
	check_vcpus(*state, hammer);
}

static void test_slots_that_come_back_at_once(void **state)
{
	check_vcpus(*state, swap);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_empty),
		WITH(test_pair),
		WITH(test_what_is_saved_is_kept),
		WITH(test_nested),
		WITH(test_returns_in_any_order),
		WITH(test_same_stack_pointer_replaces),
		WITH(test_several_hooks_of_one_call),
		WITH(test_innermost),
		WITH(test_callee_that_takes_its_arguments),
		WITH(test_remove_thread),
		WITH(test_no_thread_has_no_calls),
		WITH(test_clear),
		WITH(test_full_buckets),
		WITH(test_neighbours_spill),
		WITH(test_table_is_full),
		WITH(test_many_vcpus),
		WITH(test_slots_that_come_back_at_once),
	};

	return cmocka_run_group_tests_name("pending", tests, NULL, NULL);
}
