/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest roots: tar archives, also hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "root_fixture.h"

static void fill_tar(struct tar tar)
{
	put_entry(tar, "./", S_IFDIR | 0700, NULL, NULL);
	put_entry(tar, "./bin/", S_IFDIR | 0711, NULL, NULL);
	put_entry(tar, "./bin/tool", S_IFREG | 06755, "tool's bytes", NULL);
	put_entry(tar, "/usr//share/./" UMLAUT, S_IFREG | 0644, "deep", NULL);
	put_entry(tar, "bin/again", S_IFREG | 0755, NULL, "./bin/tool");
	put_entry(tar, "bin/third", S_IFREG | 0755, NULL, "bin/again");
	put_entry(tar, "lib", S_IFLNK | 0777, "usr/lib", NULL);
	put_entry(tar, "lib64", S_IFREG | 0777, NULL, "lib");
	put_entry(tar, "node", S_IFCHR | 0622, NULL, NULL);
	put_entry(tar, "dev/null", S_IFREG | 0644, "no device", NULL);
	put_entry(tar, "init", S_IFREG | 0755, "another", NULL);
}

static void check_tar(struct fixture *fixture)
{
	assert_data(fixture, "bin/tool", "tool's bytes");
	assert_int_equal(thing(fixture, "bin/tool")->mode, S_IFREG | 06755);
	assert_int_equal(thing(fixture, "bin/tool")->uid, 7);
	assert_int_equal(thing(fixture, "bin/tool")->gid, 8);
	assert_int_equal(thing(fixture, "bin")->mode, S_IFDIR | 0711);
	assert_data(fixture, "usr/share/" UMLAUT, "deep");
	/* Folders that the archive does not have are made, before what is in them. */
	assert_int_equal(thing(fixture, "usr/share")->mode, S_IFDIR | 0755);
	assert_true(thing(fixture, "usr")->position < thing(fixture, "usr/share")->position);
	assert_true(thing(fixture, "usr/share")->position <
		    thing(fixture, "usr/share/" UMLAUT)->position);
	for (int i = 0; i < 2; i++) {
		const struct thing *other = thing(fixture, i ? "bin/again" : "bin/third");

		assert_int_equal(other->inode, thing(fixture, "bin/tool")->inode);
		assert_int_equal(other->links, 3);
		assert_int_equal(other->mode, S_IFREG | 06755);
	}
	assert_string_equal(thing(fixture, "lib")->target, "usr/lib");
	assert_string_equal(thing(fixture, "lib64")->target, "usr/lib");
	assert_int_equal(thing(fixture, "node")->mode, S_IFCHR | 0622);
	assert_int_equal(thing(fixture, "node")->major, 1);
	assert_int_equal(thing(fixture, "node")->minor, 9);
	assert_true(S_ISCHR(thing(fixture, "dev/null")->mode));
	assert_data(fixture, "init", "the launcher");
	assert_false(is_there(fixture, ""));
	assert_false(is_there(fixture, "."));
}

static void tar_is_kept_as_it_is(void **state)
{
	struct fixture *fixture = *state;
	struct tar tar = start_tar(fixture, "root.tar", false);

	fill_tar(tar);
	end_tar(tar);
	assert_true(write_rootfs(fixture, "root.tar"));
	check_tar(fixture);
}

static void compressed_tar_is_one_too(void **state)
{
	struct fixture *fixture = *state;
	struct tar tar = start_tar(fixture, "root.tar.xz", true);

	fill_tar(tar);
	end_tar(tar);
	assert_true(write_rootfs(fixture, "root.tar.xz"));
	check_tar(fixture);
}

/* A name of UTF-8 in a pax header must survive the locale "C", in which tests run. */
static void long_names_survive(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GString) name = g_string_new("d");
	struct tar tar = start_tar(fixture, "root.tar", false);

	for (int i = 0; i < 100; i++)
		g_string_append(name, "/f\303\266\303\266");
	put_entry(tar, name->str, S_IFREG | 0644, "far down", NULL);
	end_tar(tar);
	assert_true(write_rootfs(fixture, "root.tar"));
	assert_data(fixture, name->str, "far down");
}

