/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths of directory entries through the mounts of a task's namespace; and trees and mounts that
 * are hostile, or only deep.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "linux_trees.h"

/** Looks up a path with so much room; fails if anything is written beyond it. */
static const struct found_path *path_within(struct trees *trees, uint64_t entry, uint64_t mount,
					    size_t room)
{
	struct found_path *path = path_begin(trees, room);

	path->known = wv_linux_entry_path(trees->found.guest, &trees->found.space, entry, mount,
					  trees->found.task->address, path->text, &path->size,
					  &path->truncated);
	return path_check(trees, room);
}

static const struct found_path *path_of(struct trees *trees, uint64_t entry, uint64_t mount)
{
	return path_within(trees, entry, mount, WV_LINUX_PATH_MAX);
}

/* Directory entries -----------------------------------------------------------------------------*/

static void test_across_mounts(void **state)
{
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t sb = tiny_file_system(kernel, 1), top = tiny_entry(kernel, sb, 0, "/");

	tiny_mount(kernel, top, trees->home_mount, below(trees, trees->home, "user/mnt"), HERE);
	assert_path(path_of(trees, trees->root, 0), "/");
	assert_path(path_of(trees, below(trees, trees->root, "etc/passwd"), 0), "/etc/passwd");
	assert_path(path_of(trees, trees->home, 0), "/home");
	assert_path(path_of(trees, below(trees, trees->home, "user/x"), 0), "/home/user/x");
	assert_path(path_of(trees, below(trees, top, "deep/er"), 0), "/home/user/mnt/deep/er");
}

/** The same file system elsewhere in another namespace, such as a container's. */
static void test_namespaces(void **state)
{
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t entry = below(trees, trees->home, "user/x");
	uint64_t other = tiny_mount(kernel, trees->home, 0, 0, THERE);

	assert_path(path_of(trees, entry, 0), "/home/user/x");
	use_namespace(trees, THERE);
	assert_path(path_of(trees, entry, 0), "/user/x");
	/* what the task does not see is told by a mount that others see */
	use_namespace(trees, THERE + 0x100);
	assert_path(path_of(trees, entry, 0), "/home/user/x");
	assert_path(path_of(trees, entry, tiny_vfsmount(other)), "/user/x");
	tiny_put(kernel, trees->found.task->address, "task_struct.nsproxy", 0); /* it exits */
	assert_path(path_of(trees, entry, 0), "/home/user/x");
}

/** A part of a tree that is mounted by itself has only what is below it. */
static void test_bind_mounts(void **state)
{
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t inside = below(trees, trees->home, "user/data");
	uint64_t entry = below(trees, inside, "x");
	uint64_t bind = tiny_mount(kernel, inside, trees->root_mount,
				   below(trees, trees->root, "srv"), HERE);

	assert_path(path_of(trees, entry, 0), "/home/user/data/x");
	assert_path(path_of(trees, entry, tiny_vfsmount(bind)), "/srv/x");
	assert_path(path_of(trees, inside, tiny_vfsmount(bind)), "/srv");
	/* not below it, or of another file system */
	assert_path(path_of(trees, below(trees, trees->home, "y"), tiny_vfsmount(bind)), "/home/y");
	assert_path(path_of(trees, below(trees, trees->root, "z"), tiny_vfsmount(bind)), "/z");
	/* only the part is mounted in the other namespace */
	tiny_mount(kernel, inside, 0, 0, THERE);
	use_namespace(trees, THERE);
	assert_path(path_of(trees, entry, 0), "/x");
	assert_path(path_of(trees, below(trees, trees->home, "y"), 0), "/home/y");
}

/** Where the file system's root is not known, mounts are compared with all that is above. */
static void test_unknown_root(void **state)
{
	struct trees *trees = *state;

	tiny_put(&trees->found.kernel, trees->home_sb, "super_block.s_root", 0);
	test_bind_mounts(state);
}

/** The whole tree is taken, whichever was mounted first. */
static void test_order_of_mounts(void **state)
{
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t sb = tiny_file_system(kernel, 1), top = tiny_entry(kernel, sb, 0, "/");
	uint64_t part = below(trees, top, "a/b"), entry = below(trees, part, "x");

	tiny_mount(kernel, part, trees->root_mount, below(trees, trees->root, "part"), HERE);
	assert_path(path_of(trees, entry, 0), "/part/x");
	tiny_mount(kernel, top, trees->root_mount, below(trees, trees->root, "other"), THERE);
	assert_path(path_of(trees, entry, 0), "/part/x");
	tiny_mount(kernel, top, trees->root_mount, below(trees, trees->root, "whole"), HERE);
	tiny_mount(kernel, top, trees->root_mount, below(trees, trees->root, "again"), HERE);
	assert_path(path_of(trees, entry, 0), "/whole/a/b/x");
	assert_path(path_of(trees, top, 0), "/whole");
}

