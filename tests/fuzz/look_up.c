/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks names up in a profile, and in what is read back of it. */
#include "look_up.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "profile/isf_write.h"
#include "profile/load.h"
#include "temp_folder.h"

/* Takes what was read, so that the compiler does not leave the reading out. */
static volatile uint64_t sink;

void look_up_types(const struct wv_types *types, const struct names *names)
{
	struct wv_member member;
	uint64_t size;
	int64_t value;

	for (const char *const *structure = names->structures; *structure; structure++) {
		for (const char *const *path = names->paths; *path; path++) {
			if (types->member(types, *structure, *path, &member))
				sink = member.offset + member.size;
		}
		if (types->size(types, *structure, &size))
			sink = size;
	}
	if (types->enumerator(types, names->enumerator, &value))
		sink = (uint64_t)value;
}

static void look_up(const struct wv_profile *profile, const struct names *names)
{
	uint64_t address;

	look_up_types(profile->types, names);
	if (wv_profile_symbol(profile, names->symbol, &address))
		sink = address;
	sink = wv_profile_is_of(profile, "0123456789ABCDEF0123456789ABCDEF1");
}

/* ---- there and back ---- */

static void remove_folder(void)
{
	temp_folder_tear_down(NULL);
}

/* In a folder of this process, which is removed when it exits. */
static const char *file_path(void)
{
	static char *path;

	if (!path) {
		if (temp_folder_set_up(NULL) != 0)
			abort();
		atexit(remove_folder);
		path = g_build_filename(temp_folder, "profile.json", NULL);
	}
	return path;
}

static void identify(struct wv_profile *profile)
{
	g_free(profile->pdb_name);
	g_free(profile->pdb_key);
	profile->pdb_name = g_strdup("ntkrnlmp.pdb");
	profile->pdb_key = g_strdup("0123456789ABCDEF0123456789ABCDEF1");
}

/* Offsets may differ: JSON has one member of a name, where a PDB may have several. */
static void compare(const struct wv_profile *profile, const struct wv_profile *back,
		    const struct names *names)
{
	for (const char *const *structure = names->structures; *structure; structure++) {
		uint64_t before = 0, after = 0;
		bool there = wv_profile_size(profile, *structure, &before);

		if (wv_profile_size(back, *structure, &after) != there || before != after)
			abort();
	}
}

static void write_and_read(struct wv_profile *profile, const struct names *names)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	struct wv_profile *back;
	gsize size;

	identify(profile);
	if (!wv_isf_write(profile, file_path(), &error) ||
	    !g_file_get_contents(file_path(), &text, &size, &error))
		abort();
	back = wv_profile_parse(text, size, "fuzz", &error);
	if (back) {
		look_up(back, names);
		compare(profile, back, names);
	} else if (!strstr(error->message, "a field's type is malformed")) {
		abort();
	}
	wv_profile_free(back);
}

void take_profile(struct wv_profile *profile, GError *error, const struct names *names)
{
	if (!profile == !error)
		abort();
	g_clear_error(&error);
	if (!profile)
		return;
	look_up(profile, names);
	write_and_read(profile, names);
	wv_profile_free(profile);
}
