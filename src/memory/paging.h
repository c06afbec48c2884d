/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86 page tables, walked by our own code (Intel SDM volume 3, chapter 4).
 *
 * A mode is a row of a table in paging.c.
 */
#ifndef WV_MEMORY_PAGING_H
#define WV_MEMORY_PAGING_H

#include "machine/cpu.h"
#include "machine/machine.h"

enum wv_paging_mode {
	WV_PAGING_NONE,	   /**< paging is off */
	WV_PAGING_32,	   /**< 32 bits, pages of 4 KiB and 4 MiB */
	WV_PAGING_PAE,	   /**< 32 bits with CR4.PAE, pages of 4 KiB and 2 MiB */
	WV_PAGING_4_LEVEL, /**< long mode, 48 bits */
	WV_PAGING_5_LEVEL, /**< long mode with CR4.LA57, 57 bits */
};

struct wv_paging {
	enum wv_paging_mode mode;
	uint64_t root; /**< physical address of the top table; bits of CR3 beside it do not count */
	/** Pages in transition count as there: Windows keeps their content, and only unlinks them.
	 */
	bool transition;
	/** Bits that are set in entries of such pages so that they name no memory: see
	 *  wv_paging_unhide(). */
	uint64_t hidden;
};

/** One mapping as the tables have it. */
struct wv_mapping {
	uint64_t physical; /**< of the address that was asked for */
	uint64_t size;	   /**< of the page: 4 KiB to 1 GiB */
	bool writable;
	bool user;
	bool executable;
};

/** Bits 51:12 of an entry or of CR3. */
#define WV_PAGING_ADDRESS UINT64_C(0x000ffffffffff000)

/**
 * An entry that is not present, as the kernel means it. Windows, as it is mended against "L1
 * terminal fault" (CVE-2018-3620), sets bits in it, unless it says with another one (SwizzleBit)
 * that the entry is as it should be.
 */
static inline uint64_t wv_paging_unhide(const struct wv_paging *paging, uint64_t entry)
{
	const uint64_t as_it_is = UINT64_C(1) << 4;

	return entry & as_it_is ? entry : entry & ~paging->hidden;
}

/** Whether addresses have 64 bits. */
static inline bool wv_paging_is_long(enum wv_paging_mode mode)
{
	return mode == WV_PAGING_4_LEVEL || mode == WV_PAGING_5_LEVEL;
}

/**
 * Whether an address is in the upper half of the address space, which kernels keep to themselves:
 * user mode has no say in what is there.
 */
static inline bool wv_paging_is_upper_half(enum wv_paging_mode mode, uint64_t address)
{
	return wv_paging_is_long(mode) ? (int64_t)address < 0 : address >= UINT64_C(0x80000000);
}

/** The mode that the control registers select. */
enum wv_paging_mode wv_paging_mode(uint64_t cr0, uint64_t cr4, uint64_t efer);

/** The page tables that a vCPU uses now. */
static inline struct wv_paging wv_paging_of(struct wv_cpu *cpu)
{
	return (struct wv_paging){
		.mode = wv_paging_mode(wv_cpu_register(cpu, WV_REG_CR0),
				       wv_cpu_register(cpu, WV_REG_CR4),
				       wv_cpu_register(cpu, WV_REG_EFER)),
		.root = wv_cpu_register(cpu, WV_REG_CR3),
	};
}

/**
 * Walks the tables for one address.
 *
 * @hole: when the address is not mapped and @hole is not NULL: the size of the piece around it
 *        that a not-present entry covers, so that a scan can skip it. Never 0.
 *
 * Returns false when the address is not mapped or a table can not be read.
 */
bool wv_paging_walk(struct wv_machine *machine, const struct wv_paging *paging, uint64_t address,
		    struct wv_mapping *mapping, uint64_t *hole);

#endif
