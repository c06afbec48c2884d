// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes made: as programs do it, with long texts, and with texts that are away. */
#include "start.h"

static void create_children(struct block *block)
{
	static const u16 *const images[] = {
		CHILD,
		u"\\??\\C:\\Windows\\System32\\child1.exe",
		u"\\??\\C:\\Program Files\\\u041f\u043e\u0438\u0441\u043a\\\u00f6\U0001f40d3.exe",
		u"\\??\\C:\\Windows\\SysWOW64\\child4.exe",
		u"C:\\name of more than fifteen characters4.exe",
	};
	static const u16 *const lines[] = {
		u"child0.exe",
		u"\"C:\\Windows\\System32\\child1.exe\" -a \"b c\" /d:\\\\e\\f \t\n\x01",
		u"\u041f\u043e\u0438\u0441\u043a \u00f6\U0001f40d\xd800 \xffff \u4e2d\u6587",
		u"",
		u"x",
	};

	for (u32 i = 0; i < COUNT_OF(images); i++) {
		struct made made;

		wv_block_begin(block, images[i], lines[i]);
		made = wv_start(block);
		wv_let_end(&made, i % 2);
	}
}

/* PS_ATTRIBUTE_LIST: what to make, and where to put what was made. */
struct attribute {
	kernel_word number, size, value, returned;
};

#define PARENT	   0x60000u
#define CLIENT_ID  0x10003u
#define TEB	   0x10004u
#define IMAGE_NAME 0x20005u

/* As CreateProcess does it, and as a child of another process. */
static void create_with_attributes(struct block *block)
{
	static const u16 image[] = CHILD;
	struct client_id id = { .process = 0 };
	kernel_word teb = 0;
	struct {
		kernel_word length;
		struct attribute attributes[4];
	} list = { sizeof(list),
		   { { IMAGE_NAME, sizeof(image) - 2, at(image), 0 },
		     { CLIENT_ID, sizeof(id), at(&id), 0 },
		     { TEB, sizeof(teb), at(&teb), 0 },
		     { PARENT, sizeof(kernel_word), 0, 0 } } };
	struct object_attributes attributes = attributes_of(NULL, 0, 0);
	struct client_id explorer = { .process = 1504 };
	kernel_word parent = 0;
	struct made made;

	wv_block_begin(block, image, u"child0.exe of another's");
	if (CALL(NtOpenProcess, (word)&parent, 0x80, (word)&attributes, (word)&explorer))
		return;
	list.attributes[3].value = parent;
	made = wv_start_with(block, &list);
	wv_let_end(&made, true);
	/* no process */
	list.attributes[3].value = 0x7ffc;
	wv_start_with(block, &list);
	/* one that ends before its parent */
	list.length -= sizeof(list.attributes[0]);
	made = wv_start_with(block, &list);
	wv_let_end(&made, false);
	NtClose((word)parent);
}

static void create_with_long_line(struct block *block, u32 characters)
{
	struct made made;
	u16 *text;

	wv_block_begin(block, CHILD, u"");
	text = (u16 *)(block->at + TEXTS + block->used);
	for (u32 i = 0; i < characters; i++)
		text[i] = (u16)('a' + i % 26);
	*wv_block_string(block, COMMAND_LINE) =
		(struct unicode_string){ (u16)(characters * 2), (u16)(characters * 2), at(text) };
	made = wv_start(block);
	wv_let_end(&made, true);
}

/* Its texts, and then the whole of it, are not there as the call begins. */
static void create_paged_out(struct block *block)
{
	struct made made;

	wv_block_begin(block, CHILD, u"child0.exe whose parameters are away");
	wv_page_out((word)block->at + TEXTS, PAGE_SIZE);
	made = wv_start(block);
	wv_let_end(&made, true);
	wv_block_begin(block, CHILD, u"child0.exe whose parameters are all away");
	wv_page_out((word)block->at, TEXTS + PAGE_SIZE);
	made = wv_start(block);
	wv_let_end(&made, true);
}

static void create_without_threads(void)
{
	struct object_attributes attributes = attributes_of(NULL, 0, CASE_INSENSITIVE);
	kernel_word made = 0;

	if (!CALL(NtCreateProcessEx, (word)&made, ALL_ACCESS, (word)&attributes, SELF, 4, 0, 0, 0,
		  0)) {
		CALL(NtTerminateProcess, (word)made, 0x80000003);
		NtClose((word)made);
	}
	CALL(NtCreateProcessEx, (word)&made, 0x1000, 0, 0x7ffc, 0, 0x10, 0x14, 0x18, 7);
	CALL(NtCreateProcessEx, USER_NOTHING, ALL_ACCESS, 0, SELF, 0, 0, 0, 0, 0);
}

void wv_create_all(struct block *block)
{
	create_children(block);
	create_with_attributes(block);
	create_with_long_line(block, 5000);
	create_with_long_line(block, 0x7fff);
	create_paged_out(block);
	create_without_threads();
}
