/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sink: where encoded rows go. Lines are collected and written together; a line is written
 * whole or, when the disk is full, not at all.
 */
#ifndef WV_OUTPUT_SINK_H
#define WV_OUTPUT_SINK_H

#include <glib.h>
#include <stdbool.h>

struct wv_sink;

/** Opens a file (truncating it), or standard output for NULL and "-". */
struct wv_sink *wv_sink_open(const char *path, GError **error);

/** Closes it without writing what is still collected. */
void wv_sink_free(struct wv_sink *sink);

/** The buffer that lines are appended to. */
GString *wv_sink_buffer(struct wv_sink *sink);

/**
 * Writes the collected lines.
 *
 * On failure (WV_ERROR_OUTPUT) all lines that fitted are in the file, and no part of another; the
 * sink stays failed and later flushes return false.
 */
bool wv_sink_flush(struct wv_sink *sink, GError **error);

#endif
