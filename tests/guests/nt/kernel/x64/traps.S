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
	SAVE_ALL_BUT_RAX
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
