/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told of a file's page cache: pages, folios of kernels before and since 5.17, what is not
 * content; and trees that are hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "linux_told.h"

/** Entries that are no pages (include/linux/xarray.h). */
#define VALUE(number) ((uint64_t)(number) << 1 | 1)
#define RETRY	      (UINT64_C(256) << 2 | 2)
#define ZERO	      (UINT64_C(257) << 2 | 2)
#define SIBLING(slot) ((uint64_t)(slot) << 2 | 2)

/** A page of the file in its cache. */
static void add_page(struct linux_found *found, uint64_t inode, uint64_t index, uint64_t frame)
{
	tiny_cache(&found->kernel, inode, index, 0,
		   tiny_make_page(&found->kernel, frame, inode, index));
}

/** A folio, as it is since 5.17: one entry. */
static void add_folio(struct linux_found *found, uint64_t inode, uint64_t index, unsigned order,
		      uint64_t frame)
{
	tiny_cache(&found->kernel, inode, index, order,
		   tiny_make_page(&found->kernel, frame, inode, index));
}

static uint64_t *slot_of_top(struct linux_found *found, uint64_t inode, unsigned slot)
{
	struct tiny_linux *kernel = &found->kernel;

	return (uint64_t *)tiny_at(kernel,
				   tiny_top_node(kernel, inode) + tiny_offset("xa_node.slots")) +
	       slot;
}

/* What is there ---------------------------------------------------------------------------------*/

static void test_one_page(void **state)
{
	struct linux_found *found = *state;
	uint64_t inode = told_inode(found, 1), empty = told_inode(found, 0);

	assert_untold(found, inode);
	add_page(found, inode, 0, 0x300);
	add_page(found, empty, 0, 0x301);
	ASSERT_TOLD(found, inode, ALL, { 0, 0x300 * PAGE, PAGE });
	ASSERT_TOLD(found, inode, 1, { 0, 0x300 * PAGE, PAGE });
	assert_told(found, inode, 0, NULL, 0);
	assert_untold(found, empty);
}

static void test_pages(void **state)
{
	struct linux_found *found = *state;
	uint64_t inode = told_inode(found, 200 * PAGE);

	add_page(found, inode, 0, 0x300);
	add_page(found, inode, 1, 0x2ff);
	add_page(found, inode, 63, 0x301);
	add_page(found, inode, 64, 0x302); /* the tree grows */
	add_page(found, inode, 199, 0x304);
	add_page(found, inode, 200, 0x305); /* behind the end */
	ASSERT_TOLD(found, inode, ALL, { 0, 0x300 * PAGE, PAGE }, { PAGE, 0x2ff * PAGE, PAGE },
		    { 63 * PAGE, 0x301 * PAGE, PAGE }, { 64 * PAGE, 0x302 * PAGE, PAGE },
		    { 199 * PAGE, 0x304 * PAGE, PAGE });
}

static void test_high_trees(void **state)
{
	static const uint64_t indices[] = { 3, 4096 + 3, UINT64_C(1) << 18, UINT64_C(1) << 35,
					    (UINT64_C(1) << 51) - 1 };
	struct linux_found *found = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(indices); i++) {
		uint64_t inode = told_inode(found, INT64_MAX), index = indices[i];

		add_page(found, inode, index, 0x310 + i);
		ASSERT_TOLD(found, inode, ALL, { index * PAGE, (0x310 + i) * PAGE, PAGE });
		assert_told(found, inode, index * PAGE, NULL, 0);
		ASSERT_TOLD(found, inode, index * PAGE + 1,
			    { index * PAGE, (0x310 + i) * PAGE, PAGE });
	}
}

/** Folios in one slot and siblings, at the level that is theirs. */
static void test_folios(void **state)
{
	struct linux_found *found = *state;
	uint64_t inode = told_inode(found, 2000 * PAGE);

	add_page(found, inode, 0, 0x300);
	add_folio(found, inode, 4, 2, 0x1000);
	add_folio(found, inode, 64, 6, 0x2000);	  /* as much as a node */
	add_folio(found, inode, 1024, 7, 0x3000); /* two slots of one higher up */
	ASSERT_TOLD(found, inode, ALL, { 0, 0x300 * PAGE, PAGE }, { 4 * PAGE, 0x1000 * PAGE, PAGE },
		    { 5 * PAGE, 0x1001 * PAGE, PAGE }, { 6 * PAGE, 0x1002 * PAGE, PAGE },
		    { 7 * PAGE, 0x1003 * PAGE, PAGE }, { 64 * PAGE, 0x2000 * PAGE, 64 * PAGE },
		    { 1024 * PAGE, 0x3000 * PAGE, 64 * PAGE },
		    { 1088 * PAGE, 0x3040 * PAGE, 64 * PAGE });
	/* the end may lie within a folio */
	ASSERT_TOLD(found, inode, 66 * PAGE - 1, { 0, 0x300 * PAGE, PAGE },
		    { 4 * PAGE, 0x1000 * PAGE, PAGE }, { 5 * PAGE, 0x1001 * PAGE, PAGE },
		    { 6 * PAGE, 0x1002 * PAGE, PAGE }, { 7 * PAGE, 0x1003 * PAGE, PAGE },
		    { 64 * PAGE, 0x2000 * PAGE, 2 * PAGE });
}

