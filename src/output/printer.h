/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A printer: rows into lines in one format, lines into one sink, and a count per plugin. What a
 * reader needs at its end, whether it is the command or a thread inside QEMU.
 */
#ifndef WV_OUTPUT_PRINTER_H
#define WV_OUTPUT_PRINTER_H

#include "output/encode.h"
#include "output/sink.h"

struct wv_printer;

/** @header: print a header before the first row of each method, where the format has one. */
struct wv_printer *wv_printer_new(const struct wv_encoder *encoder, const struct wv_schema *schema,
				  struct wv_sink *sink, bool header);
/** Frees the sink as well. */
void wv_printer_free(struct wv_printer *printer);

/** Encodes a row; it is written by the next flush. */
void wv_printer_row(struct wv_printer *printer, const struct wv_row *row);
bool wv_printer_flush(struct wv_printer *printer, GError **error);

/** Leaves an event type that cannot come out of the counts, unless it comes all the same. */
void wv_printer_hide(struct wv_printer *printer, unsigned type);

/** Likewise all types that no event of these systems has (enum wv_os, or-ed). */
void wv_printer_hide_others(struct wv_printer *printer, unsigned systems);

/** Called for each value of the column Plugin, in the order of the schema. */
typedef void (*wv_count_fn)(void *owner, const char *plugin, uint64_t count);
void wv_printer_each_count(const struct wv_printer *printer, wv_count_fn each, void *owner);

/** "procmon 12, syscall 34": events per plugin, in the order of the schema. Free with g_free(). */
char *wv_printer_counts(const struct wv_printer *printer);
uint64_t wv_printer_total(const struct wv_printer *printer);

/** With timing on: nanoseconds spent on encoding, by the monotonic clock. */
void wv_printer_time(struct wv_printer *printer, bool on);
uint64_t wv_printer_encoding_ns(const struct wv_printer *printer);

#endif
