/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedelete on Linux: files lose their names, in all the ways that there are, and end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "filedelete_fixture.h"

/** include/uapi/linux/fs.h */
enum { RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2 };

#define O_RDWR_LARGEFILE 0x8002u

/* Names go --------------------------------------------------------------------------------------*/

static void test_unlink(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file file = filedelete_make(fixture, "a", "content");

	filedelete_unlink(fixture, file);
	filedelete_told_file(fixture, "vfs_unlink FileName=\"/tmp/a\" Size=7", 1, "Unlink",
			     "content");
	/* its end is told with its name */
	filedelete_evict(fixture, file);
	filedelete_told(fixture, "");
	/* and another one may begin where it was */
	tiny_put(&fixture->kernel, file.inode, "inode.i_generation", 1);
	filedelete_evict(fixture, file);
	filedelete_told_file(fixture, "evict FileName=null Size=7", 2, "Close", "content");
}

static void test_unlink_of_an_empty_file(void **state)
{
	struct filedelete_fixture *fixture = *state;

	filedelete_unlink(fixture, filedelete_make(fixture, "a", ""));
	filedelete_told(fixture,
			"vfs_unlink FileName=\"/tmp/a\" Size=0 SeqNum=1 Reason=\"Unlink\"\n"
			"content 1 of 0\n"
			"content end\n");
}

static void test_unlink_of_one_name_of_two(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file file = filedelete_make(fixture, "a", "content");

	tiny_put(&fixture->kernel, file.inode, "inode.i_nlink", 2);
	filedelete_unlink(fixture, file);
	filedelete_told(fixture,
			"vfs_unlink FileName=\"/tmp/a\" Size=7 SeqNum=0 Reason=\"Unlink\"\n");
	/* it leaves the memory, and has a name */
	filedelete_evict(fixture, file);
	filedelete_told(fixture, "");
}

static void test_unlink_that_fails(void **state)
{
	struct filedelete_fixture *fixture = *state;

	filedelete_enter_unlink(fixture, filedelete_make(fixture, "a", "content"));
	filedelete_return(fixture, -1);
	filedelete_told(fixture, "");
	/* the result is an int */
	filedelete_enter_unlink(fixture, filedelete_make(fixture, "b", "content"));
	filedelete_return(fixture, INT64_C(0x12340000fff0));
	filedelete_told(fixture, "");
}

static void test_unlink_of_no_file(void **state)
{
	static const uint32_t types[] = { WV_LINUX_S_IFLNK, WV_LINUX_S_IFIFO, WV_LINUX_S_IFSOCK,
					  WV_LINUX_S_IFCHR, WV_LINUX_S_IFBLK };
	struct filedelete_fixture *fixture = *state;
	struct some_file file = filedelete_make(fixture, "a", "content");

	for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
		tiny_put(&fixture->kernel, file.inode, "inode.i_mode", types[i] | 0644);
		filedelete_unlink(fixture, file);
		filedelete_evict(fixture, file);
		tiny_put(&fixture->kernel, file.inode, "inode.i_nlink", 1);
		tiny_put(&fixture->kernel, file.entry, "dentry.d_inode", file.inode);
	}
	/* nothing of that name */
	tiny_put(&fixture->kernel, file.entry, "dentry.d_inode", 0);
	filedelete_enter_unlink(fixture, file);
	filedelete_return(fixture, 0);
	filedelete_told(fixture, "");
}

static void test_rename_over(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file from = filedelete_make(fixture, "a", "new");
	struct some_file over = filedelete_make(fixture, "b", "old one");

	filedelete_rename(fixture, from, over);
	filedelete_evict(fixture, over);
	filedelete_told_file(fixture, "vfs_rename FileName=\"/tmp/b\" Size=7", 1, "Rename",
			     "old one");
}

