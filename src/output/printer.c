/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows into a sink, counted. */
#include "output/printer.h"

#include <string.h>

#include "base/clock.h"

/** A sink's buffer is written when it has grown to this, even between flushes. */
#define BUFFER_HIGH (1u << 20)

struct wv_printer {
	const struct wv_encoder *encoder;
	const struct wv_schema *schema;
	struct wv_sink *sink;
	bool header;
	bool timed;
	uint64_t *counts; /* per event type */
	bool *hidden;	  /* likewise: not to be counted */
	uint64_t encoding_ns;
};

struct wv_printer *wv_printer_new(const struct wv_encoder *encoder, const struct wv_schema *schema,
				  struct wv_sink *sink, bool header)
{
	struct wv_printer *printer = g_new0(struct wv_printer, 1);

	printer->encoder = encoder;
	printer->schema = schema;
	printer->sink = sink;
	printer->header = header && encoder->header;
	printer->counts = g_new0(uint64_t, schema->n_types);
	printer->hidden = g_new0(bool, schema->n_types);
	return printer;
}

void wv_printer_free(struct wv_printer *printer)
{
	if (!printer)
		return;
	wv_sink_free(printer->sink);
	g_free(printer->counts);
	g_free(printer->hidden);
	g_free(printer);
}

void wv_printer_row(struct wv_printer *printer, const struct wv_row *row)
{
	GString *buffer = wv_sink_buffer(printer->sink);
	/* the cheap clock: the CPU time of a thread costs more than what is measured */
	uint64_t started = printer->timed ? wv_clock_read_ns(CLOCK_MONOTONIC) : 0;
	unsigned type = 0;

	while (type < printer->schema->n_types && printer->schema->types[type] != row->type)
		type++;
	if (type == printer->schema->n_types)
		return;
	if (printer->header && !printer->counts[type])
		printer->encoder->header(row->type, buffer);
	printer->counts[type]++;
	printer->encoder->row(row, buffer);
	if (printer->timed)
		printer->encoding_ns += wv_clock_read_ns(CLOCK_MONOTONIC) - started;
	if (buffer->len >= BUFFER_HIGH)
		wv_sink_flush(printer->sink, NULL); /* a failure is told by the next flush */
}

bool wv_printer_flush(struct wv_printer *printer, GError **error)
{
	return wv_sink_flush(printer->sink, error);
}

uint64_t wv_printer_total(const struct wv_printer *printer)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < printer->schema->n_types; i++)
		total += printer->counts[i];
	return total;
}

void wv_printer_hide(struct wv_printer *printer, unsigned type)
{
	printer->hidden[type] = true;
}

void wv_printer_hide_others(struct wv_printer *printer, unsigned systems)
{
	for (unsigned i = 0; i < printer->schema->n_types; i++)
		if (!(printer->schema->types[i]->os & systems))
			wv_printer_hide(printer, i);
}

void wv_printer_each_count(const struct wv_printer *printer, wv_count_fn each, void *owner)
{
	for (unsigned i = 0; i < printer->schema->n_types; i++) {
		const char *plugin = printer->schema->types[i]->plugin;
		uint64_t count = 0;
		bool told = false;

		for (unsigned j = 0; j < printer->schema->n_types; j++) {
			if (strcmp(printer->schema->types[j]->plugin, plugin) != 0)
				continue;
			told |= j < i;
			count += printer->counts[j];
		}
		if (!told && (count || !printer->hidden[i]))
			each(owner, plugin, count);
	}
}

static void append_count(void *owner, const char *plugin, uint64_t count)
{
	GString *text = owner;

	g_string_append_printf(text, "%s%s %" G_GUINT64_FORMAT, text->len ? ", " : "", plugin,
			       count);
}

char *wv_printer_counts(const struct wv_printer *printer)
{
	GString *text = g_string_new(NULL);

	wv_printer_each_count(printer, append_count, text);
	return g_string_free(text, FALSE);
}

void wv_printer_time(struct wv_printer *printer, bool on)
{
	printer->timed = on;
}

uint64_t wv_printer_encoding_ns(const struct wv_printer *printer)
{
	return printer->encoding_ns;
}
