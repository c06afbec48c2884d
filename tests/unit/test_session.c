/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rings of a session: wrapping, waiting, dropping, attaching, and corrupted memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "rings.h"

struct fixture {
	struct wv_session *session;
	struct wv_writer writer;
	uint8_t *record; /* WV_RECORD_MAX bytes */
	bool broken;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.session = rings_session(3, "configuration");
	fixture.writer = rings_writer();
	fixture.record = g_malloc(WV_RECORD_MAX);
	fixture.broken = false;
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	g_free(fixture->record);
	g_free(fixture->writer.data);
	wv_session_free(fixture->session);
	return 0;
}

static bool commit(struct fixture *fixture, unsigned ring, uint64_t number, size_t text_size)
{
	rings_write(&fixture->writer, number, text_size);
	return wv_session_commit(fixture->session, ring, &fixture->writer, true);
}

static size_t peek(struct fixture *fixture, unsigned ring)
{
	return wv_session_peek(fixture->session, ring, fixture->record, &fixture->broken);
}

/** The ring's oldest record is this one; it is consumed. */
static void take(struct fixture *fixture, unsigned ring, uint64_t number, size_t text_size)
{
	size_t size = peek(fixture, ring);

	assert_true(size > 0);
	assert_true(rings_is(fixture->record, size, number, text_size));
	wv_session_consume(fixture->session, ring, size);
}

static uint64_t sequence(const struct fixture *fixture)
{
	return ((const struct wv_record_head *)(const void *)fixture->record)->sequence;
}

static struct wv_counters *counters(struct fixture *fixture, unsigned ring)
{
	return &wv_session_ring(fixture->session, ring)->counters;
}

/* Making and attaching --------------------------------------------------------------------------*/

static void test_create(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(wv_session_rings(fixture->session), 3);
	assert_string_equal(wv_session_config(fixture->session), "configuration");
	assert_true(wv_session_fd(fixture->session) >= 0);
	for (unsigned i = 0; i < 3; i++) {
		struct wv_counters zero = { 0 };

		assert_int_equal(peek(fixture, i), 0);
		assert_memory_equal(counters(fixture, i), &zero, sizeof(zero));
	}
	assert_false(fixture->broken);
}

