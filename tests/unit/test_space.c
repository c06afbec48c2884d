/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual memory: linear ranges, walks, page borders, strings, writes, and unmapped RAM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "memory/space.h"
#include "mock_machine.h"

#define RAM_SIZE (1u << 20)

/** Two pages next to each other, apart in RAM, and none after them. */
#define PAGES	  UINT64_C(0x7f0000400000)
#define FIRST	  UINT64_C(0x5000)
#define SECOND	  UINT64_C(0x2000)
#define PAGES_END (PAGES + 2 * MOCK_PAGE)

/** The kernel's half, by the same pages. */
#define KERNEL UINT64_C(0xffff888000400000)

struct fixture {
	struct mock_machine mock;
	struct wv_space space;
	struct wv_linear linear[WV_LINEAR_MAX];
};

static void start(struct fixture *fixture, bool mapped)
{
	struct mock_machine *mock = &fixture->mock;
	struct wv_space *space = &fixture->space;

	mock_init(mock, 2, RAM_SIZE, mapped);
	*space = (struct wv_space){
		.machine = &mock->machine,
		.vcpu = 1,
		.paging = { .mode = WV_PAGING_4_LEVEL, .root = mock->registers[1][WV_REG_CR3] },
		.current = true,
	};
	memset(fixture->linear, 0, sizeof(fixture->linear));
	mock_map(mock, &space->paging, PAGES, FIRST, MOCK_PAGE);
	mock_map(mock, &space->paging, PAGES + MOCK_PAGE, SECOND, MOCK_PAGE);
	mock_map(mock, &space->paging, KERNEL, FIRST, MOCK_PAGE);
	mock_map(mock, &space->paging, KERNEL + MOCK_PAGE, SECOND, MOCK_PAGE);
	for (unsigned i = 0; i < MOCK_PAGE; i++) {
		((uint8_t *)mock_at(mock, FIRST))[i] = (uint8_t)(i % 251 + 1);
		((uint8_t *)mock_at(mock, SECOND))[i] = (uint8_t)(i % 241 + 7);
	}
}

static int setup(void **state)
{
	static struct fixture fixture;

	start(&fixture, true);
	*state = &fixture;
	return 0;
}

static int setup_unmapped(void **state)
{
	static struct fixture fixture;

	start(&fixture, false);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	mock_deinit(&fixture->mock);
	return 0;
}

/** What the pages hold at a place, as the guest sees them. */
static uint8_t *page_byte(struct fixture *fixture, uint64_t offset)
{
	uint64_t page = offset < MOCK_PAGE ? FIRST : SECOND;

	return (uint8_t *)mock_at(&fixture->mock, page) + (offset & (MOCK_PAGE - 1));
}

static void assert_reads(struct fixture *fixture, uint64_t base, uint64_t offset, size_t size)
{
	uint8_t buffer[2 * MOCK_PAGE + 1];

	memset(buffer, 0, sizeof(buffer));
	assert_true(wv_space_read(&fixture->space, base + offset, buffer, size));
	for (size_t i = 0; i < size; i++)
		assert_int_equal(buffer[i], *page_byte(fixture, offset + i));
	assert_int_equal(buffer[size], 0); /* and not a byte more */
}

/* Translation -----------------------------------------------------------------------------------*/

static void test_translate(void **state)
{
	struct fixture *fixture = *state;
	uint64_t physical, contiguous;

	assert_true(wv_space_translate(&fixture->space, PAGES + 0x10, &physical, &contiguous));
	assert_int_equal(physical, FIRST + 0x10);
	assert_int_equal(contiguous, MOCK_PAGE - 0x10);
	mock_map(&fixture->mock, &fixture->space.paging, 0x40000000, 0, MOCK_PAGE_2M);
	assert_true(wv_space_translate(&fixture->space, 0x40123456, &physical, &contiguous));
	assert_int_equal(physical, 0x123456);
	assert_int_equal(contiguous, MOCK_PAGE_2M - 0x123456);
	assert_false(wv_space_translate(&fixture->space, PAGES_END, &physical, &contiguous));
}

