// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A file's data section: CONTROL_AREA and SEGMENT, and behind the control area the first of the
 * subsections, whose PTEs say where the file's pages are. A file that grows gets more subsections;
 * the longest ones have no PTEs, as in Windows where nobody has mapped them.
 */
#include "section.h"
#include "memory.h"
#include "pool.h"

#define FIRST_PTES 16u	 /* of the first subsection, at least; of the others twice the last one's */
#define MOST_PTES  4096u /* those that are longer have none */
#define READ_WRITE 4u	 /* a PTE's protection */

typedef union {
	struct _MMPTE pte;
	u64 value;
} pte;

u64 wv_pte_valid(u64 page)
{
	pte entry = { .value = 0 };

	entry.pte.u.Hard.Valid = 1;
	entry.pte.u.Hard.Accessed = 1;
	entry.pte.u.Hard.Write = 1;
	entry.pte.u.Hard.PageFrameNumber = page >> 12;
	return entry.value;
}

u64 wv_pte_in_transition(u64 page)
{
	pte entry = { .value = 0 };

	entry.pte.u.Trans.Transition = 1;
	entry.pte.u.Trans.Protection = READ_WRITE;
	entry.pte.u.Trans.PageFrameNumber = page >> 12;
	return entry.value | wv_hidden_bits;
}

u64 wv_pte_in_file(const struct _SUBSECTION *subsection)
{
	pte entry = { .value = 0 };

	entry.pte.u.Subsect.Prototype = 1;
	entry.pte.u.Subsect.Protection = READ_WRITE;
	entry.pte.u.Subsect.SubsectionAddress = (word)subsection;
	return entry.value;
}

static u64 of_prototype(const void *prototype)
{
	pte entry = { .value = 0 };

	entry.pte.u.Proto.Prototype = 1;
	entry.pte.u.Proto.Protection = READ_WRITE;
	entry.pte.u.Proto.ProtoAddress = (word)prototype;
	return entry.value;
}

/* Subsections ----------------------------------------------------------------------------------*/

struct _SUBSECTION *wv_first_subsection(struct _CONTROL_AREA *area)
{
	return (struct _SUBSECTION *)((u8 *)area + SIZE__CONTROL_AREA);
}

struct _SUBSECTION *wv_next_subsection(const struct _SUBSECTION *subsection)
{
	return (struct _SUBSECTION *)subsection->NextSubsection;
}

/* Zeroed, whatever its size. */
static void *take_block(size_t size, u32 tag)
{
	return memset(wv_pool_take(POOL_PAGED, size, tag), 0, size);
}

void wv_subsection_fill(struct _SUBSECTION *subsection, struct _CONTROL_AREA *area, u32 sector,
			u32 ptes)
{
	subsection->ControlArea = area;
	subsection->PtesInSubsection = ptes;
	subsection->StartingSector = sector;
	subsection->u.SubsectionFlags.SubsectionStatic = 1;
	if (ptes <= MOST_PTES) {
		u64 *entries = take_block(ptes * sizeof(u64), TAG('M', 'm', 'S', 't'));

		for (u32 i = 0; i < ptes; i++)
			entries[i] = wv_pte_in_file(subsection);
		subsection->SubsectionBase = (void *)entries;
	}
}

struct _CONTROL_AREA *wv_area_make(struct wv_file *file, size_t size_of_subsections)
{
	struct _CONTROL_AREA *area =
		take_block(SIZE__CONTROL_AREA + size_of_subsections, TAG('M', 'm', 'C', 'a'));
	struct _SEGMENT *segment = take_block(SIZE__SEGMENT, TAG('M', 'm', 'S', 'm'));

	segment->ControlArea = area;
	area->Segment = segment;
	area->u.Flags.File = 1;
	area->FilePointer.Value = (word)file->owner | (WV_POINTER - 1);
	return area;
}

void wv_area_set_size(struct _CONTROL_AREA *area, u64 bytes, u32 ptes)
{
	struct _SEGMENT *segment = (void *)area->Segment;

	segment->SizeOfSegment = (bytes + PAGE - 1) & ~(u64)(PAGE - 1);
	segment->TotalNumberOfPtes = ptes;
}

