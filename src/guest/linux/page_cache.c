/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page cache: which pages of memory hold a file's content (include/linux/pagemap.h, xarray.h in
 * the kernel).
 *
 * A file's pages are in an xarray: a tree whose inner nodes have slots for 2^shift pages each. A
 * slot has another node, a page, or something that is no page: a shadow of one that was taken away,
 * or its place in swap. What spans several pages (a compound page, since 5.16 a folio) may be in as
 * many slots, or in one that spans as much, followed by siblings that refer to it. In each case the
 * slot leads to its first page, and that page knows its index in the file.
 */
#include "guest/linux/internal.h"

#define PAGE_BITS 12

/** vmemmap_base where it is not random (Documentation/arch/x86/x86_64/mm.rst). */
#define VMEMMAP_4_LEVEL UINT64_C(0xffffea0000000000)
#define VMEMMAP_5_LEVEL UINT64_C(0xffd4000000000000)

/* Entries (include/linux/xarray.h): values have bit 0, internal entries only bit 1. */
#define ENTRY_BITS     3u
#define ENTRY_INTERNAL 2u
/** Internal entries up to this one are no nodes; the lowest ones are siblings, by a slot's number.
 */
#define ENTRY_NODE_MIN 4096u
#define SLOTS_MAX      64u /* XA_CHUNK_SIZE; 16 with CONFIG_BASE_SMALL */

/** Levels of a tree at the most. */
#define LEVELS_MAX 11

/** Nodes that are looked at: those of a file of 16 GiB. */
#define NODES_MAX (1u << 16)

/** Pages of one folio at the most: more than any order that the kernel's allocator has. */
#define FOLIO_PAGES_MAX (UINT64_C(1) << 18)

/** What is read of a struct page. */
#define PAGE_HEAD 48u

struct walk {
	const struct wv_linux *kernel;
	const struct wv_space *space;
	uint64_t mapping;
	uint64_t vmemmap;
	uint64_t end; /* the first index that is not looked for */
	uint64_t told;
	unsigned nodes; /* that may still be looked at */
	uint8_t slot_bits;
	struct linux_blocks blocks;
	wv_page_fn each;
	void *owner;
};

static uint64_t vmemmap_base(const struct wv_linux *kernel, const struct wv_space *space)
{
	const struct wv_place *symbol = &kernel->places[SYM_VMEMMAP_BASE];
	uint64_t base;

	if (symbol->found && wv_space_read_u64(space, symbol->value, &base))
		return base;
	return kernel->guest.paging == WV_PAGING_5_LEVEL ? VMEMMAP_5_LEVEL : VMEMMAP_4_LEVEL;
}

/* Pages -----------------------------------------------------------------------------------------*/

/** A page, or the first one of a folio. */
struct page {
	uint64_t address; /* of its struct page */
	uint64_t frame;	  /* its number in physical memory */
	uint64_t index;	  /* in the file, in pages */
	uint64_t private;
	bool uptodate; /* all of it */
};

static uint64_t member_of(const struct walk *walk, const uint8_t *page, enum linux_want want)
{
	uint64_t value;

	memcpy(&value, page + walk->kernel->places[want].value, sizeof(value));
	return value;
}

/** Reads the page that an entry points to. False when it is none of the file's. */
static bool read_page(const struct walk *walk, uint64_t entry, struct page *page)
{
	const struct wv_place *places = walk->kernel->places;
	uint64_t offset = entry - walk->vmemmap;
	uint8_t head[PAGE_HEAD];

	if (offset % places[PAGE_SIZEOF].value ||
	    !wv_space_read(walk->space, entry, head, sizeof(head)) ||
	    member_of(walk, head, PAGE_MAPPING) != walk->mapping)
		return false;
	*page = (struct page){
		.address = entry,
		.frame = offset / places[PAGE_SIZEOF].value,
		.index = member_of(walk, head, PAGE_INDEX),
		.private = member_of(walk, head, PAGE_PRIVATE),
		.uptodate = member_of(walk, head, PAGE_FLAGS) >> places[ENUM_PG_UPTODATE].value & 1,
	};
	return true;
}

/** Tells what lies between two places in the file, if anything does; @page holds it. */
static bool tell(struct walk *walk, const struct page *page, uint64_t start, uint64_t end)
{
	uint64_t offset = start - (page->index << PAGE_BITS);

	if (start >= end)
		return true;
	walk->told += end - start;
	return walk->each(walk->owner, start, (page->frame << PAGE_BITS) + offset, end - start);
}

/** Tells those blocks between the two places that are up to date. */
static bool tell_blocks(struct walk *walk, const struct page *page, uint64_t start, uint64_t end)
{
	struct linux_blocks *blocks = &walk->blocks;
	uint64_t at = page->index << PAGE_BITS;
	bool uptodate;

	wv_linux_blocks_begin(blocks, page->address, page->private);
	for (; at < end && wv_linux_blocks_next(blocks, &uptodate); at += blocks->size) {
		if (uptodate)
			continue;
		if (!tell(walk, page, start, at))
			return false;
		start = MAX(start, at + blocks->size);
	}
	return tell(walk, page, start, MIN(at, end));
}

/** Tells what a page, or the folio that begins with it, has of pages first .. first + count - 1. */
static bool tell_page(struct walk *walk, uint64_t entry, uint64_t first, uint64_t count)
{
	uint64_t start = first << PAGE_BITS, end = MIN(first + count, walk->end) << PAGE_BITS;
	struct page page;

	if (!read_page(walk, entry, &page) || page.index > first ||
	    first - page.index + count > FOLIO_PAGES_MAX)
		return true; /* no folio is that large */
	if (!page.uptodate)
		return tell_blocks(walk, &page, start, end);
	return tell(walk, &page, start, end);
}

