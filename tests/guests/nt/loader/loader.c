// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Puts the packed kernel image into memory at a base drawn from the seed, relocates it, makes the
 * first page tables and enters it. Runs without paging; everything is below 4 GiB.
 */
#include "boot.h"

typedef unsigned char u8;
typedef unsigned u32;
typedef unsigned long long u64;

#define PAGE		    4096u
#define LARGE		    0x200000u
#define TABLES_AT	    0x800000u  /* page tables and what the kernel is told */
#define IMAGE_AT	    0x2000000u /* a multiple of LARGE */
#define PRESENT		    1
#define PRESENT_WRITE	    3
#define PRESENT_WRITE_LARGE 0x83

extern const struct wv_packed wv_packed;
void wv_load(const u32 *start_info);
void wv_enter_64(u32 root, u64 entry, u64 argument);
void wv_enter_32(u32 root, u32 entry, u32 argument);

static u32 next_table = TABLES_AT;

void *memset(void *to, int value, u32 size)
{
	void *result = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
	return result;
}

void *memcpy(void *to, const void *from, u32 size)
{
	void *result = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
	return result;
}

static void outb(unsigned short port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static u8 inb(unsigned short port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* Says on the debug port what is wrong, and stops. */
static void fail(const char *text)
{
	for (; *text; text++)
		outb(0xe9, *text);
	for (;;)
		__asm__ volatile("hlt");
}

/* The number of vCPUs, from QEMU's fw_cfg device (key 5). */
static u32 count_cpus(void)
{
	u32 low;

	__asm__ volatile("outw %0, %1" : : "a"((unsigned short)5), "Nd"((unsigned short)0x510));
	low = inb(0x511);
	return low | (u32)inb(0x511) << 8;
}

static u64 number_argument(const char *line, const char *name, u64 otherwise)
{
	for (; *line; line++) {
		const char *at = line, *wanted = name;
		u64 value = 0;

		while (*wanted && *at == *wanted)
			at++, wanted++;
		if (*wanted || *at++ != '=')
			continue;
		while (*at >= '0' && *at <= '9')
			value = value * 10 + (*at++ - '0');
		return value;
	}
	return otherwise;
}

/* A number that looks random, below limit; the state is never 0. */
static u32 draw(u64 *state, u32 limit)
{
	for (int i = 0; i < 8; i++) {
		*state ^= *state << 13;
		*state ^= *state >> 7;
		*state ^= *state << 17;
	}
	return (u32)(*state >> 16) % limit;
}

static u64 *new_table(void)
{
	u64 *table = (u64 *)next_table;

	next_table += PAGE;
	return memset(table, 0, PAGE);
}

static u64 *below(u64 *table, u32 index, u32 flags)
{
	if (!(table[index] & PRESENT))
		table[index] = (u32)new_table() | flags;
	return (u64 *)((u32)table[index] & ~(PAGE - 1));
}

/* Maps one page of 4 KiB or 2 MiB. */
static void map(u64 *root, u64 va, u64 pa, int large)
{
	u64 *table = root;

	if (wv_packed.pointer == 8) {
		table = below(table, va >> 39 & 511, PRESENT_WRITE);
		table = below(table, va >> 30 & 511, PRESENT_WRITE);
	} else {
		table = below(table, va >> 30 & 3, PRESENT);
	}
	if (large) {
		table[va >> 21 & 511] = pa | PRESENT_WRITE_LARGE;
		return;
	}
	table = below(table, va >> 21 & 511, PRESENT_WRITE);
	table[va >> 12 & 511] = pa | PRESENT_WRITE;
}

static void place_image(u32 image, u64 base)
{
	const u8 *packed = (const u8 *)&wv_packed;
	const struct wv_run *run = (const struct wv_run *)(packed + sizeof(wv_packed));
	const u32 *relocation = (const u32 *)(run + wv_packed.n_runs);
	u64 delta = base - wv_packed.linked_base;

	memset((void *)image, 0, wv_packed.image_size);
	for (u32 i = 0; i < wv_packed.n_runs; i++, run++)
		memcpy((void *)(image + run->rva), packed + run->offset, run->size);
	for (u32 i = 0; i < wv_packed.n_relocations; i++) {
		if (wv_packed.pointer == 8)
			*(u64 *)(image + relocation[i]) += delta;
		else
			*(u32 *)(image + relocation[i]) += (u32)delta;
	}
}

/* The end of the memory that the image lies in, by the list that PVH gives. */
static u64 end_of_memory(const u32 *start_info)
{
	const u32 *entry = (const u32 *)start_info[10];
	u64 end = 0;

	for (u32 i = 0; i < start_info[12]; i++, entry += 6) {
		u64 from = entry[0] | (u64)entry[1] << 32, size = entry[2] | (u64)entry[3] << 32;

		if (entry[4] == 1 && from <= IMAGE_AT && from + size > IMAGE_AT)
			end = from + size;
	}
	return end;
}

void wv_load(const u32 *start_info)
{
	struct wv_boot *boot;
	u64 *root, state, base, direct_size = 0x40000000;
	u32 image;
	const char *line = (const char *)start_info[6];

	if (start_info[0] != 0x336ec578 || wv_packed.magic != WV_PACKED_MAGIC)
		fail("{\"kind\":\"broken\",\"what\":\"not started by PVH\"}\n");
	boot = memset(new_table(), 0, PAGE);
	for (u32 i = 0; line && line[i] && i + 1 < sizeof(boot->arguments); i++)
		boot->arguments[i] = line[i];
	boot->seed = number_argument(boot->arguments, "seed", 1);
	state = boot->seed * 0x9e3779b97f4a7c15ull | 1;
	base = wv_packed.lowest_base +
	       ((u64)draw(&state, wv_packed.base_count) << wv_packed.base_shift);
	boot->large_pages = number_argument(boot->arguments, "large", draw(&state, 2));

	/* A large page's physical and virtual address end alike. */
	image = IMAGE_AT + ((u32)base & (LARGE - 1));
	place_image(image, base);

	root = new_table();
	boot->direct = wv_packed.pointer == 8 ? WV_DIRECT_64 : WV_DIRECT_32;
	if (wv_packed.pointer == 4)
		direct_size = WV_DIRECT_SIZE_32;
	for (u64 pa = 0; pa < direct_size; pa += LARGE) {
		map(root, boot->direct + pa, pa, 1);
		if (pa < 0x4000000)
			map(root, pa, pa, 1);
	}
	for (u64 at = 0; at < wv_packed.image_size; at += boot->large_pages ? LARGE : PAGE) {
		u32 skew = boot->large_pages ? (u32)base & (LARGE - 1) : 0;

		map(root, base - skew + at, image - skew + at, boot->large_pages);
		if (skew && at + LARGE >= wv_packed.image_size && at < wv_packed.image_size)
			map(root, base - skew + at + LARGE, image - skew + at + LARGE, 1);
	}

	boot->image_base = base;
	boot->image_pa = image;
	boot->image_size = wv_packed.image_size;
	boot->root_pa = (u32)root;
	boot->free_pa = (image + wv_packed.image_size + LARGE) & ~(u64)(LARGE - 1);
	boot->free_end = end_of_memory(start_info);
	if (boot->free_end > direct_size)
		boot->free_end = direct_size;
	if (boot->free_end < boot->free_pa + 0x1000000)
		fail("{\"kind\":\"broken\",\"what\":\"too little memory\"}\n");
	boot->cpus = count_cpus();
	for (int i = 0; i < WV_PROGRAMS; i++) {
		boot->user_pa[i] = (u32)&wv_packed + wv_packed.user[i].offset;
		boot->user_size[i] = wv_packed.user[i].size;
		boot->user_entry[i] = wv_packed.user[i].entry_rva;
	}
	if (wv_packed.pointer == 8)
		wv_enter_64((u32)root, base + wv_packed.entry_rva, boot->direct + (u32)boot);
	else
		wv_enter_32((u32)root, (u32)base + wv_packed.entry_rva,
			    (u32)(boot->direct + (u32)boot));
}
