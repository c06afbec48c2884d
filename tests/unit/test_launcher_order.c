/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The launcher's checks of a job: every bound of sandbox/job.h, and texts that do not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/launcher.h"

/* Texts, with the zero byte that the last one ends with. */
#define TEXTS(literal) literal, sizeof(literal)

static struct wv_job_head head_for(uint64_t strings_size, uint32_t n_arguments,
				   uint32_t n_environment)
{
	const struct wv_job_head head = {
		.magic = WV_JOB_MAGIC,
		.n_arguments = n_arguments,
		.n_environment = n_environment,
		.strings_size = strings_size,
	};

	return head;
}

static void accept(const struct wv_job_head *head)
{
	struct wv_why why = { "" };

	if (!wv_order_check(head, &why))
		fail_msg("%s", why.text);
	assert_string_equal(why.text, "");
}

static void refuse(const struct wv_job_head *head, const char *text)
{
	struct wv_why why = { "" };

	assert_false(wv_order_check(head, &why));
	if (!strstr(why.text, text))
		fail_msg("\"%s\" says nothing of %s", why.text, text);
}

static void other_jobs_are_refused(void **state)
{
	struct wv_job_head head = head_for(3, 0, 0);

	(void)state;
	accept(&head);
	head.flags = WV_JOB_NETWORK;
	accept(&head);
	head.flags = WV_JOB_NETWORK << 1;
	refuse(&head, "unknown");
	head.flags = UINT32_C(1) << 31;
	refuse(&head, "unknown");
	head.flags = 0;
	head.reserved = 1;
	refuse(&head, "unknown");
	head.reserved = 0;
	head.magic ^= 1;
	refuse(&head, "another version");
}

static void sizes_are_bounded(void **state)
{
	struct wv_job_head head = head_for(WV_JOB_STRINGS_MAX, 0, 0);

	(void)state;
	accept(&head);
	head.strings_size++;
	refuse(&head, "too large");
	head.strings_size = UINT64_MAX;
	refuse(&head, "too large");

	head = head_for(3, 0, 0);
	head.file_size = WV_JOB_MAX - sizeof(head) - 3;
	accept(&head);
	head.file_size++;
	refuse(&head, "too large");
	head.file_size = WV_JOB_MAX;
	refuse(&head, "too large");
	/* The sum of these two is small. */
	head.file_size = UINT64_MAX - 2;
	refuse(&head, "too large");
}

static void texts_need_bytes(void **state)
{
	struct wv_job_head head = head_for(2, 0, 0);

	(void)state;
	refuse(&head, "more texts than bytes");
	head = head_for(10, 3, 4);
	accept(&head);
	head.n_environment++;
	refuse(&head, "more texts than bytes");
	/* The sum of their numbers is small in 32 bits. */
	head = head_for(WV_JOB_STRINGS_MAX, UINT32_MAX, UINT32_MAX);
	refuse(&head, "more texts than bytes");
}

static bool parse(struct wv_order *order, const char *texts, size_t size, uint32_t n_arguments,
		  uint32_t n_environment, struct wv_why *why)
{
	const struct wv_job_head head = head_for(size, n_arguments, n_environment);

	memset(order, 0, sizeof(*order));
	/* Of this size exactly: a read beyond it is seen. It stays the order's. */
	return wv_order_parse(order, &head, g_memdup2(texts, size), why);
}

static void forget(struct wv_order *order, bool parsed)
{
	if (parsed)
		g_free((char *)order->path);
	free(order->arguments);
	free(order->environment);
}

