/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows for tests of the encoders: small event types, and ways to fill a row. */
#include <string.h>

#include "output/definition.h"
#include "output/names.h"
#include "rows.h"

static const struct wv_field kind_fields[] = {
	{ .name = "Number", .kind = WV_KIND_NUMBER, .meaning = "a number" },
	{ .name = "Hex", .kind = WV_KIND_HEX, .meaning = "a hex number" },
	{ .name = "String", .kind = WV_KIND_STRING, .optional = true, .meaning = "a text" },
	{ .name = "Name", .kind = WV_KIND_NAME, .format = wv_format_signal, .meaning = "a signal" },
	{ .name = "Flags",
	  .kind = WV_KIND_FLAGS,
	  .format = wv_format_clone_flags,
	  .meaning = "flags" },
	{ .name = "Result", .kind = WV_KIND_RESULT, .meaning = "a result" },
	{ .name = "List", .kind = WV_KIND_LIST, .meaning = "a list" },
};

const struct wv_event_type all_kinds = {
	.plugin = "procmon",
	.methods = { "begin_new_exec", "do_execveat_common" },
	.os = WV_OS_LINUX | WV_OS_WINDOWS,
	.fields = kind_fields,
	.n_fields = G_N_ELEMENTS(kind_fields),
	.meaning = "a field of each kind",
};

const struct wv_event_type open_type = {
	.plugin = "syscall",
	.methods = { "openat" },
	.os = WV_OS_LINUX,
	.fields = kind_fields,
	.n_fields = G_N_ELEMENTS(kind_fields),
	.open_ended = true,
	.meaning = "a field of each kind and more",
};

/** What it finds is of its own business; the tests see that it was called, and once. */
static void resolve(struct wv_definition *definition)
{
	for (unsigned i = 0; i < definition->n_arguments; i++) {
		g_assert(!definition->decoders[i]);
		definition->decoders[i] = definition->types[i];
	}
}

static void raw_text(const struct wv_definition *definition, unsigned index,
		     const struct wv_raw *raw, GString *text)
{
	uint64_t sum = 0;

	g_assert(index < definition->n_arguments);
	g_string_append_printf(text, "%s 0x%" G_GINT64_MODIFIER "x",
			       (const char *)definition->decoders[index], raw->number);
	if (raw->captured) {
		g_string_append_c(text, '=');
		g_string_append_len(text, raw->bytes.data, (gssize)raw->bytes.size);
	}
	if (raw->truncated)
		g_string_append_c(text, '+');
	if (!raw->numbers)
		return;
	for (unsigned i = 0; i < definition->n_arguments; i++)
		sum += raw->numbers[i];
	g_string_append_printf(text, "/0x%" G_GINT64_MODIFIER "x", sum);
}

const struct wv_event_type defined_type = {
	.plugin = "syscall",
	.os = WV_OS_LINUX,
	.fields = kind_fields,
	.n_fields = G_N_ELEMENTS(kind_fields),
	.open_ended = true,
	.defined = true,
	.resolve = resolve,
	.raw_text = raw_text,
	.meaning = "a field of each kind, and what was defined",
};

void row_start(struct wv_row *row, const struct wv_event_type *type)
{
	memset(row, 0, sizeof(*row));
	row->type = type;
	row->method = type->methods[0];
	row->time_us = 1234567890123456;
	row->uid = 0x2a;
	row->cr3 = 0x1aa000;
	row->os = WV_OS_LINUX;
	row->pid = 12;
	row->ppid = 1;
	row->tid = 13;
	row->user_id = 1000;
	row->process = BYTES("bash");
}

static struct wv_row_field *add_field(struct wv_row *row)
{
	g_assert(row->n_fields < WV_ROW_FIELDS_MAX);
	return &row->fields[row->n_fields++];
}

struct wv_value *row_field(struct wv_row *row, unsigned index)
{
	struct wv_row_field *field = add_field(row);

	field->field = &row->type->fields[index];
	field->name = (struct wv_bytes){ field->field->name, strlen(field->field->name) };
	return &field->value;
}

struct wv_value *row_own_field(struct wv_row *row, struct wv_bytes name)
{
	struct wv_row_field *field = add_field(row);

	field->field = NULL;
	field->name = name;
	return &field->value;
}

struct wv_value value_int(int64_t number)
{
	return (struct wv_value){ .tag = WV_VALUE_INT, .i = number };
}

struct wv_value value_uint(uint64_t number)
{
	return (struct wv_value){ .tag = WV_VALUE_UINT, .u = number };
}

struct wv_value value_bytes(struct wv_bytes text)
{
	return (struct wv_value){ .tag = WV_VALUE_BYTES, .bytes = text };
}

struct wv_value value_null(void)
{
	return (struct wv_value){ .tag = WV_VALUE_NULL };
}

struct wv_value value_list(const GByteArray *packed)
{
	return (struct wv_value){
		.tag = WV_VALUE_LIST,
		.bytes = { (const char *)packed->data, packed->len },
	};
}

void pack_item(GByteArray *packed, struct wv_bytes name, struct wv_bytes text)
{
	const uint16_t sizes[2] = { name.data ? (uint16_t)name.size : 0xffff, (uint16_t)text.size };

	g_byte_array_append(packed, (const uint8_t *)sizes, sizeof(sizes));
	if (name.data && name.size)
		g_byte_array_append(packed, (const uint8_t *)name.data, (unsigned)name.size);
	if (text.size)
		g_byte_array_append(packed, (const uint8_t *)text.data, (unsigned)text.size);
}
