/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical pages and page tables. All physical memory is mapped at wv_boot.direct, which Windows
 * does not do: the kernel's own structures are never in that mapping, but in the pool's.
 */
#ifndef WV_NT_MEMORY_H
#define WV_NT_MEMORY_H

#include "nt.h"

#define PTE_PRESENT 1u
#define PTE_WRITE   2u
#define PTE_USER    4u
#define PTE_NX	    (1ull << 63)

#define PTE_ACCESSED 0x20u
#define PTE_DIRTY    0x40u

#define PTE_FRAME 0x000ffffffffff000ull /* an entry's physical address */

/* PTEs that are not present, as Windows has them. */
#define PTE_TRANSITION (1u << 11)
#define PTE_PROTECTION (4u << 5) /* MM_READWRITE */
/*
 * What is set besides in those of pages in transition, so that the processor's guesses about them
 * lead nowhere: some machines need it, the seed says which.
 */
extern u64 wv_hidden_bits;

/* Pages that are next to each other, zeroed. Never fails: the guest ends when there are none. */
u64 wv_physical_pages(unsigned count);
void *wv_physical(u64 pa);

void wv_memory_init(void);
/* Maps a page in the address space of a page-table root. */
void wv_map(u64 root, word va, u64 pa, u64 flags);
/* The page-table entry of an address, or NULL where there is no table. */
u64 *wv_pte(u64 root, word va);
/* A new address space: the kernel's half, and nothing below it. */
u64 wv_new_space(void);
/* An address space as it was when it was new. What its pages were is lost. */
void wv_clear_space(u64 root);
/* The physical address of something that is mapped. */
u64 wv_physical_of(u64 root, word va);

/* What the page-table entry of an address says: present, transition, paged-out, or none. */
const char *wv_memory_state(u64 root, word va);

/* Whole pages of kernel memory, zeroed, at an address of their own. */
void *wv_kernel_pages(unsigned count);
/* The same at an address where nothing is mapped behind the last page. */
void *wv_kernel_pages_fenced(unsigned count);
/* Kernel addresses where nothing is mapped, aligned to their size, which is a power of two of
 * pages.
 */
word wv_kernel_space(unsigned pages);
/* A device's registers. */
void *wv_map_device(u64 pa);

static inline void wv_flush(word va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

#endif
