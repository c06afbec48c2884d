/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings: options, configuration files, and the text that travels to the monitor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "monitor/settings.h"

static int setup(void **state)
{
	static struct wv_settings settings;

	wv_settings_init(&settings);
	*state = &settings;
	return 0;
}

static int teardown(void **state)
{
	wv_settings_deinit(*state);
	return 0;
}

static void assert_get(const struct wv_settings *settings, const char *option, const char *expected)
{
	g_autofree char *value = wv_settings_get(settings, option);

	if (expected)
		assert_string_equal(value, expected);
	else
		assert_null(value);
}

static void assert_list(const struct wv_settings *settings, const char *option,
			const char *const *expected)
{
	g_auto(GStrv) list = wv_settings_list(settings, option);

	assert_non_null(list);
	assert_true(g_strv_equal((const char *const *)list, expected));
}

/** A configuration file of this text is read. NULL, or the error's message. */
static char *load(struct wv_settings *settings, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("wyvern-settings-XXXXXX", &path, NULL);
	char *message = NULL;

	assert_true(fd >= 0);
	assert_true(g_close(fd, NULL));
	assert_true(g_file_set_contents(path, text, -1, NULL));
	if (!wv_settings_load(settings, path, &error)) {
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
		assert_true(g_str_has_prefix(error->message, path));
		message = g_strdup(error->message);
	} else {
		assert_null(error);
	}
	g_unlink(path);
	return message;
}

static void assert_loads(struct wv_settings *settings, const char *text)
{
	g_autofree char *message = load(settings, text);

	if (message)
		fail_msg("%s", message);
}

static void assert_does_not_load(struct wv_settings *settings, const char *text)
{
	g_autofree char *message = load(settings, text);

	assert_non_null(message);
}

static void test_not_given(void **state)
{
	const struct wv_settings *settings = *state;
	guint64 number = 0;

	assert_get(settings, "output", NULL);
	assert_null(wv_settings_list(settings, "plugin"));
	assert_false(wv_settings_flag(settings, "drop-when-slow"));
	assert_true(wv_settings_number(settings, "traps-ttl", 42, &number, NULL));
	assert_int_equal(number, 42);
}

static void test_set_and_get(void **state)
{
	struct wv_settings *settings = *state;
	static const char *const values[] = {
		"x",	    "",	 " blanks ", "a;b;c",	    "line\nline", "tab\tand\\backslash",
		"\xc3\xa4", "=", "[g]",	     "#no comment",
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
		wv_settings_set(settings, "some-option", values[i]);
		assert_get(settings, "some-option", values[i]);
	}
	/* dashes and underscores are the same */
	assert_get(settings, "some_option", values[G_N_ELEMENTS(values) - 1]);
	assert_get(settings, "some-other-option", NULL);
}

static void test_flags(void **state)
{
	struct wv_settings *settings = *state;

	wv_settings_set(settings, "drop-when-slow", "true");
	assert_true(wv_settings_flag(settings, "drop-when-slow"));
	wv_settings_set(settings, "drop-when-slow", "false");
	assert_false(wv_settings_flag(settings, "drop-when-slow"));
}

static void test_lists(void **state)
{
	struct wv_settings *settings = *state;
	static const char *const one[] = { "bash", NULL };
	static const char *const all[] = { "bash", "a;b", "", " x", "1\\2", NULL };

	wv_settings_add(settings, "process", "bash");
	assert_list(settings, "process", one);
	for (unsigned i = 1; all[i]; i++)
		wv_settings_add(settings, "process", all[i]);
	assert_list(settings, "process", all);
	assert_null(wv_settings_list(settings, "ignore-process"));
}