static void test_rename_that_removes_nothing(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file from = filedelete_make(fixture, "a", "new");
	struct some_file over = filedelete_make(fixture, "b", "old"), link = over, none = over;

	filedelete_enter_rename(fixture, from, over, RENAME_EXCHANGE);
	filedelete_return(fixture, 0);
	/* over nothing */
	none.entry = tiny_entry(&fixture->kernel, fixture->sb, fixture->folder, "c");
	filedelete_enter_rename(fixture, from, none, RENAME_NOREPLACE);
	filedelete_return(fixture, 0);
	/* a name of the same file */
	link.entry = tiny_entry(&fixture->kernel, fixture->sb, fixture->folder, "d");
	tiny_put(&fixture->kernel, link.entry, "dentry.d_inode", over.inode);
	filedelete_enter_rename(fixture, link, over, 0);
	filedelete_return(fixture, 0);
	/* it fails */
	filedelete_enter_rename(fixture, from, over, 0);
	filedelete_return(fixture, -18);
	filedelete_told(fixture, "");
}

/** Kernels before 5.12 have neither idmaps nor struct renamedata. */
static void test_old_parameters(void **state)
{
	static const char *const none[] = { "renamedata.mnt_idmap", "renamedata.old_dentry",
					    "renamedata.new_dentry", "renamedata.flags", NULL };
	struct filedelete_fixture *fixture = *state;
	struct some_file file, from, over;
	struct tiny_linux *kernel = &fixture->kernel;

	filedelete_start(fixture, &(struct tiny_options){ .without_members = none }, "");
	file = filedelete_make(fixture, "a", "a");
	from = filedelete_make(fixture, "b", "b");
	over = filedelete_make(fixture, "c", "c");

	tiny_call(kernel, 0, "vfs_unlink", 0, (const uint64_t[6]){ 0, file.entry });
	filedelete_lose_name(fixture, file);
	tiny_return(kernel, 0, 0);
	tiny_call(kernel, 0, "vfs_rename", 0,
		  (const uint64_t[6]){ 0, from.entry, 0, over.entry, 0, RENAME_EXCHANGE });
	tiny_return(kernel, 0, 0);
	tiny_call(kernel, 0, "vfs_rename", 0, (const uint64_t[6]){ 0, from.entry, 0, over.entry });
	filedelete_lose_name(fixture, over);
	tiny_return(kernel, 0, 0);
	filedelete_told(fixture,
			"vfs_unlink FileName=\"/tmp/a\" Size=1 SeqNum=0 Reason=\"Unlink\"\n"
			"vfs_rename FileName=\"/tmp/c\" Size=1 SeqNum=0 Reason=\"Rename\"\n");
}

/** Whoever calls need not hold the inode, which then ends inside of the call. */
static void test_end_inside_of_the_unlink(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file file = filedelete_make(fixture, "a", "content");
	struct some_file other = filedelete_make(fixture, "b", "another");

	filedelete_enter_unlink(fixture, file);
	filedelete_lose_name(fixture, file);
	filedelete_evict(fixture, file);
	filedelete_told_file(fixture, "vfs_unlink FileName=\"/tmp/a\" Size=7", 1, "Unlink",
			     "content");
	/* of which another inode's end is no part */
	filedelete_lose_name(fixture, other);
	filedelete_evict(fixture, other);
	filedelete_told_file(fixture, "evict FileName=null Size=7", 2, "Close", "another");
	filedelete_return(fixture, 0);
	filedelete_told(fixture, "");
}

static void test_no_contents(void **state)
{
	struct filedelete_fixture *fixture = *state;

	filedelete_start(fixture, NULL, "");
	filedelete_unlink(fixture, filedelete_make(fixture, "a", "content"));
	filedelete_told(fixture,
			"vfs_unlink FileName=\"/tmp/a\" Size=7 SeqNum=0 Reason=\"Unlink\"\n");
}

/* Files without a name --------------------------------------------------------------------------*/

static void test_open_while_unlinked(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file file = filedelete_make(fixture, "a", "content");
	uint64_t opened = filedelete_open(fixture, file, FILEDELETE_WRITE, O_RDWR_LARGEFILE);

	filedelete_unlink(fixture, file);
	filedelete_told_file(fixture, "vfs_unlink FileName=\"/tmp/a\" Size=7", 1, "Unlink",
			     "content");
	filedelete_overwrite(fixture, file, "changed");
	filedelete_close(fixture, opened, file);
	filedelete_told_file(
		fixture,
		"evict FileName=\"/tmp/a\" Size=7 Flags=0x8002 FlagsExpanded=\"O_RDWR | O_LARGEFILE\"",
		2, "Close", "changed");
}

/** It is open by a name that went before: that the last one's entry is free says nothing. */
static void test_open_by_another_name(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	struct some_file file = filedelete_make(fixture, "a", "content"), second = file;

	second.entry = tiny_entry(kernel, fixture->sb, fixture->folder, "b");
	tiny_put(kernel, second.entry, "dentry.d_inode", file.inode);
	filedelete_enter_unlink(fixture, second);
	tiny_put(kernel, file.inode, "inode.i_nlink", 0);
	tiny_put(kernel, second.entry, "dentry.d_inode", 0);
	filedelete_return(fixture, 0);
	filedelete_told_file(fixture, "vfs_unlink FileName=\"/tmp/b\" Size=7", 1, "Unlink",
			     "content");
	filedelete_evict(fixture, file);
	filedelete_told_file(fixture, "evict FileName=null Size=7", 2, "Close", "content");
}

/** A file of O_TMPFILE has never had a name; with linkat() it gets one. */
static void test_temporary(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file file = filedelete_make(fixture, "#7", "content");
	uint64_t opened = filedelete_open(fixture, file, FILEDELETE_WRITE, 0x410002);

	filedelete_close(fixture, opened, file);
	filedelete_evict(fixture, file);
	filedelete_told(fixture, "");
	tiny_put(&fixture->kernel, file.inode, "inode.i_nlink", 0);
	filedelete_close(fixture, opened, file);
	filedelete_told_file(
		fixture,
		"evict FileName=\"/tmp/#7\" Size=7 Flags=0x410002 FlagsExpanded=\"O_RDWR | O_TMPFILE\"",
		1, "Close", "content");
}

/** An inode's end inside of the close of a file that is another's: its name is not known. */
static void test_end_of_another(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file file = filedelete_make(fixture, "a", "content");
	struct some_file other = filedelete_make(fixture, "b", "another");
	uint64_t opened = filedelete_open(fixture, file, FILEDELETE_READ, 0);

	tiny_put(&fixture->kernel, file.inode, "inode.i_nlink", 0);
	tiny_put(&fixture->kernel, other.inode, "inode.i_nlink", 0);
	filedelete_close(fixture, opened, other);
	filedelete_told_file(fixture, "evict FileName=null Size=7", 1, "Close", "another");
}

static void test_file_that_was_never_made(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file file = filedelete_make(fixture, "a", "");

	tiny_put(&fixture->kernel, file.inode, "inode.i_nlink", 0);
	filedelete_evict(fixture, file);
	filedelete_told(fixture, "");
	tiny_put(&fixture->kernel, file.inode, "inode.i_size", 100);
	tiny_put(&fixture->kernel, file.inode, "inode.i_mode", WV_LINUX_S_IFDIR | 0755);
	filedelete_evict(fixture, file);
	filedelete_told(fixture, "");
}

/** What is in no folder: memory that processes share, and memfd_create(). */
static void test_memory(void **state)
{
	static const struct {
		const char *name;
		uint64_t magic;
		bool told;
	} memories[] = {
		{ "dev/zero", WV_LINUX_MAGIC_TMPFS, false },
		{ "SYSV00000000", WV_LINUX_MAGIC_TMPFS, false },
		{ "memfd", WV_LINUX_MAGIC_TMPFS, false },
		{ "anon_hugepage", WV_LINUX_MAGIC_HUGETLB, false },
		{ "memfd:x", WV_LINUX_MAGIC_TMPFS, true },
		{ "something", 0xef53, true },
	};
	struct filedelete_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	unsigned number = 0;

	for (unsigned i = 0; i < G_N_ELEMENTS(memories); i++) {
		uint64_t sb = tiny_file_system(kernel, memories[i].magic);
		uint64_t root = tiny_entry(kernel, sb, 0, memories[i].name);
		struct some_file file = filedelete_make_in(fixture, root, "x", "content");
		g_autofree char *expected =
			g_strdup_printf("evict FileName=\"/%s\" Size=7 Flags=0x2 "
					"FlagsExpanded=\"O_RDWR\"",
					memories[i].name);

		file.entry = root;
		tiny_put(kernel, root, "dentry.d_inode", file.inode);
		tiny_put(kernel, file.inode, "inode.i_nlink", 0);
		filedelete_close(fixture, filedelete_open(fixture, file, FILEDELETE_WRITE, 2),
				 file);
		number += memories[i].told;
		filedelete_told_file(fixture, expected, memories[i].told ? number : 0, "Close",
				     "content");
	}
}

