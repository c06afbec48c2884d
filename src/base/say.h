/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said to the user: lines on standard error. */
#ifndef WV_BASE_SAY_H
#define WV_BASE_SAY_H

#include "base/error.h"

/** Prints "wyvern: ..." on standard error, as one line of text whatever bytes the guest sent. */
void wv_say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/** Prints an error as wv_say() does and returns its exit code. */
enum wv_exit wv_fail(const GError *error);

#endif
