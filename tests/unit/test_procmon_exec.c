/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon: execs, with and without begin_new_exec, and the paths of their files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#include "procmon_fixture.h"

/** Where a new program's strings are: across a page's border. */
#define STRINGS (STACK + 0x1ff0)

/* Execs -----------------------------------------------------------------------------------------*/

/** An exec of /usr/bin/env by bash: its strings are on the new stack. */
static void put_exec(struct procmon_fixture *fixture, const char *strings, size_t size,
		     unsigned argc, unsigned envc)
{
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t mm = tiny_mm(kernel, STACK, 4 * MOCK_PAGE);

	tiny_write_user(kernel, mm, STRINGS, strings, size);
	tiny_put(kernel, fixture->binprm, "linux_binprm.mm", mm);
	tiny_put(kernel, fixture->binprm, "linux_binprm.p", STRINGS);
	tiny_put(kernel, fixture->binprm, "linux_binprm.argc", argc);
	tiny_put(kernel, fixture->binprm, "linux_binprm.envc", envc);
	tiny_put(kernel, fixture->binprm, "linux_binprm.file", tiny_file(kernel, "/usr/bin/env"));
	tiny_put(kernel, fixture->binprm, "linux_binprm.filename",
		 tiny_string(kernel, "/usr/bin/../bin/env"));
	tiny_put(kernel, fixture->binprm, "linux_binprm.interp",
		 tiny_string(kernel, "/usr/bin/env"));
}

/** The address space of the new program, before it is the task's. */
static uint64_t new_mm(struct procmon_fixture *fixture)
{
	return tiny_get(&fixture->kernel, fixture->binprm, "linux_binprm.mm");
}

static void enter_exec(struct procmon_fixture *fixture)
{
	const uint64_t arguments[6] = { fixture->binprm };

	tiny_call(&fixture->kernel, 0, "begin_new_exec", 0, arguments);
}

/** The point of no return has been passed: the task has the new program. */
static void replace(struct procmon_fixture *fixture)
{
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t mm = new_mm(fixture);

	tiny_put(kernel, mm, "mm_struct.exe_file",
		 tiny_get(kernel, fixture->binprm, "linux_binprm.file"));
	tiny_put(kernel, fixture->bash->address, "task_struct.mm", mm);
	tiny_put(kernel, fixture->binprm, "linux_binprm.mm", 0);
	fixture->bash->mm = mm;
	memcpy(tiny_at(kernel, fixture->bash->address + tiny_offset("task_struct.comm")), "env", 4);
	tiny_run(kernel, 0, fixture->bash);
}

#define EXEC_STRINGS	  "env\0-i\0a b\0HOME=/root\0PWD=/tmp\0PWDX=1\0OLDPWD=/\0"
#define PUT_EXEC(fixture) put_exec(fixture, EXEC_STRINGS, sizeof(EXEC_STRINGS), 3, 4)

static void test_exec(void **state)
{
	struct procmon_fixture *fixture = *state;

	PUT_EXEC(fixture);
	enter_exec(fixture);
	procmon_told(fixture, ""); /* told when it is done */
	replace(fixture);
	tiny_return(&fixture->kernel, 0, 0);
	/* the caller is who it was, the strings are the new program's */
	procmon_told(
		fixture,
		"begin_new_exec 12/12 of 0 uid 1000 \"bash\" #2: ThreadName=\"bash\" "
		"CommandLine=\"env -i a b\" ImagePathName=\"/usr/bin/env\" ouid=1000 osuid=1000 "
		"oeuid=1000 suid=1000 euid=1000 Environment=\"PWD=/tmp,OLDPWD=/\" "
		"interp=\"/usr/bin/env\" FileName=\"/usr/bin/../bin/env\" PGID=12\n");
}