/** What is mounted nowhere begins at its file system's root; a memfd is only a name. */
static void test_no_mount(void **state)
{
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t sb = tiny_file_system(kernel, 1), top = tiny_entry(kernel, sb, 0, "/");
	uint64_t detached = tiny_entry(kernel, sb, 0, "/");

	assert_path(path_of(trees, below(trees, top, "a/b"), 0), "/a/b");
	assert_path(path_of(trees, tiny_entry(kernel, sb, 0, "memfd:x"), 0), "/memfd:x");
	tiny_mount(kernel, detached, 0, 0, 0); /* of no namespace: it was unmounted */
	assert_path(path_of(trees, below(trees, detached, "c"), 0), "/c");
}

/* Depth and length ------------------------------------------------------------------------------*/

static void test_room(void **state)
{
	struct trees *trees = *state;
	uint64_t entry = below(trees, trees->home, "user/file");
	const char *whole = "/home/user/file";

	for (size_t room = 0; room < strlen(whole); room++) {
		const struct found_path *path = path_within(trees, entry, 0, room);

		assert_true(path->known && path->truncated);
		assert_int_equal(path->size, room);
		assert_memory_equal(path->text, whole + strlen(whole) - room, room);
	}
	assert_path(path_within(trees, entry, 0, strlen(whole)), whole);
}

static void test_deep(void **state)
{
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t entry = trees->home;

	for (unsigned i = 0; i < 2045; i++)
		entry = tiny_entry(kernel, trees->home_sb, entry, i % 2 ? "b" : "a");
	assert_true(path_of(trees, entry, 0)->known); /* with /home: 4095 */
	assert_false(trees->path.truncated);
	assert_int_equal(trees->path.size, 4095);
	assert_memory_equal(trees->path.text, "/home/a/b/", 10);
	for (unsigned i = 0; i < 8; i++)
		entry = tiny_entry(kernel, trees->home_sb, entry, "c");
	assert_true(path_of(trees, entry, 0)->known);
	assert_true(trees->path.truncated);
	assert_true(trees->path.size <= WV_LINUX_PATH_MAX && trees->path.size > 4000);
	assert_memory_equal(trees->path.text + trees->path.size - 18, "/a/c/c/c/c/c/c/c/c", 18);
}

/** No name is longer than NAME_MAX, whatever its length says. */
static void test_long_names(void **state)
{
	static const uint32_t lengths[] = { 256, 4096, UINT32_MAX };
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t entry = below(trees, trees->root, "x");
	uint64_t text = tiny_object(kernel, 0x2000);

	memset(tiny_at(kernel, text), 'n', 0x2000);
	tiny_put(kernel, entry + tiny_offset("dentry.d_name"), "qstr.name", text);
	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		tiny_put(kernel, entry + tiny_offset("dentry.d_name"), "qstr.len", lengths[i]);
		assert_true(path_of(trees, entry, 0)->known);
		assert_int_equal(trees->path.size, 256);
	}
}

/* Hostile trees ---------------------------------------------------------------------------------*/

static void test_bad_places(void **state)
{
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t entry = below(trees, trees->home, "user/x");
	uint64_t task = trees->found.task->address;
	uint64_t vfsmount = tiny_vfsmount(trees->home_mount);

	for (const uint64_t *place = found_bad_places;; place++) {
		assert_false(path_of(trees, *place, 0)->known);
		assert_path(path_of(trees, entry, *place), "/home/user/x");
		tiny_put(kernel, vfsmount, "vfsmount.mnt_root", *place);
		assert_path(path_of(trees, entry, vfsmount), "/user/x");
		tiny_put(kernel, vfsmount, "vfsmount.mnt_root", trees->home);
		tiny_put(kernel, trees->home_mount, "mount.mnt_parent", *place);
		assert_true(path_of(trees, entry, 0)->known); /* /home/user/x, or less */
		assert_memory_equal(trees->path.text + trees->path.size - 7, "/user/x", 7);
		tiny_put(kernel, trees->home_mount, "mount.mnt_parent", trees->root_mount);
		tiny_put(kernel, task, "task_struct.nsproxy", *place);
		assert_path(path_of(trees, entry, 0), "/home/user/x");
		tiny_put(kernel, trees->home_sb, "super_block.s_mounts", *place);
		assert_path(path_of(trees, entry, 0), "/user/x");
		tiny_put(kernel, trees->home_sb, "super_block.s_mounts",
			 trees->home_mount + (trees->found.kernel.options.mount_chain
						      ? 0
						      : tiny_offset("mount.mnt_instance")));
		use_namespace(trees, HERE);
		if (!*place)
			break;
	}
}

