/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's RAM inside QEMU's process: with `-object memory-backend-memfd` or `-file` it is one
 * mapping that this process already has.
 */
#ifndef WV_MACHINE_QEMU_RAM_H
#define WV_MACHINE_QEMU_RAM_H

#include "machine/machine.h"

/**
 * Finds the RAM and fills in machine->ram and n_ram.
 *
 * What was found is checked against QEMU's own reads of the current vCPU's memory at @address, a
 * virtual address that is mapped now; without agreement nothing is filled in.
 */
void qemu_ram_map(struct wv_machine *machine, unsigned vcpu, uint64_t address);

#endif
