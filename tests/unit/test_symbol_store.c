/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbol stores in a temporary folder, and search paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "pdb_builder.h"
#include "profile/store.h"
#include "temp_folder.h"

#define GUID "0123456789ABCDEF0123456789ABCDEF"
#define KEY  GUID "1a"
/** What pdb_small_kernel() is known by. */
#define PDB_KEY "A3A2A1A0A5A4A7A6A8A9AAABACADAEAF1"

/* A file in the folder, with the folders that it is in. */
static void put(const char *path, const void *data, gssize size)
{
	g_autofree char *full = g_build_filename(temp_folder, path, NULL);
	g_autofree char *parent = g_path_get_dirname(full);

	assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
	assert_true(g_file_set_contents(full, data, size, NULL));
}

static void assert_found(const char *store, const char *pdb, const char *key, const char *expected)
{
	g_autofree char *root =
		store ? g_build_filename(temp_folder, store, NULL) : g_strdup(temp_folder);
	const char *const folders[] = { "/nonexistent", root, NULL };
	g_autofree char *found = wv_symbol_store_find(folders, pdb, key);
	g_autofree char *full = expected ? g_build_filename(temp_folder, expected, NULL) : NULL;

	if (g_strcmp0(found, full) != 0)
		fail_msg("%s %s: %s, not %s", pdb, key, found ? found : "nothing",
			 full ? full : "nothing");
}

static void test_tree(void **state)
{
	(void)state;
	put("nt.pdb/" KEY "/nt.pdb", "x", 1);
	put("Other.PDB/0123456789abcdef0123456789abcdef1A/OTHER.pdb", "x", 1);
	put("empty.pdb/" KEY "/file.ptr", "x", 1);
	put("folder.pdb/" KEY "/folder.pdb/inside", "x", 1);
	assert_found(NULL, "nt.pdb", KEY, "nt.pdb/" KEY "/nt.pdb");
	assert_found(NULL, "NT.PDB", KEY, "nt.pdb/" KEY "/nt.pdb");
	assert_found(NULL, "nt.pdb", "{01234567-89ab-cdef-0123-456789abcdef}1A",
		     "nt.pdb/" KEY "/nt.pdb");
	assert_found(NULL, "other.pdb", KEY,
		     "Other.PDB/0123456789abcdef0123456789abcdef1A/OTHER.pdb");
	assert_found(NULL, "nt.pdb", GUID "1", NULL);
	assert_found(NULL, "none.pdb", KEY, NULL);
	assert_found(NULL, "empty.pdb", KEY, NULL);
	assert_found(NULL, "folder.pdb", KEY, NULL);
	assert_found(NULL, "nt.pd", KEY, NULL);
}

static void test_order(void **state)
{
	g_autofree char *first = NULL, *second = NULL, *found = NULL, *expected = NULL;

	(void)state;
	put("first/nt.pdb/" KEY "/nt.pdb", "x", 1);
	put("second/nt.pdb/" KEY "/nt.pdb", "x", 1);
	first = g_build_filename(temp_folder, "first", NULL);
	second = g_build_filename(temp_folder, "second", NULL);
	expected = g_build_filename(second, "nt.pdb", KEY, "nt.pdb", NULL);
	found = wv_symbol_store_find((const char *const[]){ second, first, NULL }, "nt.pdb", KEY);
	assert_string_equal(found, expected);
	assert_null(wv_symbol_store_find((const char *const[]){ NULL }, "nt.pdb", KEY));
}

static void test_two_tiers(void **state)
{
	g_autofree char *place = NULL, *expected = NULL;

	(void)state;
	put("index2.txt", "", 0);
	put("nt/nt.pdb/" KEY "/nt.pdb", "x", 1);
	put("un.pdb/" KEY "/un.pdb", "x", 1);
	assert_found(NULL, "nt.pdb", KEY, "nt/nt.pdb/" KEY "/nt.pdb");
	assert_found(NULL, "un.pdb", KEY, NULL);
	place = wv_symbol_store_place(temp_folder, "ntoskrnl.pdb", KEY, NULL);
	expected = g_build_filename(temp_folder, "nt/ntoskrnl.pdb", KEY, "ntoskrnl.pdb", NULL);
	assert_string_equal(place, expected);
}

