/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System services called by the kernel itself. */
#include "registers.inc"

	.text
/*
 * Where the stubs (Zw...) go: number in EAX, arguments as for any function. On the stack are RIP,
 * CS, flags, RSP and room for SS, as behind a system call.
 */
	.globl wv_KiServiceInternal
wv_KiServiceInternal:
	subq $OFF__KTRAP_FRAME_Rip, %rsp
	movq %rax, FRAME(Rax)
	SAVE_ALL_BUT_RAX
	movq %rsp, %rcx
	PUSH_EXCEPTION_FRAME
	call wv_service_internal
	POP_EXCEPTION_FRAME
	movq FRAME(Rax), %rax
	movq FRAME(Rbp), %rbp
	movq FRAME(Rip), %rcx
	movq FRAME(Rsp), %rsp
	jmp *%rcx

	.globl wv_KiServiceLinkage
wv_KiServiceLinkage:
	ret
