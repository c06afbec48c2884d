/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for tests: some memory, registers that can be set, page tables that can be built.
 * Its RAM is mapped, or only read through the driver's slots; any single read can be made to fail.
 */
#ifndef WV_TESTS_MOCK_MACHINE_H
#define WV_TESTS_MOCK_MACHINE_H

#include "machine/machine.h"
#include "memory/paging.h"

#define MOCK_VCPUS_MAX 4
#define MOCK_PAGE      UINT64_C(0x1000)
#define MOCK_PAGE_2M   UINT64_C(0x200000)
#define MOCK_PAGE_1G   UINT64_C(0x40000000)

/** Bits of an entry of a page table (Intel SDM volume 3, section 4.5). */
#define MOCK_PRESENT  (UINT64_C(1) << 0)
#define MOCK_WRITABLE (UINT64_C(1) << 1)
#define MOCK_USER     (UINT64_C(1) << 2)
#define MOCK_LARGE    (UINT64_C(1) << 7)
#define MOCK_NX	      (UINT64_C(1) << 63)

/** What mock_map() gives an upper table's entry: whatever the leaf allows. */
#define MOCK_TABLE (MOCK_PRESENT | MOCK_WRITABLE | MOCK_USER)

struct mock_machine {
	struct wv_machine machine; /* first: a struct wv_machine * is a struct mock_machine * */
	uint8_t *ram;		   /* owned; from physical address 0 on */
	size_t ram_size;
	uint64_t next_page; /* pages from here on are given out by mock_page() */
	uint64_t registers[MOCK_VCPUS_MAX][WV_REG_COUNT];
	uint32_t unreadable; /* bit n: register n can not be read */
	unsigned fail_read;  /* the how manieth read through a slot from now fails; 0: none does */

	/* how often each slot was called */
	unsigned register_reads;
	unsigned virtual_reads;
	unsigned physical_reads;
	unsigned traps_changed;
	bool delays_traps; /* who tests reports traps_set */
	unsigned maps;
};

/**
 * Makes a machine in long mode with 4 levels, whose vCPUs have an empty page table each.
 *
 * @ram_size: bytes, a multiple of 4096. The upper half is for mock_page().
 * @mapped: RAM is mapped; otherwise it is behind read_virtual and read_physical.
 */
void mock_init(struct mock_machine *mock, unsigned n_vcpus, size_t ram_size, bool mapped);
void mock_deinit(struct mock_machine *mock);

/** The machine's own memory at a physical address. */
void *mock_at(struct mock_machine *mock, uint64_t physical);

/** The physical address of a zeroed page that nothing else uses. */
uint64_t mock_page(struct mock_machine *mock);

/** A new, empty page table. */
struct wv_paging mock_paging(struct mock_machine *mock, enum wv_paging_mode mode);

/** The entry of an address at a level (1: a page's), upper tables being made where they lack. */
uint64_t *mock_entry(struct mock_machine *mock, const struct wv_paging *paging, uint64_t address,
		     unsigned level);

/** Maps one page of that size: writable, for user mode, executable. */
void mock_map(struct mock_machine *mock, const struct wv_paging *paging, uint64_t address,
	      uint64_t physical, uint64_t size);

/** Maps a range by pages of 4 KiB. */
void mock_map_range(struct mock_machine *mock, const struct wv_paging *paging, uint64_t address,
		    uint64_t physical, uint64_t size);

/** Lets the vCPU use these tables: CR3, and LA57 in CR4. */
void mock_use(struct mock_machine *mock, unsigned vcpu, const struct wv_paging *paging);

#endif
