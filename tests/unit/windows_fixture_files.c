/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tiny Windows kernel has of files in memory. */
#include "windows_fixture_files.h"

#include <glib.h>

#define VIEWS_PER_BLOCK 128u
#define INITIAL_VACBS	4u

static size_t pointer_size(const struct nt_guest *guest)
{
	return guest->is_64 ? 8 : 4;
}

static uint64_t read_pointer(struct nt_guest *guest, uint64_t address)
{
	uint64_t value = 0;

	memcpy(&value, nt_at(guest, address), pointer_size(guest));
	return value;
}

uint64_t nt_make_pointers(struct nt_guest *guest, uint64_t file, uint64_t size, uint64_t valid)
{
	uint64_t pointers = nt_object(guest, nt_size(guest, "_SECTION_OBJECT_POINTERS"));
	uint64_t header = nt_object(guest, nt_size(guest, "_FSRTL_ADVANCED_FCB_HEADER"));

	nt_put(guest, header, "_FSRTL_ADVANCED_FCB_HEADER.FileSize", size);
	nt_put(guest, header, "_FSRTL_ADVANCED_FCB_HEADER.ValidDataLength", valid);
	nt_put(guest, file, "_FILE_OBJECT.FsContext", header);
	nt_put(guest, file, "_FILE_OBJECT.SectionObjectPointer", pointers);
	return pointers;
}

/* Sections --------------------------------------------------------------------------------------*/

uint64_t nt_make_section(struct nt_guest *guest)
{
	/* a subsection fits behind it */
	uint64_t control =
		nt_object(guest, nt_size(guest, "_CONTROL_AREA") + nt_size(guest, "_SUBSECTION"));
	uint64_t segment = nt_object(guest, nt_size(guest, "_SEGMENT"));

	nt_put(guest, control, "_CONTROL_AREA.Segment", segment);
	nt_put(guest, segment, "_SEGMENT.ControlArea", control);
	return control;
}

/** Where the address of the next subsection belongs; 0: that is the first. */
static uint64_t last_subsection(struct nt_guest *guest, uint64_t control)
{
	uint64_t at = control + nt_size(guest, "_CONTROL_AREA"), next;

	if (!nt_get(guest, at, "_SUBSECTION.ControlArea"))
		return 0;
	while ((next = nt_get(guest, at, "_SUBSECTION.NextSubsection")))
		at = next;
	return at;
}

uint64_t nt_make_subsection(struct nt_guest *guest, uint64_t control, unsigned n_pages)
{
	uint64_t segment = nt_get(guest, control, "_CONTROL_AREA.Segment");
	uint64_t all = nt_get(guest, segment, "_SEGMENT.TotalNumberOfPtes") + n_pages;
	uint64_t last = last_subsection(guest, control);
	uint64_t subsection = last ? nt_object(guest, nt_size(guest, "_SUBSECTION"))
				   : control + nt_size(guest, "_CONTROL_AREA");

	if (last)
		nt_put(guest, last, "_SUBSECTION.NextSubsection", subsection);
	nt_put(guest, subsection, "_SUBSECTION.ControlArea", control);
	nt_put(guest, subsection, "_SUBSECTION.PtesInSubsection", n_pages);
	nt_put(guest, subsection, "_SUBSECTION.SubsectionBase",
	       nt_object(guest, n_pages * nt_size(guest, "_MMPTE")));
	for (unsigned i = 0; i < n_pages; i++)
		nt_put_prototype(guest, subsection, i, NT_DEMAND_ZERO);
	nt_put(guest, segment, "_SEGMENT.TotalNumberOfPtes", all);
	nt_put(guest, segment, "_SEGMENT.SizeOfSegment", all * MOCK_PAGE);
	return subsection;
}

void nt_put_prototype(struct nt_guest *guest, uint64_t subsection, unsigned index, uint64_t entry)
{
	uint64_t base = nt_get(guest, subsection, "_SUBSECTION.SubsectionBase");
	size_t size = nt_size(guest, "_MMPTE");

	nt_write(guest, base + index * size, &entry, size);
}

void nt_put_extent(struct nt_guest *guest, uint64_t subsection, uint64_t start, uint64_t size)
{
	nt_put(guest, subsection, "_SUBSECTION.StartingSector", start / 512);
	nt_put(guest, subsection, "_SUBSECTION.NumberOfFullSectors", size / 512);
	nt_put(guest, subsection, "_SUBSECTION.u.SubsectionFlags.SectorEndOffset", size % 512);
}