/** A name or a parent that can not be read, at each part of the path. */
static void test_unreadable_parts(void **state)
{
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t middle = below(trees, trees->home, "user");
	uint64_t entry = below(trees, middle, "x");
	uint64_t name = middle + tiny_offset("dentry.d_name");

	tiny_put(kernel, name, "qstr.name", FOUND_NOWHERE);
	assert_true(path_of(trees, entry, 0)->known && trees->path.truncated);
	assert_int_equal(trees->path.size, 2);
	assert_memory_equal(trees->path.text, "/x", 2);
	assert_false(path_of(trees, middle, 0)->known);
	tiny_put(kernel, name, "qstr.len", 0);
	assert_path(path_of(trees, entry, 0), "/home//x");
	tiny_put(kernel, middle, "dentry.d_parent", FOUND_NOWHERE);
	assert_true(path_of(trees, entry, 0)->known && trees->path.truncated);
	assert_int_equal(trees->path.size, 3);
}

/** Entries that are each other's parents, names that are empty: it ends, and says that it did. */
static void test_loops_of_entries(void **state)
{
	static const char *const names[] = { "", "a", "long-name" };
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		uint64_t upper = tiny_entry(kernel, trees->home_sb, trees->home, names[i]);
		uint64_t lower = tiny_entry(kernel, trees->home_sb, upper, names[i]);

		tiny_put(kernel, upper, "dentry.d_parent", lower);
		assert_true(path_of(trees, lower, tiny_vfsmount(trees->home_mount))->known);
		assert_true(trees->path.truncated);
	}
}

/** Mounts on each other, and one that is on its own root. */
static void test_loops_of_mounts(void **state)
{
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t entry = below(trees, trees->home, "x");

	tiny_put(kernel, trees->root_mount, "mount.mnt_parent", trees->home_mount);
	tiny_put(kernel, trees->root_mount, "mount.mnt_mountpoint", below(trees, trees->home, "y"));
	assert_true(path_of(trees, entry, 0)->known && trees->path.truncated);
	assert_memory_equal(trees->path.text + trees->path.size - 9, "/y/home/x", 9);
	tiny_put(kernel, trees->root_mount, "mount.mnt_mountpoint", trees->home);
	tiny_put(kernel, trees->home_mount, "mount.mnt_mountpoint", trees->root);
	assert_true(path_of(trees, entry, 0)->known && trees->path.truncated);
	assert_int_equal(trees->path.size, 2);
	assert_false(path_of(trees, trees->home, 0)->known);
}

/** A file system's mounts that never come to an end, the right one not among them. */
static void test_loops_of_a_list(void **state)
{
	struct trees *trees = *state;
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t link = tiny_offset(kernel->options.mount_chain ? "mount.mnt_next_for_sb"
								: "mount.mnt_instance");
	uint64_t entry = below(trees, trees->home, "x");
	uint64_t first = tiny_get(kernel, trees->home_sb, "super_block.s_mounts");
	gint64 started = g_get_monotonic_time();

	memcpy(tiny_at(kernel, trees->home_mount + link), &first, sizeof(first));
	use_namespace(trees, THERE);
	assert_path(path_of(trees, entry, 0), "/home/x");
	tiny_put(kernel, tiny_vfsmount(trees->home_mount), "vfsmount.mnt_root", trees->root);
	assert_path(path_of(trees, entry, 0), "/x");
	assert_true(g_get_monotonic_time() - started < G_USEC_PER_SEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH_KERNEL(test_across_mounts),
		EACH_KERNEL(test_namespaces),
		EACH_KERNEL(test_bind_mounts),
		EACH_KERNEL(test_unknown_root),
		EACH_KERNEL(test_order_of_mounts),
		EACH_KERNEL(test_no_mount),
		EACH_KERNEL(test_room),
		EACH_KERNEL(test_deep),
		EACH_KERNEL(test_long_names),
		EACH_KERNEL(test_bad_places),
		EACH_KERNEL(test_unreadable_parts),
		EACH_KERNEL(test_loops_of_entries),
		EACH_KERNEL(test_loops_of_mounts),
		EACH_KERNEL(test_loops_of_a_list),
	};

	return cmocka_run_group_tests_name("linux_path", tests, NULL, NULL);
}