static void test_exec_that_gains_rights(void **state)
{
	struct procmon_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t cred = tiny_object(kernel, 0x40);
	g_autofree char *line = NULL;

	PUT_EXEC(fixture);
	tiny_put(kernel, fixture->binprm, "linux_binprm.secureexec", 1);
	tiny_put(kernel, fixture->binprm, "linux_binprm.have_execfd", 1);
	tiny_put(kernel, fixture->binprm, "linux_binprm.execfd", 5);
	tiny_put(kernel, fixture->binprm, "linux_binprm.fdpath", tiny_string(kernel, "/dev/fd/3"));
	tiny_put(kernel, cred, "cred.uid", 1000);
	enter_exec(fixture);
	replace(fixture);
	tiny_put(kernel, fixture->bash->address, "task_struct.cred", cred);
	tiny_return(kernel, 0, 0);
	line = observer_take(&fixture->observer);
	assert_non_null(strstr(line, " ouid=1000 osuid=1000 oeuid=1000 suid=0 euid=0 "));
	assert_non_null(strstr(line, " fdpath=\"/dev/fd/3\" FileName="));
	assert_true(g_str_has_suffix(line, " PGID=12 have_execfd=1 execfd=5 secureexec=1\n"));
}

static void test_exec_that_fails(void **state)
{
	struct procmon_fixture *fixture = *state;

	/* before the point of no return: the new strings are still in an address space apart */
	PUT_EXEC(fixture);
	enter_exec(fixture);
	tiny_return(&fixture->kernel, 0, (uint64_t)-12);
	procmon_told(
		fixture,
		"begin_new_exec 12/12 of 0 uid 1000 \"bash\" #2: ThreadName=\"bash\" "
		"CommandLine=\"env -i a b\" ImagePathName=\"/usr/bin/env\" ouid=1000 osuid=1000 "
		"oeuid=1000 suid=1000 euid=1000 Environment=\"PWD=/tmp,OLDPWD=/\" "
		"interp=\"/usr/bin/env\" FileName=\"/usr/bin/../bin/env\" PGID=12\n");
}

static void exec(struct procmon_fixture *fixture)
{
	enter_exec(fixture);
	replace(fixture);
	tiny_return(&fixture->kernel, 0, 0);
}

static void test_strings_of_an_exec(void **state)
{
	struct procmon_fixture *fixture = *state;

	put_exec(fixture, "a\0\0b\0", 6, 3, 0); /* an empty argument */
	exec(fixture);
	procmon_assert_field(fixture, "CommandLine", "\"a  b\"");
	put_exec(fixture, "PWD=1\0PWD=2\0", 12, 0, 2); /* no arguments at all */
	exec(fixture);
	procmon_assert_field(fixture, "Environment", "\"PWD=1,PWD=2\"");
	put_exec(fixture, "a\0PWD\0=PWD\0PW=D\0pwd=1\0", 23, 1, 4); /* nearly, but none */
	exec(fixture);
	procmon_assert_field(fixture, "Environment", NULL);
	put_exec(fixture, "a\0PWD=\0", 7, 1, 1);
	exec(fixture);
	procmon_assert_field(fixture, "Environment", "\"PWD=\"");
}

static void test_long_variable(void **state)
{
	struct procmon_fixture *fixture = *state;
	g_autofree char *value = g_strnfill(3000, 'v');
	g_autofree char *strings = g_strdup_printf("a\nOLDPWD=%s\nX=1\nPWD=/\n", value);
	g_autofree char *expected = g_strdup_printf("\"OLDPWD=%s,PWD=/\"", value);

	g_strdelimit(strings, "\n", '\0');
	put_exec(fixture, strings, 3018 + 2, 1, 3);
	exec(fixture);
	procmon_assert_field(fixture, "Environment", expected);
}

static void test_counts_that_lie(void **state)
{
	struct procmon_fixture *fixture = *state;
	g_autofree char *line = NULL;

	/* more strings than there are: memory ends after two pages, and that is said */
	put_exec(fixture, "a\0b\0", 4, UINT32_MAX, UINT32_MAX);
	exec(fixture);
	line = procmon_field(fixture, "CommandLine");
	assert_true(g_str_has_prefix(line, "\"a b "));
	assert_true(g_str_has_suffix(line, "...\""));
	assert_in_range(strlen(line), 0x2000, 0x2020);
}

static void test_strings_without_an_end(void **state)
{
	struct procmon_fixture *fixture = *state;
	g_autofree char *line = NULL;
	uint64_t mm;

	/* all pages full, without a NUL */
	put_exec(fixture, "", 1, 1, 1);
	mm = new_mm(fixture);
	for (uint64_t at = STRINGS; at < STACK + 4 * MOCK_PAGE; at++)
		tiny_write_user(&fixture->kernel, mm, at, "x", 1);
	exec(fixture);
	line = procmon_field(fixture, "CommandLine");
	assert_true(g_str_has_suffix(line, "xxx...\""));
	assert_int_equal(strlen(line), 4 * MOCK_PAGE - 0x1ff0 + 5);
}

static void test_exec_without_memory(void **state)
{
	struct procmon_fixture *fixture = *state;

	PUT_EXEC(fixture);
	tiny_put(&fixture->kernel, fixture->binprm, "linux_binprm.p", 0x1000);
	exec(fixture);
	procmon_assert_field(fixture, "Environment", NULL);
	/* not even the structure is there */
	fixture->binprm = 0x1000;
	enter_exec(fixture);
	tiny_return(&fixture->kernel, 0, 0);
	procmon_assert_field(fixture, "ImagePathName", "null");
}

static void test_hostile_places_of_strings(void **state)
{
	struct procmon_fixture *fixture = *state;
	static const uint64_t places[] = {
		0, 1, UINT64_MAX, UINT64_MAX - 0xfff, UINT64_C(0x8000000000000000), 0x7fffffffffff
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *line = NULL;

		PUT_EXEC(fixture);
		tiny_put(&fixture->kernel, fixture->binprm, "linux_binprm.p", places[i]);
		exec(fixture);
		line = observer_take(&fixture->observer);
		assert_non_null(strstr(line, "begin_new_exec"));
	}
}

static void test_filter_file(void **state)
{
	struct procmon_fixture *fixture = *state;
	g_autofree char *path = NULL, *settings = NULL;
	int fd = g_file_open_tmp("wyvern-filter-XXXXXX", &path, NULL);

	assert_true(fd >= 0);
	assert_true(g_close(fd, NULL));
	assert_true(g_file_set_contents(path, "\n  HOME \nPWDX\n\nNOT_THERE", -1, NULL));
	settings = g_strdup_printf("procmon_filter_file=%s\n", path);
	procmon_start(fixture, NULL, settings);
	g_unlink(path);
	PUT_EXEC(fixture);
	exec(fixture);
	procmon_assert_field(fixture, "Environment", "\"HOME=/root,PWDX=1\"");
}

static void test_empty_filter_file(void **state)
{
	struct procmon_fixture *fixture = *state;

	procmon_start(fixture, NULL, "procmon_filter_file=/dev/null\n");
	PUT_EXEC(fixture);
	exec(fixture);
	procmon_assert_field(fixture, "Environment", NULL);
}

/* Kernels without begin_new_exec ----------------------------------------------------------------*/

static const char *const old_kernel[] = { "begin_new_exec", NULL };

/** The new program's mm_struct says where its strings are; the file's name is at their end. */
static void put_old_exec(struct procmon_fixture *fixture)
{
	struct tiny_linux *kernel = &fixture->kernel;
	const uint64_t arguments = 11, all = sizeof(EXEC_STRINGS) - 1;
	uint64_t mm;

	PUT_EXEC(fixture);
	mm = new_mm(fixture);
	tiny_write_user(kernel, mm, STRINGS + all, "./env", 6);
	tiny_put(kernel, mm, "mm_struct.arg_start", STRINGS);
	tiny_put(kernel, mm, "mm_struct.arg_end", STRINGS + arguments);
	tiny_put(kernel, mm, "mm_struct.env_start", STRINGS + arguments);
	tiny_put(kernel, mm, "mm_struct.env_end", STRINGS + all);
}

static void old_exec(struct procmon_fixture *fixture, uint64_t result)
{
	tiny_call(&fixture->kernel, 0, "do_execveat_common", 0, NULL);
	if (result == 0)
		replace(fixture);
	tiny_return(&fixture->kernel, 0, result);
}

static void test_old_exec(void **state)
{
	struct procmon_fixture *fixture = *state;

	procmon_start(fixture, old_kernel, NULL);
	put_old_exec(fixture);
	old_exec(fixture, 0);
	procmon_told(
		fixture,
		"do_execveat_common 12/12 of 0 uid 1000 \"bash\" #2: ThreadName=\"bash\" "
		"CommandLine=\"env -i a b\" ImagePathName=\"/usr/bin/env\" ouid=1000 osuid=1000 "
		"oeuid=1000 suid=1000 euid=1000 Environment=\"PWD=/tmp,OLDPWD=/\" "
		"FileName=\"./env\" PGID=12\n");
}

