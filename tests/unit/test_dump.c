/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contents that come out of a guest: what is stored is what was there, and what is said is true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dump_fixture.h"
#include "output/dump_content.h"
#include "output/session.h"

#define KIB    UINT64_C(1024)
#define MIB    DUMP_MIB
#define PLENTY (64 * MIB)
#define PAGE   UINT64_C(4096)
#define SEED   7

/* Contents --------------------------------------------------------------------------------------*/

static uint64_t disk_usage(const struct dump_fixture *fixture)
{
	GDir *dir = g_dir_open(fixture->folder, 0, NULL);
	const char *name;
	uint64_t sum = 0;

	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
		struct stat info;

		assert_int_equal(g_stat(path, &info), 0);
		sum += (uint64_t)info.st_blocks * 512;
	}
	g_dir_close(dir);
	return sum;
}

static void test_sizes(void **state)
{
	static const uint64_t sizes[] = {
		0, 1, 4095, 4096, 4097, MIB - 1, MIB, MIB + 1, MIB + WV_TEXT_MAX, 3 * MIB + 5
	};
	struct dump_fixture *fixture = *state;
	uint64_t sum = 0;

	dump_open(fixture, PLENTY, PLENTY);
	for (uint32_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		const struct dump_file file = { .number = i + 1, .size = sizes[i] };
		g_autofree uint8_t *bytes = dump_bytes(sizes[i], i);

		dump_whole(fixture->dump, &file, bytes);
		dump_assert_stored(fixture, i + 1, sizes[i], bytes, sizes[i], "", false);
		sum += sizes[i];
	}
	dump_assert_counts(fixture, G_N_ELEMENTS(sizes), G_N_ELEMENTS(sizes), sum, 0, 0);
	dump_assert_good(fixture);
}

static void test_known_hashes(void **state)
{
	struct dump_fixture *fixture = *state;

	dump_open(fixture, PLENTY, PLENTY);
	dump_whole(fixture->dump, &(struct dump_file){ .number = 1 }, "");
	dump_whole(fixture->dump, &(struct dump_file){ .number = 2, .size = 3 }, "abc");
	/* FIPS 180-4's own example */
	dump_assert_names(
		fixture,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad " DUMP_EMPTY
		" file.000001.json file.000002.json ");
}

static void test_holes(void **state)
{
	static const struct {
		uint64_t size;
		struct {
			uint64_t offset, size;
		} pieces[3];
		const char *missing;
	} cases[] = {
		{ 2 * PAGE, { { PAGE, PAGE } }, "[0,4096]" },
		{ 3 * PAGE, { { 0, PAGE }, { 2 * PAGE, PAGE } }, "[4096,8192]" },
		{ 2 * PAGE, { { 0, PAGE } }, "[4096,8192]" },
		{ 5 * PAGE + 7,
		  { { PAGE, PAGE }, { 3 * PAGE, PAGE } },
		  "[0,4096],[8192,12288],[16384,20487]" },
		{ PAGE + 1, { { PAGE, 1 } }, "[0,4096]" },
		{ PAGE + 1, { { 0, PAGE } }, "[4096,4097]" },
		/* pieces that follow each other are one */
		{ 3 * PAGE,
		  { { PAGE, 1 }, { PAGE + 1, PAGE - 1 }, { 2 * PAGE, PAGE } },
		  "[0,4096]" },
		/* those that go into a file: from the start, by a piece, by its end alone */
		{ 3 * MIB, { { 2 * MIB, PAGE } }, "[0,2097152],[2101248,3145728]" },
		{ 3 * MIB,
		  { { 0, PAGE }, { 2 * MIB, PAGE }, { 3 * MIB - 1, 1 } },
		  "[4096,2097152],[2101248,3145727]" },
		{ 3 * MIB, { { 0, PAGE } }, "[4096,3145728]" },
		{ MIB, { { 0, PAGE } }, "[4096,1048576]" },
		{ MIB + 1, { { MIB, 1 } }, "[0,1048576]" },
	};
	struct dump_fixture *fixture = *state;

	dump_open(fixture, PLENTY, PLENTY);
	for (uint32_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct dump_file file = { .number = i + 1, .size = cases[i].size };
		g_autofree uint8_t *bytes = dump_bytes(cases[i].size, i);
		g_autofree uint8_t *expected = g_malloc0(cases[i].size);

		dump_begin(fixture->dump, &file);
		for (unsigned j = 0; j < 3 && cases[i].pieces[j].size; j++) {
			uint64_t offset = cases[i].pieces[j].offset;
			uint64_t size = cases[i].pieces[j].size;

			memcpy(expected + offset, bytes + offset, size);
			dump_piece(fixture->dump, 0, offset, bytes + offset, size);
		}
		dump_end(fixture->dump, 0);
		dump_assert_stored(fixture, i + 1, file.size, expected, file.size, cases[i].missing,
				   false);
	}
	assert_int_equal(dump_counts(fixture).partial, G_N_ELEMENTS(cases));
	dump_assert_good(fixture);
}

/** What is missing takes no room. */
static void test_holes_are_sparse(void **state)
{
	static const uint64_t places[] = { 0, 20 * MIB, 40 * MIB - 1 };
	struct dump_fixture *fixture = *state;
	struct dump_file file = { .size = 40 * MIB };

	dump_open(fixture, PLENTY, PLENTY);
	for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
		file.number++;
		dump_begin(fixture->dump, &file);
		dump_piece(fixture->dump, 0, places[i], "x", 1);
		dump_end(fixture->dump, 0);
	}
	dump_assert_counts(fixture, 3, 3, 3, 3, 0);
	assert_true(disk_usage(fixture) < MIB);
	for (uint32_t number = 1; number <= file.number; number++) {
		g_autofree char *name = dump_stored_name(fixture, number);
		g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
		struct stat info;

		assert_int_equal(g_stat(path, &info), 0);
		assert_int_equal(info.st_size, 40 * MIB);
	}
}

/** However small the pieces are in which it comes. */
static void test_very_many_pieces(void **state)
{
	const struct dump_file file = { .number = 1, .size = DUMP_RANGES_MAX + 100 };
	struct dump_fixture *fixture = *state;
	g_autofree uint8_t *bytes = dump_bytes(file.size, SEED);

	dump_open(fixture, PLENTY, PLENTY);
	dump_begin(fixture->dump, &file);
	for (uint64_t at = 0; at < file.size; at++)
		dump_piece(fixture->dump, 0, at, bytes + at, 1);
	dump_end(fixture->dump, 0);
	dump_assert_stored(fixture, 1, file.size, bytes, file.size, "", false);
}

static void test_nothing_is_there(void **state)
{
	struct dump_fixture *fixture = *state;

	dump_open(fixture, MIB, PLENTY);
	dump_begin(fixture->dump, &(struct dump_file){ .number = 1, .size = 5 });
	dump_end(fixture->dump, 0);
	dump_begin(fixture->dump, &(struct dump_file){ .number = 2, .size = MIB + 1 });
	dump_end(fixture->dump, 0);
	dump_assert_said(fixture, 1, NULL, 5, "[0,5]", false);
	dump_assert_said(fixture, 2, NULL, MIB + 1, "[0,1048577]", true);
	dump_assert_names(fixture, "file.000001.json file.000002.json ");
	dump_assert_counts(fixture, 2, 0, 0, 2, 0);
}

/** Pieces come at rising offsets: what does not is left out, and not half. */
static void test_pieces_out_of_order(void **state)
{
	const struct dump_file file = { .number = 1, .size = 4 * PAGE };
	struct dump_fixture *fixture = *state;
	g_autofree uint8_t *bytes = dump_bytes(4 * PAGE, SEED);
	g_autofree uint8_t *other = dump_bytes(4 * PAGE, SEED + 1);

	dump_open(fixture, PLENTY, PLENTY);
	dump_begin(fixture->dump, &file);
	dump_piece(fixture->dump, 0, PAGE, bytes + PAGE, PAGE);
	dump_piece(fixture->dump, 0, 0, other, PAGE);		 /* back */
	dump_piece(fixture->dump, 0, PAGE, other, PAGE);	 /* once more */
	dump_piece(fixture->dump, 0, PAGE + 1, other, 2 * PAGE); /* into what is there */
	dump_piece(fixture->dump, 0, 4 * PAGE, other, PAGE);	 /* beyond the end */
	dump_piece(fixture->dump, 0, UINT64_MAX, other, PAGE);
	dump_piece(fixture->dump, 0, 3 * PAGE, bytes + 3 * PAGE, PAGE - 1);
	dump_piece(fixture->dump, 0, 4 * PAGE - 1, bytes + 4 * PAGE - 1, 100); /* across it */
	dump_end(fixture->dump, 0);
	memset(bytes, 0, PAGE);
	memset(bytes + 2 * PAGE, 0, PAGE);
	dump_assert_stored(fixture, 1, 4 * PAGE, bytes, 4 * PAGE, "[0,4096],[8192,12288]", false);
	dump_assert_counts(fixture, 1, 1, 2 * PAGE, 1, 0);
}