void wv_area_free(struct _CONTROL_AREA *area, bool one_block)
{
	struct _SUBSECTION *next, *subsection = wv_first_subsection(area);

	for (; subsection; subsection = next) {
		next = wv_next_subsection(subsection);
		if (subsection->SubsectionBase)
			wv_pool_give((void *)subsection->SubsectionBase);
		if (!one_block && subsection != wv_first_subsection(area))
			wv_pool_give(subsection);
	}
	wv_pool_give((void *)area->Segment);
	wv_pool_give(area);
}

/* The data section -----------------------------------------------------------------------------*/

void wv_section_make(struct wv_file *file, u64 size)
{
	struct _CONTROL_AREA *area = wv_area_make(file, SIZE__MSUBSECTION);

	wv_subsection_fill(wv_first_subsection(area), area, 0, FIRST_PTES << file->number % 4);
	file->pointers.DataSectionObject = area;
	wv_section_extend(file, size);
}

void wv_section_extend(struct wv_file *file, u64 size)
{
	struct _CONTROL_AREA *area = file->pointers.DataSectionObject;
	struct _SUBSECTION *last = wv_first_subsection(area);
	u32 pages = (u32)((size + PAGE - 1) / PAGE), ptes = last->PtesInSubsection;

	for (; last->NextSubsection; ptes += last->PtesInSubsection)
		last = wv_next_subsection(last);
	while (ptes < pages) {
		last->UnusedPtes = 0;
		struct _SUBSECTION *more = take_block(SIZE__MSUBSECTION, TAG('M', 'm', 'S', 'b'));

		/* of data, sectors are pages */
		wv_subsection_fill(more, area, ptes, last->PtesInSubsection * 2);
		last->NextSubsection = (void *)more;
		last = more;
		ptes += more->PtesInSubsection;
	}
	last->UnusedPtes = ptes - pages;
	wv_area_set_size(area, size, pages);
}

void wv_section_free(struct wv_file *file)
{
	if (file->pointers.DataSectionObject)
		wv_area_free(file->pointers.DataSectionObject, false);
	file->pointers.DataSectionObject = NULL;
}

/* The subsection that has a page; and which of its PTEs is that one's. */
static struct _SUBSECTION *find_subsection(const struct wv_file *file, u32 *page)
{
	struct _CONTROL_AREA *area = file->pointers.DataSectionObject;
	struct _SUBSECTION *subsection = area ? wv_first_subsection(area) : NULL;

	while (subsection && *page >= subsection->PtesInSubsection) {
		*page -= subsection->PtesInSubsection;
		subsection = wv_next_subsection(subsection);
	}
	return subsection;
}

void wv_section_show(struct wv_file *file, const struct wv_part *part, unsigned index)
{
	u32 page = part->number * VIEW_PAGES + index;
	struct _SUBSECTION *subsection = find_subsection(file, &page);
	u64 *entries = subsection ? (u64 *)subsection->SubsectionBase : NULL;

	if (!entries)
		return;
	switch (part->states[index]) {
	case PAGE_NEVER:
		entries[page] = 0;
		break;
	case PAGE_AWAY:
		entries[page] = wv_pte_in_file(subsection);
		break;
	case PAGE_STANDBY:
		entries[page] = wv_pte_in_transition(part->pages[index]);
		break;
	case PAGE_ACTIVE:
		entries[page] = wv_pte_valid(part->pages[index]);
		break;
	}
}

u64 wv_section_view_pte(struct wv_file *file, const struct wv_part *part, unsigned index)
{
	u32 page = part->number * VIEW_PAGES + index;
	struct _SUBSECTION *subsection = find_subsection(file, &page);

	if (subsection && subsection->SubsectionBase)
		return of_prototype((u64 *)subsection->SubsectionBase + page);
	return part->states[index] == PAGE_STANDBY ? wv_pte_in_transition(part->pages[index]) : 0;
}
