/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Volatility 3 ISF: a profile as JSON (format 6.x of Volatility's "Intermediate Symbol Format"),
 * plain or compressed with xz. Read for users who have one, and for kernels without BTF.
 */
#ifndef WV_PROFILE_ISF_H
#define WV_PROFILE_ISF_H

#include "profile/profile.h"

/**
 * Reads an ISF from memory; `name` is what error messages call it. Symbol addresses are as in the
 * file: link-time virtual addresses (Linux, made canonical), or offsets from the image's base
 * (Windows). `banner` is the text of the symbol `linux_banner`, without the newline at its end,
 * where the file carries its constant_data. Lookups find a function's clones as those in kallsyms.h
 * do.
 *
 * Errors: WV_ERROR_FORMAT when it is malformed, not an ISF, or larger than WV_PROFILE_SIZE_MAX
 * (file.h).
 */
struct wv_profile *wv_isf_parse(const void *data, size_t size, const char *name, GError **error);

#endif
