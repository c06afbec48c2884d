/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PDB and PE readers on what clang and lld-link make (tests/tools/make-pdb.sh), held to what
 * the compiled program says of its own types (test_pdb_sample.c), and to each other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pdb_samples.h"
#include "profile/pdb.h"
#include "profile_check.h"

/* A section's bytes, which live as long as the image. */
static const uint8_t *section_of(const struct pdb_image *image, const char *name, size_t *size)
{
	for (unsigned int i = 0; i < image->pe.n_sections; i++) {
		const struct wv_pe_section *section = &image->pe.sections[i];

		if (strcmp(section->name, name) != 0)
			continue;
		*size = MIN(section->size, section->raw_size);
		return image->data->data + section->raw_offset;
	}
	fail_msg("%s is missing", name);
	return NULL;
}

/* The image names its PDB, in both layouts, and the PDB has the same identity. */
static void test_identity(void **state)
{
	(void)state;
	if (!pdb_samples_there())
		skip();
	for (size_t i = 0; i < PDB_SAMPLES; i++) {
		g_autofree char *path = pdb_sample_path(pdb_samples[i], "pdb");
		g_autofree char *expected = g_strdup_printf("%s.pdb", pdb_samples[i]);
		g_autoptr(GByteArray) pdb = pdb_read_or_fail(path);
		struct wv_pdb_id from_image, from_memory, from_pdb;
		char name[WV_PE_PDB_NAME_SIZE];
		struct pdb_image image, mapped;

		pdb_image_load(&image, pdb_samples[i]);
		pdb_image_map(&mapped, &image);
		assert_true(wv_pe_pdb(&image.pe, &from_image, name, NULL));
		assert_string_equal(name, expected);
		assert_true(wv_pe_pdb(&mapped.pe, &from_memory, name, NULL));
		assert_string_equal(name, expected);
		assert_true(wv_pdb_identify(pdb->data, pdb->len, path, &from_pdb, NULL));
		assert_memory_equal(&from_image, &from_memory, sizeof(from_image));
		assert_memory_equal(&from_image, &from_pdb, sizeof(from_image));
		assert_int_equal(from_pdb.machine, i == 1 ? WV_PE_I386 : WV_PE_AMD64);
		pdb_image_unload(&mapped);
		pdb_image_unload(&image);
	}
}

/* What the image exports is where the PDB has it. */
static void test_exports(void **state)
{
	static const struct {
		const char *sample, *exported, *plain;
	} cases[] = {
		{ "x64", "ExAllocatePoolWithTag", "ExAllocatePoolWithTag" },
		{ "x64", "KfFast", "KfFast" },
		{ "x64", "exported_data", "exported_data" },
		{ "x86", "_ExAllocatePoolWithTag@12", "ExAllocatePoolWithTag" },
		{ "x86", "@KfFast@8", "KfFast" },
		{ "x86", "exported_data", "exported_data" },
	};

	(void)state;
	if (!pdb_samples_there())
		skip();
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = pdb_sample_path(cases[i].sample, "pdb");
		struct wv_profile *profile = pdb_load_or_fail(path);
		struct pdb_image image, mapped;
		uint64_t in_image = 1, in_memory = 2, in_pdb = 3;
		struct wv_symbols *symbols;

		pdb_image_load(&image, cases[i].sample);
		pdb_image_map(&mapped, &image);
		symbols = wv_pe_exports(&image.pe, NULL);
		assert_non_null(symbols);
		assert_int_equal(symbols->count, 3);
		if (!symbols->find(symbols, cases[i].exported, &in_image))
			fail_msg("%s is not exported", cases[i].exported);
		symbols->destroy(symbols);
		symbols = wv_pe_exports(&mapped.pe, NULL);
		assert_true(symbols->find(symbols, cases[i].exported, &in_memory));
		symbols->destroy(symbols);
		assert_true(wv_profile_symbol(profile, cases[i].plain, &in_pdb));
		assert_int_equal(in_image, in_pdb);
		assert_int_equal(in_memory, in_pdb);
		wv_profile_free(profile);
		pdb_image_unload(&mapped);
		pdb_image_unload(&image);
	}
}

/* ---- what the program says of itself ---- */

/* As in test_pdb_sample.c. */
struct truth {
	char structure[32];
	char member[32];
	uint32_t offset;
	uint32_t size;
};

struct bits_truth {
	char structure[32];
	char member[32];
	uint8_t bytes[64];
};

static void assert_truth(const struct wv_profile *profile, const struct truth *truth)
{
	struct wv_member member;
	uint64_t size;

	if (!*truth->member) {
		if (!wv_profile_size(profile, truth->structure, &size) || size != truth->size)
			fail_msg("%s has %lu bytes, not %u", truth->structure, size, truth->size);
		return;
	}
	if (!wv_profile_member(profile, truth->structure, truth->member, &member))
		fail_msg("%s.%s is not found", truth->structure, truth->member);
	if (member.offset != truth->offset || member.size != truth->size || member.bit_count)
		fail_msg("%s.%s: %u bytes at %lu, not %u at %u", truth->structure, truth->member,
			 member.size, member.offset, truth->size, truth->offset);
}

