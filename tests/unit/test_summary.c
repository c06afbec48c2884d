/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary.json: its exact form, whatever the texts hold, and files that can not be written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <json-c/json.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/error.h"
#include "dump_fixture.h"
#include "sandbox/summary.h"
#include "temp_folder.h"

struct fixture {
	char *folder;
	char *path;
	struct wv_summary summary;
	struct dump_fixture *dump; /* whose files it tells of; or NULL */
};

static const char *const plugins[] = { "procmon", "syscalls", NULL };
static const struct wv_summary_events events[] = { { "procmon", 12 }, { "syscalls", UINT64_MAX } };
static char *const arguments[] = { (char *)"-v", (char *)"", NULL };
static char *const tail[] = { (char *)"last lines", (char *)"...", NULL };

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.folder = g_dir_make_tmp("wyvern-summary-XXXXXX", NULL);
	fixture.path = g_build_filename(fixture.folder, "summary.json", NULL);
	fixture.summary = (struct wv_summary){
		.sample = { .path = "./x",
			    .name = "x",
			    .size = 3,
			    .arguments = arguments,
			    .guest_path = "/tmp/x",
			    .user = "root" },
		.template = { .name = "default",
			      .kernel = "6.1.0-50-cloud-amd64",
			      .memory = 536870912,
			      .vcpus = 1,
			      .created = "2026-11-21T09:00:00Z" },
		.wyvern_version = "0.1.0",
		.qemu_version = "10.0.2",
		.plugins = plugins,
		.events = events,
		.n_events = G_N_ELEMENTS(events),
		.dropped = 1,
		.suppressed = 2,
		.unpaired = 3,
		.overflowed = 4,
		.unreadable = 5,
		.incomplete = 7,
		.malformed = 6,
		.end = WV_END_SAMPLE_ENDED,
		.sample_exit = { .known = true, .pid = 80, .status = 3 },
		.console = { .bytes = 100, .tail = tail },
		.network = "none",
		.jail = "bwrap",
		.started_ns = UINT64_C(1795251600123456789),
		.durations = { 0.05, 0.02, 0.0000014, 1, 2.25 },
	};
	wv_summary_hash(&fixture.summary.sample.hashes, "abc", 3);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	g_unlink(fixture->path);
	if (g_rmdir(fixture->folder) < 0) /* nothing else may be in it */
		return -1;
	g_free(fixture->path);
	g_free(fixture->folder);
	return 0;
}

static char *write_and_read(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	char *text;

	if (!wv_summary_write(&fixture->summary, fixture->path, &error))
		fail_msg("%s", error->message);
	assert_true(g_file_get_contents(fixture->path, &text, NULL, NULL));
	assert_true(g_utf8_validate(text, -1, NULL));
	return text;
}

/** Writes it, and takes out one member: "durations.total". To be freed. */
static char *member(struct fixture *fixture, const char *path)
{
	g_autofree char *text = write_and_read(fixture);
	g_auto(GStrv) keys = g_strsplit(path, ".", 0);
	struct json_object *all = json_tokener_parse(text), *object = all;
	char *found;

	assert_non_null(all);
	for (char **key = keys; *key; key++)
		assert_true(json_object_object_get_ex(object, *key, &object));
	found = g_strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
	json_object_put(all);
	return found;
}

static void assert_member(struct fixture *fixture, const char *path, const char *expected)
{
	g_autofree char *found = member(fixture, path);

	assert_string_equal(found, expected);
}

static void test_form(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = write_and_read(fixture);
	struct json_object *object = json_tokener_parse(text);

	assert_true(g_str_has_suffix(text, "}\n"));
	assert_non_null(strstr(text, "\n  \"sample\""));
	assert_string_equal(
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE),
		"{\"sample\":{\"path\":\"./x\",\"name\":\"x\",\"size\":3,"
		"\"md5\":\"900150983cd24fb0d6963f7d28e17f72\","
		"\"sha1\":\"a9993e364706816aba3e25717850c26c9cd0d89d\","
		"\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
		"\"arguments\":[\"-v\",\"\"],\"guest_path\":\"/tmp/x\",\"user\":\"root\"},"
		"\"template\":{\"name\":\"default\",\"kernel\":\"6.1.0-50-cloud-amd64\","
		"\"memory\":536870912,\"vcpus\":1,\"created\":\"2026-11-21T09:00:00Z\"},"
		"\"versions\":{\"wyvern\":\"0.1.0\",\"qemu\":\"10.0.2\"},"
		"\"plugins\":[\"procmon\",\"syscalls\"],"
		"\"events\":{\"procmon\":12,\"syscalls\":18446744073709551615},"
		"\"dropped\":1,\"suppressed\":2,\"unpaired\":3,\"overflowed\":4,"
		"\"unreadable\":5,\"incomplete\":7,\"malformed\":6,"
		"\"end\":\"sample-ended\",\"exit_code\":0,"
		"\"sample_exit\":{\"pid\":80,\"status\":3,\"signal\":null},\"error\":null,"
		"\"console\":{\"bytes\":100,\"truncated\":false,"
		"\"tail\":[\"last lines\",\"...\"]},\"files\":null,"
		"\"network\":\"none\",\"jail\":\"bwrap\","
		"\"started\":\"2026-11-21T09:00:00.123456Z\","
		"\"durations\":{\"clone\":0.050000,\"hand_in\":0.020000,\"arm\":0.000001,"
		"\"sample\":1.000000,\"total\":2.250000}}");
	json_object_put(object);
}

