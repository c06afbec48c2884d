/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The check of declarations: what it accepts, and that it names each thing that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "monitor/registry.h"
#include "output/names.h"
#include "output/row.h"
#include "output/schema_check.h"

static const struct wv_field good_fields[] = {
	{ .name = "ExitStatus", .kind = WV_KIND_NUMBER, .meaning = "the code" },
	{ .name = "exec_fd2", .kind = WV_KIND_HEX, .meaning = "a descriptor" },
	{ .name = "Signal",
	  .kind = WV_KIND_NAME,
	  .format = wv_format_signal,
	  .meaning = "a signal" },
};

static const struct wv_event_type good_type = {
	.plugin = "procmon",
	.methods = { "do_exit" },
	.os = WV_OS_LINUX,
	.fields = good_fields,
	.n_fields = G_N_ELEMENTS(good_fields),
	.meaning = "a process ends",
};

/* The complaint about the type, as the second one of a schema; NULL if there is none. */
static char *complaint(const struct wv_event_type *type)
{
	const struct wv_event_type *const types[] = { &good_type, type };
	const struct wv_schema schema = { types, G_N_ELEMENTS(types) };
	g_autoptr(GError) error = NULL;

	if (wv_schema_check(&schema, &error)) {
		assert_null(error);
		return NULL;
	}
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_INTERNAL));
	assert_true(g_str_has_prefix(error->message, "event type 1 ("));
	return g_strdup(error->message);
}

static void assert_complains(const struct wv_event_type *type, const char *about)
{
	g_autofree char *message = complaint(type);

	assert_non_null(message);
	if (!strstr(message, about))
		fail_msg("\"%s\" does not say \"%s\"", message, about);
}

static void assert_field_complains(struct wv_field field, const char *about)
{
	struct wv_field fields[G_N_ELEMENTS(good_fields) + 1];
	struct wv_event_type type = good_type;

	memcpy(fields, good_fields, sizeof(good_fields));
	fields[G_N_ELEMENTS(good_fields)] = field;
	type.fields = fields;
	type.n_fields = G_N_ELEMENTS(fields);
	assert_complains(&type, about);
	assert_complains(&type, "field 3");
}

static void test_good(void **state)
{
	const struct wv_schema empty = { NULL, 0 };
	struct wv_event_type type = good_type;

	(void)state;
	assert_null(complaint(&good_type));
	assert_true(wv_schema_check(&empty, NULL));
	type.fields = NULL;
	type.n_fields = 0;
	assert_null(complaint(&type));
}

/* The declarations of all plugins of this build. */
static void test_this_build(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(wv_plugins_schema()->n_types > 0 || !wv_plugins[0]);
	if (!wv_schema_check(wv_plugins_schema(), &error))
		fail_msg("%s", error->message);
}

static void test_bad_types(void **state)
{
	struct wv_event_type type;
	struct wv_field many[WV_ROW_FIELDS_MAX + 1] = { { 0 } };

	(void)state;
	type = good_type;
	type.plugin = "proc mon";
	assert_complains(&type, "plugin's name");
	type.plugin = NULL;
	assert_complains(&type, "plugin's name");

	type = good_type;
	type.methods[0] = NULL;
	assert_complains(&type, "no method");
	type.methods[0] = "a\nb";
	assert_complains(&type, "method's name");
	for (size_t i = 0; i <= WV_METHODS_MAX; i++)
		type.methods[i] = "do_exit";
	assert_complains(&type, "not ended by NULL");

	type = good_type;
	type.os = 0;
	assert_complains(&type, "guest system");
	type.os = 4;
	assert_complains(&type, "guest system");

	type = good_type;
	type.meaning = "";
	assert_complains(&type, "no meaning");

	type = good_type;
	type.fields = many;
	type.n_fields = G_N_ELEMENTS(many);
	assert_complains(&type, "more fields");
}

static void resolve(struct wv_definition *definition)
{
	(void)definition;
}

