/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching a guest: a shell in QEMU's place, and a thread in its monitor's that tells states. How
 * it ends, and what is made of that.
 *
 * Patience that takes a minute is tested with a clock that runs faster.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dump_fixture.h"
#include "monitor/registry.h"
#include "sandbox/watch.h"

/** A clone's program that does not end by itself. */
#define FOREVER "exec sleep 60"

/** The same, and it does not listen either. */
#define DEAF "trap '' TERM; exec sleep 60"

#define STEPS_MAX 12

/* The clock -------------------------------------------------------------------------------------*/

static gint64 clock_speed = 1, clock_start;

static gint64 real_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/** Takes the place of GLib's, for what is under test. */
gint64 g_get_monotonic_time(void)
{
	return clock_start + (real_time() - clock_start) * clock_speed;
}

/* The monitor -----------------------------------------------------------------------------------*/

/** What the monitor tells, so many milliseconds after what it told before. */
struct step {
	unsigned after_ms;
	enum { STATUS, EVENT, MALFORMED, MESSAGE, FILE_BEGINS, FILE_PIECE, FILE_ENDS } what;
	unsigned status; /* or a message's level, or a file's number */
	uint32_t detail; /* or a file's size */
	const char *text;
};

#define TELL(ms, name, ...)                                                                        \
	{                                                                                          \
		ms, STATUS, WV_STATUS_##name, __VA_ARGS__                                          \
	}

struct fixture {
	struct wv_session *session;
	struct wv_child child;
	struct wv_fate fate;
	struct wv_watch_options options;
	struct wv_watched watched;
	struct wv_printer *printers[3];
	struct step steps[STEPS_MAX];
	unsigned n_steps;
	uint8_t *record;
	char *said;	/* on standard error, while it watched */
	gint64 took_us; /* in real time */
	char *folder;
};

static void start_step(struct wv_writer *writer, const struct step *step)
{
	static const enum wv_record_kind kinds[] = {
		[STATUS] = WV_RECORD_STATUS,	 [EVENT] = WV_RECORD_EVENT,
		[MALFORMED] = WV_RECORD_EVENT,	 [MESSAGE] = WV_RECORD_MESSAGE,
		[FILE_BEGINS] = WV_RECORD_EVENT, [FILE_PIECE] = WV_RECORD_CONTENT,
		[FILE_ENDS] = WV_RECORD_CONTENT,
	};
	struct wv_record_head *head = wv_writer_head(writer);

	wv_writer_start(writer, kinds[step->what]);
	head->os = WV_OS_LINUX;
	switch (step->what) {
	case FILE_BEGINS:
		wv_writer_content(writer, step->status, step->detail);
		break;
	case FILE_PIECE:
	case FILE_ENDS:
		head->type = step->what == FILE_PIECE ? WV_CONTENT_PIECE : WV_CONTENT_END;
		break;
	default:
		head->type = step->what == MALFORMED ? 9999 : step->status;
		head->method = step->detail;
	}
}

static void tell_step(struct fixture *fixture, const struct step *step)
{
	struct wv_writer writer = { .data = fixture->record };

	start_step(&writer, step);
	if (step->text)
		wv_writer_bytes(&writer, 0, step->text, strlen(step->text), false);
	wv_writer_finish(&writer);
	wv_session_commit(fixture->session, 0, &writer, false);
}

static gpointer tell_steps(gpointer data)
{
	struct fixture *fixture = data;

	for (unsigned i = 0; i < fixture->n_steps; i++) {
		g_usleep(fixture->steps[i].after_ms * 1000);
		tell_step(fixture, &fixture->steps[i]);
	}
	return NULL;
}

/* The fixture -----------------------------------------------------------------------------------*/

static struct wv_printer *printer_to(const char *path)
{
	return wv_printer_new(wv_encoder_find("json"), wv_plugins_schema(),
			      wv_sink_open(path, NULL), false);
}

