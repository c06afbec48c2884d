/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz inputs as lists of changes to a machine's memory and registers, as a hostile guest can make
 * them at any time: five bytes each, {what and how, where (2), value (2)}.
 */
#ifndef WV_TESTS_FUZZ_CHANGES_H
#define WV_TESTS_FUZZ_CHANGES_H

#include "mock_machine.h"

#define CHANGES_MAX    512u
#define CHANGES_RANGES 3u

/** What inputs change, and what they let it point to. */
struct changes_scope {
	struct mock_machine *mock; /* vCPU 0's registers are changed as well */
	struct {
		uint64_t start, size; /* physical, bytes */
	} ranges[CHANGES_RANGES];
	uint64_t objects, objects_size; /* virtual: where the kernel's pointers lead */
	uint64_t image, image_size;	/* likewise: its code and data */
};

/** A place that was changed, and what was there. */
struct change {
	uint64_t physical; /* or of registers, from UINT64_MAX downwards */
	uint64_t value;
};

struct changes {
	struct change undo[CHANGES_MAX];
	unsigned count;
};

void changes_make(struct changes *changes, const struct changes_scope *scope, const uint8_t *data,
		  size_t size);
void changes_undo(struct changes *changes, const struct changes_scope *scope);

struct tiny_linux;

/** What is changed of a tiny Linux kernel (changes_linux.c): objects, init_task, page tables. */
struct changes_scope changes_of_linux(struct tiny_linux *kernel);

struct nt_guest;

/** What is changed of a tiny Windows kernel (changes_windows.c): objects, page tables, the image.
 */
struct changes_scope changes_of_windows(struct nt_guest *nt);

#endif
