/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page walks of 32-bit modes, and pages in transition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "mock_machine.h"

#define RAM_SIZE (1u << 20)

/* Bits of entries (Intel SDM volume 3, section 4.3 and 4.4). */
#define P	   1u
#define RW	   2u
#define US	   4u
#define PS	   0x80u
#define PROTOTYPE  0x400u
#define TRANSITION 0x800u
#define NX	   (UINT64_C(1) << 63)

/** An address whose index differs at each level. */
#define ADDRESS 0x81234567u

struct fixture {
	struct mock_machine mock;
	struct wv_paging paging;
	struct wv_mapping mapping;
	uint64_t hole;
	uint64_t table[3]; /* physical, the top first */
};

static int setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	mock_init(&fixture.mock, 1, RAM_SIZE, true);
	for (unsigned i = 0; i < 3; i++)
		fixture.table[i] = mock_page(&fixture.mock);
	fixture.paging = (struct wv_paging){ .mode = WV_PAGING_32, .root = fixture.table[0] };
	*state = &fixture;
	return 0;
}

static int setup_pae(void **state)
{
	struct fixture *fixture;

	setup(state);
	fixture = *state;
	/* the top table is 32 bytes long and may be anywhere */
	fixture->table[0] += 0x60;
	fixture->paging = (struct wv_paging){ .mode = WV_PAGING_PAE, .root = fixture->table[0] };
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	mock_deinit(&fixture->mock);
	return 0;
}

static void put(struct fixture *fixture, unsigned table, unsigned index, uint64_t entry)
{
	size_t size = fixture->paging.mode == WV_PAGING_32 ? 4 : 8;

	memcpy((uint8_t *)mock_at(&fixture->mock, fixture->table[table]) + index * size, &entry,
	       size);
}

static bool walk(struct fixture *fixture, uint64_t address)
{
	fixture->mapping = (struct wv_mapping){ 0 };
	fixture->hole = 0;
	return wv_paging_walk(&fixture->mock.machine, &fixture->paging, address, &fixture->mapping,
			      &fixture->hole);
}

static void assert_mapping(const struct fixture *fixture, uint64_t physical, uint64_t size)
{
	assert_int_equal(fixture->mapping.physical, physical);
	assert_int_equal(fixture->mapping.size, size);
}

static void test_32(void **state)
{
	struct fixture *fixture = *state;

	assert_false(walk(fixture, ADDRESS));
	assert_int_equal(fixture->hole, 1u << 22);
	put(fixture, 0, ADDRESS >> 22, fixture->table[1] | P | RW | US);
	assert_false(walk(fixture, ADDRESS));
	assert_int_equal(fixture->hole, 1u << 12);
	put(fixture, 1, ADDRESS >> 12 & 0x3ff, 0xfffff000u | P | US);
	assert_true(walk(fixture, ADDRESS));
	assert_mapping(fixture, 0xfffff567, 4096);
	assert_false(fixture->mapping.writable);
	assert_true(fixture->mapping.user);
	assert_true(fixture->mapping.executable);
	/* each index counts, and so does the whole address */
	assert_false(walk(fixture, ADDRESS ^ 0x1000));
	assert_false(walk(fixture, ADDRESS ^ 0x400000));
	assert_false(walk(fixture, ADDRESS | UINT64_C(0xffffffff00000000)));
}

static void test_4_mib(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, 0, ADDRESS >> 22, 0xc0000000u | PS | P | RW);
	assert_true(walk(fixture, ADDRESS));
	assert_mapping(fixture, 0xc0234567u, 1u << 22);
	assert_true(fixture->mapping.writable);
	assert_false(fixture->mapping.user);
	/* bits 13 to 20 are bits 32 to 39 of the page's address; bit 12 is something else */
	put(fixture, 0, ADDRESS >> 22, 0xc0000000u | 0xa5u << 13 | 1u << 12 | PS | P);
	assert_true(walk(fixture, ADDRESS));
	assert_mapping(fixture, UINT64_C(0xa5c0234567), 1u << 22);
}

static void map_pae(struct fixture *fixture, uint64_t entry)
{
	put(fixture, 0, ADDRESS >> 30, fixture->table[1] | P);
	put(fixture, 1, ADDRESS >> 21 & 0x1ff, fixture->table[2] | P | RW | US);
	put(fixture, 2, ADDRESS >> 12 & 0x1ff, entry);
}

