/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PDB reader on PDBs built here, of a small kernel. Malformed ones: test_pdb_malformed.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "pdb_builder.h"
#include "profile/load.h"
#include "profile/pdb.h"
#include "profile/pdb_symbols.h"
#include "profile/pdb_tpi.h"
#include "profile/tables.h"
#include "profile_check.h"
#include "temp_folder.h"

static struct wv_profile *parse_or_fail(const GByteArray *pdb)
{
	return profile_or_fail(wv_pdb_parse, pdb->data, pdb->len, "test");
}

static struct wv_profile *finish_or_fail(struct pdb_builder *builder)
{
	g_autoptr(GByteArray) pdb = pdb_finish(builder);

	pdb_builder_deinit(builder);
	return parse_or_fail(pdb);
}

/* ---- a small kernel ---- */

struct expected_symbol {
	const char *name;
	uint64_t address;
};

static void assert_symbols(const struct wv_profile *profile, const struct expected_symbol *expected,
			   size_t count)
{
	uint64_t address;

	for (size_t i = 0; i < count; i++) {
		if (!wv_profile_symbol(profile, expected[i].name, &address))
			fail_msg("%s is not found", expected[i].name);
		if (address != expected[i].address)
			fail_msg("%s is at %#lx", expected[i].name, address);
	}
	assert_int_equal(profile->symbols->count, count);
	assert_string_equal(profile->symbols->origin, "pdb");
}

static const struct expected_member members[] = {
	{ "_LIST_ENTRY", "Blink", { 8, 8, 0, 0 } },
	{ "_EPROCESS", "Parent", { 0, 8, 0, 0 } },
	{ "_EPROCESS", "Narrow", { 8, 4, 0, 0 } },
	{ "_EPROCESS", "NarrowNumber", { 12, 4, 0, 0 } },
	{ "_EPROCESS", "Wow64Process", { 0x10, 8, 0, 0 } },
	{ "_EPROCESS", "ActiveProcessLinks", { 0x18, 16, 0, 0 } },
	{ "_EPROCESS", "ActiveProcessLinks.Blink", { 0x20, 8, 0, 0 } },
	{ "_EPROCESS", "ImageFileName", { 0x28, 15, 0, 0 } },
	{ "_EPROCESS", "Grid", { 0x40, 96, 0, 0 } },
	{ "_EPROCESS", "Grid.Blink", { 0x48, 8, 0, 0 } },
	{ "_EPROCESS", "CreateTime", { 0xa0, 8, 0, 0 } },
	{ "_EPROCESS", "CreateTime.HighPart", { 0xa4, 4, 0, 0 } },
	{ "_EPROCESS", "CreateTime.u.HighPart", { 0xa4, 4, 0, 0 } },
	{ "_EPROCESS", "Mode", { 0xa8, 4, 0, 0 } },
	{ "_EPROCESS", "Flags", { 0xac, 4, 0, 0 } },
	{ "_EPROCESS", "One", { 0xac, 1, 0, 1 } },
	{ "_EPROCESS", "Five", { 0xac, 1, 1, 5 } },
	{ "_EPROCESS", "Wide", { 0xb3, 5, 3, 37 } },
	{ "_EPROCESS", "Kind", { 0x1f0, 2, 0, 0 } },
	{ "_EPROCESS", "Kind.Other", { 0x1f1, 1, 0, 0 } },
	{ "_EPROCESS", "Twice", { 0x1f8, 8, 0, 0 } },
	{ "_EPROCESS", "Twice.Second", { 0x1f8, 8, 0, 0 } },
	{ "_EPROCESS", "Opaques", { 0x200, 100, 0, 0 } },
	{ "_EPROCESS", "NoSuchType", { 0x300, 0, 0, 0 } },
	{ "_EPROCESS", "Opaque", { 0x304, 0, 0, 0 } },
	{ "_EPROCESS", "NoType", { 0x308, 0, 0, 0 } },
	{ "_EPROCESS", "Far", { 0x12345, 1, 0, 0 } },
	{ "_EPROCESS", "Further", { 0x123456789a, 1, 0, 0 } },
	{ "_EPROCESS", "Rest", { 0x123456789b, 0, 0, 0 } },
	{ "_LARGE_INTEGER", "LowPart", { 0, 4, 0, 0 } },
	{ "Twice", "First", { 0, 4, 0, 0 } },
	{ "Derived", "Own", { 24, 4, 0, 0 } },
	{ "Derived", "BaseMember", { 16, 4, 0, 0 } },
	{ "Interface", "Own", { 24, 4, 0, 0 } },
	{ "Interface2", "Own", { 24, 4, 0, 0 } },
	{ "Union2", "Own", { 24, 4, 0, 0 } },
	{ "Cut", "Before", { 0, 4, 0, 0 } },
	{ "_EPROCESS", "Parent.Parent", NO_MEMBER },
	{ "_EPROCESS", "Opaque.x", NO_MEMBER },
	{ "_EPROCESS", "One.x", NO_MEMBER },
	{ "Twice", "Second", NO_MEMBER },
	{ "Derived", "SteppedOver", NO_MEMBER },
	{ "Derived", "Method", NO_MEMBER },
	{ "Cut", "Behind", NO_MEMBER },
	{ "_OPAQUE", "x", NO_MEMBER },
	{ "__unnamed", "LowPart", NO_MEMBER },
	{ "_MODE", "UserMode", NO_MEMBER },
	{ "_EPROCESS", "NoSuchType.x", NO_MEMBER },
};

