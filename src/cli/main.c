/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wyvern command: finds the subcommand. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "config.h"

struct command {
	const char *name;
	enum wv_exit (*run)(int argc, char **argv);
	const char *summary;
};

static const struct command commands[] = {
	{ "run", cli_run, "start a guest and print what it does" },
	{ "analyze", cli_analyze, "run a sample in a fresh guest and tell what it does" },
	{ "template", cli_template, "make, list, show and delete the guests that are cloned" },
	{ "tree", cli_tree, "show the processes of a trace as a tree, and what each did" },
	{ "profile", cli_profile, "show, convert and fetch the profiles of kernels" },
	{ "plugins", cli_plugins, "list what can be watched, and every field of the events" },
	{ "doctor", cli_doctor,
	  "check whether this machine can run guests, and say what is missing" },
};

enum wv_exit cli_print(const char *text)
{
	if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
		return WV_EXIT_OK;
	wv_say("cannot write to standard output: %s", g_strerror(errno));
	return WV_EXIT_INTERNAL;
}

/**
 * The standard descriptors are there, so that no file of ours gets their numbers and is written to
 * by mistake. What was closed stays useless: a write to standard output fails.
 */
static void open_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(WV_EXIT_INTERNAL);
}

static char *usage_text(void)
{
	GString *out = g_string_new("Usage: wyvern COMMAND [OPTIONS]\n\n"
				    "Watches a virtual machine from outside.\n\nCommands:\n");

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		g_string_append_printf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	g_string_append(out, "\n'wyvern COMMAND --help' tells a command's options. "
			     "'wyvern --version' tells the version.\n");
	return g_string_free(out, FALSE);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	g_autofree char *usage = usage_text();

	open_standard_descriptors();
	signal(SIGCHLD, SIG_DFL); /* whoever started us may have ignored it: QEMU is waited for */
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
		return (int)cli_print(usage);
	if (strcmp(name, "--version") == 0)
		return (int)cli_print("wyvern " WV_VERSION "\n");
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return (int)commands[i].run(argc - 1, argv + 1);
	if (*name)
		wv_say("unknown command \"%s\": see wyvern --help", name);
	else
		fputs(usage, stderr);
	return WV_EXIT_USAGE;
}
