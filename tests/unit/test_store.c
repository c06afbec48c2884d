/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Templates as folders: made whole or not at all, whoever is killed when. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/store.h"

struct fixture {
	char *folder; /* with "templates", which is made, and what else a test puts there */
	char *store;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.folder = g_dir_make_tmp("wyvern-store-XXXXXX", NULL);
	fixture.store = g_build_filename(fixture.folder, "deep", "templates", NULL);
	g_setenv("WYVERN_TEMPLATES", fixture.store, TRUE);
	*state = &fixture;
	return 0;
}

static void remove_all(const char *path)
{
	GDir *directory = g_dir_open(path, 0, NULL);
	const char *name;

	while (directory && (name = g_dir_read_name(directory))) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		if (!g_file_test(inner, G_FILE_TEST_IS_SYMLINK) &&
		    g_file_test(inner, G_FILE_TEST_IS_DIR))
			remove_all(inner);
		else
			g_unlink(inner);
	}
	if (directory)
		g_dir_close(directory);
	g_rmdir(path);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	remove_all(fixture->folder);
	g_free(fixture->folder);
	g_free(fixture->store);
	return 0;
}

static void write_file(const char *folder, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static struct wv_store_new *begin(const char *name)
{
	g_autoptr(GError) error = NULL;
	struct wv_store_new *making = wv_store_begin(name, &error);

	if (!making)
		fail_msg("%s", error->message);
	return making;
}

/** Begins one, and puts all files into it. */
static struct wv_store_new *fill(const char *name, const char *text)
{
	static const char *const files[] = { WV_STORE_RAM, WV_STORE_STATE, WV_STORE_DISK,
					     WV_STORE_PROFILE, WV_STORE_INI };
	struct wv_store_new *making = begin(name);

	for (unsigned i = 0; i < G_N_ELEMENTS(files); i++)
		write_file(wv_store_new_folder(making), files[i], text);
	return making;
}

static void commit(struct wv_store_new *making, bool replace)
{
	g_autoptr(GError) error = NULL;

	if (!wv_store_commit(making, replace, &error))
		fail_msg("%s", error->message);
}

static void assert_not_committed(struct wv_store_new *making, bool replace, enum wv_error code,
				 const char *words)
{
	g_autoptr(GError) error = NULL;

	assert_false(wv_store_commit(making, replace, &error));
	if (!g_error_matches(error, WV_ERROR, (gint)code) || !strstr(error->message, words))
		fail_msg("not the error that was expected: %s", error->message);
}

static void assert_not_deleted(const char *name, enum wv_error code, const char *words)
{
	g_autoptr(GError) error = NULL;

	assert_false(wv_store_delete(name, &error));
	if (!g_error_matches(error, WV_ERROR, (gint)code) || !strstr(error->message, words))
		fail_msg("not the error that was expected: %s", error->message);
}

static void assert_listed(const char *expected)
{
	g_auto(GStrv) names = wv_store_list();
	g_autofree char *joined = g_strjoinv(" ", names);

	assert_string_equal(joined, expected);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/** Everything in the store but its lock, sorted. */
static void assert_in_store(struct fixture *fixture, const char *expected)
{
	g_autoptr(GDir) directory = g_dir_open(fixture->store, 0, NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *joined = NULL;
	const char *name;

	while ((name = g_dir_read_name(directory))) {
		if (strcmp(name, ".lock") != 0)
			g_ptr_array_add(names, (char *)name);
	}
	g_ptr_array_sort(names, by_name);
	g_ptr_array_add(names, NULL);
	joined = g_strjoinv(" ", (char **)names->pdata);
	assert_string_equal(joined, expected);
}

static void assert_holds(const char *name, const char *file, const char *expected)
{
	g_autofree char *folder = wv_store_path(name);
	g_autofree char *path = g_build_filename(folder, file, NULL);
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, expected);
}

/* Where -----------------------------------------------------------------------------------------*/

static void test_folder(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *here = g_get_current_dir();
	g_autofree char *expected = g_build_filename(here, "x", "y", NULL);
	g_autofree char *given = wv_store_folder(), *relative = NULL, *users = NULL;
	g_autofree char *path = wv_store_path("a");
	g_autofree char *expected_path = g_build_filename(fixture->store, "a", NULL);

	assert_string_equal(given, fixture->store);
	assert_string_equal(path, expected_path);
	g_setenv("WYVERN_TEMPLATES", "x/y", TRUE);
	relative = wv_store_folder();
	assert_string_equal(relative, expected);
	g_setenv("WYVERN_TEMPLATES", "", TRUE);
	users = wv_store_folder();
	assert_true(g_str_has_prefix(users, g_get_user_data_dir()));
	assert_true(g_str_has_suffix(users, "/wyvern/templates"));
}

static void test_names(void **state)
{
	static const char *const good[] = { "a", "default", "Debian-12.1_x", "0", "_", "a.", "a-" };
	static const char *const bad[] = { "",	  ".",	 "..",	".new-a", "-f",	     "a/b",
					   "a b", "a\n", "a\\", "\xff",	  "\xc3\xa4" };
	g_autofree char *longest = g_strnfill(64, 'x'), *longer = g_strnfill(65, 'x');

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(good); i++)
		assert_true(wv_store_check_name(good[i], NULL));
	assert_true(wv_store_check_name(longest, NULL));
	assert_false(wv_store_check_name(longer, NULL));
	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		assert_false(wv_store_check_name(bad[i], &error));
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
		assert_true(g_utf8_validate(error->message, -1, NULL));
		assert_null(wv_store_begin(bad[i], NULL));
		assert_false(wv_store_delete(bad[i], NULL));
		assert_false(wv_store_has(bad[i]));
	}
}

