/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of a file in memory: sections, subsections, prototype PTEs, views, programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "windows_fixture_files.h"
#include "windows_found.h"

#define MIB (UINT64_C(1) << 20)

/** A page frame, and its physical address; nothing is in these of the mock's RAM. */
#define PAGE(n) (UINT64_C(0x700000) + (n)*MOCK_PAGE)

/** Pieces that are told. */
struct pieces {
	GString *text;
	uint64_t end;  /* of the piece before */
	unsigned left; /* how many more are wanted */
};

static bool add_piece(void *owner, uint64_t offset, uint64_t physical, size_t size)
{
	struct pieces *pieces = owner;

	assert_true(offset >= pieces->end);
	pieces->end = offset + size;
	g_string_append_printf(pieces->text, "%" PRIx64 ":%" PRIx64 "+%zx ", offset, physical,
			       size);
	return --pieces->left;
}

/** What is told of a file: "offset:physical+size " of each piece, in hex. */
static char *tell(struct found *found, const struct wv_windows_file *file, uint64_t limit,
		  unsigned pieces_max, uint64_t *bytes)
{
	struct pieces pieces = { .text = g_string_new(NULL), .left = pieces_max };

	*bytes = wv_windows_file_cached(found->windows, &found->space, file, limit, add_piece,
					&pieces);
	return g_string_free(pieces.text, FALSE);
}

static void assert_told(struct found *found, const struct wv_windows_file *file,
			const char *expected)
{
	uint64_t bytes;
	g_autofree char *text = tell(found, file, UINT64_MAX, UINT_MAX, &bytes);

	assert_string_equal(text, expected);
}

/** A file with a data section of one subsection. */
static struct wv_windows_file make_data(struct found *found, unsigned n_pages, uint64_t *subsection)
{
	uint64_t control = nt_make_section(&found->guest);

	*subsection = nt_make_subsection(&found->guest, control, n_pages);
	return (struct wv_windows_file){ .has_size = true,
					 .size = n_pages * MOCK_PAGE,
					 .data = control };
}

/* Sections --------------------------------------------------------------------------------------*/

static void test_entries(void **state)
{
	struct found *found = *state;
	const uint64_t entries[] = {
		NT_VALID(PAGE(1)),
		NT_DEMAND_ZERO,
		NT_IN_TRANSITION(PAGE(2)) | NT_PTE_SWIZZLE,
		NT_IN_FILE,
		0,
		NT_IN_PAGE_FILE,
		/* of a prototype's address the transition bit says something else */
		NT_IN_TRANSITION(PAGE(3)) | NT_PTE_PROTOTYPE,
		NT_VALID(PAGE(4)) | NT_PTE_PROTOTYPE | NT_PTE_TRANSITION,
		/* beyond the machine's memory */
		NT_VALID(UINT64_C(0x3fffff000)),
		NT_VALID(PAGE(5)) | (found->guest.is_64 ? UINT64_C(0x8650000000000000) : 0),
	};
	uint64_t subsection, bytes;
	struct wv_windows_file file = make_data(found, G_N_ELEMENTS(entries), &subsection);

	for (unsigned i = 0; i < G_N_ELEMENTS(entries); i++)
		nt_put_prototype(&found->guest, subsection, i, entries[i]);

	g_autofree char *text = tell(found, &file, UINT64_MAX, UINT_MAX, &bytes);

	assert_string_equal(text, "0:701000+1000 2000:702000+1000 7000:704000+1000 "
				  "9000:705000+1000 ");
	assert_int_equal(bytes, 4 * MOCK_PAGE);
}

/** Bits that kernels set in entries that are not valid, unless SwizzleBit says that they did not.
 */