static void test_old_exec_that_fails(void **state)
{
	struct procmon_fixture *fixture = *state;

	procmon_start(fixture, old_kernel, NULL);
	put_old_exec(fixture);
	old_exec(fixture, (uint64_t)-2);
	procmon_told(fixture,
		     "do_execveat_common 12/12 of 0 uid 1000 \"bash\" #2: ThreadName=\"bash\" "
		     "CommandLine=null ImagePathName=null ouid=1000 osuid=1000 oeuid=1000 "
		     "suid=1000 euid=1000 PGID=12\n");
}

static void test_old_exec_with_places_that_lie(void **state)
{
	struct procmon_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	static const uint64_t ends[] = { 0, 0x1000, STRINGS, UINT64_MAX };
	uint64_t page;

	procmon_start(fixture, old_kernel, NULL);
	for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++) {
		gint64 started = g_get_monotonic_time();
		struct wv_paging paging = { .mode = WV_PAGING_4_LEVEL, .root = 0 };
		uint64_t mm, *top, table;

		put_old_exec(fixture);
		mm = new_mm(fixture);
		/* its whole half of the address space is there, as the same page again and again */
		paging.root = tiny_get(kernel, mm, "mm_struct.pgd") - TINY_DIRECT_MAP;
		page = mock_page(&kernel->mock);
		memset(mock_at(&kernel->mock, page), 'x', MOCK_PAGE);
		for (unsigned level = 1; level < 4; level++) {
			table = mock_page(&kernel->mock);
			top = mock_at(&kernel->mock, table);
			for (unsigned j = 0; j < 512; j++)
				top[j] = page | MOCK_TABLE;
			page = table;
		}
		top = mock_at(&kernel->mock, paging.root);
		for (unsigned j = 0; j < 256; j++)
			top[j] = page | MOCK_TABLE;
		/* the strings end before they start, or never, and the start is far down */
		tiny_put(kernel, mm, "mm_struct.arg_start", STACK - (UINT64_C(512) << 30));
		tiny_put(kernel, mm, "mm_struct.env_end", ends[i]);
		tiny_put(kernel, mm, "mm_struct.arg_end", UINT64_MAX);
		old_exec(fixture, 0);
		observer_read(&fixture->observer);
		assert_int_equal(fixture->observer.rows, i + 2);
		assert_true(g_get_monotonic_time() - started < 2 * G_USEC_PER_SEC);
	}
}

/* Paths -----------------------------------------------------------------------------------------*/

static void put_file(struct procmon_fixture *fixture, uint64_t file)
{
	PUT_EXEC(fixture);
	tiny_put(&fixture->kernel, fixture->binprm, "linux_binprm.file", file);
}

static uint64_t entry_of(struct procmon_fixture *fixture, uint64_t file)
{
	return tiny_get(&fixture->kernel, file + tiny_offset("file.f_path"), "path.dentry");
}

static uint64_t mount_of(struct procmon_fixture *fixture, uint64_t file)
{
	return tiny_get(&fixture->kernel, file + tiny_offset("file.f_path"), "path.mnt") -
	       tiny_offset("mount.mnt");
}

static void assert_path(struct procmon_fixture *fixture, uint64_t file, const char *expected)
{
	put_file(fixture, file);
	exec(fixture);
	procmon_assert_field(fixture, "ImagePathName", expected);
}

static void test_paths(void **state)
{
	struct procmon_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;

	assert_path(fixture, tiny_file(kernel, "/init"), "\"/init\"");
	assert_path(fixture, tiny_file(kernel, "/a/b/c/d/e"), "\"/a/b/c/d/e\"");
	assert_path(fixture, 0x1000, "null");
}

