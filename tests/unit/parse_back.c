/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict parsers of the output formats, for tests. */
#include <stdint.h>
#include <string.h>

#include "parse_back.h"

static void parsed_free(void *data)
{
	struct parsed_value *value = data;

	g_free(value->name);
	g_string_free(value->text, TRUE);
	g_free(value);
}

GPtrArray *parsed_new(void)
{
	return g_ptr_array_new_with_free_func(parsed_free);
}

static struct parsed_value *parsed_add(GPtrArray *values)
{
	struct parsed_value *value = g_new0(struct parsed_value, 1);

	value->text = g_string_new(NULL);
	g_ptr_array_add(values, value);
	return value;
}

static GPtrArray *parsed_fail(GPtrArray *values)
{
	g_ptr_array_unref(values);
	return NULL;
}

GString *parse_unescape(const char *text, size_t size)
{
	GString *bytes = g_string_new(NULL);
	const char *end = text + size;

	while (text < end) {
		char c = *text++;

		if ((unsigned char)c < 0x20 || c == 0x7f)
			goto malformed;
		if (c != '\\') {
			g_string_append_c(bytes, c);
			continue;
		}
		if (text == end)
			goto malformed;
		c = *text++;
		if (c == 'n') {
			g_string_append_c(bytes, '\n');
		} else if (c == 'r') {
			g_string_append_c(bytes, '\r');
		} else if (c == 't') {
			g_string_append_c(bytes, '\t');
		} else if (c == '"' || c == '\\') {
			g_string_append_c(bytes, c);
		} else if (c == 'x' && end - text >= 2 && strchr("0123456789abcdef", text[0]) &&
			   strchr("0123456789abcdef", text[1])) {
			g_string_append_c(bytes, (char)(g_ascii_xdigit_value(text[0]) * 16 +
							g_ascii_xdigit_value(text[1])));
			text += 2;
		} else {
			goto malformed;
		}
	}
	return bytes;

malformed:
	g_string_free(bytes, TRUE);
	return NULL;
}

/* The end of a token: the first @stop outside of quotes, or the end of the line. */
static const char *token_end(const char *text, char stop)
{
	bool quoted = false;

	for (; *text && (quoted || *text != stop); text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (*text == '"')
			quoted = !quoted;
	}
	return quoted ? NULL : text;
}

GString *parse_quoted(const char *token)
{
	size_t length = strlen(token);

	if (length < 2 || token[0] != '"' || token[length - 1] != '"')
		return NULL;
	for (size_t i = 1; i + 1 < length; i++) {
		if (token[i] == '\\')
			i++;
		else if (token[i] == '"')
			return NULL;
		if (i + 1 >= length)
			return NULL;
	}
	return parse_unescape(token + 1, length - 2);
}

/* name, @between, value; separated by @separator; up to the newline that ends the line. */
static GPtrArray *parse_pairs(const char *text, char between, char separator)
{
	GPtrArray *values = parsed_new();
	g_autofree char *line = NULL;
	const char *p;

	if (!g_str_has_suffix(text, "\n"))
		return parsed_fail(values);
	line = g_strndup(text, strlen(text) - 1);

	for (p = line; *p;) {
		const char *name_end = strchr(p, between);
		const char *end;
		struct parsed_value *value;

		if (!name_end)
			return parsed_fail(values);
		end = token_end(name_end + 1, separator);
		if (!end)
			return parsed_fail(values);
		value = parsed_add(values);
		value->name = g_strndup(p, (size_t)(name_end - p));
		g_string_append_len(value->text, name_end + 1, end - name_end - 1);
		if (strchr(value->name, separator) || strchr(value->name, '"'))
			return parsed_fail(values);
		if (*end && !end[1])
			return parsed_fail(values); /* a separator with nothing after it */
		p = *end ? end + 1 : end;
	}
	return values;
}

