/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of pool tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>
#include <string.h>

#include "plugins/tag_text.h"

/** A tag as it is in memory. */
static const char *tag(const char bytes[4])
{
	static char text[WV_TAG_SIZE + 1];
	uint32_t number;

	memcpy(&number, bytes, sizeof(number));
	wv_tag_text(number, text, sizeof(text));
	return text;
}

static void test_tags(void **state)
{
	(void)state;
	assert_string_equal(tag("Proc"), "Proc");
	assert_string_equal(tag("Key "), "Key ");
	assert_string_equal(tag("  \"\\"), "  \"\\");
	assert_string_equal(tag("Pro\xe3"), "Pro?");
	assert_string_equal(tag("A\0\0"), "A???");
	assert_string_equal(tag("\0\0\0"), "????");
	assert_string_equal(tag("\x1f \x7e\x7f"), "? ~?");
	assert_string_equal(tag("\x80\xff\n\t"), "????");
}

static void test_tags_have_32_bits(void **state)
{
	char text[WV_TAG_SIZE + 1];

	(void)state;
	wv_tag_text(UINT64_C(0x41414141636f7250), text, sizeof(text));
	assert_string_equal(text, "Proc");
}

static void test_tags_that_do_not_fit(void **state)
{
	char text[WV_TAG_SIZE + 2];

	(void)state;
	for (size_t size = 0; size <= sizeof(text); size++) {
		memset(text, '#', sizeof(text));
		wv_tag_text(0x636f7250, text, size);
		if (size)
			assert_int_equal(strlen(text), MIN(size - 1, WV_TAG_SIZE));
		for (size_t i = size; i < sizeof(text); i++)
			assert_int_equal(text[i], '#');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_tags_have_32_bits),
		cmocka_unit_test(test_tags_that_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
