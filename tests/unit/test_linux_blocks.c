/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told of pages that are up to date only in part: by their buffers, and by iomap's bitmap,
 * of kernels before and since 6.6; and rings of buffers that are hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "linux_told.h"

#define EXT4  UINT64_C(0xef53)
#define FRAME 0x300
#define KIB   UINT64_C(1024)

/** Where the first of the frames is. */
#define PHYSICAL (FRAME * PAGE)

/** A file with a page or folio, none of which is up to date yet, at an index. */
struct partial {
	struct linux_found *found;
	uint64_t inode, page;
};

static struct partial make(struct linux_found *found, uint64_t magic, unsigned bits, uint64_t index,
			   unsigned order)
{
	struct tiny_linux *kernel = &found->kernel;
	uint64_t sb = tiny_file_system(kernel, magic);
	struct partial file = { found, tiny_inode(kernel, sb, WV_LINUX_S_IFREG, 64 * PAGE), 0 };

	file.page = tiny_make_page(kernel, FRAME, file.inode, index);
	tiny_put(kernel, file.inode, "inode.i_blkbits", bits);
	tiny_put(kernel, file.page, "page.flags", ~(UINT64_C(1) << TINY_PG_UPTODATE));
	tiny_cache(kernel, file.inode, index, order, file.page);
	return file;
}

/** A buffer is up to date, or is all but that. */
static void set_uptodate(struct partial *file, uint64_t buffer, bool uptodate)
{
	uint64_t bit = UINT64_C(1) << TINY_BH_UPTODATE;

	tiny_put(&file->found->kernel, buffer, "buffer_head.b_state", uptodate ? bit : ~bit);
}

/** Gives a page a ring of buffers: those are up to date whose letter is 'x'. Returns the first. */
static uint64_t make_ring(struct partial *file, uint64_t size, const char *uptodate)
{
	struct tiny_linux *kernel = &file->found->kernel;
	uint64_t first = 0, last = 0;

	for (const char *letter = uptodate; *letter; letter++) {
		uint64_t buffer = tiny_object(kernel, 0x40);

		set_uptodate(file, buffer, *letter == 'x');
		tiny_put(kernel, buffer, "buffer_head.b_page", file->page);
		tiny_put(kernel, buffer, "buffer_head.b_size", size);
		if (last)
			tiny_put(kernel, last, "buffer_head.b_this_page", buffer);
		else
			first = buffer;
		last = buffer;
	}
	tiny_put(kernel, last, "buffer_head.b_this_page", first);
	tiny_put(kernel, file->page, "page.private", first);
	return first;
}

static struct partial make_buffers(struct linux_found *found, const char *uptodate)
{
	struct partial file = make(found, EXT4, 10, 0, 0);

	make_ring(&file, KIB, uptodate);
	return file;
}

/** Gives a page iomap's state of its blocks. */
static void make_bitmap(struct partial *file, const char *member, uint64_t low, uint64_t high)
{
	struct tiny_linux *kernel = &file->found->kernel;
	uint64_t state = tiny_object(kernel, 0x80);
	uint64_t words[] = { low, high };

	memset(tiny_at(kernel, state), 0xff, 0x80);
	memcpy(tiny_at(kernel, state + tiny_offset(member)), words, sizeof(words));
	tiny_put(kernel, file->page, "page.private", state);
}

static void assert_file(struct partial file, const struct piece *expected, unsigned count)
{
	assert_told(file.found, file.inode, ALL, expected, count);
}

#define ASSERT_FILE(file, ...)                                                                     \
	assert_file(file, (const struct piece[]){ __VA_ARGS__ },                                   \
		    G_N_ELEMENTS(((const struct piece[]){ __VA_ARGS__ })))
#define ASSERT_NONE(file) assert_file(file, NULL, 0)

/* Buffers ---------------------------------------------------------------------------------------*/

static void test_buffers(void **state)
{
	struct linux_found *found = *state;

	ASSERT_FILE(make_buffers(found, "x..."), { 0, PHYSICAL, KIB });
	ASSERT_FILE(make_buffers(found, "xxx."), { 0, PHYSICAL, 3 * KIB });
	ASSERT_FILE(make_buffers(found, "...x"), { 3 * KIB, PHYSICAL + 3 * KIB, KIB });
	ASSERT_FILE(make_buffers(found, "x.x."), { 0, PHYSICAL, KIB },
		    { 2 * KIB, PHYSICAL + 2 * KIB, KIB });
	ASSERT_FILE(make_buffers(found, "xxxx"), { 0, PHYSICAL, 4 * KIB });
	ASSERT_NONE(make_buffers(found, "...."));
}

/** A page that is up to date needs nothing else to say so. */
static void test_whole_page(void **state)
{
	struct linux_found *found = *state;
	struct partial file = make_buffers(found, "....");

	tiny_put(&found->kernel, file.page, "page.flags", UINT64_C(1) << TINY_PG_UPTODATE);
	ASSERT_FILE(file, { 0, PHYSICAL, PAGE });
}