/* What is hostile -------------------------------------------------------------------------------*/

static void test_addresses_that_lead_nowhere(void **state)
{
	static const uint64_t places[] = { 0,
					   1,
					   0x1000,
					   UINT64_MAX,
					   UINT64_C(1) << 63,
					   TINY_DIRECT_MAP + UINT64_C(0x7000000000) };
	static const char *const called[] = {
		"vfs_unlink",	     "vfs_rename", "__fput", "evict", "security_file_permission",
		"security_mmap_file"
	};
	struct filedelete_fixture *fixture = *state;

	filedelete_start(fixture, NULL, FILEDELETE_DUMP "dump_written=true\n");
	for (unsigned i = 0; i < G_N_ELEMENTS(places); i++)
		for (unsigned j = 0; j < G_N_ELEMENTS(called); j++)
			filedelete_call(fixture, called[j], places[i], 2, places[i] | 1);
	filedelete_told(fixture, "");
}

static void test_members_that_lead_nowhere(void **state)
{
	static const char *const members[] = { "inode.i_mapping", "inode.i_sb", "inode.i_dentry" };
	struct filedelete_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	for (unsigned i = 0; i < G_N_ELEMENTS(members); i++) {
		struct some_file file = filedelete_make(fixture, "a", "content");
		g_autofree char *told = NULL;

		tiny_put(kernel, file.inode, members[i], UINT64_C(0xffff880123456789));
		filedelete_enter_unlink(fixture, file);
		tiny_put(kernel, file.inode, "inode.i_nlink", 0);
		filedelete_return(fixture, 0);
		told = observer_take(&fixture->observer);
		assert_non_null(strstr(told, "FileName=\"/tmp/a\" Size=7 "));
		assert_true(g_str_has_suffix(told, "content end\n"));
	}
	/* an inode that changes while the call is on */
	struct some_file file = filedelete_make(fixture, "a", "content");

	filedelete_enter_unlink(fixture, file);
	tiny_put(kernel, file.inode, "inode.i_nlink", 0);
	tiny_put(kernel, file.inode, "inode.i_size", UINT64_MAX);
	tiny_put(kernel, file.entry, "dentry.d_parent", 0x1000);
	filedelete_return(fixture, 0);
	filedelete_told(fixture,
			"vfs_unlink FileName=\"/a...\"+ Size=18446744073709551615 SeqNum=4 "
			"Reason=\"Unlink\"\n"
			"content 4 of 18446744073709551615\n"
			"content at 0+4096: content\n"
			"content end\n");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, filedelete_setup, filedelete_teardown)
#define EMPTY(name)                                                                                \
	cmocka_unit_test_setup_teardown(name, filedelete_setup_empty, filedelete_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_unlink),
		WITH(test_unlink_of_an_empty_file),
		WITH(test_unlink_of_one_name_of_two),
		WITH(test_unlink_that_fails),
		WITH(test_unlink_of_no_file),
		WITH(test_rename_over),
		WITH(test_rename_that_removes_nothing),
		EMPTY(test_old_parameters),
		WITH(test_end_inside_of_the_unlink),
		EMPTY(test_no_contents),
		WITH(test_open_while_unlinked),
		WITH(test_open_by_another_name),
		WITH(test_temporary),
		WITH(test_end_of_another),
		WITH(test_file_that_was_never_made),
		WITH(test_memory),
		EMPTY(test_addresses_that_lead_nowhere),
		WITH(test_members_that_lead_nowhere),
	};

	return cmocka_run_group_tests_name("filedelete", tests, NULL, NULL);
}
