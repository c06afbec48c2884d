// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that are there before programs open them: of each size, and in memory in each way. */
#include "file.h"
#include "scenario.h"

#define SECTION 1u /* what leads to pages */
#define CACHE	2u /* views that show all of them */
#define HALF	4u /* views that show those of every second part */
#define IMAGE	8u

#define MIB (1ull << 20)

/* Which pages are in memory, and how. */
enum pattern { NONE, WHOLE, WAITING, MIXED, ENDS, UP_TO_VALID };

static const struct {
	u64 size;
	u8 kinds, pattern;
	bool once; /* by one thread only: it is large */
} rows[] = {
	{ 0, CACHE | SECTION, NONE, false },
	{ 1, CACHE | SECTION, WHOLE, false },
	{ 4095, CACHE | SECTION, WAITING, false },
	{ 4096, SECTION, WHOLE, false },
	{ 4097, CACHE, WHOLE, false },
	{ 4097, 0, NONE, false },
	{ 5000, SECTION, NONE, false },
	{ 9000, SECTION, WAITING, false },
	{ 10000, IMAGE, NONE, false },
	{ 8292, IMAGE, NONE, false },
	{ 300000, CACHE | SECTION, UP_TO_VALID, false },
	{ 300000, CACHE, WAITING, false },
	{ MIB, CACHE | SECTION, MIXED, true },
	{ MIB + 1, SECTION, MIXED, true },
	{ MIB, SECTION, WHOLE, true },
	{ 3 * MIB - 5, CACHE, MIXED, true },
	{ 2 * MIB + 77, SECTION | HALF, WHOLE, true },
	{ 2 * MIB + 77, SECTION | HALF, WAITING, true },
	{ 40 * MIB, CACHE | SECTION, ENDS, true },
	{ 33 * MIB + 3, CACHE, ENDS, true },
	{ 32 * MIB, CACHE, ENDS, true },
	{ 5120 * MIB + 1, CACHE | SECTION, ENDS, true },
};

#define THREADS 6u /* that the programs of this scenario have */

static enum wv_page_state state_of(enum pattern pattern, u32 page, u32 pages)
{
	static const u8 mixed[] = { PAGE_ACTIVE, PAGE_STANDBY, PAGE_AWAY, PAGE_ACTIVE, PAGE_NEVER };

	switch (pattern) {
	case NONE:
		return PAGE_AWAY;
	case WAITING:
		return PAGE_STANDBY;
	case MIXED:
		return mixed[page % COUNT_OF(mixed)];
	case UP_TO_VALID:
		return page < pages / 2 ? PAGE_ACTIVE : PAGE_NEVER;
	case WHOLE:
	case ENDS:
		break;
	}
	return PAGE_ACTIVE;
}

/* Of a file of which only the ends are there, what is between is never asked for. */
static u32 next_page(enum pattern pattern, u32 page, u32 pages)
{
	return pattern == ENDS && page == 2 ? pages - 2 : page + 1;
}

static void fill_pages(struct wv_file *file, enum pattern pattern)
{
	u32 pages = (u32)((wv_file_size(file) + PAGE - 1) / PAGE);

	for (u32 page = 0; page < pages; page = next_page(pattern, page, pages)) {
		enum wv_page_state state = state_of(pattern, page, pages);

		if (state != PAGE_AWAY)
			wv_file_page(file, page, state);
	}
	if (pattern == UP_TO_VALID)
		file->header.ValidDataLength.QuadPart = (long long)(pages / 2) * PAGE;
}

static void make_file(struct wv_path_text path, unsigned row)
{
	struct wv_file *file = wv_file_make(path, ATTRIBUTE_NORMAL);

	file->number += row; /* others of this name had something else in them */
	file->on_disk = rows[row].size;
	wv_file_resize(file, rows[row].size);
	file->header.ValidDataLength.QuadPart = (long long)rows[row].size;
	if (rows[row].kinds & IMAGE)
		wv_image_make(file);
	if (rows[row].kinds & SECTION)
		wv_section_make(file, rows[row].size);
	fill_pages(file, rows[row].pattern);
	if (rows[row].kinds & (CACHE | HALF))
		wv_cache_make(file);
	for (struct wv_part *part = file->parts; part; part = part->next)
		if (rows[row].kinds & CACHE || (rows[row].kinds & HALF && part->number % 2))
			wv_cache_map(file, part);
	if (wv_argument_number("spoil", 0))
		wv_file_spoil(file, file->number);
}

word wv_planned_file(word what)
{
	static const u16 name[] = u"\\files\\?\\planned";
	unsigned row = what & 0xff, thread = what >> 8 & 0xff;
	struct wv_path_text path = { .length = COUNT_OF(name) - 1 };
	u16 text[COUNT_OF(name)];

	if (row >= COUNT_OF(rows))
		return NO_MORE_STEPS;
	if (rows[row].once && row % THREADS != thread)
		return STATUS_SUCCESS;
	memcpy(text, name, sizeof(name));
	text[7] = (u16)('0' + thread);
	path.text = text;
	wv_take(&wv_files_lock);
	if (!wv_file_find(path))
		make_file(path, row);
	wv_release(&wv_files_lock);
	return STATUS_SUCCESS;
}
