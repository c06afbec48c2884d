/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wyvern command: one function per subcommand. To add one: a file here, a declaration, and a
 * row in main.c's table.
 */
#ifndef WV_CLI_CLI_H
#define WV_CLI_CLI_H

#include <stdbool.h>

#include "base/say.h"

/** A subcommand gets its own name as argv[0] and returns the command's exit code. */
enum wv_exit cli_run(int argc, char **argv);
enum wv_exit cli_plugins(int argc, char **argv);
enum wv_exit cli_doctor(int argc, char **argv);
enum wv_exit cli_template(int argc, char **argv);
enum wv_exit cli_analyze(int argc, char **argv);
enum wv_exit cli_tree(int argc, char **argv);
enum wv_exit cli_profile(int argc, char **argv);

/** Writes text on standard output. WV_EXIT_INTERNAL, and a line that says why, if that fails. */
enum wv_exit cli_print(const char *text);

/** What a subcommand's help says besides its options. */
struct cli_help {
	const char *usage;	 /**< what follows the subcommand's name in the usage line */
	const char *summary;	 /**< what it does */
	const char *description; /**< what comes after the options, or NULL */
	bool options_first;	 /**< options end at the first argument that is none */
};

/**
 * Parses a subcommand's options; -h and --help print and exit. What is left in argv are the
 * arguments that are not options.
 */
bool cli_parse(const struct cli_help *help, const GOptionEntry *entries, int *argc, char ***argv,
	       GError **error);

/** Likewise, for a subcommand that takes no arguments but options: others are an error. */
bool cli_parse_all(const struct cli_help *help, const GOptionEntry *entries, int argc, char **argv,
		   GError **error);

/** A word after the subcommand that says what to do. */
struct cli_action {
	const char *name; /**< NULL ends a table of them */
	enum wv_exit (*run)(int argc, char **argv);
	const char *meaning;
};

/**
 * Runs the action that argv[1] names, which gets both words as argv[0]; tells which there are where
 * it names none.
 *
 * @summary: what the actions are about, one sentence.
 */
enum wv_exit cli_act(int argc, char **argv, const struct cli_action *actions, const char *summary);

#endif