GPtrArray *parse_default(const char *line, unsigned prefix_words, char **prefix)
{
	const char *p = line;

	for (unsigned i = 0; i < prefix_words; i++) {
		p = token_end(p, i + 1 < prefix_words || strchr(p, ' ') ? ' ' : '\n');
		if (!p || (!*p && i + 1 < prefix_words))
			return NULL;
		if (*p == ' ')
			p++;
	}
	*prefix = g_strndup(line, (size_t)(p - line));
	if (!*p)
		return NULL;
	return parse_pairs(*p == '\n' ? "\n" : p, ':', ' ');
}

GPtrArray *parse_kv(const char *line, char **plugin)
{
	const char *blank = strchr(line, ' ');

	if (!blank)
		return NULL;
	*plugin = g_strndup(line, (size_t)(blank - line));
	return parse_pairs(blank + 1, '=', ',');
}

GPtrArray *parse_csv(const char *line, size_t size)
{
	GPtrArray *columns = parsed_new();
	const char *p = line, *end = line + size;

	for (;;) {
		struct parsed_value *value = parsed_add(columns);

		value->quoted = p < end && *p == '"';
		if (value->quoted) {
			p++;
			while (p < end && (*p != '"' || (p + 1 < end && p[1] == '"'))) {
				p += *p == '"';
				g_string_append_c(value->text, *p++);
			}
			if (p == end)
				return parsed_fail(columns);
			p++;
		} else {
			while (p < end && *p != ',' && *p != '\n') {
				if (*p == '"')
					return parsed_fail(columns);
				g_string_append_c(value->text, *p++);
			}
		}
		if (p == end)
			return parsed_fail(columns);
		if (*p == '\n')
			return p + 1 == end ? columns : parsed_fail(columns);
		if (*p++ != ',')
			return parsed_fail(columns);
	}
}

unsigned count_json_keys(const char *line)
{
	unsigned keys = 0, depth = 0;

	for (const char *p = line; *p; p++) {
		if (*p == '{' || *p == '[') {
			depth++;
		} else if (*p == '}' || *p == ']') {
			depth--;
		} else if (*p == '"') {
			for (p++; *p && *p != '"'; p++)
				p += *p == '\\';
			keys += depth == 1 && p[1] == ':';
		}
	}
	return keys;
}

/* Whether the bytes can be made one well-formed character by more bytes, or by none. */
static bool is_begun_character(const uint8_t *text, size_t size, size_t more)
{
	/* Both ends of each range that table 3-7 of the Unicode standard has. */
	static const uint8_t ends[] = { 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf };
	uint8_t longer[4];

	if (g_utf8_validate_len((const char *)text, size, NULL) &&
	    g_utf8_strlen((const char *)text, (gssize)size) == 1)
		return true;
	if (more == 0)
		return false;
	memcpy(longer, text, size);
	for (size_t i = 0; i < sizeof(ends); i++) {
		longer[size] = ends[i];
		if (is_begun_character(longer, size + 1, more - 1))
			return true;
	}
	return false;
}

GString *expected_utf8(const char *text, size_t size)
{
	const uint8_t *p = (const uint8_t *)text, *end = p + size;
	GString *out = g_string_new(NULL);

	while (p < end) {
		size_t left = (size_t)(end - p);
		size_t length = 1;

		if (*p < 0x80) {
			g_string_append_c(out, (char)*p++);
			continue;
		}
		while (length < MIN(left, 4) && !is_begun_character(p, length, 0) &&
		       is_begun_character(p, length + 1, 4 - (length + 1)))
			length++;
		if (is_begun_character(p, length, 0))
			g_string_append_len(out, (const char *)p, (gssize)length);
		else
			g_string_append(out, "\xef\xbf\xbd");
		p += length;
	}
	return out;
}

bool is_one_line(const char *line, size_t size)
{
	if (size == 0 || line[size - 1] != '\n' || !g_utf8_validate_len(line, size, NULL))
		return false;
	for (const char *p = line; p < line + size - 1; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
			return false;
	}
	return true;
}
