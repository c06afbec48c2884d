/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a job (see job.h) of what the user wants to be executed. */
#ifndef WV_SANDBOX_JOB_MAKE_H
#define WV_SANDBOX_JOB_MAKE_H

#include <glib.h>
#include <stdbool.h>

#include "sandbox/job.h"

struct wv_job {
	const void *data;	  /**< the sample */
	size_t size;		  /**< bytes */
	const char *path;	  /**< in the guest, absolute */
	const char *user;	  /**< a name or a number */
	char *const *arguments;	  /**< without the sample's own name, ended by NULL; or NULL */
	char *const *environment; /**< assignments, likewise */
	bool network;
};

/**
 * Writes the job into memory of its own: its descriptor, to be inherited by QEMU and closed; -1 on
 * error. WV_ERROR_USAGE when it is too large.
 */
int wv_job_make(const struct wv_job *job, GError **error);

#endif
