/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of the tiny Linux kernel, as a table that its BTF and its objects are made by. */
#ifndef WV_TESTS_TINY_LINUX_TYPES_H
#define WV_TESTS_TINY_LINUX_TYPES_H

#include <glib.h>
#include <stdint.h>

struct tiny_member {
	const char *structure;
	const char *name;
	const char *type; /**< "u8", "u32", "u64", "comm", "pids", "slots", or a structure of the
			     table */
	uint32_t offset;  /**< bytes */
	uint8_t shift;	  /**< of a bit field */
	uint8_t bits;	  /**< of a bit field; 0: it is none */
};

/** The member of that name, such as "task_struct.pid"; the test ends if there is none. */
const struct tiny_member *tiny_member_find(const char *name);

/** How many bytes tiny_put() writes of it: those of a number, or of a pointer at its start. */
unsigned tiny_member_size(const struct tiny_member *member);

/** Of a struct page: its bytes, and the bit of its flags that says that it can be read. */
#define TINY_PAGE_SIZEOF 64u
#define TINY_PG_UPTODATE 3

/** The bit of a buffer_head's state that says that it can be read. */
#define TINY_BH_UPTODATE 5

/** Bytes of a struct pt_regs, and of any structure as its BTF has it. */
#define TINY_REGS_SIZE 0x78u
unsigned tiny_structure_size(const char *name);

/** The kernel's BTF, but for some members: "task_struct.comm", ended by NULL; or NULL. */
GByteArray *tiny_types(const char *const *without);

#endif
