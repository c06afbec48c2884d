/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies of large files: equal to the last byte, and as full of holes. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/copy.h"

#define MIB (UINT64_C(1) << 20)

struct fixture {
	char *folder, *from, *to;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.folder = g_dir_make_tmp("wyvern-copy-XXXXXX", NULL);
	fixture.from = g_build_filename(fixture.folder, "from", NULL);
	fixture.to = g_build_filename(fixture.folder, "to", NULL);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	g_unlink(fixture->from);
	g_unlink(fixture->to);
	g_rmdir(fixture->folder);
	g_free(fixture->folder);
	g_free(fixture->from);
	g_free(fixture->to);
	return 0;
}

/** A piece of data in a file that is otherwise a hole. */
struct piece {
	uint64_t at;
	size_t size;
};

static void make(struct fixture *fixture, uint64_t size, const struct piece *pieces, size_t count)
{
	g_autofree char *data = g_malloc(2 * MIB + 64);
	int fd = open(fixture->from, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	for (size_t i = 0; i < 2 * MIB + 64; i++)
		data[i] = (char)(i * 7 + i / 255);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(pwrite(fd, data + i, pieces[i].size, (off_t)pieces[i].at),
				 pieces[i].size);
	fsync(fd); /* all blocks are there, to be counted */
	close(fd);
}

static uint64_t blocks(const char *path)
{
	GStatBuf info;

	assert_int_equal(g_stat(path, &info), 0);
	return (uint64_t)info.st_blocks * 512;
}

static void assert_same(struct fixture *fixture)
{
	g_autoptr(GMappedFile) from = g_mapped_file_new(fixture->from, FALSE, NULL);
	g_autoptr(GMappedFile) to = g_mapped_file_new(fixture->to, FALSE, NULL);

	assert_non_null(from);
	assert_non_null(to);
	assert_int_equal(g_mapped_file_get_length(to), g_mapped_file_get_length(from));
	if (g_mapped_file_get_length(from))
		assert_int_equal(memcmp(g_mapped_file_get_contents(to),
					g_mapped_file_get_contents(from),
					g_mapped_file_get_length(from)),
				 0);
}

static void copy(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	g_unlink(fixture->to);
	if (!wv_copy_sparse(fixture->from, fixture->to, &error))
		fail_msg("%s", error->message);
	assert_null(error);
	assert_same(fixture);
}

static void test_holes_stay_holes(void **state)
{
	static const struct piece pieces[] = {
		{ 0, 4096 },	       { 5 * MIB, 100 },    { 16 * MIB - 1, 2 },
		{ 30 * MIB, 2 * MIB }, { 64 * MIB - 1, 1 },
	};
	struct fixture *fixture = *state;
	GStatBuf info;

	make(fixture, 64 * MIB, pieces, G_N_ELEMENTS(pieces));
	copy(fixture);
	assert_true(blocks(fixture->from) < 4 * MIB); /* else this file system has no holes */
	assert_in_range(blocks(fixture->to), 2 * MIB, blocks(fixture->from) + MIB / 4);
	assert_int_equal(g_stat(fixture->to, &info), 0);
	assert_int_equal(info.st_size, 64 * MIB);
}

static void test_sizes(void **state)
{
	static const struct {
		uint64_t size;
		struct piece piece;
	} cases[] = {
		{ 0, { 0, 0 } }, /* empty */
		{ 1, { 0, 1 } }, /* no hole, at no border */
		{ 4096, { 0, 4096 } },
		{ 3 * MIB + 17, { MIB, MIB } },
		{ 100 * MIB, { 0, 0 } },	 /* nothing but a hole */
		{ 100 * MIB, { 0, 10 } },	 /* one at its end */
		{ 8 * MIB, { 8 * MIB - 5, 5 } }, /* one at its start */
		{ MIB + 1, { 0, MIB + 1 } },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		make(fixture, cases[i].size, &cases[i].piece, 1);
		copy(fixture);
		assert_true(blocks(fixture->to) <= cases[i].piece.size + MIB / 4);
	}
}

/** Between two file systems the kernel may not copy by itself. */
static void test_from_another_file_system(void **state)
{
	static const struct piece pieces[] = { { 3 * MIB, 100 }, { 10 * MIB, 2 * MIB } };
	struct fixture *fixture = *state;
	char *own = fixture->from;

	if (access("/dev/shm", W_OK) < 0)
		skip();
	fixture->from = g_strdup_printf("/dev/shm/wyvern-copy-%d", getpid());
	make(fixture, 16 * MIB, pieces, G_N_ELEMENTS(pieces));
	copy(fixture);
	assert_true(blocks(fixture->to) < 4 * MIB);
	g_unlink(fixture->from);
	g_free(fixture->from);
	fixture->from = own;
}

static void assert_fails(const char *from, const char *to, const char *words)
{
	g_autoptr(GError) error = NULL;

	assert_false(wv_copy_sparse(from, to, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	if (!strstr(error->message, from) || !strstr(error->message, words))
		fail_msg("\"%s\" does not say \"%s\"", error->message, words);
}

static void test_failures(void **state)
{
	static const struct piece piece = { 0, 100 };
	struct fixture *fixture = *state;
	g_autofree char *nowhere = g_build_filename(fixture->folder, "none", "to", NULL);
	g_autofree char *text = NULL;

	assert_fails(fixture->from, fixture->to, "No such file");
	assert_false(g_file_test(fixture->to, G_FILE_TEST_EXISTS));
	make(fixture, MIB, &piece, 1);
	assert_fails(fixture->from, nowhere, "No such file");
	/* one that is there is left as it is */
	assert_true(g_file_set_contents(fixture->to, "mine", -1, NULL));
	assert_fails(fixture->from, fixture->to, "File exists");
	assert_fails(fixture->from, fixture->from, "File exists");
	assert_true(g_file_get_contents(fixture->to, &text, NULL, NULL));
	assert_string_equal(text, "mine");
	assert_int_equal(blocks(fixture->from) > 0, 1);
	g_unlink(fixture->to);
	assert_fails(fixture->folder, fixture->to, "");
	/* a link to nowhere is something that is there, too */
	assert_true(!g_file_test(fixture->to, G_FILE_TEST_EXISTS) || g_unlink(fixture->to) == 0);
	assert_int_equal(symlink(nowhere, fixture->to), 0);
	assert_fails(fixture->from, fixture->to, "File exists");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_holes_stay_holes),
		WITH(test_sizes),
		WITH(test_from_another_file_system),
		WITH(test_failures),
	};

	return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
