/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing records, and reading them back without trust. */
#include "output/record.h"

#include <string.h>

/* not the index of a declared field: the value brings its own name */
#define FIELD_NAMED 0xfffe
/* likewise: of the content that follows, {u64 number, u64 size} */
#define FIELD_CONTENT 0xfffd
/* arguments of a definition have this and the numbers above it */
#define FIELD_ARGUMENT 0x8000

/* a tag of records only: {u64 number, bytes}; a row has the text that is made of it */
#define VALUE_RAW 0x40

#define VALUE_TRUNCATED 1
#define VALUE_CAPTURED	2

struct value_head {
	uint16_t field;
	uint8_t tag;
	uint8_t flags;
	uint32_t size; /* of the payload, without padding */
};

#define ALIGN8(size) (((size) + 7u) & ~(size_t)7)

void wv_writer_start(struct wv_writer *writer, enum wv_record_kind kind)
{
	struct wv_record_head *head = wv_writer_head(writer);

	memset(head, 0, sizeof(*head));
	head->kind = (uint16_t)kind;
	writer->used = sizeof(*head);
	writer->overflow = false;
}

static size_t writer_room(const struct wv_writer *writer)
{
	size_t taken = writer->used + sizeof(struct value_head);

	return taken < WV_RECORD_MAX ? WV_RECORD_MAX - taken : 0;
}

/** Appends a value's head and gives its payload's place; NULL when it does not fit. */
static void *writer_value(struct wv_writer *writer, uint16_t field, enum wv_value_tag tag,
			  uint8_t flags, size_t size)
{
	if (WV_RECORD_MAX - writer->used < sizeof(struct value_head) + ALIGN8(size)) {
		writer->overflow = true;
		return NULL;
	}

	struct value_head *head = (struct value_head *)(writer->data + writer->used);

	*head = (struct value_head){
		.field = field, .tag = (uint8_t)tag, .flags = flags, .size = (uint32_t)size
	};
	writer->used += (uint32_t)(sizeof(*head) + ALIGN8(size));
	return head + 1;
}

void wv_writer_int(struct wv_writer *writer, uint16_t field, int64_t value)
{
	int64_t *payload = writer_value(writer, field, WV_VALUE_INT, 0, sizeof(value));

	if (payload)
		*payload = value;
}

void wv_writer_uint(struct wv_writer *writer, uint16_t field, uint64_t value)
{
	uint64_t *payload = writer_value(writer, field, WV_VALUE_UINT, 0, sizeof(value));

	if (payload)
		*payload = value;
}

void wv_writer_null(struct wv_writer *writer, uint16_t field)
{
	writer_value(writer, field, WV_VALUE_NULL, 0, 0);
}

void wv_writer_bytes(struct wv_writer *writer, uint16_t field, const void *data, size_t size,
		     bool truncated)
{
	size_t room = MIN(writer_room(writer) & ~(size_t)7, WV_TEXT_MAX);
	bool fits = size <= room;
	size_t kept = fits ? size : room;
	uint8_t flags = truncated || !fits ? VALUE_TRUNCATED : 0;
	void *payload =
		kept || fits ? writer_value(writer, field, WV_VALUE_BYTES, flags, kept) : NULL;

	if (payload)
		memcpy(payload, data, kept);
	else
		writer->overflow = true;
}

void wv_writer_named(struct wv_writer *writer, const char *name, const void *data, size_t size,
		     bool truncated)
{
	size_t name_size = strnlen(name, UINT8_MAX);
	size_t room = 1 + name_size + size;
	char *text = wv_writer_text_begin(writer, FIELD_NAMED, &room);

	if (!text || room < 1 + name_size) {
		writer->overflow = true;
		return;
	}
	text[0] = (char)name_size;
	memcpy(text + 1, name, name_size);
	memcpy(text + 1 + name_size, data, room - 1 - name_size);
	wv_writer_text_end(writer, room, truncated || room < 1 + name_size + size);
}

char *wv_writer_text_begin(struct wv_writer *writer, uint16_t field, size_t *size)
{
	size_t room = writer_room(writer) & ~(size_t)7;

	if (*size > WV_TEXT_MAX)
		*size = WV_TEXT_MAX;
	if (*size > room)
		*size = room;
	if (!room) {
		writer->overflow = true;
		return NULL;
	}

	struct value_head *head = (struct value_head *)(writer->data + writer->used);

	*head = (struct value_head){ .field = field, .tag = WV_VALUE_BYTES };
	return (char *)(head + 1);
}

