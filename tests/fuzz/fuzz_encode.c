/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for the encoders: makes a row of the input, as hostile as a record's
 * writer could, and stops where an output is not one line of UTF-8, json is not valid or has a key
 * twice, or csv has not its columns.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "output/encode.h"
#include "output/schema_check.h"
#include "parse_back.h"
#include "rows.h"

#define CSV_COMMON_COLUMNS 11

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of the right size, so that the sanitizer sees each byte read beyond it. */
static struct wv_bytes take_bytes(struct input *input, GPtrArray *keep)
{
	size_t size = take(input, 1);
	struct wv_bytes bytes;

	size = MIN(size, input->left);
	bytes.data = g_memdup2(input->data, size);
	bytes.size = size;
	g_ptr_array_add(keep, (void *)bytes.data);
	input->data += size;
	input->left -= size;
	return bytes;
}

static void take_value(struct input *input, GPtrArray *keep, struct wv_value *value)
{
	uint8_t tag = (uint8_t)take(input, 1);

	value->truncated = tag & 0x80;
	/* One tag beyond the last: a writer's nonsense. */
	value->tag = (enum wv_value_tag)((tag & 0x7f) % (WV_VALUE_LIST + 2));
	if (value->tag == WV_VALUE_BYTES || value->tag == WV_VALUE_LIST)
		value->bytes = take_bytes(input, keep);
	else
		value->u = take(input, 8);
}

static void take_row(struct input *input, GPtrArray *keep, struct wv_row *row)
{
	uint8_t what = (uint8_t)take(input, 1);

	row_start(row, what & 1 ? &open_type : &all_kinds);
	row->os = what & 2 ? WV_OS_WINDOWS : WV_OS_LINUX;
	row->time_us = take(input, 8);
	row->uid = take(input, 8);
	row->cr3 = take(input, 8);
	row->user_id = (int64_t)take(input, 8);
	row->pid = (uint32_t)take(input, 4);
	row->process = take_bytes(input, keep);

	while (input->left > 0 && row->n_fields < WV_ROW_FIELDS_MAX) {
		unsigned index = (unsigned)take(input, 1);

		if (index < 0x80)
			take_value(input, keep, row_field(row, index % row->type->n_fields));
		else
			take_value(input, keep, row_own_field(row, take_bytes(input, keep)));
	}
}

static void stop_unless(bool good, const char *what, const GString *line)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", what, line->str);
	abort();
}

static void check_json(const struct wv_row *row, const GString *line)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;
	unsigned n_keys = row->n_fields;

	for (size_t i = 0; wv_json_common_keys[i]; i++)
		n_keys++;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, line->str, (int)line->len);
	stop_unless(object && json_object_is_type(object, json_type_object), "not json", line);
	stop_unless(count_json_keys(line->str) == n_keys, "wrong number of keys", line);
	stop_unless((unsigned)json_object_object_length(object) == n_keys, "a key twice", line);
	json_object_put(object);
	json_tokener_free(tokener);
}

static void check_csv(const struct wv_row *row, const GString *line)
{
	g_autoptr(GPtrArray) columns = parse_csv(line->str, line->len);
	unsigned n_columns = CSV_COMMON_COLUMNS + row->type->n_fields + row->type->open_ended;

	stop_unless(columns && columns->len == n_columns, "not the columns", line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	g_autoptr(GPtrArray) keep = g_ptr_array_new_with_free_func(g_free);
	struct wv_row row;

	take_row(&input, keep, &row);
	for (size_t i = 0; wv_encoders[i]; i++) {
		g_autoptr(GString) line = g_string_new(NULL);

		wv_encoders[i]->row(&row, line);
		stop_unless(strlen(line->str) == line->len, "a NUL inside", line);
		stop_unless(is_one_line(line->str, line->len), "not one line", line);
		if (strcmp(wv_encoders[i]->name, "json") == 0)
			check_json(&row, line);
		else if (strcmp(wv_encoders[i]->name, "csv") == 0)
			check_csv(&row, line);
	}
	return 0;
}
