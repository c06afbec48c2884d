/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The format `json`: one object per line, always valid, always UTF-8, no key twice.
 *
 *   {"Plugin":"procmon","TimeStamp":"1234567890.123456","PID":12,"PPID":1,"TID":12,
 *    "UserName":"UID","UserId":0,"ProcessName":"bash","Method":"do_exit","EventUID":"0x2a",...}
 *
 * without blanks. Hex numbers are strings. A field that does not apply is left out, one that could
 * not be read is null. Fields with names of their own are strings (or null); where such a name
 * repeats a key it gets a suffix: _2, _3 and so on. Declared names never repeat a key: the
 * schema's check sees to it.
 */
#include "output/append.h"
#include "output/encoders.h"
#include "output/escape.h"
#include "output/fields.h"
#include "output/schema_check.h"
#include "output/shape.h"

static void append_text(GString *out, struct wv_bytes text)
{
	wv_append_char(out, '"');
	wv_escape_json(out, text);
	wv_append_char(out, '"');
}

static void append_string(GString *out, const char *text)
{
	struct wv_bytes bytes = { text, strlen(text) };

	append_text(out, bytes);
}

/* Strings, or an object of one key for each pair. */
static void append_list(GString *out, const struct wv_value *list)
{
	struct wv_item_walk walk = { 0 };
	struct wv_list_item item;
	bool first = true;

	wv_append_char(out, '[');
	while (wv_item_next(list, &walk, &item)) {
		if (!first)
			wv_append_char(out, ',');
		first = false;
		if (item.name.data) {
			WV_APPEND(out, "{\"");
			wv_escape_json_key(out, item.name);
			WV_APPEND(out, "\":");
			append_text(out, item.text);
			wv_append_char(out, '}');
		} else {
			append_text(out, item.text);
		}
	}
	wv_append_char(out, ']');
}

/** A text that its readers expect with escapes in it, which json escapes once more. */
static void append_escaped(GString *out, struct wv_bytes text)
{
	g_autoptr(GString) escaped = g_string_sized_new(2 * text.size);
	struct wv_bytes bytes;

	wv_escape_c(escaped, text);
	bytes = (struct wv_bytes){ escaped->str, escaped->len };
	wv_escape_json(out, bytes);
}

static void append_joined_list(GString *out, const struct wv_value *list)
{
	g_autoptr(GString) joined = wv_list_joined(list);
	struct wv_bytes text = { joined->str, joined->len };

	append_text(out, text);
}

static void append_value(GString *out, const struct wv_row_field *field)
{
	bool own_named = field->field == NULL;
	struct wv_shape shape;

	wv_shape_of(field, &shape);
	switch (shape.kind) {
	case WV_SHAPE_NULL:
		WV_APPEND(out, "null");
		break;
	case WV_SHAPE_SIGNED:
	case WV_SHAPE_UNSIGNED:
		if (own_named)
			wv_append_char(out, '"');
		if (shape.kind == WV_SHAPE_SIGNED)
			wv_append_i64(out, shape.i);
		else
			wv_append_u64(out, shape.u);
		if (own_named)
			wv_append_char(out, '"');
		break;
	case WV_SHAPE_HEX:
		wv_append_char(out, '"');
		wv_append_hex(out, shape.u);
		wv_append_char(out, '"');
		break;
	case WV_SHAPE_TEXT:
		wv_append_char(out, '"');
		if (field->field && field->field->escaped)
			append_escaped(out, shape.text);
		else
			wv_escape_json(out, shape.text);
		if (shape.truncated)
			WV_APPEND(out, "...");
		wv_append_char(out, '"');
		break;
	case WV_SHAPE_LIST:
		if (own_named)
			append_joined_list(out, shape.list);
		else
			append_list(out, shape.list);
		break;
	}
}

static void append_who(GString *out, const struct wv_row *row)
{
	WV_APPEND(out, "\",\"PID\":");
	wv_append_u64(out, row->pid);
	WV_APPEND(out, ",\"PPID\":");
	wv_append_u64(out, row->ppid);
	WV_APPEND(out, ",\"TID\":");
	wv_append_u64(out, row->tid);
	if (row->os == WV_OS_WINDOWS)
		WV_APPEND(out, ",\"UserName\":\"SessionID\",\"UserId\":");
	else
		WV_APPEND(out, ",\"UserName\":\"UID\",\"UserId\":");
	wv_append_i64(out, row->user_id);
	WV_APPEND(out, ",\"ProcessName\":");
	append_text(out, row->process);
	WV_APPEND(out, ",\"Method\":");
}

/* Who called, as it was printed last: the next row is often the same thread's. */
struct who {
	uint32_t pid, ppid, tid;
	enum wv_os os;
	int64_t user_id;
	size_t name_size; /* of process; 0: nothing is kept here */
	char name[64];
	size_t size;
	char text[512];
};

#define WHOS 16

static bool is_same(const struct who *who, const struct wv_row *row)
{
	return who->pid == row->pid && who->tid == row->tid && who->ppid == row->ppid &&
	       who->os == row->os && who->user_id == row->user_id && who->name_size &&
	       who->name_size == row->process.size &&
	       memcmp(who->name, row->process.data, who->name_size) == 0;
}

