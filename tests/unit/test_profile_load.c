/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Profile files told apart by content, and what says which image they are of. $WYVERN_SHARED (else
 * ../shared beside the project's root) holds profiles of real Windows kernels.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "pdb_builder.h"
#include "profile/load.h"
#include "profile_check.h"
#include "temp_folder.h"

#define GUID "0123456789ABCDEF0123456789ABCDEF"
/** What pdb_small_kernel() is known by. */
#define PDB_KEY "A3A2A1A0A5A4A7A6A8A9AAABACADAEAF1"

#define ISF(windows)                                                                               \
	"{\"metadata\": {\"format\": \"6.1.0\"" windows                                            \
	"}, \"symbols\": {\"A\": {\"address\": 4096}}}"
#define ISF_PDB(text)	 ISF(", \"windows\": {\"pdb\": " text "}")
#define REKALL(metadata) "{\"$FUNCTIONS\": {\"A\": 4096}, \"$METADATA\": " metadata "}"

static struct wv_profile *parse_or_fail(const void *data, size_t size, const char *name)
{
	return profile_or_fail(wv_profile_parse, data, size, name);
}

static void assert_text(const char *text, const char *expected)
{
	if (g_strcmp0(text, expected) != 0)
		fail_msg("\"%s\" is not \"%s\"", text ? text : "NULL",
			 expected ? expected : "NULL");
}

static void test_identity(void **state)
{
	static const struct {
		const char *text, *origin, *name, *key;
	} cases[] = {
		{ ISF(""), "isf", NULL, NULL },
		{ ISF(", \"windows\": {}"), "isf", NULL, NULL },
		{ ISF(", \"windows\": {\"pdb\": 1}"), "isf", NULL, NULL },
		{ ISF_PDB("{\"GUID\": \"" GUID "\", \"age\": 1, \"database\": \"nt.pdb\"}"), "isf",
		  "nt.pdb", GUID "1" },
		{ ISF_PDB("{\"GUID\": \"" GUID "\", \"age\": 26, \"database\": \"nt.pdb\"}"), "isf",
		  "nt.pdb", GUID "1a" },
		{ ISF_PDB("{\"GUID\": \"{01234567-89ab-cdef-0123-456789abcdef}\", \"age\": 0}"),
		  "isf", NULL, GUID "0" },
		{ ISF_PDB("{\"GUID\": \"" GUID "\", \"age\": -1}"), "isf", NULL, NULL },
		{ ISF_PDB("{\"GUID\": \"" GUID "\", \"age\": 4294967295}"), "isf", NULL,
		  GUID "ffffffff" },
		{ ISF_PDB("{\"GUID\": \"" GUID "\", \"age\": 4294967296}"), "isf", NULL, NULL },
		{ ISF_PDB("{\"GUID\": \"" GUID "\"}"), "isf", NULL, NULL },
		{ ISF_PDB("{\"GUID\": \"short\", \"age\": 1, \"database\": \"../nt.pdb\"}"), "isf",
		  NULL, NULL },
		{ REKALL("{}"), "rekall", NULL, NULL },
		{ REKALL("{\"GUID_AGE\": \"" GUID "1\", \"PDBFile\": \"nt.pdb\"}"), "rekall",
		  "nt.pdb", GUID "1" },
		{ REKALL("{\"GUID_AGE\": \"" GUID "1A\", \"PDBFile\": \"a/nt.pdb\"}"), "rekall",
		  NULL, GUID "1a" },
		{ REKALL("{\"GUID_AGE\": \"" GUID "\"}"), "rekall", NULL, NULL },
		{ REKALL("{\"GUID_AGE\": 7}"), "rekall", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct wv_profile *profile =
			parse_or_fail(cases[i].text, strlen(cases[i].text), "test");
		uint64_t address = 0;

		assert_text(profile->symbols->origin, cases[i].origin);
		assert_text(profile->pdb_name, cases[i].name);
		assert_text(profile->pdb_key, cases[i].key);
		assert_true(wv_profile_symbol(profile, "A", &address));
		assert_int_equal(address, 4096);
		wv_profile_free(profile);
	}
}

static void test_pdb(void **state)
{
	g_autoptr(GByteArray) pdb = pdb_small_kernel(512, false, false);
	g_autoptr(GByteArray) packed = xz_pack(pdb->data, pdb->len);
	struct wv_profile *profile = parse_or_fail(pdb->data, pdb->len, "/a/ntkrnlmp.pdb");
	uint64_t address = 0;

	(void)state;
	assert_text(profile->pdb_name, "ntkrnlmp.pdb");
	assert_text(profile->pdb_key, PDB_KEY);
	assert_true(wv_profile_symbol(profile, "KeBugCheck", &address));
	assert_int_equal(address, 0x1010);
	wv_profile_free(profile);

	profile = parse_or_fail(packed->data, packed->len, "/a/ntkrnlmp.pdb.xz");
	assert_text(profile->pdb_name, "ntkrnlmp.pdb");
	assert_text(profile->pdb_key, PDB_KEY);
	wv_profile_free(profile);
}

static void assert_refused(const void *data, size_t size, const char *message)
{
	assert_profile_refused(wv_profile_parse, data, size, message);
}

static void test_refused(void **state)
{
	static const char none[] = "neither a PDB, nor";
	g_autoptr(GByteArray) once = xz_pack(ISF(""), strlen(ISF("")));
	g_autoptr(GByteArray) twice = xz_pack(once->data, once->len);

	(void)state;
	assert_refused("", 0, none);
	assert_refused("MZ", 2, none);
	assert_refused(" [1]", 4, none);
	assert_refused("\0{}", 3, none);
	assert_refused("\x1f\x8b\x08", 3, "gzip");
	assert_refused("{}", 2, "ISF");
	assert_refused("{\"$", 3, "Rekall");
	assert_refused("Microsoft C/C++ MSF 7.00\r\n", 26, "");
	assert_refused(once->data, once->len - 4, "xz");
	assert_refused(twice->data, twice->len, none);
}

static void test_files(void **state)
{
	g_autofree char *path = g_build_filename(temp_folder, "profile.txt", NULL);
	GError *error = NULL;
	struct wv_profile *profile;

	(void)state;
	assert_null(wv_profile_load(path, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	g_clear_error(&error);
	assert_true(g_file_set_contents(path, REKALL("{}"), -1, NULL));
	profile = wv_profile_load(path, &error);
	assert_non_null(profile);
	assert_text(profile->symbols->origin, "rekall");
	wv_profile_free(profile);
}

static void test_is_of(void **state)
{
	static const char text[] = ISF_PDB("{\"GUID\": \"" GUID "\", \"age\": 2}");
	struct wv_profile *profile = parse_or_fail(text, strlen(text), "test");
	struct wv_profile *without = parse_or_fail(ISF(""), strlen(ISF("")), "test");

	(void)state;
	assert_true(wv_profile_is_of(profile, GUID "2"));
	assert_true(wv_profile_is_of(profile, GUID "1"));
	assert_true(wv_profile_is_of(profile, "0123456789abcdef0123456789abcdef1"));
	assert_false(wv_profile_is_of(profile, "0123456789ABCDEF0123456789ABCDEE2"));
	assert_false(wv_profile_is_of(profile, "1123456789ABCDEF0123456789ABCDEF2"));
	assert_false(wv_profile_is_of(profile, GUID));
	assert_false(wv_profile_is_of(profile, ""));
	assert_false(wv_profile_is_of(without, GUID "2"));
	wv_profile_free(profile);
	wv_profile_free(without);
}

static void test_windows(void **state)
{
	static const struct {
		const char *file, *key;
	} kernels[] = {
		{ "nt-6.1.7601.24540-x64.json.xz", "339E74133576439CBCDF7E0229DA37731" },
		{ "nt-10.0.17763.379-x64.json.xz", "8B11040A5928757B11390AC78F6B69251" },
		{ "nt-10.0.19041.3448-x64.json.xz", "79BE8C368BEC7DD9677EA9B355ACE7841" },
		{ "nt-10.0.22000.2295-x64.json.xz", "CDFB8207972EC09EBC18F99466456FD51" },
	};
	const char *shared = g_getenv("WYVERN_SHARED");
	g_autofree char *folder = g_build_filename(shared ? shared : WV_SOURCE_ROOT "/../shared",
						   "windows", "isf", NULL);

	(void)state;
	if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
		print_message("no %s\n", folder);
		skip();
	}
	for (size_t i = 0; i < G_N_ELEMENTS(kernels); i++) {
		g_autofree char *path = g_build_filename(folder, kernels[i].file, NULL);
		GError *error = NULL;
		struct wv_profile *profile = wv_profile_load(path, &error);

		if (!profile)
			fail_msg("%s", error->message);
		assert_text(profile->pdb_name, "ntkrnlmp.pdb");
		assert_text(profile->pdb_key, kernels[i].key);
		assert_true(wv_profile_is_of(profile, kernels[i].key));
		assert_false(wv_profile_is_of(profile, kernels[(i + 1) % 4].key));
		wv_profile_free(profile);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_pdb),
		cmocka_unit_test(test_refused),
		cmocka_unit_test_setup_teardown(test_files, temp_folder_set_up,
						temp_folder_tear_down),
		cmocka_unit_test(test_is_of),
		cmocka_unit_test(test_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
