/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The QEMU driver as the shared object that hosts it sees it. */
#ifndef WV_MACHINE_QEMU_DRIVER_H
#define WV_MACHINE_QEMU_DRIVER_H

#include <glib.h>

#include "machine/machine.h"

/** The start of QEMU's qemu_info_t, the same in all API versions that are supported. */
struct qemu_info {
	const char *target_name;
	struct {
		int min;
		int current;
	} version;
	bool system_emulation;
	struct {
		int smp_vcpus;
		int max_vcpus;
	} system;
};

/**
 * Makes the machine of this QEMU process; there is one, and it lives as long as the process.
 * WV_ERROR_USAGE when this QEMU can not be watched.
 */
struct wv_machine *qemu_driver_init(uint64_t plugin_id, const struct qemu_info *info,
				    GError **error);

/**
 * Starts watching: from now on the machine's events are called, which must be registered.
 *
 * @ended: called once when QEMU ends in an orderly way, after the machine's own event.
 */
void qemu_driver_start(void (*ended)(void));

#endif
