// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Processes and threads made, opened and ended, memory protected, privileges changed: as programs
 * do it, and as only hostile ones do.
 */
#include "structures.h"

#define ALL_ACCESS	 0x1fffffu
#define NORMALIZED	 1u
#define PAGE_SIZE	 0x1000u
#define TEXTS		 (2 * PAGE_SIZE) /* of a block of parameters: where its texts begin */
#define BLOCK_SIZE	 (TEXTS + 0x22000)
#define CASE_INSENSITIVE 0x40u

word wv_allocate(u32 size)
{
	kernel_word base = 0, room = size;

	return CALL(NtAllocateVirtualMemory, SELF, (word)&base, 0, (word)&room, 0x3000, 4)
		       ? 0
		       : (word)base;
}

void wv_page_out(word address, u32 size)
{
	for (u32 i = 0; i < size; i += PAGE_SIZE)
		wv_perform(PERFORM_PAGE_OUT, address + i, 0, 0);
}

/* Parameters ------------------------------------------------------------------------------------*/

struct block {
	u8 *at;
	u32 used; /* of the texts */
};

static struct unicode_string *member(const struct block *block, u32 offset)
{
	return (struct unicode_string *)(block->at + offset);
}

#define COMMAND_LINE OFF__RTL_USER_PROCESS_PARAMETERS_CommandLine
#define IMAGE_PATH   OFF__RTL_USER_PROCESS_PARAMETERS_ImagePathName
#define DLL_PATH     OFF__RTL_USER_PROCESS_PARAMETERS_DllPath
#define DIRECTORY    (OFF__RTL_USER_PROCESS_PARAMETERS_CurrentDirectory + OFF__CURDIR_DosPath)

static void put(struct block *block, u32 offset, const u16 *text)
{
	u16 *to = (u16 *)(block->at + TEXTS + block->used);
	u32 count = 0;

	for (; text[count]; count++)
		to[count] = text[count];
	to[count] = 0;
	*member(block, offset) =
		(struct unicode_string){ (u16)(count * 2), (u16)(count * 2 + 2), at(to) };
	block->used += count * 2 + 2;
}

/* A block is used over and over: what one process was started with is not the next one's. */
static void begin(struct block *block, const u16 *image, const u16 *command_line)
{
	block->used = 0;
	for (u32 i = 0; i < SIZE__RTL_USER_PROCESS_PARAMETERS; i++)
		block->at[i] = 0;
	*(u32 *)(block->at + OFF__RTL_USER_PROCESS_PARAMETERS_MaximumLength) = BLOCK_SIZE;
	*(u32 *)(block->at + OFF__RTL_USER_PROCESS_PARAMETERS_Length) = BLOCK_SIZE;
	*(u32 *)(block->at + OFF__RTL_USER_PROCESS_PARAMETERS_Flags) = NORMALIZED;
	put(block, IMAGE_PATH, image);
	put(block, COMMAND_LINE, command_line);
	put(block, DLL_PATH, u"C:\\Windows\\System32;C:\\");
	put(block, DIRECTORY, u"C:\\Users\\w\\");
}

/* Processes -------------------------------------------------------------------------------------*/

struct made {
	u32 status;
	kernel_word process, thread;
};

static struct made create(const struct block *block)
{
	struct made made = { .status = 0 };

	made.status = CALL(NtCreateUserProcess, (word)&made.process, (word)&made.thread, ALL_ACCESS,
			   ALL_ACCESS, 0, 0, 0, 0, (word)block->at, 0, 0);
	return made;
}

static void close(const struct made *made)
{
	if (made->status)
		return;
	NtClose((word)made->process);
	NtClose((word)made->thread);
}

/* Lets it end by itself: handles are closed before, or when it is no more. */
static void let_end(const struct made *made, bool wait)
{
	if (wait && !made->status)
		CALL(NtWaitForSingleObject, (word)made->process, 0, 0);
	close(made);
}

/* Ends a process that waits for ever, and tries it again. */
static void kill(const struct made *made, u32 status)
{
	NtYieldExecution();
	CALL(NtTerminateProcess, (word)made->process, status);
	CALL(NtWaitForSingleObject, (word)made->process, 0, 0);
	CALL(NtTerminateProcess, (word)made->process, 1);
	close(made);
}

static const u16 child[] = u"\\??\\C:\\Windows\\System32\\child0.exe";