/** A guest's page cache has as many holes as it likes; what is not noted is not taken either. */
static void test_very_many_holes(void **state)
{
	const uint32_t most = DUMP_RANGES_MAX;
	const struct dump_file file = { .number = 1, .size = 2 * (most + 100) };
	struct dump_fixture *fixture = *state;
	g_autofree char *expected = g_malloc0(file.size);
	g_autoptr(GString) missing = g_string_new(NULL);

	dump_open(fixture, PLENTY, PLENTY);
	dump_begin(fixture->dump, &file);
	for (uint32_t i = 0; i < most + 100; i++)
		dump_piece(fixture->dump, 0, 2 * i, "x", 1);
	dump_end(fixture->dump, 0);
	for (uint32_t i = 0; i < most; i++) {
		expected[2 * i] = 'x';
		if (i < most - 1)
			g_string_append_printf(missing, "[%u,%u],", 2 * i + 1, 2 * i + 2);
	}
	g_string_append_printf(missing, "[%u,%" G_GUINT64_FORMAT "]", 2 * most - 1, file.size);
	dump_assert_stored(fixture, 1, file.size, expected, file.size, missing->str, false);
	dump_assert_counts(fixture, 1, 1, most, 1, 0);
}

/* Limits ----------------------------------------------------------------------------------------*/

static void test_max_size(void **state)
{
	static const uint64_t limits[] = { 1, PAGE - 1, PAGE, MIB, MIB + PAGE };
	struct dump_fixture *fixture = *state;
	g_autofree uint8_t *bytes = dump_bytes(2 * MIB, SEED);

	for (uint32_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		uint64_t limit = limits[i];
		g_autofree char *missing = g_strdup_printf(
			"[%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "]", limit, 2 * MIB);

		dump_open(fixture, limit, PLENTY);
		dump_whole(fixture->dump, &(struct dump_file){ .number = 1, .size = 2 * MIB },
			   bytes);
		dump_whole(fixture->dump, &(struct dump_file){ .number = 2, .size = limit + 1 },
			   bytes);
		dump_whole(fixture->dump, &(struct dump_file){ .number = 3, .size = limit }, bytes);
		dump_assert_stored(fixture, 1, 2 * MIB, bytes, limit, missing, true);
		dump_assert_stored(fixture, 3, limit, bytes, limit, "", false);
		/* and what all three have is there once */
		dump_assert_counts(fixture, 3, 1, limit, 2, 0);
		dump_assert_good(fixture);
		dump_next(fixture);
	}
}

static void test_max_total(void **state)
{
	struct dump_fixture *fixture = *state;
	g_autofree char *names = NULL;

	dump_open(fixture, PLENTY, 4 * MIB);
	for (uint32_t number = 1; number <= 100; number++)
		dump_seeded(fixture, number, 300 * KIB, number);
	dump_assert_counts(fixture, 100, 13, 13 * 300 * KIB, 0, 87);
	/* there still is room for a smaller one, and to tell of one of which there is a copy */
	dump_seeded(fixture, 101, PAGE, 101);
	dump_seeded(fixture, 102, 300 * KIB, 1);
	dump_assert_counts(fixture, 102, 14, 13 * 300 * KIB + PAGE, 0, 87);
	assert_true(disk_usage(fixture) <= 4 * MIB);
	names = dump_names(fixture->folder);
	assert_null(strstr(names, "file.000014.json"));
	assert_non_null(strstr(names, "file.000102.json"));
	dump_assert_good(fixture);
}

