/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One event of a file that `wyvern` has written as json. */
#include "sandbox/tree_row.h"

#include <json-c/json.h>
#include <string.h>

/* An object with a list of objects in it is as deep as events are. */
#define DEPTH_MAX 6

struct json_tokener *wv_tree_row_parser_new(void)
{
	struct json_tokener *parser = json_tokener_new_ex(DEPTH_MAX);

	json_tokener_set_flags(parser, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	return parser;
}

void wv_tree_row_parser_free(struct json_tokener *parser)
{
	json_tokener_free(parser);
}

static bool text_of(struct json_object *value, struct wv_bytes *text)
{
	if (!json_object_is_type(value, json_type_string))
		return false;
	*text = (struct wv_bytes){ json_object_get_string(value),
				   (size_t)json_object_get_string_len(value) };
	return true;
}

bool wv_tree_row_text(const struct wv_tree_row *row, const char *key, struct wv_bytes *text)
{
	struct json_object *value;

	return json_object_object_get_ex(row->fields, key, &value) && text_of(value, text);
}

bool wv_tree_row_number(const struct wv_tree_row *row, const char *key, int64_t *number)
{
	struct json_object *value;

	if (!json_object_object_get_ex(row->fields, key, &value) ||
	    !json_object_is_type(value, json_type_int))
		return false;
	*number = json_object_get_int64(value);
	return true;
}

bool wv_tree_row_argument(const struct wv_tree_row *row, unsigned index, const char **name,
			  struct wv_bytes *text)
{
	struct json_object_iterator at = json_object_iter_begin(row->fields);
	struct json_object_iterator end = json_object_iter_end(row->fields);
	bool counting = false;

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *key = json_object_iter_peek_name(&at);

		if (!counting) {
			counting = strcmp(key, "NArgs") == 0;
		} else if (index-- == 0) {
			*name = key;
			return text_of(json_object_iter_peek_value(&at), text);
		}
	}
	return false;
}

/** Process and thread numbers: Linux has at most 2^22 (PID_MAX_LIMIT), other systems 32 bits. */
static bool id_of(const struct wv_tree_row *row, const char *key, uint32_t *id)
{
	int64_t number;

	if (!wv_tree_row_number(row, key, &number) || number < 0 || number > UINT32_MAX)
		return false;
	*id = (uint32_t)number;
	return true;
}

/** Seconds, a dot, and six decimals. */
static uint64_t time_of(const struct wv_tree_row *row)
{
	struct wv_bytes text;
	uint64_t seconds, part;
	char *end;

	/* json-c ends its texts with a zero byte */
	if (!wv_tree_row_text(row, "TimeStamp", &text))
		return 0;
	seconds = g_ascii_strtoull(text.data, &end, 10);
	if (*end != '.' || strlen(end + 1) != 6 || strspn(end + 1, "0123456789") != 6)
		return 0;
	part = g_ascii_strtoull(end + 1, NULL, 10);
	return seconds > (UINT64_MAX - part) / G_USEC_PER_SEC ? 0 : seconds * G_USEC_PER_SEC + part;
}

static bool read_common(struct wv_tree_row *row)
{
	struct wv_bytes uid;

	if (!wv_tree_row_text(row, "Plugin", &row->plugin) ||
	    !wv_tree_row_text(row, "Method", &row->method) || !id_of(row, "PID", &row->pid))
		return false;
	if (!id_of(row, "TID", &row->tid))
		row->tid = row->pid;
	id_of(row, "PPID", &row->ppid);
	wv_tree_row_text(row, "ProcessName", &row->process);
	if (wv_tree_row_text(row, "EventUID", &uid))
		row->uid = g_ascii_strtoull(uid.data, NULL, 16);
	row->time_us = time_of(row);
	return true;
}

bool wv_tree_row_parse(struct json_tokener *parser, const char *line, size_t size,
		       struct wv_tree_row *row)
{
	*row = (struct wv_tree_row){ .process = { "", 0 } };
	if (size == 0 || size > INT32_MAX)
		return false;
	json_tokener_reset(parser);
	row->fields = json_tokener_parse_ex(parser, line, (int)size);
	if (json_object_is_type(row->fields, json_type_object) &&
	    json_tokener_get_error(parser) == json_tokener_success &&
	    json_tokener_get_parse_end(parser) == size && read_common(row))
		return true;
	wv_tree_row_deinit(row);
	return false;
}

void wv_tree_row_deinit(struct wv_tree_row *row)
{
	json_object_put(row->fields);
	row->fields = NULL;
}
