/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedelete on Linux, with --dump-written: files that are closed, and were written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "filedelete_fixture.h"

#define WRITTEN FILEDELETE_DUMP "dump_written=true\n"

/* include/linux/fs.h; include/uapi/asm-generic/mman-common.h, include/uapi/linux/mman.h */
enum { MAY_WRITE = 2, MAY_READ = 4 };
enum { PROT_READ = 1, PROT_WRITE = 2 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_SHARED_VALIDATE = 3, MAP_FIXED = 0x10 };

static int setup_written(void **state)
{
	filedelete_setup_empty(state);
	filedelete_start(*state, NULL, WRITTEN);
	return 0;
}

static void write_to(struct filedelete_fixture *fixture, uint64_t file)
{
	filedelete_call(fixture, "security_file_permission", file, MAY_WRITE, 0);
}

/** Closes a file that has 7 bytes: it is told, as content @number, or not (0). */
static void assert_closed(struct filedelete_fixture *fixture, uint64_t file, struct some_file of,
			  unsigned number)
{
	filedelete_close(fixture, file, of);
	filedelete_told_file(fixture,
			     "__fput FileName=\"/tmp/a\" Size=7 Flags=0x2 FlagsExpanded=\"O_RDWR\"",
			     number, "Write", "content");
}

static void test_write(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file of = filedelete_make(fixture, "a", "content");
	uint64_t file = filedelete_open(fixture, of, FILEDELETE_WRITE, 2);

	write_to(fixture, file);
	write_to(fixture, file);
	filedelete_told(fixture, "");
	assert_closed(fixture, file, of, 1);
	/* once; and opening it to write alone does not count */
	assert_closed(fixture, file, of, 0);
	filedelete_call(fixture, "security_file_permission", file, MAY_READ, 0);
	assert_closed(fixture, file, of, 0);
}

/** Two struct files of one inode: it is the one that was written that is told. */
static void test_opened_twice(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file of = filedelete_make(fixture, "a", "content");
	uint64_t first = filedelete_open(fixture, of, FILEDELETE_WRITE, 2);
	uint64_t second = filedelete_open(fixture, of, FILEDELETE_WRITE, 2);

	write_to(fixture, first);
	assert_closed(fixture, second, of, 0);
	assert_closed(fixture, first, of, 1);
}

static void test_map(void **state)
{
	static const struct {
		uint64_t protection, flags;
		bool writes;
	} maps[] = {
		{ PROT_READ, MAP_SHARED, false },
		{ PROT_READ | PROT_WRITE, MAP_PRIVATE, false },
		{ PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, false },
		{ PROT_READ | PROT_WRITE, MAP_SHARED, true },
		{ PROT_WRITE, MAP_SHARED | MAP_FIXED, true },
		{ PROT_WRITE, MAP_SHARED_VALIDATE, true },
	};
	struct filedelete_fixture *fixture = *state;
	struct some_file of = filedelete_make(fixture, "a", "content");
	uint64_t file = filedelete_open(fixture, of, FILEDELETE_WRITE, 2);
	unsigned number = 0;

	for (unsigned i = 0; i < G_N_ELEMENTS(maps); i++) {
		filedelete_call(fixture, "security_mmap_file", file, maps[i].protection,
				maps[i].flags);
		number += maps[i].writes;
		assert_closed(fixture, file, of, maps[i].writes ? number : 0);
	}
	/* memory of no file */
	filedelete_call(fixture, "security_mmap_file", 0, PROT_WRITE, MAP_SHARED);
	filedelete_told(fixture, "");
}

/** A kernel without security modules: other functions, with other parameters. */
static void test_other_functions(void **state)
{
	static const char *const none[] = { "security_file_permission", "security_mmap_file",
					    NULL };
	enum { READ, WRITE };
	struct filedelete_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	struct some_file of;
	uint64_t file;

	filedelete_start(fixture, &(struct tiny_options){ .without_symbols = none }, WRITTEN);
	of = filedelete_make(fixture, "a", "content");
	file = filedelete_open(fixture, of, FILEDELETE_WRITE, 2);
	filedelete_call(fixture, "rw_verify_area", READ, file, 0);
	assert_closed(fixture, file, of, 0);
	filedelete_call(fixture, "rw_verify_area", WRITE, file, 0);
	assert_closed(fixture, file, of, 1);
	tiny_call(kernel, 0, "vm_mmap_pgoff", 0,
		  (const uint64_t[6]){ file, 0, 7, PROT_WRITE, MAP_PRIVATE });
	tiny_return(kernel, 0, 0);
	assert_closed(fixture, file, of, 0);
	tiny_call(kernel, 0, "vm_mmap_pgoff", 0,
		  (const uint64_t[6]){ file, 0, 7, PROT_WRITE, MAP_SHARED });
	tiny_return(kernel, 0, 0);
	assert_closed(fixture, file, of, 2);
}

