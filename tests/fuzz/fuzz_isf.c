/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the reader of ISF profiles; the input is the file. Start it with corpus/isf as corpus and
 * isf.dict as dictionary.
 */
#include <stdlib.h>
#include <string.h>

#include "profile/isf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const struct wv_profile *profile)
{
	static const char *const paths[] = { "state", "comm", "grid.owner",    "mm",
					     "flag",  "low",  "as_base.owner", "through.owner",
					     "x" };
	static const char *const structures[] = { "task", "link", "self", "unnamed_2" };
	struct wv_member member;
	uint64_t number;
	int64_t value;

	for (size_t i = 0; i < G_N_ELEMENTS(structures); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(paths); j++)
			wv_profile_member(profile, structures[i], paths[j], &member);
		wv_profile_size(profile, structures[i], &number);
	}
	wv_profile_symbol(profile, "split", &number);
	wv_profile_enumerator(profile, "BAD", &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GError *error = NULL;
	struct wv_profile *profile = wv_isf_parse(data, size, "fuzz", &error);

	if (!profile == !error)
		abort();
	g_clear_error(&error);
	if (profile)
		look_up(profile);
	wv_profile_free(profile);
	return 0;
}
