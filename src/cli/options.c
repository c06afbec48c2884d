/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsing a subcommand's options, and its help. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/** Where help wraps its lines, and the most that the options' names may take of them. */
#define HELP_WIDTH  80
#define NAMES_WIDTH 32

static char *option_names(const GOptionEntry *entry)
{
	char letter[] = { '-', entry->short_name, ',', ' ', '\0' };

	return g_strdup_printf("  %s--%s%s%s", entry->short_name ? letter : "    ",
			       entry->long_name, entry->arg_description ? " " : "",
			       entry->arg_description ? entry->arg_description : "");
}

/** Appends words, wrapped; every line but the first, which stands at @column, is indented. */
static void append_wrapped(GString *out, const char *text, size_t indent, size_t column)
{
	g_auto(GStrv) words = g_strsplit(text, " ", 0);

	for (char **word = words; *word; word++) {
		size_t size = strlen(*word);

		if (column > indent && column + 1 + size > HELP_WIDTH) {
			g_string_append_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			g_string_append_c(out, ' ');
			column++;
		}
		g_string_append(out, *word);
		column += size;
	}
	g_string_append_c(out, '\n');
}

static void append_option(GString *out, const GOptionEntry *entry, size_t indent)
{
	g_autofree char *names = option_names(entry);
	size_t size = strlen(names);

	g_string_append(out, names);
	if (size + 2 > indent) {
		g_string_append_c(out, '\n');
		size = 0;
	}
	g_string_append_printf(out, "%*s", (int)(indent - size), "");
	append_wrapped(out, entry->description, indent, indent);
}

static char *help_text(const char *program, const struct cli_help *help,
		       const GOptionEntry *entries)
{
	static const GOptionEntry help_entry = { .long_name = "help",
						 .short_name = 'h',
						 .description = "print this help" };
	GString *out = g_string_new(NULL);
	size_t indent = 0;

	for (const GOptionEntry *entry = entries; entry->long_name; entry++) {
		g_autofree char *names = option_names(entry);

		if (strlen(names) <= NAMES_WIDTH)
			indent = MAX(indent, strlen(names) + 2);
	}
	g_string_printf(out, "Usage: %s %s\n\n", program, help->usage);
	append_wrapped(out, help->summary, 0, 0);
	g_string_append(out, "\nOptions:\n");
	for (const GOptionEntry *entry = entries; entry->long_name; entry++)
		append_option(out, entry, indent);
	append_option(out, &help_entry, indent);
	if (help->description)
		g_string_append_printf(out, "\n%s", help->description);
	return g_string_free(out, FALSE);
}

/** GLib ignores a value that is given to an option without one. */
static bool check_flags(const GOptionEntry *entries, int argc, char **argv, GError **error)
{
	for (int i = 1; i < argc; i++) {
		const char *name = g_str_has_prefix(argv[i], "--") ? argv[i] + 2 : "";
		size_t size = strcspn(name, "=");

		for (const GOptionEntry *entry = entries; name[size] && entry->long_name; entry++) {
			if (entry->arg_description || strlen(entry->long_name) != size ||
			    memcmp(entry->long_name, name, size) != 0)
				continue;
			g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
				    "--%s takes no value (see %s --help)", entry->long_name,
				    g_get_prgname());
			return false;
		}
	}
	return true;
}

bool cli_parse(const struct cli_help *help, const GOptionEntry *entries, int *argc, char ***argv,
	       GError **error)
{
	gboolean wants_help = FALSE;
	const GOptionEntry own[] = {
		{ "help", 'h', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &wants_help, NULL, NULL },
		{ 0 },
	};
	g_autofree char *program = g_strdup_printf("wyvern %s", (*argv)[0]);
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) reason = NULL;

	g_autofree char **given = g_memdup2(*argv, (size_t)*argc * sizeof(**argv));
	int n_given = *argc;

	g_set_prgname(program);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_strict_posix(context, help->options_first);
	g_option_context_add_main_entries(context, own, NULL);
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, &reason)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s (see %s --help)", reason->message,
			    program);
		return false;
	}
	/* where options come first, what follows them is not ours */
	if (!check_flags(entries, help->options_first ? n_given - *argc + 1 : n_given, given,
			 error))
		return false;
	if (wants_help) {
		g_autofree char *text = help_text(program, help, entries);

		exit((int)cli_print(text));
	}
	return true;
}

bool cli_parse_all(const struct cli_help *help, const GOptionEntry *entries, int argc, char **argv,
		   GError **error)
{
	if (!cli_parse(help, entries, &argc, &argv, error))
		return false;
	if (argc == 1)
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "unexpected argument \"%s\" (see %s --help)",
		    argv[1], g_get_prgname());
	return false;
}