static void test_no_store(void **state)
{
	struct fixture *fixture = *state;

	assert_listed("");
	assert_false(wv_store_has("a"));
	assert_not_deleted("a", WV_ERROR_USAGE, "no template");
	assert_false(g_file_test(fixture->store, G_FILE_TEST_EXISTS)); /* looking makes nothing */
}

static void test_store_that_can_not_be(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GError) error = NULL;

	write_file(fixture->folder, "deep", "a file");
	assert_null(wv_store_begin("a", &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
	assert_non_null(strstr(error->message, fixture->store));
	assert_listed("");
}

/* Making ----------------------------------------------------------------------------------------*/

static void test_making(void **state)
{
	struct fixture *fixture = *state;
	struct wv_store_new *making = fill("b", "text");

	assert_true(g_str_has_prefix(wv_store_new_folder(making), fixture->store));
	assert_listed(""); /* not before it is complete; and it is not taken for abandoned */
	assert_false(wv_store_has("b"));
	commit(making, false);
	assert_listed("b");
	assert_true(wv_store_has("b"));
	assert_holds("b", WV_STORE_RAM, "text");
	commit(fill("a", "text"), false);
	commit(fill("A", "text"), true); /* there is none to be replaced */
	assert_listed("A a b");
	assert_in_store(fixture, "A a b");
}

static void test_no_lock_is_left_in_it(void **state)
{
	g_autofree char *path = wv_store_path("a"), *lock = g_build_filename(path, "lock", NULL);

	(void)state;
	commit(fill("a", "text"), false);
	assert_false(g_file_test(lock, G_FILE_TEST_EXISTS));
}

static void test_abort(void **state)
{
	struct fixture *fixture = *state;

	wv_store_abort(NULL);
	wv_store_abort(begin("a"));
	wv_store_abort(fill("a", "text"));
	assert_in_store(fixture, "");
	commit(fill("a", "text"), false);
	wv_store_abort(fill("a", "other"));
	assert_holds("a", WV_STORE_RAM, "text");
	assert_in_store(fixture, "a");
}

static void test_not_complete(void **state)
{
	struct fixture *fixture = *state;
	struct wv_store_new *making = begin("a");

	write_file(wv_store_new_folder(making), WV_STORE_RAM, "text");
	assert_not_committed(making, false, WV_ERROR_OUTPUT, "cannot keep");
	assert_in_store(fixture, "");
}

static void test_exists_already(void **state)
{
	struct fixture *fixture = *state;

	commit(fill("a", "first"), false);
	assert_not_committed(fill("a", "second"), false, WV_ERROR_USAGE, "already");
	assert_holds("a", WV_STORE_RAM, "first");
	assert_in_store(fixture, "a");
}

static void test_replace(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = wv_store_path("a");
	g_autofree char *ram = g_build_filename(path, WV_STORE_RAM, NULL);
	char text[8] = "";
	int fd;

	commit(fill("a", "first"), false);
	fd = open(ram, O_RDONLY);
	commit(fill("a", "second"), true);
	assert_holds("a", WV_STORE_RAM, "second");
	assert_in_store(fixture, "a");
	assert_int_equal(read(fd, text, sizeof(text)), 5); /* who has it open keeps it */
	assert_string_equal(text, "first");
	close(fd);
}

static void test_two_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct wv_store_new *one = fill("a", "one"), *other = fill("a", "other");

	assert_string_not_equal(wv_store_new_folder(one), wv_store_new_folder(other));
	commit(one, false);
	assert_not_committed(other, false, WV_ERROR_USAGE, "already");
	assert_holds("a", WV_STORE_RAM, "one");
	assert_in_store(fixture, "a");
}

static void test_what_is_no_template_is_not_replaced(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = wv_store_path("a"), *other = wv_store_path("b");

	assert_int_equal(g_mkdir_with_parents(path, 0755), 0);
	write_file(path, "precious", "text");
	write_file(fixture->store, "b", "text");
	assert_listed("");
	assert_not_committed(fill("a", "text"), true, WV_ERROR_USAGE, "is none");
	assert_not_committed(fill("b", "text"), true, WV_ERROR_USAGE, "is none");
	assert_holds("a", "precious", "text");
	assert_true(g_file_test(other, G_FILE_TEST_IS_REGULAR));
	assert_in_store(fixture, "a b");
}

/* What is left by killed processes
 * ----------------------------------------------------------------*/

/** Starts a process that makes a template, and waits until it is at it. */
static pid_t start_maker(const char *name)
{
	int fds[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		fill(name, "half-made");
		if (write(fds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	return pid;
}

static void end_maker(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_killed_maker(void **state)
{
	struct fixture *fixture = *state;
	pid_t pid = start_maker("a");
	g_autoptr(GDir) before = NULL;

	assert_listed("");
	wv_store_abort(begin("b")); /* neither takes it for abandoned, as it lives */
	before = g_dir_open(fixture->store, 0, NULL);
	assert_non_null(g_dir_read_name(before));
	assert_non_null(g_dir_read_name(before)); /* the lock, and what is being made */
	end_maker(pid);
	assert_listed("");
	assert_in_store(fixture, "");
}

static void test_begin_removes_what_was_left(void **state)
{
	struct fixture *fixture = *state;

	end_maker(start_maker("a"));
	commit(fill("b", "text"), false);
	assert_in_store(fixture, "b");
}

static void test_one_of_two_is_killed(void **state)
{
	struct fixture *fixture = *state;
	struct wv_store_new *mine = fill("a", "mine");

	end_maker(start_maker("a"));
	assert_listed("");
	commit(mine, false);
	assert_holds("a", WV_STORE_RAM, "mine");
	assert_in_store(fixture, "a");
}

static void test_interrupted_removal(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = wv_store_path("a"), *hidden = wv_store_path(".old-a-123456");

	commit(fill("a", "text"), false);
	assert_int_equal(rename(path, hidden), 0);
	assert_listed("");
	assert_in_store(fixture, "");
}

static void test_removal_follows_no_links(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *elsewhere = g_build_filename(fixture->folder, "elsewhere", NULL);
	g_autofree char *file = g_build_filename(elsewhere, WV_STORE_RAM, NULL);
	g_autofree char *link = wv_store_path(".new-a-123456");
	g_autofree char *folder = wv_store_path(".new-b-123456");
	g_autofree char *link_in_it = g_build_filename(folder, WV_STORE_RAM, NULL);
	g_autofree char *folder_in_it = g_build_filename(folder, "state", NULL);

	assert_int_equal(g_mkdir_with_parents(folder_in_it, 0755), 0);
	assert_int_equal(g_mkdir_with_parents(elsewhere, 0755), 0);
	write_file(elsewhere, WV_STORE_RAM, "precious");
	assert_int_equal(symlink(elsewhere, link), 0);
	assert_int_equal(symlink(file, link_in_it), 0);
	write_file(folder_in_it, WV_STORE_RAM, "precious");
	assert_listed("");
	assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
	/* what is not known is not removed */
	assert_in_store(fixture, ".new-b-123456");
	assert_false(g_file_test(link_in_it, G_FILE_TEST_IS_SYMLINK));
	assert_true(g_file_test(folder_in_it, G_FILE_TEST_IS_DIR));
}

/* Deleting --------------------------------------------------------------------------------------*/

static void test_delete(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GError) error = NULL;

	commit(fill("a", "text"), false);
	commit(fill("b", "text"), false);
	assert_true(wv_store_delete("a", &error));
	assert_in_store(fixture, "b");
	assert_not_deleted("a", WV_ERROR_USAGE, "no template \"a\"");
}

static void test_delete_spares_other_files(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = wv_store_path("a");

	commit(fill("a", "text"), false);
	write_file(path, "notes", "precious");
	assert_not_deleted("a", WV_ERROR_USAGE, "notes");
	assert_not_committed(fill("a", "other"), true, WV_ERROR_USAGE, "notes");
	assert_holds("a", WV_STORE_RAM, "text"); /* all of it is still there */
	assert_in_store(fixture, "a");
}

static void test_delete_a_link(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = wv_store_path("a"), *other = wv_store_path("b");
	g_autofree char *elsewhere = g_build_filename(fixture->folder, "elsewhere", NULL);

	commit(fill("a", "text"), false);
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, other), 0);
	assert_listed("b");
	assert_true(wv_store_delete("b", NULL));
	assert_in_store(fixture, "");
	assert_true(g_file_test(elsewhere, G_FILE_TEST_IS_DIR));
}

/** In a process of its own: what somebody sees and does who may only read the store. */
static int look_as_reader(struct fixture *fixture)
{
	g_auto(GStrv) names = NULL;
	g_autoptr(GError) error = NULL;
	bool reader = geteuid() == 0 ? setgid(65534) == 0 && setuid(65534) == 0
				     : chmod(fixture->store, 0555) == 0;

	if (!reader)
		return 1;
	names = wv_store_list();
	if (g_strv_length(names) != 1 || strcmp(names[0], "a") != 0)
		return 2;
	if (wv_store_delete("a", &error) || !g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT))
		return 3;
	g_clear_error(&error);
	if (wv_store_begin("b", &error) || !g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT))
		return 4;
	return 0;
}

static void test_store_that_can_only_be_read(void **state)
{
	struct fixture *fixture = *state;
	int status;
	pid_t pid;

	commit(fill("a", "text"), false);
	end_maker(start_maker("b"));
	assert_int_equal(chmod(fixture->folder, 0755), 0);
	pid = fork();
	if (pid == 0)
		_exit(look_as_reader(fixture));
	waitpid(pid, &status, 0);
	assert_int_equal(chmod(fixture->store, 0755), 0);
	assert_int_equal(status, 0);
	assert_listed("a");
	assert_in_store(fixture, "a");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_folder),
		WITH(test_names),
		WITH(test_no_store),
		WITH(test_store_that_can_not_be),
		WITH(test_making),
		WITH(test_no_lock_is_left_in_it),
		WITH(test_abort),
		WITH(test_not_complete),
		WITH(test_exists_already),
		WITH(test_replace),
		WITH(test_two_at_once),
		WITH(test_what_is_no_template_is_not_replaced),
		WITH(test_killed_maker),
		WITH(test_begin_removes_what_was_left),
		WITH(test_one_of_two_is_killed),
		WITH(test_interrupted_removal),
		WITH(test_removal_follows_no_links),
		WITH(test_delete),
		WITH(test_delete_spares_other_files),
		WITH(test_delete_a_link),
		WITH(test_store_that_can_only_be_read),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
