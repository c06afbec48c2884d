/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TTL: the window, arming again, the counts, and several vCPUs at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>

#include "monitor/ttl.h"

#define WINDOW WV_TTL_WINDOW_NS
#define START  UINT64_C(1000000000)

/** Calls at one time: how many were allowed. What a new window tells goes to *@told. */
static unsigned calls(struct wv_ttl *ttl, uint64_t limit, uint64_t now, unsigned count,
		      uint64_t *told)
{
	unsigned allowed = 0;

	*told = 0;
	for (unsigned i = 0; i < count; i++) {
		uint64_t suppressed = UINT64_MAX;

		allowed += wv_ttl_allows(ttl, limit, now, &suppressed);
		assert_true(suppressed != UINT64_MAX);
		*told += suppressed;
	}
	return allowed;
}

static void test_window_is_ten_seconds(void **state)
{
	(void)state;
	assert_int_equal(WINDOW, UINT64_C(10) * 1000 * 1000 * 1000);
}

static void test_no_limit(void **state)
{
	struct wv_ttl ttl = { 0 };
	uint64_t told;

	(void)state;
	assert_int_equal(calls(&ttl, 0, START, 1000, &told), 1000);
	assert_int_equal(told, 0);
	assert_int_equal(wv_ttl_suppressed(&ttl, 0), 0);
	assert_int_equal(ttl.fired, 0); /* not even counted */
}

static void test_limit_in_one_window(void **state)
{
	(void)state;
	for (unsigned limit = 1; limit <= 5; limit++) {
		struct wv_ttl ttl = { 0 };
		uint64_t told;

		assert_int_equal(calls(&ttl, limit, START, limit, &told), limit);
		assert_int_equal(wv_ttl_suppressed(&ttl, limit), 0);
		assert_int_equal(calls(&ttl, limit, START + WINDOW - 1, 7, &told), 0);
		assert_int_equal(told, 0); /* told when the window is over */
		assert_int_equal(wv_ttl_suppressed(&ttl, limit), 7);
	}
}

static void test_armed_again_after_the_window(void **state)
{
	struct wv_ttl ttl = { 0 };
	uint64_t told;

	(void)state;
	assert_int_equal(calls(&ttl, 3, START, 10, &told), 3);
	assert_int_equal(calls(&ttl, 3, START + WINDOW - 1, 5, &told), 0);
	/* the first call of the next window tells of the last one, once */
	assert_int_equal(calls(&ttl, 3, START + WINDOW, 1, &told), 1);
	assert_int_equal(told, 12);
	assert_int_equal(wv_ttl_suppressed(&ttl, 3), 0);
	assert_int_equal(calls(&ttl, 3, START + WINDOW, 5, &told), 2);
	assert_int_equal(told, 0);
	/* the window starts with its first call, not at multiples of its length */
	assert_int_equal(calls(&ttl, 3, START + WINDOW + WINDOW - 1, 1, &told), 0);
	assert_int_equal(calls(&ttl, 3, START + WINDOW + WINDOW, 1, &told), 1);
	assert_int_equal(told, 4);
}

static void test_quiet_windows_tell_nothing(void **state)
{
	struct wv_ttl ttl = { 0 };
	uint64_t told;

	(void)state;
	for (uint64_t window = 0; window < 5; window++) {
		assert_int_equal(calls(&ttl, 3, START + window * 100 * WINDOW, 3, &told), 3);
		assert_int_equal(told, 0);
	}
}

static void test_time_that_goes_backwards(void **state)
{
	struct wv_ttl ttl = { 0 };
	uint64_t told;

	(void)state;
	/* two vCPUs read the clock and arrive in the other order: not a new window */
	assert_int_equal(calls(&ttl, 2, START, 2, &told), 2);
	assert_int_equal(calls(&ttl, 2, START - 1, 3, &told), 0);
	assert_int_equal(calls(&ttl, 2, START - 100 * WINDOW, 3, &told), 0);
	assert_int_equal(calls(&ttl, 2, 1, 3, &told), 0);
	assert_int_equal(wv_ttl_suppressed(&ttl, 2), 9);
	/* nor does it shorten the window */
	assert_int_equal(calls(&ttl, 2, START + WINDOW - 1, 1, &told), 0);
	assert_int_equal(calls(&ttl, 2, START + WINDOW, 1, &told), 1);
	assert_int_equal(told, 10);
}

