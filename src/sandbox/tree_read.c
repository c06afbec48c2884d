/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a file of events into a tree of processes. */
#include "sandbox/tree_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define CHUNK_SIZE ((size_t)256 * 1024)

struct wv_tree_reader {
	struct wv_tree *tree;
	struct json_tokener *parser;
	GString *line; /* the beginning of a line whose end has not come */
	bool too_long; /* the rest of that line is passed over */
	uint64_t malformed;
};

struct wv_tree_reader *wv_tree_reader_new(struct wv_tree *tree)
{
	struct wv_tree_reader *reader = g_new0(struct wv_tree_reader, 1);

	reader->tree = tree;
	reader->parser = wv_tree_row_parser_new();
	reader->line = g_string_new(NULL);
	return reader;
}

void wv_tree_reader_free(struct wv_tree_reader *reader)
{
	if (!reader)
		return;
	wv_tree_row_parser_free(reader->parser);
	g_string_free(reader->line, TRUE);
	g_free(reader);
}

uint64_t wv_tree_reader_malformed(const struct wv_tree_reader *reader)
{
	return reader->malformed;
}

static void add_line(struct wv_tree_reader *reader, const char *line, size_t size)
{
	struct wv_tree_row row;

	if (!wv_tree_row_parse(reader->parser, line, size, &row)) {
		reader->malformed++;
		return;
	}
	wv_tree_add(reader->tree, &row);
	wv_tree_row_deinit(&row);
}

/** The rest of a line that has begun, up to its line feed or to the end of what is there. */
static void collect(struct wv_tree_reader *reader, const char *data, size_t size)
{
	if (reader->too_long)
		return;
	if (size > WV_TREE_LINE_MAX - reader->line->len)
		reader->too_long = true;
	else
		g_string_append_len(reader->line, data, (gssize)size);
}

static void finish_line(struct wv_tree_reader *reader)
{
	if (reader->too_long)
		reader->malformed++;
	else
		add_line(reader, reader->line->str, reader->line->len);
	reader->too_long = false;
	g_string_truncate(reader->line, 0);
}

void wv_tree_reader_feed(struct wv_tree_reader *reader, const char *data, size_t size)
{
	const char *end = data + size;

	while (data < end) {
		const char *feed = memchr(data, '\n', (size_t)(end - data));
		size_t length = (size_t)((feed ? feed : end) - data);

		if (feed && reader->line->len == 0 && !reader->too_long &&
		    length <= WV_TREE_LINE_MAX) {
			add_line(reader, data, length);
		} else {
			collect(reader, data, length);
			if (feed)
				finish_line(reader);
		}
		data += length + (feed != NULL);
	}
}

void wv_tree_reader_end(struct wv_tree_reader *reader)
{
	if (reader->line->len > 0 || reader->too_long)
		finish_line(reader);
	wv_tree_end(reader->tree);
}

static bool read_all(struct wv_tree_reader *reader, int fd)
{
	g_autofree char *chunk = g_malloc(CHUNK_SIZE);

	for (;;) {
		ssize_t size = read(fd, chunk, CHUNK_SIZE);

		if (size > 0)
			wv_tree_reader_feed(reader, chunk, (size_t)size);
		else if (size == 0)
			break;
		else if (errno != EINTR)
			return false;
	}
	wv_tree_reader_end(reader);
	return true;
}

struct wv_tree *wv_tree_read(const char *path, uint64_t *malformed, GError **error)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	g_autoptr(wv_tree) tree = wv_tree_new();
	g_autoptr(wv_tree_reader) reader = wv_tree_reader_new(tree);
	bool done;

	if (fd < 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot open %s: %s", path,
			    g_strerror(errno));
		return NULL;
	}
	done = read_all(reader, fd);
	if (!done)
		g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "cannot read %s: %s", path,
			    g_strerror(errno));
	if (!is_stdin)
		close(fd);
	if (!done)
		return NULL;
	*malformed = reader->malformed;
	return g_steal_pointer(&tree);
}