static struct wv_linear linear(uint64_t start, uint64_t size, uint64_t physical)
{
	return (struct wv_linear){ .start = start, .size = size, .physical = physical };
}

static void test_linear_ranges(void **state)
{
	struct fixture *fixture = *state;
	struct wv_space *space = &fixture->space;
	uint64_t physical, contiguous;

	fixture->linear[0] = linear(0xffffffff81000000, 0x3000, 0x4000);
	fixture->linear[1] = linear(0xffff888000000000, RAM_SIZE, 0);
	space->linear = fixture->linear;

	assert_true(wv_space_translate(space, 0xffffffff81000000, &physical, &contiguous));
	assert_int_equal(physical, 0x4000);
	assert_int_equal(contiguous, 0x3000);
	assert_true(wv_space_translate(space, 0xffffffff81002fff, &physical, &contiguous));
	assert_int_equal(physical, 0x6fff);
	assert_int_equal(contiguous, 1);
	assert_false(wv_space_translate(space, 0xffffffff81003000, &physical, &contiguous));
	assert_false(wv_space_translate(space, 0xffffffff80ffffff, &physical, &contiguous));
	assert_true(wv_space_translate(space, 0xffff888000000000 + RAM_SIZE - 1, &physical,
				       &contiguous));
	assert_int_equal(physical, RAM_SIZE - 1);
	assert_int_equal(contiguous, 1);

	/* they need no page table; all else does */
	space->paging = (struct wv_paging){ .mode = WV_PAGING_NONE };
	assert_reads(fixture, 0xffff888000000000 + FIRST, 0, MOCK_PAGE);
	assert_false(wv_space_translate(space, PAGES, &physical, &contiguous));
}

static void test_unused_linear_ranges_match_nothing(void **state)
{
	struct fixture *fixture = *state;
	uint64_t physical, contiguous;

	fixture->space.linear = fixture->linear; /* all sizes are 0 */
	assert_false(wv_space_translate(&fixture->space, 0, &physical, &contiguous));
	assert_true(wv_space_translate(&fixture->space, PAGES, &physical, &contiguous));
	assert_int_equal(physical, FIRST);
}

static void test_linear_range_wins_over_tables(void **state)
{
	struct fixture *fixture = *state;
	uint8_t byte;

	fixture->linear[1] = linear(PAGES, MOCK_PAGE, SECOND);
	fixture->space.linear = fixture->linear;
	assert_true(wv_space_read_u8(&fixture->space, PAGES, &byte));
	assert_int_equal(byte, *page_byte(fixture, MOCK_PAGE));
}

static void test_linear_range_beyond_ram(void **state)
{
	struct fixture *fixture = *state;
	uint64_t value;

	/* what the guest says of its memory is not believed: the driver has the last word */
	fixture->linear[0] = linear(KERNEL, UINT64_C(1) << 46, RAM_SIZE - 4);
	fixture->space.linear = fixture->linear;
	assert_false(wv_space_read_u64(&fixture->space, KERNEL, &value));
	assert_false(wv_space_read_u64(&fixture->space, KERNEL + 0x1000, &value));
	assert_false(wv_space_read_u64(&fixture->space, KERNEL + (UINT64_C(1) << 45), &value));
}