static int setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	clock_speed = 1;
	clock_start = real_time();
	fixture.session = wv_session_create(4, "[wyvern]\n", NULL);
	fixture.record = g_malloc(WV_RECORD_MAX);
	fixture.child.ended = true;
	fixture.printers[0] = printer_to("/dev/null");
	fixture.folder = g_dir_make_tmp("wyvern-watch-XXXXXX", NULL);
	fixture.options = (struct wv_watch_options){
		.child = &fixture.child,
		.session = fixture.session,
		.printers = fixture.printers,
		.fate = &fixture.fate,
	};
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	clock_speed = 1;
	if (!fixture->child.ended)
		wv_child_end(&fixture->child);
	for (unsigned i = 0; fixture->printers[i]; i++)
		wv_printer_free(fixture->printers[i]);
	wv_session_free(fixture->session);
	wv_fate_clear(&fixture->fate);
	g_free(fixture->watched.error);
	g_free(fixture->record);
	g_free(fixture->said);
	g_rmdir(fixture->folder);
	g_free(fixture->folder);
	return 0;
}

static void start_child(struct fixture *fixture, const char *script, int inherit)
{
	char *arguments[] = { (char *)"/bin/sh", (char *)"-c", (char *)script, NULL };
	char *environment[] = { (char *)"PATH=/bin:/usr/bin", NULL };
	const int descriptors[] = { inherit, -1 };
	const struct wv_child_options options = { .arguments = arguments,
						  .environment = environment,
						  .inherit = descriptors,
						  .own_group = true };

	assert_true(wv_child_start(&fixture->child, &options, NULL));
}

/** Begins to keep what is said on standard error. */
static int keep_said(struct fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->folder, "said", NULL);
	int before = dup(STDERR_FILENO);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0 && before >= 0);
	dup2(fd, STDERR_FILENO);
	close(fd);
	return before;
}

static void end_said(struct fixture *fixture, int before)
{
	g_autofree char *path = g_build_filename(fixture->folder, "said", NULL);

	dup2(before, STDERR_FILENO);
	close(before);
	g_free(fixture->said);
	assert_true(g_file_get_contents(path, &fixture->said, NULL, NULL));
	g_unlink(path);
}

/** Watches the script while the monitor takes its steps. */
static void watch_steps(struct fixture *fixture, const char *script, const struct step *steps,
			unsigned n_steps)
{
	GThread *monitor;
	int before;

	g_assert(n_steps <= STEPS_MAX);
	if (n_steps)
		memcpy(fixture->steps, steps, n_steps * sizeof(*steps));
	fixture->n_steps = n_steps;
	if (script)
		start_child(fixture, script, STDIN_FILENO);
	before = keep_said(fixture);
	fixture->took_us = real_time();
	clock_start = fixture->took_us;
	monitor = g_thread_new("monitor", tell_steps, fixture);
	wv_watch(&fixture->options, &fixture->watched);
	fixture->took_us = real_time() - fixture->took_us;
	g_thread_join(monitor);
	end_said(fixture, before);
}

#define WATCH(fixture, script, ...)                                                                \
	do {                                                                                       \
		const struct step steps[] = { __VA_ARGS__ };                                       \
		watch_steps(fixture, script, steps, G_N_ELEMENTS(steps));                          \
	} while (0)

static void assert_ended(struct fixture *fixture, enum wv_end end, enum wv_exit verdict)
{
	if (fixture->watched.end != end || fixture->watched.verdict != verdict)
		fail_msg("it ended as %s with %d, not as %s with %d:\n%s",
			 wv_end_name(fixture->watched.end), fixture->watched.verdict,
			 wv_end_name(end), verdict, fixture->said);
	assert_true(fixture->child.ended);
}

static void assert_took(struct fixture *fixture, double from, double to)
{
	double took = (double)fixture->took_us / G_USEC_PER_SEC;

	if (took < from || took > to)
		fail_msg("it took %f s: neither more than %f nor less than %f\n%s", took, from, to,
			 fixture->said);
}

/** So many lines that were said contain the text. */
static void assert_said(struct fixture *fixture, unsigned times, const char *text)
{
	unsigned found = 0;

	for (const char *at = fixture->said; (at = strstr(at, text)); at++)
		found++;
	if (found != times)
		fail_msg("\"%s\" is said %u times, not %u:\n%.2000s", text, found, times,
			 fixture->said);
}

/* Samples ---------------------------------------------------------------------------------------*/

#define SAMPLE_RUNS                                                                                \
	TELL(0, RESUMED, 0, ""), TELL(1, STARTING, 80, ""), TELL(1, ARMED, 0, "Linux 6.1"),        \
		TELL(1, RUNNING, 80, "")

