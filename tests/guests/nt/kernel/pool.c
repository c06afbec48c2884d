// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pool memory: blocks of powers of two behind a _POOL_HEADER, kept in lists when they are freed.
 * All types of pool come from the same memory. The functions write the truth as they return.
 */
#include "pool.h"
#include "memory.h"
#include "truth.h"

#define SMALLEST 64u
#define CLASSES	 16

static struct {
	struct wv_lock lock;
	void *free[CLASSES]; /* by size: SMALLEST << class */
	u8 *rest;	     /* a page that is being cut up */
	size_t left;
} pool;

static unsigned class_of(size_t size)
{
	unsigned class = 0;

	while ((size_t)SMALLEST << class < size + SIZE__POOL_HEADER)
		class ++;
	return class;
}

static void *new_block(unsigned class)
{
	size_t size = (size_t)SMALLEST << class;
	void *block;

	if (size >= PAGE)
		return wv_kernel_pages((unsigned)(size / PAGE));
	if (pool.left < size) {
		pool.rest = wv_kernel_pages(16);
		pool.left = 16 * PAGE;
	}
	block = pool.rest;
	pool.rest += size;
	pool.left -= size;
	return block;
}

void *wv_pool_take(u32 type, size_t size, u32 tag)
{
	struct _POOL_HEADER *header;
	unsigned class;

	if (!size || size > POOL_LARGEST)
		return NULL;
	class = class_of(size);
	wv_take(&pool.lock);
	header = pool.free[class];
	if (header)
		pool.free[class] = *(void **)(header + 1);
	else
		header = new_block(class);
	wv_release(&pool.lock);
	memset(header, 0, SIZE__POOL_HEADER + (size < PAGE ? size : PAGE));
	header->PoolIndex = (u8) class;
	header->PoolType = (u8)(type + 1);
	header->PoolTag = tag;
	return header + 1;
}

void wv_pool_give(void *block)
{
	struct _POOL_HEADER *header = (struct _POOL_HEADER *)block - 1;
	unsigned class = header->PoolIndex;

	header->PoolType = 0;
	wv_take(&pool.lock);
	*(void **)block = pool.free[class];
	pool.free[class] = header;
	wv_release(&pool.lock);
}

static void tell(const struct wv_call *call, const char *type_name, u64 type, size_t size, u32 tag,
		 const void *block)
{
	if (!wv_fact_call(call))
		return;
	wv_fact_hex(type_name, type);
	wv_fact_hex("size", size);
	wv_fact_bytes("tag", &tag, sizeof(tag));
	wv_fact_hex("result", (word)block);
	wv_fact_end();
}

NTAPI void *wv_ExAllocatePoolWithTag(u32 type, size_t size, u32 tag)
{
	struct wv_call call = wv_enter("ExAllocatePoolWithTag");
	void *block = wv_pool_take(type, size, tag);

	tell(&call, "type", type, size, tag, block);
	return block;
}

NTAPI void *wv_ExAllocatePoolWithQuotaTag(u32 type, size_t size, u32 tag)
{
	struct wv_call call = wv_enter("ExAllocatePoolWithQuotaTag");
	void *block;

	/* Windows 7 goes on in the plain function, with the bit for quota; later builds do not. */
	if (WV_OS_BUILD < 9200)
		block = ExAllocatePoolWithTag((type & ~8u) + 8, size, tag);
	else
		block = wv_pool_take(type, size, tag);
	tell(&call, "type", type, size, tag, block);
	return block;
}

NTAPI void *wv_ExAllocatePool2(u64 flags, size_t size, u32 tag)
{
	struct wv_call call = wv_enter("ExAllocatePool2");
	/* Without a kind of pool (POOL_FLAG_NON_PAGED, _EXECUTE, PAGED) it fails. */
	void *block = flags & 0x1c0 ? wv_pool_take(flags & 0x100, size, tag) : NULL;

	tell(&call, "flags", flags, size, tag, block);
	return block;
}

NTAPI void wv_ExFreePoolWithTag(void *block, u32 tag)
{
	struct wv_call call = wv_enter("ExFreePoolWithTag");

	if (block)
		wv_pool_give(block);
	if (!wv_fact_call(&call))
		return;
	wv_fact_hex("block", (word)block);
	wv_fact_bytes("tag", &tag, sizeof(tag));
	wv_fact_end();
}
