/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row in every format, parsed back and compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "check_row.h"
#include "output/encode.h"
#include "output/schema_check.h"
#include "parse_back.h"

/* Blanks outside of quotes before the first field of a `default` line. */
#define DEFAULT_PREFIX_WORDS 8
#define CSV_COMMON_COLUMNS   11

static GString *encode(const char *format, const struct wv_row *row)
{
	GString *out = g_string_new(NULL);

	wv_encoder_find(format)->row(row, out);
	assert_int_equal(strlen(out->str), out->len);
	assert_true(is_one_line(out->str, out->len));
	return out;
}

static void assert_bytes(const GString *got, const char *data, size_t size)
{
	assert_non_null(got);
	assert_int_equal(got->len, size);
	assert_memory_equal(got->str, data, size);
}

/* The bytes of a text, with its mark if it was cut; or of a number, in decimal. */
static GString *expected_bytes(const struct wv_value *value)
{
	GString *text = g_string_new(NULL);

	if (value->tag == WV_VALUE_INT)
		g_string_printf(text, "%" PRId64, value->i);
	else if (value->tag == WV_VALUE_UINT)
		g_string_printf(text, "%" PRIu64, value->u);
	else
		g_string_append_len(text, value->bytes.data, (gssize)value->bytes.size);
	if (value->tag == WV_VALUE_BYTES && value->truncated)
		g_string_append(text, "...");
	return text;
}

/* Undoes "" and then the escapes: a csv text back to its bytes. */
static GString *unescape_csv(const struct parsed_value *column)
{
	assert_true(column->quoted);
	return parse_unescape(column->text->str, column->text->len);
}

/* --- default and kv --- */

static void check_plain_list(const char *text, const struct wv_value *list)
{
	struct wv_list_item item;
	size_t cursor = 0;
	g_autofree char *rest = g_strdup(text);
	char *p = rest;

	while (wv_list_next(list, &cursor, &item)) {
		char *start = p;
		bool quoted = false;
		g_autoptr(GString) back = NULL;

		if (item.name.data) {
			char *colon = strchr(p, ':');
			g_autoptr(GString) name = NULL;

			assert_non_null(colon);
			name = parse_unescape(p, (size_t)(colon - p));
			assert_bytes(name, item.name.data, item.name.size);
			start = p = colon + 1;
		}
		for (; *p && (quoted || *p != ';'); p++) {
			if (*p == '\\')
				p++;
			else if (*p == '"')
				quoted = !quoted;
		}
		if (*p)
			*p++ = '\0';
		back = parse_quoted(start);
		assert_bytes(back, item.text.data, item.text.size);
	}
	assert_string_equal(p, "");
}

static void check_plain_value(const char *text, const struct wv_row_field *field)
{
	const struct wv_value *value = &field->value;
	g_autoptr(GString) expected = NULL;
	g_autoptr(GString) back = NULL;

	switch (value->tag) {
	case WV_VALUE_NULL:
		assert_string_equal(text, "null");
		break;
	case WV_VALUE_BYTES:
		expected = expected_bytes(value);
		back = parse_quoted(text);
		assert_bytes(back, expected->str, expected->len);
		break;
	case WV_VALUE_LIST:
		check_plain_list(text, value);
		break;
	default:
		/* What numbers look like is test_encode's business; here only where they stand. */
		if (!field->field || field->field->kind == WV_KIND_NUMBER) {
			expected = expected_bytes(value);
			assert_string_equal(text, expected->str);
		}
		break;
	}
}

static void check_pairs(const GPtrArray *pairs, unsigned skipped, const struct wv_row *row)
{
	assert_non_null(pairs);
	assert_int_equal(pairs->len, skipped + row->n_fields);
	for (unsigned i = 0; i < row->n_fields; i++) {
		const struct parsed_value *pair = pairs->pdata[skipped + i];
		g_autoptr(GString) name = parse_unescape(pair->name, strlen(pair->name));

		assert_bytes(name, row->fields[i].name.data, row->fields[i].name.size);
		check_plain_value(pair->text->str, &row->fields[i]);
	}
}

static void check_default(const struct wv_row *row)
{
	g_autoptr(GString) line = encode("default", row);
	g_autoptr(GPtrArray) pairs = NULL;
	g_autofree char *prefix = NULL;
	g_autoptr(GString) process = NULL;
	char *quote, *end;

	pairs = parse_default(line->str, DEFAULT_PREFIX_WORDS, &prefix);
	check_pairs(pairs, 0, row);
	assert_null(strstr(line->str, " \n"));

	quote = strchr(prefix, '"');
	end = strrchr(prefix, '"');
	assert_non_null(quote);
	end[1] = '\0';
	process = parse_quoted(quote);
	assert_bytes(process, row->process.data, row->process.size);
}