static void test_sample_ends(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.settle = 0.2;
	fixture->options.time_limit = 30;
	WATCH(fixture, FOREVER, SAMPLE_RUNS, TELL(50, EXITED, 0x300, ""));
	assert_ended(fixture, WV_END_SAMPLE_ENDED, WV_EXIT_OK);
	assert_took(fixture, 0.25, 10);
	assert_true(WIFSIGNALED(fixture->child.status)); /* it was asked to end */
	assert_int_equal(WTERMSIG(fixture->child.status), SIGTERM);
	assert_true(fixture->fate.started && fixture->fate.exited && !fixture->fate.refused);
	assert_int_equal(fixture->fate.pid, 80);
	assert_int_equal(fixture->fate.status, 0x300);
	assert_true(fixture->fate.resumed_us &&
		    fixture->fate.starting_us >= fixture->fate.resumed_us);
	assert_true(fixture->fate.exited_us > fixture->fate.armed_us);
	assert_null(fixture->watched.error);
	assert_said(fixture, 1, "wyvern: Linux 6.1\n");
	assert_said(fixture, 1, "; dropped: 0\n");
}

/** What comes while it settles counts, too. */
static void test_settling(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.settle = 0.4;
	WATCH(fixture, FOREVER, SAMPLE_RUNS, TELL(0, EXITED, 0, ""), { 100, MALFORMED, 0, 0, NULL },
	      { 100, MESSAGE, WV_LEVEL_INFO, 0, "late" });
	assert_ended(fixture, WV_END_SAMPLE_ENDED, WV_EXIT_OK);
	assert_took(fixture, 0.4, 10);
	assert_int_equal(fixture->watched.malformed, 1);
	assert_said(fixture, 1, "wyvern: late\n");
}

static void test_no_settling(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.settle = 0;
	WATCH(fixture, FOREVER, SAMPLE_RUNS, TELL(0, EXITED, 9, ""));
	assert_ended(fixture, WV_END_SAMPLE_ENDED, WV_EXIT_OK);
	assert_took(fixture, 0, 2);
	assert_int_equal(fixture->fate.status, 9);
}

/** The guest powers off, as its sample wanted, before it has settled. */
static void test_guest_ends_while_it_settles(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.settle = 30;
	WATCH(fixture, "sleep 0.2", SAMPLE_RUNS, TELL(0, EXITED, 0, ""), TELL(0, ENDED, 0, ""));
	assert_ended(fixture, WV_END_GUEST_ENDED, WV_EXIT_OK);
	assert_true(fixture->fate.exited);
	assert_took(fixture, 0, 10);
}

static void test_sample_is_refused(void **state)
{
	struct fixture *fixture = *state;

	WATCH(fixture, FOREVER, TELL(0, RESUMED, 0, ""), TELL(0, STARTING, 80, ""),
	      TELL(0, ARMED, 0, "Linux"), TELL(0, NOT_STARTED, 0, "exec format error"));
	assert_ended(fixture, WV_END_NOT_STARTED, WV_EXIT_NOT_STARTED);
	assert_true(fixture->fate.refused);
	assert_string_equal(fixture->fate.error, "exec format error");
	assert_string_equal(fixture->watched.error,
			    "the guest could not start the sample: exec format error");
	assert_said(fixture, 1,
		    "wyvern: the guest could not start the sample: exec format error\n");
}

/** The words are the guest's: they do nothing to a terminal. */
static void test_words_of_the_guest(void **state)
{
	struct fixture *fixture = *state;

	WATCH(fixture, FOREVER, TELL(0, NOT_STARTED, 0, "a\x1b[31m\nwyvern: b\xff%s%n"));
	assert_ended(fixture, WV_END_NOT_STARTED, WV_EXIT_NOT_STARTED);
	assert_said(fixture, 1, "sample: a?[31m?wyvern: b?%s%n\n");
}

static void test_sample_never_starts(void **state)
{
	struct fixture *fixture = *state;

	/* it takes the job, and then nothing: 60 s */
	clock_speed = 300;
	WATCH(fixture, DEAF, TELL(0, RESUMED, 0, ""));
	assert_ended(fixture, WV_END_NOT_STARTED, WV_EXIT_NOT_STARTED);
	assert_took(fixture, 60.0 / 300, 10);
	assert_string_equal(fixture->watched.error,
			    "the guest did not start the sample within 60 s");
	assert_said(fixture, 1, "did not start the sample");
}

