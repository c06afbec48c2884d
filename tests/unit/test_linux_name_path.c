/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of names that calls are given, relative to a directory or to a root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "linux_trees.h"

/** A task with a root, a current directory, and a directory open as 3. */
static void make_directories(struct trees *trees, uint64_t root)
{
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t task = trees->found.task->address, fs = tiny_object(kernel, 0x60);
	uint64_t files = tiny_object(kernel, 0x40), table = tiny_object(kernel, 0x40);
	uint64_t array = tiny_object(kernel, 4 * sizeof(uint64_t));
	uint64_t file = tiny_open(kernel, below(trees, trees->root, "opt/dir"), trees->root_mount);

	tiny_put_path(kernel, fs + tiny_offset("fs_struct.root"), root, trees->root_mount);
	tiny_put_path(kernel, fs + tiny_offset("fs_struct.pwd"), below(trees, trees->home, "user"),
		      trees->home_mount);
	tiny_put(kernel, task, "task_struct.fs", fs);
	tiny_put(kernel, task, "task_struct.files", files);
	tiny_put(kernel, files, "files_struct.fdt", table);
	tiny_put(kernel, table, "fdtable.max_fds", 4);
	tiny_put(kernel, table, "fdtable.fd", array);
	memcpy(tiny_at(kernel, array + 3 * sizeof(file)), &file, sizeof(file));
}

static const struct found_path *name_within(struct trees *trees, int32_t directory,
					    const char *name, size_t room)
{
	struct found_path *path = path_begin(trees, room);

	path->known = wv_linux_name_path(trees->found.guest, &trees->found.space,
					 trees->found.task->address, directory, name, strlen(name),
					 path->text, &path->size, &path->truncated);
	return path_check(trees, room);
}

static const struct found_path *name_path(struct trees *trees, int32_t directory, const char *name)
{
	return name_within(trees, directory, name, WV_LINUX_PATH_MAX);
}

static void test_names(void **state)
{
	struct trees *trees = *state;

	make_directories(trees, trees->root);
	assert_path(name_path(trees, WV_LINUX_AT_FDCWD, "x"), "/home/user/x");
	assert_path(name_path(trees, WV_LINUX_AT_FDCWD, "../x/"), "/home/user/../x/");
	assert_path(name_path(trees, WV_LINUX_AT_FDCWD, ""), "/home/user");
	assert_path(name_path(trees, WV_LINUX_AT_FDCWD, "/etc/x"), "/etc/x");
	assert_path(name_path(trees, 3, "/"), "/");
	assert_path(name_path(trees, 3, "x"), "/opt/dir/x");
	assert_path(name_path(trees, 3, "/x"), "/x");
	assert_path(name_path(trees, 77, "/x"), "/x");
}

/** In a chroot, and with the root as the directory. */
static void test_names_below_a_root(void **state)
{
	struct trees *trees = *state;

	make_directories(trees, below(trees, trees->root, "srv/jail"));
	assert_path(name_path(trees, WV_LINUX_AT_FDCWD, "/etc/x"), "/srv/jail/etc/x");
	assert_path(name_path(trees, WV_LINUX_AT_FDCWD, "/"), "/srv/jail/");
	tiny_put_path(&trees->found.kernel,
		      tiny_get(&trees->found.kernel, trees->found.task->address, "task_struct.fs") +
			      tiny_offset("fs_struct.pwd"),
		      trees->root, trees->root_mount);
	assert_path(name_path(trees, WV_LINUX_AT_FDCWD, "x"), "/x");
	assert_path(name_path(trees, WV_LINUX_AT_FDCWD, ""), "/");
}

/** A name whose directory is not known is given by itself. */
static void test_names_of_no_directory(void **state)
{
	struct trees *trees = *state;

	assert_false(name_path(trees, WV_LINUX_AT_FDCWD, "a/x")->known); /* no struct fs */
	assert_int_equal(trees->path.size, 3);
	assert_memory_equal(trees->path.text, "a/x", 3);
	make_directories(trees, trees->root);
	assert_false(name_path(trees, 2, "x")->known);
	assert_false(name_path(trees, -1, "x")->known);
	assert_int_equal(trees->path.size, 1);
	assert_false(name_path(trees, 2, "")->known);
	assert_int_equal(trees->path.size, 0);
}

static void test_room_for_names(void **state)
{
	struct trees *trees = *state;
	const char *whole = "/home/user/name";
	char long_name[WV_LINUX_PATH_MAX];

	make_directories(trees, trees->root);
	for (size_t room = 0; room < strlen(whole); room++) {
		const struct found_path *path = name_within(trees, WV_LINUX_AT_FDCWD, "name", room);

		assert_true(path->known && path->truncated);
		assert_memory_equal(path->text, whole + strlen(whole) - path->size, path->size);
		assert_true(room <= 5 || path->size == room);
	}
	assert_path(name_within(trees, WV_LINUX_AT_FDCWD, "name", strlen(whole)), whole);
	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_true(name_path(trees, WV_LINUX_AT_FDCWD, long_name)->truncated);
	assert_int_equal(trees->path.size, WV_LINUX_PATH_MAX);
	assert_memory_equal(trees->path.text + 1, long_name, sizeof(long_name) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH_KERNEL(test_names),
		EACH_KERNEL(test_names_below_a_root),
		EACH_KERNEL(test_names_of_no_directory),
		EACH_KERNEL(test_room_for_names),
	};

	return cmocka_run_group_tests_name("linux_name_path", tests, NULL, NULL);
}
