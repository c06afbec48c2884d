/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of the commands that watch a guest, run and analyze: one table, most are shared. */
#ifndef WV_CLI_SETTINGS_H
#define WV_CLI_SETTINGS_H

#include "cli/cli.h"
#include "monitor/settings.h"
#include "output/encode.h"

enum cli_command {
	CLI_RUN = 1,
	CLI_ANALYZE = 2,
};

/**
 * Parses the options of the command, and those that plugins declare, into settings: an option's
 * key is its long name. Leaves argv without them.
 *
 * @config: the configuration file that the user named, or NULL. Free with g_free().
 */
bool cli_settings_parse(struct wv_settings *settings, enum cli_command command,
			const struct cli_help *help, char **config, int *argc, char ***argv,
			GError **error);

/** Puts the configuration file beneath what the command line said. */
bool cli_settings_merge(struct wv_settings *settings, const char *path, GError **error);

/** Checks plugins with their own options, TTL and profile, so that mistakes are told early. */
bool cli_settings_check(const struct wv_settings *settings, GError **error);

/** The encoder that --format names; by itself "default". */
const struct wv_encoder *cli_settings_encoder(const struct wv_settings *settings, GError **error);

/** The value of an option that is a time, not below @least; @otherwise where it is not given. */
bool cli_settings_seconds(const struct wv_settings *settings, const char *option, double least,
			  double otherwise, double *seconds, GError **error);

/**
 * What the monitor is told, as text: paths are absolute, for it may run in another folder. Free
 * with g_free().
 */
char *cli_settings_for_monitor(const struct wv_settings *settings);

#endif
