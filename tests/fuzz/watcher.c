/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor that watches a machine, and a reader of what it tells. */
#include "watcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/registry.h"
#include "output/encode.h"

void stop_if(bool wrong, const char *what)
{
	if (!wrong)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void print_row(void *owner, const struct wv_row *row)
{
	(void)owner;
	for (size_t i = 0; wv_encoders[i]; i++) {
		g_autoptr(GString) line = g_string_new(NULL);

		wv_encoders[i]->row(row, line);
		stop_if(strchr(line->str, '\n') != line->str + line->len - 1, "not one line");
	}
}

static void print_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	(void)owner;
	(void)level;
	(void)text;
}

static void print_status(void *owner, const struct wv_status_note *note)
{
	(void)owner;
	(void)note;
}

static const struct wv_reader_events events = {
	.row = print_row,
	.message = print_message,
	.status = print_status,
};

void watcher_read(struct watcher *watcher)
{
	while (wv_reader_poll(watcher->reader, false))
		;
	stop_if(wv_reader_broken(watcher->reader), "a record of the monitor's is malformed");
}

void watcher_start(struct watcher *watcher, struct wv_machine *machine, const char *config)
{
	watcher->machine = machine;
	watcher->session = wv_session_create(1, config, NULL);
	watcher->monitor = wv_monitor_new(machine, watcher->session, NULL);
	watcher->reader = wv_reader_new(watcher->session, wv_plugins_schema(), &events, NULL);
	machine->events->watched(machine->owner, 0);
	watcher_read(watcher);
}

void watcher_stop(struct watcher *watcher)
{
	struct wv_machine *machine = watcher->machine;

	wv_reader_free(watcher->reader);
	wv_monitor_free(watcher->monitor);
	wv_session_free(watcher->session);
	watcher->monitor = NULL;
	wv_traps_clear(&machine->traps);
	machine->direct_map = 0;
}
