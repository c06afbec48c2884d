/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop of `wyvern run`, and the reasons for it to end. */
#include "cli/watch.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/timing.h"
#include "monitor/registry.h"
#include "output/reader.h"

/* Between two looks at empty rings: short after events, longer when nothing happens. */
#define IDLE_MIN_US 500
#define IDLE_MAX_US 5000

/** How long QEMU may take to end when it is asked to. */
#define STOP_PATIENCE_US (5 * G_USEC_PER_SEC)

/** How long a kernel that has crashed may take to restart or power off by itself. */
#define CRASH_PATIENCE_US (5 * G_USEC_PER_SEC)

static volatile sig_atomic_t signals_seen;

static void on_signal(int number)
{
	(void)number;
	signals_seen++;
}

void cli_watch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (signal(SIGHUP, SIG_IGN) != SIG_IGN) /* nohup(1) wants it ignored */
		sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

struct watch {
	const struct cli_watch_options *options;
	struct wv_reader *reader;
	bool armed;	   /* a kernel was found, at any time */
	bool crashed;	   /* the kernel that runs now has crashed */
	gint64 crashed_at; /* monotonic microseconds */
	bool output_failed;
	gint64 stop_at;	      /* when QEMU was asked to end; 0: it was not */
	bool killed;	      /* it did not listen */
	enum wv_exit verdict; /* once stop_at is set: why */
};

static void stop(struct watch *watch, enum wv_exit verdict)
{
	if (watch->stop_at)
		return;
	watch->stop_at = g_get_monotonic_time();
	watch->verdict = verdict;
	cli_child_stop(watch->options->child, false);
}

/* What the reader finds -------------------------------------------------------------------------*/

static void on_row(void *owner, const struct wv_row *row)
{
	struct watch *watch = owner;

	if (!watch->output_failed)
		wv_printer_row(watch->options->printer, row);
}

static void on_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	static const char *const prefixes[] = { "", "warning: ", "error: " };

	(void)owner;
	cli_say("%s%.*s", level < G_N_ELEMENTS(prefixes) ? prefixes[level] : "", (int)text.size,
		text.data);
}

static void on_armed(struct watch *watch, uint32_t detail, struct wv_bytes text)
{
	(void)detail;
	watch->armed = true;
	watch->crashed = false;
	cli_say("%.*s", (int)text.size, text.data);
}

static void on_failed(struct watch *watch, uint32_t detail, struct wv_bytes text)
{
	g_autoptr(GError) error =
		g_error_new(WV_ERROR, (gint)detail, "%.*s", (int)text.size, text.data);

	stop(watch, cli_fail(error));
}

static void on_crashed(struct watch *watch, uint32_t detail, struct wv_bytes text)
{
	(void)detail;
	if (watch->crashed)
		return;
	cli_say("the guest's kernel crashed: %.*s", (int)text.size, text.data);
	watch->crashed = true;
	watch->crashed_at = g_get_monotonic_time();
}

static void on_guest_reset(struct watch *watch, uint32_t detail, struct wv_bytes text)
{
	(void)detail;
	(void)text;
	cli_say("the guest restarts%s", watch->crashed ? " after its crash" : "");
	watch->crashed = false;
}

static void on_qemu_ended(struct watch *watch, uint32_t detail, struct wv_bytes text)
{
	(void)watch;
	(void)detail;
	(void)text;
}

static void on_status(void *owner, enum wv_status status, uint32_t detail, struct wv_bytes text)
{
	static void (*const handlers[])(struct watch *, uint32_t, struct wv_bytes) = {
		[WV_STATUS_ARMED] = on_armed,		[WV_STATUS_FAILED] = on_failed,
		[WV_STATUS_GUEST_CRASHED] = on_crashed, [WV_STATUS_GUEST_RESET] = on_guest_reset,
		[WV_STATUS_ENDED] = on_qemu_ended,
	};

	if ((unsigned)status < G_N_ELEMENTS(handlers))
		handlers[status](owner, detail, text);
}

static const struct wv_reader_events reader_events = { on_row, on_message, on_status };

/* The loop --------------------------------------------------------------------------------------*/

static void flush(struct watch *watch)
{
	g_autoptr(GError) error = NULL;

	if (watch->output_failed || wv_printer_flush(watch->options->printer, &error))
		return;
	watch->output_failed = true;
	stop(watch, cli_fail(error));
}

