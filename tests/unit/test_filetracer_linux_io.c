/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: files are opened, closed, read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "filetracer_linux_fixture.h"

/* include/uapi/linux/magic.h */
#define MAGIC_PIPES   0x50495045
#define MAGIC_SOCKETS 0x534f434b

/* Open and close --------------------------------------------------------------------------------*/

/** The arguments of do_filp_open(): what is asked for, and how. */
static void enter_open(struct filetracer_fixture *fixture, const char *name, uint32_t flags)
{
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t filename = tiny_object(kernel, 0x40), how = tiny_object(kernel, 0x40);

	tiny_put(kernel, filename, "filename.name", tiny_string(kernel, name));
	tiny_put(kernel, how, "open_flags.open_flag", flags);
	filetracer_enter(fixture, "do_filp_open", (uint32_t)-100, filename, how);
}

static void test_open(void **state)
{
	struct filetracer_fixture *fixture = *state;

	enter_open(fixture, "a", 0x242);
	filetracer_told(fixture, filetracer_file(fixture, "a"),
			"do_filp_open" SHELL
			"1: " OPEN("644", "/tmp/a", "O_RDWR | O_CREAT | O_TRUNC") " Result=0\n");
}

static void test_open_that_fails(void **state)
{
	struct filetracer_fixture *fixture = *state;

	enter_open(fixture, "none/x", 0x20);
	filetracer_told(fixture, ERROR(ENOENT_),
			"do_filp_open" SHELL "1: ThreadName=\"bash\" FileName=\"/tmp/none/x\" "
			"Flag=\"O_RDONLY | __FMODE_EXEC\" Result=\"ENOENT\"\n");
	/* nothing of its arguments is there */
	filetracer_enter(fixture, "do_filp_open", 0, 0x1000, 0x1000);
	filetracer_told(fixture, ERROR(ENOENT_),
			"do_filp_open" SHELL "2: ThreadName=\"bash\" FileName=null "
			"Result=\"ENOENT\"\n");
}

static void test_open_by_handle(void **state)
{
	struct filetracer_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t entry = filetracer_entry(fixture, "a", REGULAR | 0644);
	uint64_t name = tiny_string(kernel, ""), how = tiny_object(kernel, 0x40);

	filetracer_enter(fixture, "do_file_open_root", filetracer_path(fixture, entry), name, how);
	filetracer_told(fixture, filetracer_file(fixture, "a"),
			"do_file_open_root" SHELL
			"1: " OPEN("644", "/tmp/a", "O_RDONLY") " Result=0\n");
	filetracer_enter(fixture, "do_file_open_root", filetracer_path(fixture, entry), name, how);
	filetracer_told(fixture, ERROR(13),
			"do_file_open_root" SHELL
			"2: " OPEN("644", "/tmp/a", "O_RDONLY") " Result=\"EACCES\"\n");
}

static void test_open_by_handle_in_old_kernels(void **state)
{
	struct filetracer_fixture *fixture = *state;
	static const char *const without[] = { "renamedata.mnt_idmap", NULL };
	uint64_t entry, how;

	filetracer_start(fixture, without);
	entry = filetracer_entry(fixture, "a", REGULAR | 0644);
	how = tiny_object(&fixture->kernel, 0x40);
	tiny_put(&fixture->kernel, how, "open_flags.open_flag", 1);
	filetracer_enter(fixture, "do_file_open_root", entry, tiny_vfsmount(fixture->mount), 0,
			 how);
	filetracer_told(fixture, ERROR(13),
			"do_file_open_root" SHELL
			"1: " OPEN("644", "/tmp/a", "O_WRONLY") " Result=\"EACCES\"\n");
}

static void test_close(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t file = filetracer_file(fixture, "a");

	/* filp_close() calls filp_flush(); close(2) does so by itself */
	filetracer_enter(fixture, "filp_close", file);
	filetracer_enter(fixture, "filp_flush", file);
	filetracer_told(fixture, 0, "");
	filetracer_told(fixture, 0,
			"filp_close" SHELL "1: " OPEN("644", "/tmp/a", "O_RDWR") " Result=0\n");
	filetracer_enter(fixture, "filp_flush", file);
	filetracer_told(fixture, ERROR(EINVAL_),
			"filp_flush" SHELL
			"2: " OPEN("644", "/tmp/a", "O_RDWR") " Result=\"EINVAL\"\n");
}

/* Read and write --------------------------------------------------------------------------------*/

static void test_read(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t file = filetracer_file(fixture, "a"), pos = filetracer_number(fixture, 77);

	filetracer_enter(fixture, "vfs_read", file, 0, 4096, pos);
	filetracer_enter(fixture, "rw_verify_area", 0, file, pos, 4096);
	filetracer_told(fixture, 0, "");
	/* where it began, whatever the position is by now */
	memset(tiny_at(&fixture->kernel, pos), 0xff, 8);
	filetracer_told(fixture, 11,
			"vfs_read" SHELL
			"1: " OPEN("644", "/tmp/a", "O_RDWR") " count=4096 pos=77 Result=11\n");
	/* a stream has no position, and an error has 64 bits */
	filetracer_enter(fixture, "vfs_write", file, 0, 5, 0);
	filetracer_told(fixture, ERROR(EINVAL_),
			"vfs_write" SHELL
			"2: " OPEN("644", "/tmp/a", "O_RDWR") " count=5 Result=\"EINVAL\"\n");
	/* more than an int holds is no error */
	filetracer_enter(fixture, "vfs_read", file, 0, 5, 0);
	filetracer_told(fixture, 0xfffffffe,
			"vfs_read" SHELL
			"3: " OPEN("644", "/tmp/a", "O_RDWR") " count=5 Result=4294967294\n");
}

static void test_no_path(void **state)
{
	struct filetracer_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	const struct {
		uint32_t magic, mode;
	} kinds[] = { { MAGIC_PIPES, PIPE | 0600 }, { MAGIC_SOCKETS, SOCKET | 0777 } };
	uint64_t file;

	for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
		uint64_t sb = tiny_file_system(kernel, kinds[i].magic);
		uint64_t entry = tiny_entry(kernel, sb, 0, "");

		filetracer_fill(fixture, entry, kinds[i].mode);
		file = tiny_open(kernel, entry, fixture->mount);
		filetracer_enter(fixture, "vfs_read", file, 0, 1, 0);
		filetracer_enter(fixture, "rw_verify_area", 0, file, 0, 1);
		filetracer_leave(fixture, 0);
		filetracer_told(fixture, 1, "");
		filetracer_enter(fixture, "filp_close", file);
		filetracer_told(fixture, 0, "");
	}
	/* a named pipe is in a folder */
	file = tiny_open(kernel, filetracer_entry(fixture, "fifo", PIPE | 0600), fixture->mount);
	filetracer_enter(fixture, "vfs_read", file, 0, 1, 0);
	filetracer_told(fixture, 1,
			"vfs_read" SHELL "1: Permissions=\"600\" ThreadName=\"bash\" "
			"FileName=\"/tmp/fifo\" Mode=\"S_IFIFO\" Flag=\"O_RDONLY\" UID=1 GID=2 "
			"count=1 Result=1\n");
}

static void test_file_that_is_not_there(void **state)
{
	struct filetracer_fixture *fixture = *state;

	filetracer_enter(fixture, "vfs_read", 0x1000, 0, 1, 0x1000);
	filetracer_told(fixture, 1,
			"vfs_read" SHELL "1: ThreadName=\"bash\" FileName=null count=1 Result=1\n");
}

static void test_several_buffers(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t file = filetracer_file(fixture, "a"), lower = filetracer_file(fixture, "lower");

	/* the sum is known when the kernel has checked it; a layer's file is asked for later */
	filetracer_enter(fixture, "vfs_readv", file, 0, 3, 0);
	filetracer_enter(fixture, "rw_verify_area", 0, file, 0, 22);
	filetracer_leave(fixture, 0);
	filetracer_enter(fixture, "rw_verify_area", 0, lower, 0, 4096);
	filetracer_told(fixture, 0, "");
	filetracer_told(fixture, 6,
			"vfs_readv" SHELL
			"1: " OPEN("644", "/tmp/a", "O_RDWR") " count=22 Result=6\n");
	/* one that fails before */
	filetracer_enter(fixture, "vfs_writev", file, 0, 3, filetracer_number(fixture, 9));
	filetracer_told(fixture, ERROR(EINVAL_),
			"vfs_writev" SHELL
			"2: " OPEN("644", "/tmp/a", "O_RDWR") " pos=9 Result=\"EINVAL\"\n");
}

static void test_other_ways(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t file = filetracer_file(fixture, "a"), layer = filetracer_file(fixture, "layer");

	filetracer_enter(fixture, "rw_verify_area", 1, file, filetracer_number(fixture, 4), 100);
	observer_told(&fixture->observer,
		      "rw_verify_area" SHELL
		      "1: " OPEN("644", "/tmp/a", "O_RDWR") " access=\"write\" count=100 pos=4\n");
	filetracer_told(fixture, 0, "");
	/* a file that overlayfs has opened for itself */
	tiny_put(&fixture->kernel, layer, "file.f_mode", 0x20000000);
	filetracer_enter(fixture, "rw_verify_area", 0, layer, 0, 100);
	filetracer_told(fixture, 0, "");
}

/* Position, mapping, length ---------------------------------------------------------------------*/