static void test_each_hook_has_its_own(void **state)
{
	struct wv_ttl first = { 0 }, second = { 0 };
	uint64_t told;

	(void)state;
	assert_int_equal(calls(&first, 1, START, 5, &told), 1);
	assert_int_equal(calls(&second, 1, START, 5, &told), 1);
	assert_int_equal(wv_ttl_suppressed(&first, 1), 4);
}

static void test_very_large_limit(void **state)
{
	struct wv_ttl ttl = { 0 };
	uint64_t told;

	(void)state;
	assert_int_equal(calls(&ttl, UINT64_MAX, START, 100, &told), 100);
	assert_int_equal(calls(&ttl, UINT64_MAX, START + WINDOW, 100, &told), 100);
	assert_int_equal(told, 0);
}

/* Several vCPUs ---------------------------------------------------------------------------------*/

#define THREADS 4
#define CALLS	500000u
#define LIMIT	5u

struct vcpu {
	struct wv_ttl *ttl;
	uint64_t *clock; /* shared; each call moves it on */
	uint64_t step;	 /* how far */
	uint64_t allowed, told;
};

static gpointer run(gpointer data)
{
	struct vcpu *vcpu = data;

	for (unsigned i = 0; i < CALLS; i++) {
		uint64_t now = __atomic_add_fetch(vcpu->clock, vcpu->step, __ATOMIC_RELAXED);
		uint64_t suppressed;

		vcpu->allowed += wv_ttl_allows(vcpu->ttl, LIMIT, now, &suppressed);
		vcpu->told += suppressed;
	}
	return NULL;
}

static void run_threads(struct wv_ttl *ttl, uint64_t step, uint64_t *allowed, uint64_t *told)
{
	uint64_t clock = START;
	struct vcpu vcpus[THREADS];
	GThread *threads[THREADS];

	*allowed = *told = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		vcpus[i] = (struct vcpu){ .ttl = ttl, .clock = &clock, .step = step };
		threads[i] = g_thread_new("vcpu", run, &vcpus[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		g_thread_join(threads[i]);
		*allowed += vcpus[i].allowed;
		*told += vcpus[i].told;
	}
}

static void test_threads_in_one_window(void **state)
{
	struct wv_ttl ttl = { 0 };
	uint64_t allowed, told, suppressed;

	(void)state;
	wv_ttl_allows(&ttl, LIMIT, START, &suppressed); /* the window is there */
	run_threads(&ttl, 0, &allowed, &told);
	assert_int_equal(allowed, LIMIT - 1);
	assert_int_equal(told, 0);
	assert_int_equal(wv_ttl_suppressed(&ttl, LIMIT), THREADS * CALLS - allowed);
}

static void check_many_windows(uint64_t calls_a_window)
{
	struct wv_ttl ttl = { 0 };
	const uint64_t windows = THREADS * CALLS / calls_a_window;
	uint64_t allowed, told;

	run_threads(&ttl, WINDOW / calls_a_window, &allowed, &told);
	/* no call is lost from the books: it was allowed, or it is told of as suppressed */
	assert_int_equal(allowed + told + wv_ttl_suppressed(&ttl, LIMIT), THREADS * CALLS);
	/* some windows more or less, for calls that arrive in another order than their times */
	assert_in_range(allowed, windows * LIMIT / 2, windows * LIMIT * 3 / 2);
}

static void test_threads_over_many_windows(void **state)
{
	(void)state;
	check_many_windows(500);
	for (unsigned i = 0; i < 5; i++)
		check_many_windows(10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window_is_ten_seconds),
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_limit_in_one_window),
		cmocka_unit_test(test_armed_again_after_the_window),
		cmocka_unit_test(test_quiet_windows_tell_nothing),
		cmocka_unit_test(test_time_that_goes_backwards),
		cmocka_unit_test(test_each_hook_has_its_own),
		cmocka_unit_test(test_very_large_limit),
		cmocka_unit_test(test_threads_in_one_window),
		cmocka_unit_test(test_threads_over_many_windows),
	};

	return cmocka_run_group_tests_name("ttl", tests, NULL, NULL);
}