/** It is not waited for longer than for its start, but no time limit counts until then. */
static void test_time_limit_is_the_samples(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.time_limit = 0.3;
	WATCH(fixture, FOREVER, TELL(0, RESUMED, 0, ""), TELL(500, STARTING, 80, ""),
	      TELL(0, ARMED, 0, "Linux"), TELL(0, RUNNING, 80, ""));
	assert_ended(fixture, WV_END_TIME_LIMIT, WV_EXIT_TIME_LIMIT);
	assert_took(fixture, 0.8, 10);
	assert_false(fixture->fate.exited);
}

/** Setting the traps takes a while: that is no time of the sample's either. */
static void test_time_limit_while_traps_are_set(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.time_limit = 0.2;
	WATCH(fixture, FOREVER, TELL(0, RESUMED, 0, ""), TELL(300, STARTING, 80, ""),
	      TELL(50, ARMED, 0, "Linux"), TELL(50, RUNNING, 80, ""));
	assert_ended(fixture, WV_END_TIME_LIMIT, WV_EXIT_TIME_LIMIT);
	assert_took(fixture, 0.6, 10);
	assert_said(fixture, 0, "no kernel was found");
}

static void test_no_time_limit(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.time_limit = 0;
	fixture->fate.started = true;
	clock_speed = 100000; /* a day goes by in a second */
	WATCH(fixture, "sleep 0.5; exit 0", SAMPLE_RUNS);
	assert_ended(fixture, WV_END_GUEST_ENDED, WV_EXIT_OK);
}

/* Guests without a sample -----------------------------------------------------------------------*/

static void test_time_limit_of_a_guest(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.fate = NULL;
	fixture->options.time_limit = 0.3;
	WATCH(fixture, FOREVER, TELL(100, ARMED, 0, "Linux"));
	assert_ended(fixture, WV_END_TIME_LIMIT, WV_EXIT_TIME_LIMIT);
	assert_took(fixture, 0.3, 10);
	assert_said(fixture, 0, "no kernel");
}

static void test_no_kernel_within_the_time_limit(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.fate = NULL;
	fixture->options.time_limit = 0.2;
	watch_steps(fixture, "trap 'sleep 0.3; exit 0' TERM; while :; do sleep 0.02; done", NULL,
		    0);
	assert_ended(fixture, WV_END_FAILED, WV_EXIT_NO_KERNEL);
	assert_said(fixture, 1, "wyvern: no kernel was found within 0.2 s\n"); /* once */
}

static void test_failed(void **state)
{
	static const struct {
		enum wv_error error;
		enum wv_exit verdict;
	} cases[] = {
		{ WV_ERROR_KERNEL, WV_EXIT_NO_KERNEL },
		{ WV_ERROR_USAGE, WV_EXIT_USAGE },
		{ WV_ERROR_INTERNAL, WV_EXIT_INTERNAL },
	};
	void *fixture_state = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fixture *fixture = *state;

		WATCH(fixture, FOREVER, TELL(0, FAILED, cases[i].error, "for this reason"));
		assert_ended(fixture, WV_END_FAILED, cases[i].verdict);
		assert_string_equal(fixture->watched.error, "for this reason");
		assert_said(fixture, 1, "for this reason");
		teardown(&fixture_state);
		setup(&fixture_state);
	}
}

/* Crashes ---------------------------------------------------------------------------------------*/

static void test_crash(void **state)
{
	struct fixture *fixture = *state;

	WATCH(fixture, "sleep 0.2", SAMPLE_RUNS, TELL(0, GUEST_CRASHED, 0, "Fatal exception"),
	      TELL(0, GUEST_CRASHED, 0, "and again"), TELL(0, ENDED, 0, ""));
	assert_ended(fixture, WV_END_GUEST_CRASHED, WV_EXIT_GUEST_DIED);
	assert_string_equal(fixture->watched.error, "Fatal exception");
	assert_said(fixture, 1, "the guest's kernel crashed: Fatal exception\n");
	assert_said(fixture, 0, "again");
}

