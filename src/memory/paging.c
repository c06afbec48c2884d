/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page-table walks for x86 long mode. */
#include "memory/paging.h"

#define ENTRY_PRESENT  (UINT64_C(1) << 0)
#define ENTRY_WRITABLE (UINT64_C(1) << 1)
#define ENTRY_USER     (UINT64_C(1) << 2)
#define ENTRY_LARGE    (UINT64_C(1) << 7)
#define ENTRY_NX       (UINT64_C(1) << 63)

#define PAGE_SHIFT 12
#define LEVEL_BITS 9

enum wv_paging_mode wv_paging_mode(uint64_t cr0, uint64_t cr4, uint64_t efer)
{
	if (!(cr0 & WV_CR0_PG) || !(cr4 & WV_CR4_PAE) || !(efer & WV_EFER_LMA))
		return WV_PAGING_NONE;
	return cr4 & WV_CR4_LA57 ? WV_PAGING_5_LEVEL : WV_PAGING_4_LEVEL;
}

/** Whether the bits above the translated ones repeat the highest of them. */
static bool is_canonical(uint64_t address, unsigned bits)
{
	int64_t extended = (int64_t)(address << (64 - bits)) >> (64 - bits);

	return (uint64_t)extended == address;
}

bool wv_paging_walk(struct wv_machine *machine, const struct wv_paging *paging, uint64_t address,
		    struct wv_mapping *mapping, uint64_t *hole)
{
	if (hole)
		*hole = UINT64_C(1) << PAGE_SHIFT;
	if (paging->mode == WV_PAGING_NONE)
		return false;

	unsigned levels = paging->mode == WV_PAGING_5_LEVEL ? 5 : 4;

	if (!is_canonical(address, PAGE_SHIFT + LEVEL_BITS * levels))
		return false;

	uint64_t table = paging->root & WV_PAGING_ADDRESS;
	uint64_t denied = 0; /* what some level does not allow, as bits of an entry */
	uint64_t forbidden = 0;

	for (unsigned level = levels; level > 0; level--) {
		unsigned shift = PAGE_SHIFT + LEVEL_BITS * (level - 1);
		uint64_t index = (address >> shift) & ((1u << LEVEL_BITS) - 1);
		uint64_t entry;

		if (!wv_machine_read_physical(machine, table + index * sizeof(entry), &entry,
					      sizeof(entry)))
			return false;
		if (!(entry & ENTRY_PRESENT)) {
			if (hole)
				*hole = UINT64_C(1) << shift;
			return false;
		}
		denied |= ~entry;
		forbidden |= entry;

		bool leaf = level == 1 || (level <= 3 && (entry & ENTRY_LARGE));

		if (!leaf) {
			table = entry & WV_PAGING_ADDRESS;
			continue;
		}

		uint64_t size = UINT64_C(1) << shift;

		mapping->physical =
			(entry & WV_PAGING_ADDRESS & ~(size - 1)) | (address & (size - 1));
		mapping->size = size;
		mapping->writable = !(denied & ENTRY_WRITABLE);
		mapping->user = !(denied & ENTRY_USER);
		mapping->executable = !(forbidden & ENTRY_NX);
		return true;
	}
	return false;
}
