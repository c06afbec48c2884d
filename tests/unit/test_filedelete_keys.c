/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set of numbers that filedelete's vCPUs share: what is in it, and what had no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>
#include <string.h>

#include "plugins/filedelete/key_set.h"

static struct key_set set;

static int empty(void **state)
{
	(void)state;
	memset(&set, 0, sizeof(set));
	return 0;
}

static bool take(uint64_t key, bool *lost)
{
	return filedelete_key_take(&set, key, lost);
}

static void test_put_and_take(void **state)
{
	bool lost = true;

	(void)state;
	filedelete_key_put(&set, 7);
	filedelete_key_put(&set, UINT64_MAX);
	filedelete_key_put(&set, 7);
	assert_false(take(8, &lost));
	assert_false(lost);
	assert_true(take(7, &lost));
	assert_false(take(7, &lost)); /* once, however often it was put in */
	assert_false(lost);
	assert_true(take(UINT64_MAX, &lost));
}

/** Numbers that share a bucket, as many as asked for; none of them 0. */
static void find_neighbours(uint64_t *keys, unsigned count)
{
	uint64_t bucket = filedelete_key_mix(1) % KEY_SET_BUCKETS;

	for (uint64_t key = 1; count; key++)
		if (filedelete_key_mix(key) % KEY_SET_BUCKETS == bucket)
			keys[--count] = key;
}

static void test_no_room(void **state)
{
	uint64_t keys[KEY_SET_WAYS + 2];
	unsigned there = 0;
	bool lost = false;

	(void)state;
	find_neighbours(keys, G_N_ELEMENTS(keys));
	for (unsigned i = 0; i < KEY_SET_WAYS; i++)
		assert_true(filedelete_key_add(&set, keys[i]));
	assert_false(filedelete_key_add(&set, keys[KEY_SET_WAYS]));
	assert_true(filedelete_key_add(&set, keys[0]));
	filedelete_key_put(&set, keys[KEY_SET_WAYS]);
	filedelete_key_put(&set, keys[KEY_SET_WAYS + 1]);

	/* the newer ones are there; two of the older ones are not, and it is known that they may
	 * have been */
	for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
		bool found = take(keys[i], &lost);

		there += found;
		assert_true(found || lost);
		if (i >= KEY_SET_WAYS)
			assert_true(found);
	}
	assert_int_equal(there, KEY_SET_WAYS);
	/* of other buckets it is known that they were not */
	for (uint64_t key = 1000; key < 1100; key++)
		if (filedelete_key_mix(key) % KEY_SET_BUCKETS !=
		    filedelete_key_mix(1) % KEY_SET_BUCKETS) {
			assert_false(take(key, &lost));
			assert_false(lost);
		}
}

#define ROUNDS 20000u

/** Puts numbers of its own in and takes them out again. Returns how many were there. */
static gpointer put_and_take(gpointer first)
{
	unsigned found = 0;

	for (uint64_t i = 0; i < ROUNDS; i++) {
		uint64_t key = GPOINTER_TO_UINT(first) + i * 4;
		bool lost;

		filedelete_key_put(&set, key);
		found += filedelete_key_take(&set, key, &lost);
	}
	return GUINT_TO_POINTER(found);
}

static void test_several_at_once(void **state)
{
	GThread *threads[3];

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("vcpu", put_and_take, GUINT_TO_POINTER(i + 1));
	for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
		assert_int_equal(GPOINTER_TO_UINT(g_thread_join(threads[i])), ROUNDS);
	for (unsigned i = 0; i < KEY_SET_BUCKETS; i++)
		for (unsigned way = 0; way < KEY_SET_WAYS; way++)
			assert_int_equal(set.buckets[i].keys[way], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_put_and_take, empty),
		cmocka_unit_test_setup(test_no_room, empty),
		cmocka_unit_test_setup(test_several_at_once, empty),
	};

	return cmocka_run_group_tests_name("filedelete keys", tests, NULL, NULL);
}
