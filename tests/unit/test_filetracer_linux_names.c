/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: names are made, changed, removed and used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "filetracer_linux_fixture.h"

/* New names -------------------------------------------------------------------------------------*/

static void test_create(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t entry = filetracer_nothing(fixture, "new");

	/* (idmap, dentry, mode, di): the kernel's types say that there is no folder before */
	filetracer_enter(fixture, "vfs_create", 0, entry, 0640, 0);
	filetracer_fill(fixture, entry, REGULAR | 0600);
	filetracer_told(
		fixture, 0,
		"vfs_create" SHELL "1: " COMMON(
			"600",
			"/tmp/new") " new_mode=\"S_IFREG\" new_permissions=\"640\" Result=0\n");
}

static void test_mknod(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t entry = filetracer_nothing(fixture, "disk");

	/* (idmap, dir, dentry, mode, dev) */
	filetracer_enter(fixture, "vfs_mknod", 0, 0, entry, 0060660, 0x800001);
	filetracer_told(
		fixture, ERROR(1),
		"vfs_mknod" SHELL "1: " NOTHING(
			"/tmp/disk") " dev=\"8:1\" new_mode=\"S_IFBLK\" new_permissions=\"660\" "
				     "Result=\"EPERM\"\n");
}

static void test_mkdir(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t entry = filetracer_nothing(fixture, "d");

	filetracer_enter(fixture, "vfs_mkdir", 0, 0, entry, 01777);
	filetracer_told(
		fixture, ERROR(17),
		"vfs_mkdir" SHELL "1: " NOTHING(
			"/tmp/d") " new_mode=\"S_IFDIR\" new_permissions=\"1777\" Result=\"EEXIST\"\n");
	filetracer_enter(fixture, "vfs_mkdir", 0, 0, entry, 0700);
	filetracer_fill(fixture, entry, FOLDER | 0700);
	/* since 6.15 it returns the entry, whose lower half may look like an error */
	filetracer_told(fixture, 0xffff8d40fffff040,
			"vfs_mkdir" SHELL "2: Permissions=\"700\" ThreadName=\"bash\" "
			"FileName=\"/tmp/d\" Mode=\"S_IFDIR\" UID=1 GID=2 new_mode=\"S_IFDIR\" "
			"new_permissions=\"700\" Result=0\n");
	/* an int has 32 bits, whatever the rest of the register holds */
	filetracer_enter(fixture, "vfs_rmdir", 0, 0, entry);
	filetracer_told(fixture, UINT64_C(0x1234ffffffd9),
			"vfs_rmdir" SHELL "3: Permissions=\"700\" ThreadName=\"bash\" "
			"FileName=\"/tmp/d\" Mode=\"S_IFDIR\" UID=1 GID=2 Result=\"ENOTEMPTY\"\n");
}

static void test_links(void **state)
{
	struct filetracer_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t file = filetracer_entry(fixture, "a", REGULAR | 0644);
	uint64_t hard = filetracer_nothing(fixture, "hard");
	uint64_t soft = filetracer_nothing(fixture, "soft");

	filetracer_enter(fixture, "vfs_link", file, 0, 0, hard);
	filetracer_told(fixture, 0,
			"vfs_link" SHELL
			"1: " COMMON("644", "/tmp/a") " link_name=\"/tmp/hard\" Result=0\n");
	filetracer_enter(fixture, "vfs_symlink", 0, 0, soft, tiny_string(kernel, "../x"));
	filetracer_fill(fixture, soft, LINK | 0777);
	filetracer_told(fixture, 0,
			"vfs_symlink" SHELL "2: Permissions=\"777\" ThreadName=\"bash\" "
			"FileName=\"/tmp/soft\" Mode=\"S_IFLNK\" UID=1 GID=2 oldname=\"../x\" "
			"Result=0\n");
	filetracer_enter(fixture, "vfs_readlink", soft, 0, 80);
	filetracer_told(fixture, 4,
			"vfs_readlink" SHELL "3: Permissions=\"777\" ThreadName=\"bash\" "
			"FileName=\"/tmp/soft\" Mode=\"S_IFLNK\" UID=1 GID=2 buflen=80 "
			"Result=4\n");
}

/* Names go and change ---------------------------------------------------------------------------*/

static void test_unlink(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t entry = filetracer_entry(fixture, "a", REGULAR | 0644);

	/* what it was, though by then there is nothing behind the entry */
	filetracer_enter(fixture, "vfs_unlink", 0, 0, entry);
	tiny_put(&fixture->kernel, entry, "dentry.d_inode", 0);
	filetracer_told(fixture, 0, "vfs_unlink" SHELL "1: " COMMON("644", "/tmp/a") " Result=0\n");
}

#define FOLDER_D                                                                                   \
	"Permissions=\"700\" ThreadName=\"bash\" FileName=\"/tmp/d\" Mode=\"S_IFDIR\" UID=1 GID=2"

