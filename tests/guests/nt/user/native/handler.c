// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where exceptions of the program arrive: goes on at the address in RBX or EBX, which wv_fault()
 * put there, or tells the kernel that nobody wants it.
 */
#include "../program.h"
#include "offsets.h"
#include "types.h"

#define UNWANTED 1

#if WV_POINTER == 8
#define IP Rip
#define BX Rbx
#else
#define IP Eip
#define BX Ebx
#endif

void wv_handle(struct _EXCEPTION_RECORD *record, struct _CONTEXT *context)
{
	if (context->BX == UNWANTED)
		CALL(NtRaiseException, (word)record, (word)context, 0);
	context->IP = context->BX;
	CALL(NtContinue, (word)context, 0);
}
