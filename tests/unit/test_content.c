/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contents of files on their way out: a plugin tells pieces of memory, a reader puts them back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "monitor/registry.h"
#include "observer.h"

#define PAGE   MOCK_PAGE
#define BEYOND UINT64_C(0x40000000) /* where the machine has no memory */

/** Memory that contents are of. */
#define MEMORY_PAGES 600u

#define BASH "delete 12/12 of 0 uid 1000 \"bash\" "
#define ENV  "delete 13/13 of 12 uid 1000 \"env\" "

/* The plugin ------------------------------------------------------------------------------------*/

#define PIECES_MAX 8u

/** A file whose content the plugin sends. */
struct file {
	uint64_t size;
	struct {
		uint64_t offset, physical;
		size_t size; /* 0: no more of them */
	} pieces[PIECES_MAX];
	unsigned repeat;	/* the pieces so many times, each time behind the last one */
	void (*between)(void);	/* called between the first and the second piece; or NULL */
	bool taken[PIECES_MAX]; /* out: what wv_content_page() returned, the last time */
	uint64_t limit;		/* out */
};

/** Which is told: by the function's argument. */
static struct file files[2];

enum { TELL_NUMBER };

static const struct wv_field fields[] = {
	[TELL_NUMBER] = { "SeqNum", WV_KIND_NUMBER, .meaning = "a number" },
};

static const struct wv_event_type type = {
	.plugin = "teller",
	.methods = { "delete" },
	.os = WV_OS_LINUX,
	.fields = fields,
	.n_fields = G_N_ELEMENTS(fields),
	.meaning = "a test",
};

static const struct wv_event_type *const types[] = { &type };

static void tell_pieces(struct wv_content *content, struct file *file, uint64_t start)
{
	for (unsigned i = 0; i < PIECES_MAX && file->pieces[i].size; i++) {
		if (i == 1 && file->between)
			file->between();
		file->taken[i] = wv_content_page(content, start + file->pieces[i].offset,
						 file->pieces[i].physical, file->pieces[i].size);
	}
}

static enum wv_verdict delete_entry(struct wv_call *call)
{
	struct file *file = &files[wv_call_argument(call, 0)];
	uint32_t number = wv_content_number(call);
	struct wv_event *event = wv_event_open(call, 0);
	struct wv_content *content;

	file->limit = wv_content_limit(call);
	wv_event_unsigned(event, TELL_NUMBER, number);
	if (!number) {
		wv_event_close(event);
		return WV_DONE;
	}
	content = wv_content_open(event, number, file->size);
	for (unsigned i = 0; i <= file->repeat; i++)
		tell_pieces(content, file, i * (file->size / (file->repeat + 1)));
	wv_content_close(content);
	return WV_DONE;
}

static const struct wv_trap_def traps[] = {
	{ .functions = { "delete" }, .on_entry = delete_entry },
};

static const struct wv_plugin_guest on_linux = {
	.os = WV_OS_LINUX,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
};

static const struct wv_plugin teller = {
	.name = "teller",
	.summary = "a test",
	.events = types,
	.n_events = G_N_ELEMENTS(types),
	.guests = { &on_linux },
};

const struct wv_plugin *const wv_plugins[] = { &teller, NULL };

static const char *const functions[] = { "delete", NULL };

/* The fixture -----------------------------------------------------------------------------------*/

static struct fixture {
	struct tiny_linux kernel;
	struct observer observer;
	struct tiny_task *bash, *env;
	uint64_t memory; /* physical */
} fixture;

