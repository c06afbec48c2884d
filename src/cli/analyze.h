/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `wyvern analyze` shares between one sample and many. */
#ifndef WV_CLI_ANALYZE_H
#define WV_CLI_ANALYZE_H

#include "cli/settings.h"

/** The files, and those of the folders, are analyzed by commands of their own, @jobs at a time. */
enum wv_exit cli_analyze_many(const struct wv_settings *settings, unsigned jobs,
			      char *const *samples);

/** The template that the settings name, or the usual one, which is made if it is not there. */
bool cli_analyze_template(const struct wv_settings *settings, GError **error);

/**
 * Makes a folder of this name, or, where that is taken, of the first that is free of NAME.2, NAME.3
 * and so on. Returns its path; free with g_free().
 */
char *cli_analyze_new_folder(const char *path, GError **error);

#endif
