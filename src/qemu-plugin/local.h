/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reader inside QEMU's process, for when no command waits for the events. */
#ifndef WV_QEMU_PLUGIN_LOCAL_H
#define WV_QEMU_PLUGIN_LOCAL_H

#include "output/session.h"

struct local_options {
	const char *format; /**< as -o; NULL: json */
	const char *output; /**< a file; NULL: standard output */
	const char *config; /**< a configuration file, or NULL */
	unsigned n_vcpus;
};

struct local_reader;

/** Makes a session (owned by the reader) and starts a thread that reads it. */
struct local_reader *local_reader_start(const struct local_options *options,
					struct wv_session **session, GError **error);

/** Reads what is left, writes it out and ends the thread. */
void local_reader_finish(struct local_reader *local);

#endif