/** What can not have been written, or has nothing to take. */
static void test_nothing_to_take(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	struct some_file of = filedelete_make(fixture, "a", "content");
	uint64_t file = filedelete_open(fixture, of, FILEDELETE_READ, 0);
	struct some_file pipe = filedelete_make(fixture, "b", "content");
	struct some_file proc = filedelete_make(fixture, "c", "");

	write_to(fixture, file);
	filedelete_close(fixture, file, of);
	tiny_put(kernel, pipe.inode, "inode.i_mode", WV_LINUX_S_IFIFO | 0600);
	file = filedelete_open(fixture, pipe, FILEDELETE_WRITE, 2);
	write_to(fixture, file);
	filedelete_close(fixture, file, pipe);
	tiny_put(kernel, proc.inode, "inode.i_mapping", tiny_object(kernel, 0x40));
	tiny_put(kernel, proc.inode, "inode.i_size", 4096);
	file = filedelete_open(fixture, proc, FILEDELETE_WRITE, 2);
	write_to(fixture, file);
	filedelete_close(fixture, file, proc);
	filedelete_told(fixture, "");
}

/** Without a name it is told when it ends; what is opened later at the same address is another. */
static void test_deleted(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct some_file of = filedelete_make(fixture, "a", "content");
	uint64_t file = filedelete_open(fixture, of, FILEDELETE_WRITE, 2);

	write_to(fixture, file);
	tiny_put(&fixture->kernel, of.inode, "inode.i_nlink", 0);
	filedelete_close(fixture, file, of);
	filedelete_told_file(fixture,
			     "evict FileName=\"/tmp/a\" Size=7 Flags=0x2 FlagsExpanded=\"O_RDWR\"",
			     1, "Close", "content");
	tiny_put(&fixture->kernel, of.inode, "inode.i_nlink", 1);
	assert_closed(fixture, file, of, 0);
}

/** Written in an overlay; the file of the layer below, which has the pages, ends after that. */
static void test_overlay(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t sb = tiny_file_system(kernel, WV_LINUX_MAGIC_OVERLAY);
	struct some_file above =
		filedelete_make_in(fixture, tiny_entry(kernel, sb, 0, "/"), "a", "not this");
	struct some_file below = filedelete_make(fixture, "a", "content");
	uint64_t file = filedelete_open(fixture, above, FILEDELETE_WRITE, 2);
	uint64_t real = filedelete_open(fixture, below, FILEDELETE_WRITE | 1u << 24, 2);

	tiny_put_path(
		kernel, real + tiny_offset("backing_file.user_path"), above.entry,
		tiny_mount(kernel, tiny_get(kernel, above.entry, "dentry.d_parent"), 0, 0, 0));
	for (unsigned written = 0; written < 2; written++) {
		if (written)
			write_to(fixture, file);
		filedelete_close(fixture, file, above);
		filedelete_told(fixture, "");
		filedelete_close(fixture, real, below);
		filedelete_told_file(
			fixture, "__fput FileName=\"/a\" Size=7 Flags=0x2 FlagsExpanded=\"O_RDWR\"",
			written, "Write", "content");
	}
	filedelete_close(fixture, real, below);
	filedelete_told(fixture, "");
}

/** Without the option no write is looked at. */
static void test_not_asked_for(void **state)
{
	static const char *const functions[] = { "security_file_permission", "security_mmap_file",
						 "rw_verify_area", "vm_mmap_pgoff" };
	struct filedelete_fixture *fixture = *state;
	struct some_file of = filedelete_make(fixture, "a", "content");
	uint64_t file = filedelete_open(fixture, of, FILEDELETE_WRITE, 2);

	for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++) {
		const uint64_t arguments[6] = { file, 3, MAP_SHARED };

		assert_false(tiny_call(&fixture->kernel, 0, functions[i], 0, arguments));
		tiny_return(&fixture->kernel, 0, 0);
	}
	assert_closed(fixture, file, of, 0);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup_written, filedelete_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_write),
		WITH(test_opened_twice),
		WITH(test_map),
		cmocka_unit_test_setup_teardown(test_other_functions, filedelete_setup_empty,
						filedelete_teardown),
		WITH(test_nothing_to_take),
		WITH(test_deleted),
		WITH(test_overlay),
		cmocka_unit_test_setup_teardown(test_not_asked_for, filedelete_setup,
						filedelete_teardown),
	};

	return cmocka_run_group_tests_name("filedelete written", tests, NULL, NULL);
}
