/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks: what of a page is up to date when the page as a whole is not. Where a file system has
 * blocks smaller than pages, only the blocks that were read or written are, and the page's private
 * data tell which these are: a ring of buffer heads (include/linux/buffer_head.h), or with iomap a
 * bitmap (fs/iomap/buffered-io.c).
 */
#include "guest/linux/internal.h"

/** Blocks of a file that are looked at: as many as 4 GiB have with 1 KiB each. */
#define BLOCKS_MAX (1u << 22)

/** Sizes of blocks, as powers of two: from a sector's to BLK_MAX_BLOCK_SIZE. */
#define BITS_MIN 9u
#define BITS_MAX 16u

#define WORD_BITS 64u

/** Where iomap's bitmap begins in the private data. */
static const struct wv_place *bitmap_place(const struct wv_linux *kernel)
{
	const struct wv_place *state = &kernel->places[IOMAP_FOLIO_STATE];

	return state->found ? state : &kernel->places[IOMAP_PAGE_UPTODATE];
}

void wv_linux_blocks_init(struct linux_blocks *blocks, const struct wv_linux *kernel,
			  const struct wv_space *space, const struct wv_linux_inode *inode)
{
	const struct wv_place *uptodate = &kernel->places[ENUM_BH_UPTODATE];
	uint64_t bits;

	*blocks = (struct linux_blocks){ .kernel = kernel, .space = space };
	if (!kernel->places[PAGE_PRIVATE].found ||
	    !wv_guest_read_bits(space, &kernel->places[INODE_BLOCK_BITS], inode->address, &bits) ||
	    bits < BITS_MIN || bits > BITS_MAX)
		return;
	blocks->size = UINT64_C(1) << bits;
	/* buffers say what they are; a bitmap does not */
	blocks->is_bitmap = inode->magic == WV_LINUX_MAGIC_XFS &&
			    (inode->mode & WV_LINUX_S_IFMT) == WV_LINUX_S_IFREG;
	if (blocks->is_bitmap ? bitmap_place(kernel)->found
			      : uptodate->found && uptodate->value < WORD_BITS)
		blocks->left = BLOCKS_MAX;
}

void wv_linux_blocks_begin(struct linux_blocks *blocks, uint64_t page, uint64_t private)
{
	blocks->page = page;
	blocks->first = blocks->next = private;
	blocks->number = 0;
	if (blocks->is_bitmap && private)
		blocks->next += bitmap_place(blocks->kernel)->value;
}

/** The ring's order is that of the blocks. Each buffer says which page it is of, and its size. */
static bool next_buffer(struct linux_blocks *blocks, bool *uptodate)
{
	const struct wv_linux *kernel = blocks->kernel;
	const struct wv_space *space = blocks->space;
	uint64_t buffer = blocks->next, state, page, size, next;

	if (!linux_read_u64(kernel, space, buffer, BUFFER_STATE, &state) ||
	    !linux_read_u64(kernel, space, buffer, BUFFER_PAGE, &page) ||
	    !linux_read_u64(kernel, space, buffer, BUFFER_SIZE, &size) ||
	    !linux_read_u64(kernel, space, buffer, BUFFER_NEXT, &next) || page != blocks->page ||
	    size != blocks->size)
		return false;
	*uptodate = state >> kernel->places[ENUM_BH_UPTODATE].value & 1;
	blocks->next = next == blocks->first ? 0 : next;
	return true;
}

static bool next_bit(struct linux_blocks *blocks, bool *uptodate)
{
	uint64_t word, offset = blocks->number / WORD_BITS * sizeof(word);

	if (!blocks->next || !wv_space_read_u64(blocks->space, blocks->next + offset, &word))
		return false;
	*uptodate = word >> (blocks->number++ % WORD_BITS) & 1;
	return true;
}

bool wv_linux_blocks_next(struct linux_blocks *blocks, bool *uptodate)
{
	if (!blocks->left)
		return false;
	blocks->left--;
	return blocks->is_bitmap ? next_bit(blocks, uptodate) : next_buffer(blocks, uptodate);
}
