/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the loader goes, and how to go on on another stack. */
	.text
	.globl wv_KiSystemStartup
wv_KiSystemStartup:
	leaq first_stack_end(%rip), %rsp
	subq $32, %rsp
	call wv_startup
	ud2

/* wv_run_on(stack, function): does not come back. */
	.globl wv_run_on
wv_run_on:
	movq %rcx, %rsp
	subq $32, %rsp
	call *%rdx
	ud2

	.bss
	.balign 16
	.skip 16384
first_stack_end:
