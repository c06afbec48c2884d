/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz inputs as lists of changes to a tiny kernel's memory and registers, as a hostile guest can
 * make them at any time: five bytes each, {what and how, where (2), value (2)}.
 */
#ifndef WV_TESTS_FUZZ_CHANGES_H
#define WV_TESTS_FUZZ_CHANGES_H

#include "tiny_linux.h"

#define CHANGES_MAX 512u

/** A place that was changed, and what was there. */
struct change {
	uint64_t physical; /* or of registers, from UINT64_MAX downwards */
	uint64_t value;
};

struct changes {
	struct change undo[CHANGES_MAX];
	unsigned count;
};

void changes_make(struct changes *changes, struct tiny_linux *kernel, const uint8_t *data,
		  size_t size);
void changes_undo(struct changes *changes, struct tiny_linux *kernel);

#endif
