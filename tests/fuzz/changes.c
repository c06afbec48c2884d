/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hostile guest does to its memory and registers, and the reverse. */
#include "changes.h"

#include <string.h>

#define CHANGE_SIZE 5u

static uint64_t change_value(const struct changes_scope *scope, uint64_t old, unsigned how,
			     uint16_t value)
{
	switch (how) {
	case 0:
		return value;
	case 1:
		return (uint64_t)(int64_t)(int16_t)value;
	case 2: /* some object, perhaps at an odd place */
		return scope->objects + value % scope->objects_size;
	case 3: /* an object, from its start on */
		return scope->objects + value * UINT64_C(64) % scope->objects_size;
	case 4: /* the image */
		return scope->image + value * UINT64_C(8) % scope->image_size;
	case 5: /* some page, as a page table has it */
		return (uint64_t)(value % 4096) << 12 | value >> 12 << 5 | MOCK_TABLE;
	case 6:
		return old ^ UINT64_C(1) << value % 64;
	default:
		return (uint64_t)value << 32 | value;
	}
}

/** The place that a change is for: a word of a range, or a register. */
static uint64_t change_place(const struct changes_scope *scope, unsigned what, uint16_t where)
{
	if (what >= CHANGES_RANGES)
		return UINT64_MAX - where % WV_REG_COUNT;
	return scope->ranges[what].start + where * UINT64_C(8) % scope->ranges[what].size;
}

static uint64_t *word_at(const struct changes_scope *scope, uint64_t physical)
{
	if (physical > UINT64_MAX - WV_REG_COUNT)
		return &scope->mock->registers[0][UINT64_MAX - physical];
	return mock_at(scope->mock, physical);
}

void changes_make(struct changes *changes, const struct changes_scope *scope, const uint8_t *data,
		  size_t size)
{
	changes->count = 0;
	for (; size >= CHANGE_SIZE && changes->count < CHANGES_MAX; size -= CHANGE_SIZE) {
		struct change *change = &changes->undo[changes->count++];
		uint16_t where, value;
		uint64_t *word;

		memcpy(&where, data + 1, sizeof(where));
		memcpy(&value, data + 3, sizeof(value));
		change->physical = change_place(scope, data[0] & 3, where);
		word = word_at(scope, change->physical);
		change->value = *word;
		*word = change_value(scope, *word, data[0] >> 2 & 7, value);
		data += CHANGE_SIZE;
	}
}

void changes_undo(struct changes *changes, const struct changes_scope *scope)
{
	while (changes->count > 0) {
		const struct change *change = &changes->undo[--changes->count];

		*word_at(scope, change->physical) = change->value;
	}
}
