/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU as a child process that does not outlive the command. */
#ifndef WV_SANDBOX_CHILD_H
#define WV_SANDBOX_CHILD_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct wv_child {
	pid_t pid;
	bool ended;
	int status; /**< as of waitpid(2), once it has ended */
};

/** What is to be started. */
struct wv_child_options {
	char *const *arguments;	  /**< its own name among them, ended by NULL */
	char *const *environment; /**< likewise ended by NULL */
	const int *inherit;	  /**< descriptors that it keeps under their numbers, then -1 */
	bool stdout_to_stderr;	  /**< what it prints is not for standard output */
	const char *stderr_file;  /**< standard error, a file that is made; NULL: ours */
	/** Whoever kills this process kills the child too, by PR_SET_PDEATHSIG. Not with a jail:
	 * one that is killed while it sets itself up leaves its processes behind (see lifeline.h).
	 */
	bool dies_with_us;
	bool own_group; /**< the terminal's signals do not reach it */
};

/** Starts the program. */
bool wv_child_start(struct wv_child *child, const struct wv_child_options *options, GError **error);

/** Looks whether it has ended; never waits. */
bool wv_child_ended(struct wv_child *child);

/** Asks it to end (SIGTERM), or ends it (SIGKILL). */
void wv_child_stop(const struct wv_child *child, bool kill_it);

/** Ends it (SIGKILL) and waits for its end. */
void wv_child_end(struct wv_child *child);

#endif