static void create_children(struct block *block)
{
	static const u16 *const images[] = {
		u"\\??\\C:\\Windows\\System32\\child0.exe",
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

		begin(block, images[i], lines[i]);
		made = create(block);
		let_end(&made, i % 2);
	}
}

/* Killed from outside while it waits. */
static void create_victims(struct block *block)
{
	struct made made;

	begin(block, u"\\??\\C:\\Windows\\System32\\child2.exe", u"child2.exe waits");
	made = create(block);
	kill(&made, 0xc000013a);
	begin(block, u"\\??\\C:\\Windows\\SysWOW64\\child2.exe", u"child2.exe waits, too");
	made = create(block);
	kill(&made, 0);
}

static void create_with_long_line(struct block *block, u32 characters)
{
	struct made made;
	u16 *text;

	begin(block, child, u"");
	text = (u16 *)(block->at + TEXTS + block->used);
	for (u32 i = 0; i < characters; i++)
		text[i] = (u16)('a' + i % 26);
	*member(block, COMMAND_LINE) =
		(struct unicode_string){ (u16)(characters * 2), (u16)(characters * 2), at(text) };
	made = create(block);
	let_end(&made, true);
}

/* Parameters that are no parameters, or lead to nowhere. */
static void create_hostile(struct block *block)
{
	static const struct unicode_string lines[] = {
		{ 0xffff, 0xffff, USER_NOTHING },
		{ 0xfffe, 0xffff, (kernel_word)-8 },
		{ 7, 7, USER_SCRATCH }, /* an odd length */
		{ 0, 0, 0 },
		{ 0x20, 0, 0 },
		{ 0x2000, 0x2000, USER_SCRATCH }, /* goes on in a page in transition */
	};
	static const word blocks[] = { 0, 8, USER_NOTHING, USER_SCRATCH + 0xff0, (word)-64 };
	struct made made;

	for (u32 i = 0; i < COUNT_OF(lines); i++) {
		begin(block, child, u"");
		*member(block, COMMAND_LINE) = lines[i];
		made = create(block);
		let_end(&made, true);
	}
	/* A command line that is its own text. */
	begin(block, child, u"");
	*member(block, COMMAND_LINE) =
		(struct unicode_string){ 0xffff, 0xffff, at(member(block, COMMAND_LINE)) };
	made = create(block);
	let_end(&made, true);
	for (u32 i = 0; i < COUNT_OF(blocks); i++) {
		struct block bad = { .at = (u8 *)blocks[i] };

		made = create(&bad);
		let_end(&made, true);
	}
	begin(block, u"\\??\\C:\\missing.exe", u"missing.exe");
	create(block);
	begin(block, u"", u"without an image");
	create(block);
	/* Handles that can be put nowhere. */
	begin(block, child, u"x");
	CALL(NtCreateUserProcess, USER_NOTHING, (word)&made.thread, 0, 0, 0, 0, 0, 0,
	     (word)block->at, 0, 0);
	CALL(NtCreateUserProcess, (word)&made.process, 0, 0, 0, 0, 0, 0, 0, (word)block->at, 0, 0);
}

