/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder of a dump: nothing is written but what is to be, whatever the guest and others do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "dump_fixture.h"
#include "file_limit.h"
#include "temp_folder.h"

#define MIB    DUMP_MIB
#define PLENTY (64 * MIB)
#define PAGE   UINT64_C(4096)
#define SEED   7

static int tear_down(void **state)
{
	return file_limit_end() ? dump_tear_down(state) : -1;
}

/* What the guest says ---------------------------------------------------------------------------*/

static void test_event_in_metadata(void **state)
{
	struct dump_fixture *fixture = *state;
	struct json_object *metadata;

	dump_open(fixture, PLENTY, PLENTY);
	dump_whole(fixture->dump, &(struct dump_file){ .number = 1, .size = 3 }, "abc");
	metadata = dump_metadata(fixture->folder, 1);
	json_object_object_del(metadata, "Content");
	assert_string_equal(
		json_object_to_json_string_ext(metadata, JSON_C_TO_STRING_PLAIN |
								 JSON_C_TO_STRING_NOSLASHESCAPE),
		"{\"Plugin\":\"filedelete\",\"TimeStamp\":\"1234567890.123456\",\"PID\":12,"
		"\"PPID\":1,\"TID\":13,\"UserName\":\"UID\",\"UserId\":1000,"
		"\"ProcessName\":\"bash\",\"Method\":\"NtClose\",\"EventUID\":\"0x2a\","
		"\"FileName\":\"/tmp/x\",\"SeqNum\":1,\"Reason\":\"DeleteFile\"}");
	json_object_put(metadata);
}

