/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of the states that the monitor tells of a sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "sandbox/fate.h"

static void note(struct wv_fate *fate, enum wv_status status, uint32_t detail, uint64_t time_us,
		 const char *text, size_t size)
{
	const struct wv_status_note told = { status, detail, time_us, { text, size } };

	wv_fate_note(fate, &told);
}

static void test_life(void **state)
{
	struct wv_fate fate = { 0 };

	(void)state;
	note(&fate, WV_STATUS_RESUMED, 0, 100, "", 0);
	assert_int_equal(fate.resumed_us, 100);
	assert_false(fate.started);
	note(&fate, WV_STATUS_STARTING, 80, 200, "", 0);
	assert_true(fate.started);
	assert_int_equal(fate.pid, 80);
	assert_int_equal(fate.starting_us, 200);
	note(&fate, WV_STATUS_ARMED, 0, 300, "Linux", 5);
	assert_int_equal(fate.armed_us, 300);
	note(&fate, WV_STATUS_RUNNING, 80, 400, "", 0);
	assert_false(fate.exited);
	note(&fate, WV_STATUS_EXITED, 0x300, 500, "", 0);
	assert_true(fate.exited);
	assert_int_equal(fate.status, 0x300);
	assert_int_equal(fate.exited_us, 500);
	assert_int_equal(fate.pid, 80);
	assert_false(fate.refused);
	assert_null(fate.error);
	wv_fate_clear(&fate);
}

static void test_refused(void **state)
{
	struct wv_fate fate = { 0 };

	(void)state;
	/* the text has no end of its own */
	note(&fate, WV_STATUS_NOT_STARTED, 0, 100, "no such file and more", 12);
	assert_true(fate.refused);
	assert_false(fate.started);
	assert_string_equal(fate.error, "no such file");
	note(&fate, WV_STATUS_NOT_STARTED, 0, 100, "again", 5);
	assert_string_equal(fate.error, "again");
	note(&fate, WV_STATUS_NOT_STARTED, 0, 100, "a\0b", 3);
	assert_string_equal(fate.error, "a");
	note(&fate, WV_STATUS_NOT_STARTED, 0, 100, "", 0);
	assert_string_equal(fate.error, "");
	wv_fate_clear(&fate);
	assert_null(fate.error);
	wv_fate_clear(&fate);
}

/** What is not of a sample, and what there is not, changes nothing. */
static void test_other_states(void **state)
{
	static const unsigned others[] = { WV_STATUS_FAILED,
					   WV_STATUS_GUEST_CRASHED,
					   WV_STATUS_GUEST_RESET,
					   WV_STATUS_ENDED,
					   WV_STATUS_READY,
					   WV_STATUS_RUNNING,
					   WV_STATUS_EXITED + 1,
					   1000,
					   0x7fffffff,
					   0x80000000,
					   0xffffffff };
	struct wv_fate fate, before;

	(void)state;
	memset(&fate, 0, sizeof(fate));
	memcpy(&before, &fate, sizeof(fate));
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		note(&fate, (enum wv_status)others[i], 7, 700, "text", 4);
		assert_memory_equal(&fate, &before, sizeof(fate));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_other_states),
	};

	return cmocka_run_group_tests_name("fate", tests, NULL, NULL);
}