/** A large one that does not fit leaves nothing behind. */
static void test_max_total_of_one(void **state)
{
	struct dump_fixture *fixture = *state;

	dump_open(fixture, PLENTY, 2 * MIB);
	dump_seeded(fixture, 1, 2 * MIB, SEED);
	dump_assert_names(fixture, "");
	dump_assert_counts(fixture, 1, 0, 0, 0, 1);
	dump_assert_good(fixture);
}

/** Where nothing can be written any more nothing is done for it. */
static void test_max_total_is_reached(void **state)
{
	struct dump_fixture *fixture = *state;
	g_autofree uint8_t *bytes = dump_bytes(MIB + PAGE, SEED);

	dump_open(fixture, PLENTY, PAGE - 1);
	dump_begin(fixture->dump, &(struct dump_file){ .number = 1, .size = MIB + PAGE });
	for (uint64_t at = 0; at < MIB + PAGE; at += PAGE)
		dump_piece(fixture->dump, 0, at, bytes + at, PAGE);
	dump_assert_names(fixture, "");
	dump_end(fixture->dump, 0);
	dump_assert_names(fixture, "");
	dump_assert_counts(fixture, 1, 0, 0, 0, 1);
	dump_assert_good(fixture);
}

/** What is said of files takes room as well: a guest can delete the same one for ever. */
static void test_max_total_of_metadata(void **state)
{
	static char name[WV_TEXT_MAX];
	struct dump_fixture *fixture = *state;
	struct dump_file file = { .size = 3 };

	dump_open(fixture, PLENTY, MIB);
	for (file.number = 1; file.number <= 1000; file.number++)
		dump_whole(fixture->dump, &file, "abc");
	dump_assert_counts(fixture, 1000, 1, 3, 0, 1000 - (MIB / PAGE - 1));
	assert_true(disk_usage(fixture) <= MIB);

	/* a long name makes it long, and six times so where it has to be escaped */
	memset(name, 1, sizeof(name));
	file.name = (struct wv_bytes){ name, sizeof(name) };
	dump_next(fixture);
	dump_open(fixture, PLENTY, MIB);
	for (file.number = 1; file.number <= 10; file.number++)
		dump_whole(fixture->dump, &file, "abc");
	dump_assert_counts(fixture, 10, 1, 3, 0, 8);
	assert_true(disk_usage(fixture) <= MIB);
}

/** A file of any length costs a guest nothing, but its hash would cost us: that is bounded. */
static void test_long_holes(void **state)
{
	struct dump_fixture *fixture = *state;
	struct dump_file file = { .size = UINT64_MAX };
	gint64 start = g_get_monotonic_time();

	dump_open(fixture, 4 * MIB, 16 * MIB);
	for (file.number = 1; file.number <= 10000; file.number++) {
		dump_begin(fixture->dump, &file);
		dump_piece(fixture->dump, 0, 0, &file.number, sizeof(file.number));
		if (file.number % 2)
			dump_piece(fixture->dump, 0, 4 * MIB - 4, &file.number,
				   sizeof(file.number));
		dump_end(fixture->dump, 0);
	}
	/* twice the total, 4 MiB each but for a few bytes */
	assert_int_equal(dump_counts(fixture).contents, 8);
	assert_int_equal(dump_counts(fixture).refused, 10000 - 8);
	assert_int_equal(dump_counts(fixture).partial, 8);
	assert_true(g_get_monotonic_time() - start < 20 * G_USEC_PER_SEC);
	/* what is whole comes all the same */
	dump_seeded(fixture, 20000, 2 * MIB, SEED);
	assert_int_equal(dump_counts(fixture).contents, 9);
	dump_assert_good(fixture);
}

/* Many ------------------------------------------------------------------------------------------*/

static void test_same_content(void **state)
{
	static const uint64_t sizes[] = { 100, MIB, 2 * MIB };
	struct dump_fixture *fixture = *state;
	uint32_t number = 1;
	uint64_t sum = 0;

	dump_open(fixture, PLENTY, PLENTY);
	for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++, number += 3) {
		g_autofree uint8_t *bytes = dump_bytes(sizes[i], SEED);

		for (uint32_t j = 0; j < 3; j++)
			dump_seeded(fixture, number + j, sizes[i], SEED);
		for (uint32_t j = 0; j < 3; j++)
			dump_assert_stored(fixture, number + j, sizes[i], bytes, sizes[i], "",
					   false);
		sum += sizes[i];
	}
	dump_assert_counts(fixture, 9, 3, sum, 0, 0);
	dump_assert_good(fixture);
}

/** Zeros that were there, and zeros that were not: one content, of which different things are said.
 */
static void test_same_content_with_a_hole(void **state)
{
	static const char zeros[PAGE];
	struct dump_fixture *fixture = *state;

	dump_open(fixture, PLENTY, PLENTY);
	dump_whole(fixture->dump, &(struct dump_file){ .number = 1, .size = PAGE }, zeros);
	dump_begin(fixture->dump, &(struct dump_file){ .number = 2, .size = PAGE });
	dump_piece(fixture->dump, 0, 0, zeros, 1);
	dump_end(fixture->dump, 0);
	dump_assert_stored(fixture, 1, PAGE, zeros, PAGE, "", false);
	dump_assert_stored(fixture, 2, PAGE, zeros, PAGE, "[1,4096]", false);
	dump_assert_counts(fixture, 2, 1, PAGE, 1, 0);
}

static void test_rings(void **state)
{
	enum { RINGS = 5, SIZE = 3 * 1048576 + 17 };
	static const unsigned order[RINGS] = { 3, WV_RINGS_MAX - 1, 0, 1, 40 };
	struct dump_fixture *fixture = *state;
	uint8_t *bytes[RINGS];

	dump_open(fixture, PLENTY, PLENTY);
	for (uint32_t i = 0; i < RINGS; i++) {
		bytes[i] = dump_bytes(SIZE, i);
		dump_begin(fixture->dump,
			   &(struct dump_file){ .ring = order[i], .number = i + 1, .size = SIZE });
	}
	for (uint64_t at = 0; at < SIZE; at += WV_TEXT_MAX)
		for (unsigned i = 0; i < RINGS; i++)
			dump_piece(fixture->dump, order[i], at, bytes[i] + at,
				   MIN(SIZE - at, WV_TEXT_MAX));
	for (unsigned i = RINGS; i-- > 0;)
		dump_end(fixture->dump, order[i]);
	for (uint32_t i = 0; i < RINGS; i++) {
		dump_assert_stored(fixture, i + 1, SIZE, bytes[i], SIZE, "", false);
		g_free(bytes[i]);
	}
	dump_assert_counts(fixture, RINGS, RINGS, (uint64_t)RINGS * SIZE, 0, 0);
	dump_assert_good(fixture);
}

/** With --drop-when-slow an end may be lost, and so may a row. */
static void test_ends_that_never_come(void **state)
{
	struct dump_fixture *fixture = *state;
	g_autofree uint8_t *bytes = dump_bytes(2 * MIB, SEED);

	dump_open(fixture, PLENTY, PLENTY);
	/* of nothing: a row was lost */
	dump_piece(fixture->dump, 0, 0, bytes, PAGE);
	dump_end(fixture->dump, 0);
	/* the next one begins */
	dump_begin(fixture->dump, &(struct dump_file){ .number = 1, .size = 2 * PAGE });
	dump_piece(fixture->dump, 0, 0, bytes, PAGE);
	dump_begin(fixture->dump, &(struct dump_file){ .number = 2, .size = PAGE });
	dump_piece(fixture->dump, 0, 0, bytes, PAGE);
	dump_end(fixture->dump, 0);
	dump_end(fixture->dump, 0); /* once is enough */
	/* QEMU is gone, large and small ones being half there */
	dump_begin(fixture->dump, &(struct dump_file){ .number = 3, .size = 2 * MIB });
	for (uint64_t at = 0; at < MIB + PAGE; at += PAGE)
		dump_piece(fixture->dump, 0, at, bytes + at, PAGE);
	dump_begin(fixture->dump, &(struct dump_file){ .ring = 1, .number = 4, .size = 1 });
	wv_dump_finish(fixture->dump);
	memset(bytes + MIB + PAGE, 0, MIB - PAGE);
	dump_assert_stored(fixture, 2, PAGE, bytes, PAGE, "", false);
	dump_assert_stored(fixture, 3, 2 * MIB, bytes, 2 * MIB, "[1052672,2097152]", false);
	dump_assert_said(fixture, 4, NULL, 1, "[0,1]", false);
	memset(bytes + PAGE, 0, PAGE);
	dump_assert_stored(fixture, 1, 2 * PAGE, bytes, 2 * PAGE, "[4096,8192]", false);
	dump_assert_counts(fixture, 4, 3, 2 * PAGE + MIB + PAGE, 3, 0);
	dump_assert_good(fixture);
}

