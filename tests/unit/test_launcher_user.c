/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The launcher's own reading of passwd(5) and group(5), as a hostile root may have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "launcher/launcher.h"

#define ROOT "root:x:0:0:root:/root:/bin/bash\n"

static char *folder, *passwd, *group;

static int setup(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("wyvern-user-XXXXXX", NULL);
	passwd = g_build_filename(folder, "passwd", NULL);
	group = g_build_filename(folder, "group", NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	g_unlink(passwd);
	g_unlink(group);
	g_rmdir(folder);
	g_free(passwd);
	g_free(group);
	g_free(folder);
	return 0;
}

static void write_text(const char *path, const char *text, gssize size)
{
	assert_true(g_file_set_contents(path, text, size, NULL));
}

static struct wv_user *find(const char *wanted)
{
	static struct wv_user user;
	struct wv_why why = { "" };

	memset(&user, 0xff, sizeof(user));
	if (!wv_user_find(&user, wanted, passwd, group, &why))
		fail_msg("%s", why.text);
	return &user;
}

static void refuse(const char *wanted)
{
	struct wv_user user;
	struct wv_why why = { "" };

	assert_false(wv_user_find(&user, wanted, passwd, group, &why));
	assert_non_null(strstr(why.text, "no user"));
}

static void names_and_numbers_are_found(void **state)
{
	const struct wv_user *user;
	const char *const wanted[] = { "alice", "1000", "01000" };

	(void)state;
	write_text(passwd,
		   ROOT "alice:x:1000:100:Alice,,,:/home/alice:/bin/zsh\n"
			"1001:x:7:7::/seven:/bin/sh\n",
		   -1);
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
		user = find(wanted[i]);
		assert_int_equal(user->uid, 1000);
		assert_int_equal(user->gid, 100);
		assert_string_equal(user->name, "alice");
		assert_string_equal(user->home, "/home/alice");
		assert_string_equal(user->shell, "/bin/zsh");
		assert_int_equal(user->n_groups, 1);
		assert_int_equal(user->groups[0], 100);
	}
	/* A number is a number, also where somebody is called like it. */
	assert_int_equal(find("1001")->uid, 1001);
	assert_int_equal(find("root")->uid, 0);
	refuse("bob");
	refuse("alic");
	refuse("alicea");
	refuse("Alice");
	refuse("1000x");
	refuse("-1");
	refuse("+7");
	refuse(" 7");
}

static void users_need_no_row(void **state)
{
	const struct wv_user *user;

	(void)state;
	/* Neither file is there. */
	user = find("root");
	assert_int_equal(user->uid, 0);
	assert_int_equal(user->gid, 0);
	assert_string_equal(user->name, "root");
	assert_string_equal(user->home, "/root");
	assert_string_equal(user->shell, "/bin/sh");
	assert_int_equal(user->n_groups, 1);
	assert_string_equal(find("0")->name, "root");
	user = find("4294967294");
	assert_int_equal(user->uid, 4294967294u);
	assert_int_equal(user->gid, 4294967294u);
	assert_string_equal(user->name, "4294967294");
	assert_string_equal(user->home, "/");
	/* -1 is nobody's number, and what is larger is none. */
	refuse("4294967295");
	refuse("99999999999999999999999");
	refuse("alice");
}

static void malformed_rows_are_passed_over(void **state)
{
	(void)state;
	write_text(passwd,
		   "\n"
		   "#a comment\n"
		   "alice\n"
		   "alice:x:1000\n"
		   "alice:x:1000:1000:no home nor shell\n"
		   "alice:x::1000::/a:/b\n"
		   "alice:x:-5:1000::/a:/b\n"
		   "alice:x:1000:abc::/a:/b\n"
		   "alice:x:99999999999:1000::/a:/b\n"
		   "alice:x:4294967295:1000::/a:/b\n"
		   "+@netgroup::::::\n"
		   "alice:x:5:6:::\n"
		   "alice:x:8:9::/later:/bin/sh\n",
		   -1);
	/* The first good row; what is empty in it is what everybody has. */
	assert_int_equal(find("alice")->uid, 5);
	assert_int_equal(find("alice")->gid, 6);
	assert_string_equal(find("alice")->home, "/");
	assert_string_equal(find("alice")->shell, "/bin/sh");
	assert_string_equal(find("8")->home, "/later");
}

