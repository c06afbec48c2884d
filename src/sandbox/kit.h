/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What guests are made of when the user names nothing: our launcher, Debian's kernel, busybox. */
#ifndef WV_SANDBOX_KIT_H
#define WV_SANDBOX_KIT_H

#include <glib.h>
#include <stdbool.h>

/**
 * A file of Wyvern's own: beside the command in a build folder, or where it is installed. NULL and
 * WV_ERROR_USAGE when it is in neither.
 */
char *wv_kit_file(const char *name, GError **error);

/** The launcher's program: beside the command in a build folder, or installed. */
char *wv_kit_launcher(GError **error);

/**
 * Debian's kernel and its busybox, from the cache ($WYVERN_CACHE, or the project's, or the user's).
 * What is not there is downloaded by scripts/fetch-guest, which says so. Free with g_free().
 */
char *wv_kit_kernel(GError **error);
char *wv_kit_busybox(GError **error);

/** The modules of a kernel's file: `modules` beside it, or the host's of that release; or NULL. */
char *wv_kit_modules(const char *kernel);

#endif
