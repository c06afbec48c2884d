/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of `wyvern profile` share. */
#ifndef WV_CLI_PROFILE_H
#define WV_CLI_PROFILE_H

#include "cli/cli.h"
#include "output/schema.h"
#include "profile/pe.h"
#include "profile/want.h"

enum wv_exit cli_profile_show(int argc, char **argv);

/* What Wyvern needs of a kernel -----------------------------------------------------------------*/

enum cli_need_state {
	CLI_NEED_FOUND,
	CLI_NEED_MISSING,
	CLI_NEED_ABSENT, /**< not there, and nothing is lost */
	CLI_NEED_UNUSED, /**< only looked for in other kernels */
	CLI_NEED_STATES,
};

/** Something that is looked up in a kernel's profile. */
struct cli_need {
	const char *by;	  /**< the plugin; NULL: needed whatever the plugins are */
	const char *kind; /**< "symbol", "member", "size", "enumerator", "function" */
	char *name;	  /**< owned */
	const char *cost; /**< what is lost without it; NULL: all that `by` does */
	enum cli_need_state state;
	const char *found;     /**< of a function: which of its names is there */
	struct wv_place place; /**< where it was found */
};

/** How the states are called. */
extern const char *const cli_need_states[CLI_NEED_STATES];

/** All that this build needs of the kernel: an array of struct cli_need. */
GArray *cli_needs(const struct wv_profile *profile);

/** Which guest system the profile is of: by whether it says which PDB it is of. */
enum wv_os cli_profile_os(const struct wv_profile *profile);

/* Images ----------------------------------------------------------------------------------------*/

/** A PE image's file. */
struct cli_image {
	GByteArray *file;
	struct wv_pe_bytes bytes;
	struct wv_pe pe;
	bool has_pdb; /**< the next two are set */
	char pdb[WV_PE_PDB_NAME_SIZE];
	char key[WV_PDB_KEY_SIZE];
};

/** Whether a file starts as an image does. */
bool cli_is_image(const char *path);

/** Reads an image; free with cli_image_free(). Errors as wv_pe_init(), WV_ERROR_USAGE: no file. */
struct cli_image *cli_image_load(const char *path, GError **error);
void cli_image_free(struct cli_image *image);
typedef struct cli_image cli_image; /* g_autoptr() wants a single name */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(cli_image, cli_image_free)

/** The name of a processor (enum wv_pe_machine), or "unknown". */
const char *cli_machine_name(uint16_t machine);

#endif