static void test_what_is_not_known(void **state)
{
	struct fixture *fixture = *state;

	fixture->summary.sample_exit.known = false;
	fixture->summary.sample.arguments = NULL;
	fixture->summary.console.tail = NULL;
	fixture->summary.plugins = NULL;
	fixture->summary.n_events = 0;
	fixture->summary.durations.sample = -1;
	fixture->summary.durations.total = (double)NAN;
	fixture->summary.durations.arm = (double)INFINITY;
	assert_member(fixture, "sample_exit", "null");
	assert_member(fixture, "sample.arguments", "[]");
	assert_member(fixture, "console.tail", "[]");
	assert_member(fixture, "plugins", "[]");
	assert_member(fixture, "events", "{}");
	assert_member(fixture, "durations.sample", "null");
	assert_member(fixture, "durations.total", "null");
	assert_member(fixture, "durations.arm", "null");
}

static void test_signal(void **state)
{
	struct fixture *fixture = *state;

	fixture->summary.sample_exit.signal = "SIGSEGV";
	assert_member(fixture, "sample_exit",
		      "{\"pid\":80,\"status\":null,\"signal\":\"SIGSEGV\"}");
}

static void test_ends(void **state)
{
	static const char *const names[] = {
		"failed",     "sample-ended", "sample-not-started",
		"time-limit", "guest-ended",  "guest-crashed",
		"qemu-died",  "interrupted",  "output-failed",
	};

	(void)state;
	assert_int_equal(WV_END_COUNT, G_N_ELEMENTS(names));
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
		assert_string_equal(wv_end_name((enum wv_end)i), names[i]);
}

static void test_any_bytes(void **state)
{
	static char *const bytes[] = { (char *)"\xff\xfe", (char *)"\x1b[2J\"\\\n\x7f", NULL };
	struct fixture *fixture = *state;

	fixture->summary.sample.path = "a\xff/\xc3";
	fixture->summary.error = "\xed\xa0\x80\xc3\xa4";
	fixture->summary.sample.arguments = bytes;
	assert_member(fixture, "sample.path", "\"a\xef\xbf\xbd\\/\xef\xbf\xbd\"");
	assert_member(fixture, "error", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa4\"");
	assert_member(fixture, "sample.arguments",
		      "[\"\xef\xbf\xbd\xef\xbf\xbd\",\"\\u001b[2J\\\"\\\\\\n\x7f\"]");
}

/** A dump of these files, in a folder of its own. */
static void summarize_files(struct fixture *fixture, const struct dump_file *files, unsigned count,
			    uint64_t max_total)
{
	struct dump_fixture *dump;

	assert_int_equal(dump_set_up((void **)&dump), 0);
	dump_open(dump, DUMP_MIB, max_total);
	for (unsigned i = 0; i < count; i++) {
		dump_begin(dump->dump, &files[i]);
		dump_piece(dump->dump, 0, 0, "abc", 3);
		dump_end(dump->dump, 0);
	}
	fixture->dump = dump;
	fixture->summary.dump = dump->dump;
}

static int remove_files(void **state)
{
	struct fixture *fixture = *state;
	void *dump = fixture->dump;

	return teardown(state) | dump_tear_down(&dump);
}

