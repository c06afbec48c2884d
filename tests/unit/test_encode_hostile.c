/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hostile rows in every format, parsed back: whatever bytes the guest chose, a row is one line, and
 * the parser finds the values that went in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "check_row.h"
#include "rows.h"

enum { NUMBER, HEX, STRING, NAME, FLAGS, RESULT, LIST };

/* The text in every place that takes one: process name, values, list items, own names. */
static void check_everywhere(struct wv_bytes text)
{
	const struct wv_bytes none = { NULL, 0 };
	/* An item's sizes are 16 bits, and 0xffff says that there is no name. */
	const struct wv_bytes item = { text.data, MIN(text.size, 0xfffe) };
	g_autoptr(GByteArray) texts = g_byte_array_new();
	g_autoptr(GByteArray) pairs = g_byte_array_new();
	struct wv_row row;
	struct wv_value *value;

	pack_item(texts, none, item);
	pack_item(texts, none, item);
	pack_item(pairs, item, item);
	row_start(&row, &open_type);
	row.process = text;
	*row_field(&row, NUMBER) = value_bytes(text);
	*row_field(&row, HEX) = value_list(texts);
	value = row_field(&row, STRING);
	*value = value_bytes(text);
	value->truncated = true;
	*row_field(&row, NAME) = value_bytes(text);
	*row_field(&row, LIST) = value_list(pairs);
	*row_own_field(&row, text) = value_bytes(text);
	*row_own_field(&row, text) = value_list(pairs);
	*row_own_field(&row, text) = value_null();
	check_row(&row);
}

static void test_every_byte_everywhere(void **state)
{
	char all[256];

	(void)state;
	for (unsigned value = 0; value < 256; value++) {
		const char text[] = { 'a', (char)value, 'b', (char)value };

		all[value] = (char)value;
		check_everywhere((struct wv_bytes){ text, sizeof(text) });
		check_everywhere((struct wv_bytes){ text + 3, 1 });
	}
	check_everywhere((struct wv_bytes){ all, sizeof(all) });
}

static void test_known_attacks(void **state)
{
	static const char *const attacks[] = {
		"",
		"\"",
		"\\",
		"\\\"",
		"\",\"PID\":0,\"x\":\"",
		"x\" UID:0 PID:1",
		"x\n[PROCMON] TIME:0.000000 VCPU:0",
		"x\r\n{\"Plugin\":\"procmon\"}",
		"a,b\"\",\"c",
		"a;b=c;d:e",
		"PID",
		"EventUID",
		"Number",
		"\xc0\xaf",	      /* overlong */
		"\xed\xa0\x80",	      /* a surrogate */
		"\xf4\x90\x80\x80",   /* above U+10FFFF */
		"cut \xe2\x82",	      /* the rest is not there */
		"cut \xf0\x9f\x90\"", /* a quote in its place */
		"\xe2\x80\xa8\xe2\x80\xa9\xc2\x85",
		"\033]0;title\007\033[2J",
		"\xef\xbb\xbfxy",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(attacks); i++)
		check_everywhere((struct wv_bytes){ attacks[i], strlen(attacks[i]) });
}

static void test_long_texts_everywhere(void **state)
{
	const size_t size = 64 * 1024;
	g_autofree char *text = g_malloc(size);

	(void)state;
	memset(text, 'a', size);
	check_everywhere((struct wv_bytes){ text, size });
	memset(text, '\n', size);
	check_everywhere((struct wv_bytes){ text, size });
	for (size_t i = 0; i < size; i++)
		text[i] = (char)(i * 7);
	check_everywhere((struct wv_bytes){ text, size });
}

/* --- random rows --- */

static struct wv_bytes random_text(GRand *random, GPtrArray *keep, int limit)
{
	static const char odd[] = "\"\\\n\r;:=, _2PID\x80\xa8\xbf\xc2\xe2\xed\xf0\xff";
	size_t size = (size_t)g_rand_int_range(random, 0, limit);
	char *text = g_malloc(size);

	g_ptr_array_add(keep, text);
	for (size_t i = 0; i < size; i++) {
		if (g_rand_boolean(random))
			text[i] = odd[g_rand_int_range(random, 0, sizeof(odd))];
		else
			text[i] = (char)g_rand_int_range(random, 0, 256);
	}
	return (struct wv_bytes){ text, size };
}

static uint64_t random_number(GRand *random)
{
	uint64_t number = (uint64_t)g_rand_int(random) << 32 | g_rand_int(random);

	return number >> g_rand_int_range(random, 0, 64);
}

static struct wv_value random_list(GRand *random, GPtrArray *keep)
{
	const struct wv_bytes none = { NULL, 0 };
	GByteArray *packed = g_byte_array_new();
	struct wv_value list;

	for (int n = g_rand_int_range(random, 0, 5); n > 0; n--) {
		struct wv_bytes text = random_text(random, keep, 20);
		struct wv_bytes name = none;

		if (g_rand_boolean(random))
			name = random_text(random, keep, 5);
		pack_item(packed, name, text);
	}
	list = value_list(packed);
	g_ptr_array_add(keep, g_byte_array_free(packed, FALSE));
	return list;
}

static struct wv_value random_value(GRand *random, GPtrArray *keep)
{
	struct wv_value value;

	switch (g_rand_int_range(random, 0, 6)) {
	case 0:
		return value_null();
	case 1:
		return value_int((int64_t)random_number(random));
	case 2:
		return value_int(-(int64_t)(random_number(random) % 5000));
	case 3:
		return value_uint(random_number(random));
	case 4:
		return random_list(random, keep);
	default:
		value = value_bytes(random_text(random, keep, 60));
		value.truncated = g_rand_boolean(random);
		return value;
	}
}

static void test_random_rows(void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(19970829);

	(void)state;
	for (int round = 0; round < 4000; round++) {
		bool open_ended = g_rand_boolean(random);
		const struct wv_event_type *type = open_ended ? &open_type : &all_kinds;
		g_autoptr(GPtrArray) keep = g_ptr_array_new_with_free_func(g_free);
		struct wv_row row;

		row_start(&row, type);
		row.process = random_text(random, keep, 20);
		row.time_us = random_number(random);
		row.uid = random_number(random);
		for (unsigned i = 0; i < type->n_fields; i++) {
			if (g_rand_int_range(random, 0, 4) > 0)
				*row_field(&row, i) = random_value(random, keep);
		}
		for (int n = open_ended ? g_rand_int_range(random, 0, 8) : 0; n > 0; n--) {
			struct wv_bytes name = random_text(random, keep, 4);

			*row_own_field(&row, name) = random_value(random, keep);
		}
		check_row(&row);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_everywhere),
		cmocka_unit_test(test_known_attacks),
		cmocka_unit_test(test_long_texts_everywhere),
		cmocka_unit_test(test_random_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