static void texts_are_taken_apart(void **state)
{
	struct wv_why why = { "" };
	struct wv_order order;

	(void)state;
	if (!parse(&order, TEXTS("/tmp/x\0user\0/home\0-a\0\0A=1\0B=2\0C="), 2, 3, &why))
		fail_msg("%s", why.text);
	assert_string_equal(order.path, "/tmp/x");
	assert_string_equal(order.user, "user");
	assert_string_equal(order.folder, "/home");
	assert_ptr_equal(order.arguments[0], order.path);
	assert_string_equal(order.arguments[1], "-a");
	assert_string_equal(order.arguments[2], "");
	assert_null(order.arguments[3]);
	assert_string_equal(order.environment[0], "A=1");
	assert_string_equal(order.environment[2], "C=");
	assert_null(order.environment[3]);
	forget(&order, true);

	assert_true(parse(&order, TEXTS("/x\0000\0"), 0, 0, &why));
	assert_string_equal(order.user, "0");
	assert_string_equal(order.folder, "");
	assert_null(order.arguments[1]);
	assert_null(order.environment[0]);
	forget(&order, true);
}

static void refuse_texts(const char *texts, size_t size, uint32_t n_arguments,
			 uint32_t n_environment, const char *text)
{
	struct wv_why why = { "" };
	struct wv_order order;
	g_autofree char *copy = g_memdup2(texts, size);
	const struct wv_job_head head = head_for(size, n_arguments, n_environment);

	memset(&order, 0, sizeof(order));
	assert_false(wv_order_parse(&order, &head, copy, &why));
	if (!strstr(why.text, text))
		fail_msg("\"%s\" says nothing of %s", why.text, text);
	forget(&order, false);
}

static void texts_that_do_not_fit_are_refused(void **state)
{
	g_autofree char *deep = g_strnfill(PATH_MAX, 'x');
	g_autofree char *job = NULL;

	(void)state;
	/* Without an end, too few, too many. */
	refuse_texts("/x\0u\0/home", 10, 0, 0, "do not fit");
	refuse_texts("aaaaaaaa", 8, 2, 2, "do not fit");
	refuse_texts(TEXTS("/x\0u\0\0one"), 2, 0, "do not fit");
	refuse_texts(TEXTS("/x\0u\0\0one\0two"), 1, 0, "do not fit");
	refuse_texts(TEXTS("/x\0u\0\0one\0A=1"), 1, 2, "do not fit");
	refuse_texts(TEXTS("x\0u\0"), 0, 0, "no path");
	refuse_texts(TEXTS("\0u\0"), 0, 0, "no path");
	refuse_texts(TEXTS("/tmp/\0u\0"), 0, 0, "no path");
	refuse_texts(TEXTS("/\0u\0"), 0, 0, "no path");
	*deep = '/';
	job = g_strconcat(deep, "\nu\n\n", NULL);
	g_strdelimit(job, "\n", '\0');
	refuse_texts(job, PATH_MAX + 4, 0, 0, "too long");
}

static void longest_path_is_taken(void **state)
{
	g_autofree char *path = g_strnfill(PATH_MAX - 1, 'x');
	g_autofree char *job = NULL;
	struct wv_why why = { "" };
	struct wv_order order;

	(void)state;
	*path = '/';
	job = g_strconcat(path, "\nu\n\n", NULL);
	g_strdelimit(job, "\n", '\0');
	assert_true(parse(&order, job, PATH_MAX - 1 + 4, 0, 0, &why));
	assert_string_equal(order.path, path);
	forget(&order, true);
}

static void failures_are_cut_to_fit(void **state)
{
	g_autofree char *long_text = g_strnfill(2 * WV_DOOR_TEXT_MAX, 'x');
	struct wv_why why;

	(void)state;
	assert_false(wv_why(&why, "%s", long_text));
	assert_int_equal(strlen(why.text), WV_DOOR_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_jobs_are_refused),
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(texts_need_bytes),
		cmocka_unit_test(texts_are_taken_apart),
		cmocka_unit_test(texts_that_do_not_fit_are_refused),
		cmocka_unit_test(longest_path_is_taken),
		cmocka_unit_test(failures_are_cut_to_fit),
	};

	return cmocka_run_group_tests_name("launcher_order", tests, NULL, NULL);
}
