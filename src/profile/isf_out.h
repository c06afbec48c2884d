/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file of JSON being written, plain or compressed with xz. Errors are kept until it is closed.
 * Internal to the profile folder.
 */
#ifndef WV_PROFILE_ISF_OUT_H
#define WV_PROFILE_ISF_OUT_H

#include <glib.h>
#include <stdbool.h>

struct wv_isf_out;

/**
 * Starts a file beside the path; it is compressed when that ends with ".xz". To be given to
 * wv_isf_out_close(), which frees it.
 *
 * Errors: WV_ERROR_OUTPUT.
 */
struct wv_isf_out *wv_isf_out_open(const char *path, GError **error);

/** Writes text as it is. */
void wv_isf_out_text(struct wv_isf_out *out, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Writes a JSON string. What is not UTF-8 in it becomes U+FFFD. */
void wv_isf_out_string(struct wv_isf_out *out, const char *text);

/**
 * Ends the file, and gives it the path's name if all could be written; else it is removed.
 *
 * Errors: WV_ERROR_OUTPUT.
 */
bool wv_isf_out_close(struct wv_isf_out *out, GError **error);

#endif
