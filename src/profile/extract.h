/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An extract of a profile: what was looked up in it and found, as an ISF file that isf.h reads.
 *
 * A kernel's whole profile is tens of megabytes, what the plugins look up in it some ten thousand
 * bytes: a template stores that, so that its clones need not search the kernel again. A name that
 * was looked up and not found is not in the extract either: the answer stays the same.
 */
#ifndef WV_PROFILE_EXTRACT_H
#define WV_PROFILE_EXTRACT_H

#include "profile/profile.h"

/** Records from now on what is found in the profile. Once per profile. */
void wv_profile_record(struct wv_profile *profile);

/**
 * What was found since wv_profile_record(), as an ISF text; free with g_free().
 *
 * @banner: the kernel's banner, by which a user of the extract proves that it is the same kernel.
 */
char *wv_profile_extract(const struct wv_profile *profile, const char *banner);

#endif
