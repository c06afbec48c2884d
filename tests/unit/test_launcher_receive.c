/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The launcher's buffer of the job, with a door of the test's own: it answers each knock with the
 * next of the test's replies, as the monitor would, and remembers what it was asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>

/* A runner receives one job in its life; the tests set its buffer back. */
#include "launcher/receive.c"

static struct {
	uint64_t state;
	uint64_t size;
	uint8_t first; /* the data's first byte; each is one more than that before it */
} replies[16];

static size_t n_replies, next_reply;
static unsigned knocks;

static void expect(uint64_t state, uint64_t size, uint8_t first)
{
	assert_in_range(n_replies, 0, 15);
	replies[n_replies].state = state;
	replies[n_replies].size = size;
	replies[n_replies++].first = first;
}

void wv_knock(enum wv_door_request request, const volatile void *address, uint64_t size)
{
	struct wv_door_reply *reply = (struct wv_door_reply *)(uintptr_t)address;

	knocks++;
	assert_int_equal(request, WV_DOOR_WAIT);
	assert_int_equal(size, REPLY_SIZE);
	assert_int_equal((uintptr_t)address % PAGE, 0);
	/* Nothing is left of the reply before. */
	assert_int_equal(reply->state, WV_DOOR_NOTHING);
	assert_int_equal(reply->size, 0);
	if (next_reply == n_replies)
		fail_msg("a knock too many");
	reply->state = replies[next_reply].state;
	reply->size = replies[next_reply].size;
	for (uint64_t i = 0; i < reply->size && i < DATA_SIZE; i++)
		reply->data[i] = (uint8_t)(replies[next_reply].first + i);
	next_reply++;
}

static int set_back(void **state)
{
	(void)state;
	n_replies = next_reply = 0;
	knocks = 0;
	taken = given = 0;
	last = false;
	return 0;
}

static void must_receive(uint8_t *to, size_t size)
{
	struct wv_why why = { "" };

	if (!wv_receive(to, size, &why))
		fail_msg("%s", why.text);
}

static void must_fail(const char *text)
{
	struct wv_why why = { "" };
	uint8_t byte;

	assert_false(wv_receive(&byte, 1, &why));
	if (!strstr(why.text, text))
		fail_msg("\"%s\" says nothing of %s", why.text, text);
}

static void assert_counts(const uint8_t *data, size_t size, uint8_t first)
{
	for (size_t i = 0; i < size; i++)
		assert_int_equal(data[i], (uint8_t)(first + i));
}

static void chunks_become_one_job(void **state)
{
	uint8_t data[300];

	(void)state;
	expect(WV_DOOR_MORE, 10, 0);
	expect(WV_DOOR_MORE, 1, 10);
	expect(WV_DOOR_LAST, 289, 11);
	must_receive(data, 4);
	assert_int_equal(knocks, 1);
	must_receive(data + 4, 296);
	assert_int_equal(knocks, 3);
	assert_counts(data, sizeof(data), 0);
	must_fail("too early");
	assert_int_equal(knocks, 3);
}

static void nothing_is_asked_again(void **state)
{
	uint8_t data[2];

	(void)state;
	expect(WV_DOOR_NOTHING, 0, 0);
	/* Nothing is nothing, whatever size it has. */
	expect(WV_DOOR_NOTHING, 77, 9);
	expect(WV_DOOR_NOTHING, 0, 0);
	expect(WV_DOOR_LAST, 2, 5);
	must_receive(data, 2);
	assert_int_equal(knocks, 4);
	assert_counts(data, 2, 5);
}

static void empty_chunk_is_passed_over(void **state)
{
	struct wv_why why = { "" };
	uint8_t data[1];
	size_t size;

	(void)state;
	expect(WV_DOOR_MORE, 0, 0);
	expect(WV_DOOR_MORE, 1, 1);
	expect(WV_DOOR_MORE, 0, 0);
	expect(WV_DOOR_LAST, 1, 2);
	must_receive(data, 1);
	assert_non_null(wv_receive_some(9, &size, &why));
	assert_int_equal(size, 1);
	assert_int_equal(knocks, 4);
}

static void empty_job_ends_too_early(void **state)
{
	(void)state;
	expect(WV_DOOR_LAST, 0, 0);
	must_fail("too early");
}

static void no_bytes_are_there_at_once(void **state)
{
	(void)state;
	must_receive(NULL, 0);
	assert_int_equal(knocks, 0);
}

static void full_buffer_is_taken(void **state)
{
	uint8_t *data = malloc(DATA_SIZE);

	(void)state;
	assert_non_null(data);
	expect(WV_DOOR_LAST, DATA_SIZE, 3);
	must_receive(data, DATA_SIZE);
	assert_counts(data, DATA_SIZE, 3);
	free(data);
}

static void more_than_fits_is_refused(void **state)
{
	(void)state;
	expect(WV_DOOR_MORE, DATA_SIZE + 1, 0);
	must_fail("makes no sense");
	set_back(NULL);
	expect(WV_DOOR_LAST, UINT64_MAX, 0);
	must_fail("makes no sense");
}

static void unknown_state_is_refused(void **state)
{
	(void)state;
	expect(3, 1, 0);
	must_fail("makes no sense");
	set_back(NULL);
	expect(UINT64_MAX, 1, 0);
	must_fail("makes no sense");
}

static void some_are_where_they_came(void **state)
{
	struct wv_why why = { "" };
	const uint8_t *data;
	size_t size;

	(void)state;
	expect(WV_DOOR_MORE, 5, 0);
	expect(WV_DOOR_LAST, 4, 5);
	data = wv_receive_some(3, &size, &why);
	assert_non_null(data);
	assert_int_equal(size, 3);
	assert_counts(data, 3, 0);
	/* No more than there are without another knock. */
	data = wv_receive_some(100, &size, &why);
	assert_non_null(data);
	assert_int_equal(size, 2);
	assert_counts(data, 2, 3);
	data = wv_receive_some(SIZE_MAX, &size, &why);
	assert_non_null(data);
	assert_int_equal(size, 4);
	assert_counts(data, 4, 5);
	assert_null(wv_receive_some(1, &size, &why));
}

#define TEST(name) cmocka_unit_test_setup(name, set_back)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chunks_become_one_job),	  TEST(nothing_is_asked_again),
		TEST(empty_chunk_is_passed_over), TEST(empty_job_ends_too_early),
		TEST(no_bytes_are_there_at_once), TEST(full_buffer_is_taken),
		TEST(more_than_fits_is_refused),  TEST(unknown_state_is_refused),
		TEST(some_are_where_they_came),
	};

	return cmocka_run_group_tests_name("launcher_receive", tests, NULL, NULL);
}
