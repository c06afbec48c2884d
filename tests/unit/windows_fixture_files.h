/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tiny Windows kernel has of files in memory: section object pointers, control areas and
 * their subsections, prototype PTEs, shared cache maps and views.
 *
 * Entries for pages are written as the processor and the kernel know them, bit by bit, and not by
 * the profile's members.
 */
#ifndef WV_TESTS_WINDOWS_FIXTURE_FILES_H
#define WV_TESTS_WINDOWS_FIXTURE_FILES_H

#include "windows_fixture.h"

#define NT_VIEW_SIZE UINT64_C(0x40000)

/* _MMPTE_HARDWARE, _MMPTE_TRANSITION, _MMPTE_PROTOTYPE: alike in 64 bits and PAE. */
#define NT_PTE_VALID	  (UINT64_C(1) << 0)
#define NT_PTE_SWIZZLE	  (UINT64_C(1) << 4)
#define NT_PTE_PROTECTION (UINT64_C(6) << 5) /* of what is not valid: MM_READWRITE */
#define NT_PTE_PROTOTYPE  (UINT64_C(1) << 10)
#define NT_PTE_TRANSITION (UINT64_C(1) << 11)

/** Entries of pages, and of none. */
#define NT_VALID(physical)	   ((physical) | NT_PTE_VALID | 0x120)
#define NT_IN_TRANSITION(physical) ((physical) | NT_PTE_TRANSITION | NT_PTE_PROTECTION)
#define NT_DEMAND_ZERO		   NT_PTE_PROTECTION
#define NT_IN_PAGE_FILE		   (UINT64_C(0x1234) << 32 | NT_PTE_PROTECTION | 2)
#define NT_IN_FILE		   (UINT64_C(0xa00012345) << 28 | NT_PTE_PROTOTYPE | NT_PTE_PROTECTION)

/** Gives an open file SECTION_OBJECT_POINTERS and an FSRTL_ADVANCED_FCB_HEADER; returns those
 *  pointers' address. */
uint64_t nt_make_pointers(struct nt_guest *guest, uint64_t file, uint64_t size, uint64_t valid);

/** A control area with its segment, and no subsection yet. */
uint64_t nt_make_section(struct nt_guest *guest);

/**
 * The next subsection of a control area, with an array of so many prototype PTEs, all demand zero.
 * The first one lies behind the control area.
 */
uint64_t nt_make_subsection(struct nt_guest *guest, uint64_t control, unsigned n_pages);

/** Writes a subsection's prototype PTE. */
void nt_put_prototype(struct nt_guest *guest, uint64_t subsection, unsigned index, uint64_t entry);

/** Says which bytes of the file a program's subsection has. */
void nt_put_extent(struct nt_guest *guest, uint64_t subsection, uint64_t start, uint64_t size);

/** A SHARED_CACHE_MAP that has room for no view. */
uint64_t nt_make_cache_map(struct nt_guest *guest, uint64_t size, uint64_t valid,
			   uint64_t section_size);

/** A view (VACB) of a part of the file, mapped at an address, in the map's array or tree. */
uint64_t nt_make_view(struct nt_guest *guest, uint64_t map, uint64_t offset, uint64_t base);

/** Pages of the pool for a view; those after the first @n_pages are not mapped. */
uint64_t nt_view_pages(struct nt_guest *guest, unsigned n_pages);

/** The physical address of what is in the pool. */
uint64_t nt_pool_physical(const struct nt_guest *guest, uint64_t address);

/** Has the kernel hide bits in entries that are not valid. False: the build knows no such thing. */
bool nt_hide_bits(struct nt_guest *guest, uint64_t bits);

#endif
