/* SPDX-License-Identifier: GPL-2.0-or-later */
/* poolmon on tiny Windows kernels of all builds: what its rows tell of each function. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "monitor/registry.h"
#include "observer.h"
#include "output/encode.h"
#include "windows_fixture.h"

/** A tag as the guest passes it. */
#define TAG(a, b, c, d)                                                                            \
	((uint64_t)(uint8_t)(a) | (uint64_t)(uint8_t)(b) << 8 | (uint64_t)(uint8_t)(c) << 16 |     \
	 (uint64_t)(uint8_t)(d) << 24)
#define PROC TAG('P', 'r', 'o', 'c')

#define ALL "poolmon_all=true\n"

static const char *const builds[] = { NT_WINDOWS_7, NT_WINDOWS_7_X86, NT_SERVER_2019, NT_WINDOWS_10,
				      NT_WINDOWS_11 };

struct fixture {
	struct nt_guest guest;
	struct observer observer;
	struct nt_process *process;
	unsigned uid; /* of the last row */
};

static void start(struct fixture *fixture, const char *build, const char *settings)
{
	g_autofree char *all = g_strconcat("plugin=poolmon;\n", settings, NULL);
	g_autofree char *told = NULL;

	memset(fixture, 0, sizeof(*fixture));
	nt_init(&fixture->guest, &(struct nt_options){ .layout = build });
	fixture->process = nt_process(&fixture->guest, 12, 4, "\\Device\\Disk\\a.exe");
	nt_run(&fixture->guest, 0, fixture->process);
	nt_watch(&fixture->guest, &fixture->observer, all);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "status 0,2: Windows "));
}

static void stop(struct fixture *fixture)
{
	observer_stop(&fixture->observer);
	nt_deinit(&fixture->guest);
}

static bool has(const struct fixture *fixture, const char *function)
{
	uint64_t address;

	return wv_profile_symbol(fixture->guest.profile, function, &address);
}

/** The one row since the last time is of this function, and has these fields. */
static void told(struct fixture *fixture, const char *method, const char *fields)
{
	g_autofree char *expected = g_strdup_printf(
		"%s 12/13 of 4 uid 1 \"a.exe\" #%u: VCPU=0 CR3=0x%" G_GINT64_MODIFIER "x %s\n",
		method, ++fixture->uid, fixture->process->paging.root, fields);

	observer_told(&fixture->observer, expected);
}

/** Calls a function; a call that is of no interest to anybody is not trapped at its return. */
static void call(struct fixture *fixture, const char *function, const uint64_t *arguments,
		 unsigned n_arguments)
{
	assert_true(nt_call(&fixture->guest, 0, function, arguments, n_arguments));
	assert_false(nt_return(&fixture->guest, 0, 0x1234));
}

static void call_and_return(struct fixture *fixture, const char *function,
			    const uint64_t *arguments, unsigned n_arguments, uint64_t result)
{
	assert_true(nt_call(&fixture->guest, 0, function, arguments, n_arguments));
	observer_told(&fixture->observer, "");
	assert_true(nt_return(&fixture->guest, 0, result));
}

#define CALL(fixture, function, ...)                                                               \
	call(fixture, function, (const uint64_t[]){ __VA_ARGS__ },                                 \
	     G_N_ELEMENTS(((const uint64_t[]){ __VA_ARGS__ })))
#define RETURNING(fixture, result, function, ...)                                                  \
	call_and_return(fixture, function, (const uint64_t[]){ __VA_ARGS__ },                      \
			G_N_ELEMENTS(((const uint64_t[]){ __VA_ARGS__ })), result)

/** Calls that the option is for are not trapped without it. */
static void test_usual(void **state)
{
	static const char *const others[] = { "ExAllocatePoolWithQuotaTag", "ExAllocatePool2",
					      "ExFreePoolWithTag" };
	const uint64_t arguments[4] = { 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(builds); i++) {
		struct fixture fixture;

		start(&fixture, builds[i], "");
		CALL(&fixture, "ExAllocatePoolWithTag", 1, 512, PROC);
		told(&fixture, "ExAllocatePoolWithTag",
		     "Tag=\"Proc\" Type=\"PagedPool\" Size=512 Source=\"ntoskrnl.exe\" "
		     "Description=\"Process objects\"");
		for (size_t j = 0; j < G_N_ELEMENTS(others); j++) {
			if (!has(&fixture, others[j]))
				continue;
			assert_false(nt_call(&fixture.guest, 0, others[j], arguments, 4));
			assert_false(nt_return(&fixture.guest, 0, 0));
		}
		observer_told(&fixture.observer, "");
		stop(&fixture);
	}
}

