/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System services called by the kernel itself: number in EAX, the arguments' address in EDX. On the
 * stack are EIP, CS and flags, as behind an exception.
 */
#include "trap.inc"

	.text
	.globl _wv_KiSystemService
_wv_KiSystemService:
	pushl $0
	subl $OFF__KTRAP_FRAME_ErrCode, %esp
	movl %eax, FRAME(Eax)
	SAVE
	movl %esp, %ecx
	pushl %ecx
	call _wv_service_internal
	addl $4, %esp
	jmp _wv_exit_frame
