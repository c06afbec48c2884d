/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: attributes of files, and mounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "filetracer_linux_fixture.h"

/** A file /tmp/a, rw-r--r--. */
static uint64_t entry_of_a(struct filetracer_fixture *fixture)
{
	return filetracer_entry(fixture, "a", REGULAR | 0644);
}

static uint64_t path_of_a(struct filetracer_fixture *fixture)
{
	return filetracer_path(fixture, entry_of_a(fixture));
}

#define A COMMON("644", "/tmp/a")

/* Permissions, owners, times --------------------------------------------------------------------*/

static void test_chmod(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t entry = entry_of_a(fixture);

	filetracer_enter(fixture, "chmod_common", filetracer_path(fixture, entry), 04755);
	/* the permissions are those before */
	tiny_put(&fixture->kernel, tiny_get(&fixture->kernel, entry, "dentry.d_inode"),
		 "inode.i_mode", REGULAR | 04755);
	filetracer_told(fixture, 0,
			"chmod_common" SHELL "1: " A
			" new_mode=\"S_IFREG\" new_permissions=\"4755\" Result=0\n");
}

static void test_chown(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t path = path_of_a(fixture);

	filetracer_enter(fixture, "chown_common", path, 5, 6);
	filetracer_told(fixture, 0, "chown_common" SHELL "1: " A " new_gid=6 new_uid=5 Result=0\n");
	/* -1 leaves it as it is; an id has 32 bits */
	filetracer_enter(fixture, "chown_common", path, UINT32_MAX, 0x100000007);
	filetracer_told(fixture, ERROR(1),
			"chown_common" SHELL "2: " A " new_gid=7 Result=\"EPERM\"\n");
}

static void test_times(void **state)
{
	struct filetracer_fixture *fixture = *state;
	const int64_t now = (1 << 30) - 1, omit = (1 << 30) - 2;
	const struct {
		int64_t times[4];
		const char *told;
	} samples[] = {
		{ { 5, 6, -1, 999 }, "atime=\"5\" mtime=\"-1\"" },
		{ { 7, now, 8, omit }, "atime=\"now\" mtime=\"omit\"" },
	};
	uint64_t path = path_of_a(fixture), times = tiny_object(&fixture->kernel, 32);

	for (unsigned i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *expected = g_strdup_printf(
			"vfs_utimes" SHELL "%u: " A " %s Result=0\n", 1 + i, samples[i].told);

		memcpy(tiny_at(&fixture->kernel, times), samples[i].times, 32);
		filetracer_enter(fixture, "vfs_utimes", path, times);
		filetracer_told(fixture, 0, expected);
	}
	filetracer_enter(fixture, "vfs_utimes", path, 0);
	filetracer_told(fixture, 0,
			"vfs_utimes" SHELL "3: " A " atime=\"now\" mtime=\"now\" Result=0\n");
	filetracer_enter(fixture, "vfs_utimes", path, 0x1000);
	filetracer_told(fixture, 0, "vfs_utimes" SHELL "4: " A " atime=null mtime=null Result=0\n");
}

/* Extended attributes ---------------------------------------------------------------------------*/

static void set_xattr(struct filetracer_fixture *fixture, const char *value, size_t size,
		      const char *told)
{
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t name = tiny_string(kernel, "user.x"), address = tiny_object(kernel, size + 1);

	memcpy(tiny_at(kernel, address), value, size);
	filetracer_enter(fixture, "vfs_setxattr", 0, entry_of_a(fixture), name, address, size, 0);
	filetracer_told(fixture, 0, told);
}

static void test_setxattr(void **state)
{
	struct filetracer_fixture *fixture = *state;
	static const char long_value[300];
	g_autofree char *zeros = g_strnfill(512, '0');
	g_autofree char *told = g_strdup_printf("vfs_setxattr" SHELL "4: " A " name=\"user.x\" "
						"size=300 value=\"%s...\"+ Result=0\n",
						zeros);

	set_xattr(fixture, "some value", 10,
		  "vfs_setxattr" SHELL "1: " A " name=\"user.x\" size=10 value=\"some value\" "
		  "Result=0\n");
	set_xattr(fixture, "va\1\xff", 4,
		  "vfs_setxattr" SHELL "2: " A " name=\"user.x\" size=4 value=\"766101ff\" "
		  "Result=0\n");
	set_xattr(fixture, "", 0,
		  "vfs_setxattr" SHELL "3: " A " name=\"user.x\" size=0 value=\"\" Result=0\n");
	set_xattr(fixture, long_value, sizeof(long_value), told);
}

static void test_setxattr_that_fails(void **state)
{
	struct filetracer_fixture *fixture = *state;

	filetracer_enter(fixture, "vfs_setxattr", 0, entry_of_a(fixture), 0x1000, 0x1000, 5, 1);
	filetracer_told(fixture, ERROR(95),
			"vfs_setxattr" SHELL "1: " A " flags=\"XATTR_CREATE\" name=null size=5 "
			"value=null Result=\"EOPNOTSUPP\"\n");
}

static void test_names_of_attributes(void **state)
{
	struct filetracer_fixture *fixture = *state;
	static const char *const functions[] = { "vfs_removexattr", "vfs_set_acl",
						 "vfs_remove_acl" };
	uint64_t entry = entry_of_a(fixture);
	uint64_t name = tiny_string(&fixture->kernel, "system.posix_acl_access");

	for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++) {
		g_autofree char *expected = g_strdup_printf(
			"%s" SHELL "%u: " A " name=\"system.posix_acl_access\" Result=0\n",
			functions[i], 1 + i);

		filetracer_enter(fixture, functions[i], 0, entry, name);
		filetracer_told(fixture, 0, expected);
	}
}

/* Mounts ----------------------------------------------------------------------------------------*/

#define MOUNT_POINT                                                                                \
	"Permissions=\"755\" ThreadName=\"bash\" FileName=\"/tmp/d\" Mode=\"S_IFDIR\" UID=1 GID=2"

static void test_mount(void **state)
{
	struct filetracer_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t path = filetracer_path(fixture, filetracer_entry(fixture, "d", FOLDER | 0755));

	filetracer_enter(fixture, "path_mount", tiny_string(kernel, "/dev/sda1"), path,
			 tiny_string(kernel, "ext4"), 3, 0);
	filetracer_told(fixture, 0,
			"path_mount" SHELL "1: " MOUNT_POINT " device=\"/dev/sda1\" "
			"filesystem=\"ext4\" flags=\"MS_RDONLY | MS_NOSUID\" Result=0\n");
	filetracer_enter(fixture, "path_mount", 0, path, 0, 0, 0);
	filetracer_told(fixture, ERROR(ENOENT_),
			"path_mount" SHELL "2: " MOUNT_POINT " flags=\"0\" Result=\"ENOENT\"\n");
}

static void test_umount(void **state)
{
	struct filetracer_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t sb = tiny_file_system(kernel, 0xef53), root = tiny_entry(kernel, sb, 0, "/");
	uint64_t point = filetracer_entry(fixture, "d", FOLDER | 0755);
	uint64_t mount = tiny_mount(kernel, root, fixture->mount, point, 0);
	uint64_t path = tiny_object(kernel, 0x10);

	filetracer_fill(fixture, root, FOLDER | 0755);
	tiny_put_path(kernel, path, root, mount);
	filetracer_enter(fixture, "path_umount", path, 2);
	tiny_put(kernel, mount, "mount.mnt_parent", mount); /* it is nowhere now */
	filetracer_told(fixture, 0,
			"path_umount" SHELL "1: " MOUNT_POINT " flags=\"MNT_DETACH\" Result=0\n");
	filetracer_enter(fixture, "path_umount", path, 0);
	filetracer_told(fixture, ERROR(EINVAL_),
			"path_umount" SHELL "2: Permissions=\"755\" ThreadName=\"bash\" "
			"FileName=\"/\" Mode=\"S_IFDIR\" UID=1 GID=2 Result=\"EINVAL\"\n");
}

static void test_move_mount(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t from = filetracer_entry(fixture, "c", FOLDER | 0755);
	uint64_t to = filetracer_entry(fixture, "d", FOLDER | 0755);

	filetracer_enter(fixture, "do_move_mount", filetracer_path(fixture, from),
			 filetracer_path(fixture, to));
	filetracer_told(fixture, 0,
			"do_move_mount" SHELL "1: " MOUNT_POINT " old_name=\"/tmp/c\" Result=0\n");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, filetracer_setup, filetracer_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_chmod),
		WITH(test_chown),
		WITH(test_times),
		WITH(test_setxattr),
		WITH(test_setxattr_that_fails),
		WITH(test_names_of_attributes),
		WITH(test_mount),
		WITH(test_umount),
		WITH(test_move_mount),
	};

	return cmocka_run_group_tests_name("filetracer_linux_attributes", tests, NULL, NULL);
}
