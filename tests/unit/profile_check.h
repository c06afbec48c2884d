/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of the profiles' readers share: reading one, refusing one, and members of structures.
 */
#ifndef WV_TESTS_PROFILE_CHECK_H
#define WV_TESTS_PROFILE_CHECK_H

#include "profile/file.h"
#include "profile/profile.h"

/** Reads a profile; fails the test when that can not be done. */
struct wv_profile *profile_or_fail(wv_profile_parse_fn parse, const void *data, size_t size,
				   const char *name);

/**
 * Fails the test unless the data is refused with WV_ERROR_FORMAT, and with a message that starts
 * with the file's name and says this; NULL: it may say anything.
 */
void assert_profile_refused(wv_profile_parse_fn parse, const void *data, size_t size,
			    const char *message);

/** What should be refused, and what the message should say. */
struct refused_text {
	const char *text, *message;
};

void assert_all_refused(wv_profile_parse_fn parse, const struct refused_text *cases, size_t count);

/** Data compressed with xz. Free with g_byte_array_unref(). */
GByteArray *xz_pack(const void *data, size_t size);

/** Where a member should be found. */
struct expected_member {
	const char *structure, *path;
	struct wv_member member; /**< or NO_MEMBER: it should not be found */
};

#define NO_MEMBER                                                                                  \
	{                                                                                          \
		.size = UINT32_MAX                                                                 \
	}

void assert_members(const struct wv_types *types, const struct expected_member *expected,
		    size_t count);

/** Field by field: what is between them is anything. */
bool same_member(const struct wv_member *a, const struct wv_member *b);

#endif
