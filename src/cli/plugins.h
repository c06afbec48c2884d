/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `wyvern plugins` writes, in its three forms; each is to be freed with g_free(). */
#ifndef WV_CLI_PLUGINS_H
#define WV_CLI_PLUGINS_H

/** For people: plugins, traps, options, events. */
char *cli_plugins_text(void);

/** For programs: all of it, down to each field. One JSON object. */
char *cli_plugins_json(void);

/** docs/output.md. */
char *cli_plugins_markdown(void);

#endif
