/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop that reads what a guest does, and the reasons for it to end. */
#include "sandbox/watch.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/say.h"
#include "monitor/registry.h"
#include "sandbox/timing.h"

/* Between two looks at empty rings: short after events, longer when nothing happens. */
#define IDLE_MIN_US 500
#define IDLE_MAX_US 5000

/** How long QEMU may take to end when it is asked to. */
#define STOP_PATIENCE_S 5

/** How long a kernel that has crashed may take to restart or power off by itself. */
#define CRASH_PATIENCE_S 5

/** How long a clone may take until its sample runs; it takes a tenth of a second. */
#define START_PATIENCE_S 60

/** What a jail's exit status says of a command that a signal ended, as shells have it. */
#define SIGNAL_STATUS 128

static volatile sig_atomic_t signals_seen;

static void on_signal(int number)
{
	(void)number;
	signals_seen++;
}

void wv_watch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (signal(SIGHUP, SIG_IGN) != SIG_IGN) /* nohup(1) wants it ignored */
		sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool wv_watch_interrupted(void)
{
	return signals_seen > 0;
}

struct watch {
	const struct wv_watch_options *options;
	struct wv_reader *reader;
	struct wv_watched *watched;
	gint64 begun;	     /* monotonic microseconds: from when on time is counted */
	gint64 sample_ended; /* likewise; 0: it has not */
	bool armed;	     /* a kernel was found, at any time */
	bool crashed;	     /* the kernel that runs now has crashed */
	gint64 crashed_at;   /* monotonic microseconds */
	bool output_failed;
	gint64 stop_at; /* when QEMU was asked to end; 0: it was not */
	bool killed;	/* it did not listen */
};

static void conclude(struct watch *watch, enum wv_end end, enum wv_exit verdict)
{
	watch->watched->end = end;
	watch->watched->verdict = verdict;
}

/** Ends QEMU; the first reason counts. */
static void stop(struct watch *watch, enum wv_end end, enum wv_exit verdict)
{
	if (watch->stop_at)
		return;
	watch->stop_at = g_get_monotonic_time();
	conclude(watch, end, verdict);
	wv_session_answer(watch->options->session, false, "interrupted"); /* if one is waited for */
	if (watch->options->qmp)
		wv_qmp_send_quit(watch->options->qmp);
	else
		wv_child_stop(watch->options->child, false);
}

static void keep_error(struct watch *watch, const char *text, size_t size)
{
	if (!watch->watched->error)
		watch->watched->error = g_strndup(text, size);
}

/** Says an error, keeps it, and ends QEMU. */
static void stop_for(struct watch *watch, enum wv_end end, const GError *error)
{
	keep_error(watch, error->message, strlen(error->message));
	stop(watch, end, wv_fail(error));
}

/* What the reader finds -------------------------------------------------------------------------*/

static void on_row(void *owner, const struct wv_row *row)
{
	struct watch *watch = owner;

	for (struct wv_printer *const *one = watch->options->printers; *one; one++)
		wv_printer_row(*one, row);
}

static void on_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	static const char *const prefixes[] = { "", "warning: ", "error: " };

	(void)owner;
	wv_say("%s%.*s", level < G_N_ELEMENTS(prefixes) ? prefixes[level] : "", (int)text.size,
	       text.data);
}

static void on_profile_wanted(struct watch *watch, const struct wv_status_note *note)
{
	const struct wv_watch_options *options = watch->options;
	g_autofree char *question = g_strndup(note->text.data, note->text.size);

	if (options->profile_wanted)
		options->profile_wanted(options->owner, question);
	else
		wv_session_answer(options->session, false, "no profile of it was given");
}

static void on_armed(struct watch *watch, const struct wv_status_note *note)
{
	watch->armed = true;
	watch->crashed = false;
	for (struct wv_printer *const *one = watch->options->printers; *one; one++)
		wv_printer_hide_others(*one, note->detail);
	wv_say("%.*s", (int)note->text.size, note->text.data);
}

static void on_failed(struct watch *watch, const struct wv_status_note *note)
{
	g_autoptr(GError) error = g_error_new(WV_ERROR, (gint)note->detail, "%.*s",
					      (int)note->text.size, note->text.data);

	stop_for(watch, WV_END_FAILED, error);
}

