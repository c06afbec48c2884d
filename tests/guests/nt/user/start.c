// SPDX-License-Identifier: GPL-2.0-or-later
/* Starts processes, and ends them. */
#include "start.h"

#define NORMALIZED	 1u
#define CREATE_SUSPENDED 1u /* THREAD_CREATE_FLAGS_...: CreateProcess() does it so, too */

struct unicode_string *wv_block_string(const struct block *block, u32 offset)
{
	return (struct unicode_string *)(block->at + offset);
}

static void put(struct block *block, u32 offset, const u16 *text)
{
	u16 *to = (u16 *)(block->at + TEXTS + block->used);
	struct unicode_string string = string_of(text);

	for (u32 i = 0; i * 2 < string.maximum; i++)
		to[i] = text[i];
	string.buffer = at(to);
	*wv_block_string(block, offset) = string;
	block->used += string.maximum;
}

void wv_block_begin(struct block *block, const u16 *image, const u16 *command_line)
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

struct made wv_start_with(const struct block *block, const void *attributes)
{
	/* PS_CREATE_INFO: its size, a state, and what depends on that */
	kernel_word info[WV_POINTER == 8 ? 11 : 18] = { sizeof(info) };
	struct made made = { .status = 0 };

	u32 suspended;

	made.status = CALL(NtCreateUserProcess, (word)&made.process, (word)&made.thread, ALL_ACCESS,
			   ALL_ACCESS, 0, 0, 0, CREATE_SUSPENDED, (word)block->at, (word)info,
			   (word)attributes);
	if (!made.status)
		CALL(NtResumeThread, (word)made.thread, (word)&suspended);
	return made;
}

struct made wv_start(const struct block *block)
{
	return wv_start_with(block, NULL);
}

static void close(const struct made *made)
{
	if (made->status)
		return;
	NtClose((word)made->process);
	NtClose((word)made->thread);
}

void wv_let_end(const struct made *made, bool wait)
{
	if (wait && !made->status)
		CALL(NtWaitForSingleObject, (word)made->process, 0, 0);
	close(made);
}

void wv_kill(const struct made *made, u32 status)
{
	NtYieldExecution();
	CALL(NtTerminateProcess, (word)made->process, status);
	CALL(NtWaitForSingleObject, (word)made->process, 0, 0);
	CALL(NtTerminateProcess, (word)made->process, 1);
	close(made);
}
