/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking up pool tags: one hash table with open addressing, asked once for each kind of mask. */
#include "plugins/poolmon/tags.h"

#define TAG_SIZE 4
#define EXACTLY	 UINT32_MAX

/** What such memory may only be freed with: PROTECTED_POOL of the Windows Driver Kit's pool.h. */
#define PROTECTED_POOL 0x80000000u

/** Masks of rows that stand for several tags: each of four bytes counts or not. */
#define MASKS_MAX ((1u << TAG_SIZE) - 1)

struct slot {
	uint32_t tag;
	uint32_t row; /* its index plus 1; 0: nothing is here */
};

struct poolmon_tags {
	const struct poolmon_tag *rows;
	struct slot *slots; /* a power of two, at most half of them in use */
	unsigned hash_shift;
	unsigned n_masks;
	uint32_t masks[MASKS_MAX]; /* but for EXACTLY; those that tell most come first */
};

/** Multiplicative hashing: Knuth, The Art of Computer Programming, volume 3, section 6.4. */
static uint32_t hash(const struct poolmon_tags *tags, uint32_t tag, uint32_t mask)
{
	return (uint32_t)((tag ^ ~mask) * UINT32_C(0x9e3779b1)) >> tags->hash_shift;
}

/** Where the row of this tag and mask is, or the empty place where it would be. */
static struct slot *find_slot(const struct poolmon_tags *tags, uint32_t tag, uint32_t mask)
{
	uint32_t last = UINT32_MAX >> tags->hash_shift;
	uint32_t at = hash(tags, tag, mask);

	while (tags->slots[at].row &&
	       !(tags->slots[at].tag == tag && tags->rows[tags->slots[at].row - 1].mask == mask))
		at = (at + 1) & last;
	return &tags->slots[at];
}

static const struct poolmon_tag *find(const struct poolmon_tags *tags, uint32_t tag, uint32_t mask)
{
	const struct slot *slot = find_slot(tags, tag & mask, mask);

	return slot->row ? &tags->rows[slot->row - 1] : NULL;
}

/** Sorts masks: more bytes that count come first; then those with the first byte that differs. */
static int compare_masks(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	uint32_t difference = left ^ right;
	int more = __builtin_popcount(right) - __builtin_popcount(left);

	return more ? more : left & (difference & -difference) ? -1 : 1;
}

static void add_mask(struct poolmon_tags *tags, uint32_t mask)
{
	for (unsigned i = 0; i < tags->n_masks; i++)
		if (tags->masks[i] == mask)
			return;
	if (mask != EXACTLY)
		tags->masks[tags->n_masks++] = mask;
}

struct poolmon_tags *poolmon_tags_new(const struct poolmon_tag *rows, unsigned count)
{
	struct poolmon_tags *tags = g_new0(struct poolmon_tags, 1);
	unsigned bits = MAX(g_bit_storage(2 * (gulong)count), 1);

	tags->rows = rows;
	tags->hash_shift = 32 - bits;
	tags->slots = g_new0(struct slot, (gsize)1 << bits);
	for (unsigned i = 0; i < count; i++) {
		*find_slot(tags, rows[i].tag, rows[i].mask) = (struct slot){ rows[i].tag, i + 1 };
		add_mask(tags, rows[i].mask);
	}
	qsort(tags->masks, tags->n_masks, sizeof(tags->masks[0]), compare_masks);
	return tags;
}

void poolmon_tags_free(struct poolmon_tags *tags)
{
	if (!tags)
		return;
	g_free(tags->slots);
	g_free(tags);
}

/** The tag as tables have it: not protected, and padded with blanks. */
static uint32_t plain_tag(uint32_t tag)
{
	tag &= ~PROTECTED_POOL;
	for (unsigned shift = 8 * (TAG_SIZE - 1);; shift -= 8) {
		uint32_t byte = tag >> shift & 0xff;

		if (byte && byte != ' ')
			return tag;
		tag |= (uint32_t)' ' << shift;
		if (!shift)
			return tag;
	}
}

const struct poolmon_tag *poolmon_tags_find(const struct poolmon_tags *tags, uint32_t tag)
{
	const struct poolmon_tag *row = find(tags, tag, EXACTLY);
	uint32_t plain = plain_tag(tag);

	if (!row && plain != tag)
		row = find(tags, plain, EXACTLY);
	for (unsigned i = 0; i < tags->n_masks && !row; i++)
		row = find(tags, plain, tags->masks[i]);
	return row;
}

bool poolmon_tag_parse(const char *text, size_t size, struct poolmon_tag *row)
{
	const char *star = memchr(text, '*', size);
	size_t own = star ? (size_t)(star - text) : size;
	uint32_t tag = 0, mask = 0;

	if (!size || size > TAG_SIZE || (star && own != size - 1))
		return false;
	for (size_t i = 0; i < (star ? own : TAG_SIZE); i++) {
		uint8_t byte = i < own ? (uint8_t)text[i] : ' ';

		if (g_ascii_iscntrl(byte))
			return false;
		if (byte == '?')
			continue;
		tag |= (uint32_t)byte << 8 * i;
		mask |= UINT32_C(0xff) << 8 * i;
	}
	/* a tag of protected pool is told from others only where exactly that one is meant */
	row->tag = mask == EXACTLY ? tag : tag & ~PROTECTED_POOL;
	row->mask = mask;
	return true;
}
