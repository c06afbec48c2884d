/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes out of a pipe: into a file, up to a limit, on full disks; and its last lines. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "file_limit.h"
#include "sandbox/collect.h"

#define NO_LIMIT UINT64_MAX

struct fixture {
	char *folder;
	char *path;
	int writer;
	struct wv_collect *collect;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.folder = g_dir_make_tmp("wyvern-collect-XXXXXX", NULL);
	fixture.path = g_build_filename(fixture.folder, "console.log", NULL);
	fixture.writer = -1;
	fixture.collect = NULL;
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	wv_collect_free(fixture->collect);
	if (fixture->writer >= 0)
		close(fixture->writer);
	g_unlink(fixture->path);
	g_rmdir(fixture->folder);
	g_free(fixture->path);
	g_free(fixture->folder);
	return 0;
}

static struct wv_collect *start(struct fixture *fixture, const char *path, uint64_t max)
{
	g_autoptr(GError) error = NULL;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	fixture->writer = fds[1];
	fixture->collect = wv_collect_new(fds[0], path, max, &error);
	if (!fixture->collect)
		fail_msg("%s", error->message);
	return fixture->collect;
}

static void put(struct fixture *fixture, const void *data, size_t size)
{
	assert_int_equal(write(fixture->writer, data, size), size);
}

static void put_text(struct fixture *fixture, const char *text)
{
	put(fixture, text, strlen(text));
}

static void assert_polls(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	if (!wv_collect_poll(fixture->collect, &error))
		fail_msg("%s", error->message);
	assert_null(error);
}

/** The writer ends. */
static void assert_finishes(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	close(fixture->writer);
	fixture->writer = -1;
	if (!wv_collect_finish(fixture->collect, &error))
		fail_msg("%s", error->message);
	assert_int_equal(wv_collect_fd(fixture->collect), -1);
}

static void assert_file(const char *path, const char *expected, size_t size)
{
	g_autofree char *text = NULL;
	gsize found;

	assert_true(g_file_get_contents(path, &text, &found, NULL));
	assert_int_equal(found, size);
	assert_memory_equal(text, expected, size);
}

/** @expected: the lines, each in brackets. */
static void assert_tail(struct fixture *fixture, unsigned lines, const char *expected)
{
	g_auto(GStrv) tail = wv_collect_tail(fixture->collect, lines);
	g_autoptr(GString) found = g_string_new(NULL);

	for (char **line = tail; *line; line++)
		g_string_append_printf(found, "[%s]", *line);
	assert_string_equal(found->str, expected);
}

/* Into a file -----------------------------------------------------------------------------------*/

static void test_file(void **state)
{
	struct fixture *fixture = *state;

	assert_true(g_file_set_contents(fixture->path, "of before", -1, NULL));
	start(fixture, fixture->path, NO_LIMIT);
	assert_polls(fixture); /* nothing is there: and it does not wait */
	assert_file(fixture->path, "", 0);
	put(fixture, "a\0b\xff\n", 5);
	assert_polls(fixture);
	assert_file(fixture->path, "a\0b\xff\n", 5);
	put_text(fixture, "more");
	assert_finishes(fixture);
	assert_file(fixture->path, "a\0b\xff\nmore", 9);
	assert_int_equal(wv_collect_bytes(fixture->collect), 9);
	assert_false(wv_collect_truncated(fixture->collect));
	assert_polls(fixture); /* after its end */
}

static void test_writer_that_stays(void **state)
{
	struct fixture *fixture = *state;
	int writer;

	start(fixture, fixture->path, NO_LIMIT);
	put_text(fixture, "text");
	writer = dup(fixture->writer);
	assert_finishes(fixture); /* does not wait for it */
	close(writer);
	assert_file(fixture->path, "text", 4);
}

static void test_writer_that_has_ended(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, fixture->path, NO_LIMIT);
	put_text(fixture, "text");
	close(fixture->writer);
	fixture->writer = -1;
	assert_polls(fixture);
	assert_int_equal(wv_collect_fd(fixture->collect), -1);
	assert_polls(fixture);
	assert_true(wv_collect_finish(fixture->collect, NULL));
	assert_file(fixture->path, "text", 4);
}

static void check_limit(struct fixture *fixture, uint64_t max, const char *expected)
{
	start(fixture, fixture->path, max);
	put_text(fixture, "0123");
	assert_polls(fixture);
	put_text(fixture, "456789");
	assert_polls(fixture);
	assert_int_equal(wv_collect_bytes(fixture->collect), 10);
	assert_int_equal(wv_collect_truncated(fixture->collect), max < 10);
	put_text(fixture, "the end");
	assert_finishes(fixture);
	assert_file(fixture->path, expected, strlen(expected));
	assert_int_equal(wv_collect_bytes(fixture->collect), 17);
	assert_true(wv_collect_truncated(fixture->collect));
	assert_tail(fixture, 1, "[0123456789the end]"); /* of all, not of what was written */
	wv_collect_free(fixture->collect);
	fixture->collect = NULL;
}

static void test_limits(void **state)
{
	check_limit(*state, 0, "");
	check_limit(*state, 1, "0");
	check_limit(*state, 4, "0123");
	check_limit(*state, 7, "0123456");
	check_limit(*state, 10, "0123456789");
}

static void test_just_as_much_as_may_be(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, fixture->path, 4);
	put_text(fixture, "0123");
	assert_finishes(fixture);
	assert_false(wv_collect_truncated(fixture->collect));
}

/** Writes without end, until told. */
static gpointer write_on(gpointer data)
{
	int fd = GPOINTER_TO_INT(data);
	char block[65536];

	memset(block, 'x', sizeof(block));
	while (write(fd, block, sizeof(block)) > 0)
		;
	close(fd);
	return NULL;
}

static void test_a_poll_is_bounded(void **state)
{
	struct fixture *fixture = *state;
	GThread *thread;
	uint64_t before;

	signal(SIGPIPE, SIG_IGN);
	start(fixture, NULL, NO_LIMIT);
	fcntl(fixture->writer, F_SETFL, 0);
	thread = g_thread_new("writer", write_on, GINT_TO_POINTER(fixture->writer));
	fixture->writer = -1;
	for (unsigned i = 0; i < 20; i++) {
		before = wv_collect_bytes(fixture->collect);
		assert_polls(fixture);
		assert_true(wv_collect_bytes(fixture->collect) - before < (2 << 20));
	}
	before = wv_collect_bytes(fixture->collect);
	assert_true(
		wv_collect_finish(fixture->collect, NULL)); /* ends, though the writer does not */
	assert_true(wv_collect_bytes(fixture->collect) - before < (17 << 20));
	g_thread_join(thread);
}

/* Files that can not be written -----------------------------------------------------------------*/

static void test_no_such_folder(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = g_build_filename(fixture->folder, "none", "log", NULL);
	g_autoptr(GError) error = NULL;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_null(wv_collect_new(fds[0], path, 1, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
	assert_non_null(strstr(error->message, path));
	assert_int_equal(fcntl(fds[0], F_GETFD), -1); /* it was taken */
	close(fds[1]);
}

static void assert_full_once(struct fixture *fixture, int reason)
{
	g_autoptr(GError) error = NULL;

	assert_false(wv_collect_poll(fixture->collect, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
	assert_non_null(strstr(error->message, g_strerror(reason)));
	assert_true(wv_collect_truncated(fixture->collect));
	put_text(fixture, "more\nlast\n");
	assert_polls(fixture);
	assert_tail(fixture, 1, "[last]");
	assert_finishes(fixture);
}

static void test_full_device(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, "/dev/full", NO_LIMIT);
	put_text(fixture, "text\n");
	assert_full_once(fixture, ENOSPC);
	assert_int_equal(wv_collect_bytes(fixture->collect), 15);
}

static int unlimit_files(void **state)
{
	return file_limit_end() ? teardown(state) : -1;
}

static void test_disk_gets_full(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, fixture->path, NO_LIMIT);
	file_limit_begin(6);
	put_text(fixture, "0123");
	assert_polls(fixture);
	put_text(fixture, "4567");
	assert_full_once(fixture, EFBIG);
	file_limit_begin(RLIM_INFINITY);
	assert_file(fixture->path, "012345", 6);
}

static void test_disk_is_full_at_the_end(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GError) error = NULL;

	start(fixture, "/dev/full", NO_LIMIT);
	put_text(fixture, "text");
	assert_false(wv_collect_finish(fixture->collect, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
	assert_true(wv_collect_finish(fixture->collect, NULL));
	assert_tail(fixture, 1, "[text]");
}

/* The tail --------------------------------------------------------------------------------------*/

static void check_tail(struct fixture *fixture, const char *text, size_t size, unsigned lines,
		       const char *expected)
{
	start(fixture, NULL, 0);
	put(fixture, text, size);
	assert_finishes(fixture);
	assert_false(wv_collect_truncated(fixture->collect)); /* there is no file */
	assert_tail(fixture, lines, expected);
	wv_collect_free(fixture->collect);
	fixture->collect = NULL;
}

#define CHECK_TAIL(state, text, lines, expected)                                                   \
	check_tail((state), (text), sizeof(text) - 1, (lines), (expected))

static void test_tail(void **state)
{
	CHECK_TAIL(*state, "", 5, "");
	CHECK_TAIL(*state, "\n", 5, "[]");
	CHECK_TAIL(*state, "a", 5, "[a]");
	CHECK_TAIL(*state, "a\n", 5, "[a]");
	CHECK_TAIL(*state, "a\nb", 5, "[a][b]");
	CHECK_TAIL(*state, "a\nb\nc\n", 0, "");
	CHECK_TAIL(*state, "a\nb\nc\n", 1, "[c]");
	CHECK_TAIL(*state, "a\nb\nc\n", 2, "[b][c]");
	CHECK_TAIL(*state, "a\nb\nc\n", 3, "[a][b][c]");
	CHECK_TAIL(*state, "a\nb\nc\n", 4, "[a][b][c]");
	CHECK_TAIL(*state, "\na\n\n\n", 4, "[][a][][]");
	CHECK_TAIL(*state, "a\nb\nc\n", G_MAXUINT, "[a][b][c]");
}

static void test_tail_is_only_text(void **state)
{
	CHECK_TAIL(*state, "a\r\nb\r\r\n", 5, "[a][b]");
	CHECK_TAIL(*state, "\x1b[2Ja\tb\x07\x7f", 5, "[?[2Ja b??]");
	CHECK_TAIL(*state, "a\0b", 5, "[a?b]");
	CHECK_TAIL(*state, "\xc3\xa4\xff\xc3\xe2\x82\xac\xed\xa0\x80", 5,
		   "[\xc3\xa4??\xe2\x82\xac???]");
	CHECK_TAIL(*state, "\xc3", 5, "[?]");		       /* cut off */
	CHECK_TAIL(*state, "\xc2\x9b\xe2\x80\xae", 5, "[??]"); /* CSI; right to left */
}

static void test_tail_of_long_lines(void **state)
{
	g_autofree char *full = g_strnfill(200, 'x'), *more = g_strnfill(201, 'x');
	g_autofree char *expected = g_strdup_printf("[%s]", full);
	g_autofree char *almost = g_strnfill(199, 'x');
	g_autofree char *split = g_strconcat(almost, "\xc3\xa4", NULL);
	g_autofree char *whole = g_strdup_printf("[%s]", almost);

	check_tail(*state, full, 200, 1, expected);
	check_tail(*state, more, 201, 1, expected);
	check_tail(*state, split, 201, 1, whole); /* no half of a character */
}

static void test_tail_of_much(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GString) expected = g_string_new(NULL);
	unsigned line = 0;

	start(fixture, NULL, 0);
	for (unsigned i = 0; i < 300; i++) {
		for (unsigned j = 0; j < 1 + i % 90; j++) {
			g_autofree char *text = g_strdup_printf("line %u\r\n", ++line);

			put_text(fixture, text);
		}
		assert_polls(fixture);
	}
	for (unsigned i = line - WV_COLLECT_LINES_MAX + 1; i <= line; i++)
		g_string_append_printf(expected, "[line %u]", i);
	assert_tail(fixture, 1000, expected->str);
}

static void test_tail_of_one_endless_line(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *block = g_strnfill(1000, 'x');
	g_autofree char *shown = g_strnfill(200, 'x');
	g_autofree char *expected = g_strdup_printf("[%s]", shown);

	start(fixture, NULL, 0);
	for (unsigned i = 0; i < 200; i++) {
		put_text(fixture, block);
		assert_polls(fixture);
	}
	assert_tail(fixture, 5, expected);
	/* a line of which the beginning is lost gives way to those that are whole */
	put_text(fixture, "\nlast\n");
	assert_polls(fixture);
	assert_tail(fixture, 5, "[last]");
}

#define WITH(name)    cmocka_unit_test_setup_teardown(name, setup, teardown)
#define LIMITED(name) cmocka_unit_test_setup_teardown(name, setup, unlimit_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_file),
		WITH(test_writer_that_stays),
		WITH(test_writer_that_has_ended),
		WITH(test_limits),
		WITH(test_just_as_much_as_may_be),
		WITH(test_a_poll_is_bounded),
		WITH(test_no_such_folder),
		WITH(test_full_device),
		LIMITED(test_disk_gets_full),
		WITH(test_disk_is_full_at_the_end),
		WITH(test_tail),
		WITH(test_tail_is_only_text),
		WITH(test_tail_of_long_lines),
		WITH(test_tail_of_much),
		WITH(test_tail_of_one_endless_line),
	};

	return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
