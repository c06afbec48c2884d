/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a template: boots a guest, waits until it is ready, saves it. */
#ifndef WV_SANDBOX_CREATE_H
#define WV_SANDBOX_CREATE_H

#include "sandbox/qemu.h"

struct wv_create_options {
	const struct wv_qemu *qemu;
	const char *name;
	const char *kernel;  /**< file: a bzImage */
	const char *rootfs;  /**< folder, tar or disk image; NULL: busybox is the root */
	const char *modules; /**< folder with the kernel's modules; NULL: none */
	const char
		*profile; /**< file: the kernel's, for one that does not describe itself; or NULL */
	const char *busybox;  /**< file: static; used where there is no rootfs */
	const char *launcher; /**< file: our program for the guest */
	const char *append;   /**< more of the kernel's command line; NULL: nothing */
	uint64_t memory;      /**< bytes; 0: what the root needs */
	unsigned vcpus;
	bool replace; /**< an existing template of that name */
	/** Called a few times a second with what is being done now. NULL: nobody wants to know. */
	void (*progress)(const char *step);
};

/**
 * Makes the template. When it fails, or a signal comes (wv_watch_signals()), nothing is left of it,
 * and an existing one of that name is as it was.
 */
bool wv_template_create(const struct wv_create_options *options, GError **error);

#endif
