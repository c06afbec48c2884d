/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times made of the processor's counter: as the host's clock has them, and whatever ticks are sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>

#include "base/clock.h"

/** A machine that does other things in between must not fail the test. */
#define PATIENCE_NS INT64_C(5000000)

static int64_t apart(uint64_t first, uint64_t second)
{
	int64_t distance = (int64_t)(first - second);

	return distance < 0 ? -distance : distance;
}

static void test_time_of_day(void **state)
{
	struct wv_clock clock;

	(void)state;
	if (!wv_ticks_are_steady())
		skip();
	wv_clock_start(&clock);
	for (unsigned i = 0; i < 30; i++) {
		int64_t best = INT64_MAX;

		g_usleep(10000);
		for (unsigned j = 0; j < 10; j++) {
			uint64_t time = wv_clock_time(&clock, wv_ticks());

			best = MIN(best, apart(time, wv_clock_read_ns(CLOCK_REALTIME)));
		}
		assert_true(best < PATIENCE_NS);
	}
}

/** Ticks of the same time in any order: later ones have later times, by as much. */
static void test_order(void **state)
{
	struct wv_clock clock;
	uint64_t ticks, time, later;

	(void)state;
	if (!wv_ticks_are_steady())
		skip();
	wv_clock_start(&clock);
	g_usleep(20000);
	ticks = wv_ticks();
	time = wv_clock_time(&clock, ticks);
	g_usleep(20000);
	later = wv_clock_time(&clock, wv_ticks());
	assert_true(later > time && later - time > 15000000);
	for (uint64_t step = 0; step < 1000000; step += 1000) {
		uint64_t next = wv_clock_time(&clock, ticks + step);

		assert_true(next >= time);
		time = next;
	}
}

/** A hostile writer's: any time will do, and later good ones are as good as before. */
static void test_any_ticks(void **state)
{
	static const uint64_t odd[] = { 0,	   1, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX - 1,
					UINT64_MAX };
	struct wv_clock clock;

	(void)state;
	wv_clock_start(&clock);
	for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
		wv_clock_time(&clock, odd[i]);
		wv_clock_time(&clock, clock.last_ticks + odd[i]);
	}
	if (wv_ticks_are_steady())
		assert_true(apart(wv_clock_time(&clock, wv_ticks()),
				  wv_clock_read_ns(CLOCK_REALTIME)) < 20 * PATIENCE_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time_of_day),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_any_ticks),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
