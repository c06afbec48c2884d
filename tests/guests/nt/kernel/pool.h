/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pool memory: the allocator itself, and the functions that Windows has for it. */
#ifndef WV_NT_POOL_H
#define WV_NT_POOL_H

#include "nt.h"

#define POOL_NON_PAGED 0
#define POOL_PAGED     1
#define POOL_NX	       512
#define POOL_PROTECTED 0x80000000u /* in a tag: may only be freed with it */
#define POOL_LARGEST   (1u << 20)

/* A tag as its four characters stand in memory. */
#define TAG(a, b, c, d) ((u32)(u8)(a) | (u32)(u8)(b) << 8 | (u32)(u8)(c) << 16 | (u32)(u8)(d) << 24)

/* The allocator: no fact is written. NULL when the size is 0 or above POOL_LARGEST. */
void *wv_pool_take(u32 type, size_t size, u32 tag);
void wv_pool_give(void *block);

/* By the build's addresses; a build that lacks one has no such symbol. */
NTAPI void *ExAllocatePoolWithTag(u32 type, size_t size, u32 tag);
NTAPI void *ExAllocatePoolWithQuotaTag(u32 type, size_t size, u32 tag);
NTAPI void *ExAllocatePool2(u64 flags, size_t size, u32 tag);
NTAPI void ExFreePoolWithTag(void *block, u32 tag);

#endif
