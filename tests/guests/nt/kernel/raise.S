/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wv_raise_in_kernel(vector): makes the exception happen right here; comes back behind it. */
#include "assembly.inc"

	.text
	.globl C(wv_raise_in_kernel), C(wv_raised_in_kernel)
C(wv_raise_in_kernel):
#ifdef __x86_64__
	pushq %rbx
	movl $0x1234, %ebx
#else
	movl 4(%esp), %ecx
#endif
	cmpl $0, %ecx
	je 1f
	cmpl $3, %ecx
	je 2f
	cmpl $6, %ecx
	je 3f
	cmpl $13, %ecx
	je 4f
	movl $0x666, %eax
	movb (ACCUMULATOR), %al
	jmp C(wv_raised_in_kernel)
1:	xorl %edx, %edx
	movl $1, %eax
	divl %edx
	jmp C(wv_raised_in_kernel)
2:	int3
	jmp C(wv_raised_in_kernel)
3:	ud2
	jmp C(wv_raised_in_kernel)
4:
#ifdef __x86_64__
	movabsq $0x1122334455667788, %rax	/* no address can be that */
	movb (%rax), %al
C(wv_raised_in_kernel):
	popq %rbx
#else
	movl $0x1000, %eax
	movl %eax, %gs		/* beyond the table of descriptors */
C(wv_raised_in_kernel):
#endif
	ret
