/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile's file as bytes: read, and decompressed when it is xz. Internal to the profile folder.
 */
#ifndef WV_PROFILE_ISF_FILE_H
#define WV_PROFILE_ISF_FILE_H

#include <glib.h>
#include <stdbool.h>

/**
 * Bytes, compressed or not, that are accepted. Profiles of Linux kernels with all their debug
 * information have 30 to 60 MB, of Windows kernels below 10 MB.
 */
#define WV_ISF_SIZE_MAX (512u << 20)

/** Reads a whole file. Errors: WV_ERROR_USAGE (it can not be read), WV_ERROR_FORMAT (too large). */
GByteArray *wv_isf_read_file(const char *path, GError **error);

/** Whether the data starts as an xz file does. */
bool wv_isf_is_xz(const void *data, size_t size);

/** Decompresses xz. `name` is what error messages call the data. Errors: WV_ERROR_FORMAT. */
GByteArray *wv_isf_unxz(const void *data, size_t size, const char *name, GError **error);

#endif