static void test_sectors(void **state)
{
	struct linux_found *found = *state;
	struct partial file = make(found, EXT4, 9, 0, 0);

	make_ring(&file, 512, ".x.xxx..");
	ASSERT_FILE(file, { 512, PHYSICAL + 512, 512 }, { 3 * 512, PHYSICAL + 3 * 512, 3 * 512 });
}

/** A large folio, whose slots are looked at one by one. */
static void test_buffers_of_folio(void **state)
{
	struct linux_found *found = *state;
	struct partial file = make(found, EXT4, 11, 4, 2);

	make_ring(&file, 2 * KIB, "x..xxx.x");
	ASSERT_FILE(file, { 16 * KIB, PHYSICAL, 2 * KIB },
		    { 22 * KIB, PHYSICAL + 6 * KIB, 2 * KIB },
		    { 24 * KIB, PHYSICAL + 8 * KIB, 4 * KIB },
		    { 30 * KIB, PHYSICAL + 14 * KIB, 2 * KIB });
}

/** Of a page that ends the limit, and of blocks that are larger than it. */
static void test_limits(void **state)
{
	struct linux_found *found = *state;
	struct partial file = make(found, EXT4, 16, 0, 4);

	make_ring(&file, 64 * KIB, "x");
	ASSERT_TOLD(found, file.inode, PAGE + 1, { 0, PHYSICAL, PAGE },
		    { PAGE, PHYSICAL + PAGE, PAGE });
	file = make_buffers(found, "xx.x");
	ASSERT_TOLD(found, file.inode, 1, { 0, PHYSICAL, 2 * KIB },
		    { 3 * KIB, PHYSICAL + 3 * KIB, KIB });
}

static void test_stops(void **state)
{
	struct linux_found *found = *state;
	struct partial file = make_buffers(found, "x.x.");
	struct told told = { .stop_after = 1 };

	told_read(found, file.inode, ALL, &told);
	assert_int_equal(told.count, 1);
}

/* Bitmaps ---------------------------------------------------------------------------------------*/

static void test_bitmap(void **state)
{
	struct linux_found *found = *state;
	struct partial file = make(found, WV_LINUX_MAGIC_XFS, 10, 0, 0);

	make_bitmap(&file, "iomap_folio_state.state", 0xf5, 0); /* dirty ones come behind */
	ASSERT_FILE(file, { 0, PHYSICAL, KIB }, { 2 * KIB, PHYSICAL + 2 * KIB, KIB });
}

/** More blocks than a word has bits. */
static void test_bitmap_of_folio(void **state)
{
	struct linux_found *found = *state;
	struct partial file = make(found, WV_LINUX_MAGIC_XFS, 9, 0, 4);

	make_bitmap(&file, "iomap_folio_state.state", UINT64_C(1) << 63, 3);
	ASSERT_FILE(file, { 63 * 512, PHYSICAL + 63 * 512, 512 },
		    { 64 * 512, PHYSICAL + 64 * 512, 2 * 512 });
}

static void test_bitmap_before_6_6(void **state)
{
	static const char *const without[] = { "iomap_folio_state.state", NULL };
	static struct linux_found found;
	struct partial file;

	(void)state;
	found_make(&found, &(struct tiny_options){ .without_members = without });
	file = make(&found, WV_LINUX_MAGIC_XFS, 10, 0, 0);
	make_bitmap(&file, "iomap_page.uptodate", 6, 0);
	ASSERT_FILE(file, { KIB, PHYSICAL + KIB, 2 * KIB });
	found_end(&found);
}

/** Bits mean nothing unless it is known that there are any. */
static void test_no_bitmap(void **state)
{
	struct linux_found *found = *state;
	struct partial file = make(found, EXT4, 10, 0, 0);

	make_bitmap(&file, "iomap_folio_state.state", UINT64_MAX, UINT64_MAX);
	ASSERT_NONE(file);
	file = make(found, WV_LINUX_MAGIC_XFS, 10, 0, 0);
	make_bitmap(&file, "iomap_folio_state.state", UINT64_MAX, UINT64_MAX);
	tiny_put(&found->kernel, file.inode, "inode.i_mode", WV_LINUX_S_IFBLK);
	ASSERT_NONE(file);
}

/* What a kernel may lack ------------------------------------------------------------------------*/

static void test_missing_members(void **state)
{
	static const struct {
		uint64_t magic;
		const char *without[3];
	} lacks[] = {
		{ EXT4, { "page.private" } },
		{ EXT4, { "inode.i_blkbits" } },
		{ EXT4, { "buffer_head.b_state" } },
		{ EXT4, { "buffer_head.b_this_page" } },
		{ EXT4, { "buffer_head.b_page" } },
		{ EXT4, { "buffer_head.b_size" } },
		{ WV_LINUX_MAGIC_XFS, { "page.private" } },
		{ WV_LINUX_MAGIC_XFS, { "iomap_folio_state.state", "iomap_page.uptodate" } },
	};
	static struct linux_found found;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(lacks); i++) {
		struct partial file;

		found_make(&found, &(struct tiny_options){ .without_members = lacks[i].without });
		file = make(&found, lacks[i].magic, 10, 0, 0);
		if (lacks[i].magic == EXT4)
			make_ring(&file, KIB, "xxxx");
		else
			make_bitmap(&file, "iomap_folio_state.state", UINT64_MAX, UINT64_MAX);
		ASSERT_NONE(file);
		found_end(&found);
	}
}

