/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is of a file in memory: from its data section, from the cache's views of it, or from the
 * section that it is executed from.
 */
#include "guest/windows/section.h"

/* Views -----------------------------------------------------------------------------------------*/

/**
 * The cache maps files in views (VACB) of 256 KiB, into the system's address space. A
 * SHARED_CACHE_MAP finds them by arrays of pointers: one that is as long as needed for up to 128
 * views, 32 MiB, and above that a tree of arrays of 128.
 */
#define VIEW_SHIFT	  18
#define VIEW_SIZE	  (UINT64_C(1) << VIEW_SHIFT)
#define VIEWS_SHIFT	  7 /* 128 of them */
#define FIRST_LEVEL_SHIFT (VIEW_SHIFT + VIEWS_SHIFT)

/** The views of a file, which are asked for at rising offsets. */
struct views {
	const struct wv_windows *kernel;
	const struct wv_space *space;
	uint64_t map;	   /* SHARED_CACHE_MAP; 0: none */
	uint64_t pointers; /* the array, or the tree's root */
	uint64_t size;	   /* of the section, in bytes */
	unsigned shift;	   /* the array or tree has room for so many bytes, as a power of 2 */
	uint64_t current;  /* the view's number that was looked up last */
	uint64_t base;	   /* where that is mapped; 0: it is not */
};

static void open_views(struct views *views, const struct wv_windows *kernel,
		       const struct wv_space *space, uint64_t map)
{
	*views = (struct views){
		.kernel = kernel, .space = space, .shift = FIRST_LEVEL_SHIFT, .current = UINT64_MAX
	};
	if (!windows_read_large(kernel, space, map, CACHE_SECTION_SIZE, &views->size) ||
	    !windows_read_pointer(kernel, space, map, CACHE_VACBS, &views->pointers))
		return;
	views->map = map;
	/* sizes have 63 bits */
	while (views->shift < 63 && views->size > UINT64_C(1) << views->shift)
		views->shift += VIEWS_SHIFT;
}

/** The VACB of an offset, through the levels of the tree; 0: there is none. */
static uint64_t find_vacb(const struct views *views, uint64_t offset)
{
	size_t word = wv_guest_word(&views->kernel->guest);
	uint64_t pointer = views->pointers;

	for (unsigned shift = views->shift; shift > VIEW_SHIFT; shift -= VIEWS_SHIFT) {
		uint64_t index = offset >> (shift - VIEWS_SHIFT) & ((1u << VIEWS_SHIFT) - 1);

		if (!wv_paging_is_upper_half(views->kernel->guest.paging, pointer) ||
		    !windows_read_word(views->space, pointer + index * word, &pointer))
			return 0;
	}
	return pointer;
}

/** Where a view is mapped; 0: it is not, or what was found says that it is of something else. */
static uint64_t find_base(const struct views *views, uint64_t offset)
{
	uint64_t vacb = find_vacb(views, offset), map, from, base;

	/* the offset's low bits count who uses the view */
	if (!wv_paging_is_upper_half(views->kernel->guest.paging, vacb) ||
	    !windows_read_pointer(views->kernel, views->space, vacb, VACB_CACHE, &map) ||
	    map != views->map ||
	    !windows_read_large(views->kernel, views->space, vacb, VACB_OFFSET, &from) ||
	    from >> VIEW_SHIFT != offset >> VIEW_SHIFT ||
	    !windows_read_pointer(views->kernel, views->space, vacb, VACB_BASE, &base) ||
	    base % WINDOWS_PAGE || !wv_paging_is_upper_half(views->kernel->guest.paging, base))
		return 0;
	return base;
}

/** The page at an offset, if a view has it in memory. */
static bool view_page(struct views *views, uint64_t offset, uint64_t *physical)
{
	uint64_t contiguous;

	if (!views->map || offset >= views->size)
		return false;
	if (views->current != offset >> VIEW_SHIFT) {
		views->current = offset >> VIEW_SHIFT;
		views->base = find_base(views, offset);
	}
	return views->base && wv_space_translate(views->space, views->base + offset % VIEW_SIZE,
						 physical, &contiguous);
}

/* Data ------------------------------------------------------------------------------------------*/

/** Who is told, and how much. */
struct told {
	wv_page_fn each;
	void *owner;
	uint64_t bytes;
};

static bool tell(struct told *told, uint64_t offset, uint64_t physical, uint64_t size)
{
	told->bytes += size;
	return told->each(told->owner, offset, physical, (size_t)size);
}

static void tell_data(const struct wv_windows *kernel, const struct wv_space *space,
		      const struct wv_windows_file *file, uint64_t end, struct told *told)
{
	struct windows_section section;
	struct views views;
	uint64_t physical;

	wv_windows_section_open(&section, kernel, space, file->data);
	open_views(&views, kernel, space, file->cache);
	for (uint64_t offset = 0; offset < end; offset += WINDOWS_PAGE) {
		if (!wv_windows_section_page(&section, offset / WINDOWS_PAGE, &physical) &&
		    !view_page(&views, offset, &physical))
			continue;
		if (!tell(told, offset, physical, MIN(WINDOWS_PAGE, end - offset)))
			return;
	}
}

/* Programs --------------------------------------------------------------------------------------*/

/** A program has as many subsections as it has sections, and one for its headers. */
#define PROGRAM_PARTS_MAX 128u

/** The part of the file that begins next, at an offset or behind it. Parts lie in any order. */
static bool find_part(const struct windows_section *section, uint64_t from,
		      struct windows_subsection *part)
{
	struct windows_subsection next;
	uint64_t at = section->next;
	bool found = false;

	for (unsigned i = 0; i < PROGRAM_PARTS_MAX && at; i++, at = next.next) {
		if (!wv_windows_subsection(section, at, &next))
			break;
		if (!next.size || next.start < from || (found && next.start >= part->start))
			continue;
		*part = next;
		found = true;
	}
	return found;
}

static bool tell_part(struct windows_section *section, const struct windows_subsection *part,
		      uint64_t end, struct told *told)
{
	uint64_t size = MIN(part->size, part->n_pages * WINDOWS_PAGE), physical;

	size = MIN(size, end - part->start);
	for (uint64_t at = 0; at < size; at += WINDOWS_PAGE)
		if (wv_windows_prototype_page(section, part->base, at / WINDOWS_PAGE, &physical) &&
		    !tell(told, part->start + at, physical, MIN(WINDOWS_PAGE, size - at)))
			return false;
	return true;
}

static void tell_program(const struct wv_windows *kernel, const struct wv_space *space,
			 const struct wv_windows_file *file, uint64_t end, struct told *told)
{
	struct windows_section section;
	struct windows_subsection part;
	uint64_t from = 0;

	wv_windows_section_open(&section, kernel, space, file->image);
	for (unsigned i = 0; i < PROGRAM_PARTS_MAX && find_part(&section, from, &part); i++) {
		if (part.start >= end || !tell_part(&section, &part, end, told))
			return;
		from = part.start + part.size;
	}
}

uint64_t wv_windows_file_cached(struct wv_guest *guest, const struct wv_space *space,
				const struct wv_windows_file *file, uint64_t limit, wv_page_fn each,
				void *owner)
{
	const struct wv_windows *kernel = to_windows(guest);
	struct told told = { .each = each, .owner = owner };
	uint64_t end = file->has_size ? MIN(limit, file->size) : limit;

	if (file->data || file->cache)
		tell_data(kernel, space, file, end, &told);
	if (!told.bytes && file->image)
		tell_program(kernel, space, file, end, &told);
	return told.bytes;
}