/* Its texts, and then the whole of it, are not there as the call begins. */
static void create_paged_out(struct block *block)
{
	struct made made;

	begin(block, child, u"child0.exe whose parameters are away");
	wv_page_out((word)block->at + TEXTS, PAGE_SIZE);
	made = create(block);
	let_end(&made, true);
	begin(block, child, u"child0.exe whose parameters are all away");
	wv_page_out((word)block->at, TEXTS + PAGE_SIZE);
	made = create(block);
	let_end(&made, true);
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

/* Opening --------------------------------------------------------------------------------------*/

static void open_by(bool thread, word id, u32 access, u32 attributes_of_handle, bool root)
{
	struct object_attributes attributes =
		attributes_of(NULL, root ? 0x24 : 0, attributes_of_handle);
	kernel_word handle = 0;
	u32 status;

	if (thread)
		status = CALL(NtOpenThread, (word)&handle, access, (word)&attributes, id);
	else
		status = CALL(NtOpenProcess, (word)&handle, access, (word)&attributes, id);
	if (!status)
		NtClose((word)handle);
}

static void open_all(word thread)
{
	static const u32 processes[] = { 4,    348,  872, 1504, 2004,  70004,
					 2308, 2400, 0,	  5,	99999, 0xfffffffc };
	static const u32 accesses[] = { 0x1fffff, 0x0410, 0x1000, 0x2000000, 0x80000000, 0 };
	struct client_id id = { .thread = 0 };
	struct object_attributes attributes = attributes_of(NULL, 0, 0);
	kernel_word handle;

	for (u32 i = 0; i < COUNT_OF(processes); i++) {
		id = (struct client_id){ .process = processes[i] };
		open_by(false, (word)&id, accesses[i % COUNT_OF(accesses)], i % 3 ? 0 : 2,
			i % 5 == 0);
		open_by(true, (word)&id, accesses[i % COUNT_OF(accesses)], 0, false);
	}
	/* Threads: the first ones have the numbers from 3004 on. */
	for (u32 i = 0; i < 8; i++) {
		id = (struct client_id){ .thread = 3004 + 4 * i };
		open_by(true, (word)&id, accesses[i % COUNT_OF(accesses)], 0x40, false);
		open_by(false, (word)&id, 0x400, 0x40, false);
		id.process = 1504;
		open_by(true, (word)&id, 0x1fffff, 0, false);
	}
	/* What can not be read: at all, and only by the kernel. */
	open_by(false, 0, 1, 0, false);
	open_by(false, USER_NOTHING, 1, 0, false);
	open_by(true, 0, 1, 0, false);
	open_by(true, (word)-8, 1, 0, false);
	wv_page_out(USER_PAGED_OUT, PAGE_SIZE);
	open_by(false, USER_PAGED_OUT + 0x100 * thread, 1, 0, false);
	id = (struct client_id){ .process = 872 };
	CALL(NtOpenProcess, USER_NOTHING, 1, (word)&attributes, (word)&id);
	CALL(NtOpenProcess, (word)&handle, 1, USER_NOTHING, (word)&id);
	CALL(NtOpenThread, 0, 1, 0, 0);
	/* By an instruction of the program's own. */
	CALL_DIRECTLY(NtOpenProcess, (word)&handle, 0x1000, (word)&attributes, (word)&id);
	NtClose((word)handle);
}

/* Memory and privileges -------------------------------------------------------------------------*/

static void protect_all(void)
{
	static const u32 protections[] = { 1,	  2,	 4,	     8,		 0x10,
					   0x20,  0x40,	 0x80,	     0x104,	 0x240,
					   0x404, 0x840, 0x1002,     0x40000010, 0x80000020,
					   0,	  6,	 0xffffffff, 0x10000000 };
	word memory = wv_allocate(2 * PAGE_SIZE);
	kernel_word base, size;
	u32 before;

	for (u32 i = 0; i < COUNT_OF(protections); i++) {
		base = memory + 0x123;
		size = PAGE_SIZE;
		CALL(NtProtectVirtualMemory, SELF, (word)&base, (word)&size, protections[i],
		     (word)&before);
	}
	base = memory;
	size = 1;
	CALL(NtProtectVirtualMemory, 0x7ffc, (word)&base, (word)&size, 4, (word)&before);
	CALL(NtProtectVirtualMemory, SELF, 0, (word)&size, 4, (word)&before);
	CALL(NtProtectVirtualMemory, SELF, (word)&base, (word)&size, 4, USER_NOTHING);
	base = USER_NOTHING;
	CALL(NtProtectVirtualMemory, SELF, (word)&base, (word)&size, 0x40, (word)&before);
}

static void adjust(word token, u32 all, const void *state)
{
	u32 length = 0;

	CALL(NtAdjustPrivilegesToken, token, all, (word)state, 0, 0, (word)&length);
}

static void adjust_all(word thread)
{
	static const u32 counts[] = { 0x80000000, 0xffffffff, 0x15555556, 37, 1000 };
	struct privileges state = { .count = 1, .rows = { { 20, 0, 2 } } };
	kernel_word token = 0;
	struct privileges *far;

	CALL(NtOpenProcessToken, 0x7ffc, 0x28, (word)&token);
	CALL(NtOpenProcessToken, SELF, 0x28, USER_NOTHING);
	CALL(NtOpenProcessToken, SELF, 0x28, (word)&token);
	adjust((word)token, 0, &state);
	state = (struct privileges){
		4, { { 2, 0, 2 }, { 35, 0, 0 }, { 19, 0, 0x80000000 }, { 23, 0, 4 } }
	};
	adjust((word)token, 0, &state);
	state = (struct privileges){ 3, { { 36, 0, 3 }, { 0, 0, 2 }, { 20, 1, 0x80000007 } } };
	adjust((word)token, 0, &state);
	state.count = 0;
	adjust((word)token, 0, &state);
	adjust((word)token, 1, NULL);
	adjust((word)token, 0xffffff00, &state); /* a BOOLEAN is one byte */
	adjust((word)token, 0x101, &state);
	adjust((word)token, 0, NULL);
	adjust(0x7ffc, 0, &state);
	adjust((word)-1, 0, &state);
	for (u32 i = 0; i < COUNT_OF(counts); i++) {
		state.count = counts[i];
		adjust((word)token, 0, &state);
	}
	adjust((word)token, 0, (void *)USER_NOTHING);
	/* The first row is there, the second is not. */
	far = (void *)(wv_allocate(PAGE_SIZE) + PAGE_SIZE - 16);
	*(u32 *)far = 3;
	((u32 *)far)[1] = 20;
	((u32 *)far)[3] = 2;
	adjust((word)token, 0, far);
	/* All of it is away. */
	far = (void *)(word)(wv_allocate(PAGE_SIZE) + 0x80 * thread);
	far->count = 2;
	far->rows[0] = (struct privilege){ 20, 0, 2 };
	far->rows[1] = (struct privilege){ 8, 0, 2 };
	wv_page_out((word)far & ~(word)(PAGE_SIZE - 1), PAGE_SIZE);
	adjust((word)token, 0, far);
	NtClose((word)token);
}

/* Ends ------------------------------------------------------------------------------------------*/

static void terminate_badly(void)
{
	CALL(NtTerminateProcess, 0x7ffc, 3);
	CALL(NtTerminateProcess, SELF_THREAD, 3);
	CALL(NtTerminateProcess, 0x7ffe, 3);
	CALL(NtTerminateThread, 0x7ffc, 3);
	CALL(NtTerminateThread, SELF, 3);
}

/* A thread of this process, ended by itself or, while it waits, by this one. */
static void make_threads(void)
{
	kernel_word thread = 0;

	if (!CALL(NtCreateThreadEx, (word)&thread, ALL_ACCESS, 0, SELF, 0x401000,
		  DO_CHILD | 3 << 16, 0, 0, 0, 0, 0)) {
		CALL(NtWaitForSingleObject, (word)thread, 0, 0);
		NtClose((word)thread);
	}
	if (!CALL(NtCreateThreadEx, (word)&thread, ALL_ACCESS, 0, SELF, 0x401000,
		  DO_CHILD | 5 << 16, 0, 0, 0, 0, 0)) {
		NtYieldExecution();
		CALL(NtTerminateThread, (word)thread, 0x102);
		CALL(NtWaitForSingleObject, (word)thread, 0, 0);
		NtClose((word)thread);
	}
	CALL(NtCreateThreadEx, (word)&thread, ALL_ACCESS, 0, 0x7ffc, 0, 0, 0, 0, 0, 0, 0);
}

void wv_child(word number)
{
	long long for_ever = -0x7fffffffffffffff;

	switch (number) {
	case 1:
		CALL(NtTerminateProcess, 0, 0xc0000005);
		CALL(NtTerminateProcess, SELF, 0xc0000005);
		break;
	case 2:
		for (;;)
			CALL(NtDelayExecution, 0, (word)&for_ever);
	case 3:
		CALL(NtTerminateThread, SELF_THREAD, 0x40010004);
		break;
	case 4:
		open_all(0);
		CALL(NtTerminateProcess, SELF, 259);
		break;
	case 5: /* waits for itself */
		CALL(NtWaitForSingleObject, SELF_THREAD, 0, 0);
		break;
	}
	CALL(NtTerminateProcess, SELF, (word)number);
}

void wv_procmon_all(word thread)
{
	struct block block = { .at = (u8 *)wv_allocate(BLOCK_SIZE) };

	create_children(&block);
	open_all(thread);
	create_victims(&block);
	adjust_all(thread);
	create_with_long_line(&block, 5000);
	create_with_long_line(&block, 0x7fff);
	create_hostile(&block);
	create_paged_out(&block);
	create_without_threads();
	protect_all();
	make_threads();
	terminate_badly();
}
