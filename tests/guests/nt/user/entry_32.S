/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A 32-bit program's entries and system calls: through the gate that a WoW64 program finds in its
 * TEB, or, on a 32-bit kernel, by SYSENTER.
 */
#include "addresses.h"

#define ADDRESS %eax /* for faults.inc */
#define STACK	%esp

	.text
#ifdef NATIVE
	.balign 16
	.long 0, 0
	.long dispatcher - _entry
	.long 0
#endif
	.globl _entry
_entry:
	popl %eax		/* as if called, but from nowhere */
	call _wv_program
	ud2

/* wv_invoke(number, direct, arguments, count) */
	.globl _wv_invoke
_wv_invoke:
	pushl %ebp
	movl %esp, %ebp
	pushl %esi
	movl 16(%ebp), %esi
	movl 20(%ebp), %ecx
1:	testl %ecx, %ecx
	jz 2f
	decl %ecx
	pushl (%esi,%ecx,4)
	jmp 1b
2:	movl 8(%ebp), %eax
	cmpl $0, 12(%ebp)
	jne 3f
	call by_ntdll
	jmp 4f
3:	call direct
4:	leal -4(%ebp), %esp
	popl %esi
	popl %ebp
	ret

#ifdef NATIVE
by_ntdll:
	movl $USER_NTDLL_CALL, %edx
	jmp *%edx
direct:
	call 1f
	ret
/* Comes back by ntdll's return. */
1:	movl %esp, %edx
	sysenter

dispatcher:
	call _wv_handle
	ud2
#else
by_ntdll:
	call *%fs:0xc0
	ret
/* Past all that WoW64 has for it: 64-bit code of the program's own. */
direct:
	ljmpl $0x33, $in_64bit
	.code64
in_64bit:
#define ARGUMENTS 4
#define DO_CALL	  call system_call
#include "gate.inc"
system_call:
	movq %rcx, %r10
	syscall
	ret
	.code32
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
