/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said to the user: lines on standard error. */
#ifndef WV_BASE_SAY_H
#define WV_BASE_SAY_H

#include "base/error.h"

/**
 * A text fit for a terminal: control characters and what is not UTF-8 become '?', for texts may be
 * the guest's. Free with g_free().
 */
char *wv_printable(const char *text);

/** Prints "wyvern: ..." on standard error, as one line of text whatever bytes the guest sent. */
void wv_say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/** Prints an error as wv_say() does and returns its exit code. */
enum wv_exit wv_fail(const GError *error);

#endif