bool nt_hide_bits(struct nt_guest *guest, uint64_t bits)
{
	uint64_t rva;

	if (wv_profile_symbol(guest->profile, "MiInvalidPteMask", &rva))
		nt_write(guest, guest->image + rva, &bits, nt_size(guest, "_MMPTE"));
	else if (nt_has(guest, "_MI_SYSTEM_INFORMATION.Hardware.InvalidPteMask"))
		nt_put(guest, nt_symbol(guest, "MiState"),
		       "_MI_SYSTEM_INFORMATION.Hardware.InvalidPteMask", bits);
	else
		return false;
	return true;
}

/* Views -----------------------------------------------------------------------------------------*/

uint64_t nt_make_cache_map(struct nt_guest *guest, uint64_t size, uint64_t valid,
			   uint64_t section_size)
{
	uint64_t map = nt_object(guest, nt_size(guest, "_SHARED_CACHE_MAP"));

	nt_put(guest, map, "_SHARED_CACHE_MAP.FileSize", size);
	nt_put(guest, map, "_SHARED_CACHE_MAP.ValidDataLength", valid);
	nt_put(guest, map, "_SHARED_CACHE_MAP.SectionSize", section_size);
	return map;
}

/** The pointer at an address leads to so many others, made where they lack. */
static uint64_t follow(struct nt_guest *guest, uint64_t address, uint64_t count)
{
	uint64_t block = read_pointer(guest, address);

	if (!block) {
		block = nt_object(guest, count * pointer_size(guest));
		nt_write_pointer(guest, address, block);
	}
	return block;
}

/**
 * Where the pointer to a view is: files of up to 1 MiB have their pointers in the map itself, those
 * of up to 32 MiB an array, and larger ones a tree of arrays of 128.
 */
static uint64_t view_pointer(struct nt_guest *guest, uint64_t map, uint64_t offset)
{
	uint64_t vacbs = map + nt_offset(guest, "_SHARED_CACHE_MAP.Vacbs");
	uint64_t size = nt_get(guest, map, "_SHARED_CACHE_MAP.SectionSize");
	uint64_t views = (size + NT_VIEW_SIZE - 1) / NT_VIEW_SIZE, index = offset / NT_VIEW_SIZE;
	uint64_t covered = 1; /* views that a pointer of the level covers */

	if (views <= INITIAL_VACBS) {
		nt_write_pointer(guest, vacbs,
				 map + nt_offset(guest, "_SHARED_CACHE_MAP.InitialVacbs"));
		return read_pointer(guest, vacbs) + index * pointer_size(guest);
	}
	if (views <= VIEWS_PER_BLOCK)
		return follow(guest, vacbs, views) + index * pointer_size(guest);
	while (covered * VIEWS_PER_BLOCK < views)
		covered *= VIEWS_PER_BLOCK;
	for (; covered; covered /= VIEWS_PER_BLOCK) {
		vacbs = follow(guest, vacbs, VIEWS_PER_BLOCK) +
			index / covered % VIEWS_PER_BLOCK * pointer_size(guest);
	}
	return vacbs;
}

uint64_t nt_make_view(struct nt_guest *guest, uint64_t map, uint64_t offset, uint64_t base)
{
	uint64_t vacb = nt_object(guest, nt_size(guest, "_VACB"));

	nt_put(guest, vacb, "_VACB.BaseAddress", base);
	nt_put(guest, vacb, "_VACB.SharedCacheMap", map);
	/* the low bits count who uses it */
	nt_put(guest, vacb, "_VACB.Overlay.FileOffset", offset | 3);
	nt_write_pointer(guest, view_pointer(guest, map, offset), vacb);
	return vacb;
}

uint64_t nt_view_pages(struct nt_guest *guest, unsigned n_pages)
{
	uint64_t base = nt_pages(guest, n_pages);

	nt_object(guest, NT_VIEW_SIZE - (n_pages + 1) * MOCK_PAGE);
	for (uint64_t at = n_pages * MOCK_PAGE; at < NT_VIEW_SIZE; at += MOCK_PAGE)
		nt_page_out(guest, &guest->paging, base + at);
	return base;
}

uint64_t nt_pool_physical(const struct nt_guest *guest, uint64_t address)
{
	return address - guest->pool + NT_POOL_PHYSICAL;
}
