/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Collects what comes out of a pipe (a guest's console) into a file, up to a limit. Beyond it, and
 * when the file can not be written, all is read and thrown away: the writer never waits for long.
 * The last lines are kept in memory, whatever becomes of the file.
 */
#ifndef WV_SANDBOX_COLLECT_H
#define WV_SANDBOX_COLLECT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** A line of the tail, in bytes, without the zero byte that ends it. */
#define WV_COLLECT_LINE_MAX 200

/** Lines of the tail at the most. */
#define WV_COLLECT_LINES_MAX 100

struct wv_collect;

/**
 * @pipe_fd: where it comes from; taken, whatever happens, and made non-blocking.
 * @path: the file, which is made, or emptied; NULL: only the tail is kept.
 * @max: no more than so many bytes are written to it.
 *
 * Errors: WV_ERROR_OUTPUT when there can be no such file.
 */
struct wv_collect *wv_collect_new(int pipe_fd, const char *path, uint64_t max, GError **error);

/** NULL is let pass. */
void wv_collect_free(struct wv_collect *collect);

/**
 * Takes what is there now, 1 MiB at the most; never waits for more.
 *
 * False, with WV_ERROR_OUTPUT, when the file can not be written; this is told only once.
 */
bool wv_collect_poll(struct wv_collect *collect, GError **error);

/**
 * Takes what is left, 16 MiB at the most, without waiting, and closes both the pipe and the file.
 * To be called once the writer has ended. Errors as with wv_collect_poll().
 */
bool wv_collect_finish(struct wv_collect *collect, GError **error);

/** The pipe's end, to wait for by poll(2); -1 once there is no more to come. */
int wv_collect_fd(const struct wv_collect *collect);

/** How much has come out of the pipe, in bytes; whether not all of it is in the file. */
uint64_t wv_collect_bytes(const struct wv_collect *collect);
bool wv_collect_truncated(const struct wv_collect *collect);

/**
 * The last lines, the oldest first, ended by NULL, to be freed by g_strfreev(). They are valid
 * UTF-8 and fit to be shown: what is not is replaced by question marks; a line that is too long
 * has only its beginning.
 */
char **wv_collect_tail(const struct wv_collect *collect, unsigned lines);

#endif
