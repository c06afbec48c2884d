/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The format `csv` (RFC 4180, lines ended by LF): fixed columns per event type.
 *
 * The common columns come first, then every declared field in declared order: an absent one and one
 * that could not be read are empty. Types that are open-ended have one more column, Arguments, with
 * the fields that brought their own names as name=value joined with `;`. Texts are always in
 * quotes, numbers and hex never. One row is one line: see wv_escape_csv().
 */
#include "output/append.h"
#include "output/encoders.h"
#include "output/escape.h"
#include "output/fields.h"
#include "output/shape.h"

static const char *const common_columns[] = {
	"Plugin", "TimeStamp", "VCPU",	      "CR3",	"UserId",   "PID",
	"PPID",	  "TID",       "ProcessName", "Method", "EventUID", NULL,
};

static void append_text(GString *out, struct wv_bytes text)
{
	wv_append_char(out, '"');
	wv_escape_csv(out, text);
	wv_append_char(out, '"');
}

static void append_string(GString *out, const char *text)
{
	struct wv_bytes bytes = { text, strlen(text) };

	append_text(out, bytes);
}

static void append_list(GString *out, const struct wv_value *list)
{
	struct wv_item_walk walk = { 0 };
	struct wv_list_item item;
	bool first = true;

	wv_append_char(out, '"');
	while (wv_item_next(list, &walk, &item)) {
		if (!first)
			wv_append_char(out, ';');
		first = false;
		if (item.name.data) {
			wv_escape_csv_item_name(out, item.name);
			wv_append_char(out, ':');
		}
		wv_escape_csv_item(out, item.text);
	}
	wv_append_char(out, '"');
}

static void append_column(GString *out, const struct wv_row_field *field)
{
	struct wv_shape shape;

	wv_shape_of(field, &shape);
	switch (shape.kind) {
	case WV_SHAPE_NULL:
		break;
	case WV_SHAPE_SIGNED:
		wv_append_i64(out, shape.i);
		break;
	case WV_SHAPE_UNSIGNED:
		wv_append_u64(out, shape.u);
		break;
	case WV_SHAPE_HEX:
		wv_append_hex(out, shape.u);
		break;
	case WV_SHAPE_TEXT:
		wv_append_char(out, '"');
		wv_escape_csv(out, shape.text);
		if (shape.truncated)
			WV_APPEND(out, "...");
		wv_append_char(out, '"');
		break;
	case WV_SHAPE_LIST:
		append_list(out, shape.list);
		break;
	}
}

/* A value among others in the column Arguments. */
static void append_argument(GString *out, const struct wv_row_field *field)
{
	struct wv_shape shape;

	wv_shape_of(field, &shape);
	switch (shape.kind) {
	case WV_SHAPE_NULL:
		break;
	case WV_SHAPE_SIGNED:
		wv_append_i64(out, shape.i);
		break;
	case WV_SHAPE_UNSIGNED:
		wv_append_u64(out, shape.u);
		break;
	case WV_SHAPE_HEX:
		wv_append_hex(out, shape.u);
		break;
	case WV_SHAPE_TEXT:
		wv_escape_csv_item(out, shape.text);
		if (shape.truncated)
			WV_APPEND(out, "...");
		break;
	case WV_SHAPE_LIST: {
		g_autoptr(GString) joined = wv_list_joined(shape.list);
		struct wv_bytes text = { joined->str, joined->len };

		wv_escape_csv_item(out, text);
		break;
	}
	}
}

static void append_arguments(GString *out, const struct wv_row *row)
{
	bool first = true;

	wv_append_char(out, '"');
	for (unsigned i = 0; i < row->n_fields; i++) {
		if (row->fields[i].field)
			continue;
		if (!first)
			wv_append_char(out, ';');
		first = false;
		wv_escape_csv_item_name(out, row->fields[i].name);
		wv_append_char(out, '=');
		append_argument(out, &row->fields[i]);
	}
	wv_append_char(out, '"');
}

static void append_common(GString *out, const struct wv_row *row)
{
	append_string(out, row->type->plugin);
	wv_append_char(out, ',');
	wv_append_time(out, row->time_us);
	wv_append_char(out, ',');
	wv_append_u64(out, row->vcpu);
	wv_append_char(out, ',');
	wv_append_hex(out, row->cr3);
	wv_append_char(out, ',');
	wv_append_i64(out, row->user_id);
	wv_append_char(out, ',');
	wv_append_u64(out, row->pid);
	wv_append_char(out, ',');
	wv_append_u64(out, row->ppid);
	wv_append_char(out, ',');
	wv_append_u64(out, row->tid);
	wv_append_char(out, ',');
	append_text(out, row->process);
	wv_append_char(out, ',');
	append_string(out, row->method);
	wv_append_char(out, ',');
	wv_append_hex(out, row->uid);
}

static void append_row(const struct wv_row *row, GString *out)
{
	const struct wv_row_field *columns[WV_ROW_FIELDS_MAX];

	append_common(out, row);
	wv_fields_by_declaration(row, columns);
	for (unsigned i = 0; i < row->type->n_fields; i++) {
		wv_append_char(out, ',');
		if (i < WV_ROW_FIELDS_MAX && columns[i])
			append_column(out, columns[i]);
	}
	if (row->type->open_ended) {
		wv_append_char(out, ',');
		append_arguments(out, row);
	}
	wv_append_char(out, '\n');
	wv_append_end(out);
}

static bool is_common_column(const char *name)
{
	for (size_t i = 0; common_columns[i]; i++) {
		if (strcmp(common_columns[i], name) == 0)
			return true;
	}
	return false;
}

static void append_header(const struct wv_event_type *type, GString *out)
{
	for (size_t i = 0; common_columns[i]; i++) {
		if (i > 0)
			wv_append_char(out, ',');
		wv_append_string(out, common_columns[i]);
	}
	for (unsigned i = 0; i < type->n_fields; i++) {
		wv_append_char(out, ',');
		wv_append_string(out, type->fields[i].name);
		/* Some plugins' fields repeat a common column; no column has its name twice. */
		if (is_common_column(type->fields[i].name))
			WV_APPEND(out, "_2");
	}
	if (type->open_ended)
		WV_APPEND(out, ",Arguments");
	wv_append_char(out, '\n');
	wv_append_end(out);
}

static const char *const notes[] = {
	"The columns are fixed for each method: the common ones, then all declared fields in their "
	"order. One that does not apply and one that could not be read are both empty.",
	"Rows of different methods have different columns: select by the columns Plugin and Method. "
	"`--csv-header` prints the names of a method's columns before its first row.",
	"Quoting is that of RFC 4180, with a line feed at the end of a row: texts are always in "
	"double quotes, and a quote in them is doubled; numbers are never quoted.",
	"One row is one line: in texts a line feed is `\\n`, a carriage return `\\r`, a tab `\\t`, a "
	"backslash `\\\\`, and each byte of other control characters and of ill-formed UTF-8 "
	"`\\xHH`. In a list `;` is `\\x3b`.",
	NULL,
};

const struct wv_encoder wv_encoder_csv = {
	.name = "csv",
	.meaning = "one line of comma-separated columns per event",
	.common = common_columns,
	.notes = notes,
	.row = append_row,
	.header = append_header,
};
