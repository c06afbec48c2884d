/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A 32-bit program's entries and system calls: through the gate that a WoW64 program finds in its
 * TEB, or, on a 32-bit kernel, by SYSENTER.
 */
#include "services.h"

#define ADDRESS %eax /* for faults.inc */
#define STACK	%esp

.macro SERVICE name, arguments
	.globl _\name@\arguments
_\name@\arguments:
	movl $SYS_\name, %eax
#ifdef NATIVE
	call system_call
#else
	call *%fs:0xc0
#endif
	ret $\arguments
.endm

	.text
#ifdef NATIVE
	.balign 16
	.long 0, 0
	.long dispatcher - _entry
	.long _system_call_return - _entry
#endif
	.globl _entry
_entry:
	popl %eax		/* as if called, but from nowhere */
	call _wv_program
	pushl $0
	pushl $-2
	call _NtTerminateThread@8
	ud2

	SERVICE NtYieldExecution, 0
	SERVICE NtTerminateThread, 8
	SERVICE NtClose, 4
	SERVICE NtDuplicateObject, 28
	SERVICE wv_perform, 16

	.globl _wv_no_service@0
_wv_no_service@0:
	movl $0xfff, %eax
#ifdef NATIVE
	call system_call
#else
	call *%fs:0xc0
#endif
	ret

#ifdef NATIVE
	SERVICE NtContinue, 8
	SERVICE NtRaiseException, 12

/* The arguments are behind two return addresses; the kernel comes back to the first. */
system_call:
	movl %esp, %edx
	sysenter
_system_call_return:
	ret

dispatcher:
	call _wv_handle
	ud2
#endif

/* wv_fault(which, address) */
	.globl _wv_fault
_wv_fault:
	movl 4(%esp), %ecx
	movl 8(%esp), %eax
	pushl %ebx
	movl $resume, %ebx
	jmp *table(,%ecx,4)
	.balign 4
table:
	.long 10f, 11f, 12f, 13f, 14f, 15f, 16f, 17f, 18f, 19f
#include "faults.inc"
	popl %ebx
	ret