static void test_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(builds); i++) {
		struct fixture fixture;

		start(&fixture, builds[i], ALL);
		RETURNING(&fixture, 0x85001230, "ExAllocatePoolWithTag", 512, 64, PROC);
		told(&fixture, "ExAllocatePoolWithTag",
		     "Tag=\"Proc\" Type=\"NonPagedPoolNx\" Size=64 Source=\"ntoskrnl.exe\" "
		     "Description=\"Process objects\" Address=0x85001230");
		RETURNING(&fixture, 0, "ExAllocatePoolWithQuotaTag", 9, 0x7fffffff,
			  TAG('X', 'y', 'z', 'w'));
		told(&fixture, "ExAllocatePoolWithQuotaTag",
		     "Tag=\"Xyzw\" Type=\"PagedPool|POOL_QUOTA_FAIL_INSTEAD_OF_RAISE\" "
		     "Size=2147483647 Address=0x0");
		CALL(&fixture, "ExFreePoolWithTag", 0x85001230, PROC);
		told(&fixture, "ExFreePoolWithTag",
		     "Tag=\"Proc\" Source=\"ntoskrnl.exe\" Description=\"Process objects\" "
		     "Address=0x85001230");
		CALL(&fixture, "ExFreePoolWithTag", 0x85001230, 0);
		told(&fixture, "ExFreePoolWithTag", "Tag=\"????\" Address=0x85001230");
		stop(&fixture);
	}
}

/** Wide arguments and results, and what there is above a narrow argument. */
static void test_64_bits(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, NT_WINDOWS_10, ALL);
	RETURNING(&fixture, UINT64_C(0xffffb00112345678), "ExAllocatePoolWithTag",
		  UINT64_C(0xdead00000001), UINT64_C(0x1234567890),
		  UINT64_C(0xbeef00000000) | PROC);
	told(&fixture, "ExAllocatePoolWithTag",
	     "Tag=\"Proc\" Type=\"PagedPool\" Size=78187493520 Source=\"ntoskrnl.exe\" "
	     "Description=\"Process objects\" Address=0xffffb00112345678");
	RETURNING(&fixture, UINT64_C(0xffffb00112345678), "ExAllocatePool2", UINT64_C(0x100000040),
		  100, TAG('W', 'n', 'f', 0));
	told(&fixture, "ExAllocatePool2",
	     "Tag=\"Wnf?\" Flags=\"POOL_FLAG_NON_PAGED|POOL_FLAG_SPECIAL_POOL\" Size=100 "
	     "Source=\"ntoskrnl.exe\" Description=\"Notification facility of Windows\" "
	     "Address=0xffffb00112345678");
	CALL(&fixture, "ExFreePoolWithTag", UINT64_C(0xffffb00112345678),
	     UINT64_C(0xbeef00000000) | PROC);
	told(&fixture, "ExFreePoolWithTag",
	     "Tag=\"Proc\" Source=\"ntoskrnl.exe\" Description=\"Process objects\" "
	     "Address=0xffffb00112345678");
	stop(&fixture);
}

/** A profile of a 32-bit kernel that has ExAllocatePool2, as those of Windows 10 2004 have. */
static char *write_profile_with_pool2(const char *folder)
{
	g_autofree char *text = NULL;
	g_autofree char *old = g_strdup_printf(WV_SOURCE_ROOT "/tests/guests/nt/layouts/%s.json",
					       NT_WINDOWS_7_X86);
	g_autofree char *path = g_build_filename(folder, "profile.json", NULL);

	assert_true(g_file_get_contents(old, &text, NULL, NULL));

	g_auto(GStrv) halves = g_strsplit(text, "ExAllocatePoolWithQuotaTag", 2);
	g_autofree char *changed = g_strjoinv("ExAllocatePool2", halves);

	assert_true(g_file_set_contents(path, changed, -1, NULL));
	return g_steal_pointer(&path);
}

