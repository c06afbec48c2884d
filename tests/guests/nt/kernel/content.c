// SPDX-License-Identifier: GPL-2.0-or-later
/* What is in files: their pages in memory, and what of them is on their disk. */
#include "file.h"
#include "memory.h"
#include "pool.h"
#include "runs.h"
#include "section.h"

/* Pages that no file has any more, each beginning with the next one's address. */
static u64 free_pages;

u64 wv_take_page(void)
{
	u64 page = free_pages;

	if (!page)
		return wv_physical_pages(1);
	free_pages = *(u64 *)wv_physical(page);
	return page;
}

void wv_give_page(u64 page)
{
	/* Who reads it too late gets this. */
	memset(wv_physical(page), 0xdd, PAGE);
	*(u64 *)wv_physical(page) = free_pages;
	free_pages = page;
}

void wv_read_disk(const struct wv_file *file, u64 offset, u32 *to)
{
	u64 size = offset < file->on_disk ? file->on_disk - offset : 0;

	if (size > PAGE)
		size = PAGE;
	for (u32 i = 0; i < PAGE / 4; i++)
		to[i] = file->number * 0x9e3779b1u + (u32)offset + i * 4;
	memset((u8 *)to + size, 0, PAGE - (size_t)size);
}

static struct wv_part *find_part(const struct wv_file *file, u32 number)
{
	struct wv_part *part = file->parts;

	while (part && part->number != number)
		part = part->next;
	return part;
}

static struct wv_part *part_of(struct wv_file *file, u32 number)
{
	struct wv_part *part = find_part(file, number), **link = &file->parts;

	if (part)
		return part;
	part = wv_pool_take(POOL_NON_PAGED, sizeof(*part), TAG('W', 'v', 'P', 't'));
	part->number = number;
	memset(part->states, PAGE_AWAY, sizeof(part->states));
	while (*link && (*link)->number < number)
		link = &(*link)->next;
	part->next = *link;
	*link = part;
	return part;
}

/* A page's state, and what leads to the page. */
static void set_state(struct wv_file *file, struct wv_part *part, unsigned index,
		      enum wv_page_state state)
{
	part->states[index] = (u8)state;
	if (state < PAGE_STANDBY && part->pages[index]) {
		wv_give_page(part->pages[index]);
		part->pages[index] = 0;
	}
	wv_section_show(file, part, index);
	wv_cache_show(file, part, index);
}

static u64 offset_of(const struct wv_part *part, unsigned index)
{
	return ((u64)part->number * VIEW_PAGES + index) * PAGE;
}

/* Reads a page in, if it is away. */
static void need_page(struct wv_file *file, struct wv_part *part, unsigned index)
{
	if (part->pages[index])
		return;
	part->pages[index] = wv_take_page();
	wv_read_disk(file, offset_of(part, index), wv_physical(part->pages[index]));
}

void wv_file_page(struct wv_file *file, u32 page, enum wv_page_state state)
{
	struct wv_part *part = part_of(file, page / VIEW_PAGES);

	if (state >= PAGE_STANDBY)
		need_page(file, part, page % VIEW_PAGES);
	set_state(file, part, page % VIEW_PAGES, state);
}

/* Calls a function with each piece of a range that is in one page. */
struct range {
	u64 offset;
	u8 *bytes;
	u32 size;
};

static void each_page(struct wv_file *file, struct range range,
		      void (*work)(struct wv_file *file, struct wv_part *part, unsigned index,
				   const struct range *piece))
{
	while (range.size) {
		struct wv_part *part = part_of(file, (u32)(range.offset / VIEW_SIZE));
		u32 within = (u32)range.offset % PAGE;
		struct range piece = range;

		if (piece.size > PAGE - within)
			piece.size = PAGE - within;
		work(file, part, (u32)range.offset / PAGE % VIEW_PAGES, &piece);
		range.offset += piece.size;
		range.bytes += piece.size;
		range.size -= piece.size;
	}
}

/* The cache does all copying: it has a view of what is copied, and a section that it is of. */
static u8 *cached(struct wv_file *file, struct wv_part *part, unsigned index,
		  const struct range *piece)
{
	if (!file->pointers.SharedCacheMap) {
		if (!file->pointers.DataSectionObject)
			wv_section_make(file, wv_file_size(file));
		wv_cache_make(file);
	}
	if (!part->vacb)
		wv_cache_map(file, part);
	need_page(file, part, index);
	set_state(file, part, index, PAGE_ACTIVE);
	return (u8 *)wv_physical(part->pages[index]) + (u32)piece->offset % PAGE;
}

