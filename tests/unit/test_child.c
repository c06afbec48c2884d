/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes: what they get of ours, how they end, and that they do not outlive us. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/child.h"

/** How soon what is killed is gone, in milliseconds: many times longer than it takes. */
#define PATIENCE_MS 10000

static const int nothing[] = { -1 };
static char *no_environment[] = { NULL };

struct fixture {
	char *folder, *path; /* where the child's standard error goes */
	struct wv_child child;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.folder = g_dir_make_tmp("wyvern-child-XXXXXX", NULL);
	fixture.path = g_build_filename(fixture.folder, "stderr", NULL);
	fixture.child = (struct wv_child){ .ended = true };
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	if (!fixture->child.ended && fixture->child.pid > 0)
		wv_child_end(&fixture->child);
	g_unlink(fixture->path);
	g_rmdir(fixture->folder);
	g_free(fixture->path);
	g_free(fixture->folder);
	return 0;
}

/** Starts a shell with a script; options may lack what a shell needs. */
static void start(struct fixture *fixture, const char *script, struct wv_child_options options)
{
	char *arguments[] = { (char *)"/bin/sh", (char *)"-c", (char *)script, NULL };
	g_autoptr(GError) error = NULL;

	options.arguments = arguments;
	if (!options.environment)
		options.environment = no_environment;
	if (!options.inherit)
		options.inherit = nothing;
	if (!wv_child_start(&fixture->child, &options, &error))
		fail_msg("%s", error->message);
	assert_true(fixture->child.pid > 0);
	assert_false(fixture->child.ended);
}

static int wait_for(struct wv_child *child)
{
	for (unsigned ms = 0; !wv_child_ended(child); ms++) {
		if (ms > PATIENCE_MS)
			fail_msg("it does not end");
		g_usleep(1000);
	}
	return child->status;
}

/** Runs a script to its end. Returns what it says on standard error; to be freed. */
static char *run(struct fixture *fixture, const char *script, struct wv_child_options options)
{
	char *text;

	options.stderr_file = fixture->path;
	start(fixture, script, options);
	assert_int_equal(wait_for(&fixture->child), 0);
	assert_true(g_file_get_contents(fixture->path, &text, NULL, NULL));
	return text;
}

#define PLAIN ((struct wv_child_options){ .own_group = false })

/* What it gets ----------------------------------------------------------------------------------*/

static void test_standard_error(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *long_one = run(fixture, "echo a long first line >&2", PLAIN);
	g_autofree char *text = run(fixture, "echo two >&2", PLAIN);
	struct wv_child_options options = { .stdout_to_stderr = true };
	g_autofree char *both = run(fixture, "echo one; echo two >&2; echo three", options);
	GStatBuf info;

	assert_string_equal(long_one, "a long first line\n");
	assert_string_equal(text, "two\n"); /* nothing is left of the first */
	assert_string_equal(both, "one\ntwo\nthree\n");
	assert_int_equal(g_stat(fixture->path, &info), 0);
	assert_int_equal(info.st_mode & 0133, 0);
}

static void test_environment(void **state)
{
	char *environment[] = { (char *)"ONE=1", (char *)"TWO=a b", NULL };
	struct wv_child_options options = { .environment = environment };
	g_autofree char *text = run(*state, "echo \"$ONE,$TWO,$HOME,$WV_TEST\" >&2",
				    (g_setenv("WV_TEST", "x", TRUE), options));

	assert_string_equal(text, "1,a b,,\n");
}

static void test_descriptors(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *script = NULL, *text = NULL;
	int given[2], kept[2];
	char buffer[4];

	assert_int_equal(pipe2(given, O_CLOEXEC), 0);
	assert_int_equal(pipe2(kept, O_CLOEXEC), 0);
	const int inherit[] = { given[1], given[1], -1 }; /* twice does no harm */

	script =
		g_strdup_printf("for fd in %d %d %d %d; do [ -e /proc/$$/fd/$fd ] && echo $fd >&2; "
				"done; echo yes >/proc/$$/fd/%d",
				given[0], given[1], kept[0], kept[1], given[1]);
	text = run(fixture, script, (struct wv_child_options){ .inherit = inherit });
	assert_int_equal(atoi(text), given[1]);
	assert_null(strchr(strchr(text, '\n') + 1, '\n'));
	assert_int_equal(read(given[0], buffer, 4), 4);
	assert_memory_equal(buffer, "yes\n", 4);
	/* our own end stays as it was */
	assert_int_equal(fcntl(given[1], F_GETFD), FD_CLOEXEC);
	close(given[0]);
	close(given[1]);
	close(kept[0]);
	close(kept[1]);
}

/** The file that its errors go to is open once: as standard error. */
static void test_standard_error_is_open_once(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *script = g_strdup_printf("for fd in /proc/$$/fd/*; do [ $fd -ef '%s' ] && "
						  "echo ${fd##*/} >&2; done; true",
						  fixture->path);
	g_autofree char *text = run(fixture, script, PLAIN);

	assert_string_equal(text, "2\n");
}

/** A pipe that nobody reads ends it, though it does not end us. */
static void test_signals(void **state)
{
	struct fixture *fixture = *state;
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);

	start(fixture, "kill -PIPE $$; exit 3", PLAIN);
	assert_true(WIFSIGNALED(wait_for(&fixture->child)));
	assert_int_equal(WTERMSIG(fixture->child.status), SIGPIPE);
	signal(SIGPIPE, before);
}

static void test_group(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, "exec sleep 30", PLAIN);
	assert_int_equal(getpgid(fixture->child.pid), getpgrp());
	wv_child_end(&fixture->child);
	start(fixture, "exec sleep 30", (struct wv_child_options){ .own_group = true });
	assert_int_equal(getpgid(fixture->child.pid), fixture->child.pid);
}

