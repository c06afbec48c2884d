/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of a file's page cache, for tests of it. */
#include "linux_told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define SECTOR 512u

static bool note(void *owner, uint64_t offset, uint64_t physical, size_t size)
{
	struct told *told = owner;

	if (told->count < PIECES_MAX)
		told->pieces[told->count] = (struct piece){ offset, physical, size };
	assert_true(size && size % SECTOR == 0 && physical % SECTOR == 0);
	assert_true(offset >= told->end); /* at rising offsets */
	told->end = offset + size;
	told->bytes += size;
	return ++told->count != told->stop_after;
}

void told_read(struct linux_found *found, uint64_t address, uint64_t limit, struct told *told)
{
	struct wv_linux_inode inode;
	uint64_t bytes;

	told->count = 0;
	told->bytes = told->end = 0;
	assert_true(wv_linux_inode(found->guest, &found->space, address, &inode));
	bytes = wv_linux_cached(found->guest, &found->space, &inode, limit, note, told);
	assert_int_equal(bytes, told->bytes);
}

void assert_told(struct linux_found *found, uint64_t inode, uint64_t limit,
		 const struct piece *expected, unsigned count)
{
	struct told told = { 0 };

	told_read(found, inode, limit, &told);
	for (unsigned i = 0; i < count && i < told.count; i++) {
		const struct piece *is = &told.pieces[i], *should = &expected[i];

		if (is->offset != should->offset || is->physical != should->physical ||
		    is->size != should->size)
			fail_msg("piece %u: %lx at %lx, %zx; not %lx at %lx, %zx", i, is->offset,
				 is->physical, is->size, should->offset, should->physical,
				 should->size);
	}
	assert_int_equal(told.count, count);
}

void assert_untold(struct linux_found *found, uint64_t inode)
{
	assert_told(found, inode, ALL, NULL, 0);
}

uint64_t told_inode(struct linux_found *found, uint64_t size)
{
	uint64_t sb = tiny_file_system(&found->kernel, WV_LINUX_MAGIC_TMPFS);

	return tiny_inode(&found->kernel, sb, WV_LINUX_S_IFREG | 0644, size);
}