static void test_configuration_has_a_limit(void **state)
{
	g_autofree char *config = g_strnfill(WV_CONFIG_MAX - 1, 'c');
	g_autofree char *longer = g_strnfill(WV_CONFIG_MAX, 'c');
	g_autoptr(GError) error = NULL;
	struct wv_session *session = rings_session(1, config), *other;

	(void)state;
	other = wv_session_attach(dup(wv_session_fd(session)), NULL);
	assert_non_null(other);
	assert_string_equal(wv_session_config(other), config);
	wv_session_free(other);
	wv_session_free(session);
	assert_null(wv_session_create(1, longer, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
}

static void test_attach(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GError) error = NULL;
	struct wv_session *writer = wv_session_attach(dup(wv_session_fd(fixture->session)), &error);

	if (!writer)
		fail_msg("%s", error->message);
	assert_int_equal(wv_session_rings(writer), 3);
	assert_string_equal(wv_session_config(writer), "configuration");
	for (unsigned i = 0; i < 3; i++) {
		rings_write(&fixture->writer, i, 100 * i);
		assert_true(wv_session_commit(writer, i, &fixture->writer, false));
	}
	assert_int_equal(wv_session_next_uid(writer), 1);
	assert_int_equal(wv_session_next_uid(fixture->session), 2);
	/* what was committed outlives the writer */
	wv_session_free(writer);
	for (unsigned i = 0; i < 3; i++) {
		take(fixture, i, i, 100 * i);
		assert_int_equal(counters(fixture, i)->committed, 1);
	}
}

static void assert_does_not_attach(int fd)
{
	g_autoptr(GError) error = NULL;

	assert_null(wv_session_attach(fd, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
}

static void test_attach_to_what_is_no_session(void **state)
{
	static const char zeros[4096];
	FILE *file = tmpfile();
	int pipes[2];

	(void)state;
	assert_does_not_attach(-1);
	assert_int_equal(pipe(pipes), 0);
	assert_does_not_attach(pipes[0]); /* it is closed with the attempt */
	close(pipes[1]);
	assert_does_not_attach(dup(fileno(file))); /* empty */
	assert_int_equal(fwrite(zeros, sizeof(zeros), 1, file), 1);
	assert_int_equal(fflush(file), 0);
	assert_does_not_attach(dup(fileno(file)));
	assert_int_equal(ftruncate(fileno(file), 16 << 20), 0); /* large enough, but zeros */
	assert_does_not_attach(dup(fileno(file)));
	fclose(file);
}

static void test_attach_to_another_build(void **state)
{
	struct fixture *fixture = *state;
	int fd = wv_session_fd(fixture->session);
	struct wv_session *other;
	size_t size;
	uint8_t *memory = rings_map(fixture->session, &size);
	/* magic, layout, number of rings, size of the configuration: see struct shared */
	static const unsigned places[] = { 0, 4, 8, 12, 16 };
	static const uint32_t wrongs[] = { 0, 1, 65, UINT32_MAX, WV_CONFIG_MAX };

	for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
		uint32_t *place = (uint32_t *)(void *)(memory + places[i]), before = *place;

		for (unsigned j = 0; j < G_N_ELEMENTS(wrongs); j++) {
			if (places[i] == 16 && wrongs[j] < WV_CONFIG_MAX)
				continue;
			*place = wrongs[j];
			assert_does_not_attach(dup(fd));
		}
		*place = before;
	}
	rings_unmap(memory, size);
	other = rings_session(WV_RINGS_MAX + 1, "");
	assert_does_not_attach(dup(wv_session_fd(other)));
	wv_session_free(other);
	assert_int_equal(ftruncate(fd, (off_t)size + 1), 0);
	assert_does_not_attach(dup(fd));
	assert_int_equal(ftruncate(fd, (off_t)size - WV_RING_SIZE), 0);
	assert_does_not_attach(dup(fd));
}

/* One ring --------------------------------------------------------------------------------------*/

static void test_commit_and_take(void **state)
{
	struct fixture *fixture = *state;

	assert_true(commit(fixture, 1, 5, 10));
	assert_true(commit(fixture, 1, 6, 0));
	assert_int_equal(peek(fixture, 0), 0);
	assert_int_equal(peek(fixture, 2), 0);
	assert_true(peek(fixture, 1) > 0); /* to look takes nothing away */
	take(fixture, 1, 5, 10);
	take(fixture, 1, 6, 0);
	assert_int_equal(peek(fixture, 1), 0);
	assert_int_equal(counters(fixture, 1)->committed, 2);
	assert_false(fixture->broken);
}

static void test_sequence_and_time(void **state)
{
	struct fixture *fixture = *state;
	struct timespec now;
	uint64_t before, last = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	before = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	for (unsigned i = 0; i < 9; i++)
		assert_true(commit(fixture, i % 3, i, 0));
	/* one order over all rings, without gaps */
	for (unsigned i = 0; i < 9; i++) {
		const struct wv_record_head *head =
			(const struct wv_record_head *)(const void *)fixture->record;

		take(fixture, i % 3, i, 0);
		assert_int_equal(head->sequence, i);
		assert_true(head->time_ns >= before);
		assert_true(head->time_ns >= last);
		assert_true(head->time_ns - before < UINT64_C(60) * 1000000000);
		last = head->time_ns;
	}
}

/** A size of a record's text, from none to nearly all that fits. */
static size_t text_size(uint64_t number)
{
	static const size_t sizes[] = { 0, 8, 100, 1000, 7, 65536, 30000, 200000, 16, 250000 };

	return sizes[number % G_N_ELEMENTS(sizes)];
}

static void test_wrap_around(void **state)
{
	struct fixture *fixture = *state;
	uint64_t taken = 0;

	/* some records stay in the ring, so that its end is met at many places */
	for (uint64_t i = 0; i < 1500; i++) {
		assert_true(commit(fixture, 0, i, text_size(i)));
		while (i - taken > i % 9) {
			take(fixture, 0, taken, text_size(taken));
			taken++;
		}
	}
	assert_true(wv_session_ring(fixture->session, 0)->head > 10 * WV_RING_SIZE);
	while (taken < 1500) {
		take(fixture, 0, taken, text_size(taken));
		taken++;
	}
	assert_int_equal(peek(fixture, 0), 0);
	assert_int_equal(counters(fixture, 0)->dropped, 0);
	assert_false(fixture->broken);
}

static void test_record_ends_at_the_end(void **state)
{
	struct fixture *fixture = *state;
	uint64_t number = 0;
	uint32_t size;

	/* what is left of the ring: exactly a record, or 8 bytes more or less */
	for (int more = -8; more <= 8; more += 8) {
		const struct wv_ring *ring = wv_session_ring(fixture->session, 0);

		rings_write(&fixture->writer, 0, 0);
		size = fixture->writer.used;
		for (;;) {
			size_t left = WV_RING_SIZE - (ring->head & (WV_RING_SIZE - 1));
			size_t want = size + (size_t)more;
			size_t text;

			if (left == want)
				break;
			/* one record with a text, and the head of that, to get there; or a step */
			text = left > want + size + 8 && left < want + 60000
				       ? left - want - size - 8
				       : 50000;
			assert_true(commit(fixture, 0, number, text));
			take(fixture, 0, number++, text);
		}
		assert_true(commit(fixture, 0, number, 0));
		assert_true(commit(fixture, 0, number + 1, 0));
		take(fixture, 0, number++, 0);
		take(fixture, 0, number++, 0);
	}
	assert_false(fixture->broken);
}

static void test_largest_record(void **state)
{
	struct fixture *fixture = *state;
	/* four texts, each with a head of 8 bytes, and a number of 16 */
	const size_t most = WV_RECORD_MAX - sizeof(struct wv_record_head) - 16 - 4 * 8;

	for (uint64_t i = 0; i < 100; i++) {
		assert_true(commit(fixture, 0, i, most));
		assert_int_equal(fixture->writer.used, WV_RECORD_MAX);
		take(fixture, 0, i, most);
	}
}

/* A full ring -----------------------------------------------------------------------------------*/

static void test_dropping(void **state)
{
	struct fixture *fixture = *state;
	uint64_t number = 0, kept = 0;

	while (commit(fixture, 0, number, 1000))
		number++;
	kept = number;
	assert_true(kept > WV_RING_SIZE / 1200);
	assert_int_equal(counters(fixture, 0)->committed, kept);
	assert_int_equal(counters(fixture, 0)->dropped, 1);
	assert_false(commit(fixture, 0, 1, 1000));
	assert_int_equal(counters(fixture, 0)->dropped, 2);
	assert_int_equal(counters(fixture, 0)->waits, 0);
	/* another ring has room, and a dropped record leaves no gap in the order */
	assert_true(commit(fixture, 1, number, 1000));
	take(fixture, 1, number, 1000);
	assert_int_equal(sequence(fixture), kept);

	take(fixture, 0, 0, 1000);
	assert_true(commit(fixture, 0, kept, 1000));
	for (uint64_t i = 1; i <= kept; i++)
		take(fixture, 0, i, 1000);
	assert_int_equal(sequence(fixture), kept + 1);
	assert_int_equal(peek(fixture, 0), 0);
	assert_int_equal(counters(fixture, 0)->dropped, 2);
}

static void test_room_for_the_padding(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_ring *ring = wv_session_ring(fixture->session, 0);
	uint64_t last = 0;
	size_t rest, text;

	/* a small record at the start, then large ones up to the end of the ring but for a rest */
	assert_true(commit(fixture, 0, 0, 0));
	while (commit(fixture, 0, last + 1, 3000))
		last++;
	rest = WV_RING_SIZE - ring->head;
	assert_in_range(rest, 200, 3000);
	take(fixture, 0, 0, 0);
	/* one that is larger than the rest, but not larger than the rest and what was taken: it
	 * would have to be at the start, where there is not enough room for it */
	text = rest + 8 - sizeof(struct wv_record_head) - 16 - 8;
	assert_false(commit(fixture, 0, last + 1, text));
	assert_int_equal(fixture->writer.used, rest + 8);
	assert_true(commit(fixture, 0, last + 1, text - 8)); /* this one goes into the rest */
	for (uint64_t i = 1; i <= last; i++)
		take(fixture, 0, i, 3000);
	take(fixture, 0, last + 1, text - 8);
	assert_int_equal(peek(fixture, 0), 0);
	assert_false(fixture->broken);
}

#define WAITED 20000u

struct producer {
	struct fixture *fixture;
	bool committed; /* what the last commit returned */
};

static gpointer produce(gpointer data)
{
	struct producer *producer = data;
	struct wv_writer writer = rings_writer();

	producer->committed = true;
	for (uint64_t i = 0; i < WAITED && producer->committed; i++) {
		rings_write(&writer, i, 1000);
		producer->committed =
			wv_session_commit(producer->fixture->session, 2, &writer, false);
	}
	g_free(writer.data);
	return NULL;
}

/** Starts a producer and comes back when its ring is full. */
static GThread *start_producer(struct producer *producer)
{
	const struct wv_ring *ring = wv_session_ring(producer->fixture->session, 2);
	GThread *thread = g_thread_new("vcpu", produce, producer);
	size_t size;

	rings_write(&producer->fixture->writer, 0, 1000);
	size = producer->fixture->writer.used;
	while (WV_RING_SIZE - __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) >= size)
		g_usleep(100);
	g_usleep(5000); /* by now it waits */
	return thread;
}

static void test_waiting(void **state)
{
	struct producer producer = { .fixture = *state };
	GThread *thread = start_producer(&producer);

	/* it goes on as soon as there is room, and nothing is lost */
	for (uint64_t i = 0; i < WAITED;) {
		size_t size = peek(producer.fixture, 2);

		if (!size) {
			g_thread_yield();
			continue;
		}
		assert_true(rings_is(producer.fixture->record, size, i, 1000));
		assert_int_equal(sequence(producer.fixture), i);
		wv_session_consume(producer.fixture->session, 2, size);
		i++;
	}
	g_thread_join(thread);
	assert_true(producer.committed);
	assert_int_equal(counters(producer.fixture, 2)->dropped, 0);
	assert_int_equal(counters(producer.fixture, 2)->committed, WAITED);
	assert_false(producer.fixture->broken);
}

static void test_nobody_reads_any_more(void **state)
{
	struct producer producer = { .fixture = *state };
	GThread *thread = start_producer(&producer);

	wv_session_close(producer.fixture->session);
	g_thread_join(thread);
	assert_false(producer.committed);
	assert_int_equal(counters(producer.fixture, 2)->dropped, 1);
	/* what is committed stays, and where there is room there is still room */
	take(producer.fixture, 2, 0, 1000);
	assert_true(commit(producer.fixture, 2, 1, 1000));
}

/* EventUIDs -------------------------------------------------------------------------------------*/

static gpointer take_uids(gpointer data)
{
	struct wv_session *session = data;
	uint64_t last = 0, wrong = 0;

	for (unsigned i = 0; i < 100000; i++) {
		uint64_t uid = wv_session_next_uid(session);

		wrong += uid <= last;
		last = uid;
	}
	return GSIZE_TO_POINTER(wrong);
}

static void test_uids(void **state)
{
	struct fixture *fixture = *state;
	GThread *threads[3];

	assert_int_equal(wv_session_next_uid(fixture->session), 1);
	for (unsigned i = 0; i < 3; i++)
		threads[i] = g_thread_new("vcpu", take_uids, fixture->session);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(GPOINTER_TO_SIZE(g_thread_join(threads[i])), 0);
	assert_int_equal(wv_session_next_uid(fixture->session), 300002);
}

/* Corrupted memory ------------------------------------------------------------------------------*/

/** The ring was found to be broken and emptied; after that it works again. */
static void assert_broken_once(struct fixture *fixture, unsigned ring)
{
	fixture->broken = false;
	assert_int_equal(peek(fixture, ring), 0);
	assert_true(fixture->broken);
	fixture->broken = false;
	assert_int_equal(peek(fixture, ring), 0);
	assert_false(fixture->broken);
	assert_true(commit(fixture, ring, 77, 50));
	take(fixture, ring, 77, 50);
	assert_false(fixture->broken);
}

static gpointer answer_later(gpointer data)
{
	g_usleep(5000);
	wv_session_answer(data, true, "/var/lib/a profile");
	return NULL;
}

static void test_answers(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GError) error = NULL;
	unsigned seen = wv_session_answers(fixture->session);
	GThread *thread = g_thread_new("reader", answer_later, fixture->session);
	g_autofree char *path = wv_session_await_answer(fixture->session, seen, &error);

	g_thread_join(thread);
	assert_null(error);
	assert_string_equal(path, "/var/lib/a profile");

	/* what was answered before the question is no answer to it */
	seen = wv_session_answers(fixture->session);
	wv_session_answer(fixture->session, false, "it is nowhere");
	assert_null(wv_session_await_answer(fixture->session, seen, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_KERNEL));
	assert_string_equal(error->message, "it is nowhere");
}

