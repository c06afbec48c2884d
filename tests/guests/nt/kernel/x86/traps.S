/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processor's exceptions. Each entry completes the KTRAP_FRAME that the processor began: what
 * it pushes is the frame's end, which has no stack pointer when the kernel itself trapped.
 */
#include "trap.inc"
#include "../../user/addresses.h"

.macro TRAP name, number, has_code=0
	.globl _wv_\name
_wv_\name:
	.if !\has_code
	pushl $0
	.endif
	subl $OFF__KTRAP_FRAME_ErrCode, %esp
	movl %eax, FRAME(Eax)
	movl $\number, %eax
	jmp trap
.endm

	.text
	TRAP KiTrap00, 0
	TRAP KiTrap01, 1
	TRAP KiTrap03, 3
	TRAP KiTrap04, 4
	TRAP KiTrap05, 5
	TRAP KiTrap06, 6
	TRAP KiTrap07, 7
	TRAP KiTrap08, 8, 1
	TRAP KiTrap0A, 10, 1
	TRAP KiTrap0B, 11, 1
	TRAP KiTrap0C, 12, 1
	TRAP KiTrap0D, 13, 1
	TRAP KiTrap0E, 14, 1
	TRAP KiTrap10, 16
	TRAP KiTrap11, 17, 1
	TRAP KiTrap13, 19

trap:
	SAVE
	movl %esp, %ecx
	movl %cr2, %edx
	pushl %edx
	pushl %eax
	pushl $0		/* no KEXCEPTION_FRAME on 32 bits */
	pushl %ecx
	call _wv_trap
	addl $16, %esp

/* Goes to where the trap frame at ESP says. */
	.globl _wv_exit_frame
_wv_exit_frame:
	movl FRAME(SegDs), %eax
	movl FRAME(SegEs), %ecx
	movl FRAME(SegFs), %edx
	movl FRAME(Ebx), %ebx
	movl FRAME(Esi), %esi
	movl FRAME(Edi), %edi
	movl FRAME(Ebp), %ebp
	movl %eax, %ds
	movl %ecx, %es
	movl %edx, %fs
	movl FRAME(Eax), %eax
	movl FRAME(Ecx), %ecx
	movl FRAME(Edx), %edx
	addl $OFF__KTRAP_FRAME_Eip, %esp
	iretl

/*
 * Where SYSENTER goes: number in EAX, the user's stack pointer in EDX. The trap frame is made on
 * the thread's own stack, as if by an exception.
 */
	.globl _wv_KiFastCallEntry
_wv_KiFastCallEntry:
	movl $0x30, %ecx
	movl %ecx, %fs
	movl %fs:OFF__KPCR_TSS, %ecx
	movl 4(%ecx), %esp
	pushl $0x23
	pushl %edx
	pushl $0x202
	pushl $0x1b
	pushl KERNEL_SHARED_DATA + OFF__KUSER_SHARED_DATA_SystemCallReturn
	pushl $0
	subl $OFF__KTRAP_FRAME_ErrCode, %esp
	movl %eax, FRAME(Eax)
	movl $0x3b, %ecx
	movl %ecx, %fs		/* as the program had it, for the frame */
	SAVE
	movl %esp, %ecx
	pushl %ecx
	call _wv_service
	addl $4, %esp
	jmp _wv_exit_frame

/* wv_leave(frame) */
	.globl _wv_leave
_wv_leave:
	movl 4(%esp), %esp
	jmp _wv_exit_frame

/* wv_copy_guarded(to, from, size): 0, or 1 when a byte could not be read or written. */
	.globl _wv_copy_guarded, _wv_guarded_instruction, _wv_guarded_failed
_wv_copy_guarded:
	pushl %esi
	pushl %edi
	movl 12(%esp), %edi
	movl 16(%esp), %esi
	movl 20(%esp), %ecx
	xorl %eax, %eax
_wv_guarded_instruction:
	rep movsb
1:	popl %edi
	popl %esi
	ret
_wv_guarded_failed:
	movl $1, %eax
	jmp 1b