/** The flags are two words there. */
static void test_flags_on_32_bits(void **state)
{
	g_autofree char *folder = g_dir_make_tmp("poolmon-XXXXXX", NULL);
	g_autofree char *path = write_profile_with_pool2(folder);
	struct fixture fixture = { 0 };

	(void)state;
	nt_init(&fixture.guest,
		&(struct nt_options){ .layout = NT_WINDOWS_7_X86, .profile = path });
	fixture.process = nt_process(&fixture.guest, 12, 4, "\\Device\\Disk\\a.exe");
	nt_run(&fixture.guest, 0, fixture.process);
	nt_watch(&fixture.guest, &fixture.observer, "plugin=poolmon;\n" ALL);
	g_free(observer_take(&fixture.observer));
	RETURNING(&fixture, 0x85001230, "ExAllocatePool2", 0x101, 0x2, 64, PROC);
	told(&fixture, "ExAllocatePool2",
	     "Tag=\"Proc\" Flags=\"POOL_FLAG_USE_QUOTA|POOL_FLAG_PAGED|0x200000000\" Size=64 "
	     "Source=\"ntoskrnl.exe\" Description=\"Process objects\" Address=0x85001230");
	stop(&fixture);
	g_unlink(path);
	g_rmdir(folder);
}

static void test_tags(void **state)
{
	static const struct {
		char tag[5];
		const char *text, *known;
	} rows[] = {
		{ "Pro\xe3", "Pro?", " Source=\"ntoskrnl.exe\" Description=\"Process objects\"" },
		{ "Driv", "Driv", " Description=\"Driver objects of the kernel\"" },
		{ "Key ", "Key ", " Description=\"Registry key objects of the kernel\"" },
		{ "Key\0", "Key?", " Description=\"Registry key objects of the kernel\"" },
		{ "Afd\xa1", "Afd?",
		  " Source=\"afd.sys\" Description=\"AFD objects of any kind\"" },
		{ "Xyzw", "Xyzw", "" },
		{ "\0Key", "?Key", "" },
		{ "a\"b\\", "a\\\"b\\\\", "" },
		{ "\x01\x1f\x7f\x80", "????", "" },
		{ "    ", "    ", "" },
	};
	struct fixture fixture;

	(void)state;
	start(&fixture, NT_WINDOWS_7, "");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *tag = rows[i].tag;
		g_autofree char *fields = g_strdup_printf(
			"Tag=\"%s\" Type=\"NonPagedPool\" Size=8%s", rows[i].text, rows[i].known);

		CALL(&fixture, "ExAllocatePoolWithTag", 0, 8, TAG(tag[0], tag[1], tag[2], tag[3]));
		told(&fixture, "ExAllocatePoolWithTag", fields);
	}
	stop(&fixture);
}

/** A row is its caller's and has what it passed, whatever the thread does until it returns. */
static void test_calls_inside_of_calls(void **state)
{
	struct fixture fixture;
	const uint64_t outer[] = { 9, 100, TAG('O', 'u', 't', 'r') };
	const uint64_t inner[] = { 1, 116, TAG('I', 'n', 'n', 'r') };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(builds); i++) {
		start(&fixture, builds[i], ALL);
		assert_true(nt_call(&fixture.guest, 0, "ExAllocatePoolWithQuotaTag", outer, 3));
		assert_true(nt_call(&fixture.guest, 0, "ExAllocatePoolWithTag", inner, 3));
		assert_true(nt_return(&fixture.guest, 0, 0x85001000));
		fixture.uid = 1; /* the outer call was the first one */
		told(&fixture, "ExAllocatePoolWithTag",
		     "Tag=\"Innr\" Type=\"PagedPool\" Size=116 Address=0x85001000");
		nt_run(&fixture.guest, 0, &fixture.guest.processes[0]);
		nt_run(&fixture.guest, 0, fixture.process);
		assert_true(nt_return(&fixture.guest, 0, 0x85001010));
		fixture.uid = 0;
		told(&fixture, "ExAllocatePoolWithQuotaTag",
		     "Tag=\"Outr\" Type=\"PagedPool|POOL_QUOTA_FAIL_INSTEAD_OF_RAISE\" Size=100 "
		     "Address=0x85001010");
		stop(&fixture);
	}
}