static void test_answer_that_is_too_long(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = g_strnfill(WV_ANSWER_MAX + 100, 'x');
	g_autofree char *got = NULL;

	wv_session_answer(fixture->session, true, text);
	got = wv_session_await_answer(fixture->session, 0, NULL);
	assert_int_equal(strlen(got), WV_ANSWER_MAX - 1);
}

static void test_nobody_answers_any_more(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GError) error = NULL;

	wv_session_close(fixture->session);
	assert_null(wv_session_await_answer(fixture->session, 0, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_KERNEL));
}

static void test_sizes_that_lie(void **state)
{
	struct fixture *fixture = *state;
	size_t size;
	uint8_t *memory = rings_map(fixture->session, &size);
	static const uint32_t sizes[] = { 0,
					  1,
					  4,
					  7,
					  9,
					  12,
					  UINT32_MAX,
					  75,
					  64,
					  71,
					  1u << 31,
					  WV_RING_SIZE,
					  WV_RECORD_MAX + 8,
					  100000,
					  149,
					  76 };

	for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
		struct wv_record_head *head;

		assert_true(commit(fixture, 0, 1000 + i, 50));
		head = rings_find(memory, size, 1000 + i);
		head->size = sizes[i];
		assert_broken_once(fixture, 0);
		if (sizes[i] == 64) /* good enough for padding */
			continue;
		assert_true(commit(fixture, 0, 2000 + i, 50));
		head = rings_find(memory, size, 2000 + i);
		head->size = sizes[i];
		head->kind = WV_RECORD_SKIP;
		assert_broken_once(fixture, 0);
	}
	rings_unmap(memory, size);
}

