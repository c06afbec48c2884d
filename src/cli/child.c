/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting and ending QEMU. */
#define _GNU_SOURCE
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

/** The child's side of the fork: only async-signal-safe calls. Tells an error by errno. */
static void become(char *const *arguments, char *const *environment, int inherit_fd,
		   bool stdout_to_stderr, int error_fd, pid_t parent)
{
	int reason;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent && fcntl(inherit_fd, F_SETFD, 0) == 0 &&
	    (!stdout_to_stderr || dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)) {
		signal(SIGPIPE, SIG_DFL);
		execve(arguments[0], arguments, environment);
	}
	reason = errno;
	if (write(error_fd, &reason, sizeof(reason)) < 0)
		_exit(126);
	_exit(127);
}

bool cli_child_start(struct cli_child *child, char *const *arguments, int inherit_fd,
		     bool stdout_to_stderr, char *const *environment, GError **error)
{
	pid_t parent = getpid();
	int pipe_fds[2], reason = 0;

	*child = (struct cli_child){ 0 };
	if (pipe2(pipe_fds, O_CLOEXEC) < 0 || (child->pid = fork()) < 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "cannot start a process: %s",
			    g_strerror(errno));
		return false;
	}
	if (child->pid == 0)
		become(arguments, environment, inherit_fd, stdout_to_stderr, pipe_fds[1], parent);
	close(pipe_fds[1]);

	/* the pipe closes without a word when the program has been executed */
	ssize_t told = read(pipe_fds[0], &reason, sizeof(reason));

	close(pipe_fds[0]);
	if (told <= 0)
		return true;
	waitpid(child->pid, &child->status, 0);
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot start %s: %s", arguments[0],
		    g_strerror(reason));
	return false;
}

bool cli_child_ended(struct cli_child *child)
{
	if (!child->ended && waitpid(child->pid, &child->status, WNOHANG) == child->pid)
		child->ended = true;
	return child->ended;
}

void cli_child_stop(const struct cli_child *child, bool kill_it)
{
	if (!child->ended)
		kill(child->pid, kill_it ? SIGKILL : SIGTERM);
}
