// SPDX-License-Identifier: GPL-2.0-or-later
/* Pool scenario: allocations of all types and kinds of tags, one a step, and their release. */
#include "cpu.h"
#include "pool.h"
#include "scenario.h"
#include "schedule.h"
#include "truth.h"

enum kind { PLAIN, QUOTA, POOL2 };

static const struct {
	u8 kind;
	u64 type;
	u32 size;
	char tag[5];
} rows[] = {
	/* The types that there have always been. */
	{ PLAIN, 0, 0x20, "Proc" },
	{ PLAIN, 1, 0x1000, "MmSt" },
	{ PLAIN, 2, 0x18, "Thre" },
	{ PLAIN, 3, 0x18, "File" },
	{ PLAIN, 4, 0x40, "Irp " },
	{ PLAIN, 5, 0x40, "CM25" },
	{ PLAIN, 6, 0x40, "NtFs" },
	{ PLAIN, 7, 0x40, "Even" },
	{ PLAIN, 8, 0x40, "Even" },
	{ PLAIN, 9, 0x40, "Even" },
	{ PLAIN, 0x10, 0x30, "Driv" },
	{ PLAIN, 0x11, 0x30, "Driv" },
	/* Session pool, and all its relatives. */
	{ PLAIN, 32, 0x50, "Gla1" },
	{ PLAIN, 33, 0x50, "Gh05" },
	{ PLAIN, 34, 0x50, "Gh05" },
	{ PLAIN, 35, 0x50, "Gh05" },
	{ PLAIN, 36, 0x50, "Gh05" },
	{ PLAIN, 37, 0x50, "Gh05" },
	{ PLAIN, 38, 0x50, "Gh05" },
	/* Not executable, and flags on top. */
	{ PLAIN, 512, 0x60, "Toke" },
	{ PLAIN, 516, 0x60, "Toke" },
	{ PLAIN, 544, 0x60, "Toke" },
	{ PLAIN, 512 + 8, 0x60, "Toke" },
	{ PLAIN, 512 + 16, 0x60, "Toke" },
	{ PLAIN, 1024, 0x60, "Toke" },
	{ PLAIN, 1025, 0x60, "Toke" },
	{ PLAIN, 1536, 0x60, "Toke" },
	{ PLAIN, 2048 + 512, 0x60, "Toke" },
	{ PLAIN, 99, 0x60, "Toke" },
	{ PLAIN, 0x80000000, 0x60, "Toke" },
	{ PLAIN, 0xffffffff, 0x60, "Toke" },
	/* Sizes. */
	{ PLAIN, 1, 0, "Zero" },
	{ PLAIN, 1, 1, "Ones" },
	{ PLAIN, 1, 0xfff, "MmCa" },
	{ PLAIN, 1, 0x1001, "MmCa" },
	{ PLAIN, 1, POOL_LARGEST, "MmLa" },
	{ PLAIN, 1, POOL_LARGEST + 1, "MmLa" },
	{ PLAIN, 1, 0xffffffff, "MmLa" },
	/* Tags: of three characters, padded or not, protected, of wildcards' families. */
	{ PLAIN, 1, 0x28, "MP  " },
	{ PLAIN, 1, 0x28, "MP\0\0" },
	{ PLAIN, 1, 0x28, "Key " },
	{ PLAIN, 1, 0x28, "Key\0" },
	{ PLAIN, 1, 0x28, "Ke\0y" },
	{ PLAIN, 1, 0x28, "\0\0\0\0" },
	{ PLAIN, 1, 0x28, "\0Key" },
	{ PLAIN, 1, 0x28, "Pro\xe3" },
	{ PLAIN, 1, 0x28, "Fil\xe5" },
	{ PLAIN, 1, 0x28, "Irp\xa0" },
	{ PLAIN, 1, 0x28, "AcpA" },
	{ PLAIN, 1, 0x28, "AcpZ" },
	{ PLAIN, 1, 0x28, "Afd!" },
	{ PLAIN, 1, 0x28, "AfdC" },
	{ PLAIN, 1, 0x28, "Gh09" },
	{ PLAIN, 1, 0x28, "proc" },
	{ PLAIN, 1, 0x28, "PROC" },
	{ PLAIN, 1, 0x28, "Xyzw" },
	{ PLAIN, 1, 0x28, "    " },
	{ PLAIN, 1, 0x28, "****" },
	{ PLAIN, 1, 0x28, "????" },
	{ PLAIN, 1, 0x28, "a\"b\\" },
	{ PLAIN, 1, 0x28, "a,b;" },
	{ PLAIN, 1, 0x28, "\x01\x02\n\r" },
	{ PLAIN, 1, 0x28, "\t\x1b\x7f " },
	{ PLAIN, 1, 0x28, "\x80\x90\xfe\xff" },
	{ PLAIN, 1, 0x28, "\xff\xff\xff\xff" },
	{ PLAIN, 1, 0x28, "\xc3\xa9\xc3\xa9" },
	{ PLAIN, 1, 0x28, "\xe2\x82\xac " },
	/* With quota. */
	{ QUOTA, 0, 0x70, "Obtb" },
	{ QUOTA, 1, 0x70, "Obtb" },
	{ QUOTA, 9, 0x70, "Obtb" },
	{ QUOTA, 512 + 8, 0x70, "AlMs" },
	{ QUOTA, 1, POOL_LARGEST + 1, "AlMs" },
	{ QUOTA, 1, 0x70, "Q\xc4t " },
	/* By flags: what kind, then how. */
	{ POOL2, 0x40, 0x80, "Wnf " },
	{ POOL2, 0x80, 0x80, "Wnf " },
	{ POOL2, 0x100, 0x80, "Wnf " },
	{ POOL2, 0x41, 0x80, "Wnf " },
	{ POOL2, 0x42, 0x80, "Wnf " },
	{ POOL2, 0x44, 0x80, "Wnf " },
	{ POOL2, 0x48, 0x80, "Wnf " },
	{ POOL2, 0x110, 0x80, "Wnf " },
	{ POOL2, 0x120, 0x80, "Wnf " },
	{ POOL2, 0x100000040, 0x80, "Wnf " },
	{ POOL2, 0x200000100, 0x80, "Wnf " },
	{ POOL2, 0, 0x80, "Wnf " },
	{ POOL2, 0x7fffffffffffffff, 0x80, "Wnf " },
	{ POOL2, 0x40, 0, "Wnf " },
	{ POOL2, 0x40, 0x80, "W\0f\xff" },
};

