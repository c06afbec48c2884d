/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tiny Linux kernel in a mock machine: an image with kallsyms and BTF that describe it, tasks,
 * files, address spaces, and vCPUs that call its functions. All that the layers above the machine
 * look at is there, laid out as they find it in a real guest; nothing is executed.
 */
#ifndef WV_TESTS_TINY_LINUX_H
#define WV_TESTS_TINY_LINUX_H

#include "kallsyms_builder.h"
#include "mock_machine.h"

/** Where the image is mapped if nothing else is asked for; without KASLR. */
#define TINY_IMAGE	UINT64_C(0xffffffff81000000)
#define TINY_IMAGE_SIZE UINT64_C(0x200000)

/** The direct map's place, as page_offset_base has it. */
#define TINY_DIRECT_MAP UINT64_C(0xffff8d4000000000)

/** Where the image keeps that. */
#define TINY_PAGE_OFFSET_BASE 0x81000u

/** Where struct pages are, as vmemmap_base has it. */
#define TINY_VMEMMAP UINT64_C(0xffffeb4000000000)

#define TINY_BANNER "Linux version 6.1.0-tiny (builder@host) (gcc 12) #1 SMP\n"

#define TINY_FUNCTIONS_MAX 64
#define TINY_DATA_MAX	   8
#define TINY_DATA_SIZE	   0x1000u

/** Bytes of a task's kernel stack. */
#define TINY_STACK_SIZE 0x1000u
#define TINY_TASKS_MAX	64
#define TINY_DEPTH_MAX	64

struct tiny_options {
	unsigned n_vcpus; /**< 0: one */
	bool unmapped;	  /**< RAM is behind the machine's read slots */
	bool five_levels;
	bool pti;	  /**< each address space has a table for user mode */
	bool pcpu_hot;	  /**< current_task is a member of pcpu_hot */
	bool mount_chain; /**< a super block's mounts are a chain of pointers, not a list */
	bool no_btf;
	uint64_t image;			     /**< 0: TINY_IMAGE */
	const char *banner;		     /**< NULL: TINY_BANNER */
	const struct builder_layout *layout; /**< NULL: that of 6.1 */
	/** Functions besides do_exit and panic, and what is left out; each ended by NULL, or NULL.
	 */
	const char *const *functions;
	/** Objects of its image, TINY_DATA_SIZE bytes each, one after the other; or NULL. */
	const char *const *data;
	const char *const *without_symbols;
	const char *const *without_members; /**< "task_struct.comm" */
};

/** A task. Its kernel stack holds the frames of the calls that it is in. */
struct tiny_task {
	uint64_t address; /**< of its task_struct */
	uint64_t mm;	  /**< 0: a kernel thread */
	uint64_t stack;	  /**< its stack pointer while it does not run */
	unsigned depth;
	uint64_t frames[TINY_DEPTH_MAX]; /* where the return addresses are */
};

struct tiny_linux {
	struct mock_machine mock; /* its machine is the first thing in it */
	struct tiny_options options;
	uint64_t image;
	struct wv_paging paging; /* the kernel's own tables */
	uint64_t next_object;	 /* physical */
	const char *functions[TINY_FUNCTIONS_MAX];
	unsigned n_functions;
	struct tiny_task tasks[TINY_TASKS_MAX]; /* 0: init_task */
	unsigned n_tasks;
	struct tiny_task *running[MOCK_VCPUS_MAX];
	uint64_t current[MOCK_VCPUS_MAX]; /* where each vCPU's current task is noted */
};

/** The options may be NULL. Each vCPU runs init_task. */
void tiny_init(struct tiny_linux *kernel, const struct tiny_options *options);
void tiny_deinit(struct tiny_linux *kernel);

/** Boots the machine again, with the image elsewhere: a new kernel, and no tasks but init_task. */
void tiny_reboot(struct tiny_linux *kernel, uint64_t image);

/* Memory ----------------------------------------------------------------------------------------*/

/** A zeroed object in the direct map. */
uint64_t tiny_object(struct tiny_linux *kernel, size_t size);

/** The mock's memory behind an address of the image, the direct map, or the struct pages. */
void *tiny_at(struct tiny_linux *kernel, uint64_t address);

/** Writes a member, by the name of its structure and its own, such as "task_struct.pid". */
void tiny_put(struct tiny_linux *kernel, uint64_t object, const char *member, uint64_t value);
uint64_t tiny_get(struct tiny_linux *kernel, uint64_t object, const char *member);

/** Where a member is in its structure. */
uint64_t tiny_offset(const char *member);

/** A NUL-terminated string in the direct map. */
uint64_t tiny_string(struct tiny_linux *kernel, const char *text);

/** An address space of a process, with pages of its own from @start on. Returns its mm_struct. */
uint64_t tiny_mm(struct tiny_linux *kernel, uint64_t start, size_t size);

/** Writes into the pages of an address space. */
void tiny_write_user(struct tiny_linux *kernel, uint64_t mm, uint64_t address, const void *data,
		     size_t size);

/**
 * An open file in a tree of directories: "/usr/bin/env". Returns its struct file. For more see
 * tiny_linux_files.h.
 */
uint64_t tiny_file(struct tiny_linux *kernel, const char *path);

/* Tasks and calls -------------------------------------------------------------------------------*/

/**
 * A new task at the end of the list of processes: user 1000, its own process group. Its image is
 * @path, or it is a kernel thread (NULL). Its name is the last part of the path, or @name.
 */
struct tiny_task *tiny_task(struct tiny_linux *kernel, uint32_t pid, uint32_t parent_pid,
			    const char *path, const char *name);

/** The vCPU runs that task, in kernel mode, in its address space. */
void tiny_run(struct tiny_linux *kernel, unsigned vcpu, struct tiny_task *task);

/** The vCPU is in user mode: with page-table isolation, on the table that user mode has. */
void tiny_user_mode(struct tiny_linux *kernel, unsigned vcpu);

/** The address of a function of the kernel, or of an object in its image. */
uint64_t tiny_symbol(struct tiny_linux *kernel, const char *name);

/** Where a direct call of that function returns to. */
uint64_t tiny_site(struct tiny_linux *kernel, const char *function);

/**
 * The vCPU's task calls a function: the return address is on its stack, the arguments are in
 * registers. Reports the trap if there is one at the function's first instruction.
 *
 * @return_to: 0: the function's direct caller.
 *
 * Returns whether it was trapped.
 */
bool tiny_call(struct tiny_linux *kernel, unsigned vcpu, const char *function, uint64_t return_to,
	       const uint64_t arguments[6]);

/** The innermost call of the vCPU's task returns. Returns whether the place was trapped. */
bool tiny_return(struct tiny_linux *kernel, unsigned vcpu, uint64_t result);

/** The innermost call of the vCPU's task is left in another way: its place on the stack is free. */
void tiny_leave(struct tiny_linux *kernel, unsigned vcpu);

#endif
