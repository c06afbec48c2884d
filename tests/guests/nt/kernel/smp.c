// SPDX-License-Identifier: GPL-2.0-or-later
/* Starts the other CPUs, one after the other: INIT and two startup IPIs by the local APIC. */
#include "boot_info.h"
#include "cpu.h"
#include "memory.h"
#include "truth.h"

#define TRAMPOLINE 0x8000u /* physical, below 1 MiB */
#define APIC	   0xfee00000u
#define APIC_ICR   0x300u
#define APIC_ICR_2 0x310u
#define INIT	   0x4500u
#define STARTUP	   0x4600u

/* What the trampoline finds behind its first instruction. */
struct mailbox {
	u8 jump[8];
	u64 root, stack, entry, number;
} __attribute__((packed));

extern char wv_trampoline[], wv_trampoline_end[];
word wv_idle_stack(unsigned number);

static void send(volatile u8 *apic, unsigned to, u32 command)
{
	*(volatile u32 *)(apic + APIC_ICR_2) = to << 24;
	*(volatile u32 *)(apic + APIC_ICR) = command;
	for (int i = 0; i < 20000; i++)
		wv_pause();
}

void wv_start_cpus(void)
{
	struct mailbox *mailbox = wv_physical(TRAMPOLINE);
	volatile u8 *apic;

	if (wv_boot.cpus < 2)
		return;
	apic = wv_map_device(APIC);
	memcpy(mailbox, wv_trampoline, (size_t)(wv_trampoline_end - wv_trampoline));
	for (unsigned i = 1; i < wv_boot.cpus; i++) {
		mailbox->root = wv_boot.root_pa;
		mailbox->stack = wv_idle_stack(i) - 64;
		mailbox->entry = (word)wv_cpu_started;
		mailbox->number = i;
		send(apic, i, INIT);
		send(apic, i, STARTUP | TRAMPOLINE >> 12);
		send(apic, i, STARTUP | TRAMPOLINE >> 12);
		while (__atomic_load_n(&wv_cpu_count, __ATOMIC_SEQ_CST) == i)
			wv_pause();
	}
}