static void test_path_across_mounts(void **state)
{
	struct procmon_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t outside = tiny_file(kernel, "/mnt/usb"), inside = tiny_file(kernel, "/bin/tool");
	uint64_t mount = mount_of(fixture, inside);

	/* the tree of /bin/tool is mounted at /mnt/usb */
	tiny_put(kernel, mount, "mount.mnt_parent", mount_of(fixture, outside));
	tiny_put(kernel, mount, "mount.mnt_mountpoint", entry_of(fixture, outside));
	assert_path(fixture, inside, "\"/mnt/usb/bin/tool\"");
	/* and is mounted in itself: that ends */
	tiny_put(kernel, mount_of(fixture, outside), "mount.mnt_parent", mount);
	tiny_put(kernel, mount_of(fixture, outside), "mount.mnt_mountpoint",
		 entry_of(fixture, inside));
	put_file(fixture, inside);
	exec(fixture);
	observer_read(&fixture->observer);
	assert_int_equal(fixture->observer.rows, 3);
}

static void test_path_with_parts_that_are_not_there(void **state)
{
	struct procmon_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t file = tiny_file(kernel, "/a/b/c");
	uint64_t middle = tiny_get(kernel, entry_of(fixture, file), "dentry.d_parent");

	/* what is known is its end */
	tiny_put(kernel, middle + tiny_offset("dentry.d_name"), "qstr.name", 0x1000);
	assert_path(fixture, file, "\"/c...\"");
	/* a parent that points to nothing */
	file = tiny_file(kernel, "/a/b/c");
	tiny_put(kernel, entry_of(fixture, file), "dentry.d_parent", 0x1000);
	put_file(fixture, file);
	exec(fixture);
	observer_read(&fixture->observer);
	assert_int_equal(fixture->observer.rows, 3);
}

static void test_path_that_goes_round(void **state)
{
	struct procmon_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t file = tiny_file(kernel, "/a/b/c");
	uint64_t entry = entry_of(fixture, file);
	g_autofree char *path = NULL;

	tiny_put(kernel, tiny_get(kernel, entry, "dentry.d_parent"), "dentry.d_parent", entry);
	put_file(fixture, file);
	exec(fixture);
	path = procmon_field(fixture, "ImagePathName");
	assert_true(g_str_has_suffix(path, "/b/c...\"") || g_str_has_suffix(path, "/b/c\""));
	assert_in_range(strlen(path), 1000, 4096 + 5);
}

static void test_names_that_are_too_long(void **state)
{
	struct procmon_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t file = tiny_file(kernel, "/a"), name;
	g_autofree char *text = g_strnfill(3000, 'x');
	g_autofree char *longest = g_strnfill(255, 'x');
	g_autofree char *path = g_strdup_printf("\"/%s\"", longest);
	g_autofree char *process = g_strdup_printf(" \"%s\" #", longest);
	g_autofree char *line = NULL;

	/* a length that no name has: no more than the longest possible is read */
	name = entry_of(fixture, file) + tiny_offset("dentry.d_name");
	tiny_put(kernel, name, "qstr.name", tiny_string(kernel, text));
	tiny_put(kernel, name, "qstr.len", UINT32_MAX);
	assert_path(fixture, file, path);
	tiny_call(kernel, 0, "do_exit", 0, NULL);
	line = observer_take(&fixture->observer);
	assert_non_null(strstr(line, process));
}

#define WITH(name)  cmocka_unit_test_setup_teardown(name, procmon_setup, procmon_teardown)
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, procmon_setup_empty, procmon_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_exec),
		WITH(test_exec_that_gains_rights),
		WITH(test_exec_that_fails),
		WITH(test_strings_of_an_exec),
		WITH(test_long_variable),
		WITH(test_counts_that_lie),
		WITH(test_strings_without_an_end),
		WITH(test_exec_without_memory),
		WITH(test_hostile_places_of_strings),
		EMPTY(test_filter_file),
		EMPTY(test_empty_filter_file),
		EMPTY(test_old_exec),
		EMPTY(test_old_exec_that_fails),
		EMPTY(test_old_exec_with_places_that_lie),
		WITH(test_paths),
		WITH(test_path_across_mounts),
		WITH(test_path_with_parts_that_are_not_there),
		WITH(test_path_that_goes_round),
		WITH(test_names_that_are_too_long),
	};

	return cmocka_run_group_tests_name("procmon_exec", tests, NULL, NULL);
}