static void test_heads_that_lie(void **state)
{
	struct fixture *fixture = *state;
	struct wv_ring *ring = wv_session_ring(fixture->session, 1);
	static const uint64_t lies[] = { WV_RING_SIZE + 8, 4, UINT64_MAX, UINT64_C(1) << 63 };

	for (unsigned i = 0; i < G_N_ELEMENTS(lies); i++) {
		uint64_t tail = ring->tail;

		ring->head = tail + lies[i];
		fixture->broken = false;
		assert_int_equal(peek(fixture, 1), 0);
		assert_true(fixture->broken);
		assert_int_equal(ring->tail, ring->head);
		ring->head = ring->tail = tail;
	}
}

static void test_odd_places(void **state)
{
	struct fixture *fixture = *state;
	struct wv_ring *ring = wv_session_ring(fixture->session, 1);

	/* the last bytes of the ring do not even hold a size */
	ring->tail = WV_RING_SIZE - 4;
	ring->head = WV_RING_SIZE + 200;
	assert_int_equal(peek(fixture, 1), 0);
	assert_true(fixture->broken);
	assert_int_equal(ring->tail, ring->head);
}

static void test_garbage(void **state)
{
	struct fixture *fixture = *state;
	struct wv_ring *ring = wv_session_ring(fixture->session, 0);
	size_t size;
	uint8_t *memory = rings_map(fixture->session, &size);
	uint32_t *words = (uint32_t *)(void *)rings_data(memory, size, 3, 0);
	uint32_t random = 1;
	unsigned found = 0;

	/* bytes that look like records more often than not, and places anywhere */
	for (size_t i = 0; i < WV_RING_SIZE / 4; i++) {
		random = random * 1664525 + 1013904223;
		words[i] = i % 2 ? random >> 30 : (random >> 8 & (random & 1 ? 0x3f8 : 0xfffff));
	}
	for (unsigned round = 0; round < 20000; round++) {
		size_t record;

		random = random * 1664525 + 1013904223;
		ring->tail = random >> 3 & ~7u;
		random = random * 1664525 + 1013904223;
		ring->head = ring->tail + (random >> 10 & (random & 1 ? ~0u : ~7u));
		record = peek(fixture, 0);
		assert_true(record <= WV_RECORD_MAX && record <= ring->head - ring->tail);
		found += record != 0;
	}
	assert_true(found > 100);
	rings_unmap(memory, size);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_create),
		cmocka_unit_test(test_configuration_has_a_limit),
		WITH(test_attach),
		cmocka_unit_test(test_attach_to_what_is_no_session),
		WITH(test_attach_to_another_build),
		WITH(test_commit_and_take),
		WITH(test_sequence_and_time),
		WITH(test_wrap_around),
		WITH(test_record_ends_at_the_end),
		WITH(test_largest_record),
		WITH(test_dropping),
		WITH(test_room_for_the_padding),
		WITH(test_waiting),
		WITH(test_nobody_reads_any_more),
		WITH(test_uids),
		WITH(test_answers),
		WITH(test_answer_that_is_too_long),
		WITH(test_nobody_answers_any_more),
		WITH(test_sizes_that_lie),
		WITH(test_heads_that_lie),
		WITH(test_odd_places),
		WITH(test_garbage),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