void wv_writer_text_end(struct wv_writer *writer, size_t size, bool truncated)
{
	struct value_head *head = (struct value_head *)(writer->data + writer->used);

	head->size = (uint32_t)size;
	head->flags = truncated ? VALUE_TRUNCATED : 0;
	writer->used += (uint32_t)(sizeof(*head) + ALIGN8(size));
}

void wv_writer_list_begin(struct wv_writer *writer, uint16_t field)
{
	size_t size = WV_TEXT_MAX;

	if (!wv_writer_text_begin(writer, field, &size))
		return;

	struct value_head *head = (struct value_head *)(writer->data + writer->used);

	head->tag = WV_VALUE_LIST;
}

void wv_writer_list_item(struct wv_writer *writer, const char *name, const void *text, size_t size)
{
	struct value_head *head = (struct value_head *)(writer->data + writer->used);
	size_t name_size = name ? strnlen(name, UINT8_MAX) : 0;
	uint16_t sizes[2] = { name ? (uint16_t)name_size : UINT16_MAX, (uint16_t)size };
	size_t whole = sizeof(sizes) + name_size + size;

	if (writer->overflow)
		return;
	if (size >= UINT16_MAX || whole > WV_TEXT_MAX - head->size ||
	    ALIGN8(head->size + whole) > writer_room(writer)) {
		head->flags |= VALUE_TRUNCATED;
		return;
	}

	uint8_t *out = (uint8_t *)(head + 1) + head->size;

	memcpy(out, sizes, sizeof(sizes));
	if (name)
		memcpy(out + sizeof(sizes), name, name_size);
	memcpy(out + sizeof(sizes) + name_size, text, size);
	head->size += (uint32_t)whole;
}

void wv_writer_list_end(struct wv_writer *writer, bool truncated)
{
	struct value_head *head = (struct value_head *)(writer->data + writer->used);

	if (writer->overflow)
		return;
	if (truncated)
		head->flags |= VALUE_TRUNCATED;
	writer->used += (uint32_t)(sizeof(*head) + ALIGN8(head->size));
}

void wv_writer_raw(struct wv_writer *writer, unsigned argument, uint64_t number)
{
	uint64_t *payload = writer_value(writer, (uint16_t)(FIELD_ARGUMENT + argument),
					 (enum wv_value_tag)VALUE_RAW, 0, sizeof(number));

	if (payload)
		*payload = number;
}

char *wv_writer_raw_begin(struct wv_writer *writer, unsigned argument, uint64_t number,
			  size_t *size)
{
	size_t whole = *size + sizeof(number);
	char *text = wv_writer_text_begin(writer, (uint16_t)(FIELD_ARGUMENT + argument), &whole);

	if (!text || whole < sizeof(number))
		return NULL;

	struct value_head *head = (struct value_head *)(writer->data + writer->used);

	head->tag = VALUE_RAW;
	memcpy(text, &number, sizeof(number));
	*size = whole - sizeof(number);
	return text + sizeof(number);
}

void wv_writer_raw_end(struct wv_writer *writer, size_t size, bool truncated)
{
	struct value_head *head = (struct value_head *)(writer->data + writer->used);

	wv_writer_text_end(writer, size + sizeof(uint64_t), truncated);
	head->flags |= VALUE_CAPTURED;
}

void wv_writer_content(struct wv_writer *writer, uint32_t number, uint64_t size)
{
	uint64_t *payload =
		writer_value(writer, FIELD_CONTENT, WV_VALUE_BYTES, 0, 2 * sizeof(*payload));

	if (!payload)
		return;
	payload[0] = number;
	payload[1] = size;
}

void wv_writer_start_content(struct wv_writer *writer, enum wv_content_step step, uint64_t offset)
{
	wv_writer_start(writer, WV_RECORD_CONTENT);
	wv_writer_head(writer)->type = step;
	wv_writer_head(writer)->uid = offset;
}

void wv_writer_finish(struct wv_writer *writer)
{
	wv_writer_head(writer)->size = writer->used;
}

