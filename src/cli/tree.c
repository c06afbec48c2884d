/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `wyvern tree`: the processes in a file of events, as a tree, with what each did. */
#include <glib/gstdio.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "sandbox/tree_print.h"
#include "sandbox/tree_read.h"

/** Where lists are continued on the next line, if standard output is no terminal. */
#define WIDTH	  100
#define WIDTH_MIN 60

static const struct cli_help help = {
	.usage = "[OPTIONS] EVENTS.jsonl|RESULT-FOLDER|-",
	.summary =
		"Prints the tree of processes that a file of events tells of: what each executed, "
		"when it started and how it ended, and what it did. Reads what 'wyvern run -o "
		"json' and 'wyvern analyze' have written; - is standard input.",
	.description =
		"Shown are the process that executes a program first, which is the sample,\n"
		"those that come from it, and those that they send signals to. What processes\n"
		"did comes from the plugin syscalls; without it there are the processes alone.\n\n"
		"Exit codes:\n"
		"  0  done\n"
		"  1  it could not be read or written\n"
		"  2  there is no such file, or no event in it\n",
};

static unsigned width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH;
	return MAX(size.ws_col, WIDTH_MIN);
}

static bool is_utf8(void)
{
	return setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void say_what_is_missing(const struct wv_tree *tree, uint64_t malformed)
{
	if (malformed > 0)
		wv_say("warning: %" G_GUINT64_FORMAT " line%s no event%s", malformed,
		       malformed == 1 ? " is" : "s are", malformed == 1 ? "" : "s");
	if (tree->n_without_room > 0)
		wv_say("warning: there was no room for something of %" G_GUINT64_FORMAT " event%s",
		       tree->n_without_room, tree->n_without_room == 1 ? "" : "s");
}

static enum wv_exit print(const char *path, bool json, bool all)
{
	g_autofree char *file = g_file_test(path, G_FILE_TEST_IS_DIR)
					? g_build_filename(path, "events.jsonl", NULL)
					: g_strdup(path);
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	uint64_t malformed = 0;
	g_autoptr(wv_tree) tree = wv_tree_read(file, &malformed, &error);

	if (!tree)
		return wv_fail(error);
	if (tree->n_events == 0 && malformed > 0) {
		wv_say("there is no event in %s: it is no output of -o json", file);
		return WV_EXIT_USAGE;
	}
	say_what_is_missing(tree, malformed);
	if (json)
		wv_tree_json(tree, all, malformed, out);
	else
		wv_tree_print(
			tree,
			&(struct wv_tree_style){ .all = all, .utf8 = is_utf8(), .width = width() },
			out);
	return cli_print(out->str);
}

enum wv_exit cli_tree(int argc, char **argv)
{
	gboolean json = FALSE, all = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, "write it as JSON",
		  NULL },
		{ "all", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &all,
		  "all processes of the guest, not only the sample's", NULL },
		{ 0 },
	};
	g_autoptr(GError) error = NULL;

	if (!cli_parse(&help, entries, &argc, &argv, &error))
		return wv_fail(error);
	if (argc != 2) {
		wv_say("%s (see wyvern tree --help)",
		       argc < 2 ? "no file of events given" : "one file of events at a time");
		return WV_EXIT_USAGE;
	}
	return print(argv[1], json, all);
}
