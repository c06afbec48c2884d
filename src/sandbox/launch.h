/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU as it is started for a template or a clone: in its jail, with all that comes out of it. */
#ifndef WV_SANDBOX_LAUNCH_H
#define WV_SANDBOX_LAUNCH_H

#include "output/session.h"
#include "sandbox/child.h"
#include "sandbox/collect.h"
#include "sandbox/jail.h"
#include "sandbox/qemu.h"
#include "sandbox/qmp.h"
#include "sandbox/vm.h"

struct wv_launch_options {
	const struct wv_qemu *qemu;
	const struct wv_jail *jail; /**< NULL: none */
	const struct wv_vm *vm;
	const char *folder;	/**< the template's */
	char *const *machine;	/**< a clone's, as its template has it; NULL: a template is made */
	char *const *arguments; /**< further ones for QEMU, ended by NULL; or NULL */
	const char *config;	/**< the monitor's settings */
	int job_fd;		/**< for the launcher in the guest; -1: none */
	int profile_fd;		/**< for the kernel's profile; -1: none */
	int overlay_fd;		/**< for what a clone writes on its disk; -1: none */
	enum wv_network network;
	const char *console_path; /**< NULL: only its end is kept */
	const char *capture_path; /**< of what goes over the network; NULL: it is not kept */
};

/** What is written to the console's file and to that of the network, at the most, in bytes. */
#define WV_LAUNCH_CONSOLE_MAX (UINT64_C(16) << 20)
#define WV_LAUNCH_CAPTURE_MAX (UINT64_C(1) << 30)

struct wv_launched {
	struct wv_child child;
	struct wv_session *session;
	struct wv_qmp *qmp;
	struct wv_collect *collects[3]; /**< the console, the network if it is kept, then NULL */
	int lifeline;			/**< QEMU ends when it is closed, however that happens */
};

/** Nothing was started yet. */
#define WV_LAUNCHED_NONE ((struct wv_launched){ .child = { .ended = true }, .lifeline = -1 })

/** Starts QEMU. wv_launched_end() is to be called in any case. */
bool wv_launch(struct wv_launched *launched, const struct wv_launch_options *options,
	       GError **error);

/** Ends QEMU if it still runs, takes in what is left, and lets go of everything. */
void wv_launched_end(struct wv_launched *launched);

#endif
