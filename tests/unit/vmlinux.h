/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real kernels for tests: a decompressed vmlinux (ELF), laid out as a running guest maps it.
 *
 * The folder comes from the environment: $WYVERN_KERNELS/NAME/vmlinux.
 */
#ifndef WV_TESTS_VMLINUX_H
#define WV_TESTS_VMLINUX_H

#include "profile/kallsyms.h"

struct vmlinux {
	char *name; /**< of its folder, such as "linux-6.1" */
	char *path;
	struct wv_image image;
	char *file; /**< the ELF file itself */
	size_t file_size;
};

/**
 * Loads one kernel. Segments are placed by their physical addresses, so that the per-CPU segment,
 * which older kernels link at 0, lies where the guest has it.
 */
struct vmlinux *vmlinux_load(const char *path, GError **error);
void vmlinux_free(struct vmlinux *kernel);

/**
 * All kernels of $WYVERN_KERNELS, sorted by name, loaded. NULL, with a message that says what to
 * set, when the variable is not set; an empty folder, or a file that can not be read, is a failure.
 */
GPtrArray *vmlinux_load_all(void);

/** The ELF section of that name: its link address and its size. */
bool vmlinux_section(const struct vmlinux *kernel, const char *name, uint64_t *address,
		     uint64_t *size);

/** The bytes at a link address of the image, or NULL when they are not all inside. */
const uint8_t *vmlinux_at(const struct vmlinux *kernel, uint64_t address, size_t size);

#endif