static void get(struct wv_file *file, struct wv_part *part, unsigned index,
		const struct range *piece)
{
	memcpy(piece->bytes, cached(file, part, index, piece), piece->size);
}

static void put(struct wv_file *file, struct wv_part *part, unsigned index,
		const struct range *piece)
{
	memcpy(cached(file, part, index, piece), piece->bytes, piece->size);
}

static void forget(struct wv_file *file, struct wv_part *part, unsigned index,
		   const struct range *piece)
{
	(void)piece;
	set_state(file, part, index, PAGE_AWAY);
}

void wv_file_get(struct wv_file *file, u64 offset, void *to, u32 size)
{
	each_page(file, (struct range){ offset, to, size }, get);
}

static void set_valid(struct wv_file *file, u64 end)
{
	struct _SHARED_CACHE_MAP *cache = (void *)file->pointers.SharedCacheMap;

	file->touched = true;
	if ((u64)file->header.ValidDataLength.QuadPart < end)
		file->header.ValidDataLength.QuadPart = (long long)end;
	if (cache)
		cache->ValidDataLength.QuadPart = file->header.ValidDataLength.QuadPart;
}

void wv_file_put(struct wv_file *file, u64 offset, const void *from, u32 size)
{
	each_page(file, (struct range){ offset, (u8 *)from, size }, put);
	set_valid(file, offset + size);
}

void wv_file_put_on_disk(struct wv_file *file, u64 offset, u32 size)
{
	each_page(file, (struct range){ offset, NULL, size }, forget);
	set_valid(file, offset + size);
}

u64 wv_file_size(const struct wv_file *file)
{
	return (u64)file->header.FileSize.QuadPart;
}

/* What is behind the end is gone: whole pages, and zeros are in the rest of the last one. */
static void cut(struct wv_file *file, u64 size)
{
	for (struct wv_part *part = file->parts; part; part = part->next) {
		for (unsigned i = 0; i < VIEW_PAGES; i++) {
			u64 offset = offset_of(part, i);

			if (offset >= size)
				set_state(file, part, i, PAGE_NEVER);
			else if (part->pages[i] && size - offset < PAGE)
				memset((u8 *)wv_physical(part->pages[i]) + (u32)(size - offset), 0,
				       PAGE - (u32)(size - offset));
		}
	}
}

void wv_file_resize(struct wv_file *file, u64 size)
{
	u64 before = wv_file_size(file);

	file->header.FileSize.QuadPart = (long long)size;
	file->header.AllocationSize.QuadPart = (long long)((size + PAGE - 1) & ~(u64)(PAGE - 1));
	if ((u64)file->header.ValidDataLength.QuadPart > size)
		file->header.ValidDataLength.QuadPart = (long long)size;
	if (file->on_disk > size)
		file->on_disk = size;
	if (size < before)
		cut(file, size);
	if (file->pointers.DataSectionObject && size > before)
		wv_section_extend(file, size);
	if (file->pointers.SharedCacheMap)
		wv_cache_resize(file);
}

void wv_file_drop(struct wv_file *file)
{
	struct wv_part *next;

	if (file->spoiled)
		return;
	for (struct wv_part *part = file->parts; part; part = next) {
		next = part->next;
		wv_cache_unmap(file, part);
		for (unsigned i = 0; i < VIEW_PAGES; i++)
			if (part->pages[i])
				wv_give_page(part->pages[i]);
		wv_pool_give(part);
	}
	file->parts = NULL;
	wv_cache_free(file);
	wv_section_free(file);
	wv_image_free(file);
	if (file->owner)
		wv_file_object_let_go(file->owner);
	file->owner = NULL;
}

void wv_file_tell(const struct wv_file *file, struct wv_json *json)
{
	struct wv_runs runs = { .json = json };
	u64 size = wv_file_size(file);

	for (const struct wv_part *part = file->parts; part; part = part->next) {
		for (unsigned i = 0; i < VIEW_PAGES; i++) {
			u64 offset = offset_of(part, i);

			if (part->pages[i] && offset < size)
				wv_runs_add(&runs, offset, wv_physical(part->pages[i]),
					    size - offset < PAGE ? (u32)(size - offset) : PAGE);
		}
	}
	if (file->pointers.ImageSectionObject && !file->parts)
		wv_image_tell(file, &runs);
	wv_runs_end(&runs);
}
