/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Downloads from a server on loopback that is good, broken, slow or hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "http_server.h"
#include "pdb_builder.h"
#include "profile/load.h"
#include "symbols/fetch.h"
#include "temp_folder.h"

#define GUID "A3A2A1A0A5A4A7A6A8A9AAABACADAEAF"
/** What pdb_small_kernel() is known by. */
#define KEY	  GUID "1"
#define OTHER_KEY "0123456789ABCDEF0123456789ABCDEF1"

/** So that no test waits long for what does not come. */
static const struct wv_fetch_limits limits = {
	.connect = 5, .silence = 5, .total = 10, .size = 1u << 20
};

static GByteArray *pdb;	   /* what the server has */
static char *store, *file; /* of one test: where the PDB gets to in the store */
static struct http_server *server;

static const char *const ok[] = { "HTTP/1.1 200 OK", "Connection: close", NULL };
static char length_line[64];
static const char *const with_length[] = { "HTTP/1.1 200 OK", "Connection: close", length_line,
					   NULL };

static int set_up(void **state)
{
	if (temp_folder_set_up(state) != 0)
		return -1;
	store = g_build_filename(temp_folder, "store", NULL);
	file = g_build_filename(store, "nt.pdb", KEY, "nt.pdb", NULL);
	pdb = pdb_small_kernel(512, false, false);
	g_snprintf(length_line, sizeof(length_line), "Content-Length: %u", pdb->len);
	return 0;
}

static int tear_down(void **state)
{
	if (server)
		http_server_stop(g_steal_pointer(&server));
	g_byte_array_unref(pdb);
	g_clear_pointer(&store, g_free);
	g_clear_pointer(&file, g_free);
	return temp_folder_tear_down(state);
}

static char *fetch_within(const char *path, const char *name, const char *key,
			  const struct wv_fetch_limits *within, GError **error)
{
	g_autofree char *url = g_strconcat(http_server_url(server), path, NULL);
	const struct wv_symbol_server from = { .url = url, .store = store };

	return wv_symbols_fetch_within(&from, name, key, within, error);
}

/* Nothing may be left in the store, whatever its name. */
static void assert_store_empty(void)
{
	g_autofree char *place = g_path_get_dirname(file);
	g_autoptr(GDir) dir = g_dir_open(place, 0, NULL);

	if (dir)
		assert_null(g_dir_read_name(dir));
}

static void assert_fails(const char *path, const char *key, const struct wv_fetch_limits *within,
			 enum wv_error code, const char *message)
{
	g_autoptr(GError) error = NULL;

	assert_null(fetch_within(path, "nt.pdb", key, within, &error));
	if (!g_error_matches(error, WV_ERROR, (gint)code) || !strstr(error->message, message))
		fail_msg("%s: \"%s\" does not say \"%s\"", path, error->message, message);
	assert_non_null(strstr(error->message, http_server_url(server)));
	assert_store_empty();
}

static void assert_fetched(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *got = fetch_within(path, "nt.pdb", KEY, &limits, &error);
	g_autofree char *data = NULL;
	gsize size;

	if (!got)
		fail_msg("%s: %s", path, error->message);
	assert_string_equal(got, file);
	assert_true(g_file_get_contents(got, &data, &size, NULL));
	assert_int_equal(size, pdb->len);
	assert_memory_equal(data, pdb->data, size);
}

/* ---- what is there ---- */

