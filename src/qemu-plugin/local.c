/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader as a thread inside QEMU. */
#include "qemu-plugin/local.h"

#include <stdio.h>

#include "base/error.h"
#include "monitor/dump.h"
#include "monitor/registry.h"
#include "output/printer.h"
#include "output/reader.h"
#include "profile/symbols.h"

/** How long the thread sleeps when there is nothing to read, in microseconds. */
#define IDLE_US 2000

struct local_reader {
	struct wv_session *session;
	struct wv_reader *reader;
	struct wv_printer *printer;
	struct wv_dump *dump; /* or NULL */
	char *symbol_path;    /* or NULL */
	GThread *thread;
	int ending; /* atomic: the writers are gone */
	bool failed;
};

static void on_row(void *owner, const struct wv_row *row)
{
	struct local_reader *local = owner;

	wv_printer_row(local->printer, row);
}

static void print_line(struct wv_bytes text)
{
	g_autofree char *line = g_strndup(text.data, text.size);
	g_autofree char *safe = g_strescape(line, NULL);

	fprintf(stderr, "wyvern: %s\n", safe);
}

static void on_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	(void)owner;
	(void)level;
	print_line(text);
}

/** What is on this machine is looked at; from here no server is asked. */
static void answer_profile(const struct local_reader *local, struct wv_bytes question)
{
	struct wv_symbols_setup setup = { .path = local->symbol_path };
	g_autoptr(GError) error = NULL;
	g_autofree char *text = g_strndup(question.data, question.size);
	g_autofree char *path = wv_symbols_get_asked(&setup, text, &error);

	wv_session_answer(local->session, path != NULL, path ? path : error->message);
}

static void on_status(void *owner, const struct wv_status_note *note)
{
	struct local_reader *local = owner;

	if (note->status == WV_STATUS_ARMED)
		wv_printer_hide_others(local->printer, note->detail);
	if (note->status == WV_STATUS_PROFILE_WANTED)
		answer_profile(local, note->text);
	else if (note->text.size)
		print_line(note->text);
}

static void on_content(void *owner, unsigned ring, const struct wv_row *row,
		       const struct wv_content_piece *piece)
{
	struct local_reader *local = owner;

	if (local->dump)
		wv_dump_content(local->dump, ring, row, piece);
}

static const struct wv_reader_events events = { on_row, on_message, on_status, on_content };

static void flush(struct local_reader *local)
{
	g_autoptr(GError) error = NULL;

	if (local->failed || (wv_printer_flush(local->printer, &error) &&
			      (!local->dump || wv_dump_check(local->dump, &error))))
		return;
	local->failed = true;
	wv_session_close(local->session); /* the guest goes on unwatched rather than stand still */
	fprintf(stderr, "wyvern: %s\n", error->message);
}

static gpointer read_all(gpointer data)
{
	struct local_reader *local = data;

	for (;;) {
		bool ending = g_atomic_int_get(&local->ending);

		unsigned handled = wv_reader_poll(local->reader, ending);

		if (handled >= WV_READER_POLL_MAX || (handled && ending))
			continue;
		flush(local);
		if (ending)
			return NULL;
		g_usleep(IDLE_US);
	}
}

/** Makes the session and its reader; the settings have been read. */
static struct local_reader *make(const struct local_options *options,
				 const struct wv_settings *settings,
				 const struct wv_encoder *encoder, struct wv_session **session,
				 GError **error)
{
	struct wv_sink *sink = wv_sink_open(options->output, error);
	g_autofree char *config = wv_settings_text(settings);
	struct wv_dump *dump = NULL;

	if (!sink)
		return NULL;
	if (!wv_dump_open_asked(settings, &dump, error) ||
	    !(*session = wv_session_create(options->n_vcpus, config, error))) {
		wv_dump_free(dump);
		wv_sink_free(sink);
		return NULL;
	}

	struct local_reader *local = g_new0(struct local_reader, 1);

	local->session = *session;
	local->dump = dump;
	local->symbol_path = wv_settings_get(settings, "symbol-path");
	local->printer = wv_printer_new(encoder, wv_plugins_schema(), sink, false);
	wv_plugins_hide_unused(settings, local->printer);
	local->reader = wv_reader_new(local->session, wv_plugins_schema(), &events, local);
	local->thread = g_thread_new("wyvern-reader", read_all, local);
	return local;
}

struct local_reader *local_reader_start(const struct local_options *options,
					struct wv_session **session, GError **error)
{
	const char *format = options->format ? options->format : "json";
	const struct wv_encoder *encoder = wv_encoder_find(format);
	struct local_reader *local = NULL;
	struct wv_settings settings;

	if (!encoder) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "unknown format \"%s\"", format);
		return NULL;
	}
	wv_settings_init(&settings);
	if (!options->config || wv_settings_load(&settings, options->config, error))
		local = make(options, &settings, encoder, session, error);
	wv_settings_deinit(&settings);
	return local;
}

void local_reader_finish(struct local_reader *local)
{
	g_atomic_int_set(&local->ending, 1);
	g_thread_join(local->thread);
	if (local->dump) {
		wv_dump_finish(local->dump);
		flush(local);
	}

	g_autofree char *counts = wv_printer_counts(local->printer);

	fprintf(stderr, "wyvern: events: %s\n", counts);
}
