/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of syscall and sysret rows in json, which other programs parse. Of a row of the plugin
 * syscall they take 15 keys for the call itself, and whatever else is there for its arguments,
 * which must all be strings. EventUIDs rise from call to call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <json-c/json.h>
#include <string.h>

#include "output/encode.h"
#include "parse_back.h"
#include "syscalls_fixture.h"

#define COMMON                                                                                     \
	"Plugin", "TimeStamp", "PID", "PPID", "TID", "UserName", "UserId", "ProcessName",          \
		"Method", "EventUID", "Module", "vCPU", "CR3", "Syscall"
static const char *const call_keys[] = { COMMON, "NArgs", NULL };
static const char *const return_keys[] = { COMMON, "Ret", NULL };

struct checked {
	const struct wv_encoder *json;
	uint64_t uid; /* the highest one so far */
	unsigned calls, returns, arguments, types;
};

static json_type type_of_key(const char *key)
{
	static const char *const numbers[] = { "PID",	  "PPID",  "TID", "UserId", "vCPU",
					       "Syscall", "NArgs", "Ret", NULL };

	return g_strv_contains(numbers, key) ? json_type_int : json_type_string;
}

static const char *text_of(json_object *object, const char *key)
{
	json_object *value;

	assert_true(json_object_object_get_ex(object, key, &value));
	return json_object_get_string(value);
}

static uint64_t hex_of(json_object *object, const char *key)
{
	const char *text = text_of(object, key);

	assert_true(g_regex_match_simple("^0x(0|[1-9a-f][0-9a-f]*)$", text, (GRegexCompileFlags)0,
					 (GRegexMatchFlags)0));
	return g_ascii_strtoull(text, NULL, 16);
}

/** The keys that each row has, in their order; after them come only strings. How many those are. */
static unsigned check_keys(json_object *object, const char *const *keys)
{
	const char *const *next = keys;
	unsigned others = 0;

	json_object_object_foreach(object, key, value)
	{
		if (*next && strcmp(key, *next) == 0) {
			assert_int_equal(json_object_get_type(value), type_of_key(key));
			next++;
		} else {
			assert_false(g_strv_contains(keys, key));
			assert_int_equal(json_object_get_type(value), json_type_string);
			others++;
		}
	}
	if (*next)
		fail_msg("%s is missing, or not in its place", *next);
	return others;
}

static void check_call(struct checked *checked, json_object *object)
{
	unsigned others = check_keys(object, call_keys);
	bool typed = json_object_object_get_ex(object, "Type", NULL);
	json_object *count;

	json_object_object_get_ex(object, "NArgs", &count);
	assert_int_equal(json_object_get_int(count), others - typed);
	assert_true(hex_of(object, "EventUID") > checked->uid);
	checked->uid = hex_of(object, "EventUID");
	checked->calls++;
	checked->arguments += others - typed;
	checked->types += typed;
}

static void check_return(struct checked *checked, json_object *object)
{
	json_object *result;
	int64_t value;

	check_keys(object, return_keys);
	json_object_object_get_ex(object, "Ret", &result);
	value = json_object_get_int64(result);
	assert_int_equal(json_object_object_get_ex(object, "Info", NULL),
			 value < 0 && value >= -4095);
	assert_true(hex_of(object, "EventUID") <= checked->uid);
	checked->returns++;
}

static void check_row(void *owner, const struct wv_row *row)
{
	struct checked *checked = owner;
	g_autoptr(GString) line = g_string_new(NULL);
	json_object *object;

	checked->json->row(row, line);
	assert_true(is_one_line(line->str, line->len));
	object = json_tokener_parse(line->str);
	assert_non_null(object);
	assert_int_equal(json_object_object_length(object), count_json_keys(line->str));
	assert_string_equal(text_of(object, "Module"), "linux");
	assert_string_equal(text_of(object, "UserName"), "UID");
	assert_true(g_regex_match_simple("^[0-9]+\\.[0-9]{6}$", text_of(object, "TimeStamp"),
					 (GRegexCompileFlags)0, (GRegexMatchFlags)0));
	assert_true(hex_of(object, "CR3") > 0);
	if (strcmp(text_of(object, "Plugin"), "syscall") == 0) {
		check_call(checked, object);
	} else {
		assert_string_equal(text_of(object, "Plugin"), "sysret");
		check_return(checked, object);
	}
	json_object_put(object);
}

static void start(struct syscalls_fixture *fixture, struct checked *checked)
{
	const struct syscalls_options options = { .settings = "buffer_preview=64\n" };

	g_free(syscalls_start(fixture, &options));
	memset(checked, 0, sizeof(*checked));
	checked->json = wv_encoder_find("json");
	fixture->observer.each = check_row;
	fixture->observer.each_owner = checked;
}

/** Each call of both tables, with arguments that are numbers, pointers, or hostile. */
static void test_all_calls(void **state)
{
	struct syscalls_fixture *fixture = *state;
	struct checked checked;

	start(fixture, &checked);
	for (unsigned number = 0; number < 600; number++) {
		uint64_t text = syscalls_text(fixture, 0, "a \"text\"\n\xff\x01");

		for (unsigned round = 0; round < 3; round++) {
			uint64_t all = round == 0 ? text : round == 1 ? UINT64_MAX : number;
			const uint64_t args[6] = { all, all, all, all, all, all };

			syscalls_make(fixture, number, args, round == 0 ? 1 : -(int64_t)number);
			syscalls_enter(fixture, "ia32_sys_call", true, number, args);
			tiny_return(&fixture->kernel, 0, 0);
		}
		observer_read(&fixture->observer);
	}
	assert_int_equal(checked.calls, 600 * 3 * 2);
	assert_int_equal(checked.returns, checked.calls);
	assert_int_equal(checked.types, checked.calls / 2);
	assert_in_range(checked.arguments, 2 * checked.calls, 6 * checked.calls);
	assert_int_equal(OBSERVER_COUNT(&fixture->observer, overflowed), 0);
}

/** Arguments that have the name of another key: none is taken for the other. */
static void test_names_that_are_keys(void **state)
{
	static const char *const names[] = { "PID",   "Method", "Syscall", "NArgs",
					     "NArgs", "Type",	NULL };
	struct syscalls_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	struct wv_machine *machine = &kernel->mock.machine;
	struct checked checked;
	uint64_t array, metadata, list;

	start(fixture, &checked);
	memcpy(&array, tiny_at(kernel, tiny_symbol(kernel, "syscalls_metadata")), 8);
	memcpy(&metadata, tiny_at(kernel, array + BRAND_NEW * 8), 8);
	list = tiny_get(kernel, metadata, "syscall_metadata.args");
	for (unsigned i = 0; names[i]; i++) {
		uint64_t name = tiny_string(kernel, names[i]);

		memcpy(tiny_at(kernel, list + i * 8), &name, sizeof(name));
	}
	machine->events->reset(machine->owner, 0);
	observer_discover(&fixture->observer, 0);
	MAKE(fixture, BRAND_NEW, 0, 0, 1, 2, 3, 4, 5);
	observer_read(&fixture->observer);
	assert_int_equal(checked.calls, 1);
	assert_int_equal(checked.arguments, 6);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, syscalls_setup_empty, syscalls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_all_calls),
		WITH(test_names_that_are_keys),
	};

	return cmocka_run_group_tests_name("syscalls_keys", tests, NULL, NULL);
}