static void test_crash_that_hangs(void **state)
{
	struct fixture *fixture = *state;

	clock_speed = 20; /* it is waited for 5 s */
	WATCH(fixture, FOREVER, SAMPLE_RUNS, TELL(0, GUEST_CRASHED, 0, "deadlock"));
	assert_ended(fixture, WV_END_GUEST_CRASHED, WV_EXIT_GUEST_DIED);
	assert_took(fixture, 5.0 / 20, 10);
}

static void test_crash_and_restart(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.fate = NULL;
	WATCH(fixture, "sleep 0.3", TELL(0, ARMED, 0, "Linux"), TELL(0, GUEST_CRASHED, 0, "once"),
	      TELL(0, GUEST_RESET, 0, ""), TELL(0, ARMED, 0, "Linux again"));
	assert_ended(fixture, WV_END_GUEST_ENDED, WV_EXIT_OK);
	assert_said(fixture, 1, "the guest restarts after its crash\n");
	assert_said(fixture, 1, "Linux again\n");
}

/* QEMU's own end --------------------------------------------------------------------------------*/

static void test_guest_ends(void **state)
{
	struct fixture *fixture = *state;

	WATCH(fixture, "sleep 0.2", SAMPLE_RUNS);
	assert_ended(fixture, WV_END_GUEST_ENDED, WV_EXIT_OK);
	assert_null(fixture->watched.error);
}

static void test_guest_ends_too_early(void **state)
{
	struct fixture *fixture = *state;
	void *fixture_state = fixture;

	watch_steps(fixture, "exit 0", NULL, 0);
	assert_ended(fixture, WV_END_NOT_STARTED, WV_EXIT_NOT_STARTED);
	assert_said(fixture, 1, "the guest ended before the sample was started\n");
	teardown(&fixture_state);
	setup(&fixture_state);
	fixture->options.fate = NULL;
	watch_steps(fixture, "exit 0", NULL, 0);
	assert_ended(fixture, WV_END_FAILED, WV_EXIT_NO_KERNEL);
	assert_said(fixture, 1, "the guest ended before a kernel was found\n");
}

static void test_qemu_dies(void **state)
{
	static const struct {
		const char *script, *said;
		enum wv_exit before, after; /* a kernel was found */
	} cases[] = {
		{ "exit 1", "QEMU ended with exit status 1", WV_EXIT_USAGE, WV_EXIT_GUEST_DIED },
		{ "exit 128", "QEMU ended with exit status 128", WV_EXIT_USAGE,
		  WV_EXIT_GUEST_DIED },
		{ "kill -SEGV $$", "QEMU was killed by signal 11", WV_EXIT_GUEST_DIED,
		  WV_EXIT_GUEST_DIED },
		{ "exit 139", "QEMU was killed by signal 11", WV_EXIT_GUEST_DIED,
		  WV_EXIT_GUEST_DIED }, /* as a jail tells it */
	};
	void *fixture_state = *state;

	for (size_t i = 0; i < 2 * G_N_ELEMENTS(cases); i++) {
		struct fixture *fixture = *state;
		g_autofree char *script = g_strconcat("sleep 0.1; ", cases[i / 2].script, NULL);
		const struct step armed[] = { SAMPLE_RUNS };

		watch_steps(fixture, script, armed, i % 2 ? G_N_ELEMENTS(armed) : 0);
		assert_ended(fixture, WV_END_QEMU_DIED,
			     i % 2 ? cases[i / 2].after : cases[i / 2].before);
		assert_said(fixture, 1, cases[i / 2].said);
		teardown(&fixture_state);
		setup(&fixture_state);
	}
}

/** All that it told before it died is read. */
static void test_what_was_told_before_the_end(void **state)
{
	struct fixture *fixture = *state;
	const struct step steps[] = { SAMPLE_RUNS, TELL(0, EXITED, 0x100, "") };

	start_child(fixture, "exit 0", STDIN_FILENO);
	fixture->n_steps = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
		tell_step(fixture, &steps[i]);
	while (waitid(P_PID, (id_t)fixture->child.pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) < 0)
		;
	fixture->options.settle = 30;
	watch_steps(fixture, NULL, NULL, 0);
	assert_true(fixture->fate.exited);
	assert_int_equal(fixture->fate.status, 0x100);
	assert_ended(fixture, WV_END_GUEST_ENDED, WV_EXIT_OK);
}