static int setup(void **state)
{
	const struct tiny_options options = { .n_vcpus = 2, .functions = functions };
	struct mock_machine *mock = &fixture.kernel.mock;

	(void)state;
	memset(&fixture, 0, sizeof(fixture));
	memset(files, 0, sizeof(files));
	tiny_init(&fixture.kernel, &options);
	fixture.bash = tiny_task(&fixture.kernel, 12, 0, "/usr/bin/bash", NULL);
	fixture.env = tiny_task(&fixture.kernel, 13, 12, "/usr/bin/env", NULL);
	fixture.memory = mock_page(mock);
	for (unsigned i = 1; i < MEMORY_PAGES; i++)
		assert_int_equal(mock_page(mock), fixture.memory + i * PAGE);
	for (unsigned i = 0; i < MEMORY_PAGES * PAGE / 8; i++) {
		g_autofree char *text = g_strdup_printf("%08u", i);

		memcpy(mock_at(mock, fixture.memory + 8 * i), text, 8);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	observer_stop(&fixture.observer);
	tiny_deinit(&fixture.kernel);
	return 0;
}

static void discover(void)
{
	tiny_run(&fixture.kernel, 0, fixture.bash);
	tiny_run(&fixture.kernel, 1, fixture.env);
	observer_discover(&fixture.observer, 0);
}

static void arm(const char *settings)
{
	observer_start(&fixture.observer, &fixture.kernel, settings);
	discover();
	g_free(observer_take(&fixture.observer));
}

#define WANTED "dump=/a/folder\n"

/** The vCPU's task deletes that file. */
static void delete (unsigned vcpu, uint64_t file)
{
	const uint64_t arguments[6] = { file };

	assert_true(tiny_call(&fixture.kernel, vcpu, "delete", 0, arguments));
	tiny_leave(&fixture.kernel, vcpu);
}

static void told(const char *expected)
{
	observer_told(&fixture.observer, expected);
}

static uint64_t page(unsigned number)
{
	return fixture.memory + number * PAGE;
}

/** Page by page from the file's start on, as it is in memory. */
static void set_pages(struct file *file, uint64_t size, unsigned count)
{
	file->size = size;
	for (unsigned i = 0; i < count; i++) {
		file->pieces[i].offset = i * PAGE;
		file->pieces[i].physical = page(i);
		file->pieces[i].size = PAGE;
	}
}

/* What is told ----------------------------------------------------------------------------------*/

static void test_not_wanted(void **state)
{
	(void)state;
	arm("dump_max_size=1M\n");
	set_pages(&files[0], 2 * PAGE, 2);
	delete (0, 0);
	delete (0, 0);
	told(BASH "#1: SeqNum=0\n" BASH "#2: SeqNum=0\n");
	assert_int_equal(files[0].limit, 0);
}

/** Pages that follow each other, in the file and in no order in memory, are one piece. */
static void test_pages(void **state)
{
	(void)state;
	arm(WANTED);
	files[0] = (struct file){
		.size = 3 * PAGE,
		.pieces = { { 0, page(5), PAGE },
			    { PAGE, page(3), PAGE },
			    { 2 * PAGE, page(9), PAGE } },
	};
	delete (0, 0);
	told(BASH "#1: SeqNum=1\ncontent 1 of 12288\ncontent at 0+12288: 00002560\ncontent end\n");
	assert_true(files[0].limit == UINT64_C(256) << 20);
}

static void test_empty(void **state)
{
	(void)state;
	arm(WANTED);
	files[0].pieces[0].physical = page(0);
	files[0].pieces[0].size = PAGE;
	delete (0, 0);
	told(BASH "#1: SeqNum=1\ncontent 1 of 0\ncontent end\n");
	assert_false(files[0].taken[0]);
}

static void test_nothing_is_there(void **state)
{
	(void)state;
	arm(WANTED);
	files[0].size = 5000;
	delete (0, 0);
	told(BASH "#1: SeqNum=1\ncontent 1 of 5000\ncontent end\n");
}

static void test_hole(void **state)
{
	(void)state;
	arm(WANTED);
	files[0] = (struct file){
		.size = 9 * PAGE,
		.pieces = { { PAGE, page(1), PAGE },
			    { 4 * PAGE, page(4), PAGE },
			    { 5 * PAGE, page(5), PAGE } },
	};
	delete (0, 0);
	told(BASH "#1: SeqNum=1\ncontent 1 of 36864\ncontent at 4096+4096: 00000512\n"
		  "content at 16384+8192: 00002048\ncontent end\n");
}

/** The last page of a file has more in it than the file. */
static void test_length(void **state)
{
	(void)state;
	arm(WANTED);
	set_pages(&files[0], PAGE + 5, 3);
	delete (0, 0);
	told(BASH "#1: SeqNum=1\ncontent 1 of 4101\ncontent at 0+4101: 00000000\ncontent end\n");
	assert_true(files[0].taken[0] && files[0].taken[1]);
	assert_false(files[0].taken[2]);
}

static void test_limit(void **state)
{
	(void)state;
	arm(WANTED "dump_max_size=5000\n");
	set_pages(&files[0], 100 * PAGE, 3);
	set_pages(&files[1], 5000, 2);
	delete (0, 0);
	delete (1, 1);
	told(BASH
	     "#1: SeqNum=1\ncontent 1 of 409600\ncontent at 0+5000: 00000000\ncontent end\n" ENV
	     "#2: SeqNum=2\ncontent 2 of 5000\ncontent at 0+5000: 00000000\ncontent end\n");
	assert_int_equal(files[0].limit, 5000);
	assert_false(files[0].taken[2]);
}

static void test_limit_that_is_wrong(void **state)
{
	static const char *const wrong[] = { "[wyvern]\ndump_max_size=much\n",
					     "[wyvern]\ndump_max_total=0\n" };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct wv_session *session = wv_session_create(2, wrong[i], NULL);
		g_autoptr(GError) error = NULL;

		assert_null(wv_monitor_new(&fixture.kernel.mock.machine, session, &error));
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
		wv_session_free(session);
	}
}

