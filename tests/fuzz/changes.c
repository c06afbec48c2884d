/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hostile guest does to its memory and registers, and the reverse. */
#include "changes.h"

#include <string.h>

#define CHANGE_SIZE 5u

/* Physical addresses of what is changed: see tiny_linux.c. */
#define INIT_TASK UINT64_C(0x482000)
#define OBJECTS	  UINT64_C(0x600000)
#define TABLES	  UINT64_C(0x800000)

static uint64_t change_value(const struct tiny_linux *kernel, uint64_t old, unsigned how,
			     uint16_t value)
{
	uint64_t objects = kernel->next_object - OBJECTS;

	switch (how) {
	case 0:
		return value;
	case 1:
		return (uint64_t)(int64_t)(int16_t)value;
	case 2: /* some object, perhaps at an odd place */
		return TINY_DIRECT_MAP + OBJECTS + value % objects;
	case 3: /* an object, from its start on */
		return TINY_DIRECT_MAP + OBJECTS + value * UINT64_C(64) % objects;
	case 4: /* the image */
		return TINY_IMAGE + value * UINT64_C(8) % TINY_IMAGE_SIZE;
	case 5: /* some page, as a page table has it */
		return (uint64_t)(value % 4096) << 12 | value >> 12 << 5 | MOCK_TABLE;
	case 6:
		return old ^ UINT64_C(1) << value % 64;
	default:
		return (uint64_t)value << 32 | value;
	}
}

/** The place that a change is for: a word of the objects, of init_task, or of a page table. */
static uint64_t change_place(const struct tiny_linux *kernel, unsigned what, uint16_t where)
{
	uint64_t at = where * UINT64_C(8);

	switch (what) {
	case 0:
		return OBJECTS + at % (kernel->next_object - OBJECTS);
	case 1:
		return INIT_TASK + at % 0x200;
	case 2:
		return TABLES + at % (kernel->mock.next_page - TABLES);
	default:
		return UINT64_MAX - where % WV_REG_COUNT;
	}
}

static uint64_t *word_at(struct tiny_linux *kernel, uint64_t physical)
{
	if (physical > UINT64_MAX - WV_REG_COUNT)
		return &kernel->mock.registers[0][UINT64_MAX - physical];
	return mock_at(&kernel->mock, physical);
}

void changes_make(struct changes *changes, struct tiny_linux *kernel, const uint8_t *data,
		  size_t size)
{
	changes->count = 0;
	for (; size >= CHANGE_SIZE && changes->count < CHANGES_MAX; size -= CHANGE_SIZE) {
		struct change *change = &changes->undo[changes->count++];
		uint16_t where, value;
		uint64_t *word;

		memcpy(&where, data + 1, sizeof(where));
		memcpy(&value, data + 3, sizeof(value));
		change->physical = change_place(kernel, data[0] & 3, where);
		word = word_at(kernel, change->physical);
		change->value = *word;
		*word = change_value(kernel, *word, data[0] >> 2 & 7, value);
		data += CHANGE_SIZE;
	}
}

void changes_undo(struct changes *changes, struct tiny_linux *kernel)
{
	while (changes->count > 0) {
		const struct change *change = &changes->undo[--changes->count];

		*word_at(kernel, change->physical) = change->value;
	}
}
