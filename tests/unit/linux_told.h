/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of a file's page cache, for tests of it. */
#ifndef WV_TESTS_LINUX_TOLD_H
#define WV_TESTS_LINUX_TOLD_H

#include "linux_found.h"

#define PAGE MOCK_PAGE
#define ALL  UINT64_MAX

/** A piece of a file: see wv_page_fn. */
struct piece {
	uint64_t offset, physical;
	size_t size;
};

#define PIECES_MAX 256u

struct told {
	struct piece pieces[PIECES_MAX]; /* the first ones */
	unsigned count, stop_after;	 /* 0: never */
	uint64_t bytes, end;		 /* of the last piece */
};

/** A file of tmpfs that has nothing in its cache. */
uint64_t told_inode(struct linux_found *found, uint64_t size);

/** Reads the cache of an inode up to a limit. Fails when it is not told in the file's order. */
void told_read(struct linux_found *found, uint64_t inode, uint64_t limit, struct told *told);

/** Fails unless these pieces are told, and no others. */
void assert_told(struct linux_found *found, uint64_t inode, uint64_t limit,
		 const struct piece *expected, unsigned count);

#define ASSERT_TOLD(found, inode, limit, ...)                                                      \
	assert_told(found, inode, limit, (const struct piece[]){ __VA_ARGS__ },                    \
		    G_N_ELEMENTS(((const struct piece[]){ __VA_ARGS__ })))

/** Fails if anything is told. */
void assert_untold(struct linux_found *found, uint64_t inode);

#endif
