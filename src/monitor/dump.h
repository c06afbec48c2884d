/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user wants of the contents of files: the options that begin with --dump. */
#ifndef WV_MONITOR_DUMP_H
#define WV_MONITOR_DUMP_H

#include "monitor/settings.h"
#include "output/dump.h"

/** How much is taken of a file at most, in bytes; 0: no contents are wanted. WV_ERROR_USAGE. */
bool wv_dump_limit(const struct wv_settings *settings, guint64 *limit, GError **error);

/** Opens the folder that was asked for; true and NULL: none was. Errors: also wv_dump_open()'s. */
bool wv_dump_open_asked(const struct wv_settings *settings, struct wv_dump **dump, GError **error);

#endif
