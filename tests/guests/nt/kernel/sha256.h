/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 (FIPS 180-4), for the truth about contents. */
#ifndef WV_NT_SHA256_H
#define WV_NT_SHA256_H

#include "nt.h"

struct wv_sha256 {
	u32 state[8];
	u8 block[64];
	u64 size; /* bytes until now */
};

#define WV_SHA256_TEXT 65 /* hex digits and a NUL */

void wv_sha256_init(struct wv_sha256 *hash);
void wv_sha256_add(struct wv_sha256 *hash, const void *bytes, size_t size);
void wv_sha256_text(struct wv_sha256 *hash, char text[WV_SHA256_TEXT]);

#endif