/** Only so many of a function's calls are told. */
static void test_ttl(void **state)
{
	struct fixture fixture;
	g_autofree char *all = NULL;

	(void)state;
	start(&fixture, NT_WINDOWS_10, ALL "traps_ttl=2\n");
	for (unsigned i = 0; i < 5; i++) {
		assert_true(nt_call(&fixture.guest, 0, "ExAllocatePoolWithTag",
				    (const uint64_t[]){ 1, i, PROC }, 3));
		nt_return(&fixture.guest, 0, 0x1000);
	}
	all = observer_take(&fixture.observer);
	assert_non_null(strstr(all, "Size=1 "));
	assert_null(strstr(all, "Size=2 "));
	assert_int_equal(fixture.observer.rows, 2);
	assert_int_equal(OBSERVER_COUNT(&fixture.observer, suppressed), 3);
	stop(&fixture);
}

/* Formats ---------------------------------------------------------------------------------------*/

struct format {
	const struct wv_encoder *encoder;
	GString *line;
};

static void encode(void *owner, const struct wv_row *row)
{
	struct format *format = owner;
	struct wv_row copy = *row;

	copy.time_us = UINT64_C(1234567890123456);
	format->encoder->row(&copy, format->line);
}

/** The documented forms. */
static void test_formats(void **state)
{
	static const struct {
		const char *name, *line; /* with %1$s where CR3 is */
	} rows[] = {
		{ "default",
		  "[POOLMON] TIME:1234567890.123456 VCPU:0 CR3:%1$s \"a.exe\":ExAllocatePoolWithTag "
		  "SessionID:1 PID:12 PPID:4 VCPU:0 CR3:%1$s Tag:\"Proc\" Type:\"NonPagedPool\" "
		  "Size:512 Source:\"ntoskrnl.exe\" Description:\"Process objects\"\n" },
		{ "json",
		  "{\"Plugin\":\"poolmon\",\"TimeStamp\":\"1234567890.123456\",\"PID\":12,"
		  "\"PPID\":4,\"TID\":13,\"UserName\":\"SessionID\",\"UserId\":1,"
		  "\"ProcessName\":\"a.exe\",\"Method\":\"ExAllocatePoolWithTag\","
		  "\"EventUID\":\"0x1\",\"SessionID\":1,\"VCPU\":0,\"CR3\":\"%1$s\",\"Tag\":\"Proc\","
		  "\"Type\":\"NonPagedPool\",\"Size\":512,\"Source\":\"ntoskrnl.exe\","
		  "\"Description\":\"Process objects\"}\n" },
		{ "csv",
		  "\"poolmon\",1234567890.123456,0,%1$s,1,12,4,13,\"a.exe\","
		  "\"ExAllocatePoolWithTag\",0x1,"
		  "0,%1$s,\"Proc\",\"NonPagedPool\",512,\"ntoskrnl.exe\",\"Process objects\",\n" },
		{ "kv",
		  "poolmon Time=1234567890.123456,PID=12,PPID=4,TID=13,ProcessName=\"a.exe\","
		  "Method=ExAllocatePoolWithTag,EventUID=0x1,VCPU=0,CR3=%1$s,Tag=\"Proc\",Type=\"NonPagedPool\","
		  "Size=512,Source=\"ntoskrnl.exe\",Description=\"Process objects\"\n" },
	};
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct format format = { wv_encoder_find(rows[i].name), g_string_new(NULL) };

		start(&fixture, NT_WINDOWS_10, "");
		fixture.observer.each = encode;
		fixture.observer.each_owner = &format;
		CALL(&fixture, "ExAllocatePoolWithTag", 0, 512, PROC);
		observer_told(&fixture.observer, "");

		g_autofree char *cr3 =
			g_strdup_printf("0x%" G_GINT64_MODIFIER "x", fixture.process->paging.root);
		g_auto(GStrv) parts = g_strsplit(rows[i].line, "%1$s", 0);
		g_autofree char *expected = g_strjoinv(cr3, parts);

		assert_string_equal(format.line->str, expected);
		g_string_free(format.line, TRUE);
		stop(&fixture);
	}
}