static void test_no_files(void **state)
{
	summarize_files(*state, NULL, 0, DUMP_MIB);
	assert_member(*state, "files",
		      "{\"count\":0,\"contents\":0,\"bytes\":0,\"partial\":0,\"refused\":0,"
		      "\"dropped\":[],\"deleted\":[]}");
}

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void test_files(void **state)
{
	static const struct dump_file files[] = {
		{ .number = 1, .size = 3, .name = BYTES("C:\\x\xff\n"), .reason = DUMP_WRITTEN },
		{ .number = 2, .size = 5000 },
		{ .number = 3, .size = 3 },
		{ .number = 4, .size = 4 },
	};

	/* room for two contents and what is said of three files: the last one's is another one */
	summarize_files(*state, files, G_N_ELEMENTS(files), UINT64_C(5) * 4096);
	assert_member(*state, "files.count", "4");
	assert_member(*state, "files.contents", "2");
	assert_member(*state, "files.bytes", "6");
	assert_member(*state, "files.partial", "1");
	assert_member(*state, "files.refused", "1");
	assert_member(
		*state, "files.dropped",
		"[{\"number\":1,\"name\":\"C:\\\\x\xef\xbf\xbd\\n\",\"process\":\"bash\","
		"\"pid\":12,\"reason\":\"WriteFile\",\"size\":3,\"missing\":0,\"sha256\":\"" ABC
		"\"}]");

	g_autofree char *deleted = member(*state, "files.deleted");

	assert_true(g_str_has_prefix(
		deleted, "[{\"number\":2,\"name\":\"\\/tmp\\/x\",\"process\":\"bash\",\"pid\":12,"
			 "\"reason\":\"DeleteFile\",\"size\":5000,\"missing\":4997,\"sha256\":\""));
	assert_non_null(strstr(deleted, "\"size\":3,\"missing\":0,\"sha256\":\"" ABC "\"},"));
	assert_true(g_str_has_suffix(deleted, "\"size\":4,\"missing\":4,\"sha256\":null}]"));
}

static void test_hashes_of_nothing(void **state)
{
	struct wv_summary_hashes hashes;

	(void)state;
	wv_summary_hash(&hashes, "", 0);
	assert_string_equal(hashes.md5, "d41d8cd98f00b204e9800998ecf8427e");
	assert_string_equal(hashes.sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	assert_string_equal(hashes.sha256,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_other_locale(void **state)
{
	struct fixture *fixture = *state;

	/* where there is one in which a comma divides; otherwise it is the test above once more */
	setlocale(LC_ALL, "de_DE.UTF-8");
	assert_member(fixture, "durations.total", "2.250000");
	setlocale(LC_ALL, "C");
}

static void test_replaces(void **state)
{
	struct fixture *fixture = *state;
	struct stat info;

	assert_true(g_file_set_contents(fixture->path, "of before", -1, NULL));
	fixture->summary.exit_code = 3;
	assert_member(fixture, "exit_code", "3");
	assert_int_equal(g_stat(fixture->path, &info), 0);
	assert_int_equal(info.st_mode & 0777 & ~0644, 0);
}

static void assert_not_written(struct fixture *fixture, const char *path)
{
	g_autoptr(GError) error = NULL;

	assert_false(wv_summary_write(&fixture->summary, path, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
	assert_non_null(strstr(error->message, path));
}

static void test_no_such_folder(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = g_build_filename(fixture->folder, "none", "summary.json", NULL);

	assert_not_written(fixture, path);
}

static void set_limit(rlim_t size)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size == RLIM_INFINITY ? limit.rlim_max : size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int unlimit_files(void **state)
{
	set_limit(RLIM_INFINITY);
	return teardown(state);
}

static void test_disk_is_full(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = NULL;

	assert_true(g_file_set_contents(fixture->path, "of before", -1, NULL));
	set_limit(100);
	assert_not_written(fixture, fixture->path);
	set_limit(RLIM_INFINITY);
	/* what was there is, and nothing else, which the fixture's end looks at */
	assert_true(g_file_get_contents(fixture->path, &text, NULL, NULL));
	assert_string_equal(text, "of before");
}

#define WITH(name)    cmocka_unit_test_setup_teardown(name, setup, teardown)
#define DUMPED(name)  cmocka_unit_test_setup_teardown(name, setup, remove_files)
#define LIMITED(name) cmocka_unit_test_setup_teardown(name, setup, unlimit_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_form),	   WITH(test_what_is_not_known),
		WITH(test_signal),	   cmocka_unit_test(test_ends),
		WITH(test_any_bytes),	   cmocka_unit_test(test_hashes_of_nothing),
		WITH(test_other_locale),   WITH(test_replaces),
		WITH(test_no_such_folder), LIMITED(test_disk_is_full),
		DUMPED(test_no_files),	   DUMPED(test_files),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
