/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What another CPU begins with, copied to 0x8000: from real mode to the kernel's code. */
#include "assembly.inc"

#define AT(label) (0x8000 + label - C(wv_trampoline))

#ifdef __x86_64__
#define CODE_DESCRIPTOR 0x00209b0000000000
#define EFER_VALUE	0x901 /* SCE, LME, NXE */
#else
#define CODE_DESCRIPTOR 0x00cf9b000000ffff
#define EFER_VALUE	0x800 /* NXE */
#endif

	.text
	.globl C(wv_trampoline), C(wv_trampoline_end)
C(wv_trampoline):
	.code16
	jmp 1f
	.balign 8
mailbox:
	.quad 0, 0, 0, 0	/* root, stack, entry, number */
gdt:
	.quad 0
	.quad CODE_DESCRIPTOR		/* 0x08 */
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
	movl $0xc0000080, %ecx	/* EFER */
	movl $EFER_VALUE, %eax
	xorl %edx, %edx
	wrmsr
	lgdtl AT(gdt_pointer)
	movl $0x80010033, %eax	/* PG, WP, NE, ET, MP, PE */
	movl %eax, %cr0
	ljmpl $8, $AT(2f)
#ifdef __x86_64__
	.code64
#else
	.code32
#endif
2:	movl $0x10, %eax
	movl %eax, %ss
	movl %eax, %ds
	movl %eax, %es
	xorl %ebp, %ebp
#ifdef __x86_64__
	movq AT(mailbox) + 8, %rsp
	movq AT(mailbox) + 24, %rcx
	movq AT(mailbox) + 16, %rax
	pushq $0
	subq $32, %rsp
	jmp *%rax
#else
	movl AT(mailbox) + 8, %esp
	pushl AT(mailbox) + 24
	pushl $0
	jmp *AT(mailbox) + 16
#endif
C(wv_trampoline_end):
