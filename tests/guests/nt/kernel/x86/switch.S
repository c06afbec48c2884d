/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls with arguments from an array, and the change from a stack to another. */
#include "offsets.h"

	.text
/*
 * wv_call_with(function, arguments, count): the function takes them off the stack. The call itself is
 * where Windows has it.
 */
	.globl _wv_call_with
_wv_call_with:
	pushl %ebp
	movl %esp, %ebp
	pushl %esi
	movl 12(%ebp), %edx
	movl 16(%ebp), %ecx
1:	testl %ecx, %ecx
	jz 2f
	decl %ecx
	pushl (%edx,%ecx,4)
	jmp 1b
2:	movl 8(%ebp), %eax
	movl $3f, %esi
	jmp _wv_dispatch
3:	leal -4(%ebp), %esp
	popl %esi
	popl %ebp
	ret

/* KiSwapContext(save, load) */
	.globl _wv_KiSwapContext@8
_wv_KiSwapContext@8:
	movl 4(%esp), %ecx
	movl 8(%esp), %edx
	pushl %ebx
	pushl %ebp
	pushl %esi
	pushl %edi
	movl %esp, (%ecx)
	movl %edx, %esp
	popl %edi
	popl %esi
	popl %ebp
	popl %ebx
	ret $8

/* A new thread, come to by KiSwapContext's return: its trap frame is right above. */
	.globl _wv_thread_entry
_wv_thread_entry:
	call _wv_thread_begin
	jmp _wv_exit_frame

	.globl _wv_KiSystemStartup@4
_wv_KiSystemStartup@4:
	movl $first_stack_end, %esp
	pushl %ecx
	call _wv_startup
	ud2

/* wv_run_on(stack, function): does not come back. */
	.globl _wv_run_on
_wv_run_on:
	movl 8(%esp), %eax
	movl 4(%esp), %esp
	call *%eax
	ud2

	.bss
	.balign 16
	.skip 16384
first_stack_end:
