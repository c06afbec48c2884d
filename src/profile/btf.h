/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BTF: the Linux kernel's own compact type information (Documentation/bpf/btf.rst), found in an
 * image of the kernel or at a known place.
 */
#ifndef WV_PROFILE_BTF_H
#define WV_PROFILE_BTF_H

#include "profile/kallsyms.h"

/**
 * Finds the kernel's BTF in the image and reads it.
 *
 * @symbols: when not NULL, its `__start_BTF` and `__stop_BTF` tell the place directly; without
 *           them, or when nothing valid is there, the image is searched.
 *
 * The image is not referenced afterwards. On failure the error is WV_ERROR_FORMAT and says whether
 * there was no BTF at all or one that is malformed.
 */
struct wv_types *wv_btf_find(const struct wv_image *image, const struct wv_symbols *symbols,
			     GError **error);

/** Reads BTF that starts at data[0]; the data is copied. */
struct wv_types *wv_btf_parse(const void *data, size_t size, GError **error);

#endif
