/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first instruction of the program is a system call, and so are all further ones. */
	.globl _start
	.text
_start:
	syscall /* of a new process rax is 0: read(0, NULL, 0) */
	mov $39, %eax /* SYS_getpid */
	syscall
	mov $231, %eax /* SYS_exit_group */
	mov $11, %edi
	syscall
	.section .note.GNU-stack, "", @progbits