/** Asked to end, it does not: it is made to, and that is not held against the guest. */
static void test_qemu_does_not_listen(void **state)
{
	struct fixture *fixture = *state;

	clock_speed = 20;
	fixture->options.time_limit = 1;
	WATCH(fixture, DEAF, SAMPLE_RUNS);
	assert_ended(fixture, WV_END_TIME_LIMIT, WV_EXIT_TIME_LIMIT);
	assert_int_equal(WTERMSIG(fixture->child.status), SIGKILL);
	assert_took(fixture, 6.0 / 20, 10);
}

/** The first reason is the one that counts, whatever comes while it ends. */
static void test_first_reason(void **state)
{
	struct fixture *fixture = *state;

	WATCH(fixture, "trap 'sleep 0.4; exit 9' TERM; while :; do sleep 0.02; done", SAMPLE_RUNS,
	      TELL(0, EXITED, 0, ""), TELL(200, GUEST_CRASHED, 0, "at the end"),
	      TELL(0, NOT_STARTED, 0, "never"));
	assert_ended(fixture, WV_END_SAMPLE_ENDED, WV_EXIT_OK);
}

/** QEMU is asked by its own protocol, where there is one. */
static void test_quit(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *script = NULL;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	fixture->options.qmp = wv_qmp_new(fds[0]);
	script = g_strdup_printf("trap '' TERM; grep -q '\"quit\"' <&%d; exit 0", fds[1]);
	start_child(fixture, script, fds[1]);
	close(fds[1]);
	fixture->options.time_limit = 0.1;
	WATCH(fixture, NULL, SAMPLE_RUNS);
	assert_ended(fixture, WV_END_TIME_LIMIT, WV_EXIT_TIME_LIMIT);
	assert_true(WIFEXITED(fixture->child.status));
	assert_took(fixture, 0.1, 4);
	wv_qmp_free(fixture->options.qmp);
}

/* Outputs ---------------------------------------------------------------------------------------*/

static void test_events_that_can_not_be_written(void **state)
{
	struct fixture *fixture = *state;

	fixture->printers[1] = printer_to("/dev/full");
	WATCH(fixture, FOREVER, SAMPLE_RUNS, { 0, EVENT, 0, 0, NULL });
	assert_ended(fixture, WV_END_OUTPUT_FAILED, WV_EXIT_INTERNAL);
	assert_non_null(strstr(fixture->watched.error, "No space left"));
	assert_said(fixture, 1, "No space left");
}

/** The last events are written when QEMU has ended by itself: that may fail as well. */
static void test_last_events_that_can_not_be_written(void **state)
{
	struct fixture *fixture = *state;
	const struct step steps[] = { SAMPLE_RUNS, { 0, EVENT, 0, 0, NULL } };

	fixture->printers[1] = printer_to("/dev/full");
	start_child(fixture, "exit 0", STDIN_FILENO);
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
		tell_step(fixture, &steps[i]);
	while (waitid(P_PID, (id_t)fixture->child.pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) < 0)
		;
	watch_steps(fixture, NULL, NULL, 0);
	assert_ended(fixture, WV_END_OUTPUT_FAILED, WV_EXIT_INTERNAL);
}

static void test_console(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GError) error = NULL;
	struct wv_collect *collects[] = { NULL, NULL };
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	collects[0] = wv_collect_new(fds[0], "/dev/full", 1000, &error);
	assert_non_null(collects[0]);
	assert_int_equal(write(fds[1], "text\n", 5), 5);
	fixture->options.collects = collects;
	WATCH(fixture, FOREVER, SAMPLE_RUNS);
	assert_ended(fixture, WV_END_OUTPUT_FAILED, WV_EXIT_INTERNAL);
	assert_said(fixture, 1, "/dev/full");
	assert_int_equal(wv_collect_bytes(collects[0]), 5);
	wv_collect_free(collects[0]);
	close(fds[1]);
}

/* Files -----------------------------------------------------------------------------------------*/

static void open_files(struct fixture *fixture, struct dump_fixture **dump)
{
	assert_int_equal(dump_set_up((void **)dump), 0);
	dump_open(*dump, 5000, DUMP_MIB);
	fixture->options.dump = (*dump)->dump;
}

