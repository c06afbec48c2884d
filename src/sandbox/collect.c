/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a pipe into a file, bounded. */
#define _GNU_SOURCE
#include "sandbox/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define CHUNK	   (64 * 1024)
#define POLL_MAX   (UINT64_C(1) << 20)
#define FINISH_MAX (UINT64_C(16) << 20)

/** Enough for all lines of the tail, unless they are longer than what is shown of them. */
#define TAIL_SIZE (64 * 1024)

struct wv_collect {
	int pipe_fd; /* -1: it has ended */
	int file_fd; /* -1: nothing is written */
	char *path;
	uint64_t bytes, written, max;
	bool truncated;
	uint8_t tail[TAIL_SIZE]; /* the byte number n is at n % TAIL_SIZE */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

struct wv_collect *wv_collect_new(int pipe_fd, const char *path, uint64_t max, GError **error)
{
	int flags = fcntl(pipe_fd, F_GETFL), file_fd = -1;
	struct wv_collect *collect;

	if (path)
		file_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (flags < 0 || fcntl(pipe_fd, F_SETFL, flags | O_NONBLOCK) < 0 || (path && file_fd < 0)) {
		g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot collect into %s: %s",
			    path ? path : "memory", g_strerror(errno));
		close_fd(&file_fd);
		close_fd(&pipe_fd);
		return NULL;
	}
	collect = g_new0(struct wv_collect, 1);
	collect->pipe_fd = pipe_fd;
	collect->file_fd = file_fd;
	collect->path = g_strdup(path);
	collect->max = max;
	return collect;
}

void wv_collect_free(struct wv_collect *collect)
{
	if (!collect)
		return;
	close_fd(&collect->pipe_fd);
	close_fd(&collect->file_fd);
	g_free(collect->path);
	g_free(collect);
}

/** The file gets no more. */
static bool give_up(struct wv_collect *collect, int reason, GError **error)
{
	g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot write to %s: %s", collect->path,
		    g_strerror(reason));
	close_fd(&collect->file_fd);
	return false;
}

static bool write_file(struct wv_collect *collect, const uint8_t *data, size_t size, GError **error)
{
	while (size && collect->file_fd >= 0) {
		ssize_t got = write(collect->file_fd, data, size);

		if (got >= 0) {
			data += got;
			size -= (size_t)got;
			collect->written += (uint64_t)got;
		} else if (errno != EINTR) {
			return give_up(collect, errno, error);
		}
	}
	return true;
}

static void keep_tail(struct wv_collect *collect, const uint8_t *data, size_t size)
{
	size_t skip = size > TAIL_SIZE ? size - TAIL_SIZE : 0;

	while (skip < size) {
		size_t at = (size_t)((collect->bytes + skip) % TAIL_SIZE);
		size_t part = MIN(size - skip, TAIL_SIZE - at);

		memcpy(collect->tail + at, data + skip, part);
		skip += part;
	}
}

/** Takes what is there, up to @most bytes. */
static bool take(struct wv_collect *collect, uint64_t most, GError **error)
{
	uint8_t data[CHUNK];
	uint64_t taken = 0;
	bool good = true;

	while (collect->pipe_fd >= 0 && taken < most) {
		ssize_t got = read(collect->pipe_fd, data, sizeof(data));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			break;
		if (got <= 0) {
			close_fd(&collect->pipe_fd);
			break;
		}
		uint64_t room = collect->max - collect->written;

		keep_tail(collect, data, (size_t)got);
		collect->bytes += (uint64_t)got;
		taken += (uint64_t)got;
		if (!write_file(collect, data, (size_t)MIN((uint64_t)got, room), error)) {
			good = false;
			error = NULL;
		}
		collect->truncated = collect->path && collect->written < collect->bytes;
	}
	return good;
}

bool wv_collect_poll(struct wv_collect *collect, GError **error)
{
	return take(collect, POLL_MAX, error);
}

bool wv_collect_finish(struct wv_collect *collect, GError **error)
{
	bool good = take(collect, FINISH_MAX, error);
	int file_fd = collect->file_fd;

	close_fd(&collect->pipe_fd);
	collect->file_fd = -1;
	/* some file systems tell that they are full only here */
	if (file_fd >= 0 && close(file_fd) < 0) {
		collect->truncated = true;
		return give_up(collect, errno, error);
	}
	return good;
}

int wv_collect_fd(const struct wv_collect *collect)
{
	return collect->pipe_fd;
}

uint64_t wv_collect_bytes(const struct wv_collect *collect)
{
	return collect->bytes;
}

bool wv_collect_truncated(const struct wv_collect *collect)
{
	return collect->truncated;
}

/** A line as it is shown. */
static char *show_line(const char *line, size_t size)
{
	GString *shown = g_string_new(NULL);
	const char *end = line + size;

	while (line < end) {
		gunichar character = g_utf8_get_char_validated(line, end - line);
		bool valid = character < (gunichar)-2 && character;
		size_t before = shown->len;

		line = valid ? g_utf8_next_char(line) : line + 1;
		if (character == '\r')
			continue;
		if (character == '\t')
			character = ' ';
		g_string_append_unichar(shown,
					valid && g_unichar_isprint(character) ? character : '?');
		if (shown->len > WV_COLLECT_LINE_MAX) {
			g_string_truncate(shown, before);
			break;
		}
	}
	return g_string_free(shown, FALSE);
}

/** Where the last @lines lines of a text begin. */
static const char *last_lines(const char *text, size_t size, unsigned lines)
{
	const char *start = text + size;

	/* the end of the last line does not begin another one */
	if (size && start[-1] == '\n')
		start--;
	for (; lines; lines--) {
		start = memrchr(text, '\n', (size_t)(start - text));
		if (!start)
			return text;
	}
	return start + 1;
}

char **wv_collect_tail(const struct wv_collect *collect, unsigned lines)
{
	size_t size = (size_t)MIN(collect->bytes, (uint64_t)TAIL_SIZE);
	size_t at = (size_t)((collect->bytes - size) % TAIL_SIZE);
	GPtrArray *shown = g_ptr_array_new();
	g_autofree char *text = g_malloc(TAIL_SIZE);
	const char *line, *end = text + size;

	memcpy(text, collect->tail + at, MIN(size, TAIL_SIZE - at));
	if (size > TAIL_SIZE - at)
		memcpy(text + TAIL_SIZE - at, collect->tail, size - (TAIL_SIZE - at));

	line = last_lines(text, size, MIN(lines, WV_COLLECT_LINES_MAX));
	if (!lines)
		line = end;
	else if (line == text && size < collect->bytes && memchr(text, '\n', size - 1))
		line = (char *)memchr(text, '\n', size) + 1; /* of that one the beginning is lost */
	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline ? newline : end;

		g_ptr_array_add(shown, show_line(line, (size_t)(stop - line)));
		line = newline ? newline + 1 : end;
	}
	g_ptr_array_add(shown, NULL);
	return (char **)g_ptr_array_free(shown, FALSE);
}
