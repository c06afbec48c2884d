/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `wyvern profile`: shows, converts and fetches the profiles of kernels. */
#include "cli/profile.h"

#include "profile/isf_write.h"
#include "profile/load.h"
#include "symbols/fetch.h"

/** The PDB that most kernels have: where only its key is given. */
#define USUAL_PDB "ntkrnlmp.pdb"

/* convert ---------------------------------------------------------------------------------------*/

static bool convert_file(int argc, char **argv, GError **error)
{
	g_autoptr(wv_profile) profile = NULL;

	if (argc != 3) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "a file to read and one to write are needed (see %s --help)",
			    g_get_prgname());
		return false;
	}
	profile = wv_profile_load(argv[1], error);
	return profile && wv_isf_write(profile, argv[2], error);
}

static enum wv_exit convert(int argc, char **argv)
{
	static const struct cli_help help = {
		.usage = "IN OUT",
		.summary = "Writes a PDB or a Rekall profile of a Windows kernel as a Volatility 3 "
			   "ISF.",
		.description = "OUT is compressed when its name ends with .xz.\n",
	};
	const GOptionEntry entries[] = { { 0 } };
	g_autoptr(GError) error = NULL;

	if (!cli_parse(&help, entries, &argc, &argv, &error) || !convert_file(argc, argv, &error))
		return wv_fail(error);
	return WV_EXIT_OK;
}

/* fetch -----------------------------------------------------------------------------------------*/

/** Which PDB is wanted; the image is kept for its names. */
struct wanted {
	cli_image *image;
	const char *pdb, *key;
};

static bool find_wanted(struct wanted *wanted, int argc, char **argv, GError **error)
{
	char key[WV_PDB_KEY_SIZE];

	if (argc == 3) {
		wanted->pdb = argv[1];
		wanted->key = argv[2];
		return wv_symbol_check(wanted->pdb, wanted->key, key, error);
	}
	if (argc != 2) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "an image, or a PDB's name and key, is needed (see %s --help)",
			    g_get_prgname());
		return false;
	}
	if (wv_pdb_key_parse(argv[1], key)) {
		wanted->pdb = USUAL_PDB;
		wanted->key = argv[1];
		return true;
	}
	wanted->image = cli_image_load(argv[1], error);
	if (!wanted->image)
		return false;
	if (!wanted->image->has_pdb) {
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT,
			    "%s: it does not say which PDB belongs to it", argv[1]);
		return false;
	}
	wanted->pdb = wanted->image->pdb;
	wanted->key = wanted->image->key;
	return true;
}

/** Mistakes of the user are his; whatever else is in the way, there is no PDB. */
static enum wv_exit fail_fetch(const GError *error)
{
	return wv_fail(error) == WV_EXIT_USAGE ? WV_EXIT_USAGE : WV_EXIT_INTERNAL;
}

static enum wv_exit fetch(int argc, char **argv)
{
	static const struct cli_help help = {
		.usage = "[OPTIONS] IMAGE | [PDB] KEY",
		.summary = "Prints where the PDB of a kernel is; gets it first, from a symbol "
			   "server, where it is in no folder of the search path.",
		.description =
			"IMAGE is a kernel's file, such as ntoskrnl.exe. KEY is the PDB's GUID, with "
			"or\nwithout dashes, and its age; PDB is its name, " USUAL_PDB
			" where none is given.\n",
	};
	g_autofree char *path = NULL, *server = NULL, *place = NULL;
	const GOptionEntry entries[] = {
		{ "symbol-path", 0, 0, G_OPTION_ARG_FILENAME, &path,
		  "folders, and srv*FOLDER*URL for servers, separated by ; (default: "
		  "$" WV_SYMBOL_PATH ")",
		  "PATH" },
		{ "symbol-server", 0, 0, G_OPTION_ARG_STRING, &server,
		  "one more server; what it gives is kept in the user's cache folder", "URL" },
		{ 0 },
	};
	g_autoptr(GError) error = NULL;
	struct wanted wanted = { 0 };

	if (cli_parse(&help, entries, &argc, &argv, &error) &&
	    find_wanted(&wanted, argc, argv, &error)) {
		const struct wv_symbols_setup setup = { path, server, wv_symbols_fetch };

		place = wv_symbols_get(&setup, wanted.pdb, wanted.key, &error);
	}
	cli_image_free(wanted.image);
	if (!place)
		return fail_fetch(error);

	g_autofree char *line = g_strconcat(place, "\n", NULL);

	return cli_print(line);
}

enum wv_exit cli_profile(int argc, char **argv)
{
	static const struct cli_action actions[] = {
		{ "show", cli_profile_show, "what a profile is of, and what is in it" },
		{ "convert", convert, "write a PDB or a Rekall profile as a Volatility 3 ISF" },
		{ "fetch", fetch, "get the PDB of a Windows kernel from a symbol server" },
		{ 0 },
	};

	return cli_act(argc, argv, actions,
		       "Profiles: a kernel's symbols and types, which Windows guests need.");
}
