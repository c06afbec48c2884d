/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a user's own table of pool tags. */
#include "plugins/poolmon/tags_file.h"

#include <errno.h>
#include <stdio.h>

#include "base/error.h"

#define UTF8_MARK "\xef\xbb\xbf"

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct wv_bytes trimmed(struct wv_bytes text)
{
	while (text.size && is_blank(text.data[text.size - 1]))
		text.size--;
	while (text.size && is_blank(*text.data)) {
		text.data++;
		text.size--;
	}
	return text;
}

static bool starts_with(struct wv_bytes text, const char *start)
{
	size_t size = strlen(start);

	return text.size >= size && g_ascii_strncasecmp(text.data, start, size) == 0;
}

/** Cuts off what is in front of a `-` between blanks. False, and all is left, if there is none. */
static bool cut(struct wv_bytes *line, struct wv_bytes *part)
{
	for (size_t i = 1; i < line->size; i++) {
		if (line->data[i] != '-' || !is_blank(line->data[i - 1]) ||
		    (i + 1 < line->size && !is_blank(line->data[i + 1])))
			continue;
		*part = trimmed((struct wv_bytes){ line->data, i });
		*line = trimmed((struct wv_bytes){ line->data + i + 1, line->size - i - 1 });
		return true;
	}
	return false;
}

static bool is_comment(struct wv_bytes line)
{
	return starts_with(line, "//") ||
	       (starts_with(line, "rem") && (line.size == 3 || is_blank(line.data[3])));
}

static bool is_same(struct wv_bytes text, const char *other)
{
	return text.size == strlen(other) && memcmp(text.data, other, text.size) == 0;
}

/** Adds the row that a line has, if it has one. Returns what is wrong with it, or NULL. */
static const char *parse_line(struct wv_bytes line, GArray *rows)
{
	struct poolmon_tag row = { 0 };
	struct wv_bytes tag;

	if (line.size > POOLMON_LINE_MAX)
		return "too long";
	if (memchr(line.data, '\0', line.size))
		return "a NUL byte: this is no text";
	line = trimmed(line);
	if (is_comment(line) || !cut(&line, &tag))
		return NULL;
	if (!poolmon_tag_parse(tag.data, tag.size, &row))
		return "a tag has 1 to 4 characters, and * only at its end";
	if (cut(&line, &row.source) && is_same(row.source, "<unknown>"))
		row.source.size = 0;
	row.description = line;
	g_array_append_val(rows, row);
	return NULL;
}

bool poolmon_tags_file_parse(struct poolmon_tags_file *file, char *text, size_t size,
			     const char *name, GError **error)
{
	struct wv_bytes rest = { text, size };

	file->text = text;
	file->rows = g_array_new(FALSE, FALSE, sizeof(struct poolmon_tag));
	if (starts_with(rest, UTF8_MARK)) {
		rest.data += strlen(UTF8_MARK);
		rest.size -= strlen(UTF8_MARK);
	}
	for (unsigned number = 1; rest.size; number++) {
		const char *end = memchr(rest.data, '\n', rest.size);
		struct wv_bytes line = { rest.data, end ? (size_t)(end - rest.data) : rest.size };
		const char *problem = parse_line(line, file->rows);

		if (problem) {
			g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s:%u: %s", name, number,
				    problem);
			return false;
		}
		rest.data += line.size + (end != NULL);
		rest.size -= line.size + (end != NULL);
	}
	return true;
}

bool poolmon_tags_file_load(struct poolmon_tags_file *file, const char *path, GError **error)
{
	FILE *stream = fopen(path, "rbe");
	char *text = g_malloc(POOLMON_FILE_MAX + 1);
	size_t size = stream ? fread(text, 1, POOLMON_FILE_MAX + 1, stream) : 0;
	const char *problem = NULL;

	if (!stream || ferror(stream))
		problem = g_strerror(errno);
	else if (size > POOLMON_FILE_MAX)
		problem = "too large to be a table of pool tags";
	if (stream)
		fclose(stream);
	if (!problem)
		return poolmon_tags_file_parse(file, g_realloc(text, MAX(size, 1)), size, path,
					       error);
	g_free(text);
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s: %s", path, problem);
	return false;
}

void poolmon_tags_file_deinit(struct poolmon_tags_file *file)
{
	g_clear_pointer(&file->rows, g_array_unref);
	g_clear_pointer(&file->text, g_free);
}