/** do_rmdir() has come as far as to ask whether it may. */
static void enter_rmdir(struct filetracer_fixture *fixture, uint64_t entry)
{
	filetracer_enter(fixture, "do_rmdir", 0, 0);
	filetracer_enter(fixture, "security_path_rmdir", 0, entry);
	filetracer_told(fixture, 0, "");
}

static void test_rmdir(void **state)
{
	struct filetracer_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t entry = filetracer_entry(fixture, "d", FOLDER | 0700);
	uint64_t upper = filetracer_entry(fixture, "upper", FOLDER | 0700);

	enter_rmdir(fixture, entry);
	filetracer_enter(fixture, "vfs_rmdir", 0, 0, entry);
	filetracer_told(fixture, 0, "vfs_rmdir" SHELL "2: " FOLDER_D " Result=0\n");
	filetracer_told(fixture, 0, "");
	/* the compiler has put vfs_rmdir() into its caller, though not into overlayfs */
	enter_rmdir(fixture, entry);
	filetracer_enter(fixture, "vfs_rmdir", 0, 0, upper);
	filetracer_told(fixture, 0, "");
	filetracer_enter(fixture, "vfs_unlink", 0, 0, upper);
	filetracer_told(fixture, 0, "");
	tiny_put(kernel, entry + tiny_offset("dentry.d_name"), "qstr.name", 0);
	filetracer_told(fixture, ERROR(39),
			"vfs_rmdir" SHELL "3: " FOLDER_D " Result=\"ENOTEMPTY\"\n");
	/* there is no such folder */
	filetracer_enter(fixture, "do_rmdir", 0, 0);
	filetracer_told(fixture, ERROR(ENOENT_), "");
}

/** What d_move() does: the old entry is where the new one was. */
static void move(struct filetracer_fixture *fixture, uint64_t old, uint64_t new)
{
	void *name = tiny_at(&fixture->kernel, old + tiny_offset("dentry.d_name"));

	memcpy(name, tiny_at(&fixture->kernel, new + tiny_offset("dentry.d_name")), 16);
	tiny_put(&fixture->kernel, old, "dentry.d_parent",
		 tiny_get(&fixture->kernel, new, "dentry.d_parent"));
}

/** struct renamedata */
static uint64_t rename_data(struct filetracer_fixture *fixture, uint64_t old, uint64_t new,
			    uint32_t flags)
{
	uint64_t data = tiny_object(&fixture->kernel, 0x40);

	tiny_put(&fixture->kernel, data, "renamedata.old_dentry", old);
	tiny_put(&fixture->kernel, data, "renamedata.new_dentry", new);
	tiny_put(&fixture->kernel, data, "renamedata.flags", flags);
	return data;
}

static void test_rename(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t old = filetracer_entry(fixture, "a", REGULAR | 0644);
	uint64_t new = tiny_entry(&fixture->kernel, fixture->sb,
				  filetracer_entry(fixture, "d", FOLDER | 0755), "b");

	filetracer_enter(fixture, "vfs_rename", rename_data(fixture, old, new, 2));
	filetracer_told(
		fixture, ERROR(ENOENT_),
		"vfs_rename" SHELL "1: " COMMON(
			"644",
			"/tmp/d/b") " flags=\"RENAME_EXCHANGE\" old_name=\"/tmp/a\" Result=\"ENOENT\"\n");
	filetracer_enter(fixture, "vfs_rename", rename_data(fixture, old, new, 0));
	move(fixture, old, new);
	filetracer_told(fixture, 0,
			"vfs_rename" SHELL
			"2: " COMMON("644", "/tmp/d/b") " old_name=\"/tmp/a\" Result=0\n");
	/* its argument is not there */
	filetracer_enter(fixture, "vfs_rename", 0x1000);
	filetracer_told(fixture, 0, "");
}

static void test_rename_of_old_kernels(void **state)
{
	struct filetracer_fixture *fixture = *state;
	static const char *const without[] = { "renamedata.mnt_idmap", "renamedata.old_dentry",
					       "renamedata.new_dentry", "renamedata.flags", NULL };
	uint64_t old, new;

	filetracer_start(fixture, without);
	old = filetracer_entry(fixture, "a", REGULAR | 0644);
	new = filetracer_nothing(fixture, "b");
	filetracer_enter(fixture, "vfs_rename", 0, old, 0, new, 0, 1);
	move(fixture, old, new);
	filetracer_told(
		fixture, 0,
		"vfs_rename" SHELL "1: " COMMON(
			"644",
			"/tmp/b") " flags=\"RENAME_NOREPLACE\" old_name=\"/tmp/a\" Result=0\n");
	/* before mounts had maps of ids all other arguments come one earlier, too */
	filetracer_enter(fixture, "vfs_unlink", 0, new);
	filetracer_told(fixture, ERROR(ENOENT_),
			"vfs_unlink" SHELL "2: " NOTHING("/tmp/b") " Result=\"ENOENT\"\n");
}

