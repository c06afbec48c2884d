/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One vCPU during one event: registers are fetched when first asked for (each costs tens of
 * nanoseconds) and kept until the event ends.
 */
#ifndef WV_MACHINE_CPU_H
#define WV_MACHINE_CPU_H

#include "machine/machine.h"

struct wv_cpu {
	struct wv_machine *machine;
	unsigned vcpu;
	uint32_t fetched; /**< bit n: values[n] is there */
	uint64_t values[WV_REG_COUNT];
};

/** A new event on this vCPU begins: what was fetched before is forgotten. */
static inline void wv_cpu_start(struct wv_cpu *cpu, struct wv_machine *machine, unsigned vcpu)
{
	cpu->machine = machine;
	cpu->vcpu = vcpu;
	cpu->fetched = 0;
}

/** A register's value; 0 where the driver can not read it. */
static inline uint64_t wv_cpu_register(struct wv_cpu *cpu, enum wv_reg reg)
{
	if (!(cpu->fetched & (1u << reg))) {
		wv_machine_register(cpu->machine, cpu->vcpu, reg, &cpu->values[reg]);
		cpu->fetched |= 1u << reg;
	}
	return cpu->values[reg];
}

#endif
