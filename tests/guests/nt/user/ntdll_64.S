/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntdll.dll of 64 bits: the end of all system calls' stubs. */
	.text
	.globl entry
entry:
	movq %rcx, %r10
	syscall
	ret