static void test_hidden_bits(void **state)
{
	struct found *found = *state;
	const uint64_t hidden = UINT64_C(1) << 45;
	struct nt_guest *guest = &found->guest;
	uint64_t subsection, view = nt_view_pages(guest, 1);
	struct wv_windows_file file = make_data(found, 4, &subsection);
	g_autofree char *told = NULL;

	if (!nt_hide_bits(guest, hidden))
		return;
	found_again(found);
	nt_put_prototype(&found->guest, subsection, 0, NT_IN_TRANSITION(PAGE(1)) | hidden);
	/* this one would name a page of the bit's own, far beyond this machine's memory */
	nt_put_prototype(&found->guest, subsection, 1,
			 NT_IN_TRANSITION(PAGE(2)) | hidden | NT_PTE_SWIZZLE);
	nt_put_prototype(&found->guest, subsection, 2, NT_IN_TRANSITION(PAGE(3)) | NT_PTE_SWIZZLE);
	nt_put_prototype(&found->guest, subsection, 3, NT_VALID(PAGE(4)));
	assert_told(found, &file, "0:701000+1000 2000:703000+1000 3000:704000+1000 ");

	/* page tables have them as well: the section is not there, a view's page is in transition
	 */
	file.data = 0;
	file.cache = nt_make_cache_map(guest, file.size, file.size, NT_VIEW_SIZE);
	nt_make_view(guest, file.cache, 0, view);
	nt_make_transition(guest, &guest->paging, view);
	*nt_entry(guest, &guest->paging, view) |= hidden;
	told = g_strdup_printf("0:%" PRIx64 "+1000 ", nt_pool_physical(guest, view));
	assert_told(found, &file, told);
}

static void test_subsections(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t first, second, third;
	struct wv_windows_file file = make_data(found, 3, &first);

	second = nt_make_subsection(guest, file.data, 600);
	third = nt_make_subsection(guest, file.data, 2);
	file.size = 605 * MOCK_PAGE;
	nt_put_prototype(guest, first, 2, NT_VALID(PAGE(1)));
	nt_put_prototype(guest, second, 0, NT_VALID(PAGE(2)));
	nt_put_prototype(guest, second, 599, NT_VALID(PAGE(3)));
	nt_put_prototype(guest, third, 1, NT_IN_TRANSITION(PAGE(4)) | NT_PTE_SWIZZLE);
	assert_told(found, &file,
		    "2000:701000+1000 3000:702000+1000 25a000:703000+1000 25c000:704000+1000 ");

	/* its prototype PTEs were given back; its pages still count */
	nt_put(guest, second, "_SUBSECTION.SubsectionBase", 0);
	assert_told(found, &file, "2000:701000+1000 25c000:704000+1000 ");
}

static void test_length(void **state)
{
	struct found *found = *state;
	uint64_t subsection, bytes;
	struct wv_windows_file file = make_data(found, 3, &subsection);

	for (unsigned i = 0; i < 3; i++)
		nt_put_prototype(&found->guest, subsection, i, NT_VALID(PAGE(i)));
	file.size = 0x1001;
	assert_told(found, &file, "0:700000+1000 1000:701000+1 ");
	file.size = 0xfff;
	assert_told(found, &file, "0:700000+fff ");
	file.size = 0;
	assert_told(found, &file, "");
	file.size = 0x5000;
	assert_told(found, &file, "0:700000+1000 1000:701000+1000 2000:702000+1000 ");

	/* a limit, and one who has enough */
	g_autofree char *limited = tell(found, &file, 0x1800, UINT_MAX, &bytes);

	assert_string_equal(limited, "0:700000+1000 1000:701000+800 ");
	assert_int_equal(bytes, 0x1800);

	g_autofree char *ended = tell(found, &file, UINT64_MAX, 2, &bytes);

	assert_string_equal(ended, "0:700000+1000 1000:701000+1000 ");

	/* no length: as much as there is */
	file.has_size = false;
	g_autofree char *all = tell(found, &file, 0x10000, UINT_MAX, &bytes);

	assert_int_equal(bytes, 0x3000);
}

/* Views -----------------------------------------------------------------------------------------*/

/** A file of that size with a cache map alone. */
static struct wv_windows_file make_cached(struct found *found, uint64_t size)
{
	uint64_t map = nt_make_cache_map(&found->guest, size, size,
					 (size + NT_VIEW_SIZE - 1) & ~(NT_VIEW_SIZE - 1));

