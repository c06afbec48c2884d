/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls, calls with arguments from an array, and the change from a stack to another. */
#include "registers.inc"

	.text
/*
 * Where SYSCALL goes: number in EAX, arguments in R10, RDX, R8, R9 and on the user's stack. As in
 * Windows the user's RIP, CS, flags, RSP and SS are right below RspBase.
 */
	.globl wv_KiSystemCall64
wv_KiSystemCall64:
	swapgs
	movq %rsp, %gs:OFF__KPCR_UserRsp
	movq %gs:(OFF__KPCR_Prcb + OFF__KPRCB_RspBase), %rsp
	pushq $0x2b
	pushq %gs:OFF__KPCR_UserRsp
	pushq %r11
	pushq $0x33
	pushq %rcx
	subq $OFF__KTRAP_FRAME_Rip, %rsp
	movq %r10, %rcx
	movq %rax, FRAME(Rax)
	SAVE_ALL_BUT_RAX
	movq %rsp, %rcx
	PUSH_EXCEPTION_FRAME
	call wv_service
	POP_EXCEPTION_FRAME
	movq FRAME(Rax), %rax
	movq FRAME(Rip), %rcx
	movq FRAME(EFlags), %r11
	movq FRAME(Rbp), %rbp
	/* What Windows does not keep over a system call. */
	xorl %edx, %edx
	xorl %r10d, %r10d
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	movq FRAME(Rsp), %rsp
	swapgs
	sysretq

/* wv_leave(frame): the registers that a trap frame has no room for are right below it. */
	.globl wv_leave
wv_leave:
	leaq -SIZE__KEXCEPTION_FRAME(%rcx), %rsp
	POP_EXCEPTION_FRAME
	jmp wv_exit_frame

/* wv_call_with(function, arguments, count): the call itself is where Windows has it. */
	.globl wv_call_with
wv_call_with:
	pushq %rbp
	movq %rsp, %rbp
	pushq %rsi
	pushq %rdi
	movq %rcx, %rax
	movq %rdx, %rsi
	movl %r8d, %ecx
	cmpl $4, %ecx
	jae 1f
	movl $4, %ecx
1:	leal 1(%ecx), %edx
	andl $~1, %edx
	shll $3, %edx
	subq %rdx, %rsp
	movq %rsp, %rdi
	rep movsq
	movq (%rsp), %rcx
	movq 8(%rsp), %rdx
	movq 16(%rsp), %r8
	movq 24(%rsp), %r9
	leaq 2f(%rip), %rsi
	jmp wv_dispatch
2:	leaq -16(%rbp), %rsp
	popq %rdi
	popq %rsi
	popq %rbp
	ret

/* KiSwapContext(save, load) */
	.globl wv_KiSwapContext
wv_KiSwapContext:
	pushq %rbx
	pushq %rbp
	pushq %rsi
	pushq %rdi
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rcx)
	movq %rdx, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rdi
	popq %rsi
	popq %rbp
	popq %rbx
	ret

/* A new thread: RSP is at its trap frame. */
	.globl wv_thread_entry
wv_thread_entry:
	subq $32, %rsp
	call wv_thread_begin
	addq $32, %rsp
	jmp wv_exit_frame