/* The tree --------------------------------------------------------------------------------------*/

/** A node on the way down. */
struct level {
	uint64_t first; /* index in the file of its first slot */
	uint8_t shift;	/* each slot has 2^shift pages */
	uint8_t next;	/* the slot to look at next */
	uint64_t slots[SLOTS_MAX];
};

static bool is_node(uint64_t entry)
{
	return (entry & ENTRY_BITS) == ENTRY_INTERNAL && entry > ENTRY_NODE_MIN;
}

/** Reads a node of fewer than @bits bits of index, which begins at page @first. */
static bool read_node(struct walk *walk, uint64_t entry, uint64_t first, unsigned bits,
		      struct level *level)
{
	const struct wv_place *places = walk->kernel->places;
	uint64_t node = entry - ENTRY_INTERNAL;
	uint8_t shift;

	if (!walk->nodes)
		return false;
	walk->nodes--;
	if (!wv_space_read_u8(walk->space, node + places[XA_NODE_SHIFT].value, &shift) ||
	    shift % walk->slot_bits || shift + walk->slot_bits > bits ||
	    !wv_space_read(walk->space, node + places[XA_NODE_SLOTS].value, level->slots,
			   sizeof(level->slots[0]) << walk->slot_bits))
		return false;
	level->first = first;
	level->shift = shift;
	level->next = 0;
	return true;
}

/** The entry of a slot; of a sibling, that of the slot which it refers to. */
static uint64_t entry_of(const struct level *level, unsigned slot)
{
	uint64_t entry = level->slots[slot];

	if ((entry & ENTRY_BITS) == ENTRY_INTERNAL && entry >> 2 < slot)
		entry = level->slots[entry >> 2];
	return entry;
}

/** Walks the nodes in the order of the file, from the top. */
static void walk_nodes(struct walk *walk, uint64_t top)
{
	struct level levels[LEVELS_MAX], *level = levels;

	if (!read_node(walk, top, 0, 64, level))
		return;
	for (;;) {
		uint64_t first = level->first + ((uint64_t)level->next << level->shift), entry;

		if (level->next >> walk->slot_bits || first >= walk->end) {
			if (level-- == levels)
				return;
			continue;
		}
		entry = entry_of(level, level->next++);
		if (is_node(entry)) {
			if (level + 1 < levels + LEVELS_MAX &&
			    read_node(walk, entry, first, level->shift, level + 1))
				level++;
		} else if (entry && !(entry & ENTRY_BITS)) {
			if (!tell_page(walk, entry, first, UINT64_C(1) << level->shift))
				return;
		}
	}
}

/** Bits of an index that a node has a slot for; 0 where that is not known. */
static uint8_t slot_bits(const struct wv_place *slots)
{
	uint64_t count = slots->size / sizeof(uint64_t);

	return count > 1 && count <= SLOTS_MAX ? (uint8_t)(g_bit_storage(count) - 1) : 0;
}

/** Whether the kernel's profile has all that is needed. */
static bool is_known(const struct wv_linux *kernel)
{
	static const enum linux_want needed[] = { MAPPING_PAGES, XARRAY_HEAD,  XA_NODE_SHIFT,
						  XA_NODE_SLOTS, PAGE_SIZEOF,  ENUM_PG_UPTODATE,
						  PAGE_FLAGS,	 PAGE_MAPPING, PAGE_INDEX };
	static const enum linux_want read[] = { PAGE_FLAGS, PAGE_MAPPING, PAGE_INDEX,
						PAGE_PRIVATE };
	const struct wv_place *places = kernel->places;

	for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
		if (!places[needed[i]].found)
			return false;
	for (size_t i = 0; i < G_N_ELEMENTS(read); i++)
		if (places[read[i]].value > PAGE_HEAD - sizeof(uint64_t))
			return false;
	return places[PAGE_SIZEOF].value && places[ENUM_PG_UPTODATE].value < 64 &&
	       slot_bits(&places[XA_NODE_SLOTS]);
}

uint64_t wv_linux_cached(struct wv_guest *guest, const struct wv_space *space,
			 const struct wv_linux_inode *inode, uint64_t limit, wv_page_fn each,
			 void *owner)
{
	const struct wv_linux *kernel = to_linux(guest);
	const struct wv_place *places = kernel->places;
	struct walk walk = { .kernel = kernel,
			     .space = space,
			     .mapping = inode->mapping,
			     .vmemmap = vmemmap_base(kernel, space),
			     .nodes = NODES_MAX,
			     .each = each,
			     .owner = owner };
	uint64_t top;

	if (!is_known(kernel) || inode->magic == WV_LINUX_MAGIC_HUGETLB ||
	    !linux_read_u64(kernel, space, inode->mapping + places[MAPPING_PAGES].value,
			    XARRAY_HEAD, &top))
		return 0;
	limit = MIN(limit, inode->size);
	walk.end = (limit >> PAGE_BITS) + !!(limit & ((1u << PAGE_BITS) - 1));
	walk.slot_bits = slot_bits(&places[XA_NODE_SLOTS]);
	wv_linux_blocks_init(&walk.blocks, kernel, space, inode);
	if (is_node(top))
		walk_nodes(&walk, top);
	else if (top && !(top & ENTRY_BITS) && walk.end)
		tell_page(&walk, top, 0, 1); /* a single page is in the place of the tree */
	return walk.told;
}