/* Names are used --------------------------------------------------------------------------------*/

static void test_access(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t name = tiny_string(&fixture->kernel, "../etc/x");

	filetracer_enter(fixture, "do_faccessat", (uint32_t)-100, name, 6, 0);
	filetracer_told(fixture, ERROR(13),
			"do_faccessat" SHELL
			"1: " NOTHING("/tmp/../etc/x") " mode=\"W_OK | R_OK\" Result=\"EACCES\"\n");
	filetracer_enter(fixture, "do_faccessat", 77, tiny_string(&fixture->kernel, "/etc"), 0, 0);
	filetracer_told(fixture, 0,
			"do_faccessat" SHELL "2: " NOTHING("/etc") " mode=\"F_OK\" Result=0\n");
	filetracer_enter(fixture, "do_faccessat", 77, 0x1000, 0, 0);
	filetracer_told(fixture, ERROR(14),
			"do_faccessat" SHELL "3: ThreadName=\"bash\" FileName=null mode=\"F_OK\" "
			"Result=\"EFAULT\"\n");
}

static void test_folders(void **state)
{
	struct filetracer_fixture *fixture = *state;
	static const char *const functions[] = { "set_fs_pwd", "set_fs_root" };
	uint64_t path = filetracer_path(fixture, filetracer_entry(fixture, "d", FOLDER | 0755));

	for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++) {
		g_autofree char *expected =
			g_strdup_printf("%s" SHELL "%u: Permissions=\"755\" ThreadName=\"bash\" "
					"FileName=\"/tmp/d\" Mode=\"S_IFDIR\" UID=1 GID=2\n",
					functions[i], 1 + i);

		filetracer_enter(fixture, functions[i], 0, path);
		observer_told(&fixture->observer, expected);
		filetracer_told(fixture, 0, "");
	}
}

/* File systems ----------------------------------------------------------------------------------*/

static void test_layers(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t outer = filetracer_entry(fixture, "a", REGULAR | 0644);
	uint64_t upper = filetracer_entry(fixture, "upper", REGULAR | 0644);

	/* what overlayfs does to its upper layer is not what was asked for */
	filetracer_enter(fixture, "vfs_unlink", 0, 0, outer);
	filetracer_enter(fixture, "vfs_unlink", 0, 0, upper);
	filetracer_told(fixture, 0, "");
	filetracer_enter(fixture, "vfs_rename", rename_data(fixture, upper, upper, 0));
	filetracer_told(fixture, 0, "");
	filetracer_told(fixture, 0, "vfs_unlink" SHELL "1: " COMMON("644", "/tmp/a") " Result=0\n");
	filetracer_enter(fixture, "vfs_unlink", 0, 0, upper);
	filetracer_told(fixture, 0,
			"vfs_unlink" SHELL "2: " COMMON("644", "/tmp/upper") " Result=0\n");
}

static void test_mounted_twice(void **state)
{
	struct filetracer_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t mounts[2], entry = filetracer_entry(fixture, "a", REGULAR | 0644);
	static const char *const names[] = { "b", "c" };

	for (unsigned i = 0; i < 2; i++)
		mounts[i] = tiny_mount(kernel, fixture->tmp, fixture->mount,
				       tiny_entries(kernel, fixture->root, names[i]),
				       tiny_get(kernel, fixture->mount, "mount.mnt_ns"));
	/* who writes asks the mount first */
	for (unsigned i = 0; i < 2; i++) {
		g_autofree char *expected =
			g_strdup_printf("vfs_unlink" SHELL "%u: Permissions=\"644\" "
					"ThreadName=\"bash\" FileName=\"/%s/a\" Mode=\"S_IFREG\" "
					"UID=1 GID=2 Result=0\n",
					1 + i, names[i]);

		filetracer_enter(fixture, "mnt_want_write", tiny_vfsmount(mounts[i]));
		filetracer_leave(fixture, 0);
		filetracer_enter(fixture, "vfs_unlink", 0, 0, entry);
		filetracer_told(fixture, 0, expected);
	}
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, filetracer_setup, filetracer_teardown)
#define EMPTY(name)                                                                                \
	cmocka_unit_test_setup_teardown(name, filetracer_setup_empty, filetracer_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_create), WITH(test_mknod),
		WITH(test_mkdir),  WITH(test_links),
		WITH(test_unlink), WITH(test_rmdir),
		WITH(test_rename), EMPTY(test_rename_of_old_kernels),
		WITH(test_access), WITH(test_folders),
		WITH(test_layers), WITH(test_mounted_twice),
	};

	return cmocka_run_group_tests_name("filetracer_linux_names", tests, NULL, NULL);
}
