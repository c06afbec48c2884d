/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the reader of Rekall profiles, and what tells profile files apart. The first byte chooses:
 * '{', the input is given to the Rekall reader; else the rest of it is a profile file of any form.
 */
#include <stdlib.h>
#include <string.h>

#include "profile/load.h"
#include "profile/rekall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes what was read, so that the compiler does not leave the reading out. */
static volatile uint64_t read_bytes;

static void look_up(const struct wv_profile *profile)
{
	static const char *const structures[] = { "_EPROCESS", "_LIST_ENTRY", "_KPROCESS", "a" };
	static const char *const paths[] = { "Links.Blink", "Heads", "Sized.Flink", "Grid", "Flag",
					     "Name",	    "b",     "b.b.b",	    "x" };
	struct wv_member member;
	uint64_t sum = 0, number;
	int64_t value;

	for (size_t i = 0; i < G_N_ELEMENTS(structures); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(paths); j++) {
			if (wv_profile_member(profile, structures[i], paths[j], &member))
				sum += member.offset + member.size;
		}
		if (wv_profile_size(profile, structures[i], &number))
			sum += number;
	}
	if (wv_profile_symbol(profile, "KeBugCheckEx", &number))
		sum += number;
	if (wv_profile_enumerator(profile, "UserMode", &value))
		sum += (uint64_t)value;
	read_bytes = sum + wv_profile_is_of(profile, "0123456789ABCDEF0123456789ABCDEF1");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GError *error = NULL;
	struct wv_profile *profile;

	if (size == 0)
		return 0;
	if (*data == '{')
		profile = wv_rekall_parse(data, size, "fuzz", &error);
	else
		profile = wv_profile_parse(data + 1, size - 1, "fuzz", &error);
	if (!profile == !error)
		abort();
	g_clear_error(&error);
	if (profile)
		look_up(profile);
	wv_profile_free(profile);
	return 0;
}
