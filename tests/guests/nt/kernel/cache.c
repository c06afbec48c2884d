// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cache's views of a file: SHARED_CACHE_MAP and its VACBs, each of 256 KiB. Pointers to these
 * are in the map itself, in one array, or, of more than 32 MiB, in a tree of arrays of 128.
 */
#include "file.h"
#include "boot_info.h"
#include "memory.h"
#include "pool.h"

#define VIEW_SHIFT  18
#define LEVEL_SHIFT 7
#define PER_LEVEL   (1u << LEVEL_SHIFT)
#define INITIAL	    4u	   /* VACBs that the map itself has room for */
#define NODE_TYPE   0x2ffu /* CACHE_NTC_SHARED_CACHE_MAP */

/* Addresses that no view has any more; the first PTE of each is the next one's. */
static word free_views;

static struct _SHARED_CACHE_MAP *cache_of(const struct wv_file *file)
{
	return (struct _SHARED_CACHE_MAP *)file->pointers.SharedCacheMap;
}

/* Addresses ------------------------------------------------------------------------------------*/

static word take_view(void)
{
	word view = free_views;

	if (!view) {
		view = wv_kernel_space(VIEW_PAGES);
		wv_map(wv_boot.root_pa, view, 0, 0); /* its page table */
	} else {
		free_views = (word)*wv_pte(wv_boot.root_pa, view);
	}
	memset(wv_pte(wv_boot.root_pa, view), 0, VIEW_PAGES * sizeof(u64));
	return view;
}

static void give_view(word view)
{
	u64 *entries = wv_pte(wv_boot.root_pa, view);

	memset(entries, 0, VIEW_PAGES * sizeof(u64));
	for (unsigned i = 0; i < VIEW_PAGES; i++)
		wv_flush(view + i * PAGE);
	entries[0] = free_views;
	free_views = view;
}

/* Arrays ---------------------------------------------------------------------------------------*/

static u32 views_of(u64 size)
{
	return (u32)(size >> VIEW_SHIFT);
}

/* Levels above the lowest one. */
static unsigned levels_of(u64 size)
{
	unsigned levels = 0;

	while (size > 1ull << (VIEW_SHIFT + LEVEL_SHIFT * (levels + 1)))
		levels++;
	return levels;
}

/* Whole arrays of a tree have their references counted behind them. */
static void **take_array(u32 count)
{
	size_t size =
		count * sizeof(void *) + (count == PER_LEVEL ? SIZE__VACB_LEVEL_REFERENCE : 0);

	return memset(wv_pool_take(POOL_NON_PAGED, size, TAG('C', 'c', 'V', 'p')), 0, size);
}

static void make_arrays(struct _SHARED_CACHE_MAP *cache)
{
	u64 size = (u64)cache->SectionSize.QuadPart;

	if (views_of(size) <= INITIAL)
		cache->Vacbs = (void *)cache->InitialVacbs;
	else
		cache->Vacbs = (void *)take_array(levels_of(size) ? PER_LEVEL : views_of(size));
}

static void free_arrays(void **array, unsigned levels)
{
	for (u32 i = 0; levels && i < PER_LEVEL; i++)
		if (array[i])
			free_arrays(array[i], levels - 1);
	wv_pool_give(array);
}

static void forget_arrays(struct _SHARED_CACHE_MAP *cache)
{
	if ((void *)cache->Vacbs != (void *)cache->InitialVacbs)
		free_arrays((void **)cache->Vacbs, levels_of((u64)cache->SectionSize.QuadPart));
	memset((void *)cache->InitialVacbs, 0, sizeof(cache->InitialVacbs));
}

static void put_vacb(struct _SHARED_CACHE_MAP *cache, u32 number, struct _VACB *vacb)
{
	void **array = (void **)cache->Vacbs;

	for (unsigned level = levels_of((u64)cache->SectionSize.QuadPart); level; level--) {
		void **slot = &array[number >> LEVEL_SHIFT * level & (PER_LEVEL - 1)];

		if (!*slot)
			*slot = take_array(PER_LEVEL);
		array = *slot;
	}
	array[levels_of((u64)cache->SectionSize.QuadPart) ? number & (PER_LEVEL - 1) : number] =
		vacb;
}