static void keep_who(struct who *who, const struct wv_row *row, const char *text, size_t size)
{
	who->name_size = 0;
	if (!row->process.size || row->process.size > sizeof(who->name) || size > sizeof(who->text))
		return;
	who->pid = row->pid;
	who->ppid = row->ppid;
	who->tid = row->tid;
	who->os = row->os;
	who->user_id = row->user_id;
	who->name_size = row->process.size;
	memcpy(who->name, row->process.data, row->process.size);
	who->size = size;
	memcpy(who->text, text, size);
}

static void append_common(GString *out, const struct wv_row *row)
{
	static _Thread_local struct who whos[WHOS];
	struct who *who = &whos[row->tid % WHOS];

	WV_APPEND(out, "{\"Plugin\":\"");
	wv_append_string(out, row->type->plugin);
	WV_APPEND(out, "\",\"TimeStamp\":\"");
	wv_append_time(out, row->time_us);
	if (is_same(who, row)) {
		wv_append_bytes(out, who->text, who->size);
	} else {
		size_t start = out->len;

		append_who(out, row);
		keep_who(who, row, out->str + start, out->len - start);
	}
	append_string(out, row->method);
	WV_APPEND(out, ",\"EventUID\":\"");
	wv_append_hex(out, row->uid);
	wv_append_char(out, '"');
	if (row->type->json_session) {
		WV_APPEND(out, ",\"SessionID\":");
		wv_append_i64(out, row->user_id);
	}
}

/* The keys in the output that did not come straight from the declarations, as offsets. */
struct own_keys {
	struct {
		size_t start, size;
	} keys[WV_ROW_FIELDS_MAX];
	unsigned n;
};

static bool key_is(const char *key, size_t size, const char *name)
{
	/* most differ in the first byte */
	return name[0] == key[0] && strlen(name) == size && memcmp(key, name, size) == 0;
}

/*
 * Keys are compared as they are printed: names that differ may print as the same key, when both
 * have bytes that are replaced.
 */
static bool key_is_taken(const GString *out, size_t start, const struct wv_event_type *type,
			 const struct own_keys *own)
{
	const char *key = out->str + start;
	size_t size = out->len - start;

	for (size_t i = 0; wv_json_common_keys[i]; i++) {
		if (key_is(key, size, wv_json_common_keys[i]))
			return true;
	}
	for (unsigned i = 0; i < type->n_fields; i++) {
		if (key_is(key, size, type->fields[i].name))
			return true;
	}
	for (unsigned i = 0; i < own->n; i++) {
		if (own->keys[i].size == size &&
		    memcmp(out->str + own->keys[i].start, key, size) == 0)
			return true;
	}
	return false;
}

static void append_own_key(GString *out, const struct wv_row *row, struct wv_bytes name,
			   struct own_keys *own)
{
	size_t start = out->len;
	size_t end;

	wv_escape_json_key(out, name);
	end = out->len;
	/* Ends: there are fewer keys than suffixes. */
	for (unsigned suffix = 2; key_is_taken(out, start, row->type, own); suffix++) {
		out->len = end;
		wv_append_char(out, '_');
		wv_append_u64(out, suffix);
	}
	own->keys[own->n].start = start;
	own->keys[own->n].size = out->len - start;
	own->n++;
}

G_STATIC_ASSERT(WV_ROW_FIELDS_MAX <= 64);

static void append_row(const struct wv_row *row, GString *out)
{
	struct own_keys own;
	uint64_t seen = 0; /* declarations, as a bit set */

	own.n = 0;
	append_common(out, row);
	for (unsigned i = 0; i < row->n_fields; i++) {
		const struct wv_row_field *field = &row->fields[i];
		int index = wv_field_index(row, field);

		WV_APPEND(out, ",\"");
		if (index >= 0 && index < WV_ROW_FIELDS_MAX && !(seen >> index & 1)) {
			wv_append_bytes(out, field->name.data, field->name.size);
			seen |= 1ULL << index;
		} else {
			/* Its own name, or (a hostile writer) a declared one for the second time.
			 */
			append_own_key(out, row, field->name, &own);
		}
		WV_APPEND(out, "\":");
		append_value(out, field);
	}
	WV_APPEND(out, "}\n");
	wv_append_end(out);
}

static const char *const notes[] = {
	"One object per line, always valid JSON in valid UTF-8, no key twice, no blanks between "
	"tokens. The common keys come first.",
	"Numbers are JSON numbers; hex numbers, names and flags are strings. A field that does not "
	"apply is absent; one that applies and could not be read is null.",
	"Rows of poolmon have UserId a second time, as `SessionID` behind EventUID.",
	"Bytes that are not well-formed UTF-8 become U+FFFD, one for each maximal ill-formed part.",
	NULL,
};

const struct wv_encoder wv_encoder_json = {
	.name = "json",
	.meaning = "one JSON object per line per event",
	.common = wv_json_common_keys,
	.notes = notes,
	.row = append_row,
};
