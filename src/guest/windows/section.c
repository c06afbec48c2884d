/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections of files: their subsections, and the prototype PTEs of those. */
#include "guest/windows/section.h"

#define PAGE_SHIFT   12
#define SECTOR_SHIFT 9

/* Control areas and segments --------------------------------------------------------------------*/

bool wv_windows_section_size(const struct wv_windows *kernel, const struct wv_space *space,
			     uint64_t control, uint64_t *size)
{
	uint64_t segment, back;
	uint32_t n_pages;

	/* the count's low 32 bits */
	return windows_read_pointer(kernel, space, control, CONTROL_SEGMENT, &segment) &&
	       wv_paging_is_upper_half(kernel->guest.paging, segment) &&
	       windows_read_pointer(kernel, space, segment, SEGMENT_CONTROL, &back) &&
	       back == control && windows_read_large(kernel, space, segment, SEGMENT_SIZE, size) &&
	       windows_read_u32(kernel, space, segment, SEGMENT_PTES, &n_pages) &&
	       n_pages == (uint32_t)(*size >> PAGE_SHIFT);
}

static bool can_read_entries(const struct wv_windows *kernel)
{
	const struct wv_place *size = &kernel->places[SIZE_PTE];

	return size->found && (size->value == 4 || size->value == 8) &&
	       windows_has(kernel, PTE_VALID) && windows_has(kernel, PTE_PAGE);
}

void wv_windows_section_open(struct windows_section *section, const struct wv_windows *kernel,
			     const struct wv_space *space, uint64_t control)
{
	const struct wv_place *behind = &kernel->places[SIZE_CONTROL];
	uint64_t size;

	*section = (struct windows_section){ .kernel = kernel, .space = space };
	if (!control || !behind->found || !can_read_entries(kernel) ||
	    !wv_windows_section_size(kernel, space, control, &size))
		return;
	section->control = control;
	section->next = control + behind->value;
	section->left = WINDOWS_SUBSECTIONS_MAX;
}

/* Subsections -----------------------------------------------------------------------------------*/

/** The bytes of the file that a program's subsection has. */
static void read_extent(const struct windows_section *section, uint64_t address,
			struct windows_subsection *subsection)
{
	const struct wv_windows *kernel = section->kernel;
	uint32_t sector, n_sectors;
	uint64_t rest;

	if (!windows_read_u32(kernel, section->space, address, SUBSECTION_SECTOR, &sector) ||
	    !windows_read_u32(kernel, section->space, address, SUBSECTION_FULL_SECTORS,
			      &n_sectors) ||
	    !wv_guest_read_bits(section->space, &kernel->places[SUBSECTION_LAST_BYTES], address,
				&rest))
		return;
	subsection->start = (uint64_t)sector << SECTOR_SHIFT;
	subsection->size = ((uint64_t)n_sectors << SECTOR_SHIFT) + rest;
}

bool wv_windows_subsection(const struct windows_section *section, uint64_t address,
			   struct windows_subsection *subsection)
{
	const struct wv_windows *kernel = section->kernel;
	const struct wv_space *space = section->space;
	uint64_t control;
	uint32_t n_pages;

	*subsection = (struct windows_subsection){ 0 };
	if (!wv_paging_is_upper_half(kernel->guest.paging, address) ||
	    !windows_read_pointer(kernel, space, address, SUBSECTION_CONTROL, &control) ||
	    control != section->control ||
	    !windows_read_pointer(kernel, space, address, SUBSECTION_BASE, &subsection->base) ||
	    !windows_read_pointer(kernel, space, address, SUBSECTION_NEXT, &subsection->next) ||
	    !windows_read_u32(kernel, space, address, SUBSECTION_PTES, &n_pages))
		return false;
	if (!wv_paging_is_upper_half(kernel->guest.paging, subsection->base))
		subsection->base = 0;
	subsection->n_pages = n_pages;
	read_extent(section, address, subsection);
	return true;
}

/** Goes on to the next subsection. Their pages follow each other, whatever sectors they name. */
static bool advance(struct windows_section *section)
{
	struct windows_subsection subsection;

	if (!section->next || !section->left)
		return false;
	section->left--;
	if (!wv_windows_subsection(section, section->next, &subsection)) {
		section->next = 0;
		return false;
	}
	section->next = subsection.next;
	section->base = subsection.base;
	section->first = section->end;
	section->end += subsection.n_pages;
	return true;
}

/* Prototype PTEs --------------------------------------------------------------------------------*/

/** A bit field of an entry that was read. */
static uint64_t entry_bits(const struct wv_windows *kernel, uint64_t entry, enum windows_want want)
{
	const struct wv_place *place = &kernel->places[want];
	uint64_t shift = place->value * 8 + place->bit_shift;

	if (!place->found || !place->bit_count || shift + place->bit_count > 64)
		return 0;
	return entry >> shift & (UINT64_MAX >> (64 - place->bit_count));
}

/** Where the page of an entry is. Demand zero, the page file and the file itself are nowhere. */
static bool entry_page(const struct windows_section *section, uint64_t entry, uint64_t *physical)
{
	const struct wv_windows *kernel = section->kernel;
	uint8_t byte;

	if (entry_bits(kernel, entry, PTE_VALID)) {
		*physical = entry_bits(kernel, entry, PTE_PAGE) << PAGE_SHIFT;
	} else {
		if (!entry_bits(kernel, entry, PTE_TRANSITION) ||
		    entry_bits(kernel, entry, PTE_PROTOTYPE))
			return false;
		entry = wv_paging_unhide(&section->space->paging, entry);
		*physical = entry_bits(kernel, entry, PTE_TRANSITION_PAGE) << PAGE_SHIFT;
	}
	return wv_machine_read_physical(section->space->machine, *physical, &byte, sizeof(byte));
}

static bool read_entry(struct windows_section *section, uint64_t address, uint64_t *entry)
{
	size_t size = (size_t)section->kernel->places[SIZE_PTE].value;
	size_t at = address % WINDOWS_ENTRIES_SIZE;

	if (address % size)
		return false;
	if (section->entries_from != address - at) {
		section->entries_from = address - at;
		section->entries_readable = wv_space_read(section->space, section->entries_from,
							  section->entries, WINDOWS_ENTRIES_SIZE);
	}
	*entry = 0;
	memcpy(entry, section->entries + at, size);
	return section->entries_readable;
}

bool wv_windows_prototype_page(struct windows_section *section, uint64_t base, uint64_t index,
			       uint64_t *physical)
{
	uint64_t address = base + index * section->kernel->places[SIZE_PTE].value, entry;

	return base && wv_paging_is_upper_half(section->kernel->guest.paging, address) &&
	       read_entry(section, address, &entry) && entry_page(section, entry, physical);
}

bool wv_windows_section_page(struct windows_section *section, uint64_t page, uint64_t *physical)
{
	while (page >= section->end)
		if (!advance(section))
			return false;
	return wv_windows_prototype_page(section, section->base, page - section->first, physical);
}
