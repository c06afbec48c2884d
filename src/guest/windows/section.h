/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sections of files, as the memory manager has them.
 *
 * A CONTROL_AREA stands for the whole file, mapped as data or as a program. Its SUBSECTIONs, the
 * first of which lies behind it, are its parts in the file's order. Each has an array of prototype
 * PTEs, one for each page, which say where that is: in memory, valid in some address space or in
 * transition, or elsewhere.
 */
#ifndef WV_GUEST_WINDOWS_SECTION_H
#define WV_GUEST_WINDOWS_SECTION_H

#include "guest/windows/internal.h"

#define WINDOWS_PAGE 4096u

/** Prototype PTEs are read so many bytes at once: a divisor of a page. */
#define WINDOWS_ENTRIES_SIZE 512u

/** No list of subsections is followed further. */
#define WINDOWS_SUBSECTIONS_MAX 16384u

/** A part of a section. */
struct windows_subsection {
	uint64_t base; /**< its prototype PTEs; 0: it has none now, its pages are not in memory */
	uint64_t next; /**< 0: it is the last */
	uint64_t n_pages; /**< as many prototype PTEs */
	/* Of a program: bytes of the file that are in it. Pages behind them are zeros at first. */
	uint64_t start, size;
};

/** A section whose pages are looked up, at rising numbers. */
struct windows_section {
	const struct wv_windows *kernel;
	const struct wv_space *space;
	uint64_t control;      /**< CONTROL_AREA; 0: none */
	uint64_t next;	       /**< SUBSECTION, behind the one that the search is in; 0: none */
	unsigned left;	       /**< how many more are followed */
	uint64_t first, end;   /**< pages of the section that the subsection has */
	uint64_t base;	       /**< its prototype PTEs; 0: none */
	uint64_t entries_from; /**< where those are from that were read last */
	bool entries_readable;
	uint8_t entries[WINDOWS_ENTRIES_SIZE];
};

/**
 * The size of a section, in bytes: whole pages. False when CONTROL_AREA and SEGMENT do not say of
 * each other that they belong together.
 */
bool wv_windows_section_size(const struct wv_windows *kernel, const struct wv_space *space,
			     uint64_t control, uint64_t *size);

/** @control: CONTROL_AREA; of none, or one that is not whole, no page is found. */
void wv_windows_section_open(struct windows_section *section, const struct wv_windows *kernel,
			     const struct wv_space *space, uint64_t control);

/** Reads a SUBSECTION of the section; false when it does not say that it is one. */
bool wv_windows_subsection(const struct windows_section *section, uint64_t address,
			   struct windows_subsection *subsection);

/** The page that a prototype PTE of an array has in memory. */
bool wv_windows_prototype_page(struct windows_section *section, uint64_t base, uint64_t index,
			       uint64_t *physical);

/**
 * The page of a data section, if it is in memory.
 *
 * @page: its number, from 0; not less than in the call before.
 */
bool wv_windows_section_page(struct windows_section *section, uint64_t page, uint64_t *physical);

#endif