static void last_row_needs_no_end(void **state)
{
	(void)state;
	write_text(passwd, ROOT "alice:x:5:6::/home/alice:/bin/zsh", -1);
	write_text(group, "wheel:x:10:alice", -1);
	assert_string_equal(find("alice")->shell, "/bin/zsh");
	assert_int_equal(find("alice")->n_groups, 2);
	assert_int_equal(find("alice")->groups[1], 10);
}

static void long_rows_are_cut_to_fit(void **state)
{
	g_autofree char *home = g_strnfill(100000, 'h');
	g_autofree char *text = g_strdup_printf("a:x:1:1:%s:/%s:%s\n" ROOT, home, home, home);
	const struct wv_user *user;

	(void)state;
	write_text(passwd, text, -1);
	user = find("a");
	assert_int_equal(strlen(user->home), PATH_MAX - 1);
	assert_int_equal(strlen(user->shell), PATH_MAX - 1);
	assert_string_equal(find("root")->home, "/root");
	g_free(text);
	text = g_strdup_printf("%s:x:1:1::/:/bin/sh\n", home);
	write_text(passwd, text, -1);
	assert_int_equal(strlen(find("1")->name), 255);
}

static void zero_bytes_end_nothing_else(void **state)
{
	static const char text[] = "\0\0\0\nal\0ice:x:5:5::/:/\nalice:x:6:6::/\0/x:/bin/sh\n" ROOT;

	(void)state;
	write_text(passwd, text, sizeof(text) - 1);
	refuse("alice");
	assert_int_equal(find("root")->uid, 0);
	assert_string_equal(find("root")->shell, "/bin/bash");
}

static void groups_are_found(void **state)
{
	const struct wv_user *user;

	(void)state;
	write_text(passwd, ROOT "alice:x:1000:100::/:/bin/sh\nal:x:2:2::/:/bin/sh\n", -1);
	write_text(group,
		   "users:x:100:alice\n"
		   "audio:x:29:bob,alice,carol\n"
		   "short:x:30\n"
		   "none:x:31:\n"
		   "commas:x:32:,,alice,\n"
		   "other:x:33:alicea,lice\n"
		   "bad:x:3x:alice\n"
		   "more:x:34:alice:and more\n",
		   -1);
	user = find("alice");
	assert_int_equal(user->n_groups, 4);
	assert_int_equal(user->groups[0], 100);
	assert_int_equal(user->groups[1], 29);
	assert_int_equal(user->groups[2], 32);
	assert_int_equal(user->groups[3], 34);
	assert_int_equal(find("al")->n_groups, 1);
	/* A number without a row is a member where its number is. */
	assert_int_equal(find("4000")->n_groups, 1);
}

static void too_many_groups_are_cut_off(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const struct wv_user *user;

	(void)state;
	write_text(passwd, "a:x:1:5000::/:/bin/sh\n", -1);
	for (int i = 0; i < 1000; i++)
		g_string_append_printf(text, "g%d:x:%d:a\n", i, i);
	write_text(group, text->str, -1);
	user = find("a");
	assert_int_equal(user->n_groups, WV_USER_GROUPS_MAX);
	assert_int_equal(user->groups[0], 5000);
	assert_int_equal(user->groups[WV_USER_GROUPS_MAX - 1], WV_USER_GROUPS_MAX - 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_and_numbers_are_found),
		TEST(users_need_no_row),
		TEST(malformed_rows_are_passed_over),
		TEST(last_row_needs_no_end),
		TEST(long_rows_are_cut_to_fit),
		TEST(zero_bytes_end_nothing_else),
		TEST(groups_are_found),
		TEST(too_many_groups_are_cut_off),
	};

	return cmocka_run_group_tests_name("launcher_user", tests, NULL, NULL);
}