/** Physical addresses are the guest's word: where there is no memory, something is missing. */
static void test_unreadable(void **state)
{
	(void)state;
	arm(WANTED);
	files[0] = (struct file){
		.size = 9 * PAGE,
		.pieces = { { 0, BEYOND, PAGE },
			    { PAGE, page(1), PAGE },
			    { 2 * PAGE, UINT64_MAX - PAGE + 1, PAGE },
			    { 3 * PAGE, page(3), PAGE },
			    { 4 * PAGE, page(4), PAGE },
			    { 5 * PAGE, UINT64_MAX - 5, PAGE },
			    { 6 * PAGE, fixture.kernel.mock.ram_size - 1, PAGE } },
	};
	delete (0, 0);
	told(BASH "#1: SeqNum=1\ncontent 1 of 36864\ncontent at 4096+4096: 00000512\n"
		  "content at 12288+8192: 00001536\ncontent end\n");
	for (unsigned i = 0; i < 7; i++)
		assert_true(files[0].taken[i]); /* it goes on */
}

static void test_all_unreadable(void **state)
{
	(void)state;
	arm(WANTED);
	files[0] = (struct file){
		.size = 2 * PAGE,
		.pieces = { { 0, BEYOND, PAGE }, { PAGE, BEYOND, PAGE } },
	};
	delete (0, 0);
	told(BASH "#1: SeqNum=1\ncontent 1 of 8192\ncontent end\n");
}

/** What comes again, or does not rise, is left out. */
static void test_offsets_that_go_back(void **state)
{
	(void)state;
	arm(WANTED);
	files[0] = (struct file){
		.size = 9 * PAGE,
		.pieces = { { 0, page(0), PAGE },
			    { 0, page(5), PAGE },
			    { PAGE - 1, page(5), PAGE },
			    { PAGE, page(1), PAGE },
			    { UINT64_MAX, page(5), PAGE },
			    { 3 * PAGE, BEYOND, PAGE },
			    { 2 * PAGE, page(5), PAGE }, /* behind what was told, and too late */
			    { 4 * PAGE, page(4), PAGE } },
	};
	delete (0, 0);
	told(BASH "#1: SeqNum=1\ncontent 1 of 36864\ncontent at 0+8192: 00000000\n"
		  "content at 16384+4096: 00002048\ncontent end\n");
}

/** A large folio: several pieces, cut at the file's length. */
static void test_large_folio(void **state)
{
	(void)state;
	arm(WANTED);
	files[0] = (struct file){
		.size = 150000,
		.pieces = { { 0, page(1), 96 }, { 96, page(2), 64 * PAGE } },
	};
	delete (0, 0);
	told(BASH "#1: SeqNum=1\ncontent 1 of 150000\ncontent at 0+65536: 00000512\n"
		  "content at 65536+65536: 00009204\ncontent at 131072+18928: 00017396\n"
		  "content end\n");
}

/* Several vCPUs ---------------------------------------------------------------------------------*/

static void delete_on_the_other(void)
{
	delete (1, 1);
}

/** In the midst of one vCPU's content another one sends its own: each is whole. */
static void test_two_vcpus(void **state)
{
	(void)state;
	arm(WANTED);
	set_pages(&files[0], 2 * PAGE, 2);
	set_pages(&files[1], 100, 1);
	files[0].pieces[1].offset = 2 * PAGE; /* for two pieces of it */
	files[0].size = 3 * PAGE;
	files[0].between = delete_on_the_other;
	delete (0, 0);
	told(BASH "#1: SeqNum=1\ncontent 1 of 12288\n" ENV "#2: SeqNum=2\ncontent 2 of 100\n"
		  "content at 0+100: 00000000\ncontent end\n"
		  "content at 0+4096: 00000000\ncontent at 8192+4096: 00000512\ncontent end\n");
}

