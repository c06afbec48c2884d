/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structures that programs hand to the kernel, as wide as the kernel is: a 32-bit program of a
 * 64-bit kernel makes them as WoW64 would.
 */
#ifndef WV_NT_STRUCTURES_H
#define WV_NT_STRUCTURES_H

#include "addresses.h"
#include "context.h"
#include "offsets.h"
#include "program.h"

#if WV_POINTER == 8
typedef u64 kernel_word;
#else
typedef u32 kernel_word;
#endif

#define PAGE_SIZE	 0x1000u
#define ALL_ACCESS	 0x1fffffu
#define CASE_INSENSITIVE 0x40u /* OBJ_... */
#define OPEN_IF		 0x80u

struct unicode_string {
	u16 length, maximum;
	kernel_word buffer;
};

struct object_attributes {
	kernel_word length, root, name, attributes, descriptor, quality;
};

struct client_id {
	kernel_word process, thread;
};

struct privilege {
	u32 low, high, attributes;
};

struct privileges {
	u32 count;
	struct privilege rows[4];
};

struct io_status {
	kernel_word status, information;
};

static inline kernel_word at(const void *pointer)
{
	return (word)pointer;
}

static inline struct unicode_string string_of(const u16 *text)
{
	u16 length = 0;

	while (text[length])
		length++;
	return (struct unicode_string){ (u16)(length * 2), (u16)(length * 2 + 2), at(text) };
}

/* name: NULL, or a string; attributes: OBJ_... */
static inline struct object_attributes attributes_of(const struct unicode_string *name,
						     kernel_word root, u32 attributes)
{
	return (struct object_attributes){ .length = sizeof(struct object_attributes),
					   .root = root,
					   .name = at(name),
					   .attributes = attributes };
}

/* Memory of its own; 0: there is none. */
word wv_allocate(u32 size);
/* Takes pages away until they are touched. */
void wv_page_out(word address, u32 size);

#endif
