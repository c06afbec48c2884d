/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wyvern command: finds the subcommand. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "config.h"

struct command {
	const char *name;
	enum wv_exit (*run)(int argc, char **argv);
	const char *summary;
};

static const struct command commands[] = {
	{ "run", cli_run, "start a guest and print what it does" },
	{ "plugins", cli_plugins, "list what can be watched, and every field of the events" },
	{ "doctor", cli_doctor,
	  "check whether this machine can run guests, and say what is missing" },
};

void cli_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);

	g_autofree char *text = g_strdup_vprintf(format, arguments);

	va_end(arguments);
	for (char *byte = text; *byte; byte++)
		if ((unsigned char)*byte < ' ' || *byte == 0x7f)
			*byte = '?';
	fprintf(stderr, "wyvern: %s\n", text);
}

enum wv_exit cli_fail(const GError *error)
{
	cli_say("%s", error->message);
	return wv_error_exit_code(error);
}

bool cli_parse(const char *usage, const char *summary, const GOptionEntry *entries, int *argc,
	       char ***argv, GError **error)
{
	g_autofree char *program = g_strdup_printf("wyvern %s", (*argv)[0]);
	g_autoptr(GOptionContext) context = g_option_context_new(usage);
	g_autoptr(GError) reason = NULL;

	g_set_prgname(program);
	g_option_context_set_summary(context, summary);
	g_option_context_add_main_entries(context, entries, NULL);
	if (g_option_context_parse(context, argc, argv, &reason))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s (see %s --help)", reason->message,
		    program);
	return false;
}

static void print_usage(FILE *out)
{
	fprintf(out, "Usage: wyvern COMMAND [OPTIONS]\n\n"
		     "Watches a virtual machine from outside.\n\nCommands:\n");
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fprintf(out, "\n'wyvern COMMAND --help' tells a command's options. "
		     "'wyvern --version' tells the version.\n");
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
		print_usage(stdout);
		return WV_EXIT_OK;
	}
	if (strcmp(name, "--version") == 0) {
		printf("wyvern %s\n", WV_VERSION);
		return WV_EXIT_OK;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return (int)commands[i].run(argc - 1, argv + 1);
	if (*name)
		cli_say("unknown command \"%s\": see wyvern --help", name);
	else
		print_usage(stderr);
	return WV_EXIT_USAGE;
}