static void raw_text(const struct wv_definition *definition, unsigned index,
		     const struct wv_raw *raw, GString *text)
{
	(void)definition;
	(void)index;
	(void)raw;
	(void)text;
}

/* Methods that only the guest can name are not declared, but what reads them is. */
static void test_defined_types(void **state)
{
	const struct wv_field bad = { .name = "a-b", .meaning = "bad" };
	struct wv_event_type good = good_type, type;

	(void)state;
	good.methods[0] = NULL;
	good.open_ended = good.defined = true;
	good.resolve = resolve;
	good.raw_text = raw_text;
	assert_null(complaint(&good));

	type = good;
	type.methods[0] = "do_exit";
	assert_complains(&type, "its methods are defined");
	type = good;
	type.open_ended = false;
	assert_complains(&type, "not open-ended");
	type = good;
	type.resolve = NULL;
	assert_complains(&type, "lacks resolve or raw_text");
	type = good;
	type.raw_text = NULL;
	assert_complains(&type, "lacks resolve or raw_text");
	type = good;
	type.fields = &bad;
	type.n_fields = 1;
	assert_complains(&type, "(procmon, defined), field 0 (a-b)");

	type = good_type;
	type.resolve = resolve;
	assert_complains(&type, "not defined");
	type = good_type;
	type.raw_text = raw_text;
	assert_complains(&type, "not defined");
}

static void test_bad_fields(void **state)
{
	const struct wv_field good = { .name = "Good", .meaning = "good" };
	struct wv_field field;

	(void)state;
	field = good;
	field.name = "a-b";
	assert_field_complains(field, "letters");
	field.name = "";
	assert_field_complains(field, "letters");
	field.name = NULL;
	assert_field_complains(field, "letters");
	field.name = "ExitStatus";
	assert_field_complains(field, "twice");
	for (size_t i = 0; wv_json_common_keys[i]; i++) {
		field.name = wv_json_common_keys[i];
		assert_field_complains(field, "common key");
	}

	field = good;
	field.kind = WV_KIND_COUNT;
	assert_field_complains(field, "kind is unknown");
	field.kind = WV_KIND_NAME;
	assert_field_complains(field, "no format function");
	field.kind = WV_KIND_FLAGS;
	assert_field_complains(field, "no format function");
	field.kind = WV_KIND_HEX;
	field.format = wv_format_signal;
	assert_field_complains(field, "takes no format function");

	field = good;
	field.escaped = true;
	field.kind = WV_KIND_HEX;
	assert_field_complains(field, "no string");

	field = good;
	field.meaning = NULL;
	assert_field_complains(field, "no meaning");
}

/* What the reader fills in comes before what is written. */
static void test_given_fields(void **state)
{
	struct wv_field fields[] = {
		{ .name = "Module",
		  .kind = WV_KIND_STRING,
		  .given = WV_GIVEN_TEXT,
		  .text = "x",
		  .meaning = "a text" },
		{ .name = "vCPU", .given = WV_GIVEN_VCPU, .meaning = "a number" },
		{ .name = "Number", .meaning = "a number" },
	};
	struct wv_event_type type = good_type;

	(void)state;
	type.fields = fields;
	type.n_fields = G_N_ELEMENTS(fields);
	assert_null(complaint(&type));
	fields[2].text = "x";
	assert_complains(&type, "only a given text");
	fields[2].text = NULL;
	fields[0].text = NULL;
	assert_complains(&type, "only a given text");
	fields[0].text = "x";
	fields[1].optional = true;
	assert_complains(&type, "given, but optional");
	fields[1].optional = false;
	fields[1].given = WV_GIVEN_NOT;
	fields[2].given = WV_GIVEN_CR3;
	assert_complains(&type, "not among the first");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	   cmocka_unit_test(test_this_build),
		cmocka_unit_test(test_bad_types),  cmocka_unit_test(test_defined_types),
		cmocka_unit_test(test_bad_fields), cmocka_unit_test(test_given_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
