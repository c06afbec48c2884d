/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting and ending QEMU. */
#define _GNU_SOURCE
#include "sandbox/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

/** The child's side of the fork: only async-signal-safe calls. Tells an error by errno. */
static void become(const struct wv_child_options *options, int error_fd, pid_t parent)
{
	bool good = (!options->dies_with_us || prctl(PR_SET_PDEATHSIG, SIGKILL) == 0) &&
		    getppid() == parent && (!options->own_group || setpgid(0, 0) == 0);
	int reason;

	if (good && options->stderr_file) {
		int fd = open(options->stderr_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

		good = fd >= 0 && dup2(fd, STDERR_FILENO) >= 0;
	}
	good = good && (!options->stdout_to_stderr || dup2(STDERR_FILENO, STDOUT_FILENO) >= 0);
	for (const int *fd = options->inherit; good && *fd >= 0; fd++)
		good = fcntl(*fd, F_SETFD, 0) == 0;
	if (good) {
		signal(SIGPIPE, SIG_DFL);
		execve(options->arguments[0], options->arguments, options->environment);
	}
	reason = errno;
	if (write(error_fd, &reason, sizeof(reason)) < 0)
		_exit(126);
	_exit(127);
}

static bool fail_to_start(GError **error)
{
	g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "cannot start a process: %s",
		    g_strerror(errno));
	return false;
}

bool wv_child_start(struct wv_child *child, const struct wv_child_options *options, GError **error)
{
	pid_t parent = getpid();
	int pipe_fds[2], reason = 0;

	*child = (struct wv_child){ .ended = true };
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return fail_to_start(error);
	child->pid = fork();
	if (child->pid == 0)
		become(options, pipe_fds[1], parent);
	close(pipe_fds[1]);
	if (child->pid < 0) {
		close(pipe_fds[0]);
		return fail_to_start(error);
	}

	/* the pipe closes without a word when the program has been executed */
	ssize_t told = read(pipe_fds[0], &reason, sizeof(reason));

	close(pipe_fds[0]);
	if (told <= 0) {
		child->ended = false;
		return true;
	}
	waitpid(child->pid, &child->status, 0);
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot start %s: %s", options->arguments[0],
		    g_strerror(reason));
	return false;
}

bool wv_child_ended(struct wv_child *child)
{
	if (!child->ended && waitpid(child->pid, &child->status, WNOHANG) == child->pid)
		child->ended = true;
	return child->ended;
}

void wv_child_stop(const struct wv_child *child, bool kill_it)
{
	if (!child->ended)
		kill(child->pid, kill_it ? SIGKILL : SIGTERM);
}

void wv_child_end(struct wv_child *child)
{
	wv_child_stop(child, true);
	while (!child->ended && waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
		;
	child->ended = true;
}