/* How it ends -----------------------------------------------------------------------------------*/

static void test_status(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, "exit 7", PLAIN);
	assert_int_equal(WEXITSTATUS(wait_for(&fixture->child)), 7);
	assert_true(wv_child_ended(&fixture->child)); /* and stays so */
	assert_int_equal(WEXITSTATUS(fixture->child.status), 7);
	/* it is gone: whoever has its number now is not meant */
	wv_child_stop(&fixture->child, true);
	wv_child_end(&fixture->child);
	assert_int_equal(WEXITSTATUS(fixture->child.status), 7);
}

static void test_stop(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, "exec sleep 30", PLAIN);
	assert_false(wv_child_ended(&fixture->child));
	wv_child_stop(&fixture->child, false);
	assert_int_equal(WTERMSIG(wait_for(&fixture->child)), SIGTERM);

	start(fixture, "exec sleep 30", PLAIN);
	wv_child_stop(&fixture->child, true);
	assert_int_equal(WTERMSIG(wait_for(&fixture->child)), SIGKILL);

	start(fixture, "trap '' TERM; exec sleep 30", PLAIN);
	wv_child_end(&fixture->child);
	assert_true(fixture->child.ended);
	assert_int_equal(WTERMSIG(fixture->child.status), SIGKILL);
	assert_int_equal(waitpid(fixture->child.pid, NULL, WNOHANG), -1); /* nothing is left */
	assert_int_equal(errno, ECHILD);
}

/* That it can not be started --------------------------------------------------------------------*/

static void assert_not_started(const struct wv_child_options *options, enum wv_error code,
			       const char *words)
{
	struct wv_child child = { .pid = 12345 };
	g_autoptr(GError) error = NULL;

	assert_false(wv_child_start(&child, options, &error));
	assert_true(g_error_matches(error, WV_ERROR, (gint)code));
	if (!strstr(error->message, words))
		fail_msg("\"%s\" does not say \"%s\"", error->message, words);
	/*
	 * There is no process: wv_child_end() and wv_child_stop() must have nothing to kill. With
	 * 0 or -1 as its number they would end this process's group, or everything.
	 */
	assert_true(child.ended);
}

static void test_programs_that_can_not_be_started(void **state)
{
	struct fixture *fixture = *state;
	char *none[] = { (char *)"/none/program", NULL };
	char *no_program[] = { fixture->path, NULL };
	char *good[] = { (char *)"/bin/true", NULL };
	const int closed[] = { 1000000, -1 };
	struct wv_child_options options = { .arguments = none,
					    .environment = no_environment,
					    .inherit = nothing };

	assert_not_started(&options, WV_ERROR_USAGE, "cannot start /none/program: No such file");
	assert_true(g_file_set_contents(fixture->path, "text", -1, NULL));
	options.arguments = no_program;
	assert_not_started(&options, WV_ERROR_USAGE, "Permission denied");
	options.arguments = good;
	options.inherit = closed;
	assert_not_started(&options, WV_ERROR_USAGE, "Bad file descriptor");
	options.inherit = nothing;
	options.stderr_file = "/none/file";
	assert_not_started(&options, WV_ERROR_USAGE, "No such file");
	/* none of them is left */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_no_descriptors_left(void **state)
{
	char *good[] = { (char *)"/bin/true", NULL };
	const struct wv_child_options options = { .arguments = good,
						  .environment = no_environment,
						  .inherit = nothing };
	struct wv_child child = { .pid = 12345 };
	struct rlimit before, none;
	g_autoptr(GError) error = NULL;
	int next = dup(STDIN_FILENO);
	bool started;

	(void)state;
	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)next + 1; /* half of a pipe */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	started = wv_child_start(&child, &options, &error);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(started);
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_INTERNAL));
	assert_true(child.ended); /* see assert_not_started() */
}

/* That it does not outlive us -------------------------------------------------------------------*/

/** Starts a child from a process that is then killed. Whether the child is gone with it. */
static bool dies(bool dies_with_us, unsigned patience_ms)
{
	int fds[2];
	pid_t middle, child = 0;
	bool gone = false;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	middle = fork();
	assert_true(middle >= 0);
	if (middle == 0) {
		char *arguments[] = { (char *)"/bin/sleep", (char *)"30", NULL };
		const struct wv_child_options options = { .arguments = arguments,
							  .environment = no_environment,
							  .inherit = nothing,
							  .dies_with_us = dies_with_us };
		struct wv_child started;

		if (!wv_child_start(&started, &options, NULL) ||
		    write(fds[1], &started.pid, sizeof(started.pid)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(fds[0], &child, sizeof(child)), sizeof(child));
	assert_int_equal(kill(child, 0), 0);
	kill(middle, SIGKILL);
	assert_int_equal(waitpid(middle, NULL, 0), middle);
	for (unsigned ms = 0; ms < patience_ms && !gone; ms++) {
		gone = waitpid(child, NULL, WNOHANG) == child; /* it is ours now */
		g_usleep(1000);
	}
	if (!gone) {
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
	close(fds[0]);
	close(fds[1]);
	return gone;
}

static void test_dies_with_us(void **state)
{
	(void)state;
	assert_true(dies(true, PATIENCE_MS));
	assert_false(dies(false, 200));
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_standard_error),
		WITH(test_environment),
		WITH(test_descriptors),
		WITH(test_standard_error_is_open_once),
		WITH(test_signals),
		WITH(test_group),
		WITH(test_status),
		WITH(test_stop),
		WITH(test_programs_that_can_not_be_started),
		WITH(test_no_descriptors_left),
		WITH(test_dies_with_us),
	};

	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
