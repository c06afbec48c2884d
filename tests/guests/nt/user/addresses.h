/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things are in user memory; below 2 GiB, so that 32-bit programs reach them too. */
#ifndef WV_NT_ADDRESSES_H
#define WV_NT_ADDRESSES_H

#define USER_IMAGE	0x00400000u
#define USER_IMAGE_32	0x00800000u /* a 32-bit program beside the 64-bit one */
#define USER_PARAMETERS 0x00300000u
#define USER_STACKS	0x10000000u /* one every 64 KiB, with a hole below it */
#define USER_SCRATCH	0x20000000u /* a page that is there */
#define USER_TRANSITION 0x20001000u /* a page in transition: its frame is still its own */
#define USER_PAGED_OUT	0x20002000u /* a page in the page file: the kernel brings it in */
#define USER_HEAP	0x30000000u /* what programs ask for */
#define USER_NTDLL	0x77000000  /* its first section has the system calls */
#ifdef __x86_64__
#define USER_NTDLL_CALL 0x77001000
#else
#define USER_NTDLL_CALL 0x77001010 /* behind KiFastSystemCall */
#endif
#define USER_FAST_CALL_RETURN 0x77001004u /* on 32 bits */
#define USER_SHARED_DATA      0x7ffe0000u /* the page that the kernel shares with all programs */
#define KERNEL_SHARED_DATA    0xffdf0000  /* where the kernel of 32 bits has it */
#define USER_LDR	      0x7efd0000u
#define USER_NOTHING	      0x20003000u /* nothing */
#define USER_TYPE_OUT                                                                              \
	0x20005000u /* a page in the page file, of which only one step wants something */
#define USER_PEB    0x7efdf000u
#define USER_PEB_32 0x7efde000u
#define USER_TEBS   0x7ef00000u /* one every 64 KiB */

#endif
