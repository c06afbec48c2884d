/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wyvern command: one function per subcommand. To add one: a file here, a declaration, and a
 * row in main.c's table.
 */
#ifndef WV_CLI_CLI_H
#define WV_CLI_CLI_H

#include <stdbool.h>

#include "base/error.h"

/** A subcommand gets its own name as argv[0] and returns the command's exit code. */
enum wv_exit cli_run(int argc, char **argv);
enum wv_exit cli_plugins(int argc, char **argv);
enum wv_exit cli_doctor(int argc, char **argv);

/** Prints "wyvern: ..." on standard error; control bytes are escaped: texts may be the guest's. */
void cli_say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/** Prints an error as cli_say() does and returns its exit code. */
enum wv_exit cli_fail(const GError *error);

/**
 * Parses a subcommand's options with GLib's parser; -h and --help print and exit.
 *
 * @usage: what follows the subcommand's name in the usage line.
 */
bool cli_parse(const char *usage, const char *summary, const GOptionEntry *entries, int *argc,
	       char ***argv, GError **error);

#endif