/** A large page of a kernel before 5.17: its first page is in each of its slots. */
static void test_compound_pages(void **state)
{
	struct linux_found *found = *state;
	struct tiny_linux *kernel = &found->kernel;
	uint64_t inode = told_inode(found, 1024 * PAGE);
	uint64_t head = tiny_make_page(kernel, 0x1200, inode, 512);
	struct told told = { 0 };

	for (uint64_t index = 512; index < 1024; index++)
		tiny_cache(kernel, inode, index, 0, head);
	told_read(found, inode, ALL, &told);
	assert_int_equal(told.count, 512);
	for (unsigned i = 0; i < PIECES_MAX; i++) {
		assert_int_equal(told.pieces[i].offset, (512 + i) * PAGE);
		assert_int_equal(told.pieces[i].physical, (0x1200 + i) * PAGE);
		assert_int_equal(told.pieces[i].size, PAGE);
	}
}

/** What stands in for a page that is not in memory, or that is not the file's. */
static void test_what_is_no_content(void **state)
{
	struct linux_found *found = *state;
	struct tiny_linux *kernel = &found->kernel;
	uint64_t inode = told_inode(found, 64 * PAGE), other = told_inode(found, PAGE);

	add_page(found, inode, 1, 0x300);
	add_page(found, inode, 2, 0x301);
	add_page(found, inode, 3, 0x302);
	tiny_cache(kernel, inode, 4, 0, VALUE(0x1234)); /* in swap, or a shadow */
	tiny_cache(kernel, inode, 5, 0, RETRY);
	tiny_cache(kernel, inode, 6, 0, ZERO);
	tiny_cache(kernel, inode, 7, 0, tiny_make_page(kernel, 0x303, other, 7));
	tiny_cache(kernel, inode, 8, 0, VALUE(UINT64_MAX >> 1));
	tiny_put(kernel, tiny_page(0x301), "page.flags", /* all but up to date */
		 ~(UINT64_C(1) << TINY_PG_UPTODATE));
	ASSERT_TOLD(found, inode, ALL, { PAGE, 0x300 * PAGE, PAGE },
		    { 3 * PAGE, 0x302 * PAGE, PAGE });
}

static void test_stops(void **state)
{
	struct linux_found *found = *state;
	uint64_t inode = told_inode(found, 64 * PAGE);

	for (unsigned i = 0; i < 10; i++)
		add_page(found, inode, i, 0x300 + i);
	for (unsigned stop = 1; stop < 10; stop++) {
		struct told told = { .stop_after = stop };

		told_read(found, inode, ALL, &told);
		assert_int_equal(told.count, stop);
	}
}

/** Its pages are counted in another way. */
static void test_hugetlbfs(void **state)
{
	struct linux_found *found = *state;
	uint64_t sb = tiny_file_system(&found->kernel, WV_LINUX_MAGIC_HUGETLB);
	uint64_t inode = tiny_inode(&found->kernel, sb, WV_LINUX_S_IFREG, PAGE);

	add_page(found, inode, 0, 0x300);
	assert_untold(found, inode);
}

/* What a kernel may lack ------------------------------------------------------------------------*/

static void test_missing_members(void **state)
{
	static const char *const members[] = { "address_space.i_pages",
					       "xarray.xa_head",
					       "xa_node.shift",
					       "xa_node.slots",
					       "page.flags",
					       "page.mapping",
					       "page.index" };
	static struct linux_found found;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
		const char *const without[] = { members[i], NULL };
		uint64_t inode;

		found_make(&found, &(struct tiny_options){ .without_members = without });
		inode = told_inode(&found, PAGE);
		add_page(&found, inode, 0, 0x300);
		assert_untold(&found, inode);
		found_end(&found);
	}
}