/** Names are words in the metadata: no file has them. */
static void test_names_of_the_guest(void **state)
{
	static char long_name[WV_TEXT_MAX];
	const struct {
		struct wv_bytes name;
		const char *shown; /* NULL: as it is */
	} cases[] = {
		{ BYTES("../../../../../../../../../../tmp/wyvern-test-evil"), NULL },
		{ BYTES("/etc/passwd"), NULL },
		{ BYTES(".."), NULL },
		{ BYTES("a\nb\"}\r\t\\\x1b[2J"), NULL },
		{ BYTES("\xff\xfe\xc3"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ BYTES("\xed\xa0\x80\xe2\x80\xa8"),
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xe2\x80\xa8" },
		{ BYTES("%s%n%p"), NULL },
		{ { "", 0 }, NULL },
		{ { long_name, sizeof(long_name) }, NULL },
	};
	struct dump_fixture *fixture = *state;
	g_autoptr(GString) names = g_string_new(NULL);
	g_autofree char *around = NULL;

	memset(long_name, 'x', sizeof(long_name));
	dump_open(fixture, PLENTY, PLENTY);
	for (uint32_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct dump_file file = { .number = i + 1, .name = cases[i].name };
		struct json_object *metadata, *name;

		dump_whole(fixture->dump, &file, NULL);
		metadata = dump_metadata(fixture->folder, i + 1);
		assert_true(json_object_object_get_ex(metadata, "FileName", &name));
		if (cases[i].shown)
			assert_string_equal(json_object_get_string(name), cases[i].shown);
		else
			assert_memory_equal(json_object_get_string(name), cases[i].name.data,
					    cases[i].name.size);
		json_object_put(metadata);
		g_string_append_printf(names, "file.%06u.json ", i + 1);
	}
	g_string_prepend(names, DUMP_EMPTY " ");
	dump_assert_names(fixture, names->str);
	around = dump_names(temp_folder);
	assert_string_equal(around, "dump ");
	assert_false(g_file_test("/tmp/wyvern-test-evil", G_FILE_TEST_EXISTS));
	dump_assert_good(fixture);
}

/** A writer that was corrupted: what it says may be wrong, what we write is not. */
static void test_lies(void **state)
{
	struct dump_fixture *fixture = *state;

	dump_open(fixture, MIB, PLENTY);
	dump_begin(fixture->dump, &(struct dump_file){ .number = UINT32_MAX, .size = UINT64_MAX });
	dump_piece(fixture->dump, 0, 0, "abc", 3);
	dump_piece(fixture->dump, 0, UINT64_MAX - 1, "abc", 3);
	dump_end(fixture->dump, 0);
	dump_assert_good(fixture);

	g_autofree char *text = dump_content_text(fixture->folder, UINT32_MAX);

	assert_non_null(strstr(text, "\"Missing\":[[3,18446744073709551615]],\"Truncated\":true}"));
	/* a number that was there: nothing is overwritten, and that is told */
	dump_begin(fixture->dump, &(struct dump_file){ .number = UINT32_MAX, .size = 1 });
	dump_end(fixture->dump, 0);
	assert_false(wv_dump_check(fixture->dump, NULL));

	g_autofree char *again = dump_content_text(fixture->folder, UINT32_MAX);

	assert_string_equal(again, text);
}

/* The folder ------------------------------------------------------------------------------------*/

static void assert_refuses(const char *path, const char *word)
{
	g_autoptr(GError) error = NULL;

	assert_null(wv_dump_open(path, MIB, MIB, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	assert_non_null(strstr(error->message, path));
	assert_non_null(strstr(error->message, word));
}

static void test_folder_is_made(void **state)
{
	struct dump_fixture *fixture = *state;
	struct stat info;

	dump_open(fixture, MIB, MIB);
	assert_int_equal(g_stat(fixture->folder, &info), 0);
	assert_true(S_ISDIR(info.st_mode));
	assert_int_equal(info.st_mode & 07777, 0700);
	dump_assert_names(fixture, "");
	wv_dump_free(g_steal_pointer(&fixture->dump));
	dump_open(fixture, MIB, MIB); /* nothing was put into it, so it can be used */
}

static void test_folder_that_is_not_empty(void **state)
{
	static const char *const names[] = { "x", ".hidden", "file.000001.json" };
	struct dump_fixture *fixture = *state;

	assert_int_equal(g_mkdir(fixture->folder, 0700), 0);
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(fixture->folder, names[i], NULL);

		assert_true(g_file_set_contents(path, "", 0, NULL));
		assert_refuses(fixture->folder, "not empty");
		assert_int_equal(g_unlink(path), 0);
	}
	dump_open(fixture, MIB, MIB);
}

static void test_folders_that_are_none(void **state)
{
	struct dump_fixture *fixture = *state;
	g_autofree char *below = g_build_filename(fixture->folder, "below", NULL);

	assert_refuses(below, "No such file"); /* only the last one is made */
	assert_true(g_file_set_contents(fixture->folder, "", 0, NULL));
	assert_refuses(fixture->folder, "Not a directory");
	assert_refuses(below, "Not a directory");
	assert_int_equal(g_unlink(fixture->folder), 0);
	assert_int_equal(symlink("nowhere", fixture->folder), 0);
	assert_refuses(fixture->folder, "No such file");
}

/** The user's own link, to an empty folder, is as good as that folder. */
static void test_folder_that_is_a_link(void **state)
{
	struct dump_fixture *fixture = *state;
	g_autofree char *real = g_build_filename(temp_folder, "real", NULL);
	g_autofree char *names = NULL;

	assert_int_equal(g_mkdir(real, 0700), 0);
	assert_int_equal(symlink("real", fixture->folder), 0);
	dump_open(fixture, MIB, MIB);
	dump_whole(fixture->dump, &(struct dump_file){ .number = 1 }, NULL);
	names = dump_names(real);
	assert_string_equal(names, DUMP_EMPTY " file.000001.json ");
}

/** It is told before anything is watched. Whoever may write everywhere becomes nobody for it. */
static void test_folder_that_can_not_be_written(void **state)
{
	struct dump_fixture *fixture = *state;
	bool almighty = geteuid() == 0;

	assert_int_equal(g_mkdir(fixture->folder, 0555), 0);
	assert_int_equal(g_chmod(temp_folder, 0711), 0);
	assert_int_equal(g_chmod(fixture->folder, 0555), 0);
	if (almighty)
		assert_int_equal(seteuid(65534), 0);
	assert_refuses(fixture->folder, "Permission denied");
	if (almighty)
		assert_int_equal(seteuid(0), 0);
}

/** Someone puts links into the folder: what they lead to is not touched. */
static void assert_link_is_not_followed(struct dump_fixture *fixture, const char *name,
					uint64_t size)
{
	g_autofree char *target = g_build_filename(temp_folder, "target", NULL);
	g_autofree char *link = g_build_filename(fixture->folder, name, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	dump_open(fixture, PLENTY, PLENTY);
	assert_true(g_file_set_contents(target, "precious", -1, NULL));
	assert_int_equal(symlink(target, link), 0);
	dump_seeded(fixture, 1, size, SEED);
	assert_false(wv_dump_check(fixture->dump, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
	assert_non_null(strstr(error->message, "File exists"));
	assert_true(g_file_get_contents(target, &text, NULL, NULL));
	assert_string_equal(text, "precious");
	assert_int_equal(g_unlink(link), 0); /* it is there still */
	dump_next(fixture);
}

static void test_links_in_the_folder(void **state)
{
	struct dump_fixture *fixture = *state;

	for (unsigned i = 0; i < 2; i++) {
		uint64_t size = i ? 2 * MIB : 100;
		g_autofree uint8_t *bytes = dump_bytes(size, SEED);
		g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, size);

		assert_link_is_not_followed(fixture, hash, size);
		assert_link_is_not_followed(fixture, "file.000001.json", size);
	}
	assert_link_is_not_followed(fixture, ".incomplete-0", 2 * MIB);
}

/** The folder goes away, and another one comes in its place: nothing is written into that. */
static void test_folder_that_goes(void **state)
{
	struct dump_fixture *fixture = *state;

	dump_open(fixture, PLENTY, PLENTY);
	assert_int_equal(g_rmdir(fixture->folder), 0);
	assert_int_equal(g_mkdir(fixture->folder, 0700), 0);
	dump_seeded(fixture, 1, 1, SEED);
	assert_false(wv_dump_check(fixture->dump, NULL));
	dump_assert_names(fixture, "");
}

/* A disk that is full ---------------------------------------------------------------------------*/

/** Once it is told, and nothing of it is left; more does not come. */
static void assert_full(struct dump_fixture *fixture, rlim_t limit, uint64_t size, const char *left)
{
	g_autoptr(GError) error = NULL;

	dump_open(fixture, PLENTY, PLENTY);
	file_limit_begin(limit);
	dump_seeded(fixture, 1, size, SEED);
	assert_true(file_limit_end());
	dump_seeded(fixture, 2, 10, SEED);
	assert_false(wv_dump_check(fixture->dump, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
	assert_non_null(strstr(error->message, fixture->folder));
	assert_non_null(strstr(error->message, "File too large"));
	assert_true(wv_dump_check(fixture->dump, NULL));
	dump_assert_names(fixture, left);
	assert_int_equal(dump_counts(fixture).files, 2);
	assert_int_equal(dump_counts(fixture).contents, *left ? 1 : 0);
}

static void test_full_by_a_content(void **state)
{
	assert_full(*state, 1000, 2000, "");
}

static void test_full_by_a_large_content(void **state)
{
	assert_full(*state, MIB + PAGE, 3 * MIB, "");
}

/** As it goes from memory to a file. */
static void test_full_by_a_content_that_grows(void **state)
{
	assert_full(*state, MIB - PAGE, 3 * MIB, "");
}

/** By its last byte, which is not there. */
static void test_full_by_a_hole(void **state)
{
	struct dump_fixture *fixture = *state;
	unsigned count;

	dump_open(fixture, PLENTY, PLENTY);
	file_limit_begin(2 * MIB);
	dump_begin(fixture->dump, &(struct dump_file){ .number = 1, .size = 3 * MIB });
	dump_piece(fixture->dump, 0, 0, "x", 1);
	dump_end(fixture->dump, 0);
	assert_true(file_limit_end());
	assert_false(wv_dump_check(fixture->dump, NULL));
	dump_assert_names(fixture, "");
	assert_string_equal(wv_dump_files(fixture->dump, &count)->sha256, "");
	assert_int_equal(count, 1);
}

/** Half a line of JSON is none. */
static void test_full_by_metadata(void **state)
{
	assert_full(*state, 100, 0, DUMP_EMPTY " ");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, dump_set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_event_in_metadata),
		WITH(test_names_of_the_guest),
		WITH(test_lies),
		WITH(test_folder_is_made),
		WITH(test_folder_that_is_not_empty),
		WITH(test_folders_that_are_none),
		WITH(test_folder_that_is_a_link),
		WITH(test_folder_that_can_not_be_written),
		WITH(test_links_in_the_folder),
		WITH(test_folder_that_goes),
		WITH(test_full_by_a_content),
		WITH(test_full_by_a_large_content),
		WITH(test_full_by_a_content_that_grows),
		WITH(test_full_by_a_hole),
		WITH(test_full_by_metadata),
	};

	return cmocka_run_group_tests_name("dump_folder", tests, NULL, NULL);
}
