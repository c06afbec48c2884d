/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntdll.dll of 32 bits: where all system calls leave from and return to, and their stubs' end. */
	.text
	.globl _entry
_entry:
	movl %esp, %edx
	sysenter
	ret
	.balign 16
	call _entry
	ret