/** A kernel whose struct pages are where they are without randomness. */
static void test_no_vmemmap_base(void **state)
{
	static const char *const without[] = { "vmemmap_base", NULL };
	static struct linux_found found;
	const uint64_t base = UINT64_C(0xffffea0000000000);
	struct tiny_linux *kernel = &found.kernel;
	uint64_t inode;

	(void)state;
	found_make(&found, &(struct tiny_options){ .without_symbols = without });
	mock_map(&kernel->mock, &kernel->paging, base, 0, MOCK_PAGE_2M);
	tiny_run(kernel, 0, &kernel->tasks[0]); /* on the kernel's own tables */
	wv_cpu_start(&found.cpu, &kernel->mock.machine, 0);
	found.space = wv_guest_space(found.guest, &found.cpu);
	inode = told_inode(&found, PAGE);
	memcpy(mock_at(&kernel->mock, 0x40 * TINY_PAGE_SIZEOF),
	       tiny_at(kernel, tiny_make_page(kernel, 0, inode, 0)), TINY_PAGE_SIZEOF);
	tiny_cache(kernel, inode, 0, 0, base + 0x40 * TINY_PAGE_SIZEOF);
	ASSERT_TOLD(&found, inode, ALL, { 0, 0x40 * PAGE, PAGE });
	found_end(&found);
}

/* Hostile trees ---------------------------------------------------------------------------------*/

static void test_bad_places(void **state)
{
	struct linux_found *found = *state;
	struct tiny_linux *kernel = &found->kernel;
	uint64_t inode = told_inode(found, 64 * PAGE);

	add_page(found, inode, 1, 0x300);
	add_page(found, inode, 3, 0x301);
	for (const uint64_t *place = found_bad_places; *place; place++)
		for (unsigned bits = 0; bits < 4; bits++) {
			*slot_of_top(found, inode, 2) = (*place & ~UINT64_C(3)) | bits;
			ASSERT_TOLD(found, inode, ALL, { PAGE, 0x300 * PAGE, PAGE },
				    { 3 * PAGE, 0x301 * PAGE, PAGE });
		}
	for (const uint64_t *place = found_bad_places;; place++) {
		tiny_put(kernel, inode, "inode.i_mapping", *place);
		assert_untold(found, inode);
		if (!*place)
			break;
	}
}

/** An entry within a struct page, or before the first one. */
static void test_pages_that_are_none(void **state)
{
	struct linux_found *found = *state;
	struct tiny_linux *kernel = &found->kernel;
	uint64_t inode = told_inode(found, 64 * PAGE);
	uint64_t fake = tiny_object(kernel, 2 * TINY_PAGE_SIZEOF);
	struct told told = { 0 };

	add_page(found, inode, 1, 0x300);
	memcpy(tiny_at(kernel, tiny_page(0x310) + 8), tiny_at(kernel, tiny_page(0x300)),
	       TINY_PAGE_SIZEOF);
	*slot_of_top(found, inode, 1) = tiny_page(0x310) + 8;
	assert_untold(found, inode);
	/* one in the direct map has a frame that there is no RAM for */
	memcpy(tiny_at(kernel, fake), tiny_at(kernel, tiny_page(0x300)), TINY_PAGE_SIZEOF);
	*slot_of_top(found, inode, 1) = fake;
	told_read(found, inode, ALL, &told);
	if (told.count)
		assert_true(told.pieces[0].physical >= kernel->mock.ram_size);
}

/** Pages that say that they are elsewhere in the file. */
static void test_wrong_indices(void **state)
{
	static const uint64_t indices[] = { 11, UINT64_MAX, UINT64_C(1) << 63 };
	struct linux_found *found = *state;
	struct tiny_linux *kernel = &found->kernel;
	uint64_t inode = told_inode(found, INT64_MAX);

	for (size_t i = 0; i < G_N_ELEMENTS(indices); i++) {
		tiny_cache(kernel, inode, 10, 0, tiny_make_page(kernel, 0x300, inode, indices[i]));
		assert_untold(found, inode);
	}
	inode = told_inode(found, INT64_MAX);
	tiny_cache(kernel, inode, UINT64_C(1) << 20, 0, tiny_make_page(kernel, 0x300, inode, 0));
	assert_untold(found, inode);
}

static void test_wrong_shifts(void **state)
{
	static const uint8_t shifts[] = { 1, 5, 7, 59, 60, 64, 66, 254, 255 };
	struct linux_found *found = *state;
	uint64_t inode = told_inode(found, INT64_MAX);

	add_page(found, inode, 1, 0x300);
	for (size_t i = 0; i < G_N_ELEMENTS(shifts); i++) {
		tiny_put(&found->kernel, tiny_top_node(&found->kernel, inode), "xa_node.shift",
			 shifts[i]);
		assert_untold(found, inode);
	}
}

