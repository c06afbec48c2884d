/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest roots: what kind one is, folders, and the busybox root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "base/error.h"
#include "root_fixture.h"

/* Folders ---------------------------------------------------------------------------------------
 */

static void folder_is_kept_as_it_is(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *program = inside(fixture, "root/bin/program");
	g_autofree char *link = inside(fixture, "root/bin/link");
	g_autofree char *second = inside(fixture, "root/usr/second");
	g_autofree char *fifo = inside(fixture, "root/fifo");
	GStatBuf info;

	write_file(fixture, "root/bin/program", "#!/bin/sh\n", -1);
	write_file(fixture, "root/etc/" UMLAUT, "text", -1);
	write_file(fixture, "root/usr/empty", "", 0);
	assert_int_equal(g_chmod(program, 04751), 0);
	assert_int_equal(symlink("/nowhere/at all", link), 0);
	assert_int_equal(linkat(AT_FDCWD, program, AT_FDCWD, second, 0), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(g_stat(program, &info), 0);

	assert_true(write_rootfs(fixture, "root"));
	assert_data(fixture, "bin/program", "#!/bin/sh\n");
	assert_data(fixture, "etc/" UMLAUT, "text");
	assert_data(fixture, "usr/empty", "");
	assert_int_equal(thing(fixture, "bin/program")->mode, S_IFREG | 04751);
	assert_int_equal(thing(fixture, "bin/program")->uid, info.st_uid);
	assert_int_equal(thing(fixture, "bin/program")->gid, info.st_gid);
	assert_string_equal(thing(fixture, "bin/link")->target, "/nowhere/at all");
	assert_true(S_ISLNK(thing(fixture, "bin/link")->mode));
	assert_true(S_ISFIFO(thing(fixture, "fifo")->mode));
	assert_true(S_ISDIR(thing(fixture, "usr")->mode));
	assert_data(fixture, "init", "the launcher");
	assert_int_equal(thing(fixture, "init")->mode, S_IFREG | 0755);
	assert_int_equal(thing(fixture, "dev/console")->mode, S_IFCHR | 0600);
	assert_int_equal(thing(fixture, "dev/console")->major, 5);
	assert_int_equal(thing(fixture, "dev/console")->minor, 1);
}

static void hard_links_of_a_folder_stay_one_file(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *first = inside(fixture, "root/a");
	const char *const names[] = { "b", "c" };

	write_file(fixture, "root/a", "once", -1);
	write_file(fixture, "root/other", "alone", -1);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *name = g_build_filename(fixture->folder, "root", names[i], NULL);

		assert_int_equal(link(first, name), 0);
	}
	assert_true(write_rootfs(fixture, "root"));
	assert_data(fixture, "a", "once");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		assert_int_equal(thing(fixture, names[i])->inode, thing(fixture, "a")->inode);
		assert_int_equal(thing(fixture, names[i])->data->len, 0);
		assert_int_equal(thing(fixture, names[i])->links, 3);
	}
	assert_int_equal(thing(fixture, "a")->links, 3);
	assert_int_equal(thing(fixture, "other")->links, 1);
	assert_int_not_equal(thing(fixture, "other")->inode, thing(fixture, "a")->inode);
	/* Three files in whole pages: a, other and the launcher; and the targets of no links. */
	assert_int_equal(fixture->size, 3 * 4096);
}

static void what_the_guest_mounts_over_is_left_out(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "root/proc/1/maps", "", 0);
	write_file(fixture, "root/sys/x", "", 0);
	write_file(fixture, "root/dev/sda", "", 0);
	write_file(fixture, "root/wyvern/modules/load", "evil.ko\n", -1);
	write_file(fixture, "root/wyverns", "", 0);
	write_file(fixture, "root/init", "another", -1);
	write_file(fixture, "root/sbin/init", "kept", -1);
	assert_true(write_rootfs(fixture, "root"));
	assert_true(is_there(fixture, "proc"));
	assert_true(is_there(fixture, "sys"));
	assert_true(is_there(fixture, "wyverns"));
	assert_data(fixture, "sbin/init", "kept");
	assert_false(is_there(fixture, "proc/1"));
	assert_false(is_there(fixture, "sys/x"));
	assert_false(is_there(fixture, "dev/sda"));
	assert_false(is_there(fixture, "wyvern/modules/load"));
	assert_data(fixture, "init", "the launcher");
}

static void unreadable_file_is_named(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = NULL;

	/* Nothing is unreadable for root. */
	if (geteuid() == 0)
		skip();
	path = inside(fixture, "root/etc/secret");
	write_file(fixture, "root/etc/secret", "x", -1);
	assert_int_equal(g_chmod(path, 0), 0);
	assert_false(write_rootfs(fixture, "root"));
	assert_failed(fixture, WV_ERROR_USAGE, "etc/secret");
}

static void endless_folder_is_refused(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GString) path = g_string_new("root");

	for (int i = 0; i < 300; i++)
		g_string_append(path, "/d");
	g_string_append(path, "/file");
	write_file(fixture, path->str, "", 0);
	assert_false(write_rootfs(fixture, "root"));
	assert_failed(fixture, WV_ERROR_USAGE, "d/d/d");
}

static void trailer_is_no_file(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "root/TRAILER!!!", "", 0);
	assert_false(write_rootfs(fixture, "root"));
	assert_failed(fixture, WV_ERROR_USAGE, "TRAILER!!!");
}

static void too_large_file_is_refused(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = inside(fixture, "root/large");

	write_file(fixture, "root/large", "", 0);
	assert_int_equal(truncate(path, (off_t)UINT32_MAX + 1), 0);
	assert_false(write_rootfs(fixture, "root"));
	assert_failed(fixture, WV_ERROR_USAGE, "large");
}

