/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tiny Linux kernel that has been found, one of its tasks running. */
#ifndef WV_TESTS_LINUX_FOUND_H
#define WV_TESTS_LINUX_FOUND_H

#include "guest/linux/linux.h"
#include "machine/cpu.h"
#include "tiny_linux_files.h"

/** An address of the direct map behind which there is no memory. */
#define FOUND_NOWHERE (TINY_DIRECT_MAP + UINT64_C(0x7000000000))

/** Addresses that lead to nothing, or to something else; ended by 0, which is one of them. */
extern const uint64_t found_bad_places[];

struct linux_found {
	struct tiny_linux kernel;
	struct wv_cpu cpu;
	struct wv_guest *guest;
	struct wv_space space;
	struct tiny_task *task;
};

/** Makes one. The options may be NULL. */
void found_make(struct linux_found *found, const struct tiny_options *options);
void found_end(struct linux_found *found);

/** For cmocka: *state is a struct linux_found. */
int found_setup(void **state);
int found_teardown(void **state);

#endif
