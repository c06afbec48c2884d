/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prototypes of our own, for kernels that carry none, and the names that users know calls by. */
#include <string.h>

#include "plugins/syscalls/tables.h"

/* Linux, arch/x86/include/uapi/asm/unistd.h: __X32_SYSCALL_BIT. */
#define X32_BIT 0x40000000u

const struct wv_prototype *wv_prototypes(enum wv_syscall_abi abi, size_t *count)
{
	*count = wv_syscall_tables.n_prototypes[abi];
	return wv_syscall_tables.prototypes[abi];
}

const struct wv_prototype *wv_prototype_find(enum wv_syscall_abi abi, uint32_t number)
{
	const struct wv_prototype *rows = wv_syscall_tables.prototypes[abi];
	size_t low = 0, high = wv_syscall_tables.n_prototypes[abi];

	if (abi == WV_SYSCALL_X86_64)
		number &= ~X32_BIT;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].number == number)
			return &rows[middle];
		if (rows[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const char *wv_syscall_public_name(const char *function)
{
	size_t low = 0, high = wv_syscall_tables.n_aliases;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(function, wv_syscall_tables.aliases[middle].function);

		if (order == 0)
			return wv_syscall_tables.aliases[middle].name;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return function;
}