static void refuse_tar(struct fixture *fixture, const char *path, mode_t mode, const char *data,
		       const char *link, const char *text)
{
	struct tar tar = start_tar(fixture, "root.tar", false);

	put_entry(tar, path, mode, data, link);
	end_tar(tar);
	assert_false(write_rootfs(fixture, "root.tar"));
	assert_failed(fixture, WV_ERROR_USAGE, text);
	g_clear_error(&fixture->error);
}

static void hostile_entries_are_refused(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *deep = g_strnfill(5000, 'x');

	refuse_tar(fixture, "../../etc/passwd", S_IFREG | 0644, "x", NULL, "leads out");
	refuse_tar(fixture, "a/../b", S_IFREG | 0644, "x", NULL, "a/../b");
	refuse_tar(fixture, "a/..", S_IFDIR | 0755, NULL, NULL, "leads out");
	refuse_tar(fixture, "a", S_IFREG | 0644, NULL, "nothing", "link");
	refuse_tar(fixture, "a", S_IFREG | 0644, NULL, "../../etc/shadow", "link");
	refuse_tar(fixture, "a\033[2J/..", S_IFREG | 0644, "x", NULL, "leads out");
	refuse_tar(fixture, deep, S_IFREG | 0644, "x", NULL, "too long");
	refuse_tar(fixture, "a", S_IFLNK | 0777, deep, NULL, "too long");
}

static void errors_are_printable(void **state)
{
	struct fixture *fixture = *state;
	struct tar tar = start_tar(fixture, "root.tar", false);

	put_entry(tar, "a\033[2J/..", S_IFREG | 0644, "x", NULL);
	end_tar(tar);
	assert_false(write_rootfs(fixture, "root.tar"));
	assert_null(strchr(fixture->error->message, '\033'));
}

static void link_to_itself_is_no_link(void **state)
{
	struct fixture *fixture = *state;
	struct tar tar = start_tar(fixture, "root.tar", false);

	put_entry(tar, "a", S_IFREG | 0644, "x", NULL);
	put_entry(tar, "a", S_IFREG | 0644, NULL, "./a");
	end_tar(tar);
	assert_true(write_rootfs(fixture, "root.tar"));
	assert_data(fixture, "a", "x");
	assert_int_equal(thing(fixture, "a")->links, 1);
}

/* A header by hand: libarchive would not write such a one. */
static void write_tar_header(const struct fixture *fixture, const char *name, const char *size)
{
	char block[1024] = { 0 };
	unsigned sum = 0;

	memcpy(block, name, strlen(name));
	memcpy(block + 100, "0000644", 8);
	memcpy(block + 108, "0000000", 8);
	memcpy(block + 116, "0000000", 8);
	memcpy(block + 124, size, 12);
	memcpy(block + 136, "00000000000", 12);
	memset(block + 148, ' ', 8);
	block[156] = '0';
	memcpy(block + 257, "ustar\00000", 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	g_snprintf(block + 148, 8, "%06o", sum);
	write_file(fixture, "root.tar", block, sizeof(block));
}

static void sizes_are_bounded(void **state)
{
	struct fixture *fixture = *state;

	write_tar_header(fixture, "huge", "77777777777");
	assert_false(write_rootfs(fixture, "root.tar"));
	assert_failed(fixture, WV_ERROR_USAGE, "huge");
	g_clear_error(&fixture->error);
	/* It ends before its file does. */
	write_tar_header(fixture, "cut", "00000010000");
	assert_false(write_rootfs(fixture, "root.tar"));
	assert_failed(fixture, WV_ERROR_USAGE, "root.tar");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, root_setup, root_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tar_is_kept_as_it_is), TEST(compressed_tar_is_one_too),
		TEST(long_names_survive),   TEST(hostile_entries_are_refused),
		TEST(errors_are_printable), TEST(link_to_itself_is_no_link),
		TEST(sizes_are_bounded),
	};

	return cmocka_run_group_tests_name("root_tar", tests, NULL, NULL);
}