static void assert_types(const struct wv_profile *profile)
{
	uint64_t size;

	assert_members(profile->types, members, G_N_ELEMENTS(members));
	assert_true(wv_profile_size(profile, "_EPROCESS", &size));
	assert_int_equal(size, 0x1234567900);
	assert_true(wv_profile_size(profile, "_LARGE_INTEGER", &size));
	assert_int_equal(size, 8);
	assert_false(wv_profile_size(profile, "_OPAQUE", &size));
	assert_false(wv_profile_size(profile, "_MODE", &size));
	assert_int_equal(profile->types->count, 13);
	assert_string_equal(profile->types->origin, "pdb");
}

static void assert_enumerators(const struct wv_profile *profile)
{
	static const struct {
		const char *name;
		int64_t value;
	} expected[] = {
		{ "KernelMode", 0 },	    { "UserMode", 1 },
		{ "MinusOne", -1 },	    { "MinusTwo", -2 },
		{ "MinusThousand", -1000 }, { "MinusSeventyThousand", -70000 },
		{ "FortyThousand", 40000 }, { "SeventyThousand", 70000 },
		{ "Lowest", INT64_MIN },    { "Highest", INT64_MAX },
		{ "Byte255", 255 },	    { "ByteMinusOne", 255 },
	};
	int64_t value;

	for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
		if (!wv_profile_enumerator(profile, expected[i].name, &value))
			fail_msg("%s is not found", expected[i].name);
		if (value != expected[i].value)
			fail_msg("%s is %ld", expected[i].name, value);
	}
	assert_false(wv_profile_enumerator(profile, "NoSuch", &value));
}

static void test_small(void **state)
{
	static const struct expected_symbol symbols[] = {
		{ "KeBugCheck", 0x1010 }, { "KeSecond", 0x1018 },
		{ "KeRemoved", 0x1020 },  { "_Underscored", 0x5000 },
		{ "_OnAmd64@8", 0x5004 }, { "PsInitialSystemProcess", 0x200008 },
	};

	(void)state;
	for (uint32_t block_size = 512; block_size <= 32768; block_size *= 2) {
		for (int scattered = 0; scattered < 2; scattered++) {
			g_autoptr(GByteArray) pdb = pdb_small_kernel(block_size, scattered, false);
			struct wv_profile *profile = parse_or_fail(pdb);

			assert_symbols(profile, symbols, G_N_ELEMENTS(symbols));
			assert_types(profile);
			assert_enumerators(profile);
			assert_null(profile->banner);
			wv_profile_free(profile);
		}
	}
}

/* A rearranged image: the symbols' sections are those of before, and OMAP says where all went. */
static void test_omap(void **state)
{
	static const struct expected_symbol symbols[] = {
		{ "KeBugCheck", 0x7000 },
		{ "KeSecond", 0x7008 },
		{ "_Underscored", 0x6000 },
		{ "_OnAmd64@8", 0x6004 },
		{ "PsInitialSystemProcess", 0x250008 },
	};
	g_autoptr(GByteArray) pdb = pdb_small_kernel(1024, true, true);
	struct wv_profile *profile = parse_or_fail(pdb);

	(void)state;
	assert_symbols(profile, symbols, G_N_ELEMENTS(symbols));
	assert_types(profile);
	wv_profile_free(profile);
}

