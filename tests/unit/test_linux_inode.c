/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inodes of a tiny Linux kernel, and the ways to them; and what is hostile of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "linux_found.h"

#define MODE (WV_LINUX_S_IFREG | 0640)

/** An inode that has something in each of its members, with an entry. */
struct some_file {
	uint64_t sb, inode, entry;
};

static struct some_file make_file(struct tiny_linux *kernel)
{
	struct some_file file = { .sb = tiny_file_system(kernel, WV_LINUX_MAGIC_TMPFS) };

	file.inode = tiny_inode(kernel, file.sb, 0x770000 | MODE, UINT64_C(0x123456789a));
	file.entry = tiny_entry(kernel, file.sb, tiny_entry(kernel, file.sb, 0, "/"), "name");
	tiny_put(kernel, file.inode, "inode.i_ino", UINT64_C(0x5566778899));
	tiny_put(kernel, file.inode, "inode.i_uid", 1001);
	tiny_put(kernel, file.inode, "inode.i_gid", UINT32_MAX);
	tiny_put(kernel, file.inode, "inode.i_nlink", 3);
	tiny_put(kernel, file.inode, "inode.i_count", 5);
	tiny_put(kernel, file.entry, "dentry.d_inode", file.inode);
	tiny_put(kernel, file.entry + tiny_offset("dentry.d_lockref"), "lockref.count", 7);
	return file;
}

static void test_inode(void **state)
{
	struct linux_found *found = *state;
	struct some_file file = make_file(&found->kernel);
	struct wv_linux_inode inode;

	assert_true(wv_linux_inode(found->guest, &found->space, file.inode, &inode));
	assert_int_equal(inode.address, file.inode);
	assert_int_equal(inode.number, UINT64_C(0x5566778899));
	assert_int_equal(inode.size, UINT64_C(0x123456789a));
	assert_int_equal(inode.mapping, tiny_get(&found->kernel, file.inode, "inode.i_mapping"));
	assert_int_equal(inode.magic, WV_LINUX_MAGIC_TMPFS);
	assert_int_equal(inode.mode, MODE); /* what is behind umode_t is no part of it */
	assert_int_equal(inode.uid, 1001);
	assert_int_equal(inode.gid, UINT32_MAX);
	assert_int_equal(inode.links, 3);
	assert_int_equal(inode.count, 5);
}

static void test_ways(void **state)
{
	struct linux_found *found = *state;
	struct some_file file = make_file(&found->kernel);
	uint64_t opened = tiny_open(&found->kernel, file.entry, 0);
	uint64_t negative = tiny_entry(&found->kernel, file.sb, file.entry, "nothing");

	assert_int_equal(wv_linux_file_inode(found->guest, &found->space, opened), file.inode);
	assert_int_equal(wv_linux_dentry_inode(found->guest, &found->space, file.entry),
			 file.inode);
	assert_int_equal(wv_linux_dentry_inode(found->guest, &found->space, negative), 0);
	assert_int_equal(wv_linux_dentry_count(found->guest, &found->space, file.entry), 7);
}

/** Nothing is behind these addresses: that is what is said, and no memory is needed for it. */
static void test_bad_places(void **state)
{
	struct linux_found *found = *state;
	struct wv_linux_inode inode;

	for (const uint64_t *place = found_bad_places;; place++) {
		assert_false(wv_linux_inode(found->guest, &found->space, *place, &inode));
		assert_int_equal(inode.address, *place);
		assert_int_equal(inode.size, 0);
		assert_int_equal(wv_linux_file_inode(found->guest, &found->space, *place), 0);
		assert_int_equal(wv_linux_dentry_inode(found->guest, &found->space, *place), 0);
		assert_int_equal(wv_linux_dentry_count(found->guest, &found->space, *place), 0);
		if (!*place)
			break;
	}
}

/** An inode that points nowhere is one all the same. */
static void test_no_file_system(void **state)
{
	struct linux_found *found = *state;
	struct some_file file = make_file(&found->kernel);
	struct wv_linux_inode inode;

	for (const uint64_t *place = found_bad_places; *place; place++) {
		tiny_put(&found->kernel, file.inode, "inode.i_sb", *place);
		tiny_put(&found->kernel, file.inode, "inode.i_mapping", *place);
		assert_true(wv_linux_inode(found->guest, &found->space, file.inode, &inode));
		assert_int_equal(inode.magic, 0);
		assert_int_equal(inode.mapping, *place);
		assert_int_equal(inode.mode, MODE);
	}
}

/** What a kernel's profile does not have is 0; without modes there are no inodes. */
static void test_missing_members(void **state)
{
	static const char *const members[] = { "inode.i_size",
					       "inode.i_uid",
					       "inode.i_nlink",
					       "inode.i_count",
					       "inode.i_sb",
					       "super_block.s_magic",
					       NULL };
	static const char *const mode[] = { "inode.i_mode", "dentry.d_inode", NULL };
	static struct linux_found found;
	struct wv_linux_inode inode;
	struct some_file file;

	(void)state;
	found_make(&found, &(struct tiny_options){ .without_members = members });
	file = make_file(&found.kernel);
	assert_true(wv_linux_inode(found.guest, &found.space, file.inode, &inode));
	assert_int_equal(inode.size | inode.uid | inode.links | inode.count | inode.magic, 0);
	assert_int_equal(inode.number, UINT64_C(0x5566778899));
	found_end(&found);

	found_make(&found, &(struct tiny_options){ .without_members = mode });
	file = make_file(&found.kernel);
	assert_false(wv_linux_inode(found.guest, &found.space, file.inode, &inode));
	assert_int_equal(wv_linux_dentry_inode(found.guest, &found.space, file.entry), 0);
	found_end(&found);
}

#define FOUND(name) cmocka_unit_test_setup_teardown(name, found_setup, found_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOUND(test_inode),
		FOUND(test_ways),
		FOUND(test_bad_places),
		FOUND(test_no_file_system),
		cmocka_unit_test(test_missing_members),
	};

	return cmocka_run_group_tests_name("linux_inode", tests, NULL, NULL);
}