/* Hostile rings ---------------------------------------------------------------------------------*/

static void test_bad_places(void **state)
{
	static const uint64_t magics[] = { EXT4, WV_LINUX_MAGIC_XFS };
	struct linux_found *found = *state;
	struct tiny_linux *kernel = &found->kernel;

	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++)
		for (const uint64_t *place = found_bad_places;; place++) {
			struct partial file = make(found, magics[i], 10, 0, 0);

			tiny_put(kernel, file.page, "page.private", *place);
			ASSERT_NONE(file);
			if (!*place)
				break;
		}
	for (const uint64_t *place = found_bad_places;; place++) {
		struct partial file = make_buffers(found, "xxxx");
		uint64_t first = tiny_get(kernel, file.page, "page.private");

		tiny_put(kernel, first, "buffer_head.b_this_page", *place);
		ASSERT_FILE(file, { 0, PHYSICAL, KIB });
		if (!*place)
			break;
	}
}

/** Buffers of another page, or of another size, end what is known. */
static void test_wrong_buffers(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 512, 1025, 2048, UINT64_MAX };
	struct linux_found *found = *state;
	struct tiny_linux *kernel = &found->kernel;
	struct partial file = make_buffers(found, "xxxx");
	uint64_t first = tiny_get(kernel, file.page, "page.private");
	uint64_t second = tiny_get(kernel, first, "buffer_head.b_this_page");

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		tiny_put(kernel, second, "buffer_head.b_size", sizes[i]);
		ASSERT_FILE(file, { 0, PHYSICAL, KIB });
	}
	tiny_put(kernel, second, "buffer_head.b_size", KIB);
	tiny_put(kernel, second, "buffer_head.b_page", tiny_page(FRAME + 1));
	ASSERT_FILE(file, { 0, PHYSICAL, KIB });
	tiny_put(kernel, first, "buffer_head.b_page", 0);
	ASSERT_NONE(file);
}

static void test_wrong_lengths_of_rings(void **state)
{
	struct linux_found *found = *state;
	struct partial file = make_buffers(found, "xx");
	struct tiny_linux *kernel = &found->kernel;
	uint64_t first = tiny_get(kernel, file.page, "page.private");

	ASSERT_FILE(file, { 0, PHYSICAL, 2 * KIB });
	/* one that never comes back to its start */
	first = tiny_get(kernel, first, "buffer_head.b_this_page");
	tiny_put(kernel, first, "buffer_head.b_this_page", first);
	ASSERT_FILE(file, { 0, PHYSICAL, 4 * KIB });
	ASSERT_FILE(make_buffers(found, "xxxxxx"), { 0, PHYSICAL, 4 * KIB });
}

static void test_wrong_sizes_of_blocks(void **state)
{
	static const uint8_t bits[] = { 0, 8, 17, 63, 64, 255 };
	struct linux_found *found = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
		struct partial file = make(found, EXT4, bits[i], 0, 0);

		make_ring(&file, UINT64_C(1) << (bits[i] & 63), "xxxx");
		ASSERT_NONE(file);
	}
}

/** Folios of as many blocks as there can be, and a ring without an end, are not walked forever. */
static void test_endless_blocks(void **state)
{
	struct linux_found *found = *state;
	struct tiny_linux *kernel = &found->kernel;
	struct partial file = make(found, EXT4, 9, 0, 12);
	uint64_t top = tiny_top_node(kernel, file.inode), first = make_ring(&file, 512, "xx");
	uint64_t second = tiny_get(kernel, first, "buffer_head.b_this_page");
	uint64_t *slots = tiny_at(kernel, top + tiny_offset("xa_node.slots"));
	struct told told = { 0 };

	tiny_put(kernel, file.inode, "inode.i_size", INT64_MAX);
	tiny_put(kernel, second, "buffer_head.b_this_page", second);
	for (unsigned i = 0; i < 64; i++)
		slots[i] = file.page;
	told_read(found, file.inode, ALL, &told);
	/* each slot begins at the ring's start */
	assert_true(told.count > 1 && told.count < 64);
}

#define FOUND(name) cmocka_unit_test_setup_teardown(name, found_setup, found_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOUND(test_buffers),
		FOUND(test_whole_page),
		FOUND(test_sectors),
		FOUND(test_buffers_of_folio),
		FOUND(test_limits),
		FOUND(test_stops),
		FOUND(test_bitmap),
		FOUND(test_bitmap_of_folio),
		cmocka_unit_test(test_bitmap_before_6_6),
		FOUND(test_no_bitmap),
		cmocka_unit_test(test_missing_members),
		FOUND(test_bad_places),
		FOUND(test_wrong_buffers),
		FOUND(test_wrong_lengths_of_rings),
		FOUND(test_wrong_sizes_of_blocks),
		FOUND(test_endless_blocks),
	};

	return cmocka_run_group_tests_name("linux_blocks", tests, NULL, NULL);
}
