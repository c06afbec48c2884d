/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The jail: QEMU in namespaces of its own, made by bubblewrap (bwrap). In it there are the programs
 * and libraries of the host, what else is named, read-only, and a small private /tmp; no network
 * unless asked for, no rights, no other processes.
 *
 * All that is written comes out through descriptors, which pass through. They are rights: in the
 * jail a file can be opened anew, for writing too, through /proc/self/fd, if it was opened outside
 * the jail and its permissions allow it to the user who runs this. So what must not be written is
 * handed in by its path, not as a descriptor.
 *
 * How to end what is in it: SIGKILL of bwrap, or of the process that started it, ends all of it at
 * once, and so does each other signal that ends bwrap (SIGINT of the terminal, for one, unless
 * bwrap has a process group of its own). None of them reaches the program inside.
 *
 * There is a gap of some 8 ms. If bwrap is killed while it makes the jail, what it has made so far
 * stays: waiting for ever, or with the program inside started all the same. So bwrap must not be
 * given a PR_SET_PDEATHSIG from outside (it sets its own when the jail is made), and the program
 * inside has to end when a descriptor tells it that nobody is there any more: a pipe whose other
 * end is held by nobody else. Measured with the process that starts it killed at 200 moments of
 * the first 12 ms: this leaves nothing; with PR_SET_PDEATHSIG 9 were left.
 *
 * bwrap ends with the program's exit status, or with 128 + N when signal N ended it.
 */
#ifndef WV_SANDBOX_JAIL_H
#define WV_SANDBOX_JAIL_H

#include <glib.h>
#include <stdbool.h>

/** The size of the private /tmp, in bytes. */
#define WV_JAIL_TMP_SIZE (16 << 20)

struct wv_jail {
	char *bwrap;	/**< its path */
	unsigned level; /**< which of its newer options it has: private */
};

/** What is in the jail beside the system. */
struct wv_jail_needs {
	/** Files and folders, by absolute path, ended by NULL; or NULL. There by the same path. */
	const char *const *read_only;
	bool network; /**< the host's network, and what is needed to look up names */
};

/**
 * Finds bwrap in PATH and tries it, which takes some 10 ms.
 *
 * @why_not: set to one line to be freed, if there can be no jail.
 */
bool wv_jail_find(struct wv_jail *jail, char **why_not);

void wv_jail_clear(struct wv_jail *jail);

/**
 * The arguments, to be freed by g_strfreev(), that run the command in the jail.
 *
 * @command: its first word is an absolute path, or a name to be found in the environment's PATH.
 *   The working directory is /.
 * @environment: all that the command gets, as NAME=VALUE, ended by NULL; NULL for none.
 */
char **wv_jail_wrap(const struct wv_jail *jail, const struct wv_jail_needs *needs,
		    char *const *command, char *const *environment);

#endif