/** A page in a slot that has room for more than any folio. */
static void test_page_too_high(void **state)
{
	struct linux_found *found = *state;
	uint64_t inode = told_inode(found, INT64_MAX);

	add_page(found, inode, UINT64_C(1) << 24, 0x300);
	*slot_of_top(found, inode, 0) = tiny_make_page(&found->kernel, 0x301, inode, 0);
	ASSERT_TOLD(found, inode, ALL, { (UINT64_C(1) << 24) * PAGE, 0x300 * PAGE, PAGE });
}

static void test_wrong_siblings(void **state)
{
	struct linux_found *found = *state;
	uint64_t inode = told_inode(found, 64 * PAGE);

	add_page(found, inode, 1, 0x300);
	*slot_of_top(found, inode, 2) = SIBLING(2);  /* of itself */
	*slot_of_top(found, inode, 3) = SIBLING(4);  /* of a later one */
	*slot_of_top(found, inode, 4) = SIBLING(3);  /* of a sibling */
	*slot_of_top(found, inode, 5) = SIBLING(0);  /* of nothing */
	*slot_of_top(found, inode, 6) = SIBLING(63); /* the last slot */
	*slot_of_top(found, inode, 7) = SIBLING(64); /* beyond it */
	ASSERT_TOLD(found, inode, ALL, { PAGE, 0x300 * PAGE, PAGE });
}

/** Nodes that lead back to themselves or to those above: no walk goes down twice. */
static void test_loops(void **state)
{
	struct linux_found *found = *state;
	struct tiny_linux *kernel = &found->kernel;
	uint64_t inode = told_inode(found, INT64_MAX), *below;

	add_page(found, inode, 70, 0x300);
	below = (uint64_t *)tiny_at(kernel, (*slot_of_top(found, inode, 1) & ~UINT64_C(3)) +
						    tiny_offset("xa_node.slots"));
	for (unsigned i = 0; i < 64; i++)
		if (i != 6)
			below[i] = tiny_top_node(kernel, inode) | 2;
	for (unsigned i = 2; i < 64; i++)
		*slot_of_top(found, inode, i) = tiny_top_node(kernel, inode) | 2;
	ASSERT_TOLD(found, inode, ALL, { 70 * PAGE, 0x300 * PAGE, PAGE });
}

/** A tree in which all slots lead to one and the same node of the level below has no end. */
static void test_endless_tree(void **state)
{
	struct linux_found *found = *state;
	struct tiny_linux *kernel = &found->kernel;
	uint64_t inode = told_inode(found, INT64_MAX);
	uint64_t node = 0, page = tiny_make_page(kernel, 0x300, inode, 0);
	static struct told told;
	gint64 started = g_get_monotonic_time();

	add_page(found, inode, (UINT64_C(1) << 51) - 1, 0x300);
	tiny_make_page(kernel, 0x300, inode, 0);
	for (node = tiny_top_node(kernel, inode); node; node = node == page ? 0 : node) {
		uint64_t *slots = tiny_at(kernel, node + tiny_offset("xa_node.slots"));
		bool last = tiny_get(kernel, node, "xa_node.shift") == 0;
		uint64_t next = page;

		for (unsigned i = 0; i < 64 && !last; i++)
			if (slots[i])
				next = slots[i];
		for (unsigned i = 0; i < 64; i++)
			slots[i] = next;
		node = last ? 0 : next & ~UINT64_C(3);
		if (!node)
			break;
	}
	told_read(found, inode, ALL, &told);
	assert_true(told.count > 1000); /* those that it can be the folio of */
	assert_true(told.bytes < UINT64_C(1) << 35);
	assert_true(g_get_monotonic_time() - started < 10 * G_USEC_PER_SEC);
}

#define FOUND(name) cmocka_unit_test_setup_teardown(name, found_setup, found_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOUND(test_one_page),
		FOUND(test_pages),
		FOUND(test_high_trees),
		FOUND(test_folios),
		FOUND(test_compound_pages),
		FOUND(test_what_is_no_content),
		FOUND(test_stops),
		FOUND(test_hugetlbfs),
		cmocka_unit_test(test_missing_members),
		cmocka_unit_test(test_no_vmemmap_base),
		FOUND(test_bad_places),
		FOUND(test_pages_that_are_none),
		FOUND(test_wrong_indices),
		FOUND(test_wrong_shifts),
		FOUND(test_page_too_high),
		FOUND(test_wrong_siblings),
		FOUND(test_loops),
		FOUND(test_endless_tree),
	};

	return cmocka_run_group_tests_name("linux_page_cache", tests, NULL, NULL);
}
