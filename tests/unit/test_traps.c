/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trap table: rows, its limit, clearing, and readers while rows are added. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>

#include "machine/traps.h"

/** Where the kernel's functions are, 16 bytes apart. */
#define TEXT UINT64_C(0xffffffff81000000)

static int setup(void **state)
{
	static struct wv_traps traps;

	wv_traps_init(&traps);
	*state = &traps;
	return 0;
}

static int teardown(void **state)
{
	wv_traps_deinit(*state);
	return 0;
}

static void test_empty(void **state)
{
	struct wv_traps *traps = *state;

	assert_null(wv_traps_find(traps, 0));
	assert_null(wv_traps_find(traps, TEXT));
	assert_null(wv_traps_find(traps, UINT64_MAX));
	assert_int_equal(traps->count, 0);
}

static void test_add_and_find(void **state)
{
	struct wv_traps *traps = *state;
	struct wv_trap *trap = wv_traps_add(traps, TEXT);

	assert_non_null(trap);
	assert_int_equal(trap->address, TEXT);
	assert_null(trap->entry);
	assert_false(trap->is_return);
	assert_ptr_equal(wv_traps_find(traps, TEXT), trap);
	assert_null(wv_traps_find(traps, TEXT + 1));
	assert_null(wv_traps_find(traps, TEXT - 1));

	/* once more: the same row, with what it holds */
	trap->entry = &trap;
	trap->is_return = 1;
	assert_ptr_equal(wv_traps_add(traps, TEXT), trap);
	assert_ptr_equal(trap->entry, &trap);
	assert_true(trap->is_return);
	assert_int_equal(traps->count, 1);
}

static void test_address_zero_is_refused(void **state)
{
	struct wv_traps *traps = *state;

	assert_null(wv_traps_add(traps, 0));
	assert_non_null(wv_traps_add(traps, 1));
	assert_null(wv_traps_add(traps, 0));
	assert_null(wv_traps_find(traps, 0));
	assert_int_equal(traps->count, 1);
}

static void test_extremes(void **state)
{
	struct wv_traps *traps = *state;
	struct wv_trap *last = wv_traps_add(traps, UINT64_MAX);
	struct wv_trap *first = wv_traps_add(traps, 1);

	assert_ptr_equal(wv_traps_find(traps, UINT64_MAX), last);
	assert_ptr_equal(wv_traps_find(traps, 1), first);
	assert_int_equal(traps->lowest, 1);
	assert_int_equal(traps->highest, UINT64_MAX);
}

static void test_bounds(void **state)
{
	struct wv_traps *traps = *state;
	static const uint64_t order[] = { TEXT + 50, TEXT + 90, TEXT + 20, TEXT + 60 };

	for (unsigned i = 0; i < 4; i++)
		wv_traps_add(traps, order[i]);
	assert_int_equal(traps->lowest, TEXT + 20);
	assert_int_equal(traps->highest, TEXT + 90);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(wv_traps_find(traps, order[i])->address, order[i]);
}

/** Fills the table with addresses that lie @step apart. */
static void check_limit(struct wv_traps *traps, uint64_t step)
{
	for (uint64_t i = 0; i < WV_TRAPS_LIMIT; i++)
		assert_non_null(wv_traps_add(traps, TEXT - i * step));
	assert_int_equal(traps->count, WV_TRAPS_LIMIT);
	/* no more, but what is there is found and can be "added" again */
	assert_null(wv_traps_add(traps, TEXT - WV_TRAPS_LIMIT * step));
	assert_null(wv_traps_add(traps, 5));
	for (uint64_t i = 0; i < WV_TRAPS_LIMIT; i++) {
		struct wv_trap *trap = wv_traps_find(traps, TEXT - i * step);

		assert_non_null(trap);
		assert_int_equal(trap->address, TEXT - i * step);
		assert_ptr_equal(wv_traps_add(traps, TEXT - i * step), trap);
	}
	/* a search for what is not there ends, everywhere */
	for (uint64_t i = 0; i < WV_TRAPS_LIMIT && step > 1; i++)
		assert_null(wv_traps_find(traps, TEXT - i * step + 1));
	assert_int_equal(traps->count, WV_TRAPS_LIMIT);
}

static void test_limit(void **state)
{
	static const uint64_t steps[] = { 1, 16, 4096, 1u << 24 };

	for (unsigned i = 0; i < 4; i++) {
		check_limit(*state, steps[i]);
		wv_traps_clear(*state);
	}
}

static void test_clear(void **state)
{
	struct wv_traps *traps = *state;

	for (unsigned round = 0; round < 3; round++) {
		for (uint64_t i = 0; i < 100; i++) {
			struct wv_trap *trap = wv_traps_add(traps, TEXT + i);

			assert_null(trap->entry);
			assert_false(trap->is_return);
			trap->entry = traps;
			trap->is_return = 1;
		}
		wv_traps_clear(traps);
		assert_int_equal(traps->count, 0);
		for (uint64_t i = 0; i < 100; i++)
			assert_null(wv_traps_find(traps, TEXT + i));
	}
	/* the bounds are forgotten as well */
	wv_traps_add(traps, TEXT + 1000);
	assert_int_equal(traps->lowest, TEXT + 1000);
	assert_int_equal(traps->highest, TEXT + 1000);
}

/* Readers while rows are added ------------------------------------------------------------------*/

struct shared {
	struct wv_traps *traps;
	uint64_t added; /* rows that are surely there */
};

/** The addresses go down and up, so that the bounds move as well. */
static uint64_t nth_address(uint64_t n)
{
	return n % 2 ? TEXT + n * 64 : TEXT - n * 64;
}

static gpointer read_traps(gpointer data)
{
	struct shared *shared = data;
	uint64_t added, wrong = 0;

	do {
		added = __atomic_load_n(&shared->added, __ATOMIC_ACQUIRE);
		for (uint64_t i = 0; i < WV_TRAPS_LIMIT; i++) {
			struct wv_trap *trap = wv_traps_find(shared->traps, nth_address(i));

			/* there once it was added; not there, or right, before */
			wrong += trap ? trap->address != nth_address(i) : i < added;
		}
	} while (added < WV_TRAPS_LIMIT);
	return GSIZE_TO_POINTER(wrong);
}

static void test_readers_while_rows_are_added(void **state)
{
	struct shared shared = { .traps = *state };
	GThread *readers[2];

	for (unsigned i = 0; i < 2; i++)
		readers[i] = g_thread_new("reader", read_traps, &shared);
	for (uint64_t i = 0; i < WV_TRAPS_LIMIT; i++) {
		assert_non_null(wv_traps_add(shared.traps, nth_address(i)));
		__atomic_store_n(&shared.added, i + 1, __ATOMIC_RELEASE);
		if (i % 64 == 0)
			g_thread_yield();
	}
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(GPOINTER_TO_SIZE(g_thread_join(readers[i])), 0);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_empty),
		WITH(test_add_and_find),
		WITH(test_address_zero_is_refused),
		WITH(test_extremes),
		WITH(test_bounds),
		WITH(test_limit),
		WITH(test_clear),
		WITH(test_readers_while_rows_are_added),
	};

	return cmocka_run_group_tests_name("traps", tests, NULL, NULL);
}
