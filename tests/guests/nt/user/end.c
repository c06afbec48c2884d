// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes and threads ended: by themselves, by others, and in vain. */
#include "start.h"

#define THREAD_START 0x401000

static void wait_for_ever(void)
{
	long long for_ever = -0x7fffffffffffffff;

	for (;;)
		CALL(NtDelayExecution, 0, (word)&for_ever);
}

/* A call of the kernel's own in the program's. */
static void wait_in_a_call(void)
{
	kernel_word event = 0;

	CALL(NtCreateEvent, (word)&event, 0x1f0003, 0, 0, 0);
	CALL(NtSignalAndWaitForSingleObject, (word)event, SELF_THREAD, 0, 0);
}

static void end_itself(word number)
{
	CALL(NtTerminateProcess, SELF, number);
}

void wv_child(word number)
{
	word what = number & 0xff;

	switch (what) {
	case TERMINATES_OTHERS_FIRST:
		CALL(NtTerminateProcess, 0, 0xc0000005);
		end_itself(0xc0000005);
		break;
	case WAITS_FOR_EVER:
		wait_for_ever();
		break;
	case ENDS_ITS_THREAD:
		CALL(NtTerminateThread, SELF_THREAD, 0x40010004);
		break;
	case OPENS:
		wv_open_all(0);
		end_itself(259);
		break;
	case WAITS_FOR_ITSELF:
		CALL(NtWaitForSingleObject, SELF_THREAD, 0, 0);
		break;
	case LOSES_MODULES:
	case LOSES_MODULES + 1:
	case LOSES_MODULES + 2:
		wv_lose_modules(what - LOSES_MODULES);
		NtYieldExecution();
		CALL_DIRECTLY(NtClose, 0x7ffc);
		break;
	case ENDS_NO_THREAD:
		CALL(NtTerminateThread, 0, 0x40010004);
		break;
	case WAITS_IN_A_CALL:
		wait_in_a_call();
		break;
	case WAITS_DEEP:
		wv_perform(PERFORM_WAIT, number >> 8, 0, 0);
		break;
	case CONTINUES:
		wv_continue();
		break;
	}
	end_itself(0);
}

/* A thread that does what a child of that number does; 0: there is none. */
static kernel_word make_thread(word process, word number)
{
	kernel_word thread = 0;

	return CALL(NtCreateThreadEx, (word)&thread, ALL_ACCESS, 0, process, THREAD_START,
		    DO_CHILD | number << 16, 0, 0, 0, 0, 0)
		       ? 0
		       : thread;
}

static void end_thread(kernel_word thread, u32 status)
{
	NtYieldExecution();
	CALL(NtTerminateThread, (word)thread, status);
	CALL(NtWaitForSingleObject, (word)thread, 0, 0);
	NtClose((word)thread);
}

void wv_kill_thread(word number, u32 status)
{
	end_thread(make_thread(SELF, number), status);
}

void wv_let_thread_end(word number)
{
	kernel_word thread = make_thread(SELF, number);

	CALL(NtWaitForSingleObject, (word)thread, 0, 0);
	NtClose((word)thread);
}

/* As Windows' older programs make threads. */
static void make_old_threads(void)
{
	struct client_id id = { .process = 0 };
	kernel_word thread = 0, stack[5] = { 0 };
	u8 *context = (u8 *)wv_allocate(PAGE_SIZE);

	*(kernel_word *)(context + OFF_CONTEXT_START) = THREAD_START;
	*(kernel_word *)(context + OFF_CONTEXT_ARGUMENT) = DO_CHILD | ENDS_ITS_THREAD << 16;
	if (!CALL(NtCreateThread, (word)&thread, ALL_ACCESS, 0, SELF, (word)&id, (word)context,
		  (word)stack, 0)) {
		CALL(NtWaitForSingleObject, (word)thread, 0, 0);
		NtClose((word)thread);
	}
	CALL(NtCreateThread, (word)&thread, ALL_ACCESS, 0, SELF, (word)&id, USER_NOTHING,
	     (word)stack, 0);
}

static void make_threads(void)
{
	wv_let_thread_end(ENDS_ITS_THREAD);
	wv_let_thread_end(ENDS_NO_THREAD);
	wv_kill_thread(WAITS_FOR_ITSELF, 0x102);
	wv_kill_thread(WAITS_IN_A_CALL, 0);
	make_thread(0x7ffc, 0);
	make_old_threads();
}

/* Ended from outside while they wait; one of them has threads that it did not make. */
static void end_others(struct block *block)
{
	struct made made;
	kernel_word thread;

	wv_block_begin(block, u"\\??\\C:\\Windows\\System32\\child2.exe", u"child2.exe waits");
	made = wv_start(block);
	wv_kill(&made, 0xc000013a);
	wv_block_begin(block, u"\\??\\C:\\Windows\\SysWOW64\\child2.exe", u"child2.exe waits, too");
	made = wv_start(block);
	make_thread((word)made.process, ENDS_ITS_THREAD);
	thread = make_thread((word)made.process, WAITS_FOR_ITSELF);
	end_thread(thread, 3);
	wv_kill(&made, 0);
}

static void end_nothing(void)
{
	CALL(NtTerminateProcess, 0x7ffc, 3);
	CALL(NtTerminateProcess, SELF_THREAD, 3);
	CALL(NtTerminateProcess, 0x7ffe, 3);
	CALL(NtTerminateThread, 0x7ffc, 3);
	CALL(NtTerminateThread, SELF, 3);
}

void wv_end_all(struct block *block)
{
	end_others(block);
	make_threads();
	end_nothing();
}
