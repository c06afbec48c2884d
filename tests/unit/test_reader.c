/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader: one order over all rings, nothing missing, and writers that die or lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "output/reader.h"
#include "rings.h"

#define RINGS 4u

struct fixture {
	struct wv_session *session;
	struct wv_reader *reader;
	struct wv_writer writer;
	uint8_t *memory; /* the session's, to corrupt it */
	size_t memory_size;
	GString *log; /* what the reader told: "r5 m1:text s0,3:text c0:1/500 c0@4096:text c0." */
	uint64_t last_time;
	uint64_t rows;
};

static void log_row(void *owner, const struct wv_row *row)
{
	struct fixture *fixture = owner;

	g_string_append_printf(fixture->log, "r%" G_GUINT64_FORMAT " ", row->uid);
	assert_true(row->time_us >= fixture->last_time);
	fixture->last_time = row->time_us;
	fixture->rows++;
}

static void log_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	struct fixture *fixture = owner;

	g_string_append_printf(fixture->log, "m%d:%.*s ", level, (int)text.size, text.data);
}

static void log_status(void *owner, const struct wv_status_note *note)
{
	struct fixture *fixture = owner;

	g_string_append_printf(fixture->log, "s%d,%u:%.*s ", note->status, note->detail,
			       (int)note->text.size, note->text.data);
}

/** By its ring: where it begins, what comes, where it ends. */
static void log_content(void *owner, unsigned ring, const struct wv_row *row,
			const struct wv_content_piece *piece)
{
	struct fixture *fixture = owner;

	assert_true(!row != !piece);
	if (row)
		g_string_append_printf(fixture->log, "c%u:%u/%" G_GUINT64_FORMAT " ", ring,
				       row->content, row->content_size);
	else if (piece->step == WV_CONTENT_END)
		g_string_append_printf(fixture->log, "c%u. ", ring);
	else
		g_string_append_printf(fixture->log, "c%u@%" G_GUINT64_FORMAT ":%.*s ", ring,
				       piece->offset, (int)piece->bytes.size, piece->bytes.data);
}

static const struct wv_reader_events log_events = { log_row, log_message, log_status, log_content };

static int setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	fixture.session = rings_session(RINGS, "");
	fixture.reader = wv_reader_new(fixture.session, &rings_schema, &log_events, &fixture);
	fixture.writer = rings_writer();
	fixture.memory = rings_map(fixture.session, &fixture.memory_size);
	fixture.log = g_string_new(NULL);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	g_string_free(fixture->log, TRUE);
	rings_unmap(fixture->memory, fixture->memory_size);
	g_free(fixture->writer.data);
	wv_reader_free(fixture->reader);
	wv_session_free(fixture->session);
	return 0;
}

static void commit(struct fixture *fixture, unsigned ring, uint64_t number)
{
	rings_commit(fixture->session, ring, &fixture->writer, number);
}

static void commit_text(struct fixture *fixture, unsigned ring, enum wv_record_kind kind,
			uint32_t type, uint32_t method, const char *text)
{
	struct wv_record_head *head = wv_writer_head(&fixture->writer);

	wv_writer_start(&fixture->writer, kind);
	head->type = type;
	head->method = method;
	if (text)
		wv_writer_bytes(&fixture->writer, 0, text, strlen(text), false);
	wv_writer_finish(&fixture->writer);
	assert_true(wv_session_commit(fixture->session, ring, &fixture->writer, false));
}

static struct wv_record_head *committed(struct fixture *fixture, uint64_t number)
{
	struct wv_record_head *head = rings_find(fixture->memory, fixture->memory_size, number);

	assert_non_null(head);
	return head;
}

static unsigned poll(struct fixture *fixture, bool writer_gone)
{
	return wv_reader_poll(fixture->reader, writer_gone);
}

/** What the reader told since the last time. */
static void assert_told(struct fixture *fixture, const char *expected)
{
	assert_string_equal(fixture->log->str, expected);
	g_string_truncate(fixture->log, 0);
}

/* In order --------------------------------------------------------------------------------------*/

static void test_nothing(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(poll(fixture, false), 0);
	assert_int_equal(poll(fixture, true), 0);
	assert_told(fixture, "");
	assert_int_equal(wv_reader_broken(fixture->reader), 0);
}