/* Exactly the field's bits are set in the bytes. */
static void assert_bits(const struct wv_profile *profile, const struct bits_truth *truth)
{
	struct wv_member member;

	if (!wv_profile_member(profile, truth->structure, truth->member, &member))
		fail_msg("%s.%s is not found", truth->structure, truth->member);
	assert_true(member.bit_count > 0);
	assert_true(member.offset + member.size <= sizeof(truth->bytes));
	for (size_t bit = 0; bit < sizeof(truth->bytes) * 8; bit++) {
		size_t first = member.offset * 8 + member.bit_shift;
		bool in_field = bit >= first && bit < first + member.bit_count;
		bool is_set = truth->bytes[bit / 8] >> bit % 8 & 1;

		if (in_field != is_set)
			fail_msg("%s.%s: bit %zu; %u bits from %lu:%u", truth->structure,
				 truth->member, bit, member.bit_count, member.offset,
				 member.bit_shift);
	}
}

static void assert_enumerators(const struct wv_profile *profile)
{
	static const struct {
		const char *name;
		int64_t value;
	} expected[] = {
		{ "MODE_KERNEL", 0 },
		{ "MODE_USER", 1 },
		{ "MODE_NEGATIVE", -1 },
		{ "MODE_LOW", -70000 },
		{ "MODE_HIGH", 0x7fffffff },
		{ "ENUMERATOR_OF_LARGE_0000", 0 },
		{ "ENUMERATOR_OF_LARGE_0010", 8 },
		{ "ENUMERATOR_OF_LARGE_7777", 4095 },
		{ "LAST_OF_LARGE", 4096 },
	};
	int64_t value;

	for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
		if (!wv_profile_enumerator(profile, expected[i].name, &value) ||
		    value != expected[i].value)
			fail_msg("%s is %ld", expected[i].name, value);
	}
}

/* Whatever marks the compiler writes into their names. */
static void assert_functions(const struct wv_profile *profile)
{
	static const char *const names[] = {
		"ExAllocatePoolWithTag", "KfFast",	    "plain_function", "_underscored",
		"paged_function",	 "initial_process", "start",	      "truth",
	};
	uint64_t address;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (!wv_profile_symbol(profile, names[i], &address))
			fail_msg("%s is not found", names[i]);
	}
}

static void test_truth(void **state)
{
	(void)state;
	if (!pdb_samples_there())
		skip();
	for (size_t i = 0; i < 3; i++) {
		g_autofree char *path = pdb_sample_path(pdb_samples[i], "pdb");
		struct wv_profile *profile = pdb_load_or_fail(path);
		const struct bits_truth *bits;
		const struct truth *truth;
		struct pdb_image image;
		size_t size, n_truths, n_bits;

		pdb_image_load(&image, pdb_samples[i]);
		truth = (const void *)section_of(&image, ".truth", &size);
		n_truths = size / sizeof(*truth);
		assert_true(n_truths >= 50);
		for (size_t j = 0; j < n_truths; j++)
			assert_truth(profile, &truth[j]);
		bits = (const void *)section_of(&image, ".bits", &size);
		n_bits = size / sizeof(*bits);
		assert_true(n_bits >= 10);
		for (size_t j = 0; j < n_bits; j++)
			assert_bits(profile, &bits[j]);
		assert_enumerators(profile);
		assert_functions(profile);
		print_message("%s: %zu places and %zu bit fields as the compiler has them\n",
			      pdb_samples[i], n_truths, n_bits);
		pdb_image_unload(&image);
		wv_profile_free(profile);
	}
}

/* C++: members of base classes, of classes in classes, of templates; enumerations of other sizes.
 */
static void test_classes(void **state)
{
	static const struct expected_member expected[] = {
		{ "base", "base_member", { 8, 4, 0, 0 } },
		{ "base", "in", { 12, 4, 0, 0 } },
		{ "base", "nested_member.number", { 24, 8, 0, 0 } },
		{ "base::nested", "number", { 8, 8, 0, 0 } },
		{ "derived", "base_member", { 8, 4, 0, 0 } },
		{ "derived", "nested_member.letter", { 16, 1, 0, 0 } },
		{ "derived", "second_member", { 32, 2, 0, 0 } },
		{ "derived", "own", { 34, 1, 0, 0 } },
		{ "derived", "reference", { 40, 8, 0, 0 } },
		{ "by_virtual", "v", { 8, 4, 0, 0 } },
		{ "pair_of<int>", "right", { 4, 4, 0, 0 } },
		{ "pair_of<pair_of<char> >", "right.right", { 3, 1, 0, 0 } },
		{ "base", "counted", NO_MEMBER },
		{ "derived", "answer", NO_MEMBER },
	};
	static const struct {
		const char *name;
		int64_t value;
	} enumerators[] = {
		{ "INSIDE_BIG", 1 << 20 },
		{ "SCOPED_B", 200 },
		{ "WIDE_LOW", -INT64_C(0x123456789a) },
		{ "WIDE_HIGH", INT64_C(0x123456789a) },
	};
	g_autofree char *path = NULL;
	struct wv_profile *profile;
	int64_t value;

	(void)state;
	if (!pdb_samples_there())
		skip();
	path = pdb_sample_path("cxx", "pdb");
	profile = pdb_load_or_fail(path);
	assert_members(profile->types, expected, G_N_ELEMENTS(expected));
	for (size_t i = 0; i < G_N_ELEMENTS(enumerators); i++) {
		if (!wv_profile_enumerator(profile, enumerators[i].name, &value) ||
		    value != enumerators[i].value)
			fail_msg("%s is %ld", enumerators[i].name, value);
	}
	wv_profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_exports),
		cmocka_unit_test(test_truth),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, pdb_samples_make, pdb_samples_remove);
}