/* A file that is not in a tree has to be the right one itself. */
static void test_flat(void **state)
{
	g_autoptr(GByteArray) pdb = pdb_small_kernel(512, false, false);

	(void)state;
	put("flat/NT.pdb", pdb->data, pdb->len);
	put("debugger/symbols/exe/nt.pdb", pdb->data, pdb->len);
	put("debugger/nt.pdb", "x", 1);
	put("exe/exe/nt.pdb", pdb->data, pdb->len);
	put("wrong/nt.pdb", "not a PDB", -1);
	assert_found("flat", "nt.pdb", PDB_KEY, "flat/NT.pdb");
	assert_found("flat", "nt.pdb", "A3A2A1A0A5A4A7A6A8A9AAABACADAEAF2", NULL);
	assert_found("flat", "nt.pdb", KEY, NULL);
	assert_found("debugger", "nt.pdb", PDB_KEY, "debugger/symbols/exe/nt.pdb");
	assert_found("exe", "nt.pdb", PDB_KEY, "exe/exe/nt.pdb");
	assert_found("wrong", "nt.pdb", PDB_KEY, NULL);
}

/* What a guest calls its PDB leads nowhere else. */
static void test_hostile_names(void **state)
{
	static const char *const unsafe[] = {
		"",	  ".",	    "..",	  "../nt.pdb", "a/nt.pdb", "/nt.pdb", "a\\nt.pdb",
		"c:nt.p", "nt\n.p", "\x7fnt.pdb", ".hidden",   "nt*.pdb",  "nt?",     "\"nt\"",
	};
	static const char *const keys[] = {
		"",	   "..",
		GUID,	   "../" GUID "1",
		GUID "/1", GUID "123456789",
		GUID "g",  GUID "1 ",
		GUID "1/", "0123456789ABCDEF0123456789ABCDE/1",
	};
	g_autofree char *inner = g_build_filename(temp_folder, "inner", NULL);
	g_autofree char *longest = g_strnfill(128, 'n'), *longer = g_strnfill(129, 'n');
	const char *const folders[] = { inner, NULL };

	(void)state;
	put("nt.pdb/" KEY "/nt.pdb", "x", 1);
	put("inner/nt.pdb/" KEY "/nt.pdb", "x", 1);
	for (size_t i = 0; i < G_N_ELEMENTS(unsafe); i++) {
		GError *error = NULL;

		assert_false(wv_symbol_name_is_safe(unsafe[i]));
		assert_null(wv_symbol_store_find(folders, unsafe[i], KEY));
		assert_null(wv_symbol_store_place(inner, unsafe[i], KEY, &error));
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
		g_clear_error(&error);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		GError *error = NULL;

		assert_null(wv_symbol_store_find(folders, "nt.pdb", keys[i]));
		assert_null(wv_symbol_store_place(inner, "nt.pdb", keys[i], &error));
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
		g_clear_error(&error);
	}
	assert_true(wv_symbol_name_is_safe(longest));
	assert_false(wv_symbol_name_is_safe(longer));
	assert_true(wv_symbol_name_is_safe("a..b (1).pdb"));
}

static void test_place(void **state)
{
	g_autofree char *place = wv_symbol_store_place(temp_folder, "nt.pdb",
						       "0123456789abcdef0123456789abcdef01A", NULL);
	g_autofree char *expected = g_build_filename(temp_folder, "nt.pdb", KEY, "nt.pdb", NULL);

	(void)state;
	assert_string_equal(place, expected);
	assert_false(g_file_test(place, G_FILE_TEST_EXISTS));
	put("nt.pdb/" KEY "/nt.pdb", "x", 1);
	assert_found(NULL, "nt.pdb", KEY, "nt.pdb/" KEY "/nt.pdb");
}

