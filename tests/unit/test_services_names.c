/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: names of services, by their numbers, and of their arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "output/schema_check.h"
#include "plugins/syscalls/nt.h"
#include "plugins/syscalls/syscalls.h"
#include "services_fixture.h"

/** Watches kernels that have these services. */
static void on_watched(const struct services_options *options, const char *settings,
		       void (*body)(struct services_fixture *fixture))
{
	for (size_t i = 0; i < G_N_ELEMENTS(services_widths); i++) {
		struct services_options all = *options;
		struct services_fixture fixture;

		all.layout = services_widths[i];
		services_make(&fixture, &all);
		g_free(services_watch(&fixture, settings));
		body(&fixture);
		services_stop(&fixture);
	}
}

/* Names of one function -------------------------------------------------------------------------*/

/** Four services of one code, whose names' order is not that of their numbers. */
static const struct service_row same_code[] = {
	{ .name = "NtClose", .words = 1 },
	{ .name = "NtSetLowEventPair", .words = 1 },
	{ .name = "NtSetHighEventPair", .words = 1, .code = "NtSetLowEventPair" },
	{ .name = "NtWaitLowEventPair", .words = 1, .code = "NtSetLowEventPair" },
	{ .name = "NtCreateEventPair", .words = 3, .code = "NtSetLowEventPair" },
};

#define SAME_CODE                                                                                  \
	{                                                                                          \
		.rows = same_code, .n_rows = G_N_ELEMENTS(same_code)                               \
	}

/** A call of their function is told with that name and number. */
static void told_name(struct services_fixture *fixture, const char *name, unsigned number)
{
	g_autofree char *begin = g_strdup_printf("%s 12/13 of 4 ", name), *told = NULL;
	g_autofree char *syscall = g_strdup_printf(" Syscall=%u ", number);

	CALL(fixture, "NtSetLowEventPair", 4, 4, 4);
	nt_return(&fixture->guest, 0, 0);
	told = observer_take(&fixture->observer);
	if (!g_str_has_prefix(told, begin) || !strstr(told, syscall))
		fail_msg("not %s %u: %s", name, number, told);
}

static void names_by_stubs(struct services_fixture *fixture)
{
	for (unsigned i = 1; i < G_N_ELEMENTS(same_code); i++) {
		services_note(fixture, i);
		told_name(fixture, same_code[i].name, i);
	}
	/* a number of another function's, or of no service: the first one's name is as good as any
	 */
	services_note(fixture, 0);
	told_name(fixture, "NtSetLowEventPair", 1);
	services_note(fixture, G_N_ELEMENTS(same_code));
	told_name(fixture, "NtSetLowEventPair", 1);
	services_note(fixture, 0x1003); /* win32k's */
	told_name(fixture, "NtSetLowEventPair", 1);
	services_note(fixture, UINT32_MAX);
	told_name(fixture, "NtSetLowEventPair", 1);
	/* where there is one name, the number that is noted is not looked at */
	services_note(fixture, 3);
	CALL(fixture, "NtClose", 4);
	services_told_arguments(fixture, "Handle=\"0x4\"\n");
}

static void test_names_by_stubs(void **state)
{
	(void)state;
	on_watched(&(struct services_options)SAME_CODE, NULL, names_by_stubs);
}

static void names_by_falling_stubs(struct services_fixture *fixture)
{
	for (unsigned i = 1; i < G_N_ELEMENTS(same_code); i++) {
		services_note(fixture, i);
		told_name(fixture, same_code[G_N_ELEMENTS(same_code) - i].name, i);
	}
}

static void test_names_by_falling_stubs(void **state)
{
	struct services_options options = SAME_CODE;

	(void)state;
	options.stubs_fall = true;
	on_watched(&options, NULL, names_by_falling_stubs);
}

/** Nothing tells them apart: each has one of the names, always the same one. */
static void names_without_stubs(struct services_fixture *fixture)
{
	static const char *const names[] = { "NtCreateEventPair", "NtSetHighEventPair",
					     "NtSetLowEventPair", "NtWaitLowEventPair" };

	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		services_note(fixture, i + 1);
		told_name(fixture, names[i], i + 1);
	}
}

static void test_names_without_stubs(void **state)
{
	struct services_options options = SAME_CODE;

	(void)state;
	options.without_stubs = true;
	on_watched(&options, NULL, names_without_stubs);
}

/* Names that no prototype has ----------------------------------------------------------------*/

static const struct service_row with_unknown[] = {
	{ .name = "NtClose", .words = 1 },
	{ .name = "NtZzz", .words = 4 },
};

#define WITH_UNKNOWN                                                                               \
	{                                                                                          \
		.rows = with_unknown, .n_rows = G_N_ELEMENTS(with_unknown)                         \
	}

/** It has the profile's name, and the arguments of an unknown one. */
static void name_of_the_profile(struct services_fixture *fixture)
{
	CALL(fixture, "NtZzz", 1, 2, 3, 4);
	services_return(fixture, 0);
	services_told(fixture, "NtZzz #1: Syscall=1 NArgs=4 PreviousMode=\"User\" Arg0=\"0x1\" "
			       "Arg1=\"0x2\" Arg2=\"0x3\" Arg3=\"0x4\"\n"
			       "NtZzz #1: Syscall=1 Ret=0x0 Info=\"STATUS_SUCCESS\"\n");
}

