/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the reader of ISF profiles; the input is the file. Start it with corpus/isf as corpus and
 * isf.dict as dictionary.
 */
#include "look_up.h"
#include "profile/isf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const paths[] = { "state", "comm",	       "grid.owner",	"mm", "flag",
				     "low",   "as_base.owner", "through.owner", "x",  NULL };
static const char *const structures[] = { "task", "link", "self", "unnamed_2", NULL };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct names names = {
		.structures = structures, .paths = paths, .enumerator = "BAD", .symbol = "split"
	};
	GError *error = NULL;
	struct wv_profile *profile = wv_isf_parse(data, size, "fuzz", &error);

	take_profile(profile, error, &names);
	return 0;
}