static void test_keys(void **state)
{
	static const struct {
		const char *text, *key;
	} cases[] = {
		{ GUID "1", GUID "1" },
		{ GUID "0", GUID "0" },
		{ GUID "00", GUID "0" },
		{ GUID "000000000000001F", GUID "1f" },
		{ GUID "FFFFFFFF", GUID "ffffffff" },
		{ GUID "-2", GUID "2" },
		{ "01234567-89AB-CDEF-0123-456789ABCDEF2", GUID "2" },
		{ "0123456789abcdef0123456789abcdef2", GUID "2" },
		{ GUID "100000000", NULL },
		{ GUID "1-", NULL },
		{ GUID "-", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char key[WV_PDB_KEY_SIZE];
		bool ok = wv_pdb_key_parse(cases[i].text, key);

		if (ok != (cases[i].key != NULL) || (ok && strcmp(key, cases[i].key) != 0))
			fail_msg("%s: %s", cases[i].text, ok ? key : "refused");
	}
}

#define MS "https://msdl.microsoft.com/download/symbols"

/* Folders joined with ',', and servers as url>store. */
static void test_search_path(void **state)
{
	static const struct {
		const char *path, *folders, *servers;
	} cases[] = {
		{ "", "", "" },
		{ "/a", "/a", "" },
		{ " /a ;; /b c;/a;", "/a,/b c", "" },
		{ "srv*/a", "/a", "" },
		{ "srv*/a*" MS, "/a", MS ">/a" },
		{ "SRV*/a*/b*" MS, "/a,/b", MS ">/a" },
		{ "srv**" MS, "/default", MS ">/default" },
		{ "srv*/a**" MS, "/a,/default", MS ">/a" },
		{ "srv*" MS, "", MS ">" },
		{ "srv*HTTP://X*/behind", "", "HTTP://X>" },
		{ "srv*", "", "" },
		{ "srv", "srv", "" },
		{ "symsrv*symsrv.dll*/a*" MS, "/a", MS ">/a" },
		{ "symsrv*symsrv.dll*" MS, "", MS ">" },
		{ "symsrv*", "", "" },
		{ "cache*/c;/a;srv*" MS, "/c,/a", MS ">/c" },
		{ "cache*;srv*" MS, "/default", MS ">/default" },
		{ "srv*" MS ";Cache*/c;srv*/a*http://x;srv*http://y", "/c,/a",
		  MS "> http://x>/a http://y>/c" },
		{ MS, "", MS ">" },
		{ "unknown*/a;/b", "/b", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(wv_symbol_path) path = wv_symbol_path_new(cases[i].path, "/default");
		g_autofree char *folders = g_strjoinv(",", path->folders);
		g_autoptr(GString) servers = g_string_new(NULL);

		for (guint j = 0; j < path->servers->len; j++) {
			const struct wv_symbol_server *server = g_ptr_array_index(path->servers, j);

			g_string_append_printf(servers, "%s%s>%s", j ? " " : "", server->url,
					       server->store ? server->store : "");
		}
		if (strcmp(folders, cases[i].folders) != 0 ||
		    strcmp(servers->str, cases[i].servers) != 0)
			fail_msg("%s: %s and %s", cases[i].path, folders, servers->str);
	}
}

static void test_without_default(void **state)
{
	g_autoptr(wv_symbol_path) path = wv_symbol_path_new("cache*;srv**" MS ";srv**/a", NULL);
	const struct wv_symbol_server *server;

	(void)state;
	assert_int_equal(g_strv_length(path->folders), 1);
	assert_string_equal(path->folders[0], "/a");
	assert_int_equal(path->servers->len, 1);
	server = g_ptr_array_index(path->servers, 0);
	assert_string_equal(server->url, MS);
	assert_null(server->store);
}

#define IN_FOLDER(test)                                                                            \
	cmocka_unit_test_setup_teardown(test, temp_folder_set_up, temp_folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_FOLDER(test_tree),
		IN_FOLDER(test_order),
		IN_FOLDER(test_two_tiers),
		IN_FOLDER(test_flat),
		IN_FOLDER(test_hostile_names),
		IN_FOLDER(test_place),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_search_path),
		cmocka_unit_test(test_without_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
