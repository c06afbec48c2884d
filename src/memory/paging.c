/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page-table walks for x86: 32 bits, PAE, and long mode (Intel SDM volume 3, chapter 4). */
#include "memory/paging.h"

#define ENTRY_PRESENT  (UINT64_C(1) << 0)
#define ENTRY_WRITABLE (UINT64_C(1) << 1)
#define ENTRY_USER     (UINT64_C(1) << 2)
#define ENTRY_LARGE    (UINT64_C(1) << 7)
#define ENTRY_NX       (UINT64_C(1) << 63)

/* Of an entry that is not present, as Windows uses it (_MMPTE_TRANSITION): the page is in memory
 * and only unlinked from the process. A prototype's entry says something else with that bit. */
#define ENTRY_PROTOTYPE	 (UINT64_C(1) << 10)
#define ENTRY_TRANSITION (UINT64_C(1) << 11)

#define PAGE_SHIFT 12

/** One level of tables. */
struct level {
	uint8_t shift; /* of the address: what an entry covers */
	uint8_t bits;  /* of the index */
	bool large;    /* an entry may be a page */
	bool rights;   /* entries say what is allowed */
};

#define LEVELS_MAX 5

static const struct mode {
	uint8_t entry_size;	/* bytes */
	uint8_t address_bits;	/* that are translated */
	bool sign_extended;	/* an address repeats its highest bit in those above */
	uint64_t root, address; /* the bits of CR3 and of an entry that are an address */
	uint8_t n_levels;
	struct level levels[LEVELS_MAX]; /* the top first */
} modes[] = {
	[WV_PAGING_32] = { .entry_size = 4,
			   .address_bits = 32,
			   .root = 0xfffff000,
			   .address = 0xfffff000,
			   .n_levels = 2,
			   .levels = { { 22, 10, true, true }, { 12, 10, false, true } } },
	/* the entries of the top table have no rights, and there are only four of them */
	[WV_PAGING_PAE] = { .entry_size = 8,
			    .address_bits = 32,
			    .root = 0xffffffe0,
			    .address = WV_PAGING_ADDRESS,
			    .n_levels = 3,
			    .levels = { { 30, 2, false, false },
					{ 21, 9, true, true },
					{ 12, 9, false, true } } },
	[WV_PAGING_4_LEVEL] = { .entry_size = 8,
				.address_bits = 48,
				.sign_extended = true,
				.root = WV_PAGING_ADDRESS,
				.address = WV_PAGING_ADDRESS,
				.n_levels = 4,
				.levels = { { 39, 9, false, true },
					    { 30, 9, true, true },
					    { 21, 9, true, true },
					    { 12, 9, false, true } } },
	[WV_PAGING_5_LEVEL] = { .entry_size = 8,
				.address_bits = 57,
				.sign_extended = true,
				.root = WV_PAGING_ADDRESS,
				.address = WV_PAGING_ADDRESS,
				.n_levels = 5,
				.levels = { { 48, 9, false, true },
					    { 39, 9, false, true },
					    { 30, 9, true, true },
					    { 21, 9, true, true },
					    { 12, 9, false, true } } },
};

enum wv_paging_mode wv_paging_mode(uint64_t cr0, uint64_t cr4, uint64_t efer)
{
	if (!(cr0 & WV_CR0_PG))
		return WV_PAGING_NONE;
	if (!(cr4 & WV_CR4_PAE))
		return WV_PAGING_32;
	if (!(efer & WV_EFER_LMA))
		return WV_PAGING_PAE;
	return cr4 & WV_CR4_LA57 ? WV_PAGING_5_LEVEL : WV_PAGING_4_LEVEL;
}

/** Whether the mode translates the address at all. */
static bool is_valid(const struct mode *mode, uint64_t address)
{
	unsigned above = 64 - mode->address_bits;

	if (!mode->sign_extended)
		return address >> mode->address_bits == 0;
	return (uint64_t)((int64_t)(address << above) >> above) == address;
}

/** The physical address of a large page of 4 MiB has more bits than 32 (SDM, table 4-4: PSE-36). */
static uint64_t page_of_4_mib(uint64_t entry)
{
	return (entry & 0xffc00000) | (entry >> 13 & 0xff) << 32;
}

static void fill(struct wv_mapping *mapping, const struct mode *mode, uint64_t address,
		 uint64_t entry, unsigned shift)
{
	uint64_t offset = (UINT64_C(1) << shift) - 1;
	bool is_4_mib = mode->entry_size == 4 && shift > PAGE_SHIFT;
	uint64_t page = is_4_mib ? page_of_4_mib(entry) : entry & mode->address;

	mapping->physical = (page & ~offset) | (address & offset);
	mapping->size = offset + 1;
}

/** An entry that is not present and whose page is there all the same. */
static bool in_transition(const struct wv_paging *paging, uint64_t entry)
{
	return paging->transition && (entry & ENTRY_TRANSITION) && !(entry & ENTRY_PROTOTYPE);
}

bool wv_paging_walk(struct wv_machine *machine, const struct wv_paging *paging, uint64_t address,
		    struct wv_mapping *mapping, uint64_t *hole)
{
	const struct mode *mode = &modes[paging->mode];

	if (hole)
		*hole = UINT64_C(1) << PAGE_SHIFT;
	if (paging->mode == WV_PAGING_NONE || !is_valid(mode, address))
		return false;

	uint64_t table = paging->root & mode->root;
	uint64_t denied = 0; /* what some level does not allow, as bits of an entry */
	uint64_t forbidden = 0;

	for (unsigned i = 0; i < mode->n_levels; i++) {
		const struct level *level = &mode->levels[i];
		uint64_t index = (address >> level->shift) & ((1u << level->bits) - 1);
		uint64_t entry = 0;
		bool last = i == mode->n_levels - 1u;

		if (!wv_machine_read_physical(machine, table + index * mode->entry_size, &entry,
					      mode->entry_size))
			return false;

		bool present = entry & ENTRY_PRESENT;

		if (!present && !(last && in_transition(paging, entry))) {
			if (hole)
				*hole = UINT64_C(1) << level->shift;
			return false;
		}
		if (!present)
			entry = wv_paging_unhide(paging, entry);
		if (level->rights) {
			denied |= ~entry;
			forbidden |= entry;
		}
		if (!last && !(level->large && (entry & ENTRY_LARGE))) {
			table = entry & mode->address;
			continue;
		}
		fill(mapping, mode, address, entry, level->shift);
		/* of an entry in transition these bits mean something else: the page is nobody's */
		mapping->writable = present && !(denied & ENTRY_WRITABLE);
		mapping->user = present && !(denied & ENTRY_USER);
		mapping->executable = present && !(forbidden & ENTRY_NX);
		return true;
	}
	return false;
}