/* Views ----------------------------------------------------------------------------------------*/

void wv_cache_show(struct wv_file *file, const struct wv_part *part, unsigned index)
{
	word view;

	if (!part->vacb)
		return;
	view = (word)part->vacb->BaseAddress + index * PAGE;
	*wv_pte(wv_boot.root_pa, view) =
		part->states[index] == PAGE_ACTIVE
			? part->pages[index] | PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY
			: wv_section_view_pte(file, part, index);
	wv_flush(view);
}

void wv_cache_map(struct wv_file *file, struct wv_part *part)
{
	struct _SHARED_CACHE_MAP *cache = cache_of(file);

	if (part->vacb || !cache)
		return;
	part->vacb = wv_pool_take(POOL_NON_PAGED, SIZE__VACB, TAG('C', 'c', 'V', 'a'));
	part->vacb->BaseAddress = (void *)take_view();
	part->vacb->SharedCacheMap = (void *)cache;
	/* Its low bits count who uses it. */
	part->vacb->Overlay.FileOffset.QuadPart = (long long)((u64)part->number * VIEW_SIZE + 1);
	put_vacb(cache, part->number, part->vacb);
	for (unsigned i = 0; i < VIEW_PAGES; i++)
		wv_cache_show(file, part, i);
}

void wv_cache_unmap(struct wv_file *file, struct wv_part *part)
{
	if (!part->vacb)
		return;
	put_vacb(cache_of(file), part->number, NULL);
	give_view((word)part->vacb->BaseAddress);
	wv_pool_give(part->vacb);
	part->vacb = NULL;
}

/* The map --------------------------------------------------------------------------------------*/

/* Sections of the cache end where a view does. */
static u64 section_size(const struct wv_file *file)
{
	u64 size = (wv_file_size(file) + VIEW_SIZE - 1) & ~(u64)(VIEW_SIZE - 1);

	return size ? size : VIEW_SIZE;
}

static void set_sizes(struct wv_file *file)
{
	struct _SHARED_CACHE_MAP *cache = cache_of(file);

	cache->FileSize.QuadPart = file->header.FileSize.QuadPart;
	cache->ValidDataLength.QuadPart = file->header.ValidDataLength.QuadPart;
	if ((u64)cache->SectionSize.QuadPart < section_size(file))
		cache->SectionSize.QuadPart = (long long)section_size(file);
}

void wv_cache_make(struct wv_file *file)
{
	struct _SHARED_CACHE_MAP *cache =
		wv_pool_take(POOL_NON_PAGED, SIZE__SHARED_CACHE_MAP, TAG('C', 'c', 'S', 'c'));

	cache->NodeTypeCode = NODE_TYPE;
	cache->NodeByteSize = SIZE__SHARED_CACHE_MAP;
	cache->OpenCount = 1;
	cache->FileObjectFastRef.Value = (word)file->owner | (WV_POINTER - 1);
	file->pointers.SharedCacheMap = cache;
	set_sizes(file);
	make_arrays(cache);
}

void wv_cache_resize(struct wv_file *file)
{
	struct _SHARED_CACHE_MAP *cache = cache_of(file);
	u64 before = (u64)cache->SectionSize.QuadPart;

	if (section_size(file) > before) {
		forget_arrays(cache);
		set_sizes(file);
		make_arrays(cache);
		for (struct wv_part *part = file->parts; part; part = part->next)
			if (part->vacb)
				put_vacb(cache, part->number, part->vacb);
	}
	set_sizes(file);
}

void wv_cache_free(struct wv_file *file)
{
	struct _SHARED_CACHE_MAP *cache = cache_of(file);

	if (!cache)
		return;
	forget_arrays(cache);
	wv_pool_give(cache);
	file->pointers.SharedCacheMap = NULL;
}
