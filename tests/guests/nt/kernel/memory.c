// SPDX-License-Identifier: GPL-2.0-or-later
/* Physical pages, page tables (4 levels, or PAE's 3), and kernel memory by the page. */
#include "memory.h"
#include "boot_info.h"
#include "truth.h"

#if WV_POINTER == 8
#define TOP_SHIFT   39
#define TOP_KERNEL  256 /* the first entry of the kernel's half, and their number */
#define TOP_COUNT   512
#define TOP_FLAGS   (PTE_PRESENT | PTE_WRITE)
#define USER_FLAGS  (PTE_PRESENT | PTE_WRITE | PTE_USER)
#define DEVICE_BASE (WV_DIRECT_64 + 0x4000000000ull)
#else
#define TOP_SHIFT   30
#define TOP_KERNEL  2
#define TOP_COUNT   4
#define TOP_FLAGS   PTE_PRESENT /* PAE allows no other in this table */
#define USER_FLAGS  PTE_PRESENT
#define DEVICE_BASE 0xf8000000u
#endif

#define ABOVE_MEMORY (1ull << 39)

u64 wv_hidden_bits;
#ifdef OFF__MI_HARDWARE_STATE_InvalidPteMask
extern struct _MI_SYSTEM_INFORMATION MiState;
#endif

static u64 next_page;
static word next_kernel, next_device = (word)DEVICE_BASE;
static struct wv_lock lock;

void *wv_physical(u64 pa)
{
	return (void *)(word)(wv_boot.direct + pa);
}

u64 wv_physical_pages(unsigned count)
{
	u64 pa;

	wv_take(&lock);
	pa = next_page;
	next_page += (u64)count * PAGE;
	wv_release(&lock);
	if (next_page > wv_boot.free_end)
		wv_broken("no memory is left");
	memset(wv_physical(pa), 0, (size_t)count * PAGE);
	return pa;
}

static u64 *table_below(u64 *table, unsigned index, u64 flags)
{
	if (!(table[index] & PTE_PRESENT))
		table[index] = wv_physical_pages(1) | flags;
	return wv_physical(table[index] & PTE_FRAME);
}

void wv_map(u64 root, word va, u64 pa, u64 flags)
{
	static struct wv_lock tables;
	u64 *table = wv_physical(root);
	u64 user = flags & PTE_USER;

	wv_take(&tables);
	for (int shift = TOP_SHIFT; shift > 12; shift -= 9) {
		unsigned index = (u64)va >> shift & (shift == TOP_SHIFT ? TOP_COUNT - 1 : 511);

		if (shift == TOP_SHIFT)
			table = table_below(table, index, user ? USER_FLAGS : TOP_FLAGS);
		else
			table = table_below(table, index, PTE_PRESENT | PTE_WRITE | user);
	}
	table[va >> 12 & 511] = pa | flags;
	wv_release(&tables);
}

u64 *wv_pte(u64 root, word va)
{
	u64 *table = wv_physical(root);

	for (int shift = TOP_SHIFT; shift > 12; shift -= 9) {
		u64 entry = table[(u64)va >> shift & (shift == TOP_SHIFT ? TOP_COUNT - 1 : 511)];

		if (!(entry & PTE_PRESENT) || (shift < TOP_SHIFT && entry & 0x80))
			return NULL;
		table = wv_physical(entry & PTE_FRAME);
	}
	return &table[va >> 12 & 511];
}

u64 wv_physical_of(u64 root, word va)
{
	u64 *pte;

	if (va - (word)wv_boot.image_base < wv_boot.image_size)
		return wv_boot.image_pa + (va - (word)wv_boot.image_base);
	pte = wv_pte(root, va);
	return pte ? (*pte & PTE_FRAME) | (va & (PAGE - 1)) : 0;
}

const char *wv_memory_state(u64 root, word va)
{
	u64 *pte;

	if (va - (word)wv_boot.image_base < wv_boot.image_size)
		return "present";
	pte = wv_pte(root, va);
	if (!pte || !*pte)
		return "none";
	return *pte & PTE_PRESENT ? "present" : *pte & PTE_TRANSITION ? "transition" : "paged-out";
}

u64 wv_new_space(void)
{
	u64 root = wv_physical_pages(1);
	u64 *to = wv_physical(root), *from = wv_physical(wv_boot.root_pa);

	for (unsigned i = TOP_KERNEL; i < TOP_COUNT; i++)
		to[i] = from[i];
	return root;
}

void wv_clear_space(u64 root)
{
	memset(wv_physical(root), 0, TOP_KERNEL * sizeof(u64));
}

/* Maps pages at addresses of their own; behind them so many more addresses stay free. */
static void *kernel_pages(unsigned count, unsigned fence)
{
	word va;

	wv_take(&lock);
	va = next_kernel;
	next_kernel += (count + fence) * PAGE;
	wv_release(&lock);
	for (unsigned i = 0; i < count; i++) {
		u64 pa = wv_physical_pages(1);

		wv_map(wv_boot.root_pa, va + i * PAGE, pa, PTE_PRESENT | PTE_WRITE);
	}
	return (void *)va;
}

void *wv_kernel_pages_fenced(unsigned count)
{
	return kernel_pages(count, 1);
}

void *wv_kernel_pages(unsigned count)
{
	return kernel_pages(count, 0);
}

word wv_kernel_space(unsigned pages)
{
	word size = (word)pages * PAGE, va;

	wv_take(&lock);
	va = (next_kernel + size - 1) & ~(size - 1);
	next_kernel = va + size;
	wv_release(&lock);
	return va;
}

void *wv_map_device(u64 pa)
{
	word va = next_device;

	next_device += PAGE;
	/* Not cached, writable. */
	wv_map(wv_boot.root_pa, va, pa, PTE_PRESENT | PTE_WRITE | 0x18);
	return (void *)va;
}

void wv_memory_init(void)
{
	u64 *top = wv_physical(wv_boot.root_pa);

	next_page = wv_boot.free_pa;
#ifdef OFF__MI_HARDWARE_STATE_InvalidPteMask
	wv_hidden_bits = wv_draw(2) ? ABOVE_MEMORY : 0;
	MiState.Hardware.InvalidPteMask = wv_hidden_bits;
#endif
#if WV_POINTER == 8
	/* Windows 7 has its non-paged pool at a fixed place, later builds anywhere. */
	if (WV_OS_BUILD < 9200)
		next_kernel = 0xfffffa8000000000ull + ((u64)wv_draw(0x10000) << 12);
	else
		next_kernel = 0xffff800000000000ull + ((u64)(0x20 + wv_draw(0x40)) << 39) +
			      ((u64)wv_draw(0x8000) << 21);
#else
	next_kernel = 0x84000000u + (wv_draw(0x800) << 12);
#endif
	/* All address spaces share these tables, so they must be there before the first one. */
	table_below(top, (u64)next_kernel >> TOP_SHIFT & (TOP_COUNT - 1), TOP_FLAGS);
	table_below(top, (u64)next_device >> TOP_SHIFT & (TOP_COUNT - 1), TOP_FLAGS);
}
