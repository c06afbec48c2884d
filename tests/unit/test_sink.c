/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sinks: whole lines in files, on full disks and closed pipes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "file_limit.h"
#include "output/sink.h"

#define LINE	  "a line of 32 characters, its end\n"
#define LINE_SIZE (sizeof(LINE) - 1)

struct fixture {
	char *folder;
	char *path;
	struct wv_sink *sink;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.folder = g_dir_make_tmp("wyvern-sink-XXXXXX", NULL);
	fixture.path = g_build_filename(fixture.folder, "output", NULL);
	fixture.sink = NULL;
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	wv_sink_free(fixture->sink);
	g_unlink(fixture->path);
	g_rmdir(fixture->folder);
	g_free(fixture->path);
	g_free(fixture->folder);
	return 0;
}

static struct wv_sink *open_sink(struct fixture *fixture, const char *path)
{
	g_autoptr(GError) error = NULL;

	fixture->sink = wv_sink_open(path, &error);
	if (!fixture->sink)
		fail_msg("%s", error->message);
	return fixture->sink;
}

static void add_lines(struct wv_sink *sink, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		g_string_append(wv_sink_buffer(sink), LINE);
}

static void assert_flushes(struct wv_sink *sink)
{
	g_autoptr(GError) error = NULL;

	if (!wv_sink_flush(sink, &error))
		fail_msg("%s", error->message);
	assert_int_equal(wv_sink_buffer(sink)->len, 0);
}

/** The flush fails, for that reason; and so does each one after it, without more being written. */
static void assert_fails(struct wv_sink *sink, const char *name, int reason)
{
	for (unsigned i = 0; i < 3; i++) {
		g_autoptr(GError) error = NULL;

		assert_false(wv_sink_flush(sink, &error));
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
		assert_non_null(strstr(error->message, name));
		assert_non_null(strstr(error->message, g_strerror(reason)));
		assert_int_equal(wv_sink_buffer(sink)->len, 0);
		add_lines(sink, 10);
	}
	assert_false(wv_sink_flush(sink, NULL));
}

static void assert_contains(const char *path, const char *expected)
{
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, expected);
}

/** The file holds so many lines, and nothing else. */
static void assert_lines(const char *path, unsigned count)
{
	g_autoptr(GString) expected = g_string_new(NULL);

	for (unsigned i = 0; i < count; i++)
		g_string_append(expected, LINE);
	assert_contains(path, expected->str);
}

/* Files -----------------------------------------------------------------------------------------*/

static void test_file(void **state)
{
	struct fixture *fixture = *state;
	struct wv_sink *sink;

	assert_true(g_file_set_contents(fixture->path, "what was there before", -1, NULL));
	sink = open_sink(fixture, fixture->path);
	assert_contains(fixture->path, "");
	g_string_append(wv_sink_buffer(sink), "one\ntwo\n");
	assert_contains(fixture->path, ""); /* written by the flush */
	assert_flushes(sink);
	assert_contains(fixture->path, "one\ntwo\n");
	assert_flushes(sink);
	g_string_append(wv_sink_buffer(sink), "three\n");
	assert_flushes(sink);
	assert_contains(fixture->path, "one\ntwo\nthree\n");
}

static void test_bytes_are_kept(void **state)
{
	struct fixture *fixture = *state;
	struct wv_sink *sink = open_sink(fixture, fixture->path);
	g_autofree char *text = NULL;
	gsize size;

	g_string_append_len(wv_sink_buffer(sink), "a\0b\xff\n", 5);
	assert_flushes(sink);
	assert_true(g_file_get_contents(fixture->path, &text, &size, NULL));
	assert_int_equal(size, 5);
	assert_memory_equal(text, "a\0b\xff\n", 5);
}

static void test_closing_writes_nothing(void **state)
{
	struct fixture *fixture = *state;

	add_lines(open_sink(fixture, fixture->path), 3);
	wv_sink_free(fixture->sink);
	fixture->sink = NULL;
	assert_contains(fixture->path, "");
	wv_sink_free(NULL);
}

static void test_many_lines(void **state)
{
	struct fixture *fixture = *state;

	add_lines(open_sink(fixture, fixture->path), 100000);
	assert_flushes(fixture->sink);
	assert_lines(fixture->path, 100000);
}

