/* SPDX-License-Identifier: GPL-2.0-or-later */
/* poolmon's names of kinds of pool and of flags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>
#include <string.h>

#include "output/schema.h"
#include "plugins/poolmon/types.h"

struct expected {
	uint64_t value;
	const char *text;
};

static void check(void (*format)(uint64_t, char *, size_t), const struct expected *rows,
		  size_t count)
{
	char text[WV_FORMAT_MAX];

	for (size_t i = 0; i < count; i++) {
		format(rows[i].value, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

/** The names that output of this kind has always had; and no value beyond them is one of these. */
static void test_documented(void **state)
{
	static const struct expected rows[] = {
		{ 0, "NonPagedPool" },
		{ 1, "PagedPool" },
		{ 2, "NonPagedPoolMustSucceed" },
		{ 3, "DontUseThisType" },
		{ 4, "NonPagedPoolCacheAligned" },
		{ 5, "PagedPoolCacheAligned" },
		{ 6, "NonPagedPoolCacheAlignedMustS" },
		{ 7, "unknown_pool_type" },
	};
	char text[WV_FORMAT_MAX];

	(void)state;
	check(poolmon_format_type, rows, G_N_ELEMENTS(rows));
	for (uint64_t type = 7; type < 0x10000; type++) {
		poolmon_format_type(type, text, sizeof(text));
		for (size_t i = 0; i < 7; i++)
			assert_string_not_equal(text, rows[i].text);
	}
}

static void test_newer_kinds(void **state)
{
	static const struct expected rows[] = {
		{ 32, "NonPagedPoolSession" },
		{ 33, "PagedPoolSession" },
		{ 34, "NonPagedPoolMustSucceedSession" },
		{ 35, "DontUseThisTypeSession" },
		{ 36, "NonPagedPoolCacheAlignedSession" },
		{ 37, "PagedPoolCacheAlignedSession" },
		{ 38, "NonPagedPoolCacheAlignedMustSSession" },
		{ 39, "unknown_pool_type" },
		{ 512, "NonPagedPoolNx" },
		{ 516, "NonPagedPoolNxCacheAligned" },
		{ 544, "NonPagedPoolSessionNx" },
	};

	(void)state;
	check(poolmon_format_type, rows, G_N_ELEMENTS(rows));
}

static void test_kinds_with_flags(void **state)
{
	static const struct expected rows[] = {
		{ 8, "NonPagedPool|POOL_QUOTA_FAIL_INSTEAD_OF_RAISE" },
		{ 9, "PagedPool|POOL_QUOTA_FAIL_INSTEAD_OF_RAISE" },
		{ 17, "PagedPool|POOL_RAISE_IF_ALLOCATION_FAILURE" },
		{ 49, "PagedPoolSession|POOL_RAISE_IF_ALLOCATION_FAILURE" },
		{ 257, "PagedPool|POOL_COLD_ALLOCATION" },
		{ 1025, "PagedPool|POOL_ZERO_ALLOCATION" },
		{ 1536, "NonPagedPoolNx|POOL_ZERO_ALLOCATION" },
		/* Nx is a part of these kinds, and of no kind of paged pool */
		{ 545, "PagedPoolSession|POOL_NX_ALLOCATION" },
		{ 513, "PagedPool|POOL_NX_ALLOCATION" },
		{ 1 | 8 | 16 | 256 | 512 | 1024,
		  "PagedPool|POOL_QUOTA_FAIL_INSTEAD_OF_RAISE|POOL_RAISE_IF_ALLOCATION_FAILURE|"
		  "POOL_COLD_ALLOCATION|POOL_NX_ALLOCATION|POOL_ZERO_ALLOCATION" },
		{ 15, "unknown_pool_type" }, /* 7, and a flag */
		{ 64, "unknown_pool_type" },
		{ 99, "unknown_pool_type" },
		{ 2048 + 512, "unknown_pool_type" },
		{ 0x80000000, "unknown_pool_type" },
		{ 0xffffffff, "unknown_pool_type" },
	};

	(void)state;
	check(poolmon_format_type, rows, G_N_ELEMENTS(rows));
}

static void test_pool_flags(void **state)
{
	static const struct expected rows[] = {
		{ 0, "0" },
		{ 0x1, "POOL_FLAG_USE_QUOTA" },
		{ 0x2, "POOL_FLAG_UNINITIALIZED" },
		{ 0x4, "POOL_FLAG_SESSION" },
		{ 0x8, "POOL_FLAG_CACHE_ALIGNED" },
		{ 0x10, "POOL_FLAG_RESERVED1" },
		{ 0x20, "POOL_FLAG_RAISE_ON_FAILURE" },
		{ 0x40, "POOL_FLAG_NON_PAGED" },
		{ 0x80, "POOL_FLAG_NON_PAGED_EXECUTE" },
		{ 0x100, "POOL_FLAG_PAGED" },
		{ 0x200, "POOL_FLAG_RESERVED2" },
		{ 0x400, "POOL_FLAG_RESERVED3" },
		{ 0x100000000, "POOL_FLAG_SPECIAL_POOL" },
		{ 0x101, "POOL_FLAG_USE_QUOTA|POOL_FLAG_PAGED" },
		{ 0x8000000200000840, "POOL_FLAG_NON_PAGED|0x8000000200000800" },
	};

	(void)state;
	check(poolmon_format_flags, rows, G_N_ELEMENTS(rows));
}

/** A text that does not fit is cut, and its room is not left. */
static void test_small_rooms(void **state)
{
	char text[64];

	(void)state;
	for (size_t size = 1; size < sizeof(text); size++) {
		memset(text, 'x', sizeof(text));
		poolmon_format_type(1536, text, size);
		assert_true(strlen(text) < size);
		assert_int_equal(text[size], 'x');
		assert_memory_equal(text, "NonPagedPoolNx|POOL_ZERO_ALLOCATION",
				    MIN(strlen(text), strlen("NonPagedPoolNx")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documented),	 cmocka_unit_test(test_newer_kinds),
		cmocka_unit_test(test_kinds_with_flags), cmocka_unit_test(test_pool_flags),
		cmocka_unit_test(test_small_rooms),
	};

	return cmocka_run_group_tests_name("poolmon_types", tests, NULL, NULL);
}
