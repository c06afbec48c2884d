/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the PDB reader. The first byte chooses: 0 to 2, a small kernel's PDB (of an image as it
 * was linked, of a rearranged one, and of one with larger blocks in reverse order), changed as
 * patch.h says; else the rest of the input is the PDB itself.
 */
#include "look_up.h"
#include "patch.h"
#include "pdb_builder.h"
#include "profile/pdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASES 3u

/* Takes what was read, so that the compiler does not leave the reading out. */
static volatile uint64_t read_bytes;

static const char *const structures[] = { "_EPROCESS", "_LIST_ENTRY", "_LARGE_INTEGER", "Derived",
					  "Twice",     "Cut",	      "Union2",		"",
					  "_OPAQUE",   NULL };
static const char *const paths[] = { "Parent", "ActiveProcessLinks.Blink",
				     "Grid",   "CreateTime.u.HighPart",
				     "Mode",   "Wide",
				     "Rest",   "Twice.Second",
				     "Own",    "BaseMember",
				     "no",     "unnamed_field_0.unnamed_field_0",
				     NULL };
static const struct names names = {
	.structures = structures, .paths = paths, .enumerator = "MinusTwo", .symbol = "KeBugCheck"
};

static void test(const uint8_t *data, size_t size)
{
	GError *error = NULL;
	struct wv_profile *profile = wv_pdb_parse(data, size, "fuzz", &error);
	struct wv_pdb_id id;

	take_profile(profile, error, &names);
	if (wv_pdb_identify(data, size, "fuzz", &id, NULL))
		read_bytes = id.age + id.guid[15];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static GByteArray *bases[BASES];
	uint8_t *copy;
	size_t left;

	if (size == 0)
		return 0;
	if (!bases[0]) {
		bases[0] = pdb_small_kernel(512, false, false);
		bases[1] = pdb_small_kernel(512, false, true);
		bases[2] = pdb_small_kernel(2048, true, true);
	}
	copy = patched_copy(data[0] < BASES ? bases[data[0]] : NULL, data + 1, size - 1, &left);
	test(copy, left);
	free(copy);
	return 0;
}
