/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting QEMU for a moment, to see whether it starts. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/qemu.h"

/** QEMU may take this long; it takes a twentieth of a second. */
#define PATIENCE_MS 5000

/** More of what it prints is not kept. */
#define MESSAGE_MAX 4096

/** What the monitor on its standard input is told. */
#define QUIT "quit\n"

/** The child's side of the fork, just before it becomes QEMU. */
static void prepare(gpointer inherit_fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (GPOINTER_TO_INT(inherit_fd) >= 0)
		fcntl(GPOINTER_TO_INT(inherit_fd), F_SETFD, 0);
}

/** Collects what QEMU prints until it ends. False when it does not in time. */
static bool read_message(int fd, GString *message)
{
	gint64 deadline = g_get_monotonic_time() + PATIENCE_MS * 1000;
	struct pollfd waiting = { .fd = fd, .events = POLLIN };
	char buffer[512];

	for (;;) {
		gint64 left = (deadline - g_get_monotonic_time()) / 1000;

		if (left <= 0)
			return false;
		if (poll(&waiting, 1, (int)left) <= 0)
			continue;

		ssize_t got = read(fd, buffer, sizeof(buffer));

		if (got == 0 || (got < 0 && errno != EINTR))
			return true;
		if (got > 0 && message->len < MESSAGE_MAX)
			g_string_append_len(message, buffer, got);
	}
}

/** Makes one line of what QEMU said. */
static char *one_line(GString *message)
{
	g_auto(GStrv) lines = g_strsplit(g_strstrip(message->str), "\n", 0);

	return g_strjoinv("; ", lines);
}

bool wv_qemu_try(const struct wv_qemu *qemu, char *const *arguments, int inherit_fd, GError **error)
{
	g_auto(GStrv) environment = wv_qemu_environment(qemu);
	g_autoptr(GString) message = g_string_new(NULL);
	g_autoptr(GError) reason = NULL;
	int in, err, status = 0;
	GPid pid;

	if (!g_spawn_async_with_pipes(NULL, (char **)arguments, environment,
				      G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
				      prepare, GINT_TO_POINTER(inherit_fd), &pid, &in, NULL, &err,
				      &reason)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot start %s: %s", qemu->path,
			    reason->message);
		return false;
	}
	signal(SIGPIPE, SIG_IGN); /* it may have ended already: then it needs not be told to */

	ssize_t told = write(in, QUIT, strlen(QUIT));
	bool ended = read_message(err, message);

	(void)told;
	if (!ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close(in);
	close(err);
	if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;

	g_autofree char *line = one_line(message);

	if (!ended)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s did not end within %d s",
			    qemu->path, PATIENCE_MS / 1000);
	else if (*line)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s", line);
	else
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s ended with wait status 0x%x",
			    qemu->path, status);
	return false;
}
