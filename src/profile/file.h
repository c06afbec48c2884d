/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a profile's file, or of an image's: read, and decompressed when they are xz. */
#ifndef WV_PROFILE_FILE_H
#define WV_PROFILE_FILE_H

#include "profile/profile.h"

/**
 * Bytes, compressed or not, that are accepted. Profiles of Linux kernels with all their debug
 * information have 30 to 60 MB, of Windows kernels below 10 MB.
 */
#define WV_PROFILE_SIZE_MAX (512u << 20)

/**
 * Reads a whole file as it is. Release it with g_byte_array_unref().
 *
 * Errors: WV_ERROR_USAGE when it can not be read, WV_ERROR_FORMAT when it is too large.
 */
GByteArray *wv_profile_file_read(const char *path, GError **error);

/** Makes a profile of data that is not compressed; `name` is what error messages call it. */
typedef struct wv_profile *(*wv_profile_parse_fn)(const void *data, size_t size, const char *name,
						  GError **error);

/** Gives the data to the function; decompressed, when it is xz. Errors: WV_ERROR_FORMAT. */
struct wv_profile *wv_profile_file_unpack(const void *data, size_t size, const char *name,
					  wv_profile_parse_fn parse, GError **error);

#endif