static void test_order_over_rings(void **state)
{
	struct fixture *fixture = *state;
	static const unsigned rings[] = { 2, 0, 0, 3, 1, 3, 2, 0 };

	for (unsigned i = 0; i < 8; i++)
		commit(fixture, rings[i], 100 + i);
	assert_int_equal(poll(fixture, false), 8);
	assert_told(fixture, "r100 r101 r102 r103 r104 r105 r106 r107 ");
	commit(fixture, 1, 7);
	assert_int_equal(poll(fixture, false), 1);
	assert_told(fixture, "r7 ");
}

static void test_messages_and_states(void **state)
{
	struct fixture *fixture = *state;

	commit_text(fixture, 0, WV_RECORD_STATUS, WV_STATUS_ARMED, 0, "Linux 6.1");
	commit(fixture, 1, 1);
	commit_text(fixture, 2, WV_RECORD_MESSAGE, WV_LEVEL_WARNING, 0, "missing");
	commit(fixture, 3, 2);
	commit_text(fixture, 1, WV_RECORD_STATUS, WV_STATUS_FAILED, 4, NULL);
	assert_int_equal(poll(fixture, false), 5);
	assert_told(fixture, "s0,0:Linux 6.1 r1 m1:missing r2 s1,4: ");
}

static void test_poll_has_a_limit(void **state)
{
	struct fixture *fixture = *state;
	uint64_t total = 0;
	unsigned polls = 0;

	/* so that the caller can look at other things in between */
	for (uint64_t i = 0; i < 60000; i++)
		commit(fixture, (unsigned)(i / 20000), i);
	for (;;) {
		unsigned done = poll(fixture, false);

		if (!done)
			break;
		assert_true(done < 40000);
		total += done;
		polls++;
	}
	assert_int_equal(total, 60000);
	assert_int_equal(fixture->rows, 60000);
	assert_true(polls >= 2);
}

/* Contents --------------------------------------------------------------------------------------*/

static void commit_written(struct fixture *fixture, unsigned ring)
{
	wv_writer_finish(&fixture->writer);
	assert_true(wv_session_commit(fixture->session, ring, &fixture->writer, false));
}

/** A row whose EventUID is the content's number. */
static void begin_content(struct fixture *fixture, unsigned ring, uint32_t number, uint64_t size)
{
	wv_writer_start(&fixture->writer, WV_RECORD_EVENT);
	wv_writer_head(&fixture->writer)->os = WV_OS_LINUX;
	wv_writer_head(&fixture->writer)->uid = number;
	wv_writer_content(&fixture->writer, number, size);
	commit_written(fixture, ring);
}

static void commit_piece(struct fixture *fixture, unsigned ring, uint64_t offset, const char *text)
{
	wv_writer_start_content(&fixture->writer, WV_CONTENT_PIECE, offset);
	wv_writer_bytes(&fixture->writer, 0, text, strlen(text), false);
	commit_written(fixture, ring);
}

static void end_content(struct fixture *fixture, unsigned ring)
{
	wv_writer_start_content(&fixture->writer, WV_CONTENT_END, 0);
	commit_written(fixture, ring);
}

static void test_contents(void **state)
{
	struct fixture *fixture = *state;

	begin_content(fixture, 2, 7, 5000);
	commit_piece(fixture, 2, 0, "one");
	commit(fixture, 0, 100); /* other rings go on */
	begin_content(fixture, 3, 8, 0);
	commit_piece(fixture, 2, 4096, "two");
	end_content(fixture, 3);
	end_content(fixture, 2);
	commit(fixture, 2, 101);
	assert_int_equal(poll(fixture, false), 8);
	assert_told(fixture, "r7 c2:7/5000 c2@0:one r100 r8 c3:8/0 c2@4096:two c3. c2. r101 ");
	assert_int_equal(wv_reader_broken(fixture->reader), 0);
}

/** What no row began is handed on as well: who takes contents knows what has begun. */
static void test_contents_that_lie(void **state)
{
	struct fixture *fixture = *state;

	begin_content(fixture, 0, 0, 5000); /* no number: no content */
	commit_piece(fixture, 0, UINT64_MAX, "lost");
	wv_writer_start_content(&fixture->writer, WV_CONTENT_PIECE, 0);
	commit_written(fixture, 0); /* a piece of nothing */
	wv_writer_start_content(&fixture->writer, (enum wv_content_step)7, 0);
	commit_written(fixture, 0);
	end_content(fixture, 1);
	assert_int_equal(poll(fixture, false), 5);
	assert_told(fixture, "r0 c0@18446744073709551615:lost c1. ");
	assert_int_equal(wv_reader_broken(fixture->reader), 2);
}

static void test_contents_that_nobody_wants(void **state)
{
	static const struct wv_reader_events events = { .row = log_row,
							.message = log_message,
							.status = log_status };
	struct fixture *fixture = *state;

	wv_reader_free(fixture->reader);
	fixture->reader = wv_reader_new(fixture->session, &rings_schema, &events, fixture);
	begin_content(fixture, 0, 1, 5000);
	commit_piece(fixture, 0, 0, "one");
	end_content(fixture, 0);
	assert_int_equal(poll(fixture, false), 3);
	assert_told(fixture, "r1 ");
	assert_int_equal(wv_reader_broken(fixture->reader), 0);
}

/* Many vCPUs ------------------------------------------------------------------------------------*/

#define EACH 250000u

struct producer {
	struct wv_session *session;
	unsigned ring;
	bool drop;
	size_t text_size;
	uint64_t *sequences; /* of each record, by its number; UINT64_MAX: dropped */
	uint64_t dropped;
	bool done;
};

static gpointer produce(gpointer data)
{
	struct producer *producer = data;
	struct wv_writer writer = rings_writer();

	for (uint64_t i = 0; i < EACH; i++) {
		rings_write(&writer, (uint64_t)producer->ring << 32 | i,
			    producer->text_size ? i % producer->text_size : 0);
		producer->sequences[i] = UINT64_MAX;
		if (wv_session_commit(producer->session, producer->ring, &writer, producer->drop))
			producer->sequences[i] = wv_writer_head(&writer)->sequence;
		else
			producer->dropped++;
	}
	g_free(writer.data);
	__atomic_store_n(&producer->done, true, __ATOMIC_RELEASE);
	return NULL;
}

struct consumer {
	uint64_t *uids; /* in the order in which they came */
	uint64_t count;
	gulong slow_us; /* to wait now and then */
};

static void consume_row(void *owner, const struct wv_row *row)
{
	struct consumer *consumer = owner;

	assert_true(consumer->count < RINGS * EACH);
	consumer->uids[consumer->count++] = row->uid;
	if (consumer->slow_us && consumer->count % 10000 == 0)
		g_usleep(consumer->slow_us);
}

static const struct wv_reader_events consumer_events = { .row = consume_row,
							 .message = log_message,
							 .status = log_status };

/** A million records of four vCPUs: each that was not dropped comes once, in the order of all. */
static void check_many_vcpus(struct fixture *fixture, bool drop, size_t text_size, gulong slow_us)
{
	struct consumer consumer = { .uids = g_new(uint64_t, RINGS * EACH), .slow_us = slow_us };
	struct wv_reader *reader =
		wv_reader_new(fixture->session, &rings_schema, &consumer_events, &consumer);
	struct producer producers[RINGS];
	GThread *threads[RINGS];
	uint64_t dropped = 0, counted = 0, wrong = 0;
	bool gone = false;

	for (unsigned i = 0; i < RINGS; i++) {
		producers[i] = (struct producer){ .session = fixture->session,
						  .ring = i,
						  .drop = drop,
						  .text_size = text_size,
						  .sequences = g_new(uint64_t, EACH) };
		threads[i] = g_thread_new("vcpu", produce, &producers[i]);
	}
	while (!gone) {
		/* what has been seen to be done is in the rings, for the polls that follow */
		gone = true;
		for (unsigned i = 0; i < RINGS; i++)
			gone &= __atomic_load_n(&producers[i].done, __ATOMIC_ACQUIRE);
		if (!wv_reader_poll(reader, false))
			g_usleep(100);
	}
	for (unsigned i = 0; i < RINGS; i++)
		g_thread_join(threads[i]);
	while (wv_reader_poll(reader, true))
		;
	assert_int_equal(wv_reader_broken(reader), 0);

	for (unsigned i = 0; i < RINGS; i++) {
		dropped += producers[i].dropped;
		counted += wv_session_ring(fixture->session, i)->counters.dropped;
	}
	assert_int_equal(dropped, counted);
	assert_int_equal(consumer.count + dropped, RINGS * EACH);
	for (uint64_t i = 0; i < consumer.count; i++) {
		uint64_t ring = consumer.uids[i] >> 32, number = consumer.uids[i] & UINT32_MAX;

		wrong += ring >= RINGS || number >= EACH || producers[ring].sequences[number] != i;
	}
	assert_int_equal(wrong, 0);
	if (drop)
		assert_true(dropped > 0);
	else
		assert_int_equal(dropped, 0);

	for (unsigned i = 0; i < RINGS; i++)
		g_free(producers[i].sequences);
	wv_reader_free(reader);
	g_free(consumer.uids);
}