	return (struct wv_windows_file){ .has_size = true, .size = size, .cache = map };
}

/** Views at the file's start, in its middle and at its end, whose first pages are there. */
static void check_views(struct found *found, uint64_t size)
{
	struct nt_guest *guest = &found->guest;
	struct wv_windows_file file = make_cached(found, size);
	const uint64_t offsets[] = { 0, size / 2 & ~(NT_VIEW_SIZE - 1),
				     (size - 1) & ~(NT_VIEW_SIZE - 1) };
	g_autoptr(GString) expected = g_string_new(NULL);

	for (unsigned i = 0; i < G_N_ELEMENTS(offsets); i++) {
		uint64_t base = nt_view_pages(guest, i + 1);

		nt_make_view(guest, file.cache, offsets[i], base);
		for (unsigned at = 0; at <= i; at++)
			g_string_append_printf(expected, "%" PRIx64 ":%" PRIx64 "+1000 ",
					       offsets[i] + at * MOCK_PAGE,
					       nt_pool_physical(guest, base) + at * MOCK_PAGE);
	}
	assert_told(found, &file, expected->str);
}

static void test_initial_views(void **state)
{
	check_views(*state, MIB);
}

static void test_array_of_views(void **state)
{
	check_views(*state, 32 * MIB);
}

static void test_tree_of_views(void **state)
{
	check_views(*state, 32 * MIB + NT_VIEW_SIZE);
}

static void test_deep_tree_of_views(void **state)
{
	check_views(*state, 5 * 1024 * MIB);
}

/** A page of the section comes first; where that has none the view's. */
static void test_both(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t subsection, base = nt_view_pages(guest, 3);
	struct wv_windows_file file = make_data(found, 4, &subsection);
	g_autofree char *expected = NULL;

	file.cache = nt_make_cache_map(guest, file.size, file.size, NT_VIEW_SIZE);
	nt_make_view(guest, file.cache, 0, base);
	nt_put_prototype(guest, subsection, 0, NT_VALID(PAGE(1)));
	nt_put_prototype(guest, subsection, 1, NT_IN_FILE);
	nt_put_prototype(guest, subsection, 2, NT_VALID(UINT64_C(0x3fffff000)));
	nt_put_prototype(guest, subsection, 3, NT_VALID(PAGE(2)));
	base = nt_pool_physical(guest, base);
	expected = g_strdup_printf("0:701000+1000 1000:%" PRIx64 "+1000 2000:%" PRIx64
				   "+1000 3000:702000+1000 ",
				   base + MOCK_PAGE, base + 2 * MOCK_PAGE);
	assert_told(found, &file, expected);
}

/** A VACB that is of something else. */
static void test_foreign_views(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	struct wv_windows_file file = make_cached(found, MIB);
	uint64_t base = nt_view_pages(guest, 1);
	uint64_t vacb = nt_make_view(guest, file.cache, NT_VIEW_SIZE, base);
	const struct {
		const char *member;
		uint64_t value;
	} changes[] = {
		{ "_VACB.SharedCacheMap", file.cache + 0x10 },
		{ "_VACB.Overlay.FileOffset", 0 },
		{ "_VACB.Overlay.FileOffset", UINT64_MAX },
		{ "_VACB.BaseAddress", base + 8 },
		{ "_VACB.BaseAddress", 0x30000 },
		{ "_VACB.BaseAddress", 0 },
	};
	g_autofree char *expected =
		g_strdup_printf("40000:%" PRIx64 "+1000 ", nt_pool_physical(guest, base));

	assert_told(found, &file, expected);
	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		uint64_t before = nt_get(guest, vacb, changes[i].member);

		nt_put(guest, vacb, changes[i].member, changes[i].value);
		assert_told(found, &file, "");
		nt_put(guest, vacb, changes[i].member, before);
	}
	assert_told(found, &file, expected);
}

/* Programs --------------------------------------------------------------------------------------*/