static void check_kv(const struct wv_row *row)
{
	static const char *const keys[] = { "Time",	   "PID",    "PPID",	"TID",
					    "ProcessName", "Method", "EventUID" };
	g_autoptr(GString) line = encode("kv", row);
	g_autofree char *plugin = NULL;
	g_autoptr(GPtrArray) pairs = parse_kv(line->str, &plugin);
	g_autoptr(GString) process = NULL;

	assert_string_equal(plugin, row->type->plugin);
	check_pairs(pairs, G_N_ELEMENTS(keys), row);
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		const struct parsed_value *pair = pairs->pdata[i];

		assert_string_equal(pair->name, keys[i]);
		if (strcmp(pair->name, "ProcessName") == 0)
			process = parse_quoted(pair->text->str);
	}
	assert_bytes(process, row->process.data, row->process.size);
}

/* --- csv --- */

static void check_csv_arguments(const struct parsed_value *column, const struct wv_row *row)
{
	const char *p = column->text->str;
	unsigned found = 0;

	assert_true(column->quoted);
	for (unsigned i = 0; i < row->n_fields; i++) {
		const struct wv_row_field *field = &row->fields[i];
		const char *equals, *end;
		g_autoptr(GString) name = NULL;
		g_autoptr(GString) back = NULL;
		g_autoptr(GString) expected = NULL;

		if (field->field)
			continue;
		if (found++ > 0)
			assert_int_equal(*p++, ';');
		equals = strchr(p, '=');
		assert_non_null(equals);
		end = strchr(equals, ';') ? strchr(equals, ';') : p + strlen(p);
		name = parse_unescape(p, (size_t)(equals - p));
		assert_bytes(name, field->name.data, field->name.size);
		back = parse_unescape(equals + 1, (size_t)(end - equals - 1));
		p = end;
		if (field->value.tag == WV_VALUE_LIST)
			continue;
		expected = field->value.tag == WV_VALUE_NULL ? g_string_new(NULL)
							     : expected_bytes(&field->value);
		assert_bytes(back, expected->str, expected->len);
	}
	assert_string_equal(p, "");
}

static void check_csv(const struct wv_row *row)
{
	g_autoptr(GString) line = encode("csv", row);
	g_autoptr(GString) header = g_string_new(NULL);
	g_autoptr(GPtrArray) columns = parse_csv(line->str, line->len);
	g_autoptr(GPtrArray) names = NULL;
	g_autoptr(GString) process = NULL;

	wv_encoder_find("csv")->header(row->type, header);
	names = parse_csv(header->str, header->len);
	assert_non_null(names);
	assert_non_null(columns);
	assert_int_equal(columns->len, names->len);
	assert_int_equal(columns->len,
			 CSV_COMMON_COLUMNS + row->type->n_fields + row->type->open_ended);

	process = unescape_csv(columns->pdata[8]);
	assert_bytes(process, row->process.data, row->process.size);
	for (unsigned i = 0; i < row->type->n_fields; i++) {
		const struct parsed_value *column = columns->pdata[CSV_COMMON_COLUMNS + i];
		const struct parsed_value *name = names->pdata[CSV_COMMON_COLUMNS + i];
		const struct wv_row_field *field = NULL;

		assert_string_equal(name->text->str, row->type->fields[i].name);
		for (unsigned j = 0; j < row->n_fields && !field; j++) {
			if (row->fields[j].field == &row->type->fields[i])
				field = &row->fields[j];
		}
		if (!field || field->value.tag == WV_VALUE_NULL) {
			assert_false(column->quoted);
			assert_string_equal(column->text->str, "");
		} else if (field->value.tag == WV_VALUE_BYTES) {
			g_autoptr(GString) expected = expected_bytes(&field->value);
			g_autoptr(GString) back = unescape_csv(column);

			assert_bytes(back, expected->str, expected->len);
		} else {
			assert_true(field->value.tag == WV_VALUE_LIST || column->text->len > 0);
		}
	}
	if (row->type->open_ended)
		check_csv_arguments(columns->pdata[columns->len - 1], row);
}

/* --- json --- */