#define RANDOM_STEPS 40

static u32 tag_of(const char *text)
{
	u32 tag;

	memcpy(&tag, text, 4);
	return tag;
}

static void *allocate(enum kind kind, u64 type, size_t size, u32 tag)
{
	switch (kind) {
	case PLAIN:
		return ExAllocatePoolWithTag((u32)type, size, tag);
	case QUOTA:
		return ExAllocatePoolWithQuotaTag((u32)type, size, tag);
	case POOL2:
#ifdef HAS_ExAllocatePool2
		return ExAllocatePool2(type, size, tag);
#else
		break;
#endif
	}
	return NULL;
}

static void step_at_random(void)
{
	static const char tags[][5] = { "Proc", "NtfF", "Vad ",	   "VadS",   "CcSc",
					"Ntf0", "TcpE", "Q\xa0q ", "Lo\0\0", "ObDi" };
	static const u32 types[] = { 0, 1, 4, 5, 32, 33, 512, 516 };
	u32 tag = wv_draw(4) ? tag_of(tags[wv_draw(COUNT_OF(tags))]) : wv_draw(0xffffffff);
	u32 type = types[wv_draw(COUNT_OF(types))], size = 1 + wv_draw(3000);
	void *first = ExAllocatePoolWithTag(type, size, tag), *second;

	wv_yield();
	second = ExAllocatePoolWithTag(type, size, tag);
	ExFreePoolWithTag(first, tag);
	ExFreePoolWithTag(second, tag);
}

bool wv_pool_step(word step)
{
	void *block;

	if (step >= COUNT_OF(rows)) {
		if (step >= COUNT_OF(rows) + RANDOM_STEPS)
			return false;
		step_at_random();
		return true;
	}
	block = allocate(rows[step].kind, rows[step].type, rows[step].size, tag_of(rows[step].tag));
	if (step % 3 == 0)
		wv_yield();
	if (block && step % 4)
		ExFreePoolWithTag(block, step % 2 ? tag_of(rows[step].tag) : 0);
	return true;
}

void wv_storm(word count)
{
	__atomic_add_fetch(&wv_silent, 1, __ATOMIC_SEQ_CST);
	for (word i = 0; i < count; i++) {
		void *block = ExAllocatePoolWithTag(1, 0x20 + (i & 0x1ff),
						    TAG('S', 't', 'm', 'a' + i % 26));

		ExFreePoolWithTag(block, 0);
	}
	__atomic_sub_fetch(&wv_silent, 1, __ATOMIC_SEQ_CST);
}
