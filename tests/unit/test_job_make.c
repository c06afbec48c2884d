/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Jobs as they are made for the launcher: byte by byte what job.h says, and read by the launcher's
 * own code.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "launcher/launcher.h"
#include "sandbox/job_make.h"

static const char sample[] = "#!/bin/sh\0\n";

static const struct wv_job small = {
	.data = sample,
	.size = sizeof(sample),
	.path = "/tmp/x",
	.user = "root",
};

/** A job's bytes, and what the launcher makes of them. */
struct made {
	uint8_t *data;
	size_t size;
	struct wv_job_head head;
	struct wv_order order;
};

static int make_fd(const struct wv_job *job)
{
	g_autoptr(GError) error = NULL;
	int fd = wv_job_make(job, &error);

	if (fd < 0)
		fail_msg("%s", error->message);
	assert_null(error);
	return fd;
}

static void make(struct made *made, const struct wv_job *job)
{
	struct stat info;
	struct wv_why why = { "" };
	int fd = make_fd(job);

	assert_int_equal(fstat(fd, &info), 0);
	made->size = (size_t)info.st_size;
	made->data = g_malloc(made->size);
	assert_int_equal(pread(fd, made->data, made->size, 0), made->size);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);

	assert_true(made->size >= sizeof(made->head));
	memcpy(&made->head, made->data, sizeof(made->head));
	assert_int_equal(made->size,
			 sizeof(made->head) + made->head.strings_size + made->head.file_size);
	if (!wv_order_parse(&made->order, &made->head, (char *)made->data + sizeof(made->head),
			    &why))
		fail_msg("%s", why.text);
	assert_int_equal(made->head.file_size, job->size);
	assert_memory_equal(made->data + made->size - job->size, job->data, job->size);
}

static void unmake(struct made *made)
{
	free(made->order.arguments);
	free(made->order.environment);
	g_free(made->data);
}

static void test_bytes(void **state)
{
	static const char strings[] = "/tmp/x\0root\0";
	uint64_t before = (uint64_t)time(NULL);
	struct made made;

	(void)state;
	make(&made, &small);
	assert_int_equal(made.head.magic, WV_JOB_MAGIC);
	assert_memory_equal(made.data, "WYWVJOB1", 8);
	assert_int_equal(made.head.flags, 0);
	assert_int_equal(made.head.reserved, 0);
	assert_int_equal(made.head.n_arguments, 0);
	assert_int_equal(made.head.n_environment, 0);
	/* the path, the user, and no folder */
	assert_int_equal(made.head.strings_size, sizeof(strings));
	assert_memory_equal(made.data + sizeof(made.head), strings, sizeof(strings));
	assert_in_range(made.head.time_ns / 1000000000, before, before + 60);
	unmake(&made);
}

static void test_texts(void **state)
{
	char *arguments[] = { (char *)"-x", (char *)"", (char *)"two words", (char *)"\xff\n",
			      NULL };
	char *environment[] = { (char *)"A=1", (char *)"EMPTY=", NULL };
	struct wv_job job = small;
	struct made made;

	(void)state;
	job.user = "1000";
	job.arguments = arguments;
	job.environment = environment;
	job.network = true;
	make(&made, &job);
	assert_int_equal(made.head.flags, WV_JOB_NETWORK);
	assert_string_equal(made.order.path, "/tmp/x");
	assert_string_equal(made.order.user, "1000");
	assert_string_equal(made.order.folder, "");
	assert_int_equal(made.head.n_arguments, 4);
	assert_string_equal(made.order.arguments[0], "/tmp/x");
	for (unsigned i = 0; i < 4; i++)
		assert_string_equal(made.order.arguments[1 + i], arguments[i]);
	assert_null(made.order.arguments[5]);
	assert_int_equal(made.head.n_environment, 2);
	assert_string_equal(made.order.environment[0], "A=1");
	assert_string_equal(made.order.environment[1], "EMPTY=");
	assert_null(made.order.environment[2]);
	unmake(&made);
}

static void test_empty_sample(void **state)
{
	char *none[] = { NULL };
	struct wv_job job = small;
	struct made made;

	(void)state;
	job.data = "";
	job.size = 0;
	job.arguments = none;
	job.environment = none;
	make(&made, &job);
	assert_int_equal(made.head.n_arguments, 0);
	unmake(&made);
}

