/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU as a child process that does not outlive the command. */
#ifndef WV_CLI_CHILD_H
#define WV_CLI_CHILD_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct cli_child {
	pid_t pid;
	bool ended;
	int status; /**< as of waitpid(2), once it has ended */
};

/**
 * Starts the program. If this process dies, however it does, the child is killed.
 *
 * @inherit_fd: a descriptor that the child keeps under its number.
 * @stdout_to_stderr: what it prints goes to standard error: standard output is for events.
 * @environment: the child's, ended by NULL.
 */
bool cli_child_start(struct cli_child *child, char *const *arguments, int inherit_fd,
		     bool stdout_to_stderr, char *const *environment, GError **error);

/** Looks whether it has ended; never waits. */
bool cli_child_ended(struct cli_child *child);

/** Asks it to end (SIGTERM), or ends it (SIGKILL). */
void cli_child_stop(const struct cli_child *child, bool kill_it);

#endif