/** A program with headers of 0x400 bytes and sections of 0x1200 and 0x234 bytes. */
static struct wv_windows_file make_program(struct found *found, uint64_t subsections[3])
{
	struct nt_guest *guest = &found->guest;
	uint64_t control = nt_make_section(guest);

	subsections[0] = nt_make_subsection(guest, control, 1);
	nt_put_extent(guest, subsections[0], 0, 0x400);
	/* larger in memory than in the file; and later in the file than the next one */
	subsections[1] = nt_make_subsection(guest, control, 2);
	nt_put_extent(guest, subsections[1], 0x1600, 0x234);
	subsections[2] = nt_make_subsection(guest, control, 2);
	nt_put_extent(guest, subsections[2], 0x400, 0x1200);
	nt_put_prototype(guest, subsections[0], 0, NT_VALID(PAGE(1)));
	nt_put_prototype(guest, subsections[1], 0, NT_VALID(PAGE(2)));
	nt_put_prototype(guest, subsections[1], 1, NT_VALID(PAGE(3)));
	nt_put_prototype(guest, subsections[2], 0, NT_VALID(PAGE(4)));
	nt_put_prototype(guest, subsections[2], 1, NT_VALID(PAGE(5)));
	return (struct wv_windows_file){ .has_size = true, .size = 0x1834, .image = control };
}

static void test_program(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t subsections[3], subsection, bytes;
	struct wv_windows_file file = make_program(found, subsections), data;

	assert_told(found, &file, "0:701000+400 400:704000+1000 1400:705000+200 1600:702000+234 ");
	nt_put_prototype(guest, subsections[2], 0, NT_DEMAND_ZERO);
	assert_told(found, &file, "0:701000+400 1400:705000+200 1600:702000+234 ");

	g_autofree char *limited = tell(found, &file, 0x1500, UINT_MAX, &bytes);

	assert_string_equal(limited, "0:701000+400 1400:705000+100 ");

	/* two that claim the same bytes: the first is told */
	nt_put_extent(guest, subsections[1], 0x1500, 0x334);
	assert_told(found, &file, "0:701000+400 1400:705000+200 ");

	/* only where there is no data */
	data = make_data(found, 1, &subsection);
	file.data = data.data;
	assert_told(found, &file, "0:701000+400 1400:705000+200 ");
	nt_put_prototype(guest, subsection, 0, NT_VALID(PAGE(9)));
	assert_told(found, &file, "0:709000+1000 ");
}

/* Hostile memory --------------------------------------------------------------------------------*/

/** A list of subsections that never ends: it is left, and what was told is told once. */
static void check_endless(struct found *found, unsigned n_pages)
{
	struct nt_guest *guest = &found->guest;
	uint64_t subsection, bytes;
	struct wv_windows_file file = make_data(found, 1, &subsection);

	nt_put_prototype(guest, subsection, 0, NT_VALID(PAGE(1)));
	nt_put(guest, subsection, "_SUBSECTION.NextSubsection", subsection);
	nt_put(guest, subsection, "_SUBSECTION.PtesInSubsection", n_pages);
	file.size = INT64_MAX;

	g_autofree char *text = tell(found, &file, 16 * MOCK_PAGE, UINT_MAX, &bytes);

	/* each of its pages is the same one, at another offset */
	assert_int_equal(bytes, n_pages ? 16 * MOCK_PAGE : 0);
	file.image = file.data;
	file.data = 0;
	nt_put_extent(guest, subsection, 0, 0x200);

	g_autofree char *program = tell(found, &file, 16 * MOCK_PAGE, UINT_MAX, &bytes);

	assert_string_equal(program, n_pages ? "0:701000+200 " : "");
}

static void test_endless_lists(void **state)
{
	check_endless(*state, 1);
	check_endless(*state, 0);
}

