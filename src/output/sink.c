/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing lines to a file or a pipe. */
#define _GNU_SOURCE
#include "output/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

struct wv_sink {
	int fd;
	char *name;
	GString *buffer;
	bool regular; /* a file that can be cut back to whole lines */
	int reason;   /* errno of the write that failed; 0: none has */
};

struct wv_sink *wv_sink_open(const char *path, GError **error)
{
	bool standard = !path || strcmp(path, "-") == 0;
	int fd = standard ? dup(STDOUT_FILENO)
			  : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot open %s: %s",
			    standard ? "standard output" : path, g_strerror(errno));
		return NULL;
	}

	struct wv_sink *sink = g_new0(struct wv_sink, 1);
	struct stat info;

	sink->fd = fd;
	sink->name = g_strdup(standard ? "standard output" : path);
	sink->buffer = g_string_sized_new(256 * 1024);
	sink->regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
	return sink;
}

void wv_sink_free(struct wv_sink *sink)
{
	if (!sink)
		return;
	close(sink->fd);
	g_string_free(sink->buffer, TRUE);
	g_free(sink->name);
	g_free(sink);
}

GString *wv_sink_buffer(struct wv_sink *sink)
{
	return sink->buffer;
}

/** Cuts the file back to the end of the last whole line of the @written bytes. */
static void keep_whole_lines(struct wv_sink *sink, size_t written)
{
	const char *newline = memrchr(sink->buffer->str, '\n', written);
	size_t whole = newline ? (size_t)(newline - sink->buffer->str) + 1 : 0;
	off_t end = lseek(sink->fd, 0, SEEK_CUR);

	if (sink->regular && end >= (off_t)(written - whole) &&
	    ftruncate(sink->fd, end - (off_t)(written - whole)) < 0)
		return; /* the first error is the one to report */
}

bool wv_sink_flush(struct wv_sink *sink, GError **error)
{
	size_t written = 0;

	if (sink->reason) {
		g_string_truncate(sink->buffer, 0);
		g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot write to %s: %s", sink->name,
			    g_strerror(sink->reason));
		return false;
	}
	while (written < sink->buffer->len) {
		ssize_t got =
			write(sink->fd, sink->buffer->str + written, sink->buffer->len - written);

		if (got >= 0) {
			written += (size_t)got;
		} else if (errno != EINTR) {
			int reason = errno;

			keep_whole_lines(sink, written);
			g_string_truncate(sink->buffer, 0);
			sink->reason = reason;
			g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot write to %s: %s",
				    sink->name, g_strerror(reason));
			return false;
		}
	}
	g_string_truncate(sink->buffer, 0);
	return true;
}
