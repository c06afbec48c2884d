// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls that do not return when they succeed: the thread goes on where a CONTEXT says. */
#include "structures.h"

#define MADE_UP	       0xe0000001u /* an exception's code that only this program has */
#define OTHER_FRAMES   0x400u	   /* below the current function's own: those that it has called */
#define RECORD	       (PAGE_SIZE / 2)
#define FIRST_CHANCE   1
#define END_OF_THREADS 0x40010004u

/* A function that nobody has called, on this thread's stack; handlers of exceptions go on at
 * `then`. */
static u8 *context_of(void (*start)(void), void (*then)(void))
{
	word stack = ((word)__builtin_frame_address(0) - OTHER_FRAMES) & ~(word)15;
	u8 *context = (u8 *)wv_allocate(PAGE_SIZE);

	*(kernel_word *)(context + OFF_CONTEXT_IP) = (word)start;
	*(kernel_word *)(context + OFF_CONTEXT_SP) = stack - sizeof(word);
	*(kernel_word *)(context + OFF_CONTEXT_BX) = (word)then;
	__asm__("movw %%cs, %0" : "=m"(*(u16 *)(context + OFF__CONTEXT_SegCs)));
	__asm__("movw %%ss, %0" : "=m"(*(u16 *)(context + OFF__CONTEXT_SegSs)));
	return context;
}

static void behind_exception(void)
{
	NtYieldExecution();
	CALL(NtTerminateThread, SELF_THREAD, END_OF_THREADS);
}

static void behind_context(void)
{
	u8 *context = context_of(behind_exception, behind_exception);

	NtYieldExecution();
	*(u32 *)(context + RECORD + OFF__EXCEPTION_RECORD_ExceptionCode) = MADE_UP;
	CALL(NtRaiseException, (word)(context + RECORD), USER_NOTHING, FIRST_CHANCE);
	CALL(NtRaiseException, (word)(context + RECORD), (word)context, FIRST_CHANCE);
}

void wv_continue(void)
{
	CALL(NtContinue, USER_NOTHING, 0);
	CALL_DIRECTLY(NtContinue, (word)context_of(behind_context, NULL), 0);
}