static void test_good(void **state)
{
	const struct http_answer answers[] = {
		{ "/symbols/nt.pdb/" KEY "/nt.pdb", with_length, pdb->data, pdb->len, 0, 0, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};

	(void)state;
	server = http_server_start(answers);
	assert_fetched("/symbols");
	assert_non_null(strstr(http_server_last(server),
			       "User-Agent: Microsoft-Symbol-Server/10.0.0.0\r\n"));
	assert_true(g_str_has_prefix(http_server_last(server),
				     "GET /symbols/nt.pdb/" KEY "/nt.pdb HTTP/1.1\r\n"));
	/* again, over the file that is there; and with slashes at the URL's end */
	assert_fetched("/symbols//");
	assert_int_equal(http_server_count(server), 2);
}

/* A PDB that ends with the connection, at its own pace. */
static void test_without_length(void **state)
{
	const struct http_answer answers[] = {
		{ "/", ok, pdb->data, pdb->len, 2000, 1, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};

	(void)state;
	server = http_server_start(answers);
	assert_fetched("");
}

static void test_redirects(void **state)
{
	static const char *const moved[] = { "HTTP/1.1 302 Found", "Location: /there/x",
					     "Connection: close", "Content-Length: 0", NULL };
	static const char *const loop[] = { "HTTP/1.1 302 Found", "Location: /loop/x",
					    "Connection: close", "Content-Length: 0", NULL };
	static const char *const local[] = { "HTTP/1.1 302 Found", "Location: file:///etc/passwd",
					     "Connection: close", "Content-Length: 0", NULL };
	static const char *const nowhere[] = { "HTTP/1.1 302 Found", "Connection: close",
					       "Content-Length: 0", NULL };
	const struct http_answer answers[] = {
		{ "/moved/", moved, NULL, 0, 0, 0, 0 },
		{ "/there/", with_length, pdb->data, pdb->len, 0, 0, 0 },
		{ "/loop/", loop, NULL, 0, 0, 0, 0 },
		{ "/local/", local, NULL, 0, 0, 0, 0 },
		{ "/nowhere/", nowhere, NULL, 0, 0, 0, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};
	unsigned before;

	(void)state;
	server = http_server_start(answers);
	assert_fails("/local", KEY, &limits, WV_ERROR_KERNEL, "file");
	assert_fails("/nowhere", KEY, &limits, WV_ERROR_KERNEL, "HTTP 302");
	before = http_server_count(server);
	assert_fails("/loop", KEY, &limits, WV_ERROR_KERNEL, "redirects");
	assert_in_range(http_server_count(server) - before, 2, 10);
	assert_fetched("/moved");
}

/* ---- what is not ---- */

static void test_refused(void **state)
{
	static const char *const missing[] = { "HTTP/1.1 404 Not Found", "Connection: close",
					       "Content-Length: 5", NULL };
	static const char *const broken[] = { "HTTP/1.1 500 Internal Server Error",
					      "Connection: close", "Content-Length: 0", NULL };
	const struct http_answer answers[] = {
		{ "/missing/", missing, "sorry", 5, 0, 0, 0 },
		{ "/broken/", broken, NULL, 0, 0, 0, 0 },
		{ "/closed/", NULL, NULL, 0, 0, 0, 0 },
		{ "/cut/", with_length, pdb->data, pdb->len / 2, 0, 0, 0 },
		{ "/shorter/", ok, pdb->data, pdb->len - 512, 0, 0, 0 },
		{ "/text/", ok, "<html>", 6, 0, 0, 0 },
		{ "/empty/", ok, NULL, 0, 0, 0, 0 },
		{ "/", with_length, pdb->data, pdb->len, 0, 0, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};

	(void)state;
	server = http_server_start(answers);
	assert_fails("/missing", KEY, &limits, WV_ERROR_KERNEL, "does not have it (HTTP 404)");
	assert_fails("/broken", KEY, &limits, WV_ERROR_KERNEL, "(HTTP 500)");
	assert_fails("/closed", KEY, &limits, WV_ERROR_KERNEL, "");
	assert_fails("/cut", KEY, &limits, WV_ERROR_KERNEL, "");
	assert_fails("/shorter", KEY, &limits, WV_ERROR_FORMAT, "");
	assert_fails("/text", KEY, &limits, WV_ERROR_FORMAT, "MSF 7.00");
	assert_fails("/empty", KEY, &limits, WV_ERROR_FORMAT, "MSF 7.00");
	assert_fails("/other", OTHER_KEY, &limits, WV_ERROR_FORMAT, "another PDB");
	assert_non_null(strstr(http_server_last(server), "GET /other/nt.pdb/" OTHER_KEY "/"));
	assert_fetched("/good");
}

static void test_no_server(void **state)
{
	static const struct http_answer none[] = { { "", NULL, NULL, 0, 0, 0, 0 } };
	g_autoptr(GError) error = NULL;
	g_autofree char *url = NULL;
	struct wv_symbol_server from = { .store = store };

	(void)state;
	server = http_server_start(none);
	url = g_strdup(http_server_url(server));
	from.url = url;
	http_server_stop(g_steal_pointer(&server));
	assert_null(wv_symbols_fetch_within(&from, "nt.pdb", KEY, &limits, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_KERNEL));
	assert_non_null(strstr(error->message, url));
}

static void test_too_large(void **state)
{
	g_autofree char *much = g_malloc0(3u << 20);
	static const char *const promise[] = { "HTTP/1.1 200 OK", "Connection: close",
					       "Content-Length: 99999999999", NULL };
	const struct http_answer answers[] = {
		{ "/much/", ok, much, 3u << 20, 0, 0, 0 },
		{ "/promise/", promise, much, 3u << 20, 0, 0, 0 },
		{ "/", with_length, pdb->data, pdb->len, 0, 0, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};
	struct wv_fetch_limits just = limits;

	(void)state;
	server = http_server_start(answers);
	assert_fails("/much", KEY, &limits, WV_ERROR_FORMAT, "larger than 1 MiB");
	assert_fails("/promise", KEY, &limits, WV_ERROR_FORMAT, "larger than 1 MiB");
	just.size = pdb->len - 1;
	assert_fails("/good", KEY, &just, WV_ERROR_FORMAT, "larger than");
	just.size = pdb->len;
	g_free(fetch_within("/good", "nt.pdb", KEY, &just, NULL));
	assert_true(g_file_test(file, G_FILE_TEST_IS_REGULAR));
}

static void test_slow(void **state)
{
	const struct wv_fetch_limits impatient = { 5, 1, 10, 1u << 20 };
	const struct wv_fetch_limits short_of_time = { 5, 10, 1, 1u << 20 };
	const struct http_answer answers[] = {
		{ "/silent/", NULL, NULL, 0, 0, 0, 30000 },
		{ "/stalls/", with_length, pdb->data, pdb->len, 100, 30000, 0 },
		{ "/drips/", with_length, pdb->data, pdb->len, 100, 200, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};
	static const char *const paths[] = { "/silent", "/stalls", "/drips" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		gint64 start = g_get_monotonic_time();

		server = http_server_start(answers);
		assert_fails(paths[i], KEY, i < 2 ? &impatient : &short_of_time, WV_ERROR_KERNEL,
			     i < 2 ? "too slow" : "timed out");
		assert_true(g_get_monotonic_time() - start < 8 * G_USEC_PER_SEC);
		http_server_stop(g_steal_pointer(&server));
	}
}

/* ---- the store ---- */

static void test_store_not_writable(void **state)
{
	const struct http_answer answers[] = {
		{ "/", with_length, pdb->data, pdb->len, 0, 0, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};
	g_autoptr(GError) error = NULL;

	(void)state;
	server = http_server_start(answers);
	/* a file where the folder should be: not even root writes through that */
	assert_true(g_file_set_contents(store, "x", 1, NULL));
	assert_null(fetch_within("", "nt.pdb", KEY, &limits, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
	assert_non_null(strstr(error->message, store));
}

/* Names and keys come from guests: no request is made, and nothing is written. */
static void test_hostile_names(void **state)
{
	static const struct {
		const char *name, *key;
	} cases[] = {
		{ "../../nt.pdb", KEY },
		{ "a/nt.pdb", KEY },
		{ "a\\nt.pdb", KEY },
		{ "..", KEY },
		{ ".", KEY },
		{ "", KEY },
		{ "nt.pdb\r\nX: y", KEY },
		{ "nt.pdb", "" },
		{ "nt.pdb", "../../x" },
		{ "nt.pdb", GUID },
		{ "nt.pdb", KEY "\n" },
		{ "nt.pdb", GUID "123456789" },
		{ "nt.pdb", KEY "/../../" },
	};
	const struct http_answer answers[] = {
		{ "/", with_length, pdb->data, pdb->len, 0, 0, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};

	(void)state;
	server = http_server_start(answers);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(fetch_within("", cases[i].name, cases[i].key, &limits, &error));
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
	}
	assert_int_equal(http_server_count(server), 0);
	assert_false(g_file_test(store, G_FILE_TEST_EXISTS));
}

/* What is special in a URL is written as such; the file has the name itself. */
static void test_escaped_name(void **state)
{
	const struct http_answer answers[] = {
		{ "/a%20b%23c%25.pdb/" KEY "/a%20b%23c%25.pdb ", with_length, pdb->data, pdb->len,
		  0, 0, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};
	g_autofree char *got = NULL;

	(void)state;
	server = http_server_start(answers);
	got = fetch_within("", "a b#c%.pdb", KEY, &limits, NULL);
	assert_non_null(got);
	assert_true(g_str_has_suffix(got, "/a b#c%.pdb/" KEY "/a b#c%.pdb"));
	assert_true(g_file_test(got, G_FILE_TEST_IS_REGULAR));
}

/* ---- found or fetched ---- */

static char *get(const char *path, const char *from, bool may_fetch, GError **error)
{
	const struct wv_symbols_setup setup = { path, from, may_fetch ? wv_symbols_fetch : NULL };

	return wv_symbols_get(&setup, "nt.pdb", KEY, error);
}

static void assert_not_got(const char *path, const char *from, bool may_fetch, const char *message)
{
	g_autoptr(GError) error = NULL;

	assert_null(get(path, from, may_fetch, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_KERNEL));
	if (!strstr(error->message, message))
		fail_msg("\"%s\" does not say \"%s\"", error->message, message);
}

static void test_get(void **state)
{
	static const char *const missing[] = { "HTTP/1.1 404 Not Found", "Connection: close",
					       "Content-Length: 0", NULL };
	const struct http_answer answers[] = {
		{ "/bad/", missing, NULL, 0, 0, 0, 0 },
		{ "/good/", with_length, pdb->data, pdb->len, 0, 0, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};
	g_autofree char *good = NULL, *both = NULL, *local = NULL, *got = NULL;
	g_autofree char *usual = wv_symbols_default_store();
	g_autofree char *in_usual = g_build_filename(usual, "nt.pdb", KEY, "nt.pdb", NULL);
	unsigned before;

	(void)state;
	server = http_server_start(answers);
	good = g_strconcat(http_server_url(server), "/good", NULL);
	both = g_strdup_printf("srv*%s*%s/bad;srv*%s*%s", store, http_server_url(server), store,
			       good);
	local = g_strdup_printf("/nonexistent;%s", store);

	assert_not_got(local, NULL, true, "no server was asked");
	assert_not_got(local, NULL, true, store);
	assert_not_got(both, NULL, false, "no server was asked");
	assert_int_equal(http_server_count(server), 0);

	/* the second server of the path has it, and its store keeps it */
	got = get(both, NULL, true, NULL);
	assert_string_equal(got, file);
	assert_int_equal(http_server_count(server), 2);
	g_free(got);
	/* from now on no server is needed */
	got = get(local, NULL, false, NULL);
	assert_string_equal(got, file);
	g_free(got);
	got = get(local, good, true, NULL);
	assert_string_equal(got, file);
	assert_int_equal(http_server_count(server), 2);
	g_free(got);

	/* the option's server has the usual store, in which it is found whatever the path is */
	got = get("/nonexistent", good, true, NULL);
	assert_string_equal(got, in_usual);
	g_free(got);
	before = http_server_count(server);
	got = get("", NULL, true, NULL);
	assert_string_equal(got, in_usual);
	assert_int_equal(http_server_count(server), before);
	assert_int_equal(g_unlink(in_usual), 0); /* all tests have the same */
}

static void test_get_environment(void **state)
{
	const struct http_answer answers[] = {
		{ "/", with_length, pdb->data, pdb->len, 0, 0, 0 },
		{ "", NULL, NULL, 0, 0, 0, 0 },
	};
	g_autofree char *path = NULL, *got = NULL;

	(void)state;
	server = http_server_start(answers);
	path = g_strdup_printf("srv*%s*%s", store, http_server_url(server));
	g_setenv(WV_SYMBOL_PATH, path, TRUE);
	assert_not_got("/nonexistent", NULL, true, "no server was asked");
	got = get(NULL, NULL, true, NULL);
	g_unsetenv(WV_SYMBOL_PATH);
	assert_string_equal(got, file);
}

static void test_get_refuses(void **state)
{
	struct wv_symbols_setup setup = { .server = "ftp://x/" };
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_false(wv_symbols_check(&setup, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	g_clear_error(&error);
	assert_null(wv_symbols_get(&setup, "nt.pdb", KEY, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	g_clear_error(&error);
	setup.server = "HTTPS://x";
	assert_true(wv_symbols_check(&setup, NULL));
	assert_null(wv_symbols_get(&setup, "a/nt.pdb", KEY, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good),	  TEST(test_without_length),
		TEST(test_redirects),	  TEST(test_refused),
		TEST(test_no_server),	  TEST(test_too_large),
		TEST(test_slow),	  TEST(test_store_not_writable),
		TEST(test_hostile_names), TEST(test_escaped_name),
		TEST(test_get),		  TEST(test_get_environment),
		TEST(test_get_refuses),
	};
	char *cache = temp_folder_make();
	int failed;

	/* nothing of the machine's settings: no proxy, no search path, no store */
	g_setenv("no_proxy", "*", TRUE);
	g_setenv("XDG_CACHE_HOME", cache, TRUE);
	g_unsetenv(WV_SYMBOL_PATH);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	temp_folder_remove(cache);
	return failed;
}
