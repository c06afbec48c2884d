/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `wyvern plugins`: what this build can watch, and what its events look like. */
#include "cli/plugins.h"

#include "cli/cli.h"

static const struct cli_help help = {
	.usage = "[--json | --markdown]",
	.summary = "Lists the plugins of this build: what each traps in which guests, its options "
		   "and its events.",
	.description = NULL,
};

enum wv_exit cli_plugins(int argc, char **argv)
{
	gboolean json = FALSE, markdown = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json,
		  "write it as JSON, with every field of every event", NULL },
		{ "markdown", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &markdown,
		  "write it as the page docs/output.md", NULL },
		{ 0 },
	};
	g_autoptr(GError) error = NULL;

	if (!cli_parse_all(&help, entries, argc, argv, &error))
		return wv_fail(error);
	if (json && markdown) {
		wv_say("--json and --markdown: only one of them");
		return WV_EXIT_USAGE;
	}

	g_autofree char *text = json	   ? cli_plugins_json()
				: markdown ? cli_plugins_markdown()
					   : cli_plugins_text();

	return cli_print(text);
}
