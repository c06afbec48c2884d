/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the reader of Rekall profiles, and what tells profile files apart. The first byte chooses:
 * '{', the input is given to the Rekall reader; else the rest of it is a profile file of any form.
 */
#include "look_up.h"
#include "profile/load.h"
#include "profile/rekall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const structures[] = { "_EPROCESS", "_LIST_ENTRY", "_KPROCESS", "a", NULL };
static const char *const paths[] = { "Links.Blink", "Heads", "Sized.Flink", "Grid", "Flag",
				     "Name",	    "b",     "b.b.b",	    "x",    NULL };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct names names = { .structures = structures,
					    .paths = paths,
					    .enumerator = "UserMode",
					    .symbol = "KeBugCheckEx" };
	GError *error = NULL;
	struct wv_profile *profile;

	if (size == 0)
		return 0;
	if (*data == '{')
		profile = wv_rekall_parse(data, size, "fuzz", &error);
	else
		profile = wv_profile_parse(data + 1, size - 1, "fuzz", &error);
	take_profile(profile, error, &names);
	return 0;
}
