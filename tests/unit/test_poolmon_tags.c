/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking up pool tags, in small tables and in the one that is built in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "plugins/poolmon/tags.h"

#define BYTES(literal) ((struct wv_bytes){ (literal), sizeof(literal) - 1 })

/** The number of four bytes as they are in memory. */
static uint32_t number_of(const char *four)
{
	uint32_t number;

	memcpy(&number, four, sizeof(number));
	return number;
}

static struct poolmon_tag row_of(const char *tag, const char *description)
{
	struct poolmon_tag row = { .description = { description, strlen(description) } };

	assert_true(poolmon_tag_parse(tag, strlen(tag), &row));
	return row;
}

static void assert_found(const struct poolmon_tags *tags, const char *four, const char *description)
{
	const struct poolmon_tag *row = poolmon_tags_find(tags, number_of(four));

	if (!description) {
		assert_null(row);
		return;
	}
	assert_non_null(row);
	assert_int_equal(row->description.size, strlen(description));
	assert_memory_equal(row->description.data, description, row->description.size);
}

/* Tags as they are written ----------------------------------------------------------------------*/

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		uint32_t tag, mask;
	} good[] = {
		{ "Abcd", 0x64636241, 0xffffffff },
		{ "Ab", 0x20206241, 0xffffffff },
		{ "A b", 0x20622041, 0xffffffff },
		{ "Pro\xe3", 0xe36f7250, 0xffffffff },
		{ "A?c", 0x20630041, 0xffff00ff },
		{ "?bc*", 0x00636200, 0x00ffff00 },
		{ "A*", 0x00000041, 0x000000ff },
		{ "Abc*", 0x00636241, 0x00ffffff },
		{ "*", 0, 0 },
		{ "????", 0, 0 },
		/* which kind of pool does not tell tags of several apart */
		{ "P?o\xe3", 0x636f0050, 0xffff00ff },
	};
	static const struct wv_bytes bad[] = {
		BYTES(""),    BYTES("Abcde"), BYTES("A*b"),   BYTES("**"),
		BYTES("A\t"), BYTES("\x7f"),  BYTES("A\0bc"), BYTES("Abcd*"),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		struct poolmon_tag row = row_of(good[i].text, "");

		assert_int_equal(row.tag, good[i].tag);
		assert_int_equal(row.mask, good[i].mask);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct poolmon_tag row = { .tag = 1, .mask = 2 };

		assert_false(poolmon_tag_parse(bad[i].data, bad[i].size, &row));
		assert_true(row.tag == 1 && row.mask == 2);
	}
}

/* Small tables ----------------------------------------------------------------------------------*/

static void test_none(void **state)
{
	struct poolmon_tags *tags = poolmon_tags_new(NULL, 0);

	(void)state;
	assert_found(tags, "Abcd", NULL);
	assert_found(tags, "\0\0\0\0", NULL);
	poolmon_tags_free(tags);
	poolmon_tags_free(NULL);
}

static void test_order(void **state)
{
	const struct poolmon_tag rows[] = {
		row_of("*", "all"),
		row_of("A*", "one"),
		row_of("A?c?", "one and three"),
		row_of("A??d", "ends"),
		row_of("Ab*", "two"),
		row_of("?bcd", "three last"),
		row_of("A?cd", "second"),
		row_of("Ab?d", "third"),
		row_of("Abc*", "fourth"),
		row_of("Abcd", "exactly"),
		row_of("Abcd", "the last"),
		row_of("A?c", "padded"),
	};
	struct poolmon_tags *tags = poolmon_tags_new(rows, G_N_ELEMENTS(rows));

	(void)state;
	assert_found(tags, "Abcd", "the last");
	assert_found(tags, "Abce", "fourth");
	assert_found(tags, "Abdd", "third");
	assert_found(tags, "Accd", "second");
	assert_found(tags, "Bbcd", "three last");
	assert_found(tags, "Abxx", "two");
	assert_found(tags, "Accx", "one and three");
	assert_found(tags, "Acxd", "ends");
	assert_found(tags, "Acc ", "padded");
	assert_found(tags, "Acxx", "one");
	assert_found(tags, "Bcxx", "all");
	poolmon_tags_free(tags);
}

static void test_padding_and_protection(void **state)
{
	const struct poolmon_tag rows[] = {
		row_of("Proc", "process"),  row_of("Fil\xe5", "protected file"),
		row_of("File", "file"),	    row_of("Key", "key"),
		row_of("M", "one letter"),  row_of("Ac?\xe1", "several"),
		row_of("a b", "in blanks"),
	};
	struct poolmon_tags *tags = poolmon_tags_new(rows, G_N_ELEMENTS(rows));

	(void)state;
	assert_found(tags, "Proc", "process");
	assert_found(tags, "Pro\xe3", "process");
	assert_found(tags, "Fil\xe5", "protected file");
	assert_found(tags, "File", "file");
	assert_found(tags, "Acxa", "several");
	assert_found(tags, "Acx\xe1", "several");
	assert_found(tags, "Key ", "key");
	assert_found(tags, "Key\0", "key");
	assert_found(tags, "Key\xa0", "key");
	assert_found(tags, "Key\x80", "key");
	assert_found(tags, "M   ", "one letter");
	assert_found(tags, "M\0\0\0", "one letter");
	assert_found(tags, "M\0 \0", "one letter");
	assert_found(tags, "a b ", "in blanks");
	/* NUL is a blank at the end only; other bytes above 0x7f are what they are */
	assert_found(tags, "Ke\0y", NULL);
	assert_found(tags, "\0Key", NULL);
	assert_found(tags, "a\0b ", NULL);
	assert_found(tags, "Pr\xef\x63", NULL);
	assert_found(tags, "proc", NULL);
	poolmon_tags_free(tags);
}

/** Wildcards' bytes are 0 in the table: a tag that has such bytes itself is not taken for one. */
static void test_zeros(void **state)
{
	const struct poolmon_tag rows[] = { row_of("Ab??", "two"), row_of("?b*", "second") };
	struct poolmon_tags *tags = poolmon_tags_new(rows, G_N_ELEMENTS(rows));
	const struct poolmon_tag *row = poolmon_tags_find(tags, number_of("\0b\0\0"));

	(void)state;
	assert_found(tags, "Ab\0\0", "two");
	assert_ptr_equal(row, &rows[1]);
	assert_found(tags, "\0c\0\0", NULL);
	poolmon_tags_free(tags);
}

/* The table that is built in --------------------------------------------------------------------*/

static void test_known(void **state)
{
	static const struct {
		const char *tag, *source, *description;
	} rows[] = {
		{ "Proc", "ntoskrnl.exe", "Process objects" },
		{ "Pro\xe3", "ntoskrnl.exe", "Process objects" },
		{ "AfdC", "afd.sys", "Socket connection of AFD" },
		{ "Afd!", "afd.sys", "AFD objects of any kind" },
		{ "Irp ", "", "IRPs of the I/O manager" },
		{ "Irp\xa0", "", "IRPs of the I/O manager" },
		{ "Key\0", "", "Registry key objects of the kernel" },
		{ "Gh05", "win32k.sys", "GDI handles of surfaces" },
		{ "Ghx\x7f", "win32k.sys", "GDI handles of sprites or other types" },
		{ "Gzzz", "", "Objects of GDI" },
		{ "Wnf\0", "ntoskrnl.exe", "Notification facility of Windows" },
	};
	struct poolmon_tags *tags = poolmon_tags_new(poolmon_known_tags, poolmon_known_tags_count);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct poolmon_tag *row = poolmon_tags_find(tags, number_of(rows[i].tag));

		assert_found(tags, rows[i].tag, rows[i].description);
		assert_int_equal(row->source.size, strlen(rows[i].source));
		assert_memory_equal(row->source.data, rows[i].source, row->source.size);
	}
	assert_found(tags, "Xyzw", NULL);
	assert_found(tags, "    ", NULL);
	assert_found(tags, "\0\0\0\0", NULL);
	assert_found(tags, "\xff\xff\xff\xff", NULL);
	poolmon_tags_free(tags);
}

static void test_how_many_are_known(void **state)
{
	unsigned complete = 0;

	(void)state;
	for (unsigned i = 0; i < poolmon_known_tags_count; i++) {
		const struct poolmon_tag *row = &poolmon_known_tags[i];

		assert_true(row->mask != 0 && (row->tag & ~row->mask) == 0);
		assert_true(row->description.size > 0);
		complete += row->mask == UINT32_MAX && row->source.size > 0;
	}
	assert_true(complete > 2200);
}

/** How well a row fits a tag, by the rules as they are told, the slow way; 0: not at all. */
static unsigned fitness(const struct poolmon_tag *row, uint32_t tag, uint32_t plain)
{
	unsigned fit = 0;

	if (row->mask == UINT32_MAX)
		return row->tag == tag ? 1000 : row->tag == plain ? 999 : 0;
	if ((plain & row->mask) != row->tag)
		return 0;
	for (unsigned i = 0; i < 4; i++)
		if (row->mask >> 8 * i & 0xff)
			fit += 16 + (8u >> i);
	return fit;
}

static uint32_t plain_of(uint32_t tag)
{
	uint8_t bytes[4];

	memcpy(bytes, &tag, sizeof(bytes));
	bytes[3] &= 0x7f;
	for (unsigned i = 4; i-- > 0 && (bytes[i] == 0 || bytes[i] == ' ');)
		bytes[i] = ' ';
	memcpy(&tag, bytes, sizeof(tag));
	return tag;
}

static void check_slowly(const struct poolmon_tags *tags, uint32_t tag)
{
	const struct poolmon_tag *best = NULL;
	unsigned best_fit = 0;

	for (unsigned i = 0; i < poolmon_known_tags_count; i++) {
		unsigned fit = fitness(&poolmon_known_tags[i], tag, plain_of(tag));

		if (fit > best_fit) {
			best = &poolmon_known_tags[i];
			best_fit = fit;
		}
	}
	assert_ptr_equal(poolmon_tags_find(tags, tag), best);
}

static void test_known_slowly(void **state)
{
	struct poolmon_tags *tags = poolmon_tags_new(poolmon_known_tags, poolmon_known_tags_count);
	GRand *random = g_rand_new_with_seed(1);

	(void)state;
	for (unsigned i = 0; i < poolmon_known_tags_count; i++) {
		uint32_t tag = poolmon_known_tags[i].tag;
		unsigned shift = 8 * (unsigned)g_rand_int_range(random, 0, 4);

		check_slowly(tags, tag);
		check_slowly(tags, tag ^ 0x80000000);
		check_slowly(tags, tag & ~(UINT32_C(0xff) << shift));
		check_slowly(tags, tag ^ (uint32_t)g_rand_int_range(random, 0, 256) << shift);
	}
	g_rand_free(random);
	poolmon_tags_free(tags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_padding_and_protection),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_how_many_are_known),
		cmocka_unit_test(test_known_slowly),
	};

	return cmocka_run_group_tests_name("poolmon_tags", tests, NULL, NULL);
}
