/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one error domain of the project, and the exit codes that users' scripts see.
 *
 * Functions that can fail return bool or a pointer and fill a GError of domain WV_ERROR. The code
 * says what kind of failure it is, and decides the exit code of the command.
 */
#ifndef WV_BASE_ERROR_H
#define WV_BASE_ERROR_H

#include <glib.h>

/** Exit codes of the `wyvern` command. They are an interface: documented in docs/usage.md. */
enum wv_exit {
	WV_EXIT_OK = 0,		/**< the guest ended, or the user asked to stop */
	WV_EXIT_INTERNAL = 1,	/**< an error inside Wyvern, or its output could not be written */
	WV_EXIT_USAGE = 2,	/**< wrong options, a missing file, an unusable QEMU */
	WV_EXIT_TIME_LIMIT = 3, /**< the time limit (-t) was reached */
	WV_EXIT_NO_KERNEL = 4,	/**< no kernel was found in the guest, or the profile is unusable */
	WV_EXIT_GUEST_DIED = 5, /**< the guest's kernel crashed, or QEMU died */
	WV_EXIT_NOT_STARTED = 6, /**< the sample could not be started in the guest */
};

/** Codes of the domain WV_ERROR. */
enum wv_error {
	WV_ERROR_INTERNAL, /**< a failure that is ours, or of the host */
	WV_ERROR_USAGE,	   /**< what the user asked for can not be done as asked */
	WV_ERROR_OUTPUT,   /**< an output could not be written */
	WV_ERROR_FORMAT,   /**< data from outside (a profile, guest memory) is malformed */
	WV_ERROR_KERNEL,   /**< no kernel found, or a profile that does not fit */
	WV_ERROR_GUEST,	   /**< the guest or QEMU died */
	WV_ERROR_SAMPLE,   /**< the guest can not start the sample */
};

#define WV_ERROR (wv_error_quark())

GQuark wv_error_quark(void);

/** The exit code that an error of this domain ends the command with; of any other domain: 1. */
enum wv_exit wv_error_exit_code(const GError *error);

#endif
