/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two file systems of a tiny Linux kernel that are mounted, for tests of paths. */
#ifndef WV_TESTS_LINUX_TREES_H
#define WV_TESTS_LINUX_TREES_H

#include "linux_found.h"

/** Mount namespaces: addresses, which nothing looks behind. */
#define HERE  UINT64_C(0xffff8d4001000000)
#define THERE UINT64_C(0xffff8d4001000100)

/** A path as the guest layer gives it. */
struct found_path {
	bool known, truncated;
	size_t size; /* in: room for it */
	char text[WV_LINUX_PATH_MAX + 1];
};

/** A file system with a mount that is the root of everything in a namespace, and another one. */
struct trees {
	struct linux_found found; /* its task is in that namespace */
	uint64_t root_sb, root, root_mount;
	uint64_t home_sb, home, home_mount; /* on /home */
	struct found_path path;
};

/** For cmocka: *state is a struct trees, of a kernel before 6.18, or of one since. */
int trees_setup_list(void **state);
int trees_setup_chain(void **state);
int trees_teardown(void **state);

/** The task is in that mount namespace from now on. */
void use_namespace(struct trees *trees, uint64_t namespace);

/** The entries of a path below an entry. Returns the last. */
uint64_t below(struct trees *trees, uint64_t entry, const char *path);

/** Makes room for a path; path_check() fails if it was not kept to. */
struct found_path *path_begin(struct trees *trees, size_t room);
const struct found_path *path_check(struct trees *trees, size_t room);

/** Fails the test if the path is not that one, and whole. */
void assert_path(const struct found_path *path, const char *expected);

/** A test in both kernels. */
#define EACH_KERNEL(name)                                                                          \
	{ #name ", a list", name, trees_setup_list, trees_teardown, NULL },                        \
	{                                                                                          \
#name ", a chain", name, trees_setup_chain, trees_teardown, NULL                   \
	}

#endif