static void test_name_of_the_profile(void **state)
{
	(void)state;
	on_watched(&(struct services_options)WITH_UNKNOWN, NULL, name_of_the_profile);
}

/** That can be asked for. */
static void only_the_name(struct services_fixture *fixture)
{
	assert_false(nt_call(&fixture->guest, 0, "NtClose", (const uint64_t[]){ 4 }, 1));
	name_of_the_profile(fixture);
}

static void test_only_the_name(void **state)
{
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "wyvern-test-XXXXXX", NULL);
	g_autofree char *settings = NULL;
	int fd = g_mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_true(g_file_set_contents(path, "NtZzz\n", -1, NULL));
	settings = g_strdup_printf("syscalls_file=%s\n", path);
	on_watched(&(struct services_options)WITH_UNKNOWN, settings, only_the_name);
	g_unlink(path);
}

/** Among names of one function it has its own number, and the others theirs. */
static void names_with_one_of_the_profile(struct services_fixture *fixture)
{
	static const char *const names[] = { "NtSetLowEventPair", "NtZzz", "NtSetHighEventPair" };

	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		services_note(fixture, i);
		told_name(fixture, names[i], i);
	}
}

static void test_names_with_one_of_the_profile(void **state)
{
	static const struct service_row rows[] = {
		{ .name = "NtSetLowEventPair", .words = 1 },
		{ .name = "NtZzz", .words = 3, .code = "NtSetLowEventPair" },
		{ .name = "NtSetHighEventPair", .words = 1, .code = "NtSetLowEventPair" },
	};

	(void)state;
	on_watched(&(struct services_options){ .rows = rows, .n_rows = G_N_ELEMENTS(rows) }, NULL,
		   names_with_one_of_the_profile);
}

/** What has no stub is no service: it takes no number, though it is at the same address. */
static void names_of_no_service(struct services_fixture *fixture)
{
	services_note(fixture, 0);
	told_name(fixture, "NtSetLowEventPair", 0);
	services_note(fixture, 1);
	told_name(fixture, "NtSetHighEventPair", 1);
}

static void test_names_of_no_service(void **state)
{
	static const struct service_row rows[] = {
		{ .name = "NtSetLowEventPair", .words = 1 },
		{ .name = "NtSetHighEventPair", .words = 1, .code = "NtSetLowEventPair" },
		{ .name = "NtAaa", .code = "NtSetLowEventPair" },
	};

	(void)state;
	on_watched(&(struct services_options){ .rows = rows,
					       .n_rows = G_N_ELEMENTS(rows),
					       .no_service = "NtAaa" },
		   NULL, names_of_no_service);
}

/** Services that the profile does not name leave the names of the others as they are. */
static void names_among_unknown(struct services_fixture *fixture)
{
	services_note(fixture, 2);
	told_name(fixture, "NtSetHighEventPair", 2);
}

static void test_names_among_unknown(void **state)
{
	static const struct service_row rows[] = {
		{ .name = "KiNameless", .words = 5 },
		{ .name = "NtSetLowEventPair", .words = 1 },
		{ .name = "NtSetHighEventPair", .words = 1, .code = "NtSetLowEventPair" },
		{ .name = "NtNotInvented", .words = 1 },
	};

	(void)state;
	on_watched(&(struct services_options){ .rows = rows, .n_rows = G_N_ELEMENTS(rows) }, NULL,
		   names_among_unknown);
}

/* Names of arguments ----------------------------------------------------------------------------*/

/* In a row of json the arguments are keys beside all others, and no key is there twice. */
static void check_key(const char *service, const char *name)
{
	static const struct wv_event_type *const types[] = { &syscalls_service,
							     &syscalls_service_return };

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		for (unsigned j = 0; j < types[i]->n_fields; j++)
			if (strcmp(name, types[i]->fields[j].name) == 0)
				fail_msg("%s: %s is a field as well", service, name);
	if (g_strv_contains(wv_json_common_keys, name))
		fail_msg("%s: %s is a common key as well", service, name);
}

static void test_keys(void **state)
{
	size_t count;
	const struct wv_nt_prototype *rows = wv_nt_prototypes(&count);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (unsigned j = 0; j < rows[i].n_arguments; j++)
			check_key(rows[i].name, rows[i].arguments[j].name);
	for (unsigned i = 0; i < WV_NT_ARGS; i++)
		check_key("any", wv_nt_unknown.arguments[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_by_stubs),
		cmocka_unit_test(test_names_by_falling_stubs),
		cmocka_unit_test(test_names_without_stubs),
		cmocka_unit_test(test_name_of_the_profile),
		cmocka_unit_test(test_only_the_name),
		cmocka_unit_test(test_names_with_one_of_the_profile),
		cmocka_unit_test(test_names_of_no_service),
		cmocka_unit_test(test_names_among_unknown),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests_name("services_names", tests, NULL, NULL);
}