static void test_omap_edges(void **state)
{
	static const struct expected_symbol symbols[] = { { "At", 0x100 }, { "Behind", 0x2fff } };
	struct pdb_builder b;
	struct wv_profile *profile;

	(void)state;
	pdb_builder_init(&b);
	pdb_add_section(b.sections, 0x1000); /* there are no others: these are meant */
	pdb_append_u32(b.omap, 0x1010);
	pdb_append_u32(b.omap, 0x50); /* the later one of the same place holds */
	pdb_append_u32(b.omap, 0x1010);
	pdb_append_u32(b.omap, 0x100);
	pdb_append_u32(b.omap, 0x2000);
	pdb_append_u32(b.omap, 0x2000);
	pdb_append_u16(b.omap, 0x2000); /* half a pair */
	pdb_add_public(&b, "Before", 1, 0xf);
	pdb_add_public(&b, "At", 1, 0x10);
	pdb_add_public(&b, "Behind", 1, 0x1fff);
	profile = finish_or_fail(&b);
	assert_symbols(profile, symbols, G_N_ELEMENTS(symbols));
	wv_profile_free(profile);
}

static void test_x86(void **state)
{
	static const struct expected_symbol symbols[] = {
		{ "ExAllocatePoolWithTag", 0x1000 },
		{ "KfRaiseIrql", 0x1004 },
		{ "PsLoadedModuleList", 0x1008 },
		{ "_chkstk", 0x100c },
		{ "vectored", 0x1010 },
		{ "?method@klass@@QAEXXZ", 0x1014 },
		{ "plain", 0x1018 },
		{ "_imp__ExFreePool", 0x101c },
	};
	static const struct expected_member pointers[] = {
		{ "_S", "Pointer", { 4, 4, 0, 0 } },
		{ "_S", "VoidPointer", { 8, 4, 0, 0 } },
		{ "_S", "Wide", { 12, 8, 0, 0 } },
	};
	struct pdb_builder b;
	const struct wv_table_types *types;
	const struct wv_table_base *base;
	struct wv_profile *profile;
	uint32_t pointer, list;

	(void)state;
	pdb_builder_init(&b);
	b.machine = WV_PE_I386;
	pdb_add_section(b.sections, 0x1000);
	pdb_add_public(&b, "_ExAllocatePoolWithTag@12", 1, 0);
	pdb_add_public(&b, "@KfRaiseIrql@4", 1, 4);
	pdb_add_public(&b, "_PsLoadedModuleList", 1, 8);
	pdb_add_public(&b, "__chkstk", 1, 12);
	pdb_add_public(&b, "vectored@@16", 1, 16);
	pdb_add_public(&b, "?method@klass@@QAEXXZ", 1, 20);
	pdb_add_public(&b, "plain", 1, 24);
	pdb_add_public(&b, "__imp__ExFreePool@4", 1, 28);
	pointer = pdb_pointer(&b, 0x22, 4);
	pdb_begin(&b, WV_LF_FIELDLIST);
	pdb_member(&b, pointer, 4, "Pointer");
	pdb_member(&b, 0x403, 8, "VoidPointer");
	pdb_member(&b, pdb_type(&b) + 2, 12, "Wide");
	list = pdb_end(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, list, 16);
	pdb_pointer(&b, 0x22, 8);
	profile = finish_or_fail(&b);
	assert_symbols(profile, symbols, G_N_ELEMENTS(symbols));
	assert_members(profile->types, pointers, G_N_ELEMENTS(pointers));
	types = (const struct wv_table_types *)profile->types;
	base = g_hash_table_lookup(types->bases, "pointer");
	assert_int_equal(base->size, 4);
	wv_profile_free(profile);
}

