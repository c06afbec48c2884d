/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a tiny kernel needs for system calls: dispatchers, a table of what it says about its calls,
 * open files, and the registers of user mode at the top of a task's stack.
 */
#ifndef WV_TESTS_SYSCALLS_KERNEL_H
#define WV_TESTS_SYSCALLS_KERNEL_H

#include "tiny_linux.h"

/** A call that only this kernel knows, and a number that it has not. */
#define BRAND_NEW 700u
#define NO_CALL	  999u

/** For tiny_options: the functions of kernels with dispatchers, those of kernels before, data. */
extern const char *const syscalls_new_kernel[];
extern const char *const syscalls_old_kernel[];
extern const char *const syscalls_data[];

/** Makes the kernel's table of its calls. */
void syscalls_make_table(struct tiny_linux *kernel);

/** Gives the task 16 file descriptors, and a directory. Returns where its descriptors are. */
uint64_t syscalls_make_files(struct tiny_linux *kernel, const struct tiny_task *task);

/** The address of the struct pt_regs of the task that runs on vCPU 0. */
uint64_t syscalls_regs_of(struct tiny_linux *kernel);

/** Puts a call into these registers, as the entry code does: number and arguments by position. */
void syscalls_fill_regs(struct tiny_linux *kernel, bool compat, uint64_t number,
			const uint64_t args[6]);

#endif