static void test_a_million_records(void **state)
{
	check_many_vcpus(*state, false, 0, 0);
}

static void test_slow_reader(void **state)
{
	struct fixture *fixture = *state;
	uint64_t waits = 0;

	check_many_vcpus(fixture, false, 200, 1000);
	for (unsigned i = 0; i < RINGS; i++)
		waits += wv_session_ring(fixture->session, i)->counters.waits;
	assert_true(waits > 0); /* the rings were full, and went on */
}

static void test_slow_reader_and_dropping(void **state)
{
	check_many_vcpus(*state, true, 200, 20000);
}

/* Writers that die ------------------------------------------------------------------------------*/

/** As if @count vCPUs had taken a number before this record and were killed before they used it. */
static void make_gap(struct fixture *fixture, uint64_t number, uint64_t count)
{
	committed(fixture, number)->sequence += count;
}

static void test_gap_with_the_writer_gone(void **state)
{
	struct fixture *fixture = *state;

	commit(fixture, 0, 10);
	commit(fixture, 1, 11);
	commit(fixture, 2, 12);
	make_gap(fixture, 11, 3); /* 10 is 0, 11 is 4, 12 is 7 */
	make_gap(fixture, 12, 5);
	assert_int_equal(poll(fixture, false), 1);
	assert_told(fixture, "r10 ");
	assert_int_equal(poll(fixture, false), 0); /* someone may still publish it */
	assert_int_equal(poll(fixture, false), 0);
	assert_told(fixture, "");
	assert_int_equal(poll(fixture, true), 2); /* nobody will */
	assert_told(fixture, "r11 r12 ");
	assert_int_equal(wv_reader_broken(fixture->reader), 0);
}

static void test_gap_that_is_filled(void **state)
{
	struct fixture *fixture = *state;
	struct wv_ring *ring = wv_session_ring(fixture->session, 0);
	uint64_t head;

	/* the first record is not published yet, the second one is */
	commit(fixture, 0, 10);
	head = ring->head;
	ring->head = 0;
	commit(fixture, 1, 11);
	assert_int_equal(poll(fixture, false), 0);
	ring->head = head;
	assert_int_equal(poll(fixture, false), 2);
	assert_told(fixture, "r10 r11 ");
	assert_int_equal(wv_reader_broken(fixture->reader), 0);
}

static void test_gap_of_a_living_writer(void **state)
{
	struct fixture *fixture = *state;
	gint64 started;

	commit(fixture, 0, 10);
	commit(fixture, 1, 11);
	commit(fixture, 1, 12);
	make_gap(fixture, 11, 1);
	make_gap(fixture, 12, 1);
	assert_int_equal(poll(fixture, false), 1);
	/* it has some seconds to do it; then it is told that something is wrong */
	started = g_get_monotonic_time();
	while (poll(fixture, false) == 0 && g_get_monotonic_time() - started < 10000000)
		g_usleep(50000);
	assert_told(fixture, "r10 r11 r12 ");
	assert_true(g_get_monotonic_time() - started > 1000000);
	assert_int_equal(wv_reader_broken(fixture->reader), 1);
}

/* Writers that lie ------------------------------------------------------------------------------*/

