/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page walks: modes, sizes, rights, holes, and tables that a hostile guest could write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "mock_machine.h"

#define RAM_SIZE (1u << 20)

/** An address whose index differs at each level. */
#define ADDRESS UINT64_C(0xffff812345678000)
/** One that needs 5 levels. */
#define ADDRESS_5 UINT64_C(0xff12812345678000)

struct fixture {
	struct mock_machine mock;
	struct wv_paging paging;
	struct wv_mapping mapping;
	uint64_t hole;
};

static void start(struct fixture *fixture, enum wv_paging_mode mode, bool mapped)
{
	mock_init(&fixture->mock, 1, RAM_SIZE, mapped);
	fixture->paging = mock_paging(&fixture->mock, mode);
}

static int setup(void **state)
{
	static struct fixture fixture;

	start(&fixture, WV_PAGING_4_LEVEL, true);
	*state = &fixture;
	return 0;
}

static int setup_5_levels(void **state)
{
	static struct fixture fixture;

	start(&fixture, WV_PAGING_5_LEVEL, true);
	*state = &fixture;
	return 0;
}

static int setup_unmapped(void **state)
{
	static struct fixture fixture;

	start(&fixture, WV_PAGING_4_LEVEL, false);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	mock_deinit(&fixture->mock);
	return 0;
}

static bool walk(struct fixture *fixture, uint64_t address)
{
	/* nothing is left of an earlier walk */
	memset(&fixture->mapping, 0xa5, sizeof(fixture->mapping));
	fixture->hole = 0;
	return wv_paging_walk(&fixture->mock.machine, &fixture->paging, address, &fixture->mapping,
			      &fixture->hole);
}

static void assert_maps(struct fixture *fixture, uint64_t address, uint64_t physical, uint64_t size)
{
	assert_true(walk(fixture, address));
	assert_int_equal(fixture->mapping.physical, physical);
	assert_int_equal(fixture->mapping.size, size);
}

static void assert_hole(struct fixture *fixture, uint64_t address, uint64_t size)
{
	assert_false(walk(fixture, address));
	assert_int_equal(fixture->hole, size);
}

/* Modes -----------------------------------------------------------------------------------------*/

static void test_modes(void **state)
{
	const uint64_t all = UINT64_MAX;

	(void)state;
	assert_int_equal(wv_paging_mode(WV_CR0_PG, WV_CR4_PAE, WV_EFER_LMA), WV_PAGING_4_LEVEL);
	assert_int_equal(wv_paging_mode(WV_CR0_PG, WV_CR4_PAE | WV_CR4_LA57, WV_EFER_LMA),
			 WV_PAGING_5_LEVEL);
	assert_int_equal(wv_paging_mode(all, all, all), WV_PAGING_5_LEVEL);
	assert_int_equal(wv_paging_mode(all, all & ~WV_CR4_LA57, all), WV_PAGING_4_LEVEL);
	assert_int_equal(wv_paging_mode(all & ~WV_CR0_PG, all, all), WV_PAGING_NONE);
	assert_int_equal(wv_paging_mode(all, all & ~WV_CR4_PAE, all), WV_PAGING_32);
	assert_int_equal(wv_paging_mode(all, all, all & ~WV_EFER_LMA), WV_PAGING_PAE);
	assert_int_equal(wv_paging_mode(0, 0, 0), WV_PAGING_NONE);
}

static void test_no_paging_maps_nothing(void **state)
{
	struct fixture *fixture = *state;

	mock_map(&fixture->mock, &fixture->paging, ADDRESS, 0x3000, MOCK_PAGE);
	fixture->paging.mode = WV_PAGING_NONE;
	assert_hole(fixture, ADDRESS, MOCK_PAGE);
}

/* Sizes -----------------------------------------------------------------------------------------*/

static void check_sizes(struct fixture *fixture, uint64_t address)
{
	static const uint64_t sizes[] = { MOCK_PAGE, MOCK_PAGE_2M, MOCK_PAGE_1G };

	for (unsigned i = 0; i < 3; i++) {
		uint64_t size = sizes[i];
		/* far from the other pages, with physical bits up to the highest */
		uint64_t at = (address & ~(size - 1)) + (i << 30);
		uint64_t physical = UINT64_C(0x000f800000000000) + 3 * size;

		mock_map(&fixture->mock, &fixture->paging, at, physical, size);
		assert_maps(fixture, at, physical, size);
		assert_maps(fixture, at + 0x123, physical + 0x123, size);
		assert_maps(fixture, at + size - 1, physical + size - 1, size);
		assert_false(walk(fixture, at - 1));
		assert_false(walk(fixture, at + size));
	}
}