/** The host's view of a range: as much of it as is there in one piece, and no byte more. */
static void test_linear_range_that_is_mapped(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->mock.machine;
	struct wv_linear *range = &fixture->linear[0];
	const struct wv_space *space = &fixture->space;
	uint64_t value;

	fixture->space.linear = fixture->linear;
	*range = linear(KERNEL, UINT64_C(1) << 46, FIRST);
	wv_linear_map(range, machine);
	if (!machine->n_ram) {
		assert_null(range->host);
		assert_null(wv_space_host(space, KERNEL, 1));
		return;
	}
	assert_ptr_equal(range->host, mock_at(&fixture->mock, FIRST));
	assert_int_equal(range->mapped, RAM_SIZE - FIRST);
	assert_ptr_equal(wv_space_host(space, KERNEL + 5, 8), range->host + 5);
	assert_non_null(wv_space_host(space, KERNEL + range->mapped - 8, 8));
	assert_null(wv_space_host(space, KERNEL + range->mapped - 7, 8));
	assert_null(wv_space_host(space, KERNEL + range->mapped, 0));
	assert_null(wv_space_host(space, KERNEL, SIZE_MAX));
	assert_null(wv_space_host(space, KERNEL - 1, 1));
	assert_true(wv_space_read_u64(space, KERNEL + range->mapped - 8, &value));
	assert_false(wv_space_read_u64(space, KERNEL + range->mapped - 7, &value));

	*range = linear(KERNEL, 16, FIRST); /* smaller than what is there */
	wv_linear_map(range, machine);
	assert_int_equal(range->mapped, 16);
	*range = linear(KERNEL, 16, RAM_SIZE); /* of what there is not */
	wv_linear_map(range, machine);
	assert_null(wv_space_host(space, KERNEL, 1));
	*range = linear(KERNEL, 0, FIRST); /* unused */
	wv_linear_map(range, machine);
	assert_null(wv_space_host(space, KERNEL, 0));
}

/* Reads -----------------------------------------------------------------------------------------*/

static void test_typed_reads(void **state)
{
	struct fixture *fixture = *state;
	static const uint8_t bytes[] = { 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11 };
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	for (unsigned at = 0; at < 8; at++) { /* at each place across the border */
		for (unsigned i = 0; i < 8; i++)
			*page_byte(fixture, MOCK_PAGE - at + i) = bytes[i];
		assert_true(wv_space_read_u8(&fixture->space, PAGES + MOCK_PAGE - at, &u8));
		assert_true(wv_space_read_u16(&fixture->space, PAGES + MOCK_PAGE - at, &u16));
		assert_true(wv_space_read_u32(&fixture->space, PAGES + MOCK_PAGE - at, &u32));
		assert_true(wv_space_read_u64(&fixture->space, PAGES + MOCK_PAGE - at, &u64));
		assert_int_equal(u8, 0x88);
		assert_int_equal(u16, 0x7788);
		assert_int_equal(u32, 0x55667788);
		assert_int_equal(u64, 0x1122334455667788);
	}
}

static void test_reads_across_pages(void **state)
{
	struct fixture *fixture = *state;

	assert_reads(fixture, PAGES, 0, 2 * MOCK_PAGE);
	assert_reads(fixture, PAGES, 1, 2 * MOCK_PAGE - 1);
	assert_reads(fixture, PAGES, MOCK_PAGE - 1, 1);
	assert_reads(fixture, PAGES, MOCK_PAGE - 1, 2);
	assert_reads(fixture, PAGES, MOCK_PAGE, MOCK_PAGE);
	assert_reads(fixture, PAGES, 0, 0);
}

static void test_reads_into_holes(void **state)
{
	struct fixture *fixture = *state;
	uint8_t buffer[2 * MOCK_PAGE + 1];

	assert_false(wv_space_read(&fixture->space, PAGES, buffer, 2 * MOCK_PAGE + 1));
	assert_false(wv_space_read(&fixture->space, PAGES_END - 1, buffer, 2));
	assert_true(wv_space_read(&fixture->space, PAGES_END - 1, buffer, 1));
	assert_false(wv_space_read(&fixture->space, PAGES - 1, buffer, 2));
	assert_false(wv_space_read(&fixture->space, PAGES_END, buffer, 1));
	assert_true(wv_space_read(&fixture->space, PAGES_END, buffer, 0));
	assert_false(wv_space_read(&fixture->space, UINT64_MAX - 3, buffer, 8));

	/* mapped to what is no RAM */
	mock_map(&fixture->mock, &fixture->space.paging, PAGES_END, RAM_SIZE, MOCK_PAGE);
	assert_false(wv_space_read(&fixture->space, PAGES_END, buffer, 1));
	mock_map(&fixture->mock, &fixture->space.paging, PAGES_END, WV_PAGING_ADDRESS, MOCK_PAGE);
	assert_false(wv_space_read(&fixture->space, PAGES_END, buffer, 1));
}

