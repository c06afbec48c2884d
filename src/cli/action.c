/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subcommands that have actions: finds the action. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static char *usage(const char *command, const struct cli_action *actions, const char *summary)
{
	GString *text = g_string_new(NULL);

	g_string_printf(text, "Usage: wyvern %s ACTION ...\n\n%s\n\nActions:\n", command, summary);
	for (; actions->name; actions++)
		g_string_append_printf(text, "  %-8s %s\n", actions->name, actions->meaning);
	g_string_append_printf(text, "\nwyvern %s ACTION --help tells more.\n", command);
	return g_string_free(text, FALSE);
}

enum wv_exit cli_act(int argc, char **argv, const struct cli_action *actions, const char *summary)
{
	g_autofree char *text = usage(argv[0], actions, summary);
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return cli_print(text);
	for (; actions->name; actions++) {
		if (strcmp(name, actions->name) != 0)
			continue;

		/* help then names both words */
		g_autofree char *both = g_strdup_printf("%s %s", argv[0], name);

		argv[1] = both;
		return actions->run(argc - 1, argv + 1);
	}
	if (*name)
		wv_say("unknown action \"%s\": see wyvern %s --help", name, argv[0]);
	else
		fputs(text, stderr);
	return WV_EXIT_USAGE;
}