/* Reading -------------------------------------------------------------------------------------- */

/** Steps to the next value of a record; false at the end and at anything that does not fit. */
static bool next_value(const uint8_t *data, size_t size, size_t *at, struct value_head *head,
		       const uint8_t **payload)
{
	if (size - *at < sizeof(*head))
		return false;
	memcpy(head, data + *at, sizeof(*head));
	if (head->size > size - *at - sizeof(*head))
		return false;
	*payload = data + *at + sizeof(*head);

	size_t step = sizeof(*head) + ALIGN8(head->size);

	*at = step > size - *at ? size : *at + step;
	return true;
}

static bool parse_value(const struct value_head *head, const uint8_t *payload,
			struct wv_value *value)
{
	value->tag = (enum wv_value_tag)head->tag;
	value->truncated = head->flags & VALUE_TRUNCATED;
	switch (head->tag) {
	case WV_VALUE_NULL:
		return true;
	case WV_VALUE_INT:
	case WV_VALUE_UINT:
		if (head->size != sizeof(value->u))
			return false;
		memcpy(&value->u, payload, sizeof(value->u));
		return true;
	case WV_VALUE_BYTES:
	case WV_VALUE_LIST:
		value->bytes = (struct wv_bytes){ (const char *)payload, head->size };
		return true;
	default:
		return false;
	}
}

/** A value with a name of its own: {u8 size, name, text}. */
static bool parse_named(struct wv_row_field *field)
{
	struct wv_bytes *bytes = &field->value.bytes;

	if (field->value.tag != WV_VALUE_BYTES || bytes->size < 1)
		return false;

	size_t name_size = (uint8_t)bytes->data[0];

	if (name_size > bytes->size - 1)
		return false;
	field->field = NULL;
	field->name = (struct wv_bytes){ bytes->data + 1, name_size };
	*bytes = (struct wv_bytes){ bytes->data + 1 + name_size, bytes->size - 1 - name_size };
	return true;
}

/** An argument of a definition: its text is made, and stands in the row as its place in the text.
 */
static bool parse_raw(const struct value_head *head, const uint8_t *payload,
		      const struct wv_event_type *type, const struct wv_definition *definition,
		      const uint64_t *numbers, GString *text, struct wv_row_field *field)
{
	unsigned index = head->field - FIELD_ARGUMENT;
	struct wv_raw raw = { .numbers = numbers,
			      .captured = head->flags & VALUE_CAPTURED,
			      .truncated = head->flags & VALUE_TRUNCATED };

	if (index >= definition->n_arguments || head->tag != VALUE_RAW ||
	    head->size < sizeof(raw.number))
		return false;
	memcpy(&raw.number, payload, sizeof(raw.number));
	raw.bytes = (struct wv_bytes){ (const char *)payload + sizeof(raw.number),
				       head->size - sizeof(raw.number) };

	size_t start = text->len;

	type->raw_text(definition, index, &raw, text);
	field->field = NULL;
	field->name = (struct wv_bytes){ definition->arguments[index],
					 strlen(definition->arguments[index]) };
	field->value = (struct wv_value){
		.tag = WV_VALUE_BYTES,
		.bytes = { (const char *)start, text->len - start }, /* see place_texts() */
	};
	return true;
}

G_STATIC_ASSERT(WV_DEFINITION_ARGS < 32); /* a bit each */

/** Collects the numbers of all arguments; false when the record does not have them all. */
static bool collect_numbers(const uint8_t *data, size_t size, unsigned n_arguments,
			    uint64_t numbers[WV_DEFINITION_ARGS])
{
	struct value_head value;
	const uint8_t *payload;
	size_t at = sizeof(struct wv_record_head);
	unsigned found = 0;

	while (next_value(data, size, &at, &value, &payload)) {
		unsigned index = value.field - FIELD_ARGUMENT;

		if (value.tag != VALUE_RAW || index >= n_arguments || value.size < sizeof(*numbers))
			continue;
		memcpy(&numbers[index], payload, sizeof(*numbers));
		found |= 1u << index;
	}
	return found == (1u << n_arguments) - 1;
}