/** What says of itself that it is something else, or leads into user mode's memory. */
static void test_foreign_sections(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t subsection;
	struct wv_windows_file file = make_data(found, 1, &subsection);
	uint64_t segment = nt_get(guest, file.data, "_CONTROL_AREA.Segment");
	const struct {
		uint64_t object;
		const char *member;
		uint64_t value;
	} changes[] = {
		{ file.data, "_CONTROL_AREA.Segment", 0x30000 },
		{ segment, "_SEGMENT.ControlArea", file.data + 0x10 },
		{ segment, "_SEGMENT.TotalNumberOfPtes", 2 },
		{ segment, "_SEGMENT.SizeOfSegment", 0 },
		{ segment, "_SEGMENT.SizeOfSegment", UINT64_MAX },
		{ subsection, "_SUBSECTION.ControlArea", file.data + 0x10 },
		{ subsection, "_SUBSECTION.SubsectionBase", 0x30000 },
		{ subsection, "_SUBSECTION.SubsectionBase", guest->pool + NT_POOL_SIZE },
		{ subsection, "_SUBSECTION.SubsectionBase", guest->pool + 1 },
		{ subsection, "_SUBSECTION.PtesInSubsection", 0 },
	};

	nt_put_prototype(guest, subsection, 0, NT_VALID(PAGE(1)));
	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		uint64_t before = nt_get(guest, changes[i].object, changes[i].member);

		assert_told(found, &file, "0:701000+1000 ");
		nt_put(guest, changes[i].object, changes[i].member, changes[i].value);
		assert_told(found, &file, "");
		nt_put(guest, changes[i].object, changes[i].member, before);
	}
}

/** Entries lie where entries can be. */
static void test_unaligned_entries(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t subsection, entry = NT_VALID(PAGE(1));
	struct wv_windows_file file = make_data(found, 2, &subsection);
	uint64_t base = nt_get(guest, subsection, "_SUBSECTION.SubsectionBase");

	nt_write(guest, base + 1, &entry, sizeof(entry));
	nt_put(guest, subsection, "_SUBSECTION.SubsectionBase", base + 1);
	assert_told(found, &file, "");
}

/** A cache map of 2^62 bytes whose tree leads back into itself: no more is told than is asked for.
 */
static void test_endless_tree(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	struct wv_windows_file file = make_cached(found, UINT64_C(1) << 62);
	uint64_t block = nt_object(guest, 0x1000), bytes;
	size_t word = guest->is_64 ? 8 : 4;

	for (uint64_t at = 0; at < 0x1000; at += word)
		nt_write_pointer(guest, block + at, block);
	nt_put(guest, file.cache, "_SHARED_CACHE_MAP.Vacbs", block);

	g_autofree char *text = tell(found, &file, 64 * MIB, UINT_MAX, &bytes);

	assert_string_equal(text, "");
	for (unsigned i = 0; i < 3; i++) {
		static const uint64_t pointers[] = { 0, 0x30000, UINT64_MAX };

		nt_put(guest, file.cache, "_SHARED_CACHE_MAP.Vacbs", pointers[i]);
		g_autofree char *none = tell(found, &file, 64 * MIB, UINT_MAX, &bytes);

		assert_string_equal(none, "");
	}
	/* a map, sections, a program that are nowhere */
	file = (struct wv_windows_file){ .has_size = true,
					 .size = MIB,
					 .data = guest->pool + NT_POOL_SIZE,
					 .cache = guest->pool + NT_POOL_SIZE,
					 .image = guest->pool + NT_POOL_SIZE };
	assert_told(found, &file, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_entries),
		ON_EACH_BUILD(test_hidden_bits),
		ON_EACH_BUILD(test_subsections),
		ON_EACH_BUILD(test_length),
		ON_EACH_BUILD(test_initial_views),
		ON_EACH_BUILD(test_array_of_views),
		ON_EACH_BUILD(test_tree_of_views),
		ON_EACH_BUILD(test_deep_tree_of_views),
		ON_EACH_BUILD(test_both),
		ON_EACH_BUILD(test_foreign_views),
		ON_EACH_BUILD(test_program),
		ON_EACH_BUILD(test_endless_lists),
		ON_EACH_BUILD(test_foreign_sections),
		ON_EACH_BUILD(test_unaligned_entries),
		ON_EACH_BUILD(test_endless_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
