/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A 64-bit program's entries, its system calls, and the way of WoW64 programs to them. */
#include "addresses.h"

#define ADDRESS %rax /* for faults.inc */
#define STACK	%rsp

	.text
	/* What the kernel wants to know of the program: see kernel/user.c. */
	.balign 16
	.long 0, 0
	.long dispatcher - entry
	.long from_32bit - entry
	.globl entry
entry:
	call wv_program
	ud2

/* wv_invoke(number, direct, arguments, count) */
	.globl wv_invoke
wv_invoke:
	pushq %rbp
	movq %rsp, %rbp
	pushq %rsi
	pushq %rdi
	subq $0xa0, %rsp
	movl %ecx, %eax
	movq %rdx, %r11
	movq %r8, %rsi
	movq %rsp, %rdi
	movl %r9d, %ecx
	rep movsq
	movq (%rsp), %rcx
	movq 8(%rsp), %rdx
	movq 16(%rsp), %r8
	movq 24(%rsp), %r9
	testl %r11d, %r11d
	jnz 1f
	movl $USER_NTDLL_CALL, %r11d
	call *%r11
	jmp 2f
1:	call direct
2:	leaq -16(%rbp), %rsp
	popq %rdi
	popq %rsi
	popq %rbp
	ret
direct:
	movq %rcx, %r10
	syscall
	ret

dispatcher:
	leaq 0x4f0(%rsp), %rcx
	movq %rsp, %rdx
	subq $32, %rsp
	call wv_handle
	ud2

	/*
	 * Called by 32-bit code: the number in EAX, the caller's arguments behind two return
	 * addresses.
	 */
	.code32
from_32bit:
	ljmpl $0x33, $in_64bit
	.code64
in_64bit:
#define ARGUMENTS 8
#define DO_CALL	  movl $USER_NTDLL_CALL, %r11d; call *%r11
#include "gate.inc"

/* wv_fault(which, address) */
	.globl wv_fault
wv_fault:
	pushq %rbx
	leaq resume(%rip), %rbx
	movq %rdx, %rax
	leaq table(%rip), %r8
	movslq (%r8,%rcx,4), %rcx
	addq %r8, %rcx
	jmp *%rcx
	.balign 4
table:
	.long 10f - table, 11f - table, 12f - table, 13f - table, 14f - table
	.long 15f - table, 16f - table, 17f - table, 18f - table, 19f - table
#include "faults.inc"
	popq %rbx
	ret
