/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scan for direct calls: found wherever they are, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>

#include "mock_machine.h"
#include "monitor/callers.h"

#define RAM_SIZE (2u << 20)
#define TEXT	 UINT64_C(0xffffffff81000000)
/** Code is read in pieces of 64 KiB less four bytes: several of them. */
#define TEXT_SIZE 400000u
#define PIECE	  65536u

struct fixture {
	struct mock_machine mock;
	struct wv_space space;
	uint8_t *code;
	GArray *found; /* of uint64_t: return sites as offsets in the text, as they came */
};

static int setup(void **state)
{
	static struct fixture fixture;

	mock_init(&fixture.mock, 1, RAM_SIZE, true);
	fixture.space = (struct wv_space){
		.machine = &fixture.mock.machine,
		.paging = { .mode = WV_PAGING_4_LEVEL,
			    .root = fixture.mock.registers[0][WV_REG_CR3] },
	};
	mock_map_range(&fixture.mock, &fixture.space.paging, TEXT, 0x1000, TEXT_SIZE);
	fixture.code = mock_at(&fixture.mock, 0x1000);
	memset(fixture.code, 0x90, TEXT_SIZE);
	fixture.found = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	g_array_unref(fixture->found);
	mock_deinit(&fixture->mock);
	return 0;
}

/** Writes a call at an offset of the text to any address. */
static void put_call(struct fixture *fixture, uint64_t at, uint64_t function)
{
	int32_t distance = (int32_t)(function - (TEXT + at + 5));

	fixture->code[at] = 0xe8;
	memcpy(fixture->code + at + 1, &distance, sizeof(distance));
}

static void note(void *owner, uint64_t address)
{
	struct fixture *fixture = owner;
	uint64_t offset = address - TEXT;

	g_array_append_val(fixture->found, offset);
}

/** The return sites of calls to @functions, in the text from @start to @end. */
static const GArray *find(struct fixture *fixture, uint64_t start, uint64_t end,
			  const uint64_t *functions, unsigned count)
{
	g_array_set_size(fixture->found, 0);
	wv_callers_find(&fixture->space, TEXT + start, TEXT + end, functions, count, note, fixture);
	return fixture->found;
}

/** The calls to one function are those at these offsets, each told once. */
static void assert_calls(struct fixture *fixture, uint64_t function, const uint64_t *calls,
			 unsigned count)
{
	const GArray *found = find(fixture, 0, TEXT_SIZE, &function, 1);

	assert_int_equal(found->len, count);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(g_array_index(found, uint64_t, i), calls[i] + 5);
}

static void test_no_calls(void **state)
{
	struct fixture *fixture = *state;

	assert_calls(fixture, TEXT + 0x100, NULL, 0);
}

static void test_distances(void **state)
{
	struct fixture *fixture = *state;
	/* backward, forward, to itself, and as far as 31 bits reach */
	static const uint64_t functions[] = {
		TEXT,	     TEXT + TEXT_SIZE - 16,   TEXT + 1000,
		TEXT + 1005, TEXT + 1005 + INT32_MAX, TEXT + 1005 + (uint64_t)(int64_t)INT32_MIN
	};
	static const uint64_t call = 1000;

	for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++) {
		put_call(fixture, call, functions[i]);
		assert_calls(fixture, functions[i], &call, 1);
		assert_calls(fixture, functions[i] + 1, NULL, 0);
		assert_calls(fixture, functions[i] - 1, NULL, 0);
	}
}

static void test_calls_at_all_borders(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t function = TEXT + 0x8000;
	const uint64_t borders[] = { PIECE, PIECE - 4, 2 * (PIECE - 4), 2 * PIECE, MOCK_PAGE };

	/* each place around the end of a piece: found, and not twice in what overlaps */
	for (unsigned i = 0; i < G_N_ELEMENTS(borders); i++) {
		for (uint64_t call = borders[i] - 12; call < borders[i] + 12; call++) {
			put_call(fixture, call, function);
			assert_calls(fixture, function, &call, 1);
			memset(fixture->code + call, 0x90, 5);
		}
	}
}

static void test_first_and_last_place(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t function = TEXT + 0x8000;
	const uint64_t calls[] = { 0, TEXT_SIZE - 5 };

	put_call(fixture, calls[0], function);
	put_call(fixture, calls[1], function);
	assert_calls(fixture, function, calls, 2);
	/* a call that does not end inside is not one */
	for (uint64_t less = 1; less <= 5; less++)
		assert_int_equal(find(fixture, 0, TEXT_SIZE - less, &function, 1)->len, 1);
	assert_int_equal(find(fixture, 1, TEXT_SIZE, &function, 1)->len, 1);
	assert_int_equal(find(fixture, 1, TEXT_SIZE - 1, &function, 1)->len, 0);
}

static void test_opcode_at_the_very_end(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t function = TEXT + 0x8000;

	/* nothing is read behind the end; the sanitizer would see it in the mock's own memory */
	for (uint64_t left = 1; left < 5; left++) {
		fixture->code[TEXT_SIZE - left] = 0xe8;
		fixture->code[PIECE - left] = 0xe8;
	}
	assert_calls(fixture, function, NULL, 0);
}

static void test_small_ranges(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t function = TEXT + 0x8000;

	put_call(fixture, 0, function);
	for (uint64_t size = 0; size < 5; size++)
		assert_int_equal(find(fixture, 0, size, &function, 1)->len, 0);
	assert_int_equal(find(fixture, 0, 5, &function, 1)->len, 1);
	assert_int_equal(find(fixture, 0, 6, &function, 1)->len, 1);
}

static void test_absurd_ranges(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t function = TEXT + 0x8000;

	put_call(fixture, 0, function);
	assert_int_equal(find(fixture, 100, 0, &function, 1)->len, 0); /* ends before its start */
	assert_int_equal(find(fixture, 0, UINT64_C(1) << 40, &function, 1)->len, 0);
	assert_int_equal(find(fixture, 0, TEXT_SIZE, &function, 0)->len, 0);
	assert_int_equal(find(fixture, 0, (uint64_t)-1 - TEXT, &function, 1)->len, 0);
}

static void test_overlapping_look_alikes(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t calls[] = { 100, 101 };
	int32_t distance;
	uint64_t function;

	/* E8 E8 ...: both are read as calls, since nobody knows where instructions start */
	memset(fixture->code + 100, 0xe8, 6);
	memcpy(&distance, fixture->code + 101, 4);
	function = TEXT + 105 + (uint64_t)(int64_t)distance;
	assert_calls(fixture, function, &calls[0], 1);
	assert_calls(fixture, function + 1, &calls[1], 1);
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static void test_many_functions(void **state)
{
	struct fixture *fixture = *state;
	uint64_t functions[1000];
	uint64_t call = 8;

	for (unsigned i = 0; i < 1000; i++)
		functions[i] = TEXT + (uint64_t)i * 7919 % 1000 * 64;
	/* calls to each of them and to the places between them, over several pieces */
	for (unsigned i = 0; i < 1000; i++, call += 160) {
		put_call(fixture, call, functions[i]);
		put_call(fixture, call + 80, functions[i] + 16);
	}
	qsort(functions, 1000, sizeof(*functions), compare);

	static const unsigned counts[] = { 1, 2, 3, 999, 1000 };

	for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++) {
		const GArray *found = find(fixture, 0, TEXT_SIZE, functions, counts[i]);

		assert_int_equal(found->len, counts[i]);
		for (unsigned j = 0; j < found->len; j++) {
			uint64_t site = g_array_index(found, uint64_t, j);
			int32_t distance;
			uint64_t function;

			memcpy(&distance, fixture->code + site - 4, sizeof(distance));
			function = TEXT + site + (uint64_t)(int64_t)distance;
			assert_non_null(bsearch(&function, functions, counts[i], sizeof(function),
						compare));
		}
	}
}

static void test_through_a_register(void **state)
{
	struct fixture *fixture = *state;
	static const uint8_t code[] = {
		0xff, 0xd0,	  /* call *%rax */
		0x41, 0xff, 0xd2, /* call *%r10 */
		0xff, 0x10,	  /* call *(%rax): not so */
		0xff, 0xe0,	  /* jmp *%rax */
		0xff, 0xd7,	  /* call *%rdi */
		0xff,		  /* the last byte, and what is behind it is not looked at */
	};
	static const uint64_t expected[] = { 0x102, 0x105, 0x10b };

	memcpy(fixture->code + 0x100, code, sizeof(code));
	fixture->code[0x100 + sizeof(code)] = 0xd0;
	wv_callers_find_pointer(&fixture->space, TEXT + 0x100, sizeof(code), note, fixture);
	assert_int_equal(fixture->found->len, G_N_ELEMENTS(expected));
	assert_memory_equal(fixture->found->data, expected, sizeof(expected));
	/* too long, and not there: nothing */
	wv_callers_find_pointer(&fixture->space, TEXT, WV_CALLERS_POINTER_MAX + 1, note, fixture);
	wv_callers_find_pointer(&fixture->space, TEXT - 0x10, 0x20, note, fixture);
	assert_int_equal(fixture->found->len, G_N_ELEMENTS(expected));
}

static void test_code_that_is_not_there(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t function = TEXT + 0x8000;
	const uint64_t calls[] = { 10, TEXT_SIZE - 10 };

	put_call(fixture, calls[0], function);
	put_call(fixture, calls[1], function);
	/* a page in the middle is missing: what is around is still found */
	*mock_entry(&fixture->mock, &fixture->space.paging, TEXT + 200000, 1) = 0;
	assert_calls(fixture, function, calls, 2);
	/* nothing is there at all */
	*mock_entry(&fixture->mock, &fixture->space.paging, TEXT, 4) = 0;
	assert_calls(fixture, function, NULL, 0);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_no_calls),
		WITH(test_distances),
		WITH(test_calls_at_all_borders),
		WITH(test_first_and_last_place),
		WITH(test_opcode_at_the_very_end),
		WITH(test_small_ranges),
		WITH(test_absurd_ranges),
		WITH(test_overlapping_look_alikes),
		WITH(test_many_functions),
		WITH(test_through_a_register),
		WITH(test_code_that_is_not_there),
	};

	return cmocka_run_group_tests_name("callers", tests, NULL, NULL);
}
