/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the PDB reader. The first byte chooses: 0 to 2, a small kernel's PDB (of an image as it
 * was linked, of a rearranged one, and of one with larger blocks in reverse order), changed as
 * patch.h says; else the rest of the input is the PDB itself.
 */
#include <stdlib.h>

#include "patch.h"
#include "pdb_builder.h"
#include "profile/pdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASES 3u

/* Takes what was read, so that the compiler does not leave the reading out. */
static volatile uint64_t read_bytes;

static void look_up(const struct wv_profile *profile)
{
	static const char *const structures[] = {
		"_EPROCESS", "_LIST_ENTRY", "_LARGE_INTEGER", "Derived", "Twice", "Cut", "Union2",
		"",	     "_OPAQUE"
	};
	static const char *const paths[] = { "Parent", "ActiveProcessLinks.Blink",
					     "Grid",   "CreateTime.u.HighPart",
					     "Mode",   "Wide",
					     "Rest",   "Twice.Second",
					     "Own",    "BaseMember",
					     "no",     "unnamed_field_0.unnamed_field_0" };
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
	if (wv_profile_symbol(profile, "KeBugCheck", &number))
		sum += number;
	if (wv_profile_enumerator(profile, "MinusTwo", &value))
		sum += (uint64_t)value;
	read_bytes = sum;
}

static void test(const uint8_t *data, size_t size)
{
	struct wv_profile *profile = wv_pdb_parse(data, size, "fuzz", NULL);
	struct wv_pdb_id id;

	if (profile) {
		look_up(profile);
		wv_profile_free(profile);
	}
	if (wv_pdb_identify(data, size, "fuzz", &id, NULL))
		read_bytes = id.age + id.guid[15];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static GByteArray *bases[BASES];
	uint8_t *copy;

	if (size == 0)
		return 0;
	if (!bases[0]) {
		bases[0] = pdb_small_kernel(512, false, false);
		bases[1] = pdb_small_kernel(512, false, true);
		bases[2] = pdb_small_kernel(2048, true, true);
	}
	if (data[0] < BASES) {
		const GByteArray *base = bases[data[0]];
		size_t left;

		copy = malloc(base->len);
		memcpy(copy, base->data, base->len);
		left = apply_patches(copy, base->len, data + 1, size - 1);
		copy = realloc(copy, left);
		test(copy, left);
	} else {
		copy = malloc(size - 1);
		memcpy(copy, data + 1, size - 1);
		test(copy, size - 1);
	}
	free(copy);
	return 0;
}