static void test_plain_names(void **state)
{
	static const char *const names[][2] = {
		{ "_a", "a" },	      { "_a@0", "a" },	   { "_a@123", "a" }, { "@a@4", "a" },
		{ "a@@8", "a" },      { "_a@@8", "_a" },   { "a", "a" },      { "_", "_" },
		{ "@", "@" },	      { "", "" },	   { "__a", "_a" },   { "_a@", "a@" },
		{ "_a@x", "a@x" },    { "_a@4x", "a@4x" }, { "@a", "@a" },    { "@@4", "@@4" },
		{ "_@4", "@4" },      { "@4", "@4" },	   { "a@4", "a@4" },  { "?a@@4", "?a@@4" },
		{ "?_a@4", "?_a@4" }, { "@a@b@4", "a@b" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		size_t length;
		const char *start = wv_pdb_plain_name(names[i][0], &length);

		if (strlen(names[i][1]) != length || strncmp(start, names[i][1], length) != 0)
			fail_msg("%s: \"%.*s\"", names[i][0], (int)length, start);
	}
}

static void test_identify(void **state)
{
	static const uint8_t guid[16] = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
					  0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf };
	g_autoptr(GByteArray) pdb = pdb_small_kernel(4096, false, false), types_only = NULL;
	char key[WV_PDB_KEY_SIZE];
	struct pdb_builder b;
	struct wv_pdb_id id;
	uint32_t list;

	(void)state;
	assert_true(wv_pdb_is_pdb(pdb->data, pdb->len));
	assert_false(wv_pdb_is_pdb(pdb->data, 10));
	assert_false(wv_pdb_is_pdb(NULL, 0));
	assert_true(wv_pdb_identify(pdb->data, pdb->len, "test", &id, NULL));
	assert_memory_equal(id.guid, guid, sizeof(guid));
	assert_int_equal(id.age, 1); /* the image's, not the info stream's 2 */
	assert_int_equal(id.machine, WV_PE_AMD64);
	wv_pdb_id_key(&id, key);
	assert_string_equal(key, "A3A2A1A0A5A4A7A6A8A9AAABACADAEAF1");
	id.age = 0xffffffff;
	wv_pdb_id_key(&id, key);
	assert_string_equal(key, "A3A2A1A0A5A4A7A6A8A9AAABACADAEAFffffffff");

	pdb_builder_init(&b);
	b.no_dbi = true;
	pdb_begin(&b, WV_LF_FIELDLIST);
	pdb_member(&b, 0x22, 0, "m");
	list = pdb_end(&b);
	pdb_structure(&b, WV_LF_STRUCTURE, "_S", NULL, list, 4);
	types_only = pdb_finish(&b);
	pdb_builder_deinit(&b);
	assert_true(wv_pdb_identify(types_only->data, types_only->len, "test", &id, NULL));
	assert_int_equal(id.age, 2);
	assert_int_equal(id.machine, WV_PE_UNKNOWN);
	wv_profile_free(parse_or_fail(types_only));
}

/* So large a directory that the list of its blocks' numbers takes two blocks itself. */
static void test_large_directory(void **state)
{
	static const struct expected_symbol symbols[] = { { "One", 0x1001 } };
	struct pdb_builder b;
	struct wv_profile *profile;

	(void)state;
	pdb_builder_init(&b);
	b.scattered = true;
	g_byte_array_set_size(b.extra, 9 << 20);
	memset(b.extra->data, 0x55, b.extra->len);
	pdb_add_section(b.sections, 0x1000);
	pdb_add_public(&b, "One", 1, 1);
	profile = finish_or_fail(&b);
	assert_symbols(profile, symbols, G_N_ELEMENTS(symbols));
	wv_profile_free(profile);
}

static void test_files(void **state)
{
	g_autoptr(GByteArray) pdb = pdb_small_kernel(4096, false, false);
	g_autofree char *path = g_build_filename(temp_folder, "small.pdb", NULL);
	struct wv_profile *profile;
	GError *error = NULL;

	(void)state;
	assert_null(wv_profile_load(path, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	assert_non_null(strstr(error->message, path));
	g_clear_error(&error);
	assert_true(g_file_set_contents(path, (char *)pdb->data, pdb->len, NULL));
	profile = wv_profile_load(path, &error);
	assert_non_null(profile);
	assert_types(profile);
	wv_profile_free(profile);
	assert_true(g_file_set_contents(path, (char *)pdb->data, 100, NULL));
	assert_null(wv_profile_load(path, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
	assert_true(g_str_has_prefix(error->message, path));
	g_clear_error(&error);
	/* Larger than what is read: a file with a hole. */
	assert_int_equal(truncate(path, (off_t)WV_PDB_SIZE_MAX + 1), 0);
	assert_null(wv_profile_load(path, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
	assert_non_null(strstr(error->message, "larger than 256 MiB"));
	g_clear_error(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_omap),
		cmocka_unit_test(test_omap_edges),
		cmocka_unit_test(test_x86),
		cmocka_unit_test(test_plain_names),
		cmocka_unit_test(test_identify),
		cmocka_unit_test(test_large_directory),
		cmocka_unit_test_setup_teardown(test_files, temp_folder_set_up,
						temp_folder_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
