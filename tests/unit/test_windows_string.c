/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UNICODE_STRINGs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "windows_found.h"

#define GAP "\xef\xbf\xbd" /* U+FFFD */

static struct text read_string(struct found *found, uint64_t address, size_t room)
{
	struct text text = { .size = room };

	text.read = wv_windows_string(found->windows, &found->space, address, text.bytes,
				      &text.size, &text.truncated);
	assert_true(text.size <= room);
	return text;
}

/** A string of code units, with a Length of its own. */
static struct text read_units(struct found *found, const uint16_t *units, size_t n_units,
			      uint16_t length)
{
	uint64_t string = nt_object(&found->guest, nt_size(&found->guest, "_UNICODE_STRING"));

	nt_put_units(&found->guest, string, units, n_units, length);
	return read_string(found, string, sizeof(((struct text *)NULL)->bytes));
}

/* UNICODE_STRING --------------------------------------------------------------------------------*/

static void test_string(void **state)
{
	struct found *found = *state;
	static const char *const texts[] = {
		"", "a", "\\Device\\HarddiskVolume2",
		"\xc3\xa9\xd0\x96\xe4\xb8\xad\xf0\x9f\x98\x80", /* 2, 2, 3, and 4 bytes: a pair */
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct text text = read_string(found, nt_string(&found->guest, texts[i]), 100);

		assert_text(&text, texts[i], false);
	}
}

static void test_units(void **state)
{
	struct found *found = *state;
	static const struct {
		uint16_t units[4];
		uint16_t length;
		const char *text;
	} rows[] = {
		{ { 'a', 'b' }, 4, "ab" },
		{ { 'a', 'b' }, 3, "a" }, /* half a code unit */
		{ { 'a', 'b' }, 1, "" },
		{ { 0xd83d, 0xde00 }, 4, "\xf0\x9f\x98\x80" },
		{ { 0xd83d, 0xde00 }, 2, GAP }, /* halves of pairs */
		{ { 0xde00, 'x' }, 4, GAP "x" },
		{ { 0xd83d, 'x' }, 4, GAP "x" },
		{ { 0xd83d, 0xd83d, 0xde00 }, 6, GAP "\xf0\x9f\x98\x80" },
		{ { 0xd83d, 0xde00, 0xde00 }, 6, "\xf0\x9f\x98\x80" GAP },
		{ { 0xde00, 0xd83d }, 4, GAP GAP },
		{ { 0xfffe, 0xffff }, 4, "\xef\xbf\xbe\xef\xbf\xbf" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct text text = read_units(found, rows[i].units, 4, rows[i].length);

		assert_text(&text, rows[i].text, false);
	}
}

/** A NUL is a character like others. */
static void test_nul(void **state)
{
	struct found *found = *state;
	const uint16_t units[] = { 'a', 0, 'b' };
	struct text text = read_units(found, units, 3, 6);

	assert_true(text.read);
	assert_int_equal(text.size, 3);
	assert_memory_equal(text.bytes, "a\0b", 3);
}

/** The room ends the text at a whole character. */
static void test_room(void **state)
{
	struct found *found = *state;
	uint64_t string = nt_string(&found->guest, "a\xe4\xb8\xad\xf0\x9f\x98\x80"); /* 1 + 3 + 4 */
	static const char *const texts[] = {
		"",
		"a",
		"a",
		"a",
		"a\xe4\xb8\xad",
		"a\xe4\xb8\xad",
		"a\xe4\xb8\xad",
		"a\xe4\xb8\xad",
	};

	for (size_t room = 1; room < 8; room++) {
		struct text text = read_string(found, string, room);

		assert_text(&text, texts[room], true);
	}

	struct text whole = read_string(found, string, 8), none = read_string(found, string, 0);

	assert_text(&whole, "a\xe4\xb8\xad\xf0\x9f\x98\x80", false);
	assert_false(none.read);
}

/** A buffer at odd and even places of two pages, of which the second may not be there. */
static void test_pages(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t page = nt_pages(guest, 2), string = nt_string(guest, "");
	uint64_t second = page + MOCK_PAGE;

	for (uint64_t before = 0; before < 8; before++) {
		uint64_t buffer = second - before;

		nt_write(guest, buffer, "a\0b\0c\0d\0", 8);
		nt_put(guest, string, "_UNICODE_STRING.Buffer", buffer);
		nt_put(guest, string, "_UNICODE_STRING.Length", 8);

		struct text text = read_string(found, string, 100);

		assert_text(&text, "abcd", false);
	}
	/* in transition it still is */
	nt_make_transition(guest, &guest->paging, second);
	nt_put(guest, string, "_UNICODE_STRING.Buffer", second - 5);
	nt_write(guest, second - 5, "a\0b\0c\0d\0", 8);

	struct text text = read_string(found, string, 100);

	assert_text(&text, "abcd", false);
	nt_page_out(guest, &guest->paging, second);
	text = read_string(found, string, 100);
	assert_text(&text, "ab", true);
	nt_put(guest, string, "_UNICODE_STRING.Buffer", second - 1);
	text = read_string(found, string, 100);
	assert_false(text.read);
	nt_put(guest, string, "_UNICODE_STRING.Buffer", second);
	text = read_string(found, string, 100);
	assert_false(text.read);
}

/** The longest Length there is: as much as is there, or as there is room for. */
static void test_longest(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t pages = nt_pages(guest, 16), string = nt_string(guest, "");
	struct text text;

	for (unsigned i = 0; i < 16; i++)
		for (unsigned at = 0; at < MOCK_PAGE; at += 2)
			nt_write(guest, pages + i * MOCK_PAGE + at, "x", 2);
	nt_put(guest, string, "_UNICODE_STRING.Length", 0xffff);
	nt_put(guest, string, "_UNICODE_STRING.Buffer", pages);
	text = read_string(found, string, sizeof(text.bytes));
	assert_true(text.read && text.truncated);
	assert_int_equal(text.size, sizeof(text.bytes));

	char *large = g_malloc(WV_WINDOWS_STRING_MAX);
	size_t size = WV_WINDOWS_STRING_MAX;
	bool truncated;

	assert_true(
		wv_windows_string(found->windows, &found->space, string, large, &size, &truncated));
	assert_int_equal(size, 0x7fff);
	assert_false(truncated);
	nt_put(guest, string, "_UNICODE_STRING.Buffer", pages + MOCK_PAGE);
	size = WV_WINDOWS_STRING_MAX;
	assert_true(
		wv_windows_string(found->windows, &found->space, string, large, &size, &truncated));
	assert_int_equal(size, 15 * MOCK_PAGE / 2);
	assert_true(truncated);
	g_free(large);
}

static void test_hostile_strings(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t page = nt_pages(guest, 1), gap = page + MOCK_PAGE, string = nt_string(guest, "ab");
	const uint64_t buffers[] = {
		0, 8, gap, UINT64_MAX, UINT64_MAX - 1, UINT32_MAX, UINT64_C(0x800000000000)
	};
	const uint64_t strings[] = { 0, 8, gap, gap - 1, gap - 2, UINT64_MAX - 3 };

	for (size_t i = 0; i < G_N_ELEMENTS(strings); i++)
		assert_false(read_string(found, strings[i], 100).read);
	for (size_t i = 0; i < G_N_ELEMENTS(buffers); i++) {
		nt_put(guest, string, "_UNICODE_STRING.Length", 4);
		nt_put(guest, string, "_UNICODE_STRING.Buffer", buffers[i]);
		assert_false(read_string(found, string, 100).read);
		/* without a character no buffer is needed */
		nt_put(guest, string, "_UNICODE_STRING.Length", 0);

		struct text text = read_string(found, string, 100);

		assert_text(&text, "", false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_string),
		ON_EACH_BUILD(test_units),
		ON_EACH_BUILD(test_nul),
		ON_EACH_BUILD(test_room),
		ON_EACH_BUILD(test_pages),
		ON_EACH_BUILD(test_longest),
		ON_EACH_BUILD(test_hostile_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