static void test_ram_in_several_ranges(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->mock.machine;
	const uint64_t high = UINT64_C(1) << 32;
	uint64_t value;

	/* as a PC has it: a part below 4 GiB, the rest above */
	machine->ram[0].size = RAM_SIZE; /* tables are in here */
	machine->ram[1] = (struct wv_ram){ high, MOCK_PAGE, mock_at(&fixture->mock, SECOND) };
	machine->n_ram = 2;
	mock_map(&fixture->mock, &fixture->space.paging, PAGES_END, high, MOCK_PAGE);
	assert_true(wv_space_read_u64(&fixture->space, PAGES_END + 8, &value));
	assert_memory_equal(&value, page_byte(fixture, MOCK_PAGE + 8), 8);
	assert_null(wv_machine_ram(machine, high - 1, 1));
	assert_null(wv_machine_ram(machine, high + MOCK_PAGE - 1, 2));
	assert_non_null(wv_machine_ram(machine, high + MOCK_PAGE - 1, 1));
	assert_null(wv_machine_ram(machine, RAM_SIZE, 1));
	assert_null(wv_machine_ram(machine, 8, SIZE_MAX));
	assert_null(wv_machine_ram(machine, UINT64_MAX, 2));
}

/* Writes ----------------------------------------------------------------------------------------*/

/** Both pages, as they are. */
static void copy_pages(struct fixture *fixture, uint8_t pages[2 * MOCK_PAGE])
{
	for (uint64_t i = 0; i < 2 * MOCK_PAGE; i++)
		pages[i] = *page_byte(fixture, i);
}

/** Of @size bytes so many are written, and not a byte more. */
static void assert_writes(struct fixture *fixture, uint64_t offset, size_t size, size_t expected)
{
	static uint8_t data[3 * MOCK_PAGE], before[2 * MOCK_PAGE], after[2 * MOCK_PAGE];
	static uint8_t seed;

	seed += 3;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 5 + seed);
	copy_pages(fixture, before);
	assert_int_equal(wv_space_write(&fixture->space, PAGES + offset, data, size), expected);
	copy_pages(fixture, after);
	assert_memory_equal(after + offset, data, expected);
	memcpy(after + offset, before + offset, expected);
	assert_memory_equal(after, before, sizeof(before));
}

static void test_writes(void **state)
{
	struct fixture *fixture = *state;

	assert_writes(fixture, 0, 1, 1);
	assert_writes(fixture, 100, 8, 8);
	assert_writes(fixture, 0, MOCK_PAGE, MOCK_PAGE);
	assert_writes(fixture, MOCK_PAGE - 1, 1, 1);
	assert_writes(fixture, 17, 0, 0);
	/* across pages that are apart in RAM */
	assert_writes(fixture, MOCK_PAGE - 1, 2, 2);
	assert_writes(fixture, MOCK_PAGE - 3, 8, 8);
	assert_writes(fixture, 0, 2 * MOCK_PAGE, 2 * MOCK_PAGE);
	assert_writes(fixture, 1, 2 * MOCK_PAGE - 1, 2 * MOCK_PAGE - 1);
}

static void test_writes_into_holes(void **state)
{
	struct fixture *fixture = *state;
	static uint8_t before[2 * MOCK_PAGE], after[2 * MOCK_PAGE];
	const struct wv_space *space = &fixture->space;

	/* up to the first byte that is not there */
	assert_writes(fixture, MOCK_PAGE, MOCK_PAGE + 1, MOCK_PAGE);
	assert_writes(fixture, 1, 3 * MOCK_PAGE - 1, 2 * MOCK_PAGE - 1);
	assert_writes(fixture, 2 * MOCK_PAGE - 1, 2, 1);
	copy_pages(fixture, before);
	assert_int_equal(wv_space_write(space, PAGES_END, before, 8), 0);
	assert_int_equal(wv_space_write(space, PAGES - 1, before, 8), 0);
	assert_int_equal(wv_space_write(space, 0, before, 8), 0);
	assert_int_equal(wv_space_write(space, UINT64_C(0x7fffffffffff), before, 8), 0);
	assert_int_equal(wv_space_write(space, UINT64_C(0x800000000000), before, 8), 0);
	assert_int_equal(wv_space_write(space, UINT64_MAX - 3, before, 8), 0);
	/* mapped to what is no RAM */
	mock_map(&fixture->mock, &space->paging, PAGES_END, RAM_SIZE, MOCK_PAGE);
	assert_int_equal(wv_space_write(space, PAGES_END, before, 8), 0);
	mock_map(&fixture->mock, &space->paging, PAGES_END, WV_PAGING_ADDRESS, MOCK_PAGE);
	assert_int_equal(wv_space_write(space, PAGES_END, before, 8), 0);
	copy_pages(fixture, after);
	assert_memory_equal(after, before, sizeof(before));
}

static void test_writes_from_the_last_address_to_the_first(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_paging *paging = &fixture->space.paging;
	const uint64_t last = UINT64_MAX - MOCK_PAGE + 1;

	mock_map(&fixture->mock, paging, last, FIRST, MOCK_PAGE);
	assert_int_equal(wv_space_write(&fixture->space, UINT64_MAX - 3, "12345678", 8), 4);
	assert_memory_equal(page_byte(fixture, MOCK_PAGE - 4), "1234", 4);
}

static void test_writes_of_pages_that_are_not_writable(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_paging *paging = &fixture->space.paging;

	*mock_entry(&fixture->mock, paging, PAGES + MOCK_PAGE, 1) &= ~MOCK_WRITABLE;
	assert_writes(fixture, 0, 2 * MOCK_PAGE, MOCK_PAGE);
	assert_writes(fixture, MOCK_PAGE - 1, 10, 1);
	assert_writes(fixture, MOCK_PAGE, 10, 0);
	/* the other one; and what comes after it is not tried */
	*mock_entry(&fixture->mock, paging, PAGES + MOCK_PAGE, 1) |= MOCK_WRITABLE;
	*mock_entry(&fixture->mock, paging, PAGES, 1) &= ~MOCK_WRITABLE;
	assert_writes(fixture, MOCK_PAGE - 1, 10, 0);
	assert_writes(fixture, MOCK_PAGE, 10, 10);
	/* by an upper table */
	*mock_entry(&fixture->mock, paging, PAGES, 1) |= MOCK_WRITABLE;
	*mock_entry(&fixture->mock, paging, PAGES, 2) &= ~MOCK_WRITABLE;
	assert_writes(fixture, 0, 10, 0);
	assert_writes(fixture, MOCK_PAGE, 10, 0);
}

static void test_writes_in_a_large_page(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_paging *paging = &fixture->space.paging;

	/* of 2 MiB, of which the first half is RAM */
	mock_map(&fixture->mock, paging, 0x40000000, 0, MOCK_PAGE_2M);
	assert_int_equal(wv_space_write(&fixture->space, 0x40000000 + FIRST + 5, "text", 4), 4);
	assert_memory_equal(page_byte(fixture, 5), "text", 4);
	assert_int_equal(wv_space_write(&fixture->space, 0x40000000 + RAM_SIZE - 2, "text", 4), 2);
	*mock_entry(&fixture->mock, paging, 0x40000000, 2) &= ~MOCK_WRITABLE;
	assert_int_equal(wv_space_write(&fixture->space, 0x40000000 + FIRST, "none", 4), 0);
	assert_memory_equal(page_byte(fixture, 5), "text", 4);
}

/** Linear ranges are the kernel's, and never written: the tables say what may be. */
static void test_writes_look_at_the_tables_only(void **state)
{
	struct fixture *fixture = *state;

	fixture->linear[0] = linear(UINT64_C(0xffff888000000000), RAM_SIZE, 0);
	fixture->space.linear = fixture->linear;
	wv_linear_map(&fixture->linear[0], &fixture->mock.machine);
	assert_int_equal(
		wv_space_write(&fixture->space, UINT64_C(0xffff888000000000) + FIRST, "no", 2), 0);
	assert_writes(fixture, MOCK_PAGE - 1, 2, 2);
	/* and no table, no write */
	fixture->space.paging.mode = WV_PAGING_NONE;
	assert_writes(fixture, 0, 2, 0);
}

static void test_writes_without_mapped_ram(void **state)
{
	struct fixture *fixture = *state;

	assert_writes(fixture, 0, 1, 0);
	assert_writes(fixture, MOCK_PAGE - 1, 2, 0);
	assert_writes(fixture, 0, 0, 0);
}

/* Strings ---------------------------------------------------------------------------------------*/

static enum wv_string_end read_string(struct fixture *fixture, uint64_t offset, char *buffer,
				      size_t size, size_t *length)
{
	enum wv_string_end end;

	*length = SIZE_MAX;
	memset(buffer, '?', size + 1);
	end = wv_space_read_string(&fixture->space, PAGES + offset, buffer, size, length);
	assert_true(*length <= size);
	assert_int_equal(buffer[size], '?'); /* nothing behind the buffer */
	for (size_t i = 0; i < *length; i++)
		assert_int_equal((uint8_t)buffer[i], *page_byte(fixture, offset + i));
	return end;
}

static void test_whole_strings(void **state)
{
	struct fixture *fixture = *state;
	char buffer[3 * MOCK_PAGE];
	size_t length;
	/* where the NUL is: early, at a page's last and first byte, in the next page, at the end */
	static const uint64_t ends[] = {
		10, 17, MOCK_PAGE - 1, MOCK_PAGE, MOCK_PAGE + 1, MOCK_PAGE + 100, 2 * MOCK_PAGE - 1
	};

	for (unsigned i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		uint8_t before = *page_byte(fixture, ends[i]);

		*page_byte(fixture, ends[i]) = 0;
		assert_int_equal(read_string(fixture, 10, buffer, sizeof(buffer) - 1, &length),
				 WV_STRING_WHOLE);
		assert_int_equal(length, ends[i] - 10);
		*page_byte(fixture, ends[i]) = before;
	}
}

static void test_string_that_fits_exactly(void **state)
{
	struct fixture *fixture = *state;
	char buffer[3 * MOCK_PAGE];
	size_t length;
	static const uint64_t ends[] = { 50, MOCK_PAGE - 1, MOCK_PAGE, 2 * MOCK_PAGE - 1 };

	for (unsigned i = 0; i < 4; i++) {
		size_t exact = ends[i];

		*page_byte(fixture, ends[i]) = 0;
		assert_int_equal(read_string(fixture, 0, buffer, exact, &length), WV_STRING_WHOLE);
		assert_int_equal(length, exact);
		assert_int_equal(read_string(fixture, 0, buffer, exact + 1, &length),
				 WV_STRING_WHOLE);
		assert_int_equal(length, exact);
		assert_int_equal(read_string(fixture, 0, buffer, exact - 1, &length),
				 WV_STRING_TRUNCATED);
		assert_int_equal(length, exact - 1);
		*page_byte(fixture, ends[i]) = 'x';
	}
}

static void test_truncated_strings(void **state)
{
	struct fixture *fixture = *state;
	char buffer[3 * MOCK_PAGE];
	size_t length;

	assert_int_equal(read_string(fixture, 0, buffer, 16, &length), WV_STRING_TRUNCATED);
	assert_int_equal(length, 16);
	assert_int_equal(read_string(fixture, 0, buffer, MOCK_PAGE, &length), WV_STRING_TRUNCATED);
	assert_int_equal(length, MOCK_PAGE);
	assert_int_equal(read_string(fixture, 0, buffer, MOCK_PAGE + 1, &length),
			 WV_STRING_TRUNCATED);
	assert_int_equal(length, MOCK_PAGE + 1);
	assert_int_equal(read_string(fixture, 3, buffer, 0, &length), WV_STRING_TRUNCATED);
	assert_int_equal(length, 0);
	/* it ends where memory does: that there is more can not be ruled out */
	assert_int_equal(read_string(fixture, 0, buffer, 2 * MOCK_PAGE, &length),
			 WV_STRING_TRUNCATED);
	assert_int_equal(length, 2 * MOCK_PAGE);
}

