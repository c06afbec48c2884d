/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processor's exceptions. Each entry completes the KTRAP_FRAME that the processor began: what
 * it pushes is the frame's end.
 */
#include "registers.inc"

.macro TRAP name, number, has_code=0
	.globl wv_\name
wv_\name:
	.if !\has_code
	pushq $0
	.endif
	subq $OFF__KTRAP_FRAME_ErrorCode, %rsp
	movq %rax, FRAME(Rax)
	movl $\number, %eax
	jmp trap
.endm

	.text
	TRAP KiDivideErrorFault, 0
	TRAP KiDebugTrapOrFault, 1
	TRAP KiBreakpointTrap, 3
	TRAP KiOverflowTrap, 4
	TRAP KiBoundFault, 5
	TRAP KiInvalidOpcodeFault, 6
	TRAP KiNpxNotAvailableFault, 7
	TRAP KiDoubleFaultAbort, 8, 1
	TRAP KiInvalidTssFault, 10, 1
	TRAP KiSegmentNotPresentFault, 11, 1
	TRAP KiStackFault, 12, 1
	TRAP KiGeneralProtectionFault, 13, 1
	TRAP KiPageFault, 14, 1
	TRAP KiFloatingErrorFault, 16
	TRAP KiAlignmentFault, 17, 1
	TRAP KiXmmException, 19

trap:
	cld
	movq %rcx, FRAME(Rcx)
	movq %rdx, FRAME(Rdx)
	movq %r8, FRAME(R8)
	movq %r9, FRAME(R9)
	movq %r10, FRAME(R10)
	movq %r11, FRAME(R11)
	movq %rbx, FRAME(Rbx)
	movq %rsi, FRAME(Rsi)
	movq %rdi, FRAME(Rdi)
	movq %rbp, FRAME(Rbp)
	testb $3, FRAME(SegCs)
	jz 1f
	swapgs
1:	movq %cr2, %r9
	movq %r9, FRAME(FaultAddress)
	movq %rsp, %rcx
	PUSH_EXCEPTION_FRAME
	movq %rsp, %rdx
	movl %eax, %r8d
	call wv_trap
	POP_EXCEPTION_FRAME

/* Goes to where the trap frame at RSP says. */
	.globl wv_exit_frame
wv_exit_frame:
	movq FRAME(Rcx), %rcx
	movq FRAME(Rdx), %rdx
	movq FRAME(R8), %r8
	movq FRAME(R9), %r9
	movq FRAME(R10), %r10
	movq FRAME(R11), %r11
	movq FRAME(Rbx), %rbx
	movq FRAME(Rsi), %rsi
	movq FRAME(Rdi), %rdi
	movq FRAME(Rbp), %rbp
	testb $3, FRAME(SegCs)
	jz 1f
	cli
	swapgs
1:	movq FRAME(Rax), %rax
	addq $OFF__KTRAP_FRAME_Rip, %rsp
	iretq

/* wv_copy_guarded(to, from, size): 0, or 1 when a byte could not be read or written. */
	.globl wv_copy_guarded, wv_guarded_instruction, wv_guarded_failed
wv_copy_guarded:
	pushq %rsi
	pushq %rdi
	movq %rcx, %rdi
	movq %rdx, %rsi
	movq %r8, %rcx
	xorl %eax, %eax
wv_guarded_instruction:
	rep movsb
1:	popq %rdi
	popq %rsi
	ret
wv_guarded_failed:
	movl $1, %eax
	jmp 1b

/* wv_raise_in_kernel(vector): makes the exception happen right here; comes back behind it. */
	.globl wv_raise_in_kernel, wv_raised_in_kernel
wv_raise_in_kernel:
	pushq %rbx
	movl $0x1234, %ebx
	cmpl $0, %ecx
	je 1f
	cmpl $3, %ecx
	je 2f
	cmpl $6, %ecx
	je 3f
	cmpl $13, %ecx
	je 4f
	movq $0x666, %rax
	movb (%rax), %al
	jmp wv_raised_in_kernel
1:	xorl %edx, %edx
	movl $1, %eax
	divl %edx
	jmp wv_raised_in_kernel
2:	int3
	jmp wv_raised_in_kernel
3:	ud2
	jmp wv_raised_in_kernel
4:	movabsq $0x1122334455667788, %rax
	movb (%rax), %al
wv_raised_in_kernel:
	popq %rbx
	ret
