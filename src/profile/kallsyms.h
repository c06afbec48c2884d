/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux kallsyms: the kernel's own compressed symbol table, found in an image of the kernel by
 * structure and never by version. See scripts/kallsyms.c in the kernel's tree for the layout.
 */
#ifndef WV_PROFILE_KALLSYMS_H
#define WV_PROFILE_KALLSYMS_H

#include "profile/profile.h"

/** A part of the kernel's mapping as contiguous bytes. What was not mapped reads as zeros. */
struct wv_image {
	const uint8_t *data;
	size_t size;	  /**< bytes */
	uint64_t address; /**< the virtual address of data[0] */
};

/**
 * Finds and indexes the symbol table: x86-64 kernels since 4.20, whatever the order of their
 * tables. Takes milliseconds; the index takes about 30 bytes per symbol.
 *
 * Of several symbols of one name (static functions and objects), the lookup gives the first global
 * one; else the first function; else the first. Where no symbol has the name but the compiler has
 * cloned the function, it gives the first of `name`.isra.N, else of `name`.constprop.N (N below
 * 256), but never a fragment (.cold, .part.N). A clone's arguments may differ from the function's.
 *
 * The image may change under the reader (it is guest memory of a running guest): whatever is used
 * later is copied first and validated in the copy. Nothing of the image is referenced afterwards.
 * `address` must be right: it decides addresses (7.0 and later), and tells the kernel's tables
 * from copies that the boot code has left behind.
 * On failure the error (WV_ERROR_FORMAT) says which of the tables could not be found.
 */
struct wv_symbols *wv_kallsyms_find(const struct wv_image *image, GError **error);

#endif