static void test_pae(void **state)
{
	struct fixture *fixture = *state;

	assert_false(walk(fixture, ADDRESS));
	assert_int_equal(fixture->hole, 1u << 30);
	map_pae(fixture, UINT64_C(0x123456000) | P | RW | US | NX);
	assert_true(walk(fixture, ADDRESS));
	assert_mapping(fixture, UINT64_C(0x123456567), 4096);
	/* the top table's entries have no rights, so they take none */
	assert_true(fixture->mapping.writable);
	assert_true(fixture->mapping.user);
	assert_false(fixture->mapping.executable);
	/* low bits of CR3 are part of the table's address, the lowest five are not */
	fixture->paging.root |= 0x1f;
	assert_true(walk(fixture, ADDRESS));
	fixture->paging.root ^= 0x20;
	assert_false(walk(fixture, ADDRESS));
}

static void test_2_mib(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, 0, ADDRESS >> 30, fixture->table[1] | P | PS); /* reserved there, not large */
	put(fixture, 1, ADDRESS >> 21 & 0x1ff, UINT64_C(0x3ffe00000) | PS | P | RW);
	assert_true(walk(fixture, ADDRESS));
	assert_mapping(fixture, UINT64_C(0x3ffe34567), 1u << 21);
}

static void test_transition(void **state)
{
	struct fixture *fixture = *state;

	map_pae(fixture, UINT64_C(0x123456000) | TRANSITION | RW);
	assert_false(walk(fixture, ADDRESS));
	fixture->paging.transition = true;
	assert_true(walk(fixture, ADDRESS));
	assert_mapping(fixture, UINT64_C(0x123456567), 4096);
	/* nobody may write a page that belongs to nobody */
	assert_false(fixture->mapping.writable || fixture->mapping.user ||
		     fixture->mapping.executable);
	map_pae(fixture, UINT64_C(0x123456000) | TRANSITION | PROTOTYPE);
	assert_false(walk(fixture, ADDRESS));
	map_pae(fixture, 0);
	assert_false(walk(fixture, ADDRESS));
	/* tables themselves are never in transition */
	put(fixture, 1, ADDRESS >> 21 & 0x1ff, fixture->table[2] | TRANSITION);
	assert_false(walk(fixture, ADDRESS));
}

/** Bits that are set in entries that are not present, unless these say that they are not. */
static void test_hidden(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t hidden = UINT64_C(1) << 45, as_it_is = UINT64_C(1) << 4;

	fixture->paging.transition = true;
	fixture->paging.hidden = hidden;
	map_pae(fixture, UINT64_C(0x123456000) | hidden | TRANSITION);
	assert_true(walk(fixture, ADDRESS));
	assert_mapping(fixture, UINT64_C(0x123456567), 4096);
	map_pae(fixture, UINT64_C(0x123456000) | TRANSITION | as_it_is);
	assert_true(walk(fixture, ADDRESS));
	assert_mapping(fixture, UINT64_C(0x123456567), 4096);
	/* there such a bit is the address's own, as it is in an entry that is present */
	map_pae(fixture, UINT64_C(0x123456000) | hidden | TRANSITION | as_it_is);
	assert_true(walk(fixture, ADDRESS));
	assert_mapping(fixture, hidden | UINT64_C(0x123456567), 4096);
	map_pae(fixture, UINT64_C(0x123456000) | hidden | P);
	assert_true(walk(fixture, ADDRESS));
	assert_mapping(fixture, hidden | UINT64_C(0x123456567), 4096);
}

static void test_tables_outside_of_ram(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, 0, ADDRESS >> 22, 0xfffff000u | P);
	assert_false(walk(fixture, ADDRESS));
	fixture->paging.root = RAM_SIZE;
	assert_false(walk(fixture, ADDRESS));
}

#define WITH(name, setup_) cmocka_unit_test_setup_teardown(name, setup_, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_32, setup),
		WITH(test_4_mib, setup),
		WITH(test_pae, setup_pae),
		WITH(test_2_mib, setup_pae),
		WITH(test_transition, setup_pae),
		WITH(test_hidden, setup_pae),
		WITH(test_tables_outside_of_ram, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
