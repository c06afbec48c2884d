/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the guest's RAM in this process's own mappings. */
#include "machine/qemu/ram.h"

#include <inttypes.h>
#include <stdio.h>

#include "memory/paging.h"

/** Smaller mappings are not a guest's RAM. */
#define RAM_MIN (UINT64_C(16) << 20)

#define FOUR_GIB (UINT64_C(4) << 30)

/** Bytes that two ways of reading must agree on. */
#define SAMPLE 64

struct mapping {
	uint64_t start, end, offset;
	unsigned long inode;
};

/** Parses a line of /proc/self/maps (proc(5)); false when it can not be RAM. */
static bool parse_line(const char *line, struct mapping *mapping)
{
	char rights[5];
	unsigned major, minor;
	int path = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %lu %n", &mapping->start,
		   &mapping->end, rights, &mapping->offset, &major, &minor, &mapping->inode,
		   &path) < 7)
		return false;
	return rights[0] == 'r' && rights[1] == 'w' && mapping->inode &&
	       !strstr(line + path, "memfd:wyvern");
}

/** The largest writable file mapping: QEMU's memory backend. */
static bool find_largest(struct mapping *largest)
{
	struct mapping run = { 0 }, next;
	char line[4352];
	FILE *maps = fopen("/proc/self/maps", "re");

	*largest = (struct mapping){ 0 };
	if (!maps)
		return false;
	while (fgets(line, sizeof(line), maps)) {
		if (!parse_line(line, &next))
			continue;
		/* parts of one mapping that differ in advice are listed one by one */
		if (next.inode == run.inode && next.start == run.end &&
		    next.offset == run.offset + (run.end - run.start))
			run.end = next.end;
		else
			run = next;
		if (run.end - run.start > largest->end - largest->start)
			*largest = run;
	}
	fclose(maps);
	return largest->end - largest->start >= RAM_MIN;
}

/** Whether page walks through the RAM as it is now described lead to what QEMU reads. */
static bool agrees(struct wv_machine *machine, unsigned vcpu, uint64_t address)
{
	uint8_t ours[SAMPLE], theirs[SAMPLE];
	uint64_t cr0, cr3, cr4, efer;
	struct wv_mapping found;

	wv_machine_register(machine, vcpu, WV_REG_CR0, &cr0);
	wv_machine_register(machine, vcpu, WV_REG_CR3, &cr3);
	wv_machine_register(machine, vcpu, WV_REG_CR4, &cr4);
	wv_machine_register(machine, vcpu, WV_REG_EFER, &efer);

	struct wv_paging paging = { .mode = wv_paging_mode(cr0, cr4, efer), .root = cr3 };

	address &= ~(uint64_t)(SAMPLE - 1);
	return wv_paging_walk(machine, &paging, address, &found, NULL) &&
	       wv_machine_ram(machine, found.physical, SAMPLE) &&
	       machine->ops->read_virtual(machine, vcpu, address, theirs, SAMPLE) &&
	       memcpy(ours, wv_machine_ram(machine, found.physical, SAMPLE), SAMPLE) &&
	       memcmp(ours, theirs, SAMPLE) == 0;
}

void qemu_ram_map(struct wv_machine *machine, unsigned vcpu, uint64_t address)
{
	/* Where RAM below 4 GiB ends when there is more: hw/i386/pc_piix.c, pc_q35.c, microvm.c.
	 * Less RAM than the lowest of them is in one piece. */
	static const uint64_t splits[] = { 0x80000000, 0xb0000000, 0xc0000000, 0xe0000000 };
	struct mapping mapping;

	if (!find_largest(&mapping))
		return;

	uint64_t size = mapping.end - mapping.start;
	uint8_t *host = (uint8_t *)(uintptr_t)mapping.start;

	machine->ram[0] = (struct wv_ram){ 0, size, host };
	machine->n_ram = 1;
	if (size <= splits[0] && agrees(machine, vcpu, address))
		return;
	for (unsigned i = 0; i < sizeof(splits) / sizeof(splits[0]) && splits[i] < size; i++) {
		machine->ram[0] = (struct wv_ram){ 0, splits[i], host };
		machine->ram[1] = (struct wv_ram){ FOUR_GIB, size - splits[i], host + splits[i] };
		machine->n_ram = 2;
		if (agrees(machine, vcpu, address))
			return;
	}
	machine->ram[0].size = size;
	machine->n_ram = 1;
	if (!agrees(machine, vcpu, address))
		machine->n_ram = 0;
}
