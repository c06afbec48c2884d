/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer watching a tiny Linux kernel that has files: what its tests begin with. */
#include "filetracer_linux_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

/** Nobody looks behind the address of a mount namespace. */
#define NAMESPACE UINT64_C(0xffff8d4001000000)

#define O_RDWR 2u

static const char *const functions[] = { "do_filp_open",
					 "do_file_open_root",
					 "filp_close",
					 "filp_flush",
					 "vfs_read",
					 "vfs_write",
					 "vfs_readv",
					 "vfs_writev",
					 "rw_verify_area",
					 "vfs_llseek",
					 "ksys_lseek",
					 "vm_mmap_pgoff",
					 "do_truncate",
					 "vfs_fallocate",
					 "__do_sys_memfd_create",
					 "vfs_create",
					 "vfs_mknod",
					 "vfs_mkdir",
					 "vfs_rmdir",
					 "vfs_unlink",
					 "vfs_rename",
					 "vfs_link",
					 "vfs_symlink",
					 "vfs_readlink",
					 "do_faccessat",
					 "set_fs_pwd",
					 "set_fs_root",
					 "chmod_common",
					 "chown_common",
					 "vfs_utimes",
					 "vfs_setxattr",
					 "vfs_removexattr",
					 "vfs_set_acl",
					 "vfs_remove_acl",
					 "path_mount",
					 "do_move_mount",
					 "path_umount",
					 "mnt_want_write",
					 "do_rmdir",
					 "security_path_rmdir",
					 NULL };

void filetracer_start(struct filetracer_fixture *fixture, const char *const *without)
{
	struct tiny_linux *kernel = &fixture->kernel;
	const struct tiny_options options = { .functions = functions, .without_members = without };
	g_autofree char *told = NULL;
	uint64_t proxy, fs;

	tiny_init(kernel, &options);
	fixture->sb = tiny_file_system(kernel, 0xef53);
	fixture->root = tiny_entry(kernel, fixture->sb, 0, "/");
	fixture->mount = tiny_mount(kernel, fixture->root, 0, 0, NAMESPACE);
	fixture->tmp = tiny_entries(kernel, fixture->root, "tmp");

	fixture->bash = tiny_task(kernel, 12, 0, "/usr/bin/bash", NULL);
	proxy = tiny_object(kernel, 0x40);
	tiny_put(kernel, proxy, "nsproxy.mnt_ns", NAMESPACE);
	tiny_put(kernel, fixture->bash->address, "task_struct.nsproxy", proxy);
	fs = tiny_object(kernel, 0x40);
	tiny_put_path(kernel, fs + tiny_offset("fs_struct.pwd"), fixture->tmp, fixture->mount);
	tiny_put_path(kernel, fs + tiny_offset("fs_struct.root"), fixture->root, fixture->mount);
	tiny_put(kernel, fixture->bash->address, "task_struct.fs", fs);

	tiny_run(kernel, 0, fixture->bash);
	observer_start(&fixture->observer, kernel, "plugin=filetracer;\n");
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "status 0,1: "));
	assert_null(strstr(told, "function")); /* none is missed */
}

int filetracer_setup_empty(void **state)
{
	static struct filetracer_fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	*state = &fixture;
	return 0;
}

int filetracer_setup(void **state)
{
	filetracer_setup_empty(state);
	filetracer_start(*state, NULL);
	return 0;
}

int filetracer_teardown(void **state)
{
	struct filetracer_fixture *fixture = *state;

	observer_stop(&fixture->observer);
	tiny_deinit(&fixture->kernel);
	return 0;
}

uint64_t filetracer_nothing(struct filetracer_fixture *fixture, const char *name)
{
	return tiny_entry(&fixture->kernel, fixture->sb, fixture->tmp, name);
}

void filetracer_fill(struct filetracer_fixture *fixture, uint64_t entry, uint32_t mode)
{
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t inode = tiny_inode(kernel, tiny_get(kernel, entry, "dentry.d_sb"), mode, 0);

	tiny_put(kernel, inode, "inode.i_uid", 1);
	tiny_put(kernel, inode, "inode.i_gid", 2);
	tiny_put(kernel, entry, "dentry.d_inode", inode);
}

uint64_t filetracer_entry(struct filetracer_fixture *fixture, const char *name, uint32_t mode)
{
	uint64_t entry = filetracer_nothing(fixture, name);

	filetracer_fill(fixture, entry, mode);
	return entry;
}

uint64_t filetracer_file(struct filetracer_fixture *fixture, const char *name)
{
	uint64_t entry = filetracer_entry(fixture, name, REGULAR | 0644);
	uint64_t file = tiny_open(&fixture->kernel, entry, fixture->mount);

	tiny_put(&fixture->kernel, file, "file.f_flags", O_RDWR);
	return file;
}

uint64_t filetracer_path(struct filetracer_fixture *fixture, uint64_t entry)
{
	uint64_t path = tiny_object(&fixture->kernel, 0x10);

	tiny_put_path(&fixture->kernel, path, entry, fixture->mount);
	return path;
}

uint64_t filetracer_number(struct filetracer_fixture *fixture, uint64_t number)
{
	uint64_t address = tiny_object(&fixture->kernel, sizeof(number));

	memcpy(tiny_at(&fixture->kernel, address), &number, sizeof(number));
	return address;
}

void filetracer_leave(struct filetracer_fixture *fixture, uint64_t result)
{
	tiny_return(&fixture->kernel, 0, result);
}

void filetracer_told(struct filetracer_fixture *fixture, uint64_t result, const char *expected)
{
	filetracer_leave(fixture, result);
	observer_told(&fixture->observer, expected);
}