/** The texts have stopped moving: their places become addresses. */
static void place_texts(struct wv_row *row, uint64_t made, const GString *text)
{
	for (unsigned i = 0; i < row->n_fields; i++)
		if (made & (UINT64_C(1) << i))
			row->fields[i].value.bytes.data =
				text->str + (size_t)row->fields[i].value.bytes.data;
}

static bool parse_field(const struct value_head *value, const struct wv_event_type *type,
			struct wv_row_field *field)
{
	if (value->field == FIELD_NAMED)
		return type->open_ended && parse_named(field);
	if (value->field >= type->n_fields)
		return false;
	field->field = &type->fields[value->field];
	field->name = (struct wv_bytes){ field->field->name, strlen(field->field->name) };
	return true;
}

static bool parse_content(const struct wv_value *value, struct wv_row *row)
{
	uint64_t content[2];

	if (value->tag != WV_VALUE_BYTES || value->bytes.size != sizeof(content))
		return false;
	memcpy(content, value->bytes.data, sizeof(content));
	row->content = (uint32_t)content[0];
	row->content_size = content[1];
	return true;
}

static unsigned count_methods(const struct wv_event_type *type)
{
	unsigned count = 0;

	while (count < WV_METHODS_MAX && type->methods[count])
		count++;
	return count;
}

/** The head's part of a row. */
static bool parse_head(const struct wv_record_head *head, const struct wv_schema *schema,
		       const struct wv_definitions *definitions,
		       const struct wv_definition **definition, struct wv_row *row)
{
	if (head->type >= schema->n_types)
		return false;

	const struct wv_event_type *type = schema->types[head->type];

	*definition = NULL;
	if (type->defined) {
		*definition = definitions && head->method < WV_DEFINITIONS_MAX
				      ? definitions->items[head->method]
				      : NULL;
		if (!*definition)
			return false;
		row->method = (*definition)->name;
	} else {
		if (head->method >= count_methods(type))
			return false;
		row->method = type->methods[head->method];
	}
	row->type = type;
	row->time_us = head->time_ns / 1000;
	row->uid = head->uid;
	row->cr3 = head->cr3;
	row->vcpu = head->vcpu;
	row->os = head->os == WV_OS_WINDOWS ? WV_OS_WINDOWS : WV_OS_LINUX;
	row->pid = head->pid;
	row->ppid = head->ppid;
	row->tid = head->tid;
	row->user_id = head->user_id;
	row->process = (struct wv_bytes){ "", 0 };
	row->content = 0;
	row->content_size = 0;
	row->n_fields = 0;
	return true;
}

/** The fields that are not written but given: the type's first ones. */
static void add_given(struct wv_row *row)
{
	const struct wv_event_type *type = row->type;

	for (unsigned i = 0; i < type->n_fields && type->fields[i].given; i++) {
		const struct wv_field *field = &type->fields[i];
		struct wv_row_field *out = &row->fields[row->n_fields++];

		*out = (struct wv_row_field){ .field = field,
					      .name = { field->name, strlen(field->name) },
					      .value.tag = WV_VALUE_UINT };
		switch (field->given) {
		case WV_GIVEN_VCPU:
			out->value.u = row->vcpu;
			break;
		case WV_GIVEN_CR3:
			out->value.u = row->cr3;
			break;
		case WV_GIVEN_TEXT:
			out->value.tag = WV_VALUE_BYTES;
			out->value.bytes = (struct wv_bytes){ field->text, strlen(field->text) };
			break;
		case WV_GIVEN_NOT:
			break;
		}
	}
}

bool wv_record_parse(const void *data, size_t size, const struct wv_schema *schema,
		     struct wv_definitions *definitions, struct wv_row *row)
{
	const struct wv_definition *definition;
	struct wv_record_head head;

	if (size < sizeof(head))
		return false;
	memcpy(&head, data, sizeof(head));
	if (head.kind != WV_RECORD_EVENT || head.size < sizeof(head) || head.size > size ||
	    !parse_head(&head, schema, definitions, &definition, row))
		return false;

	add_given(row);

	struct value_head value;
	const uint8_t *payload;
	size_t at = sizeof(head);
	uint64_t made = 0; /* bit n: field n is a text that was made */
	uint64_t numbers[WV_DEFINITION_ARGS] = { 0 };
	bool whole =
		definition && collect_numbers(data, head.size, definition->n_arguments, numbers);

