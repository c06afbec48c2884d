/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is behind a task's file descriptors: paths, sockets, pipes; and tables that are hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "linux_found.h"

/** Descriptors in the table. */
#define SLOTS 8u

struct fixture {
	struct linux_found found;
	uint64_t files, table, array;
	char path[WV_LINUX_PATH_MAX + 1];
	bool truncated;
};

static void make(struct fixture *fixture, const char *const *without)
{
	struct linux_found *found = &fixture->found;
	struct tiny_linux *kernel = &found->kernel;

	found_make(found, &(struct tiny_options){ .without_members = without });
	fixture->files = tiny_object(kernel, 0x40);
	fixture->table = tiny_object(kernel, 0x40);
	fixture->array = tiny_object(kernel, SLOTS * sizeof(uint64_t));
	tiny_put(kernel, found->task->address, "task_struct.files", fixture->files);
	tiny_put(kernel, fixture->files, "files_struct.fdt", fixture->table);
	tiny_put(kernel, fixture->table, "fdtable.max_fds", SLOTS);
	tiny_put(kernel, fixture->table, "fdtable.fd", fixture->array);
}

static int setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	found_end(&((struct fixture *)*state)->found);
	return 0;
}

static void open_as(struct fixture *fixture, unsigned fd, uint64_t file)
{
	memcpy(tiny_at(&fixture->found.kernel, fixture->array + fd * sizeof(file)), &file,
	       sizeof(file));
}

/** An open file with an inode. */
static uint64_t file_of_mode(struct fixture *fixture, const char *path, uint64_t mode,
			     uint64_t number)
{
	struct tiny_linux *kernel = &fixture->found.kernel;
	uint64_t file = tiny_file(kernel, path), inode = tiny_object(kernel, 0x40);

	tiny_put(kernel, inode, "inode.i_mode", mode);
	tiny_put(kernel, inode, "inode.i_ino", number);
	tiny_put(kernel, file, "file.f_inode", inode);
	return file;
}

/** Makes it a file that is in no directory: its entry is its own parent, and has some name. */
static void take_out(struct fixture *fixture, uint64_t file, const char *name)
{
	struct tiny_linux *kernel = &fixture->found.kernel;
	uint64_t entry = tiny_get(kernel, file + tiny_offset("file.f_path"), "path.dentry");
	uint64_t string = entry + tiny_offset("dentry.d_name");

	tiny_put(kernel, entry, "dentry.d_parent", entry);
	tiny_put(kernel, string, "qstr.name", tiny_string(kernel, name));
	tiny_put(kernel, string, "qstr.len", strlen(name));
}

static bool find(struct fixture *fixture, uint64_t task, uint32_t fd, size_t room)
{
	size_t size = room;
	bool found;

	memset(fixture->path, 0x55, sizeof(fixture->path));
	found = wv_linux_fd_path(fixture->found.guest, &fixture->found.space, task, fd,
				 fixture->path, &size, &fixture->truncated);
	assert_int_equal(fixture->path[room], 0x55); /* never beyond its room */
	if (!found)
		return false;
	assert_in_range(size, 0, room);
	fixture->path[size] = '\0';
	return true;
}

static void assert_path(struct fixture *fixture, uint32_t fd, const char *expected)
{
	assert_true(find(fixture, fixture->found.task->address, fd, WV_LINUX_PATH_MAX));
	assert_string_equal(fixture->path, expected);
	assert_false(fixture->truncated);
}

static void assert_none(struct fixture *fixture, uint32_t fd)
{
	assert_false(find(fixture, fixture->found.task->address, fd, WV_LINUX_PATH_MAX));
}

/* What is there ---------------------------------------------------------------------------------*/

static void test_files(void **state)
{
	struct fixture *fixture = *state;

	make(fixture, NULL);
	open_as(fixture, 0, tiny_file(&fixture->found.kernel, "/dev/console"));
	open_as(fixture, SLOTS - 1,
		file_of_mode(fixture, "/etc/passwd", WV_LINUX_S_IFREG | 0644, 3));
	assert_path(fixture, 0, "/dev/console");
	assert_path(fixture, SLOTS - 1, "/etc/passwd");
	assert_none(fixture, 1);
	assert_none(fixture, SLOTS);
	assert_none(fixture, UINT32_MAX);
	assert_none(fixture, INT32_MAX);
	assert_none(fixture, (uint32_t)-101);
}

static void test_current_directory(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->found.kernel;
	uint64_t fs, directory;

	make(fixture, NULL);
	assert_none(fixture, (uint32_t)WV_LINUX_AT_FDCWD); /* a task without a struct fs */
	fs = tiny_object(kernel, 0x60);
	directory = tiny_file(kernel, "/home/user") + tiny_offset("file.f_path");
	memcpy(tiny_at(kernel, fs + tiny_offset("fs_struct.pwd")), tiny_at(kernel, directory), 16);
	tiny_put(kernel, fixture->found.task->address, "task_struct.fs", fs);
	assert_path(fixture, (uint32_t)WV_LINUX_AT_FDCWD, "/home/user");
}

