/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loader's first and last instructions: entered by PVH in 32-bit mode, without paging. */

	.section .note, "a", @note
	.long 4, 4, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long start

	.section .text.start, "ax"
	.globl start
start:
	cld
	cli
	movl $stack_end, %esp
	pushl $0
	popfl
	pushl %ebx		/* struct hvm_start_info */
	call wv_load
	ud2

/* wv_enter_64(root, entry low, entry high, argument low, argument high): to 64-bit mode. */
	.globl wv_enter_64
wv_enter_64:
	movl %cr4, %eax
	orl $0x6a0, %eax	/* PAE, PGE, OSFXSR, OSXMMEXCPT */
	movl %eax, %cr4
	movl 4(%esp), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx	/* EFER: SCE, LME, NXE */
	rdmsr
	orl $0x901, %eax
	wrmsr
	movl %cr0, %eax
	orl $0x80010023, %eax	/* PG, WP, NE, MP, PE */
	andl $~0xc, %eax
	movl %eax, %cr0
	lgdt gdt_pointer
	ljmp $0x10, $1f
	.code64
1:	movl $0x18, %eax
	movl %eax, %ss
	movl %eax, %ds
	movl %eax, %es
	movq 8(%rsp), %rax
	movq 16(%rsp), %rcx
	jmp *%rax
	.code32

/* wv_enter_32(root, entry, argument): to 32-bit mode with PAE paging. */
	.globl wv_enter_32
wv_enter_32:
	movl %cr4, %eax
	orl $0x6a0, %eax
	movl %eax, %cr4
	movl 4(%esp), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx	/* EFER: NXE */
	rdmsr
	orl $0x800, %eax
	wrmsr
	movl 8(%esp), %edx
	movl 12(%esp), %ecx
	movl %cr0, %eax
	orl $0x80010023, %eax
	andl $~0xc, %eax
	movl %eax, %cr0
	lgdt gdt_pointer
	ljmp $0x20, $1f
1:	movl $0x18, %eax
	movl %eax, %ss
	movl %eax, %ds
	movl %eax, %es
	jmp *%edx

	.data
	.balign 8
gdt:	.quad 0, 0
	.quad 0x00209b0000000000	/* 0x10: 64-bit code */
	.quad 0x00cf93000000ffff	/* 0x18: data */
	.quad 0x00cf9b000000ffff	/* 0x20: 32-bit code */
gdt_pointer:
	.word gdt_pointer - gdt - 1
	.long gdt

	.bss
	.balign 16
	.skip 16384
stack_end:

	.section .packed, "a"
	.balign 4096
	.globl wv_packed
wv_packed:
	.incbin "packed.bin"