static void on_crashed(struct watch *watch, const struct wv_status_note *note)
{
	if (watch->crashed)
		return;
	wv_say("the guest's kernel crashed: %.*s", (int)note->text.size, note->text.data);
	keep_error(watch, note->text.data, note->text.size);
	watch->crashed = true;
	watch->crashed_at = g_get_monotonic_time();
}

static void on_guest_reset(struct watch *watch, const struct wv_status_note *note)
{
	(void)note;
	wv_say("the guest restarts%s", watch->crashed ? " after its crash" : "");
	watch->crashed = false;
}

static void on_not_started(struct watch *watch, const struct wv_status_note *note)
{
	g_autoptr(GError) error =
		g_error_new(WV_ERROR, WV_ERROR_SAMPLE, "the guest could not start the sample: %.*s",
			    (int)note->text.size, note->text.data);

	stop_for(watch, WV_END_NOT_STARTED, error);
}

/** The traps are set now, which takes its time, or the sample runs: the limit counts from here. */
static void on_started(struct watch *watch, const struct wv_status_note *note)
{
	(void)note;
	watch->begun = g_get_monotonic_time();
}

static void on_exited(struct watch *watch, const struct wv_status_note *note)
{
	(void)note;
	watch->sample_ended = g_get_monotonic_time();
}

static void on_status(void *owner, const struct wv_status_note *note)
{
	static void (*const handlers[])(struct watch *, const struct wv_status_note *) = {
		[WV_STATUS_ARMED] = on_armed,
		[WV_STATUS_FAILED] = on_failed,
		[WV_STATUS_GUEST_CRASHED] = on_crashed,
		[WV_STATUS_GUEST_RESET] = on_guest_reset,
		[WV_STATUS_PROFILE_WANTED] = on_profile_wanted,
		[WV_STATUS_NOT_STARTED] = on_not_started,
		[WV_STATUS_STARTING] = on_started,
		[WV_STATUS_RUNNING] = on_started,
		[WV_STATUS_EXITED] = on_exited,
	};
	struct watch *watch = owner;

	if (watch->options->fate)
		wv_fate_note(watch->options->fate, note);
	if ((unsigned)note->status < G_N_ELEMENTS(handlers) && handlers[note->status])
		handlers[note->status](watch, note);
}

static void on_content(void *owner, unsigned ring, const struct wv_row *row,
		       const struct wv_content_piece *piece)
{
	struct watch *watch = owner;

	if (watch->options->dump)
		wv_dump_content(watch->options->dump, ring, row, piece);
}

static const struct wv_reader_events reader_events = { on_row, on_message, on_status, on_content };

/* The loop --------------------------------------------------------------------------------------*/

static void check_dump(struct watch *watch)
{
	g_autoptr(GError) error = NULL;

	if (wv_dump_check(watch->options->dump, &error))
		return;
	watch->output_failed = true;
	stop_for(watch, WV_END_OUTPUT_FAILED, error);
}

/** One that can not be written ends the run; the others get all that there is until then. */
static void flush(struct watch *watch)
{
	for (struct wv_printer *const *one = watch->options->printers; *one; one++) {
		g_autoptr(GError) error = NULL;

		if (wv_printer_flush(*one, &error) || watch->output_failed)
			continue;
		watch->output_failed = true;
		stop_for(watch, WV_END_OUTPUT_FAILED, error);
	}
	if (watch->options->dump)
		check_dump(watch);
}

static void collect(struct watch *watch)
{
	for (struct wv_collect *const *one = watch->options->collects; one && *one; one++) {
		g_autoptr(GError) error = NULL;

		if (!wv_collect_poll(*one, &error))
			stop_for(watch, WV_END_OUTPUT_FAILED, error);
	}
}

static bool is_over(gint64 since, double seconds)
{
	return (double)(g_get_monotonic_time() - since) >= seconds * G_USEC_PER_SEC;
}

