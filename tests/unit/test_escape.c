/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The escaping helpers, by hostile bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "output/append.h"
#include "output/escape.h"
#include "parse_back.h"

#define REPLACEMENT    "\xef\xbf\xbd"
#define BYTES(literal) ((struct wv_bytes){ (literal), sizeof(literal) - 1 })

typedef void (*escape_fn)(GString *out, struct wv_bytes text);

static const escape_fn reversible[] = {
	wv_escape_quoted,   wv_escape_name,	     wv_escape_csv,
	wv_escape_csv_item, wv_escape_csv_item_name,
};

static GString *escaped(escape_fn escape, struct wv_bytes text)
{
	GString *out = g_string_new(NULL);

	escape(out, text);
	wv_append_end(out);
	assert_true(out->len < out->allocated_len);
	return out;
}

static void assert_escaped(escape_fn escape, struct wv_bytes text, const char *expected)
{
	g_autoptr(GString) out = escaped(escape, text);

	assert_string_equal(out->str, expected);
	assert_int_equal(out->len, strlen(expected));
}

static void assert_bytes(const GString *got, struct wv_bytes expected)
{
	assert_non_null(got);
	assert_int_equal(got->len, expected.size);
	assert_memory_equal(got->str, expected.data, expected.size);
}

/* What every style owes to any text: one line of UTF-8, and (but for json) the bytes again. */
static void check_text(struct wv_bytes original)
{
	/* Of exactly this size, so that a sanitizer sees each byte that is read beyond it. */
	g_autofree char *copy = g_memdup2(original.data, original.size);
	const struct wv_bytes text = { copy, original.size };
	g_autoptr(GString) json = escaped(wv_escape_json, text);
	g_autoptr(GString) c = escaped(wv_escape_c, text);
	g_autoptr(GString) expected = expected_utf8(text.data, text.size);
	g_autofree char *document = g_strdup_printf("\"%s\"\n", json->str);
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;

	for (size_t i = 0; i < G_N_ELEMENTS(reversible); i++) {
		g_autoptr(GString) out = escaped(reversible[i], text);
		g_autoptr(GString) line = g_string_new_len(out->str, (gssize)out->len);
		g_autoptr(GString) back = NULL;

		g_string_append_c(line, '\n');
		assert_true(is_one_line(line->str, line->len));
		if (reversible[i] != wv_escape_quoted && reversible[i] != wv_escape_name)
			g_string_replace(out, "\"\"", "\"", 0);
		back = parse_unescape(out->str, out->len);
		assert_bytes(back, text);
	}

	for (size_t i = 0; i < c->len; i++)
		assert_in_range(c->str[i], ' ', '~');
	assert_true(is_one_line(document, strlen(document)));
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, document, (int)strlen(document));
	assert_non_null(object);
	assert_int_equal(json_object_get_string_len(object), expected->len);
	assert_memory_equal(json_object_get_string(object), expected->str, expected->len);
	json_object_put(object);
	json_tokener_free(tokener);
}

static void test_plain(void **state)
{
	const struct wv_bytes text = BYTES("/usr/bin/ls -la /tmp");

	(void)state;
	assert_escaped(wv_escape_quoted, text, "/usr/bin/ls -la /tmp");
	assert_escaped(wv_escape_csv, text, "/usr/bin/ls -la /tmp");
	assert_escaped(wv_escape_json, text, "/usr/bin/ls -la /tmp");
	assert_escaped(wv_escape_name, text, "/usr/bin/ls\\x20-la\\x20/tmp");
	assert_escaped(wv_escape_json, BYTES(""), "");
	assert_escaped(wv_escape_quoted, (struct wv_bytes){ NULL, 0 }, "");
}

static void test_ascii_specials(void **state)
{
	const struct wv_bytes text = BYTES("a\"b\\c\nd\re\tf\033g\177h\0i");

	(void)state;
	assert_escaped(wv_escape_quoted, text, "a\\\"b\\\\c\\nd\\re\\tf\\x1bg\\x7fh\\x00i");
	assert_escaped(wv_escape_csv, text, "a\"\"b\\\\c\\nd\\re\\tf\\x1bg\\x7fh\\x00i");
	assert_escaped(wv_escape_json, text, "a\\\"b\\\\c\\nd\\re\\tf\\u001bg\\u007fh\\u0000i");
	assert_escaped(wv_escape_name, text, "a\\x22b\\x5cc\\x0ad\\x0de\\x09f\\x1bg\\x7fh\\x00i");
	assert_escaped(wv_escape_json_key, BYTES("a\0b"), "a" REPLACEMENT "b");
}

static void test_c(void **state)
{
	(void)state;
	assert_escaped(wv_escape_c, BYTES("C:\\Users\\new x:=,;"), "C:\\\\Users\\\\new x:=,;");
	assert_escaped(wv_escape_c, BYTES("a\"b\\c\nd\re\tf\033g\177h\0i"),
		       "a\\\"b\\\\c\\nd\\re\\tf\\x1bg\\x7fh\\x00i");
	/* U+00E9, U+0085, U+043F, U+2028, U+FFFD, U+1F40D, U+10FFFF */
	assert_escaped(wv_escape_c,
		       BYTES("\xc3\xa9\xc2\x85\xd0\xbf\xe2\x80\xa8" REPLACEMENT
			     "\xf0\x9f\x90\x8d\xf4\x8f\xbf\xbf"),
		       "\\u00e9\\u0085\\u043f\\u2028\\ufffd\\U0001f40d\\U0010ffff");
	/* ill-formed: one for each maximal subpart */
	assert_escaped(wv_escape_c, BYTES("\xff|\xe2\x80|\xed\xa0\x80"),
		       "\\ufffd|\\ufffd|\\ufffd\\ufffd\\ufffd");
}

static void test_separators(void **state)
{
	const struct wv_bytes text = BYTES("a:b=c,d;e f");

	(void)state;
	assert_escaped(wv_escape_quoted, text, "a:b=c,d;e f");
	assert_escaped(wv_escape_csv, text, "a:b=c,d;e f");
	assert_escaped(wv_escape_csv_item, text, "a:b=c,d\\x3be f");
	assert_escaped(wv_escape_csv_item_name, text, "a\\x3ab\\x3dc,d\\x3be f");
	assert_escaped(wv_escape_name, text, "a\\x3ab\\x3dc\\x2cd\\x3be\\x20f");
	assert_escaped(wv_escape_json, text, "a:b=c,d;e f");
}

static void test_utf8_passes(void **state)
{
	const struct wv_bytes text = BYTES("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x89");

	(void)state;
	assert_escaped(wv_escape_quoted, text, text.data);
	assert_escaped(wv_escape_csv, text, text.data);
	assert_escaped(wv_escape_json, text, text.data);
	assert_escaped(wv_escape_name, BYTES("\xc3\xbc"), "\\xc3\\xbc");
}

static void test_wide_specials(void **state)
{
	const struct wv_bytes text =
		BYTES("\xc2\x80\xc2\x9f\xc2\xa0\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9"
		      "\xe2\x80\xaa");

	(void)state;
	assert_escaped(wv_escape_quoted, text,
		       "\\xc2\\x80\\xc2\\x9f\xc2\xa0\xe2\x80\xa7\\xe2\\x80\\xa8\\xe2\\x80\\xa9"
		       "\xe2\x80\xaa");
	assert_escaped(wv_escape_json, text,
		       "\\u0080\\u009f\xc2\xa0\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa");
}

/* The examples of the Unicode standard 15.0, section 3.9, tables 3-8 to 3-11. */
static void test_maximal_subparts(void **state)
{
	(void)state;
	assert_escaped(wv_escape_json, BYTES("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41"),
		       REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT
			       REPLACEMENT REPLACEMENT "A");
	assert_escaped(wv_escape_json, BYTES("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41"),
		       REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT
			       REPLACEMENT REPLACEMENT "A");
	assert_escaped(wv_escape_json, BYTES("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42"),
		       REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT
		       "A" REPLACEMENT REPLACEMENT "B");
	assert_escaped(wv_escape_json, BYTES("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"),
		       REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT "A");
}

static void test_every_byte(void **state)
{
	char all[256];

	(void)state;
	for (unsigned value = 0; value < 256; value++) {
		char text[20];

		all[value] = (char)value;
		/* At each place of a word of eight bytes, and alone. */
		for (size_t place = 0; place < sizeof(text); place++) {
			memset(text, 'x', sizeof(text));
			text[place] = (char)value;
			check_text((struct wv_bytes){ text, sizeof(text) });
		}
		check_text((struct wv_bytes){ text + sizeof(text) - 1, 1 });
	}
	check_text((struct wv_bytes){ all, sizeof(all) });
}

static void test_every_pair_of_bytes(void **state)
{
	(void)state;
	for (unsigned value = 0; value < 65536; value += 3) {
		const char text[3] = { (char)(value >> 8), (char)value, 'x' };

		check_text((struct wv_bytes){ text, sizeof(text) });
	}
}

/* Each character at a border of UTF-8's ranges, whole and cut short, among others. */
static void test_cut_sequences(void **state)
{
	static const gunichar characters[] = { 0x80,   0x9f,	0xa0,	 0x7ff,	  0x800,   0x2027,
					       0x2028, 0x2029,	0x202a,	 0xd7ff,  0xe000,  0xfffd,
					       0xffff, 0x10000, 0x3ffff, 0x40000, 0x10ffff };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(characters); i++) {
		char text[16];
		int length = g_unichar_to_utf8(characters[i], text);

		check_text((struct wv_bytes){ text, (size_t)length });
		for (int cut = 1; cut < length; cut++) {
			check_text((struct wv_bytes){ text, (size_t)cut });
			check_text((struct wv_bytes){ text + cut, (size_t)(length - cut) });
			memcpy(text + 8, text, (size_t)cut);
			text[8 + cut] = '"';
			check_text((struct wv_bytes){ text + 8, (size_t)cut + 1 });
			text[8 + cut] = '\xe2';
			check_text((struct wv_bytes){ text + 8, (size_t)cut + 1 });
		}
	}
}

static void test_long_texts(void **state)
{
	const size_t size = 64 * 1024;
	g_autofree char *text = g_malloc(size);

	(void)state;
	memset(text, 'a', size);
	check_text((struct wv_bytes){ text, size });
	memset(text, '"', size);
	check_text((struct wv_bytes){ text, size });
	memset(text, 0xff, size);
	check_text((struct wv_bytes){ text, size });
	memset(text, 0, size);
	check_text((struct wv_bytes){ text, size });
}

static void test_random_texts(void **state)
{
	/* Bytes that mean something to a style or to UTF-8, so that they meet often. */
	static const char odd[] = "\"\\\n\r\t\033\177:;=, \x80\x8f\x90\x9f\xa0\xa8\xbf\xc0\xc2\xdf"
				  "\xe0\xe2\xed\xef\xf0\xf1\xf4\xf5\xff";
	g_autoptr(GRand) random = g_rand_new_with_seed(20240229);

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[40];
		size_t size = (size_t)g_rand_int_range(random, 0, sizeof(text) + 1);

		for (size_t i = 0; i < size; i++) {
			if (g_rand_boolean(random))
				text[i] = odd[g_rand_int_range(random, 0, sizeof(odd))];
			else
				text[i] = (char)g_rand_int_range(random, 0, 256);
		}
		check_text((struct wv_bytes){ text, size });
	}
}

static void test_numbers(void **state)
{
	static const uint64_t values[] = { 0,	1,    9,	10,	    15,	       16,
					   255, 4096, 1u << 31, UINT32_MAX, INT64_MAX, UINT64_MAX };
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GString) expected = g_string_new(NULL);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
		int64_t number = (int64_t)values[i];

		wv_append_u64(out, values[i]);
		wv_append_char(out, ' ');
		wv_append_i64(out, number);
		wv_append_char(out, ' ');
		wv_append_i64(out, (int64_t)-values[i]);
		wv_append_char(out, ' ');
		wv_append_hex(out, values[i]);
		wv_append_char(out, ' ');
		wv_append_time(out, values[i]);
		wv_append_char(out, '\n');
		g_string_append_printf(expected,
				       "%" PRIu64 " %" PRId64 " %" PRId64 " 0x%" PRIx64 " %" PRIu64
				       ".%06" PRIu64 "\n",
				       values[i], number, (int64_t)-values[i], values[i],
				       values[i] / 1000000, values[i] % 1000000);
	}
	wv_append_i64(out, INT64_MIN);
	g_string_append(expected, "-9223372036854775808");
	wv_append_end(out);
	assert_string_equal(out->str, expected->str);
}

/* From an empty string up, each size once: the NUL always has its place. */
static void test_growing(void **state)
{
	(void)state;
	for (size_t size = 0; size < 300; size++) {
		GString *out = g_string_new(NULL);

		for (size_t i = 0; i < size; i++)
			wv_append_char(out, 'x');
		wv_append_end(out);
		assert_int_equal(strlen(out->str), size);
		assert_int_equal(out->len, size);
		g_string_free(out, TRUE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_ascii_specials),
		cmocka_unit_test(test_separators),
		cmocka_unit_test(test_c),
		cmocka_unit_test(test_utf8_passes),
		cmocka_unit_test(test_wide_specials),
		cmocka_unit_test(test_maximal_subparts),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_every_pair_of_bytes),
		cmocka_unit_test(test_cut_sequences),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_random_texts),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_growing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