static void test_restart(void **state)
{
	struct wv_machine *machine = &fixture.kernel.mock.machine;

	(void)state;
	arm(WANTED);
	delete (0, 0);
	machine->events->reset(machine->owner, 0);
	tiny_reboot(&fixture.kernel, 0xffffffffab000000);
	fixture.bash = tiny_task(&fixture.kernel, 12, 0, "/usr/bin/bash", NULL);
	fixture.env = tiny_task(&fixture.kernel, 13, 12, "/usr/bin/env", NULL);
	discover();
	g_free(observer_take(&fixture.observer));
	delete (0, 0); /* no number comes twice */
	told(BASH "#2: SeqNum=2\ncontent 2 of 0\ncontent end\n");
}

/* Slow readers ----------------------------------------------------------------------------------*/

#define RINGS 2u

/** What a reader has put together of each ring's contents. */
struct reading {
	uint64_t begun[RINGS], ended[RINGS], bytes[RINGS], next[RINGS], gaps[RINGS];
	unsigned wrong; /* bytes that are not the file's */
	bool numbers[4096];
	unsigned twice; /* numbers that came before */
	gulong slow_us;
};

static void read_row(void *owner, const struct wv_row *row)
{
	(void)owner;
	(void)row;
}

static void read_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	(void)owner;
	(void)level;
	(void)text;
}

static void read_status(void *owner, const struct wv_status_note *note)
{
	(void)owner;
	(void)note;
}

/** Of long files: the memory, again and again; see set_long(). */
static void read_content(void *owner, unsigned ring, const struct wv_row *row,
			 const struct wv_content_piece *piece)
{
	const uint64_t memory_size = MEMORY_PAGES * PAGE;
	const uint8_t *memory = mock_at(&fixture.kernel.mock, fixture.memory);
	struct reading *reading = owner;

	if (row) {
		reading->begun[ring]++;
		reading->next[ring] = 0;
		reading->twice += reading->numbers[row->content];
		reading->numbers[row->content] = true;
		return;
	}
	if (piece->step == WV_CONTENT_END) {
		reading->ended[ring]++;
		return;
	}
	reading->gaps[ring] += piece->offset != reading->next[ring];
	reading->next[ring] = piece->offset + piece->bytes.size;
	reading->bytes[ring] += piece->bytes.size;
	for (size_t at = 0; at < piece->bytes.size;) {
		uint64_t in_memory = (piece->offset + at) % memory_size;
		size_t part = MIN(piece->bytes.size - at, memory_size - in_memory);

		reading->wrong += memcmp(piece->bytes.data + at, memory + in_memory, part) != 0;
		at += part;
	}
	if (reading->slow_us)
		g_usleep(reading->slow_us);
}

static const struct wv_reader_events reading_events = { read_row, read_message, read_status,
							read_content };

/** From now on another reader reads: what was told before is in nobody's way. */
static struct wv_reader *start_reading(struct reading *reading)
{
	struct wv_reader *reader = wv_reader_new(fixture.observer.session, wv_plugins_schema(),
						 &reading_events, reading);

	wv_reader_free(fixture.observer.reader);
	fixture.observer.reader = reader;
	return reader;
}

/** So many times the memory. */
static void set_long(struct file *file, unsigned times)
{
	*file = (struct file){
		.size = times * MEMORY_PAGES * PAGE,
		.repeat = times - 1,
		.pieces = { { 0, fixture.memory, MEMORY_PAGES * PAGE } },
	};
}

static void arm_for_reading(const char *settings)
{
	observer_start(&fixture.observer, &fixture.kernel, settings);
	discover();
}

struct deleting {
	unsigned vcpu, times;
	bool done;
};