static void test_file_that_can_not_be_opened(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GError) error = NULL;

	assert_null(wv_sink_open(fixture->folder, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	assert_non_null(strstr(error->message, fixture->folder));
}

/* Standard output -------------------------------------------------------------------------------*/

static void check_standard_output(struct fixture *fixture, const char *path)
{
	int before, file = open(fixture->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct wv_sink *sink;
	bool done;

	/* the test's own output goes there too: nothing is asserted in between */
	fflush(stdout);
	before = dup(STDOUT_FILENO);
	dup2(file, STDOUT_FILENO);
	sink = wv_sink_open(path, NULL);
	add_lines(sink, 2);
	done = wv_sink_flush(sink, NULL);
	wv_sink_free(sink);
	done &= fcntl(STDOUT_FILENO, F_GETFD) >= 0; /* and it is still open */
	dup2(before, STDOUT_FILENO);
	close(before);
	close(file);
	assert_true(done);
	assert_lines(fixture->path, 2);
}

static void test_standard_output(void **state)
{
	check_standard_output(*state, NULL);
	check_standard_output(*state, "-");
}

/* Full disks ------------------------------------------------------------------------------------*/

static void test_device_that_is_full(void **state)
{
	struct fixture *fixture = *state;
	struct wv_sink *sink = open_sink(fixture, "/dev/full");

	assert_flushes(sink); /* of nothing */
	add_lines(sink, 3);
	assert_fails(sink, "/dev/full", ENOSPC);
}

static int unlimit_files(void **state)
{
	return file_limit_end() ? teardown(state) : -1;
}

static void test_disk_gets_full_in_a_line(void **state)
{
	struct fixture *fixture = *state;

	/* wherever the disk ends: all lines that fit are there, and no part of another */
	for (unsigned room = 0; room <= 3 * LINE_SIZE; room++) {
		struct wv_sink *sink = open_sink(fixture, fixture->path);

		file_limit_begin(room);
		add_lines(sink, 4);
		assert_fails(sink, fixture->path, EFBIG);
		file_limit_begin(RLIM_INFINITY);
		assert_lines(fixture->path, room / LINE_SIZE);
		wv_sink_free(sink);
		fixture->sink = NULL;
	}
}

static void test_disk_gets_full_after_some_flushes(void **state)
{
	struct fixture *fixture = *state;
	struct wv_sink *sink = open_sink(fixture, fixture->path);

	file_limit_begin(10 * LINE_SIZE + 5);
	for (unsigned i = 0; i < 3; i++) {
		add_lines(sink, 3);
		assert_flushes(sink);
	}
	add_lines(sink, 3);
	assert_fails(sink, fixture->path, EFBIG);
	file_limit_begin(RLIM_INFINITY);
	assert_lines(fixture->path, 10);
	/* there is room again, but lines are missing by now: nothing more is written */
	assert_fails(sink, fixture->path, EFBIG);
	assert_lines(fixture->path, 10);
}

static void test_one_line_longer_than_the_disk(void **state)
{
	struct fixture *fixture = *state;
	struct wv_sink *sink = open_sink(fixture, fixture->path);
	g_autofree char *line = g_strnfill(5000, 'x');

	add_lines(sink, 1);
	assert_flushes(sink);
	file_limit_begin(1000);
	g_string_append(wv_sink_buffer(sink), line);
	g_string_append_c(wv_sink_buffer(sink), '\n');
	assert_fails(sink, fixture->path, EFBIG);
	file_limit_begin(RLIM_INFINITY);
	assert_lines(fixture->path, 1);
}

/* Pipes -----------------------------------------------------------------------------------------*/

static void test_pipe_that_is_closed(void **state)
{
	struct fixture *fixture = *state;
	char line[LINE_SIZE + 1] = "";
	struct wv_sink *sink;
	int reader;

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	reader = open(fixture->path, O_RDONLY | O_NONBLOCK);
	sink = open_sink(fixture, fixture->path);
	add_lines(sink, 1);
	assert_flushes(sink);
	assert_int_equal(read(reader, line, sizeof(line)), LINE_SIZE);
	assert_string_equal(line, LINE);
	close(reader);
	add_lines(sink, 1);
	assert_fails(sink, fixture->path, EPIPE);
}

#define WITH(name)    cmocka_unit_test_setup_teardown(name, setup, teardown)
#define LIMITED(name) cmocka_unit_test_setup_teardown(name, setup, unlimit_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_file),
		WITH(test_bytes_are_kept),
		WITH(test_closing_writes_nothing),
		WITH(test_many_lines),
		WITH(test_file_that_can_not_be_opened),
		WITH(test_standard_output),
		WITH(test_device_that_is_full),
		LIMITED(test_disk_gets_full_in_a_line),
		LIMITED(test_disk_gets_full_after_some_flushes),
		LIMITED(test_one_line_longer_than_the_disk),
		WITH(test_pipe_that_is_closed),
	};

	return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}
