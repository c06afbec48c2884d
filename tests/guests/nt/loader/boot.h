/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the loader is given, and what it tells the kernel. Addresses and sizes in bytes; the same on
 * 32 and 64 bits.
 */
#ifndef WV_NT_BOOT_H
#define WV_NT_BOOT_H

/* What is mapped in user mode, as it is in memory: the program of the kernel's width, the 32-bit
 * one, and ntdll. */
#define WV_PROGRAMS   3
#define WV_PROGRAM    0
#define WV_PROGRAM_32 1
#define WV_NTDLL      2

/* The head of the packed kernel (tools/pack.py writes it); runs, relocations and bytes follow. */
struct wv_packed {
	unsigned magic, pointer, image_size, entry_rva;
	unsigned long long linked_base, lowest_base;
	unsigned base_shift, base_count; /* a base is lowest_base + (n << base_shift) */
	unsigned n_runs, n_relocations;
	struct {
		unsigned offset, size, entry_rva, unused;
	} user[WV_PROGRAMS];
} __attribute__((packed));

struct wv_run {
	unsigned rva, size, offset; /* offset: from the head */
};

#define WV_PACKED_MAGIC 0x544e5957 /* "WYNT" */

struct wv_boot {
	unsigned long long image_base, image_pa, image_size;
	unsigned long long direct;	      /* where physical memory is mapped, one to one */
	unsigned long long root_pa;	      /* the page tables that the loader made */
	unsigned long long free_pa, free_end; /* physical memory that nobody uses */
	unsigned long long user_pa[WV_PROGRAMS], user_size[WV_PROGRAMS], user_entry[WV_PROGRAMS];
	unsigned long long seed;
	unsigned large_pages; /* the kernel image is mapped by 2 MiB pages */
	unsigned cpus;
	char arguments[512]; /* the command line */
};

#define WV_DIRECT_64	  0xffffd00000000000ull
#define WV_DIRECT_32	  0xa0000000ull
#define WV_DIRECT_SIZE_32 0x10000000 /* what of physical memory the 32-bit kernel can reach */

#endif