/* Options and what kernels lack -----------------------------------------------------------------*/

static char *write_tags(const char *folder, const char *text)
{
	char *path = g_build_filename(folder, "tags.txt", NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	return path;
}

static void remove_tags(const char *folder, const char *path)
{
	g_unlink(path);
	g_rmdir(folder);
}

/** What the user's file says of a tag goes before what is built in, even a pattern. */
static void test_tags_of_the_user(void **state)
{
	g_autofree char *folder = g_dir_make_tmp("poolmon-XXXXXX", NULL);
	g_autofree char *path = write_tags(folder, "rem mine\n"
						   "Xyzw - my.sys - My own - for sure\n"
						   "Pro* - mine.sys - Processes\n"
						   "Driv - <unknown> -\n");
	g_autofree char *settings = g_strdup_printf("pooltags=%s\n", path);
	struct fixture fixture;

	(void)state;
	start(&fixture, NT_WINDOWS_7_X86, settings);
	CALL(&fixture, "ExAllocatePoolWithTag", 0, 8, TAG('X', 'y', 'z', 'w'));
	told(&fixture, "ExAllocatePoolWithTag",
	     "Tag=\"Xyzw\" Type=\"NonPagedPool\" Size=8 Source=\"my.sys\" "
	     "Description=\"My own - for sure\"");
	CALL(&fixture, "ExAllocatePoolWithTag", 0, 8, PROC);
	told(&fixture, "ExAllocatePoolWithTag",
	     "Tag=\"Proc\" Type=\"NonPagedPool\" Size=8 Source=\"mine.sys\" "
	     "Description=\"Processes\"");
	CALL(&fixture, "ExAllocatePoolWithTag", 0, 8, TAG('D', 'r', 'i', 'v'));
	told(&fixture, "ExAllocatePoolWithTag", "Tag=\"Driv\" Type=\"NonPagedPool\" Size=8");
	CALL(&fixture, "ExAllocatePoolWithTag", 0, 8, TAG('A', 'f', 'd', '!'));
	told(&fixture, "ExAllocatePoolWithTag",
	     "Tag=\"Afd!\" Type=\"NonPagedPool\" Size=8 Source=\"afd.sys\" "
	     "Description=\"AFD objects of any kind\"");
	stop(&fixture);
	remove_tags(folder, path);
}

static void test_refused_file(void **state)
{
	g_autofree char *folder = g_dir_make_tmp("poolmon-XXXXXX", NULL);
	g_autofree char *path = write_tags(folder, "Abcd - a\nAbcde - b\n");
	g_autofree char *complaint = g_strdup_printf(
		"--pooltags: %s:2: a tag has 1 to 4 characters, and * only at its end", path);
	struct wv_settings settings;
	g_autoptr(GError) error = NULL;
	void *data = NULL;

	(void)state;
	wv_settings_init(&settings);
	wv_settings_set(&settings, "pooltags", path);
	assert_false(wv_plugin_find("poolmon")->configure(&settings, &data, &error));
	assert_null(data);
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	assert_string_equal(error->message, complaint);
	wv_settings_deinit(&settings);
	remove_tags(folder, path);
}

/** A kernel without ExAllocatePool2 lacks something only where it is asked for. */
static void test_missing(void **state)
{
	struct nt_guest guest;
	struct observer observer;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		g_autofree char *said = NULL;

		nt_init(&guest, &(struct nt_options){ .layout = NT_WINDOWS_7 });
		nt_watch(&guest, &observer, i ? "plugin=poolmon;\n" ALL : "plugin=poolmon;\n");
		said = observer_take(&observer);
		assert_non_null(strstr(said, "status 0,2: Windows "));
		assert_int_equal(strstr(said, "missing") != NULL, i == 1);
		assert_int_equal(strstr(said, "function ExAllocatePool2 (costs ") != NULL, i == 1);
		observer_stop(&observer);
		nt_deinit(&guest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_64_bits),
		cmocka_unit_test(test_flags_on_32_bits),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_calls_inside_of_calls),
		cmocka_unit_test(test_ttl),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_tags_of_the_user),
		cmocka_unit_test(test_refused_file),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests_name("poolmon", tests, NULL, NULL);
}