static void test_unreadable_strings(void **state)
{
	struct fixture *fixture = *state;
	char buffer[3 * MOCK_PAGE];
	size_t length;

	/* from its first byte on */
	assert_int_equal(read_string(fixture, 2 * MOCK_PAGE, buffer, 100, &length),
			 WV_STRING_UNREADABLE);
	assert_int_equal(length, 0);
	/* what came before is kept */
	assert_int_equal(read_string(fixture, 2 * MOCK_PAGE - 5, buffer, 100, &length),
			 WV_STRING_UNREADABLE);
	assert_int_equal(length, 5);
	assert_int_equal(read_string(fixture, 7, buffer, sizeof(buffer) - 1, &length),
			 WV_STRING_UNREADABLE);
	assert_int_equal(length, 2 * MOCK_PAGE - 7);
	/* the first of two pages is not there */
	assert_int_equal(read_string(fixture, (uint64_t)-3, buffer, 100, &length),
			 WV_STRING_UNREADABLE);
	assert_int_equal(length, 0);
}

static void test_string_ends_before_a_hole(void **state)
{
	struct fixture *fixture = *state;
	char buffer[200];
	size_t length;

	/* its buffer would reach into the hole; its bytes do not */
	*page_byte(fixture, 2 * MOCK_PAGE - 1) = 0;
	assert_int_equal(read_string(fixture, 2 * MOCK_PAGE - 20, buffer, 199, &length),
			 WV_STRING_WHOLE);
	assert_int_equal(length, 19);
}

/* Without mapped RAM ----------------------------------------------------------------------------*/

static void test_fallback_in_the_current_space(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine_ops ops = *fixture->mock.machine.ops;
	uint64_t value;

	/* the driver translates: no table is walked, however often it is called */
	assert_reads(fixture, PAGES, MOCK_PAGE - 100, 200);
	assert_int_equal(fixture->mock.virtual_reads, 2);
	assert_int_equal(fixture->mock.physical_reads, 0);
	assert_false(wv_space_read_u64(&fixture->space, PAGES_END, &value));

	/* it is the space's vCPU that is asked: the other one has nothing mapped */
	ops.read_physical = NULL;
	fixture->mock.machine.ops = &ops;
	fixture->space.vcpu = 0;
	assert_false(wv_space_read_u64(&fixture->space, PAGES, &value));
}

static void test_fallback_to_other_tables(void **state)
{
	struct fixture *fixture = *state;
	struct wv_paging user = mock_paging(&fixture->mock, WV_PAGING_4_LEVEL);

	/* in user mode, with page-table isolation: the vCPU's tables do not have the kernel, but
	 * the space knows those that do */
	mock_use(&fixture->mock, 1, &user);
	assert_reads(fixture, KERNEL, MOCK_PAGE - 100, 200);
	assert_true(fixture->mock.virtual_reads > 0);
	assert_true(fixture->mock.physical_reads > 0);
}

static void test_fallback_in_another_space(void **state)
{
	struct fixture *fixture = *state;
	struct mock_machine *mock = &fixture->mock;
	struct wv_paging other = mock_paging(mock, WV_PAGING_4_LEVEL);
	uint8_t byte;

	/* other tables map the same address to something else: the driver's translation is wrong */
	mock_map(mock, &other, PAGES, SECOND, MOCK_PAGE);
	fixture->space.paging = other;
	fixture->space.current = false;
	assert_true(wv_space_read_u8(&fixture->space, PAGES, &byte));
	assert_int_equal(byte, *page_byte(fixture, MOCK_PAGE));
	assert_int_equal(mock->virtual_reads, 0);
	assert_true(mock->physical_reads > 0);
	/* mapped in the current one only */
	assert_false(wv_space_read_u8(&fixture->space, PAGES + MOCK_PAGE, &byte));

	/* the kernel's half is the same in all of them */
	assert_reads(fixture, KERNEL, MOCK_PAGE - 8, 16);
	assert_true(mock->virtual_reads > 0);
}

