// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files whose structures are not what they should be: of what is asked for by spoil=1 on the
 * command line. The guest itself does not use these again, and never gives them back.
 */
#include "boot_info.h"
#include "memory.h"
#include "section.h"

#define NOWHERE ((void *)(word)(WV_POINTER == 8 ? 0xffffa00000001230 : 0xc0001230))
#define IN_USER ((void *)(word)0x20000000)
#define LARGEST 0x7fffffffffffffffll

static struct _SUBSECTION *first(const struct wv_file *file)
{
	return wv_first_subsection(file->pointers.DataSectionObject);
}

static struct _SHARED_CACHE_MAP *cache_of(const struct wv_file *file)
{
	return (struct _SHARED_CACHE_MAP *)file->pointers.SharedCacheMap;
}

/* Subsections without an end, which are all of the file. */
static void circle(struct wv_file *file)
{
	first(file)->NextSubsection = (void *)first(file);
}

static void circle_of_nothing(struct wv_file *file)
{
	circle(file);
	first(file)->PtesInSubsection = 0;
}

static void too_many(struct wv_file *file)
{
	first(file)->PtesInSubsection = 0xffffffff;
	file->header.FileSize.QuadPart = LARGEST;
	file->header.ValidDataLength.QuadPart = LARGEST;
}

static void nowhere(struct wv_file *file)
{
	first(file)->SubsectionBase = NOWHERE;
	first(file)->NextSubsection = IN_USER;
}

/* Entries that lead where no memory is. */
static void outside(struct wv_file *file)
{
	u64 *entries = (u64 *)first(file)->SubsectionBase;

	for (u32 i = 0; i < first(file)->PtesInSubsection; i++)
		entries[i] = i % 2 ? ~0ull : 0xfffffffff801ull | (u64)i << 40;
}

static void not_its_own(struct wv_file *file)
{
	struct _CONTROL_AREA *area = file->pointers.DataSectionObject;

	((struct _SEGMENT *)area->Segment)->ControlArea = NOWHERE;
	first(file)->ControlArea = NOWHERE;
}

static void below(struct wv_file *file)
{
	file->pointers.DataSectionObject = IN_USER;
	file->pointers.SharedCacheMap = NOWHERE;
	file->pointers.ImageSectionObject = (void *)(word)-1;
}

/* A tree of views that each level of is its root. */
static void tree(struct wv_file *file)
{
	struct _SHARED_CACHE_MAP *cache = cache_of(file);

	cache->SectionSize.QuadPart = LARGEST;
	cache->FileSize.QuadPart = LARGEST;
	cache->Vacbs = (void *)cache->InitialVacbs;
	for (unsigned i = 0; i < COUNT_OF(cache->InitialVacbs); i++)
		cache->InitialVacbs[i] = (void *)cache->InitialVacbs;
}

static void views(struct wv_file *file)
{
	static const word bases[] = { 0x20000000, 0x20000001, 8, (word)-PAGE };

	for (struct wv_part *part = file->parts; part; part = part->next)
		if (part->vacb)
			part->vacb->BaseAddress = (void *)bases[part->number % COUNT_OF(bases)];
	cache_of(file)->FileSize.QuadPart = -1;
}

static void pretended(struct wv_file *file)
{
	cache_of(file)->FileSize.QuadPart = LARGEST;
	cache_of(file)->SectionSize.QuadPart = LARGEST;
	file->pointers.ImageSectionObject = file->pointers.SharedCacheMap;
}

static const struct {
	bool of_cache; /* wants a cache, else a section */
	void (*spoil)(struct wv_file *file);
} kinds[] = {
	{ false, circle },  { false, circle_of_nothing }, { false, too_many }, { false, nowhere },
	{ false, outside }, { false, not_its_own },	  { false, below },    { true, tree },
	{ true, views },    { true, pretended },
};

void wv_file_spoil(struct wv_file *file, unsigned number)
{
	for (unsigned i = 0; i < COUNT_OF(kinds); i++, number++) {
		unsigned kind = number % COUNT_OF(kinds);

		if (kinds[kind].of_cache ? !file->pointers.SharedCacheMap
					 : !file->pointers.DataSectionObject)
			continue;
		file->spoiled = true;
		kinds[kind].spoil(file);
		return;
	}
}
