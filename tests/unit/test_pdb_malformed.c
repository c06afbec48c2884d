/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PDB reader on malformed PDBs: each is refused with a message, and none leads astray. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "pdb_builder.h"
#include "profile/pdb.h"
#include "profile/pdb_tpi.h"
#include "profile_check.h"

static struct wv_profile *finish_or_fail(struct pdb_builder *builder)
{
	g_autoptr(GByteArray) pdb = pdb_finish(builder);

	pdb_builder_deinit(builder);
	return profile_or_fail(wv_pdb_parse, pdb->data, pdb->len, "test");
}

static void assert_refused(const void *data, size_t size, const char *message)
{
	assert_profile_refused(wv_pdb_parse, data, size, message);
}

static void refuse(struct pdb_builder *builder, const char *message)
{
	g_autoptr(GByteArray) pdb = pdb_finish(builder);

	pdb_builder_deinit(builder);
	assert_refused(pdb->data, pdb->len, message);
}

static void test_malformed_container(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *message;
	} damages[] = {
		{ 0, 0x12345678, "does not start with" },
		{ 28, 1, "does not start with" },
		{ PDB_BLOCK_SIZE, 0, "blocks of 0 bytes" },
		{ PDB_BLOCK_SIZE, 256, "blocks of 256 bytes" },
		{ PDB_BLOCK_SIZE, 1000, "blocks of 1000 bytes" },
		{ PDB_BLOCK_SIZE, 65536, "blocks of 65536 bytes" },
		{ PDB_BLOCK_SIZE, 0x80000000, "blocks of 2147483648 bytes" },
		{ PDB_BLOCKS, 0, "larger than the file" },
		{ PDB_BLOCKS, 4, "is in block" },
		{ PDB_DIRECTORY_SIZE, 0, "its directory is empty" },
		{ PDB_DIRECTORY_SIZE, 3, "the directory of 3 bytes is too short" },
		{ PDB_DIRECTORY_SIZE, 20, "too short for 10 streams" },
		{ PDB_DIRECTORY_SIZE, 60, "the directory ends within stream" },
		{ PDB_DIRECTORY_SIZE, 0x7fffffff, "larger than the file" },
		{ PDB_DIRECTORY_SIZE, 0xffffffff, "larger than the file" },
		{ PDB_MAP_BLOCK, 0xffffffff, "is in block 4294967295" },
		{ PDB_MAP_BLOCK, 0, "is in block" }, /* the magic text as numbers */
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autoptr(GByteArray) pdb = pdb_small_kernel(512, false, false);

		memcpy(pdb->data + damages[i].at, &damages[i].value, 4);
		assert_refused(pdb->data, pdb->len, damages[i].message);
	}
	assert_refused("", 0, "does not start with");
	assert_refused("Microsoft C/C++ program database 2.00\r\n\x1aJG", 46,
		       "does not start with");
}

/* Every shorter file is refused, and reading it never goes past its end. */
static void test_truncated(void **state)
{
	g_autoptr(GByteArray) pdb = pdb_small_kernel(512, false, true);

	(void)state;
	for (size_t size = 0; size < pdb->len; size += size < 64 ? 1 : 37) {
		g_autofree uint8_t *copy = g_memdup2(pdb->data, size);

		assert_refused(copy ? (const void *)copy : "", size, NULL);
	}
}

/* Where a stream's size is in the file: the directory of such a PDB is a single block. */
static uint8_t *stream_size(GByteArray *pdb, uint32_t stream)
{
	uint32_t map, directory;

	memcpy(&map, pdb->data + PDB_MAP_BLOCK, 4);
	memcpy(&directory, pdb->data + (size_t)map * 512, 4);
	return pdb->data + (size_t)directory * 512 + 4 + 4 * (size_t)stream;
}