/** Nor does one that is freed leave a file without a name. */
static void test_free_in_between(void **state)
{
	struct dump_fixture *fixture = *state;
	g_autofree uint8_t *bytes = dump_bytes(2 * MIB, SEED);
	g_autofree char *names = NULL;

	dump_open(fixture, PLENTY, PLENTY);
	dump_begin(fixture->dump, &(struct dump_file){ .number = 1, .size = 2 * MIB });
	for (uint64_t at = 0; at < 2 * MIB; at += WV_TEXT_MAX)
		dump_piece(fixture->dump, 0, at, bytes + at, WV_TEXT_MAX);
	names = dump_names(fixture->folder);
	assert_string_equal(names, ".incomplete-0 ");
	wv_dump_free(g_steal_pointer(&fixture->dump));
	dump_assert_stored(fixture, 1, 2 * MIB, bytes, 2 * MIB, "", false);
}

static void test_list_of_files(void **state)
{
	struct dump_fixture *fixture = *state;
	const struct wv_dump_file *files;
	unsigned count;

	dump_open(fixture, PLENTY, PLENTY);
	files = wv_dump_files(fixture->dump, &count);
	assert_int_equal(count, 0);
	dump_whole(fixture->dump,
		   &(struct dump_file){
			   .number = 1, .size = 3, .name = BYTES("C:\\x"), .reason = DUMP_WRITTEN },
		   "abc");
	dump_begin(fixture->dump, &(struct dump_file){ .number = 2, .size = 9 });
	for (uint32_t number = 3; number < WV_DUMP_FILES_MAX + 50; number++)
		dump_begin(fixture->dump, &(struct dump_file){ .number = number });
	wv_dump_finish(fixture->dump);

	files = wv_dump_files(fixture->dump, &count);
	assert_int_equal(count, WV_DUMP_FILES_MAX);
	assert_int_equal(files[0].number, 1);
	assert_int_equal(files[0].pid, 12);
	assert_string_equal(files[0].name, "C:\\x");
	assert_string_equal(files[0].process, "bash");
	assert_string_equal(files[0].reason, "WriteFile");
	assert_int_equal(files[0].size, 3);
	assert_int_equal(files[0].missing, 0);
	assert_memory_equal(files[0].sha256, "ba7816bf", 8);
	assert_string_equal(files[1].reason, "DeleteFile");
	assert_int_equal(files[1].missing, 9);
	assert_string_equal(files[1].sha256, "");
	assert_int_equal(files[WV_DUMP_FILES_MAX - 1].number, WV_DUMP_FILES_MAX);
	assert_int_equal(dump_counts(fixture).files, WV_DUMP_FILES_MAX + 49);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, dump_set_up, dump_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_sizes),
		WITH(test_known_hashes),
		WITH(test_holes),
		WITH(test_holes_are_sparse),
		WITH(test_nothing_is_there),
		WITH(test_pieces_out_of_order),
		WITH(test_very_many_holes),
		WITH(test_very_many_pieces),
		WITH(test_max_size),
		WITH(test_max_total),
		WITH(test_max_total_of_one),
		WITH(test_max_total_is_reached),
		WITH(test_max_total_of_metadata),
		WITH(test_long_holes),
		WITH(test_same_content),
		WITH(test_same_content_with_a_hole),
		WITH(test_rings),
		WITH(test_ends_that_never_come),
		WITH(test_free_in_between),
		WITH(test_list_of_files),
	};

	return cmocka_run_group_tests_name("dump", tests, NULL, NULL);
}
