/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual machine as hardware: registers, physical memory, traps. Nothing above this folder
 * knows which hypervisor is below.
 *
 * A driver fills a struct wv_machine: its capabilities (a slot that is NULL is not supported),
 * the RAM that it could map, and a trap table that it consults. It calls up only through the
 * struct wv_machine_events that was registered with it.
 *
 * To add a driver: implement struct wv_machine_ops, map the RAM if there is a way to, and report
 * the events. tests/unit/mock_machine.c is the smallest example.
 */
#ifndef WV_MACHINE_MACHINE_H
#define WV_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/copy.h"
#include "machine/traps.h"

/** x86 registers that a driver can read, named as in the Intel SDM. */
enum wv_reg {
	WV_REG_RAX,
	WV_REG_RBX,
	WV_REG_RCX,
	WV_REG_RDX,
	WV_REG_RSI,
	WV_REG_RDI,
	WV_REG_RBP,
	WV_REG_RSP,
	WV_REG_R8,
	WV_REG_R9,
	WV_REG_R10,
	WV_REG_R11,
	WV_REG_R12,
	WV_REG_R13,
	WV_REG_R14,
	WV_REG_R15,
	WV_REG_CS,
	WV_REG_FS_BASE,
	WV_REG_GS_BASE,
	WV_REG_KERNEL_GS_BASE, /**< the MSR that SWAPGS exchanges with GS_BASE */
	WV_REG_CR0,
	WV_REG_CR3,
	WV_REG_CR4,
	WV_REG_EFER,
	WV_REG_COUNT
};

/** Bits that more than one layer looks at (Intel SDM volume 3, section 2.5 and 2.2.1). */
#define WV_CR0_PG     (UINT64_C(1) << 31)
#define WV_CR4_PAE    (UINT64_C(1) << 5)
#define WV_CR4_LA57   (UINT64_C(1) << 12)
#define WV_CR4_PCIDE  (UINT64_C(1) << 17)
#define WV_EFER_LMA   (UINT64_C(1) << 10)
#define WV_CS_RPL     UINT64_C(3) /**< privilege level in a code selector */
#define WV_VCPUS_MAX  64	  /* as many as a session has rings */
#define WV_RAM_RANGES 4

struct wv_machine;

/** What a driver can do. Register reads are valid only inside an event of the same vCPU. */
struct wv_machine_ops {
	/** Reads a register of the vCPU whose event is being handled. */
	bool (*read_register)(struct wv_machine *machine, unsigned vcpu, enum wv_reg reg,
			      uint64_t *value);
	/** Reads guest memory through the vCPU's current translation. NULL: not supported. */
	bool (*read_virtual)(struct wv_machine *machine, unsigned vcpu, uint64_t address,
			     void *buffer, size_t size);
	/** Reads physical memory where RAM is not mapped. NULL: not supported. */
	bool (*read_physical)(struct wv_machine *machine, uint64_t address, void *buffer,
			      size_t size);
	/**
	 * The trap table has new rows: makes sure that code already translated honours them.
	 * May take effect after the current basic block of each vCPU, never later: then `traps_set`
	 * is reported, or before this returns.
	 */
	void (*traps_changed)(struct wv_machine *machine);
	/** Maps the guest's RAM into `ram` if that can be done; called once paging is on. */
	void (*map_ram)(struct wv_machine *machine, unsigned vcpu);
};

/** What a driver reports. The callbacks run on the vCPU's own thread, several at once. */
struct wv_machine_events {
	/** Code runs that `watch` asks for: in user mode with paging on, or in a kernel. */
	void (*watched)(void *owner, unsigned vcpu);
	/** The instruction at `watch_place` is about to be executed, in user mode. */
	void (*place)(void *owner, unsigned vcpu);
	/** A trapped instruction is about to execute; @trap is the table's row. */
	void (*trap)(void *owner, unsigned vcpu, struct wv_trap *trap);
	/**
	 * All vCPUs honour the traps that were set before traps_changed(), which is not to be
	 * called in here. None runs meanwhile.
	 */
	void (*traps_set)(void *owner);
	/** The machine was reset and starts its firmware again. */
	void (*reset)(void *owner, unsigned vcpu);
	/** The machine ends in an orderly way; no vCPU runs any more. */
	void (*ended)(void *owner);
};

/** Code that the owner waits for, to look at the machine while it runs. */
enum wv_watch {
	WV_WATCH_NOTHING,
	WV_WATCH_USER,	 /**< user mode, with paging on */
	WV_WATCH_KERNEL, /**< kernel mode, at an address that only a kernel has */
};

/** A range of guest-physical addresses and where it is mapped in this process. */
struct wv_ram {
	uint64_t start; /**< guest-physical, bytes */
	uint64_t size;	/**< bytes */
	uint8_t *host;
};

struct wv_machine {
	const struct wv_machine_ops *ops;
	const struct wv_machine_events *events;
	void *owner; /**< passed to the events */
	unsigned n_vcpus;
	struct wv_traps traps;
	enum wv_watch watch; /**< atomic; traps_changed() after a change to WV_WATCH_KERNEL */
	/** Atomic: a virtual address in user mode to report, beside all else; 0: none. */
	uint64_t watch_place;
	struct wv_ram ram[WV_RAM_RANGES];
	unsigned n_ram; /**< 0: RAM is not mapped */
	/** All vCPUs take turns on one thread, and an event may name another one than its own.
	 *  Registers and memory are the right one's all the same. */
	bool shares_thread;
	/** Where the guest's kernel maps all of physical memory, once that is known; 0: it is not.
	 *  A driver without mapped RAM and physical reads can use it. */
	uint64_t direct_map;
};

/** The host's view of a piece of RAM, or NULL where it is not wholly inside one mapped range. */
static inline const uint8_t *wv_machine_ram(const struct wv_machine *machine, uint64_t address,
					    size_t size)
{
	for (unsigned i = 0; i < machine->n_ram; i++) {
		const struct wv_ram *ram = &machine->ram[i];
		uint64_t offset = address - ram->start;

		if (offset < ram->size && size <= ram->size - offset)
			return ram->host + offset;
	}
	return NULL;
}

/** Reads physical memory by whatever way there is. The bytes may change while they are read. */
static inline bool wv_machine_read_physical(struct wv_machine *machine, uint64_t address,
					    void *buffer, size_t size)
{
	const uint8_t *ram = wv_machine_ram(machine, address, size);

	if (ram) {
		wv_copy(buffer, ram, size);
		return true;
	}
	return machine->ops->read_physical &&
	       machine->ops->read_physical(machine, address, buffer, size);
}

/** Writes physical memory. False where RAM is not mapped; nothing is written then. */
static inline bool wv_machine_write_physical(struct wv_machine *machine, uint64_t address,
					     const void *data, size_t size)
{
	/* the mapping is the machine's own: it is const only for those who just look */
	uint8_t *ram = (uint8_t *)wv_machine_ram(machine, address, size);

	if (!ram)
		return false;
	memcpy(ram, data, size);
	return true;
}

/** Reads a register; 0 and false where the driver does not have it. */
static inline bool wv_machine_register(struct wv_machine *machine, unsigned vcpu, enum wv_reg reg,
				       uint64_t *value)
{
	*value = 0;
	return machine->ops->read_register(machine, vcpu, reg, value);
}

#endif