static void close_files(struct dump_fixture *dump)
{
	void *state = dump;

	assert_int_equal(dump_tear_down(&state), 0);
}

static void test_files(void **state)
{
	struct fixture *fixture = *state;
	struct dump_fixture *dump;

	open_files(fixture, &dump);
	WATCH(fixture, "sleep 0.2", SAMPLE_RUNS, { 0, FILE_BEGINS, 1, 3, NULL },
	      { 0, FILE_PIECE, 0, 0, "abc" }, { 0, FILE_ENDS, 0, 0, NULL },
	      { 0, FILE_BEGINS, 2, 6, NULL }, { 0, FILE_PIECE, 0, 0, "abc" });
	assert_ended(fixture, WV_END_GUEST_ENDED, WV_EXIT_OK);
	dump_assert_stored(dump, 1, 3, "abc", 3, "", false);
	/* the guest ended before its end came */
	dump_assert_stored(dump, 2, 6, "abc\0\0\0", 6, "[3,6]", false);
	assert_said(fixture, 1,
		    "wyvern: files: 2; different contents: 2 (6 bytes); not whole: 1\n");
	close_files(dump);
}

static void test_no_files(void **state)
{
	struct fixture *fixture = *state;
	struct dump_fixture *dump;

	open_files(fixture, &dump);
	WATCH(fixture, "sleep 0.1", SAMPLE_RUNS);
	assert_said(fixture, 1, "wyvern: files: 0; different contents: 0 (0 bytes)\n");
	close_files(dump);

	fixture->options.dump = NULL; /* they are not wanted: what comes all the same is let pass */
	WATCH(fixture, "sleep 0.1", SAMPLE_RUNS, { 0, FILE_BEGINS, 1, 3, NULL },
	      { 0, FILE_PIECE, 0, 0, "abc" }, { 0, FILE_ENDS, 0, 0, NULL });
	assert_ended(fixture, WV_END_GUEST_ENDED, WV_EXIT_OK);
	assert_said(fixture, 0, "files:");
}

/** A folder in which nothing can be put any more. */
static void break_files(struct dump_fixture *dump)
{
	assert_int_equal(g_rmdir(dump->folder), 0);
}

static void test_files_that_can_not_be_written(void **state)
{
	struct fixture *fixture = *state;
	struct dump_fixture *dump;

	open_files(fixture, &dump);
	break_files(dump);
	WATCH(fixture, FOREVER, SAMPLE_RUNS, { 0, FILE_BEGINS, 1, 3, NULL },
	      { 0, FILE_ENDS, 0, 0, NULL });
	assert_ended(fixture, WV_END_OUTPUT_FAILED, WV_EXIT_INTERNAL);
	assert_non_null(strstr(fixture->watched.error, dump->folder));
	assert_said(fixture, 1, "cannot write into");
	assert_took(fixture, 0, 10);
	close_files(dump);
}

/** By the one that ends because the guest does. */
static void test_last_file_that_can_not_be_written(void **state)
{
	struct fixture *fixture = *state;
	struct dump_fixture *dump;

	open_files(fixture, &dump);
	break_files(dump);
	WATCH(fixture, "sleep 0.2", SAMPLE_RUNS, { 0, FILE_BEGINS, 1, 3, NULL });
	assert_ended(fixture, WV_END_OUTPUT_FAILED, WV_EXIT_INTERNAL);
	assert_said(fixture, 1, "cannot write into");
	close_files(dump);
}