static void test_time_never_runs_backwards(void **state)
{
	struct fixture *fixture = *state;

	/* log_row() looks at it */
	for (uint64_t i = 0; i < 10; i++)
		commit(fixture, (unsigned)(i % 4), i);
	committed(fixture, 4)->time_ns -= 5000;
	committed(fixture, 7)->time_ns = 0;
	assert_int_equal(poll(fixture, false), 10);
}

static void test_malformed_records(void **state)
{
	struct fixture *fixture = *state;

	for (uint64_t i = 10; i < 16; i++)
		commit(fixture, 0, i);
	committed(fixture, 11)->type = 77;
	committed(fixture, 12)->method = 77;
	committed(fixture, 14)->kind = 77;
	/* all but those are there, and they are counted */
	assert_int_equal(poll(fixture, false), 6);
	assert_told(fixture, "r10 r13 r15 ");
	assert_int_equal(wv_reader_broken(fixture->reader), 3);
}

static void test_broken_ring_stops_no_other(void **state)
{
	struct fixture *fixture = *state;

	commit(fixture, 0, 10);
	commit(fixture, 1, 11);
	commit(fixture, 2, 12);
	commit(fixture, 1, 13);
	committed(fixture, 11)->size = 3; /* all of ring 1 is lost */
	assert_int_equal(poll(fixture, true), 2);
	assert_told(fixture, "r10 r12 ");
	assert_int_equal(wv_reader_broken(fixture->reader), 1);
	/* and it works again */
	commit(fixture, 1, 14);
	assert_int_equal(poll(fixture, true), 1);
	assert_told(fixture, "r14 ");
}

static void test_numbers_that_lie(void **state)
{
	struct fixture *fixture = *state;
	static const uint64_t lies[] = { 0, 0, UINT64_MAX, UINT64_MAX - 1, 3, 3, 2, 1, 0 };
	uint64_t number = 100;

	/* twice the same, lower than before, the highest: all come, in some order */
	for (unsigned i = 0; i < G_N_ELEMENTS(lies); i++) {
		commit(fixture, i % RINGS, number + i);
		committed(fixture, number + i)->sequence = lies[i];
	}
	while (poll(fixture, true))
		;
	assert_int_equal(fixture->rows, G_N_ELEMENTS(lies));
}

static void test_random_rings(void **state)
{
	struct fixture *fixture = *state;
	uint32_t random = 1;

	for (unsigned round = 0; round < 300; round++) {
		for (unsigned i = 0; i < 40; i++)
			commit(fixture, i % RINGS, round * 100 + i);
		/* some bytes change somewhere in what was just committed */
		for (unsigned i = 0; i < 20; i++) {
			unsigned ring = i % RINGS;
			uint8_t *data =
				rings_data(fixture->memory, fixture->memory_size, RINGS, ring);
			struct wv_ring *head = wv_session_ring(fixture->session, ring);
			uint64_t used = head->head - head->tail;

			random = random * 1664525 + 1013904223;
			if (used)
				data[(head->tail + (random >> 8) % used) & (WV_RING_SIZE - 1)] =
					(uint8_t)(random >> 24);
		}
		for (unsigned i = 0; i < 1000 && poll(fixture, true); i++)
			;
		for (unsigned i = 0; i < RINGS; i++) {
			struct wv_ring *ring = wv_session_ring(fixture->session, i);

			assert_int_equal(ring->head, ring->tail); /* it got through all of it */
		}
	}
	assert_true(wv_reader_broken(fixture->reader) > 100);
	assert_true(fixture->rows > 1000);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_nothing),
		WITH(test_order_over_rings),
		WITH(test_messages_and_states),
		WITH(test_poll_has_a_limit),
		WITH(test_contents),
		WITH(test_contents_that_lie),
		WITH(test_contents_that_nobody_wants),
		WITH(test_a_million_records),
		WITH(test_slow_reader),
		WITH(test_slow_reader_and_dropping),
		WITH(test_gap_with_the_writer_gone),
		WITH(test_gap_that_is_filled),
		WITH(test_gap_of_a_living_writer),
		WITH(test_time_never_runs_backwards),
		WITH(test_malformed_records),
		WITH(test_broken_ring_stops_no_other),
		WITH(test_numbers_that_lie),
		WITH(test_random_rings),
	};

	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