/* Streams that end too early, in the same number of blocks, so that nothing else changes. */
static void test_short_streams(void **state)
{
	static const struct {
		uint32_t stream, less; /* bytes */
		const char *message;
	} damages[] = {
		{ 2, 4, "and should have" },
		{ 3, 4, "too short for its parts" },
		{ 3, 100, "no header of the newer form" },
		{ 5, 2, "is malformed" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autoptr(GByteArray) pdb = pdb_small_kernel(512, false, false);
		uint32_t size;

		memcpy(&size, stream_size(pdb, damages[i].stream), 4);
		size -= damages[i].less;
		memcpy(stream_size(pdb, damages[i].stream), &size, 4);
		assert_refused(pdb->data, pdb->len, damages[i].message);
	}
}

static void test_malformed_streams(void **state)
{
	static const uint32_t sizes[] = { 1, 3, 19, 40, 63, 0x7fffffff, 0xfffffffe, 0xffffffff };

	(void)state;
	for (uint32_t stream = 1; stream < 10; stream++) {
		for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
			g_autoptr(GByteArray) pdb = pdb_small_kernel(512, false, true);
			struct wv_profile *profile;
			GError *error = NULL;

			memcpy(stream_size(pdb, stream), &sizes[i], 4);
			profile = wv_pdb_parse(pdb->data, pdb->len, "test", &error);
			/* The info stream is not read here, the last is not read at all. */
			if (!profile)
				assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
			if (sizes[i] >= 0x7fffffff && sizes[i] != 0xffffffff)
				assert_null(profile);
			wv_profile_free(profile);
			g_clear_error(&error);
		}
	}
}

/* A PDB with one public symbol and one structure, for tests that break it. */
static void start_tiny(struct pdb_builder *b)
{
	pdb_builder_init(b);
	pdb_add_section(b->sections, 0x1000);
	pdb_add_public(b, "One", 1, 1);
}

static void test_malformed_symbols(void **state)
{
	struct pdb_builder b;

	(void)state;
	start_tiny(&b);
	b.symbols->data[0] = 0xff;
	refuse(&b, "the symbol record at byte 0 of 20 is malformed");
	start_tiny(&b);
	b.symbols->data[0] = 1;
	refuse(&b, "the symbol record at byte 0 of 20 is malformed");
	start_tiny(&b);
	g_byte_array_set_size(b.symbols, b.symbols->len + 1);
	refuse(&b, "the symbol record at byte 20 of 21 is malformed");
	start_tiny(&b);
	b.symbols->data[0] = 10; /* up to the section's number */
	g_byte_array_set_size(b.symbols, 12);
	refuse(&b, "a public symbol's record is cut");
	start_tiny(&b);
	memset(b.symbols->data + 14, 'x', 6); /* a name without an end */
	refuse(&b, "a public symbol's record is cut");
	start_tiny(&b);
	g_byte_array_set_size(b.sections, 0);
	refuse(&b, "the section headers is missing");
	start_tiny(&b);
	pdb_append_u32(b.omap, 2);
	pdb_append_u32(b.omap, 0);
	pdb_append_u32(b.omap, 1);
	pdb_append_u32(b.omap, 0);
	refuse(&b, "the OMAP table is not sorted at entry 1");
	pdb_builder_init(&b);
	refuse(&b, "neither symbols nor types");
	pdb_builder_init(&b);
	b.no_dbi = true;
	refuse(&b, "neither symbols nor types");
}

static void test_malformed_types(void **state)
{
	struct pdb_builder b;
	uint32_t list;

	(void)state;
	start_tiny(&b);
	pdb_begin(&b, WV_LF_STRUCTURE);
	pdb_end(&b);
	refuse(&b, "type 0x1000 (kind 0x1505) is malformed");
	start_tiny(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, 0, 4);
	b.types->data[0] = 0xff;
	refuse(&b, "type 0x1000 runs past the last byte");
	start_tiny(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, 0, 4);
	b.types->data[0] = 1;
	refuse(&b, "type 0x1000 runs past the last byte");
	start_tiny(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, 0, 4);
	b.n_types = 2;
	refuse(&b, "type 0x1001 runs past the last byte");
	start_tiny(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, 0, 4);
	b.n_types = 0x10000000;
	refuse(&b, "268435456 types do not fit");
	start_tiny(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, 0x1001, 4);
	refuse(&b, "type 0x1001 (kind 0) is used as a field list");
	start_tiny(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, 0x1000, 4);
	refuse(&b, "type 0x1000 (kind 0x1505) is used as a field list");
	start_tiny(&b);
	pdb_begin(&b, WV_LF_FIELDLIST);
	pdb_u16(&b, 0x150d);
	list = pdb_end(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, list, 4);
	refuse(&b, "the field list of type 0x1000 is malformed");
	start_tiny(&b);
	pdb_begin(&b, WV_LF_FIELDLIST);
	pdb_u16(&b, 0x1502);
	pdb_u16(&b, 3);
	pdb_u16(&b, 0x8005); /* a number that is no integer */
	pdb_u32(&b, 0);
	pdb_text(&b, "float");
	list = pdb_end(&b);
	pdb_structure(&b, WV_LF_ENUM, "_E", NULL, list, 0x74);
	refuse(&b, "the field list of type 0x1000 is malformed");
}

