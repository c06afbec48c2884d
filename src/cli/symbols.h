/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers the monitor's question for a kernel's profile: on a thread of its own, because a download
 * takes its time and the watch goes on meanwhile.
 */
#ifndef WV_CLI_SYMBOLS_H
#define WV_CLI_SYMBOLS_H

#include "monitor/settings.h"
#include "output/session.h"

struct cli_symbols;

/** Whether --symbol-path and --symbol-server make sense. Errors: WV_ERROR_USAGE. */
bool cli_symbols_check(const struct wv_settings *settings, GError **error);

/** The session must live until cli_symbols_free(), which the caller owes. */
struct cli_symbols *cli_symbols_new(const struct wv_settings *settings, struct wv_session *session);

/** What is still looked for is given up. */
void cli_symbols_free(struct cli_symbols *symbols);

/** Sees to an answer; see wv_watch_options.profile_wanted. The owner is a struct cli_symbols. */
void cli_symbols_wanted(void *owner, const char *question);

#endif
