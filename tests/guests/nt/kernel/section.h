/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What data sections and those of programs are made of. */
#ifndef WV_NT_SECTION_H
#define WV_NT_SECTION_H

#include "file.h"

struct wv_runs;

u64 wv_pte_valid(u64 page);
u64 wv_pte_in_transition(u64 page);
u64 wv_pte_in_file(const struct _SUBSECTION *subsection);

/* A control area with room for subsections behind it, which are to be filled. */
struct _CONTROL_AREA *wv_area_make(struct wv_file *file, size_t size_of_subsections);
void wv_area_set_size(struct _CONTROL_AREA *area, u64 bytes, u32 ptes);
/* one_block: all its subsections are in its own memory; else the first one only. */
void wv_area_free(struct _CONTROL_AREA *area, bool one_block);
struct _SUBSECTION *wv_first_subsection(struct _CONTROL_AREA *area);
struct _SUBSECTION *wv_next_subsection(const struct _SUBSECTION *subsection);
/* With PTEs that say that the pages are away, unless they are too many. */
void wv_subsection_fill(struct _SUBSECTION *subsection, struct _CONTROL_AREA *area, u32 sector,
			u32 ptes);

/* What of a program's section is in memory. */
void wv_image_tell(const struct wv_file *file, struct wv_runs *runs);

#endif
