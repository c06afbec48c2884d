// SPDX-License-Identifier: GPL-2.0-or-later
/* The section of a program: as many subsections as it has headers and sections, in one block. */
#include "memory.h"
#include "runs.h"
#include "section.h"

#define SECTOR 512u

/* A program of 17 sectors; behind them a file may have more, which is in no section. */
static const struct {
	u32 first, sectors, bytes, ptes; /* in the file; bytes: behind the last whole sector */
} rows[] = {
	{ 0, 2, 0, 1 },	   /* the headers */
	{ 2, 11, 0, 2 },   /* .text */
	{ 13, 3, 100, 1 }, /* .data, whose last sector is not whole */
	{ 0, 0, 0, 2 },	   /* .bss: nothing of it is in the file */
	{ 0, 0, 0, 0 },
};

#define ROWS (COUNT_OF(rows) - 1)

static u32 bytes_of(unsigned row)
{
	return rows[row].sectors * SECTOR + rows[row].bytes;
}

/* As much of a page as is the file's; nothing: 0. */
static u32 bytes_in_page(unsigned row, u32 page)
{
	u32 bytes = bytes_of(row);

	if (bytes <= page * PAGE)
		return 0;
	return bytes - page * PAGE < PAGE ? bytes - page * PAGE : PAGE;
}

static struct _SUBSECTION *subsections_of(const struct wv_file *file)
{
	return wv_first_subsection(file->pointers.ImageSectionObject);
}

static u64 read_page(const struct wv_file *file, unsigned row, u32 page)
{
	u64 pa = wv_take_page(), offset = (u64)rows[row].first * SECTOR + page * PAGE;
	u32 bytes = bytes_in_page(row, page);
	u8 *to = wv_physical(pa);

	wv_read_disk(file, offset, (u32 *)to);
	memset(to + bytes, 0, PAGE - bytes);
	return pa;
}

/* Of three pages one is there, one in transition, one away. */
static void bring_in(const struct wv_file *file, unsigned row, u32 page)
{
	struct _SUBSECTION *subsection =
		(void *)((u8 *)subsections_of(file) + row * SIZE__SUBSECTION);
	u64 *entries = (u64 *)subsection->SubsectionBase;
	u32 which = (row + page + file->number) % 3;

	if (which == 0)
		entries[page] = wv_pte_valid(read_page(file, row, page));
	if (which == 1)
		entries[page] = wv_pte_in_transition(read_page(file, row, page));
}

void wv_image_make(struct wv_file *file)
{
	struct _CONTROL_AREA *area = wv_area_make(file, ROWS * SIZE__SUBSECTION);
	u8 *at = (u8 *)wv_first_subsection(area);
	u32 ptes = 0;

	file->pointers.ImageSectionObject = area;
	area->u.Flags.Image = 1;
	for (unsigned i = 0; i < ROWS; i++, at += SIZE__SUBSECTION) {
		struct _SUBSECTION *subsection = (void *)at;

		wv_subsection_fill(subsection, area, rows[i].first, rows[i].ptes);
		subsection->NumberOfFullSectors = rows[i].sectors;
		subsection->u.SubsectionFlags.SectorEndOffset = rows[i].bytes;
		if (i + 1 < ROWS)
			subsection->NextSubsection = (void *)(at + SIZE__SUBSECTION);
		for (u32 page = 0; page < rows[i].ptes; page++)
			bring_in(file, i, page);
		ptes += rows[i].ptes;
	}
	wv_area_set_size(area, (u64)ptes * PAGE, ptes);
}

/* The page that an entry leads to; 0: it is away. */
static u64 page_of(const struct _SUBSECTION *subsection, u32 page)
{
	u64 entry = ((const u64 *)subsection->SubsectionBase)[page];

	if (entry == wv_pte_in_file(subsection))
		return 0;
	return entry & 0xfffff000u; /* all of the guest's memory is below 4 GiB */
}

static void each_page(const struct wv_file *file,
		      void (*work)(unsigned row, u32 page, u64 pa, struct wv_runs *runs),
		      struct wv_runs *runs)
{
	unsigned row = 0;

	for (struct _SUBSECTION *at = subsections_of(file); at; at = wv_next_subsection(at), row++)
		for (u32 page = 0; page < rows[row].ptes; page++)
			if (page_of(at, page))
				work(row, page, page_of(at, page), runs);
}

static void give(unsigned row, u32 page, u64 pa, struct wv_runs *runs)
{
	(void)row, (void)page, (void)runs;
	wv_give_page(pa);
}

static void tell(unsigned row, u32 page, u64 pa, struct wv_runs *runs)
{
	if (bytes_in_page(row, page))
		wv_runs_add(runs, (u64)rows[row].first * SECTOR + page * PAGE, wv_physical(pa),
			    bytes_in_page(row, page));
}

void wv_image_free(struct wv_file *file)
{
	if (!file->pointers.ImageSectionObject)
		return;
	each_page(file, give, NULL);
	wv_area_free(file->pointers.ImageSectionObject, true);
	file->pointers.ImageSectionObject = NULL;
}

void wv_image_tell(const struct wv_file *file, struct wv_runs *runs)
{
	each_page(file, tell, runs);
}