static void test_fallback_without_physical_reads(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine_ops ops = *fixture->mock.machine.ops;
	uint8_t byte;

	ops.read_physical = NULL;
	fixture->mock.machine.ops = &ops;
	assert_reads(fixture, PAGES, 0, 2 * MOCK_PAGE);
	fixture->space.current = false;
	assert_reads(fixture, KERNEL, 0, 2 * MOCK_PAGE);
	/* another space's user half: not the current space's bytes, but none */
	assert_false(wv_space_read_u8(&fixture->space, PAGES, &byte));
}

static void test_fallback_without_virtual_reads(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine_ops ops = *fixture->mock.machine.ops;

	ops.read_virtual = NULL;
	fixture->mock.machine.ops = &ops;
	assert_reads(fixture, PAGES, 0, 2 * MOCK_PAGE);
	assert_reads(fixture, KERNEL, 5, MOCK_PAGE);
}

static void test_without_any_reads(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine_ops ops = *fixture->mock.machine.ops;
	size_t length;
	char byte;

	ops.read_physical = NULL;
	ops.read_virtual = NULL;
	fixture->mock.machine.ops = &ops;
	assert_false(wv_space_read(&fixture->space, PAGES, &byte, 1));
	assert_int_equal(wv_space_read_string(&fixture->space, PAGES, &byte, 1, &length),
			 WV_STRING_UNREADABLE);
}

static void test_each_read_can_fail(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine_ops ops = *fixture->mock.machine.ops;
	char buffer[3 * MOCK_PAGE];
	size_t length;

	ops.read_physical = NULL;
	fixture->mock.machine.ops = &ops;
	for (unsigned read = 1; read <= 2; read++) {
		fixture->mock.fail_read = read;
		assert_false(wv_space_read(&fixture->space, PAGES + 1, buffer, MOCK_PAGE));
		assert_int_equal(fixture->mock.fail_read, 0);
		fixture->mock.fail_read = read;
		assert_int_equal(read_string(fixture, 1, buffer, MOCK_PAGE, &length),
				 WV_STRING_UNREADABLE);
		assert_int_equal(length, read == 1 ? 0 : MOCK_PAGE - 1);
	}
	/* the look behind a full buffer: then nobody knows, and more is assumed */
	*page_byte(fixture, MOCK_PAGE) = 0;
	fixture->mock.fail_read = 2;
	assert_int_equal(read_string(fixture, 1, buffer, MOCK_PAGE - 1, &length),
			 WV_STRING_TRUNCATED);
	assert_int_equal(read_string(fixture, 1, buffer, MOCK_PAGE - 1, &length), WV_STRING_WHOLE);
}

#define WITH(name)     cmocka_unit_test_setup_teardown(name, setup, teardown)
#define UNMAPPED(name) cmocka_unit_test_setup_teardown(name, setup_unmapped, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_translate),
		WITH(test_linear_ranges),
		WITH(test_unused_linear_ranges_match_nothing),
		WITH(test_linear_range_wins_over_tables),
		WITH(test_linear_range_beyond_ram),
		WITH(test_linear_range_that_is_mapped),
		UNMAPPED(test_linear_range_that_is_mapped),
		WITH(test_typed_reads),
		WITH(test_reads_across_pages),
		WITH(test_reads_into_holes),
		WITH(test_ram_in_several_ranges),
		WITH(test_writes),
		WITH(test_writes_into_holes),
		WITH(test_writes_from_the_last_address_to_the_first),
		WITH(test_writes_of_pages_that_are_not_writable),
		WITH(test_writes_in_a_large_page),
		WITH(test_writes_look_at_the_tables_only),
		UNMAPPED(test_writes_without_mapped_ram),
		WITH(test_whole_strings),
		WITH(test_string_that_fits_exactly),
		WITH(test_truncated_strings),
		WITH(test_unreadable_strings),
		WITH(test_string_ends_before_a_hole),
		UNMAPPED(test_fallback_in_the_current_space),
		UNMAPPED(test_fallback_to_other_tables),
		UNMAPPED(test_fallback_in_another_space),
		UNMAPPED(test_fallback_without_physical_reads),
		UNMAPPED(test_fallback_without_virtual_reads),
		UNMAPPED(test_without_any_reads),
		UNMAPPED(test_each_read_can_fail),
	};

	return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}