/* The busybox root ------------------------------------------------------------------------------
 */

static void busybox_root_has_its_names(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *busybox = inside(fixture, "busybox");
	static const char *const old[] = { "bin/busybox", "bin/sh", "etc", "etc/passwd" };
	struct utimbuf times = { .actime = 1600000000, .modtime = 1600000000 };
	const struct wv_root root = { .launcher = fixture->launcher, .busybox = busybox };

	/* All that is asked of it here is what it can be called. */
	write_file(fixture, "busybox",
		   "#!/bin/sh\n[ \"$1\" = --list-full ] && printf "
		   "'bin/busybox\\nbin/sh\\nusr/bin/id\\nlinuxrc\\ninit\\n'\n",
		   -1);
	assert_int_equal(g_chmod(busybox, 0755), 0);
	assert_int_equal(g_utime(busybox, &times), 0);
	assert_true(write_root(fixture, &root));
	assert_true(S_ISREG(thing(fixture, "bin/busybox")->mode));
	assert_string_equal(thing(fixture, "bin/sh")->target, "/bin/busybox");
	assert_string_equal(thing(fixture, "usr/bin/id")->target, "/bin/busybox");
	assert_int_equal(thing(fixture, "tmp")->mode, S_IFDIR | 01777);
	assert_int_equal(thing(fixture, "home/user")->uid, 1000);
	assert_true(S_ISREG(thing(fixture, "etc/passwd")->mode));
	for (size_t i = 0; i < G_N_ELEMENTS(old); i++)
		assert_int_equal(thing(fixture, old[i])->mtime, times.modtime);
	assert_true(S_ISREG(thing(fixture, "etc/group")->mode));
	assert_data(fixture, "init", "the launcher");
}

static void what_is_no_busybox_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_root other = { .launcher = fixture->launcher, .busybox = "/bin/false" };
	const struct wv_root none = { .launcher = fixture->launcher, .busybox = "/nonexistent" };

	assert_false(write_root(fixture, &other));
	assert_failed(fixture, WV_ERROR_USAGE, "/bin/false");
	g_clear_error(&fixture->error);
	assert_false(write_root(fixture, &none));
	assert_failed(fixture, WV_ERROR_USAGE, "/nonexistent");
}

static void disk_is_told_by_a_file(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_root disk = { .launcher = fixture->launcher, .disk = true };

	write_file(fixture, "root/x", "", 0);
	assert_true(write_rootfs(fixture, "root"));
	assert_false(is_there(fixture, "wyvern/disk"));
	assert_true(write_root(fixture, &disk));
	assert_data(fixture, "wyvern/disk", "");
	assert_data(fixture, "init", "the launcher");
}

static void missing_launcher_is_named(void **state)
{
	struct fixture *fixture = *state;

	g_unlink(fixture->launcher);
	write_file(fixture, "root/x", "", 0);
	assert_false(write_rootfs(fixture, "root"));
	assert_failed(fixture, WV_ERROR_USAGE, "launcher");
}

/* Kinds -----------------------------------------------------------------------------------------
 */

static enum wv_root_kind kind_of(struct fixture *fixture, const char *name)
{
	g_autofree char *path = inside(fixture, name);
	enum wv_root_kind kind;

	if (!wv_root_kind(path, &kind, &fixture->error))
		fail_msg("%s", fixture->error->message);
	return kind;
}

static void refuse_kind(struct fixture *fixture, const char *name, const char *text)
{
	g_autofree char *path = inside(fixture, name);
	enum wv_root_kind kind;

	assert_false(wv_root_kind(path, &kind, &fixture->error));
	assert_failed(fixture, WV_ERROR_USAGE, text);
	g_clear_error(&fixture->error);
}

static void kinds_are_told_by_content(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *zeros = g_malloc0(WV_ROOT_DISK_MIN);
	struct tar tar = start_tar(fixture, "a.img", true);

	put_entry(tar, "./bin/tool", S_IFREG | 0755, "a tool", NULL);
	end_tar(tar);
	write_file(fixture, "root/x", "", 0);
	/* The image of an ext4 file system begins with zeros, as an empty tar does. */
	write_file(fixture, "disk.tar", zeros, WV_ROOT_DISK_MIN);
	write_file(fixture, "disk", "QFI\373\0\0\0\3", 8);
	write_file(fixture, "short", zeros, WV_ROOT_DISK_MIN - 1);
	write_xz(fixture, "disk.xz", "not a tar archive", 17);
	assert_int_equal(kind_of(fixture, "root"), WV_ROOT_FOLDER);
	assert_int_equal(kind_of(fixture, "a.img"), WV_ROOT_TAR);
	assert_int_equal(kind_of(fixture, "disk.tar"), WV_ROOT_RAW);
	assert_int_equal(kind_of(fixture, "disk"), WV_ROOT_QCOW2);
	refuse_kind(fixture, "short", "neither");
	refuse_kind(fixture, "disk.xz", "compressed");
	refuse_kind(fixture, "nothing", "nothing");
	assert_false(write_rootfs(fixture, "disk"));
	assert_failed(fixture, WV_ERROR_USAGE, "disk");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, root_setup, root_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(folder_is_kept_as_it_is),
		TEST(hard_links_of_a_folder_stay_one_file),
		TEST(what_the_guest_mounts_over_is_left_out),
		TEST(unreadable_file_is_named),
		TEST(endless_folder_is_refused),
		TEST(trailer_is_no_file),
		TEST(too_large_file_is_refused),
		TEST(busybox_root_has_its_names),
		TEST(what_is_no_busybox_is_refused),
		TEST(disk_is_told_by_a_file),
		TEST(missing_launcher_is_named),
		TEST(kinds_are_told_by_content),
	};

	return cmocka_run_group_tests_name("root_folder", tests, NULL, NULL);
}