static gpointer delete_many(gpointer data)
{
	struct deleting *deleting = data;

	for (unsigned i = 0; i < deleting->times; i++)
		delete (deleting->vcpu, deleting->vcpu);
	__atomic_store_n(&deleting->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/** Both vCPUs delete files that are longer than a ring; the reader takes its time. */
static void check_both(struct reading *reading, unsigned times)
{
	struct deleting deleting[RINGS] = { { 0, times, false }, { 1, times, false } };
	struct wv_reader *reader = start_reading(reading);
	GThread *threads[RINGS];
	bool done = false;

	for (unsigned i = 0; i < RINGS; i++) {
		set_long(&files[i], 4);
		threads[i] = g_thread_new("vcpu", delete_many, &deleting[i]);
	}
	while (!done) {
		done = __atomic_load_n(&deleting[0].done, __ATOMIC_ACQUIRE) &&
		       __atomic_load_n(&deleting[1].done, __ATOMIC_ACQUIRE);
		wv_reader_poll(reader, done);
	}
	for (unsigned i = 0; i < RINGS; i++)
		g_thread_join(threads[i]);
	while (wv_reader_poll(reader, true))
		;
	assert_int_equal(wv_reader_broken(reader), 0);
	assert_int_equal(reading->wrong, 0);
	assert_int_equal(reading->twice, 0);
}

static void test_slow_reader(void **state)
{
	struct reading reading = { .slow_us = 100 };

	(void)state;
	arm_for_reading(WANTED);
	check_both(&reading, 20);
	for (unsigned i = 0; i < RINGS; i++) {
		assert_int_equal(reading.begun[i], 20);
		assert_int_equal(reading.ended[i], 20);
		assert_int_equal(reading.bytes[i], 20 * files[i].size);
		assert_int_equal(reading.gaps[i], 0);
	}
	assert_true(OBSERVER_COUNT(&fixture.observer, waits) > 0);
	assert_int_equal(OBSERVER_COUNT(&fixture.observer, dropped), 0);
}

/** What comes is in its place, whatever does not come. */
static void test_slow_reader_and_dropping(void **state)
{
	struct reading reading = { .slow_us = 1000 };

	(void)state;
	arm_for_reading(WANTED "drop_when_slow=true\n");
	check_both(&reading, 20);
	assert_true(OBSERVER_COUNT(&fixture.observer, dropped) > 0);
	for (unsigned i = 0; i < RINGS; i++) {
		assert_in_range(reading.begun[i], 1, 20);
		assert_true(reading.ended[i] <= reading.begun[i]);
		assert_in_range(reading.bytes[i], 1, 20 * files[i].size - 1);
	}
}

/** An event that is dropped has no content. */
static void test_event_that_is_dropped(void **state)
{
	const struct wv_counters *counters;
	uint64_t dropped;

	(void)state;
	arm(WANTED "drop_when_slow=true\n");
	counters = &wv_session_ring(fixture.observer.session, 0)->counters;
	set_long(&files[0], 1);
	do {
		dropped = counters->dropped;
		delete (0, 0);
	} while (counters->dropped == dropped);
	/* now small ones, until not even an event fits */
	files[0].pieces[0].size = 8;
	do {
		dropped = counters->dropped;
		delete (0, 0);
	} while (files[0].taken[0]);
	assert_int_equal(counters->dropped, dropped + 1);
	g_free(observer_take(&fixture.observer));
	/* and it goes on when there is room again */
	set_pages(&files[0], 5, 1);
	delete (0, 0);

	g_autofree char *text = observer_take(&fixture.observer);

	assert_non_null(strstr(text, " of 5\ncontent at 0+5: 00000\ncontent end\n"));
}

/** Nobody reads any more: the guest goes on, and no more is read of it. */
static void test_reader_that_is_gone(void **state)
{
	unsigned full = 0;

	(void)state;
	arm(WANTED);
	wv_session_close(fixture.observer.session);
	set_long(&files[0], 2);
	files[0].pieces[1] = files[0].pieces[0];
	files[0].pieces[1].offset = files[0].pieces[0].size;
	files[0].repeat = 0;
	for (unsigned i = 0; i < 10; i++) {
		delete (0, 0);
		full += !files[0].taken[1];
	}
	assert_true(full >= 9);
	assert_int_equal(OBSERVER_COUNT(&fixture.observer, waits), 0);
	/* two each at the most: an event, or the piece that did not fit */
	assert_true(OBSERVER_COUNT(&fixture.observer, dropped) <= 20);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_not_wanted),
		WITH(test_pages),
		WITH(test_empty),
		WITH(test_nothing_is_there),
		WITH(test_hole),
		WITH(test_length),
		WITH(test_limit),
		WITH(test_limit_that_is_wrong),
		WITH(test_unreadable),
		WITH(test_all_unreadable),
		WITH(test_offsets_that_go_back),
		WITH(test_large_folio),
		WITH(test_two_vcpus),
		WITH(test_restart),
		WITH(test_slow_reader),
		WITH(test_slow_reader_and_dropping),
		WITH(test_event_that_is_dropped),
		WITH(test_reader_that_is_gone),
	};

	return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