static void test_counts(void **state)
{
	struct fixture *fixture = *state;
	struct wv_counters *first = &wv_session_ring(fixture->session, 0)->counters;
	struct wv_counters *last = &wv_session_ring(fixture->session, 3)->counters;
	uint64_t total;

	first->dropped = 1;
	last->dropped = 2;
	first->unpaired = 4;
	last->overflowed = 8;
	last->waits = 16;
	first->cycles[WV_STAGE_COUNT - 1] = 32;
	fixture->options.timing = true;
	WATCH(fixture, "sleep 0.2", SAMPLE_RUNS, { 0, EVENT, 0, 0, NULL }, { 0, EVENT, 0, 0, NULL },
	      { 0, MALFORMED, 0, 0, NULL }, { 0, MESSAGE, WV_LEVEL_WARNING, 0, "careful" });
	total = wv_printer_total(fixture->printers[0]);
	assert_int_equal(fixture->watched.counters.dropped, 3);
	assert_int_equal(fixture->watched.counters.unpaired, 4);
	assert_int_equal(fixture->watched.counters.overflowed, 8);
	assert_int_equal(fixture->watched.counters.waits, 16);
	assert_int_equal(fixture->watched.counters.cycles[WV_STAGE_COUNT - 1], 32);
	assert_int_equal(fixture->watched.malformed, 1);
	assert_int_equal(total, 2);
	assert_said(fixture, 1,
		    "; dropped: 3; 4 without their return; 8 with a value that did not fit; "
		    "1 malformed\n");
	assert_said(fixture, 1, "wyvern: warning: careful\n");
	assert_said(fixture, 1, "wyvern: timing: ");
}

/* Signals ---------------------------------------------------------------------------------------*/

/** Sends signals to this process, 0.2 s apart. */
static gpointer send_signals(gpointer data)
{
	for (const char *signals = data; *signals; signals++) {
		g_usleep(200000);
		kill(getpid(), *signals);
	}
	return NULL;
}

/** Watches in a process of its own, since signals that were seen stay so. */
static void watch_with_signals(struct fixture *fixture, const char *signals, const char *script)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		GThread *sender;
		struct step steps[] = { SAMPLE_RUNS };

		signal(SIGHUP, SIG_DFL); /* under nohup it is ignored, which is respected */
		wv_watch_signals();
		sender = g_thread_new("sender", send_signals, (gpointer)signals);
		watch_steps(fixture, script, steps, G_N_ELEMENTS(steps));
		g_thread_join(sender);
		_exit(fixture->watched.verdict == WV_EXIT_OK &&
				      fixture->watched.end == WV_END_INTERRUPTED &&
				      wv_watch_interrupted() && fixture->took_us < 4000000
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_signals(void **state)
{
	static const char interrupt[] = { SIGINT, 0 }, terminate[] = { SIGTERM, 0 },
			  hang_up[] = { SIGHUP, 0 };

	assert_false(wv_watch_interrupted());
	watch_with_signals(*state, interrupt, FOREVER);
	watch_with_signals(*state, terminate, FOREVER);
	watch_with_signals(*state, hang_up, FOREVER);
}

/** The second one means it: QEMU is killed at once. */
static void test_two_signals(void **state)
{
	static const char twice[] = { SIGINT, SIGINT, 0 };

	watch_with_signals(*state, twice, DEAF);
}

/** QEMU got it as well, and was faster. */
static void test_signal_that_qemu_gets_too(void **state)
{
	static const char interrupt[] = { SIGINT, 0 };

	watch_with_signals(*state, interrupt, "sleep 0.2; kill -INT $$; sleep 1");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_sample_ends),
		WITH(test_settling),
		WITH(test_no_settling),
		WITH(test_guest_ends_while_it_settles),
		WITH(test_sample_is_refused),
		WITH(test_words_of_the_guest),
		WITH(test_sample_never_starts),
		WITH(test_time_limit_is_the_samples),
		WITH(test_time_limit_while_traps_are_set),
		WITH(test_no_time_limit),
		WITH(test_time_limit_of_a_guest),
		WITH(test_no_kernel_within_the_time_limit),
		WITH(test_failed),
		WITH(test_crash),
		WITH(test_crash_that_hangs),
		WITH(test_crash_and_restart),
		WITH(test_guest_ends),
		WITH(test_guest_ends_too_early),
		WITH(test_qemu_dies),
		WITH(test_what_was_told_before_the_end),
		WITH(test_qemu_does_not_listen),
		WITH(test_first_reason),
		WITH(test_quit),
		WITH(test_events_that_can_not_be_written),
		WITH(test_last_events_that_can_not_be_written),
		WITH(test_console),
		WITH(test_files),
		WITH(test_no_files),
		WITH(test_files_that_can_not_be_written),
		WITH(test_last_file_that_can_not_be_written),
		WITH(test_counts),
		WITH(test_signals),
		WITH(test_two_signals),
		WITH(test_signal_that_qemu_gets_too),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