static void assert_json_text(struct json_object *object, const char *data, size_t size)
{
	g_autoptr(GString) expected = expected_utf8(data, size);

	assert_int_equal(json_object_get_type(object), json_type_string);
	assert_int_equal(json_object_get_string_len(object), expected->len);
	assert_memory_equal(json_object_get_string(object), expected->str, expected->len);
}

/* The key that a field must have, by a table of those that are taken. */
static char *expected_key(GHashTable *taken, struct wv_bytes name)
{
	g_autoptr(GString) utf8 = expected_utf8(name.data, name.size);
	g_autoptr(GString) base = g_string_new(NULL);
	char *key;

	for (size_t i = 0; i < utf8->len; i++) {
		if (utf8->str[i])
			g_string_append_c(base, utf8->str[i]);
		else
			g_string_append(base, "\xef\xbf\xbd");
	}
	key = g_strdup(base->str);
	for (unsigned suffix = 2; g_hash_table_contains(taken, key); suffix++) {
		g_free(key);
		key = g_strdup_printf("%s_%u", base->str, suffix);
	}
	g_hash_table_add(taken, g_strdup(key));
	return key;
}

static void check_json_list(struct json_object *object, const struct wv_value *list)
{
	struct wv_list_item item;
	size_t cursor = 0, index = 0;

	assert_int_equal(json_object_get_type(object), json_type_array);
	while (wv_list_next(list, &cursor, &item)) {
		struct json_object *got = json_object_array_get_idx(object, index++);

		if (item.name.data) {
			g_autoptr(GHashTable) none =
				g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
			g_autofree char *key = expected_key(none, item.name);
			struct json_object *text = NULL;

			assert_int_equal(json_object_object_length(got), 1);
			assert_true(json_object_object_get_ex(got, key, &text));
			got = text;
		}
		assert_json_text(got, item.text.data, item.text.size);
	}
	assert_int_equal(json_object_array_length(object), index);
}

static void check_json_value(struct json_object *object, const struct wv_row_field *field)
{
	const struct wv_value *value = &field->value;
	g_autoptr(GString) expected = NULL;

	if (value->tag == WV_VALUE_NULL) {
		assert_null(object);
	} else if (value->tag == WV_VALUE_LIST) {
		if (field->field)
			check_json_list(object, value);
		else
			assert_int_equal(json_object_get_type(object), json_type_string);
	} else if (value->tag == WV_VALUE_BYTES || !field->field) {
		expected = expected_bytes(value);
		assert_json_text(object, expected->str, expected->len);
	} else if (field->field->kind == WV_KIND_NUMBER) {
		assert_int_equal(json_object_get_type(object), json_type_int);
		if (value->tag == WV_VALUE_INT)
			assert_int_equal(json_object_get_int64(object), value->i);
		else
			assert_int_equal(json_object_get_uint64(object), value->u);
	} else if (field->field->kind == WV_KIND_HEX) {
		assert_int_equal(json_object_get_type(object), json_type_string);
		assert_int_equal(strtoull(json_object_get_string(object), NULL, 16), value->u);
	}
}

static void check_json(const struct wv_row *row)
{
	g_autoptr(GString) line = encode("json", row);
	g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object, *value = NULL;
	unsigned n_common = 0;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, line->str, (int)line->len);
	assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
	assert_int_equal(json_object_get_type(object), json_type_object);

	for (; wv_json_common_keys[n_common]; n_common++) {
		g_hash_table_add(taken, g_strdup(wv_json_common_keys[n_common]));
		assert_true(json_object_object_get_ex(object, wv_json_common_keys[n_common], NULL));
	}
	assert_int_equal(count_json_keys(line->str), n_common + row->n_fields);
	assert_int_equal(json_object_object_length(object), n_common + row->n_fields);
	assert_true(json_object_object_get_ex(object, "ProcessName", &value));
	assert_json_text(value, row->process.data, row->process.size);

	for (unsigned i = 0; i < row->type->n_fields; i++)
		g_hash_table_add(taken, g_strdup(row->type->fields[i].name));
	for (unsigned i = 0; i < row->n_fields; i++) {
		const struct wv_row_field *field = &row->fields[i];
		g_autofree char *key = field->field ? g_strdup(field->field->name)
						    : expected_key(taken, field->name);

		assert_true(json_object_object_get_ex(object, key, &value));
		check_json_value(value, field);
	}
	json_object_put(object);
	json_tokener_free(tokener);
}

void check_row(const struct wv_row *row)
{
	check_default(row);
	check_kv(row);
	check_csv(row);
	check_json(row);
}