static void test_page_sizes(void **state)
{
	check_sizes(*state, ADDRESS);
	check_sizes(*state, 0x0000000001234000);
}

static void test_page_sizes_with_5_levels(void **state)
{
	check_sizes(*state, ADDRESS_5);
	check_sizes(*state, 0x0034000001234000);
}

static void test_each_index_counts(void **state)
{
	struct fixture *fixture = *state;

	mock_map(&fixture->mock, &fixture->paging, ADDRESS, 0x3000, MOCK_PAGE);
	for (unsigned bit = 12; bit < 47; bit++)
		assert_false(walk(fixture, ADDRESS ^ UINT64_C(1) << bit));
	assert_maps(fixture, ADDRESS, 0x3000, MOCK_PAGE);
}

/* Canonical addresses ---------------------------------------------------------------------------*/

static void test_canonical(void **state)
{
	struct fixture *fixture = *state;
	static const uint64_t edges[] = { 0x0000000000000000, 0x00007ffffffff000,
					  0xffff800000000000, 0xfffffffffffff000 };

	for (unsigned i = 0; i < 4; i++) {
		mock_map(&fixture->mock, &fixture->paging, edges[i], 0x1000 * i, MOCK_PAGE);
		assert_maps(fixture, edges[i], 0x1000 * i, MOCK_PAGE);
		/* the same indices, but the bits above do not repeat the highest */
		for (unsigned bit = 48; bit < 64; bit++)
			assert_hole(fixture, edges[i] ^ UINT64_C(1) << bit, MOCK_PAGE);
	}
	assert_hole(fixture, 0x0000800000000000, MOCK_PAGE);
	assert_hole(fixture, 0xffff7ffffffff000, MOCK_PAGE);
}

static void test_canonical_with_5_levels(void **state)
{
	struct fixture *fixture = *state;
	static const uint64_t edges[] = { 0x00fffffffffff000, 0xff00000000000000,
					  0x0000800000000000, 0xffff7ffffffff000 };

	for (unsigned i = 0; i < 4; i++) {
		mock_map(&fixture->mock, &fixture->paging, edges[i], 0x1000 * i, MOCK_PAGE);
		assert_maps(fixture, edges[i], 0x1000 * i, MOCK_PAGE);
		for (unsigned bit = 57; bit < 64; bit++)
			assert_hole(fixture, edges[i] ^ UINT64_C(1) << bit, MOCK_PAGE);
	}
}

/* Rights ----------------------------------------------------------------------------------------*/

static void check_rights(struct fixture *fixture, uint64_t address, unsigned levels, uint64_t size)
{
	unsigned leaf = size == MOCK_PAGE ? 1 : size == MOCK_PAGE_2M ? 2 : 3;

	mock_map(&fixture->mock, &fixture->paging, address & ~(size - 1), 0, size);
	assert_true(walk(fixture, address));
	assert_true(fixture->mapping.writable && fixture->mapping.user &&
		    fixture->mapping.executable);

	/* what one level denies is denied */
	for (unsigned level = levels; level >= leaf; level--) {
		uint64_t *entry = mock_entry(&fixture->mock, &fixture->paging, address, level);
		uint64_t before = *entry;

		*entry = before & ~MOCK_WRITABLE;
		assert_true(walk(fixture, address));
		assert_true(!fixture->mapping.writable && fixture->mapping.user &&
			    fixture->mapping.executable);
		*entry = before & ~MOCK_USER;
		assert_true(walk(fixture, address));
		assert_true(fixture->mapping.writable && !fixture->mapping.user &&
			    fixture->mapping.executable);
		*entry = before | MOCK_NX;
		assert_true(walk(fixture, address));
		assert_true(fixture->mapping.writable && fixture->mapping.user &&
			    !fixture->mapping.executable);
		*entry = before;
	}
}

static void test_rights(void **state)
{
	check_rights(*state, ADDRESS, 4, MOCK_PAGE);
	check_rights(*state, ADDRESS + MOCK_PAGE_1G, 4, MOCK_PAGE_2M);
	check_rights(*state, ADDRESS + 2 * MOCK_PAGE_1G, 4, MOCK_PAGE_1G);
}

static void test_rights_with_5_levels(void **state)
{
	check_rights(*state, ADDRESS_5, 5, MOCK_PAGE);
}

/* Holes -----------------------------------------------------------------------------------------*/

static void check_holes(struct fixture *fixture, uint64_t address, unsigned levels)
{
	/* the lowest level first: above it all entries are there by then */
	for (unsigned level = 1; level <= levels; level++) {
		uint64_t *entry = mock_entry(&fixture->mock, &fixture->paging, address, level);
		uint64_t size = UINT64_C(1) << (3 + 9 * level);

		*entry = 0;
		assert_hole(fixture, address, size);
		/* swapped out: all bits may be set but the one that says so */
		*entry = ~MOCK_PRESENT;
		assert_hole(fixture, address + 5, size);
		assert_false(wv_paging_walk(&fixture->mock.machine, &fixture->paging, address,
					    &fixture->mapping, NULL));
	}
}

static void test_holes(void **state)
{
	check_holes(*state, ADDRESS, 4);
}

static void test_holes_with_5_levels(void **state)
{
	check_holes(*state, ADDRESS_5, 5);
}

/* Hostile tables --------------------------------------------------------------------------------*/

static void test_table_that_contains_itself(void **state)
{
	struct fixture *fixture = *state;
	uint64_t root = fixture->paging.root;
	uint64_t *table = mock_at(&fixture->mock, root);

	/* the last entry leads back: each level reads the same table */
	table[511] = root | MOCK_TABLE;
	assert_maps(fixture, 0xfffffffffffff000, root, MOCK_PAGE);
	assert_maps(fixture, 0xffffffffffffffff, root + 0xfff, MOCK_PAGE);
	/* as a large page it ends at the level where that means something */
	table[511] |= MOCK_LARGE;
	assert_true(walk(fixture, 0xffffffffffffffff));
	assert_int_equal(fixture->mapping.size, MOCK_PAGE_1G);
	for (unsigned i = 0; i < 512; i++)
		table[i] = root | MOCK_TABLE;
	for (uint64_t i = 0; i < 512; i++)
		assert_maps(fixture, i << 38 & 0x7fffffffffff, root, MOCK_PAGE);
}

static void test_table_outside_of_ram(void **state)
{
	struct fixture *fixture = *state;
	static const uint64_t places[] = { RAM_SIZE, RAM_SIZE + 0x1000, 0xffffff000,
					   WV_PAGING_ADDRESS };

	mock_map(&fixture->mock, &fixture->paging, ADDRESS, 0x3000, MOCK_PAGE);
	for (unsigned level = 4; level > 1; level--) {
		uint64_t *entry = mock_entry(&fixture->mock, &fixture->paging, ADDRESS, level);
		uint64_t before = *entry;

		for (unsigned i = 0; i < 4; i++) {
			*entry = places[i] | MOCK_TABLE;
			assert_hole(fixture, ADDRESS, MOCK_PAGE);
		}
		*entry = before;
	}
	assert_maps(fixture, ADDRESS, 0x3000, MOCK_PAGE);
	fixture->paging.root = RAM_SIZE;
	assert_hole(fixture, ADDRESS, MOCK_PAGE);
	fixture->paging.root = UINT64_MAX;
	assert_hole(fixture, ADDRESS, MOCK_PAGE);
}

static void test_table_half_outside_of_ram(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t page = UINT64_C(1) << 39; /* of the top table's entries */

	fixture->paging.root = RAM_SIZE - MOCK_PAGE;
	memset(mock_at(&fixture->mock, fixture->paging.root), 0, MOCK_PAGE);
	fixture->mock.machine.ram[0].size = RAM_SIZE - MOCK_PAGE + 12;
	assert_hole(fixture, 0, page); /* can be read, and is not there */
	assert_hole(fixture, page, MOCK_PAGE);
	assert_hole(fixture, 2 * page, MOCK_PAGE);
}

static void test_other_bits_do_not_count(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t ignored = UINT64_C(0x7ff) << 52; /* 52 to 62: software's, protection keys */
	uint64_t root = fixture->paging.root;

	mock_map(&fixture->mock, &fixture->paging, ADDRESS, 0x3000, MOCK_PAGE);
	/* CR3: PCID or cache bits below, "do not flush" and masks of addresses above */
	fixture->paging.root = root | 0xfff | UINT64_C(0xfff) << 52;
	assert_maps(fixture, ADDRESS, 0x3000, MOCK_PAGE);
	fixture->paging.root = root;

	for (unsigned level = 1; level <= 4; level++)
		*mock_entry(&fixture->mock, &fixture->paging, ADDRESS, level) |= ignored;
	assert_maps(fixture, ADDRESS, 0x3000, MOCK_PAGE);
	/* in an entry of a page this bit is one of the cache's */
	*mock_entry(&fixture->mock, &fixture->paging, ADDRESS, 1) |= MOCK_LARGE;
	assert_maps(fixture, ADDRESS, 0x3000, MOCK_PAGE);
	/* in an entry of the top table it is reserved: there are no pages of 512 GiB */
	*mock_entry(&fixture->mock, &fixture->paging, ADDRESS, 4) |= MOCK_LARGE;
	assert_maps(fixture, ADDRESS, 0x3000, MOCK_PAGE);
}