static void test_seek(void **state)
{
	struct filetracer_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t file = filetracer_file(fixture, "a"), files = tiny_object(kernel, 0x40);
	uint64_t table = tiny_object(kernel, 0x40), array = tiny_object(kernel, 0x40);

	tiny_put(kernel, fixture->bash->address, "task_struct.files", files);
	tiny_put(kernel, files, "files_struct.fdt", table);
	tiny_put(kernel, table, "fdtable.max_fds", 8);
	tiny_put(kernel, table, "fdtable.fd", array);
	memcpy(tiny_at(kernel, array + 3 * sizeof(file)), &file, sizeof(file));

	filetracer_enter(fixture, "ksys_lseek", 3, ERROR(2), 2);
	filetracer_enter(fixture, "vfs_llseek", file, ERROR(2), 2);
	filetracer_told(fixture, 10, "");
	filetracer_told(
		fixture, 10,
		"ksys_lseek" SHELL
		"1: " OPEN("644", "/tmp/a", "O_RDWR") " offset=-2 whence=\"SEEK_END\" Result=10\n");
	filetracer_enter(fixture, "vfs_llseek", file, 5, 9);
	filetracer_told(
		fixture, ERROR(EINVAL_),
		"vfs_llseek" SHELL
		"2: " OPEN("644", "/tmp/a", "O_RDWR") " offset=5 whence=\"9\" Result=\"EINVAL\"\n");
	/* a descriptor that is not open */
	filetracer_enter(fixture, "ksys_lseek", 4, 0, 0);
	filetracer_told(fixture, ERROR(9), "");
}

static void test_mmap(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t file = filetracer_file(fixture, "a");

	filetracer_enter(fixture, "vm_mmap_pgoff", file, 0, 8192, 5, 0x12, 3);
	filetracer_told(
		fixture, 0x7f0000001000,
		"vm_mmap_pgoff" SHELL "1: " OPEN(
			"644", "/tmp/a",
			"O_RDWR") " addr=0x7f0000001000 flags=\"MAP_PRIVATE | MAP_FIXED\" length=8192 "
				  "offset=12288 prot=\"PROT_READ | PROT_EXEC\" Result=0\n");
	filetracer_enter(fixture, "vm_mmap_pgoff", file, 0, 1, 0, 1, 0);
	filetracer_told(
		fixture, ERROR(EINVAL_),
		"vm_mmap_pgoff" SHELL
		"2: " OPEN("644", "/tmp/a",
			   "O_RDWR") " flags=\"MAP_SHARED\" length=1 offset=0 prot=\"PROT_NONE\" "
				     "Result=\"EINVAL\"\n");
	filetracer_enter(fixture, "vm_mmap_pgoff", 0, 0, 8192, 3, 0x22, 0); /* memory */
	filetracer_told(fixture, 0x7f0000001000, "");
}

static void test_length(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t file = filetracer_file(fixture, "a");
	uint64_t entry = filetracer_entry(fixture, "b", REGULAR | 0600);

	/* (idmap, dentry, length, time_attrs, filp) */
	filetracer_enter(fixture, "do_truncate", 0, entry, 100, 0, 0);
	filetracer_told(fixture, 0,
			"do_truncate" SHELL "1: " COMMON("600", "/tmp/b") " length=100 Result=0\n");
	/* O_TRUNC: inside of an open, which is told as well */
	enter_open(fixture, "a", 0x200);
	filetracer_enter(fixture, "do_truncate", 0, entry, 0, 0, file);
	filetracer_told(fixture, 0,
			"do_truncate" SHELL
			"3: " OPEN("644", "/tmp/a", "O_RDWR") " length=0 Result=0\n");
	filetracer_told(fixture, file,
			"do_filp_open" SHELL
			"2: " OPEN("644", "/tmp/a", "O_RDONLY | O_TRUNC") " Result=0\n");
	filetracer_enter(fixture, "vfs_fallocate", file, 3, 4096, 8192);
	filetracer_told(
		fixture, ERROR(EINVAL_),
		"vfs_fallocate" SHELL "4: " OPEN(
			"644", "/tmp/a",
			"O_RDWR") " length=8192 mode=\"FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE\" "
				  "offset=4096 Result=\"EINVAL\"\n");
}

static void test_memfd(void **state)
{
	struct filetracer_fixture *fixture = *state;
	uint64_t name = tiny_string(&fixture->kernel, "secret");

	filetracer_enter(fixture, "__do_sys_memfd_create", name, 3);
	filetracer_told(fixture, 5,
			"__do_sys_memfd_create" SHELL "1: ThreadName=\"bash\" "
			"FileName=\"/memfd:secret\" Flag=\"MFD_CLOEXEC | MFD_ALLOW_SEALING\" "
			"FileHandle=5 Result=5\n");
	filetracer_enter(fixture, "__do_sys_memfd_create", 0x1000, 0);
	filetracer_told(fixture, ERROR(14),
			"__do_sys_memfd_create" SHELL "2: ThreadName=\"bash\" FileName=null "
			"Flag=\"0\" Result=\"EFAULT\"\n");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, filetracer_setup, filetracer_teardown)
#define EMPTY(name)                                                                                \
	cmocka_unit_test_setup_teardown(name, filetracer_setup_empty, filetracer_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_open),
		WITH(test_open_that_fails),
		WITH(test_open_by_handle),
		EMPTY(test_open_by_handle_in_old_kernels),
		WITH(test_close),
		WITH(test_read),
		WITH(test_no_path),
		WITH(test_file_that_is_not_there),
		WITH(test_several_buffers),
		WITH(test_other_ways),
		WITH(test_seek),
		WITH(test_mmap),
		WITH(test_length),
		WITH(test_memfd),
	};

	return cmocka_run_group_tests_name("filetracer_linux_io", tests, NULL, NULL);
}