static void test_numbers(void **state)
{
	struct wv_settings *settings = *state;
	static const char *const wrong[] = {
		"", "x", "-1", "+1", "1x", " 1", "0x10", "1.5", "18446744073709551616",
	};
	guint64 number;

	wv_settings_set(settings, "traps-ttl", "0");
	assert_true(wv_settings_number(settings, "traps-ttl", 7, &number, NULL));
	assert_int_equal(number, 0);
	wv_settings_set(settings, "traps-ttl", "18446744073709551615");
	assert_true(wv_settings_number(settings, "traps-ttl", 7, &number, NULL));
	assert_true(number == G_MAXUINT64);

	for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		wv_settings_set(settings, "traps-ttl", wrong[i]);
		assert_false(wv_settings_number(settings, "traps-ttl", 7, &number, &error));
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
		assert_non_null(strstr(error->message, "--traps-ttl"));
		assert_non_null(strstr(error->message, wrong[i]));
	}
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		guint64 bytes;
	} right[] = {
		{ "1", 1 },
		{ "4095", 4095 },
		{ "1k", 1024 },
		{ "1K", 1024 },
		{ "64M", 67108864 },
		{ "3m", 3145728 },
		{ "2G", G_GUINT64_CONSTANT(2147483648) },
		{ "4g", G_GUINT64_CONSTANT(4294967296) },
		{ "007", 7 },
		{ "18446744073709551615", G_MAXUINT64 },
		{ "17179869183G", G_GUINT64_CONSTANT(18446744072635809792) },
	};
	static const char *const wrong[] = {
		"",
		"0",
		"0K",
		"K",
		"-1",
		"+1",
		" 1",
		"1 K",
		"1KB",
		"1.5M",
		"1T",
		"x",
		"1KK",
		"0x10",
		"1M ",
		"M1",
		"18446744073709551616",
		"17179869184G",
		"18014398509481984K",
	};
	struct wv_settings *settings = *state;
	guint64 bytes;

	assert_true(wv_settings_size(settings, "dump-max-size", 42, &bytes, NULL));
	assert_int_equal(bytes, 42);
	for (unsigned i = 0; i < G_N_ELEMENTS(right); i++) {
		wv_settings_set(settings, "dump-max-size", right[i].text);
		assert_true(wv_settings_size(settings, "dump-max-size", 42, &bytes, NULL));
		assert_true(bytes == right[i].bytes);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		wv_settings_set(settings, "dump-max-size", wrong[i]);
		if (wv_settings_size(settings, "dump-max-size", 42, &bytes, &error))
			fail_msg("\"%s\" is a size", wrong[i]);
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
		assert_non_null(strstr(error->message, "--dump-max-size"));
		assert_non_null(strstr(error->message, wrong[i]));
	}
}

static void test_text_brings_all_along(void **state)
{
	struct wv_settings *settings = *state;
	struct wv_settings copy;
	static const char *const lists[] = { "a;b", "c\nd", "\\", NULL };
	g_autofree char *text = NULL;

	wv_settings_set(settings, "output", " /tmp/x y\n\\z;");
	wv_settings_set(settings, "timing", "true");
	for (unsigned i = 0; lists[i]; i++)
		wv_settings_add(settings, "process", lists[i]);
	text = wv_settings_text(settings);

	wv_settings_init(&copy);
	assert_true(wv_settings_parse(&copy, text, NULL));
	assert_get(&copy, "output", " /tmp/x y\n\\z;");
	assert_true(wv_settings_flag(&copy, "timing"));
	assert_list(&copy, "process", lists);
	wv_settings_deinit(&copy);
}

static void test_text_of_nothing(void **state)
{
	struct wv_settings *settings = *state;
	g_autofree char *text = wv_settings_text(settings);

	assert_string_equal(text, "");
	assert_true(wv_settings_parse(settings, "", NULL));
	assert_get(settings, "output", NULL);
}

static void test_text_that_is_malformed(void **state)
{
	struct wv_settings *settings = *state;
	static const char *const wrong[] = { "x", "x=1", "[wyvern\nx=1", "[wyvern]\nx" };

	for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		assert_false(wv_settings_parse(settings, wrong[i], &error));
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	}
}

static void test_file(void **state)
{
	struct wv_settings *settings = *state;
	static const char *const names[] = { "bash", "sh", NULL };
	guint64 number;

	wv_settings_set(settings, "output", "old");
	wv_settings_set(settings, "format", "kv");
	assert_loads(settings, "# a comment\n\n[wyvern]\noutput = new\nprocess=bash;sh\n"
			       "traps_ttl=12\ndrop_when_slow=true\n[another tool]\nformat=csv\n");
	assert_get(settings, "output", "new"); /* the file replaces what was there */
	assert_get(settings, "format", "kv");  /* and only that; other groups are not ours */
	assert_list(settings, "process", names);
	assert_true(wv_settings_flag(settings, "drop-when-slow"));
	assert_true(wv_settings_number(settings, "traps-ttl", 0, &number, NULL));
	assert_int_equal(number, 12);
	assert_loads(settings, "[wyvern]\nprocess=dash\n");
	wv_settings_add(settings, "process", "zsh");
	assert_list(settings, "process", (const char *const[]){ "dash", "zsh", NULL });
}

static void test_files_that_are_wrong(void **state)
{
	struct wv_settings *settings = *state;
	g_autoptr(GError) error = NULL;

	wv_settings_set(settings, "output", "old");
	assert_does_not_load(settings, "output=new\n");
	assert_does_not_load(settings, "[other]\noutput=new\n");
	assert_does_not_load(settings, "");
	assert_does_not_load(settings, "[wyvern]\noutput\n");
	assert_get(settings, "output", "old"); /* nothing of them was taken */

	assert_false(wv_settings_load(settings, "/nonexistent/file", &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	assert_non_null(strstr(error->message, "/nonexistent/file"));
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_not_given),
		WITH(test_set_and_get),
		WITH(test_flags),
		WITH(test_lists),
		WITH(test_numbers),
		WITH(test_sizes),
		WITH(test_text_brings_all_along),
		WITH(test_text_of_nothing),
		WITH(test_text_that_is_malformed),
		WITH(test_file),
		WITH(test_files_that_are_wrong),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
