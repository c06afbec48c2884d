/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two file systems of a tiny Linux kernel that are mounted, for tests of paths. */
#include "linux_trees.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

void use_namespace(struct trees *trees, uint64_t namespace)
{
	struct tiny_linux *kernel = &trees->found.kernel;
	uint64_t proxy = tiny_object(kernel, 0x40);

	tiny_put(kernel, proxy, "nsproxy.mnt_ns", namespace);
	tiny_put(kernel, trees->found.task->address, "task_struct.nsproxy", proxy);
}

static int setup(void **state, bool chain)
{
	static struct trees trees;
	struct tiny_linux *kernel = &trees.found.kernel;

	memset(&trees, 0, sizeof(trees));
	found_make(&trees.found, &(struct tiny_options){ .mount_chain = chain });
	trees.root_sb = tiny_file_system(kernel, 0xef53);
	trees.root = tiny_entry(kernel, trees.root_sb, 0, "/");
	trees.root_mount = tiny_mount(kernel, trees.root, 0, 0, HERE);
	trees.home_sb = tiny_file_system(kernel, 0x58465342);
	trees.home = tiny_entry(kernel, trees.home_sb, 0, "/");
	trees.home_mount = tiny_mount(kernel, trees.home, trees.root_mount,
				      tiny_entries(kernel, trees.root, "home"), HERE);
	use_namespace(&trees, HERE);
	*state = &trees;
	return 0;
}

int trees_setup_list(void **state)
{
	return setup(state, false);
}

int trees_setup_chain(void **state)
{
	return setup(state, true);
}

int trees_teardown(void **state)
{
	found_end(&((struct trees *)*state)->found);
	return 0;
}

struct found_path *path_begin(struct trees *trees, size_t room)
{
	memset(trees->path.text, 0x55, sizeof(trees->path.text));
	trees->path.size = room;
	return &trees->path;
}

const struct found_path *path_check(struct trees *trees, size_t room)
{
	assert_true(trees->path.size <= room);
	assert_int_equal(trees->path.text[room], 0x55);
	return &trees->path;
}

void assert_path(const struct found_path *path, const char *expected)
{
	assert_true(path->known);
	assert_int_equal(path->size, strlen(expected));
	assert_memory_equal(path->text, expected, path->size);
	assert_false(path->truncated);
}

uint64_t below(struct trees *trees, uint64_t entry, const char *path)
{
	return tiny_entries(&trees->found.kernel, entry, path);
}