/** As in /proc/PID/fd. A socket's entry has the protocol's name, or none: it is no path. */
static void test_sockets_and_pipes(void **state)
{
	struct fixture *fixture = *state;
	uint64_t tcp, nameless, pipe;

	make(fixture, NULL);
	tcp = file_of_mode(fixture, "/x", WV_LINUX_S_IFSOCK | 0777, 4026);
	nameless = file_of_mode(fixture, "/x", WV_LINUX_S_IFSOCK | 0777, UINT64_MAX);
	pipe = file_of_mode(fixture, "/x", WV_LINUX_S_IFIFO | 0600, 77);
	take_out(fixture, tcp, "TCP");
	take_out(fixture, nameless, "");
	take_out(fixture, pipe, "");
	open_as(fixture, 1, tcp);
	open_as(fixture, 2, nameless);
	open_as(fixture, 3, pipe);
	open_as(fixture, 4, file_of_mode(fixture, "/tmp/fifo", WV_LINUX_S_IFIFO | 0600, 78));
	open_as(fixture, 5, file_of_mode(fixture, "/tmp/bound", WV_LINUX_S_IFSOCK | 0600, 79));
	assert_path(fixture, 1, "socket:[4026]");
	assert_path(fixture, 2, "socket:[18446744073709551615]");
	assert_path(fixture, 3, "pipe:[77]");
	assert_path(fixture, 4, "/tmp/fifo");
	assert_path(fixture, 5, "/tmp/bound"); /* by O_PATH */
}

static void test_little_room(void **state)
{
	struct fixture *fixture = *state;
	uint64_t task, pipe;

	make(fixture, NULL);
	task = fixture->found.task->address;
	open_as(fixture, 0, tiny_file(&fixture->found.kernel, "/a/long/path/to/something"));
	assert_true(find(fixture, task, 0, 10));
	assert_true(fixture->truncated);
	assert_in_range(strlen(fixture->path), 1, 10);
	pipe = file_of_mode(fixture, "/x", WV_LINUX_S_IFIFO | 0600, 123456);
	take_out(fixture, pipe, "");
	open_as(fixture, 1, pipe);
	for (size_t room = 0; room < 12; room++) {
		assert_true(find(fixture, task, 1, room));
		assert_memory_equal(fixture->path, "pipe:[123456]", room);
		assert_true(fixture->truncated);
	}
}

/* What a kernel may lack ------------------------------------------------------------------------*/

static void test_missing_members(void **state)
{
	static const char *const members[] = { "task_struct.files", "files_struct.fdt",
					       "fdtable.max_fds", "fdtable.fd" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
		const char *const without[] = { members[i], "fs_struct.pwd", NULL };

		make(fixture, without);
		open_as(fixture, 0, tiny_file(&fixture->found.kernel, "/dev/console"));
		assert_none(fixture, 0);
		assert_none(fixture, (uint32_t)WV_LINUX_AT_FDCWD);
		if (i + 1 < G_N_ELEMENTS(members))
			teardown(state);
	}
}

/** Without inodes it is still known which files have names. */
static void test_no_inodes(void **state)
{
	static const char *const without[] = { "file.f_inode", NULL };
	struct fixture *fixture = *state;

	make(fixture, without);
	open_as(fixture, 0, tiny_file(&fixture->found.kernel, "/dev/console"));
	assert_path(fixture, 0, "/dev/console");
}

/* Hostile tables --------------------------------------------------------------------------------*/

static void test_tables_that_are_not_there(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->found.kernel;

	make(fixture, NULL);
	for (const uint64_t *place = found_bad_places;; place++) {
		open_as(fixture, 0, tiny_file(kernel, "/dev/console"));
		tiny_put(kernel, fixture->found.task->address, "task_struct.files", *place);
		assert_none(fixture, 0);
		tiny_put(kernel, fixture->found.task->address, "task_struct.files", fixture->files);
		tiny_put(kernel, fixture->files, "files_struct.fdt", *place);
		assert_none(fixture, 0);
		tiny_put(kernel, fixture->files, "files_struct.fdt", fixture->table);
		tiny_put(kernel, fixture->table, "fdtable.fd", *place);
		assert_none(fixture, 0);
		tiny_put(kernel, fixture->table, "fdtable.fd", fixture->array);
		assert_path(fixture, 0, "/dev/console");
		open_as(fixture, 0, *place);
		assert_none(fixture, 0);
		assert_false(find(fixture, *place, 0, WV_LINUX_PATH_MAX));
		if (!*place)
			break;
	}
}

/** A table that claims to be larger than it is: what follows it is taken for a file at most. */
static void test_sizes_that_lie(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->found.kernel;

	make(fixture, NULL);
	tiny_put(kernel, fixture->table, "fdtable.max_fds", UINT32_MAX);
	assert_none(fixture, UINT32_MAX);
	assert_none(fixture, UINT32_MAX - 1);
	assert_none(fixture, 0x7fffffff);
	/* an array from which the offset leads over the end of all addresses */
	tiny_put(kernel, fixture->table, "fdtable.fd", UINT64_MAX - 0x10000);
	assert_none(fixture, UINT32_MAX - 1);
	assert_none(fixture, 0x2001);
	tiny_put(kernel, fixture->table, "fdtable.max_fds", 0);
	assert_none(fixture, 0);
}

/** An inode of which nothing can be read, or that is of no known sort. */
static void test_inodes_that_lie(void **state)
{
	static const uint64_t modes[] = { 0, WV_LINUX_S_IFREG, 0170000, UINT32_MAX };
	struct fixture *fixture = *state;
	uint64_t file;

	make(fixture, NULL);
	file = file_of_mode(fixture, "/x", WV_LINUX_S_IFSOCK, 1);
	open_as(fixture, 0, file);
	tiny_put(&fixture->found.kernel, file, "file.f_inode", FOUND_NOWHERE);
	assert_path(fixture, 0, "/x");
	for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
		open_as(fixture, 0, file_of_mode(fixture, "/x", modes[i], 1));
		assert_path(fixture, 0, "/x");
	}
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_files),
		WITH(test_current_directory),
		WITH(test_sockets_and_pipes),
		WITH(test_little_room),
		WITH(test_missing_members),
		WITH(test_no_inodes),
		WITH(test_tables_that_are_not_there),
		WITH(test_sizes_that_lie),
		WITH(test_inodes_that_lie),
	};

	return cmocka_run_group_tests_name("linux_files", tests, NULL, NULL);
}
