/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A 64-bit program's entries, its system calls, and the way of WoW64 programs to them. */
#include "services.h"

#define ADDRESS %rax /* for faults.inc */
#define STACK	%rsp

.macro SERVICE name
	.globl \name
\name:
	movq %rcx, %r10
	movl $SYS_\name, %eax
	syscall
	ret
.endm

	.text
	/* What the kernel wants to know of the program: see kernel/user.c. */
	.balign 16
	.long 0, 0
	.long dispatcher - entry
	.long from_32bit - entry
	.globl entry
entry:
	call wv_program
	movq $-2, %rcx
	xorl %edx, %edx
	call NtTerminateThread
	ud2

	SERVICE NtYieldExecution
	SERVICE NtTerminateThread
	SERVICE NtClose
	SERVICE NtContinue
	SERVICE NtRaiseException
	SERVICE NtDuplicateObject
	SERVICE wv_perform

	.globl wv_no_service
wv_no_service:
	movl $0xfff, %eax
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
	movl %esp, %r14d
	subq $0x60, %rsp
	andq $~15, %rsp
	movslq 8(%r14), %r10
	movslq 12(%r14), %rdx
	movslq 16(%r14), %r8
	movslq 20(%r14), %r9
	movslq 24(%r14), %rcx
	movq %rcx, 0x28(%rsp)
	movslq 28(%r14), %rcx
	movq %rcx, 0x30(%rsp)
	movslq 32(%r14), %rcx
	movq %rcx, 0x38(%rsp)
	syscall
	movl (%r14), %ecx
	leaq -4(%r14), %rsp
	movl %ecx, (%rsp)
	movl $0x23, 4(%rsp)
	lretl

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