/** Checks everything that can end the run except QEMU's own end. */
static void check_reasons(struct watch *watch, gint64 started)
{
	gint64 now = g_get_monotonic_time();
	double limit = watch->options->time_limit;

	if (signals_seen && !watch->stop_at)
		stop(watch, WV_EXIT_OK);
	if (!watch->stop_at && limit > 0 && (double)(now - started) >= limit * G_USEC_PER_SEC) {
		if (!watch->armed)
			cli_say("no kernel was found within %g s", limit);
		stop(watch, watch->armed ? WV_EXIT_TIME_LIMIT : WV_EXIT_NO_KERNEL);
	}
	if (!watch->stop_at && watch->crashed && now - watch->crashed_at > CRASH_PATIENCE_US)
		stop(watch, WV_EXIT_GUEST_DIED);
	if (watch->stop_at && !watch->killed &&
	    (now - watch->stop_at > STOP_PATIENCE_US || signals_seen > 1)) {
		watch->killed = true;
		cli_child_stop(watch->options->child, true);
	}
}

/** How QEMU's own end is judged. */
static enum wv_exit judge(const struct watch *watch)
{
	int status = watch->options->child->status;

	if (watch->stop_at)
		return watch->verdict;
	if (signals_seen) /* the terminal sent it to QEMU too, which was faster */
		return WV_EXIT_OK;
	if (WIFSIGNALED(status)) {
		cli_say("QEMU was killed by signal %d", WTERMSIG(status));
		return WV_EXIT_GUEST_DIED;
	}
	if (WEXITSTATUS(status) != 0) {
		cli_say("QEMU ended with exit status %d%s", WEXITSTATUS(status),
			watch->armed ? "" : " before a kernel was found; its own message is above");
		return watch->armed ? WV_EXIT_GUEST_DIED : WV_EXIT_USAGE;
	}
	if (watch->crashed)
		return WV_EXIT_GUEST_DIED;
	if (!watch->armed) {
		cli_say("the guest ended before a kernel was found");
		return WV_EXIT_NO_KERNEL;
	}
	return WV_EXIT_OK;
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
		sum.waits += one->waits;
		sum.calls += one->calls;
		for (unsigned stage = 0; stage < WV_STAGE_COUNT; stage++)
			sum.cycles[stage] += one->cycles[stage];
	}
	return sum;
}

/** The last line: events per plugin, events dropped, and what else went wrong, if anything did. */
static void print_summary(const struct watch *watch, const struct wv_counters *sum)
{
	const struct {
		uint64_t count;
		const char *what;
	} troubles[] = {
		{ sum->suppressed, "suppressed by --traps-ttl" },
		{ sum->unpaired, "without their return" },
		{ sum->overflowed, "with a value that did not fit" },
		{ sum->unreadable, "of an unknown process" },
		{ wv_reader_broken(watch->reader), "malformed" },
	};
	g_autofree char *counts = wv_printer_counts(watch->options->printer);
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_printf(line, "events: %s; dropped: %" G_GUINT64_FORMAT, counts, sum->dropped);
	for (size_t i = 0; i < G_N_ELEMENTS(troubles); i++)
		if (troubles[i].count)
			g_string_append_printf(line, "; %" G_GUINT64_FORMAT " %s",
					       troubles[i].count, troubles[i].what);
	cli_say("%s", line->str);
}

enum wv_exit cli_watch(const struct cli_watch_options *options)
{
	struct watch watch = { .options = options };
	struct cli_clock clock = cli_clock_start();
	gint64 started = g_get_monotonic_time();
	gulong idle = IDLE_MIN_US;

	watch.reader = wv_reader_new(options->session, wv_plugins_schema(), &reader_events, &watch);
	for (;;) {
		/* looked at first: all that was committed before the end is then in the rings */
		bool ended = cli_child_ended(options->child);

		unsigned handled = wv_reader_poll(watch.reader, ended);

		check_reasons(&watch, started);
		if (handled >= WV_READER_POLL_MAX || (handled && ended))
			continue;
		flush(&watch);
		if (ended)
			break;
		idle = handled ? IDLE_MIN_US : MIN(idle * 2, IDLE_MAX_US);
		g_usleep(idle);
	}

	enum wv_exit verdict = judge(&watch);
	struct wv_counters sum = sum_counters(options->session);

	if (options->timing)
		cli_timing_print(&clock, &sum, options->printer);
	print_summary(&watch, &sum);
	wv_reader_free(watch.reader);
	return watch.output_failed && verdict == WV_EXIT_OK ? WV_EXIT_INTERNAL : verdict;
}