static void test_large_pages_have_no_low_bits(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t two = 0x40000000, one = 0xc0000000;

	mock_map(&fixture->mock, &fixture->paging, two, 4 * MOCK_PAGE_2M, MOCK_PAGE_2M);
	*mock_entry(&fixture->mock, &fixture->paging, two, 2) |= 0x1ff000; /* PAT, reserved */
	assert_maps(fixture, two + 0x1234, 4 * MOCK_PAGE_2M + 0x1234, MOCK_PAGE_2M);
	mock_map(&fixture->mock, &fixture->paging, one, 4 * MOCK_PAGE_1G, MOCK_PAGE_1G);
	*mock_entry(&fixture->mock, &fixture->paging, one, 3) |= 0x3ffff000;
	assert_maps(fixture, one + 0x1234567, 4 * MOCK_PAGE_1G + 0x1234567, MOCK_PAGE_1G);
}

static void test_random_tables(void **state)
{
	struct fixture *fixture = *state;
	uint32_t random = 1;

	/* whatever the memory holds, a walk ends, and a mapping has a size that exists */
	for (unsigned round = 0; round < 20000; round++) {
		uint64_t address = 0;

		if (round % 1000 == 0) {
			for (size_t i = 0; i < RAM_SIZE / 8; i++) {
				random = random * 1664525 + 1013904223;
				((uint64_t *)fixture->mock.ram)[i] =
					(uint64_t)random << 40 |
					(random >> 12 & (RAM_SIZE - 1) & ~UINT32_C(0xfff)) |
					random >> 24;
			}
		}
		for (unsigned i = 0; i < 3; i++) {
			random = random * 1664525 + 1013904223;
			address = address << 21 ^ random;
		}
		address = (uint64_t)((int64_t)(address << 16) >> 16);
		if (walk(fixture, address))
			assert_true(fixture->mapping.size == MOCK_PAGE ||
				    fixture->mapping.size == MOCK_PAGE_2M ||
				    fixture->mapping.size == MOCK_PAGE_1G);
		else
			assert_true(fixture->hole >= MOCK_PAGE && fixture->hole <= UINT64_C(1)
											   << 39);
	}
}

/* Reads that fail -------------------------------------------------------------------------------*/

static void test_each_read_can_fail(void **state)
{
	struct fixture *fixture = *state;

	mock_map(&fixture->mock, &fixture->paging, ADDRESS, 0x3000, MOCK_PAGE);
	for (unsigned read = 1; read <= 4; read++) {
		fixture->mock.fail_read = read;
		assert_hole(fixture, ADDRESS, MOCK_PAGE);
		assert_int_equal(fixture->mock.fail_read, 0);
	}
	fixture->mock.physical_reads = 0;
	assert_maps(fixture, ADDRESS, 0x3000, MOCK_PAGE);
	assert_int_equal(fixture->mock.physical_reads, 4);
	assert_int_equal(fixture->mock.virtual_reads, 0);
}

#define WITH(name, setup_) cmocka_unit_test_setup_teardown(name, setup_, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		WITH(test_no_paging_maps_nothing, setup),
		WITH(test_page_sizes, setup),
		WITH(test_page_sizes_with_5_levels, setup_5_levels),
		WITH(test_each_index_counts, setup),
		WITH(test_canonical, setup),
		WITH(test_canonical_with_5_levels, setup_5_levels),
		WITH(test_rights, setup),
		WITH(test_rights_with_5_levels, setup_5_levels),
		WITH(test_holes, setup),
		WITH(test_holes_with_5_levels, setup_5_levels),
		WITH(test_table_that_contains_itself, setup),
		WITH(test_table_outside_of_ram, setup),
		WITH(test_table_half_outside_of_ram, setup),
		WITH(test_other_bits_do_not_count, setup),
		WITH(test_large_pages_have_no_low_bits, setup),
		WITH(test_random_tables, setup),
		WITH(test_each_read_can_fail, setup_unmapped),
	};

	return cmocka_run_group_tests_name("paging", tests, NULL, NULL);
}