/** Whether the sample has not come to run within all patience. */
static void check_start(struct watch *watch)
{
	g_autoptr(GError) error = NULL;

	if (!is_over(watch->begun, START_PATIENCE_S))
		return;
	g_set_error(&error, WV_ERROR, WV_ERROR_SAMPLE,
		    "the guest did not start the sample within %d s", START_PATIENCE_S);
	stop_for(watch, WV_END_NOT_STARTED, error);
}

static void check_time_limit(struct watch *watch)
{
	bool found = watch->armed || watch->options->fate; /* a template's kernel is known */
	double limit = watch->options->time_limit;

	if (limit <= 0 || !is_over(watch->begun, limit))
		return;
	if (!found)
		wv_say("no kernel was found within %g s", limit);
	stop(watch, found ? WV_END_TIME_LIMIT : WV_END_FAILED,
	     found ? WV_EXIT_TIME_LIMIT : WV_EXIT_NO_KERNEL);
}

/** Checks everything that can end the run except QEMU's own end. */
static void check_reasons(struct watch *watch)
{
	const struct wv_fate *fate = watch->options->fate;

	if (signals_seen)
		stop(watch, WV_END_INTERRUPTED, WV_EXIT_OK);
	if (watch->sample_ended && !watch->crashed &&
	    is_over(watch->sample_ended, watch->options->settle))
		stop(watch, WV_END_SAMPLE_ENDED, WV_EXIT_OK);
	if (!watch->stop_at && fate && !fate->started)
		check_start(watch);
	else if (!watch->stop_at)
		check_time_limit(watch);
	if (watch->crashed && is_over(watch->crashed_at, CRASH_PATIENCE_S))
		stop(watch, WV_END_GUEST_CRASHED, WV_EXIT_GUEST_DIED);
	if (watch->stop_at && !watch->killed &&
	    (is_over(watch->stop_at, STOP_PATIENCE_S) || signals_seen > 1)) {
		watch->killed = true;
		wv_child_stop(watch->options->child, true);
	}
}

/** The signal that ended QEMU, in a jail or outside of one; 0: none did. */
static int ending_signal(const struct wv_child *child)
{
	if (WIFSIGNALED(child->status))
		return WTERMSIG(child->status);
	return WEXITSTATUS(child->status) > SIGNAL_STATUS
		       ? WEXITSTATUS(child->status) - SIGNAL_STATUS
		       : 0;
}

/** How QEMU's own end is judged. */
static void judge(struct watch *watch)
{
	const struct wv_fate *fate = watch->options->fate;
	const struct wv_child *child = watch->options->child;
	int signal = ending_signal(child);

	if (watch->stop_at)
		return;
	if (signals_seen) { /* the terminal sent it to QEMU too, which was faster */
		conclude(watch, WV_END_INTERRUPTED, WV_EXIT_OK);
	} else if (signal) {
		wv_say("QEMU was killed by signal %d", signal);
		conclude(watch, WV_END_QEMU_DIED, WV_EXIT_GUEST_DIED);
	} else if (WEXITSTATUS(child->status) != 0) {
		wv_say("QEMU ended with exit status %d%s", WEXITSTATUS(child->status),
		       watch->armed ? "" : " before a kernel was found; its own message is above");
		conclude(watch, WV_END_QEMU_DIED,
			 watch->armed ? WV_EXIT_GUEST_DIED : WV_EXIT_USAGE);
	} else if (watch->crashed) {
		conclude(watch, WV_END_GUEST_CRASHED, WV_EXIT_GUEST_DIED);
	} else if (!watch->armed) {
		wv_say("the guest ended before %s",
		       fate ? "the sample was started" : "a kernel was found");
		conclude(watch, fate ? WV_END_NOT_STARTED : WV_END_FAILED,
			 fate ? WV_EXIT_NOT_STARTED : WV_EXIT_NO_KERNEL);
	} else {
		conclude(watch, WV_END_GUEST_ENDED, WV_EXIT_OK);
	}
}

/** The sums over all vCPUs. */
static struct wv_counters sum_counters(struct wv_session *session)
{
	struct wv_counters sum = { 0 };