	if (definitions)
		g_string_truncate(definitions->text, 0);
	while (next_value(data, head.size, &at, &value, &payload)) {
		struct wv_row_field *field = &row->fields[row->n_fields];

		if (row->n_fields == WV_ROW_FIELDS_MAX)
			return false;
		if (value.field >= FIELD_ARGUMENT && value.field < FIELD_CONTENT) {
			if (!definition ||
			    !parse_raw(&value, payload, row->type, definition,
				       whole ? numbers : NULL, definitions->text, field))
				return false;
			made |= UINT64_C(1) << row->n_fields++;
			continue;
		}
		if (!parse_value(&value, payload, &field->value))
			return false;
		if (value.field == WV_FIELD_PROCESS) {
			if (field->value.tag == WV_VALUE_BYTES)
				row->process = field->value.bytes;
			continue;
		}
		if (value.field == FIELD_CONTENT) {
			if (!parse_content(&field->value, row))
				return false;
			continue;
		}
		if (!parse_field(&value, row->type, field))
			return false;
		row->n_fields++;
	}
	if (made)
		place_texts(row, made, definitions->text);
	return true;
}

bool wv_record_define(const void *data, size_t size, const struct wv_schema *schema,
		      struct wv_definitions *definitions)
{
	struct wv_record_head head;
	struct value_head value;
	const uint8_t *payload;
	size_t at = sizeof(head);

	if (size < sizeof(head))
		return false;
	memcpy(&head, data, sizeof(head));
	if (head.size < sizeof(head) || head.size > size || head.type >= schema->n_types ||
	    !schema->types[head.type]->defined || head.method >= WV_DEFINITIONS_MAX)
		return false;

	struct wv_definition *definition = g_new0(struct wv_definition, 1);

	definition->flags = head.pid;
	while (next_value(data, head.size, &at, &value, &payload)) {
		/* 0: the method's name; then, from 1 on, an argument's name and type in turn */
		unsigned index = (value.field - 1u) / 2;
		char **place = &definition->name;

		if (value.tag != WV_VALUE_BYTES || value.field > 2 * WV_DEFINITION_ARGS)
			continue;
		if (value.field)
			place = value.field % 2 ? &definition->arguments[index]
						: &definition->types[index];
		g_free(*place);
		*place = g_strndup((const char *)payload, value.size);
		if (value.field && value.field % 2 == 0)
			definition->n_arguments = MAX(definition->n_arguments, index + 1);
	}
	if (!definition->name)
		definition->name = g_strdup("");
	for (unsigned i = 0; i < definition->n_arguments; i++) {
		if (!definition->arguments[i])
			definition->arguments[i] = g_strdup("");
		if (!definition->types[i])
			definition->types[i] = g_strdup("");
	}
	for (unsigned i = definition->n_arguments; i < WV_DEFINITION_ARGS; i++)
		g_clear_pointer(&definition->arguments[i], g_free);
	schema->types[head.type]->resolve(definition);
	wv_definitions_set(definitions, head.method, definition);
	return true;
}

/** The bytes of a record's first value; empty when there are none. */
static struct wv_bytes first_bytes(const void *data, size_t size, struct wv_record_head *head)
{
	struct value_head value;
	const uint8_t *payload;
	size_t at = sizeof(*head);

	memset(head, 0, sizeof(*head));
	if (size >= sizeof(*head)) {
		memcpy(head, data, sizeof(*head));
		if (head->size >= sizeof(*head) && head->size <= size &&
		    next_value(data, head->size, &at, &value, &payload) &&
		    value.tag == WV_VALUE_BYTES)
			return (struct wv_bytes){ (const char *)payload, value.size };
	}
	return (struct wv_bytes){ "", 0 };
}

bool wv_record_content(const void *data, size_t size, struct wv_content_piece *piece)
{
	struct wv_record_head head;

	piece->bytes = first_bytes(data, size, &head);
	piece->step = (enum wv_content_step)head.type;
	piece->offset = head.uid;
	return head.kind == WV_RECORD_CONTENT &&
	       (piece->step == WV_CONTENT_END ||
		(piece->step == WV_CONTENT_PIECE && piece->bytes.size));
}

struct wv_bytes wv_record_text(const void *data, size_t size)
{
	struct wv_record_head head;

	return first_bytes(data, size, &head);
}
