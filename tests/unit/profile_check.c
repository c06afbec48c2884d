/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks on profiles and their members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "profile_check.h"

#include <lzma.h>
#include <string.h>

#include "base/error.h"

struct wv_profile *profile_or_fail(wv_profile_parse_fn parse, const void *data, size_t size,
				   const char *name)
{
	GError *error = NULL;
	struct wv_profile *profile = parse(data, size, name, &error);

	if (!profile)
		fail_msg("%s", error->message);
	return profile;
}

void assert_profile_refused(wv_profile_parse_fn parse, const void *data, size_t size,
			    const char *message)
{
	g_autoptr(GError) error = NULL;

	if (parse(data, size, "test", &error))
		fail_msg("%zu bytes are accepted", size);
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
	assert_true(g_str_has_prefix(error->message, "test: "));
	if (message && !strstr(error->message, message))
		fail_msg("\"%s\" does not say \"%s\"", error->message, message);
}

void assert_all_refused(wv_profile_parse_fn parse, const struct refused_text *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_profile_refused(parse, cases[i].text, strlen(cases[i].text),
				       cases[i].message);
}

GByteArray *xz_pack(const void *data, size_t size)
{
	GByteArray *packed = g_byte_array_new();
	size_t used = 0;

	g_byte_array_set_size(packed, (guint)lzma_stream_buffer_bound(size));
	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, data, size,
						 packed->data, &used, packed->len),
			 LZMA_OK);
	g_byte_array_set_size(packed, (guint)used);
	return packed;
}

void assert_members(const struct wv_types *types, const struct expected_member *expected,
		    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct wv_member *want = &expected[i].member;
		struct wv_member got = { .offset = 12345 };
		bool found = types->member(types, expected[i].structure, expected[i].path, &got);

		if (found ? !same_member(&got, want) : want->size != UINT32_MAX)
			fail_msg("%s.%s: %s, offset %#lx, size %u, bits %u:%u",
				 expected[i].structure, expected[i].path,
				 found ? "found" : "not found", got.offset, got.size, got.bit_shift,
				 got.bit_count);
	}
}

bool same_member(const struct wv_member *a, const struct wv_member *b)
{
	return a->offset == b->offset && a->size == b->size && a->bit_shift == b->bit_shift &&
	       a->bit_count == b->bit_count;
}
