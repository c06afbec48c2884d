/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What another CPU begins with, copied to 0x8000: from real mode to the kernel's 32-bit code. */

#define AT(label) (0x8000 + label - _wv_trampoline)

	.text
	.globl _wv_trampoline, _wv_trampoline_end
_wv_trampoline:
	.code16
	jmp 1f
	.balign 8
mailbox:
	.quad 0, 0, 0, 0	/* root, stack, entry, number */
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff	/* 0x08: code */
	.quad 0x00cf93000000ffff	/* 0x10: data */
gdt_pointer:
	.word 23
	.long AT(gdt)
1:	cli
	xorw %ax, %ax
	movw %ax, %ds
	movl $0x6a0, %eax	/* PAE, PGE, OSFXSR, OSXMMEXCPT */
	movl %eax, %cr4
	movl AT(mailbox), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx	/* EFER: NXE */
	movl $0x800, %eax
	xorl %edx, %edx
	wrmsr
	lgdtl AT(gdt_pointer)
	movl $0x80010033, %eax	/* PG, WP, NE, ET, MP, PE */
	movl %eax, %cr0
	ljmpl $8, $AT(2f)
	.code32
2:	movl $0x10, %eax
	movl %eax, %ss
	movl %eax, %ds
	movl %eax, %es
	movl AT(mailbox) + 8, %esp
	xorl %ebp, %ebp
	pushl AT(mailbox) + 24
	pushl $0
	jmp *AT(mailbox) + 16
_wv_trampoline_end:
