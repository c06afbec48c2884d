/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying large files. */
#ifndef WV_SANDBOX_COPY_H
#define WV_SANDBOX_COPY_H

#include <glib.h>
#include <stdbool.h>

/** Copies a file to one that is not there yet; holes stay holes. WV_ERROR_USAGE on failure. */
bool wv_copy_sparse(const char *from, const char *to, GError **error);

#endif