	for (unsigned i = 0; i < wv_session_rings(session); i++) {
		const struct wv_counters *one = &wv_session_ring(session, i)->counters;

		sum.dropped += one->dropped;
		sum.suppressed += one->suppressed;
		sum.unpaired += one->unpaired;
		sum.overflowed += one->overflowed;
		sum.unreadable += one->unreadable;
		sum.incomplete += one->incomplete;
		sum.waits += one->waits;
		sum.calls += one->calls;
		for (unsigned stage = 0; stage < WV_STAGE_COUNT; stage++)
			sum.cycles[stage] += one->cycles[stage];
	}
	return sum;
}

/** The last line: events per plugin, events dropped, and what else went wrong, if anything did. */
static void print_summary(const struct watch *watch)
{
	const struct wv_counters *sum = &watch->watched->counters;
	const struct {
		uint64_t count;
		const char *what;
	} troubles[] = {
		{ sum->suppressed, "suppressed by --traps-ttl" },
		{ sum->unpaired, "without their return" },
		{ sum->overflowed, "with a value that did not fit" },
		{ sum->unreadable, "of an unknown process" },
		{ sum->incomplete, "of a process whose name or user can not be read" },
		{ watch->watched->malformed, "malformed" },
	};
	g_autofree char *counts = wv_printer_counts(watch->options->printers[0]);
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_printf(line, "events: %s; dropped: %" G_GUINT64_FORMAT, counts, sum->dropped);
	for (size_t i = 0; i < G_N_ELEMENTS(troubles); i++)
		if (troubles[i].count)
			g_string_append_printf(line, "; %" G_GUINT64_FORMAT " %s",
					       troubles[i].count, troubles[i].what);
	wv_say("%s", line->str);
}

/** What was taken out of the guest. */
static void print_dump(const struct wv_dump *dump)
{
	struct wv_dump_counts counts;
	g_autofree char *bytes = NULL;
	g_autoptr(GString) line = g_string_new(NULL);

	wv_dump_counts(dump, &counts);
	bytes = g_format_size_full(counts.bytes, G_FORMAT_SIZE_IEC_UNITS);
	g_string_printf(line,
			"files: %" G_GUINT64_FORMAT "; different contents: %" G_GUINT64_FORMAT
			" (%s)",
			counts.files, counts.contents, bytes);
	if (counts.partial)
		g_string_append_printf(line, "; not whole: %" G_GUINT64_FORMAT, counts.partial);
	if (counts.refused)
		g_string_append_printf(
			line, "; beyond --dump-max-total, and not taken: %" G_GUINT64_FORMAT,
			counts.refused);
	wv_say("%s", line->str);
}

/** Reads until QEMU has ended and nothing is left. */
static void read_all(struct watch *watch)
{
	gulong idle = IDLE_MIN_US;

	for (;;) {
		/* looked at first: all that was committed before the end is then in the rings */
		bool ended = wv_child_ended(watch->options->child);

		unsigned handled = wv_reader_poll(watch->reader, ended);

		collect(watch);
		check_reasons(watch);
		if (handled >= WV_READER_POLL_MAX || (handled && ended))
			continue;
		flush(watch);
		if (ended)
			break;
		idle = handled ? IDLE_MIN_US : MIN(idle * 2, IDLE_MAX_US);
		g_usleep(idle);
	}
}

void wv_watch(const struct wv_watch_options *options, struct wv_watched *watched)
{
	struct watch watch = { .options = options,
			       .watched = watched,
			       .begun = g_get_monotonic_time() };
	struct wv_timing_clock clock = wv_timing_clock_start();

	*watched = (struct wv_watched){ 0 };
	watch.reader = wv_reader_new(options->session, wv_plugins_schema(), &reader_events, &watch);
	read_all(&watch);
	if (options->dump) {
		wv_dump_finish(options->dump);
		check_dump(&watch);
	}
	judge(&watch);
	watched->counters = sum_counters(options->session);
	watched->malformed = wv_reader_broken(watch.reader);
	if (options->timing)
		wv_timing_print(&clock, &watched->counters, options->printers[0]);
	print_summary(&watch);
	if (options->dump)
		print_dump(options->dump);
	wv_reader_free(watch.reader);
	if (watch.output_failed && watched->verdict == WV_EXIT_OK)
		conclude(&watch, WV_END_OUTPUT_FAILED, WV_EXIT_INTERNAL);
}
