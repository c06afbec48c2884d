/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile's file as bytes: read, and decompressed when it is xz. Internal to the profile folder.
 */
#ifndef WV_PROFILE_ISF_FILE_H
#define WV_PROFILE_ISF_FILE_H

#include "profile/profile.h"

/**
 * Bytes, compressed or not, that are accepted. Profiles of Linux kernels with all their debug
 * information have 30 to 60 MB, of Windows kernels below 10 MB.
 */
#define WV_ISF_SIZE_MAX (512u << 20)

/** Reads a whole file. Errors: WV_ERROR_USAGE (it can not be read), WV_ERROR_FORMAT (too large). */
GByteArray *wv_isf_read_file(const char *path, GError **error);

/** Whether the data starts as an xz file does. */
bool wv_isf_is_xz(const void *data, size_t size);

/** Makes a profile of data that is not compressed; `name` is what error messages call it. */
typedef struct wv_profile *(*wv_isf_parse_fn)(const void *data, size_t size, const char *name,
					      GError **error);

/** Gives the data to the function; decompressed, when it is xz. Errors: WV_ERROR_FORMAT. */
struct wv_profile *wv_isf_unpack(const void *data, size_t size, const char *name,
				 wv_isf_parse_fn parse, GError **error);

#endif
