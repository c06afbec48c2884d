// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes made as only hostile programs do it: of parameters that lead nowhere, or in a circle.
 */
#include "start.h"

static void create_with_line(struct block *block, struct unicode_string line)
{
	struct made made;

	wv_block_begin(block, CHILD, u"");
	*wv_block_string(block, COMMAND_LINE) = line;
	made = wv_start(block);
	wv_let_end(&made, true);
}

static void create_with_bad_lines(struct block *block)
{
	const struct unicode_string lines[] = {
		{ 0xffff, 0xffff, USER_NOTHING },
		{ 0xfffe, 0xffff, (kernel_word)-8 },
		{ 7, 7, USER_SCRATCH }, /* an odd length */
		{ 0, 0, 0 },
		{ 0x20, 0, 0 },
		{ 0x2000, 0x2000, USER_SCRATCH },	/* goes on in a page in transition */
		{ 0x400, 0x400, USER_NOTHING - 0x100 }, /* and where nothing is */
		{ 0xffff, 0xffff, at(wv_block_string(block, COMMAND_LINE)) }, /* itself */
	};

	for (u32 i = 0; i < COUNT_OF(lines); i++)
		create_with_line(block, lines[i]);
}

static void create_with(word parameters)
{
	struct block block = { .at = (u8 *)parameters };
	struct made made = wv_start(&block);

	wv_let_end(&made, true);
}

static void create_of_nothing(struct block *block)
{
	static const word blocks[] = { 0, 8, USER_NOTHING, USER_SCRATCH + 0xff0, (word)-64 };
	kernel_word copy;

	for (u32 i = 0; i < COUNT_OF(blocks); i++)
		create_with(blocks[i]);
	/* good ones, which the program may not reach */
	wv_block_begin(block, CHILD, u"in the kernel's memory");
	copy = at(block->at);
	if (!wv_perform(PERFORM_KERNEL_COPY, (word)&copy, 0, 0) && (word)copy == copy)
		create_with((word)copy);
}

static void create_no_program(struct block *block)
{
	wv_block_begin(block, u"\\??\\C:\\missing.exe", u"missing.exe");
	wv_start(block);
	wv_block_begin(block, u"", u"without an image");
	wv_start(block);
}

/* Handles that can be put nowhere. */
static void create_for_nobody(struct block *block)
{
	kernel_word handle;

	wv_block_begin(block, CHILD, u"x");
	CALL(NtCreateUserProcess, USER_NOTHING, (word)&handle, 0, 0, 0, 0, 0, 0, (word)block->at, 0,
	     0);
	CALL(NtCreateUserProcess, (word)&handle, 0, 0, 0, 0, 0, 0, 0, (word)block->at, 0, 0);
}

/* Attributes that have no end, or are not there. */
static void create_with_bad_attributes(struct block *block)
{
	kernel_word endless[] = { (kernel_word)-1, 0x20005, 0xffff, USER_NOTHING, 0 };

	wv_block_begin(block, CHILD, u"x");
	wv_start_with(block, endless);
	wv_start_with(block, (void *)USER_NOTHING);
}

/* Programs whose lists of modules lead nowhere: see modules.c. */
static void create_without_modules(struct block *block)
{
	static const u16 *const images[] = {
		u"\\??\\C:\\Windows\\System32\\child6.exe",
		u"\\??\\C:\\Windows\\System32\\child7.exe",
		u"\\??\\C:\\Windows\\SysWOW64\\child6.exe",
		u"\\??\\C:\\Windows\\System32\\child8.exe",
	};

	for (u32 i = 0; i < COUNT_OF(images); i++) {
		struct made made;

		wv_block_begin(block, images[i], u"without modules");
		made = wv_start(block);
		wv_let_end(&made, true);
	}
}

void wv_create_hostile(struct block *block)
{
	create_with_bad_lines(block);
	create_of_nothing(block);
	create_no_program(block);
	create_for_nobody(block);
	create_with_bad_attributes(block);
	create_without_modules(block);
}