/* What goes round in circles: lists, modifiers, arrays, structures in themselves. */
static void test_endless(void **state)
{
	struct pdb_builder b;
	struct wv_profile *profile;
	struct wv_member member;
	uint32_t list, array;

	(void)state;
	start_tiny(&b);
	pdb_begin(&b, WV_LF_FIELDLIST);
	pdb_continue(&b, pdb_type(&b));
	list = pdb_end(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, list, 4);
	refuse(&b, "the field list of type 0x1000 does not end");

	start_tiny(&b);
	pdb_begin(&b, WV_LF_FIELDLIST);
	for (int i = 0; i < 4000; i++)
		pdb_member(&b, 0x22, 0, "m");
	list = pdb_end(&b);
	for (int i = 0; i < 100; i++)
		pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, list, 4);
	refuse(&b, "field lists are used again and again");

	start_tiny(&b);
	array = pdb_array(&b, pdb_type(&b), 1000);
	pdb_begin(&b, WV_LF_MODIFIER);
	pdb_u32(&b, pdb_type(&b));
	pdb_end(&b);
	pdb_begin(&b, WV_LF_FIELDLIST);
	pdb_member(&b, array, 0, "Array");
	pdb_member(&b, array + 1, 0, "Modifier");
	pdb_member(&b, pdb_type(&b) + 1, 0, "");
	list = pdb_end(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, list, 4);
	profile = finish_or_fail(&b);
	assert_true(wv_profile_member(profile, "_S", "Array", &member));
	assert_int_equal(member.size, 1000);
	assert_true(wv_profile_member(profile, "_S", "Modifier", &member));
	assert_int_equal(member.size, 0);
	assert_false(wv_profile_member(profile, "_S", "Nothing", &member));
	wv_profile_free(profile);
}

/* An array whose numbers do not fit together, and a field list of nothing but padding. */
static void test_absurd_numbers(void **state)
{
	struct pdb_builder b;
	struct wv_profile *profile;
	struct wv_member member;
	uint32_t list, array, bits;

	(void)state;
	start_tiny(&b);
	array = pdb_array(&b, 0x23, UINT64_MAX);
	bits = pdb_bits(&b, 0x22, 255, 255);
	pdb_begin(&b, WV_LF_FIELDLIST);
	pdb_member(&b, array, UINT64_MAX, "Array");
	pdb_member(&b, bits, UINT64_MAX, "Bits");
	for (unsigned int i = 0; i < 15; i++)
		pdb_u8(&b, (uint8_t)(0xf0 + i));
	pdb_u8(&b, 0xff); /* as long as if there were more */
	list = pdb_end(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, list, 4);
	profile = finish_or_fail(&b);
	assert_true(wv_profile_member(profile, "_S", "Array", &member));
	assert_int_equal(member.size, 0); /* it fits nowhere */
	assert_true(wv_profile_member(profile, "_S", "Bits", &member));
	assert_int_equal(member.bit_count, 255);
	wv_profile_free(profile);
}

static void test_old_types(void **state)
{
	g_autoptr(GByteArray) pdb = pdb_small_kernel(512, false, false);
	const uint32_t header[] = { 20040203, 56 }, old = 19970604;
	uint8_t *version = NULL;

	(void)state;
	for (size_t at = 0; at + sizeof(header) <= pdb->len && !version; at += 4) {
		if (memcmp(pdb->data + at, header, sizeof(header)) == 0)
			version = pdb->data + at;
	}
	assert_non_null(version);
	memcpy(version, &old, sizeof(old));
	assert_refused(pdb->data, pdb->len, "of the old form");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed_container),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_short_streams),
		cmocka_unit_test(test_malformed_streams),
		cmocka_unit_test(test_malformed_symbols),
		cmocka_unit_test(test_malformed_types),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_absurd_numbers),
		cmocka_unit_test(test_old_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
