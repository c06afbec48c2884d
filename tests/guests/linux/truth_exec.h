/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How one exec is described, done, and written down. */
#ifndef WV_GUEST_TRUTH_EXEC_H
#define WV_GUEST_TRUTH_EXEC_H

#include <stdbool.h>
#include <sys/types.h>

#include "tasks.h"

/* What is called. Where a member is absent (NULL, 0) the note says what is meant. */
struct wv_exec {
	const char *file; /* as given to execve */
	bool by_fd;	  /* through execveat, relative to dirfd */
	int dirfd;
	int flags;		 /* of execveat */
	const char *const *argv; /* as given */
	const char *const *envp; /* as given; absent: empty */
	bool (*prepare)(void);	 /* what the child does first; absent: nothing */
	bool vfork;		 /* the child is made by vfork() and prepares nothing */

	/* What the kernel makes of it. */
	const char *filename;	  /* absent: file */
	const char *interp;	  /* what is loaded in the end; absent: filename */
	const char *const *shown; /* the arguments that the new image gets; absent: argv */
	const char *image;	  /* the real path of what is loaded; absent: interp */
	const char *thread;	  /* the caller's name; absent: its parent's */
	int ouid, osuid, oeuid;	  /* before */
	int suid, euid;		  /* after */
	bool secure;

	/* How it ends. */
	int error;   /* execve fails so */
	bool inside; /* ... in begin_new_exec, not before it */
	int status;  /* the wait status of the new image */
};

/* The fact "exec" of a task that was called `thread` before. */
void wv_fact_exec(struct wv_ids who, pid_t pgid, const char *thread, const struct wv_exec *exec);

/* Calls execve or execveat. Returns only when that fails. */
void wv_do_exec(const struct wv_exec *exec);

/* Makes a child that does this exec, checks how it ends, and writes the facts. */
void wv_run_exec(const struct wv_exec *exec);

/* Writes a file for an exec. Returns false, having said "broken", when it can not. */
bool wv_make_file(const char *path, const void *data, size_t size, mode_t mode);

#endif