/** Two clones must not have the same random numbers. */
static void test_entropy(void **state)
{
	static const uint8_t zeros[WV_JOB_ENTROPY];
	struct made first, second;

	(void)state;
	make(&first, &small);
	make(&second, &small);
	assert_memory_not_equal(first.head.entropy, second.head.entropy, WV_JOB_ENTROPY);
	assert_memory_not_equal(first.head.entropy, zeros, WV_JOB_ENTROPY);
	assert_memory_not_equal(first.head.entropy + WV_JOB_ENTROPY / 2, zeros, WV_JOB_ENTROPY / 2);
	assert_true(second.head.time_ns >= first.head.time_ns);
	unmake(&first);
	unmake(&second);
}

static void test_large_sample(void **state)
{
	g_autofree char *data = g_malloc(20 << 20);
	struct wv_job job = small;
	struct made made;

	(void)state;
	for (size_t i = 0; i < 20 << 20; i++)
		data[i] = (char)(i * 3 + i / 1000);
	job.data = data;
	job.size = 20 << 20;
	make(&made, &job);
	unmake(&made);
}

/* Limits ----------------------------------------------------------------------------------------*/

static void assert_too_large(const struct wv_job *job)
{
	g_autoptr(GError) error = NULL;

	assert_int_equal(wv_job_make(job, &error), -1);
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	assert_non_null(strstr(error->message, "too large: at most 512 MiB, and 1024 kiB"));
}

/** Texts of exactly so many bytes, their ends and the fixed ones included. */
static char *texts_of(size_t size)
{
	return g_strnfill(size - sizeof("/tmp/x\0root\0") - 1, 'a');
}

static void test_limit_of_texts(void **state)
{
	g_autofree char *most = texts_of(WV_JOB_STRINGS_MAX);
	g_autofree char *more = texts_of(WV_JOB_STRINGS_MAX + 1);
	char *arguments[] = { most, NULL };
	struct wv_job job = small;
	struct made made;

	(void)state;
	job.arguments = arguments;
	make(&made, &job);
	assert_int_equal(made.head.strings_size, WV_JOB_STRINGS_MAX);
	unmake(&made);
	arguments[0] = more;
	assert_too_large(&job);
	job.arguments = NULL;
	job.environment = arguments;
	assert_too_large(&job);
}

static void test_limit_of_all(void **state)
{
	const size_t rest = sizeof(struct wv_job_head) + sizeof("/tmp/x\0root\0");
	struct wv_job job = small;
	struct rlimit limit;

	(void)state;
	/* what is too large is not even looked at */
	job.data = NULL;
	job.size = WV_JOB_MAX - rest + 1;
	assert_too_large(&job);
	job.size = WV_JOB_MAX;
	assert_too_large(&job);
	job.size = SIZE_MAX / 2;
	assert_too_large(&job);
	/* the largest is taken: and fails here only because there is nothing at NULL */
	job.size = WV_JOB_MAX - rest;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	if (limit.rlim_cur == RLIM_INFINITY) {
		g_autoptr(GError) error = NULL;

		assert_int_equal(wv_job_make(&job, &error), -1);
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_INTERNAL));
		assert_non_null(strstr(error->message, "cannot hand in the sample"));
	}
}

/** Sizes that overflow when they are added up are too large as well. */
static void test_size_that_overflows(void **state)
{
	struct wv_job job = small;

	(void)state;
	job.data = NULL;
	job.size = SIZE_MAX;
	assert_too_large(&job);
	job.size = SIZE_MAX - 100;
	assert_too_large(&job);
}

static void test_no_descriptors_left(void **state)
{
	struct rlimit before, none;
	g_autoptr(GError) error = NULL;
	int fd, next = dup(STDIN_FILENO);

	(void)state;
	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	fd = wv_job_make(&small, &error);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(fd, -1);
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_INTERNAL));
	assert_non_null(strstr(error->message, "Too many open files"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_empty_sample),
		cmocka_unit_test(test_entropy),
		cmocka_unit_test(test_large_sample),
		cmocka_unit_test(test_limit_of_texts),
		cmocka_unit_test(test_limit_of_all),
		cmocka_unit_test(test_size_that_overflows),
		cmocka_unit_test(test_no_descriptors_left),
	};

	return cmocka_run_group_tests_name("job_make", tests, NULL, NULL);
}
