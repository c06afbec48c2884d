/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the Linux files of this plugin share. */
#ifndef WV_PLUGINS_SYSCALLS_LINUX_H
#define WV_PLUGINS_SYSCALLS_LINUX_H

#include "guest/linux/linux.h"
#include "plugins/syscalls/syscalls.h"

/** The wants, by their index in linux.c's table. */
enum syscalls_want {
	SYM_METADATA,
	META_NAME,
	META_NUMBER,
	META_NB_ARGS,
	META_TYPES,
	META_ARGS,
	REGS_DI,
	REGS_SI,
	REGS_DX,
	REGS_R10,
	REGS_R8,
	REGS_R9,
	REGS_BX,
	REGS_CX,
	REGS_BP,
	REGS_SP,
	REGS_AX,
	REGS_ORIG_AX,
	REGS_SIZE,
	TASK_STACK,
	THREAD_STATUS,
	SYM_STACK_START,
	SYM_STACK_END,
	SYM_FRED,
	SYSCALLS_WANT_COUNT
};

#define CALL_ARGS WV_SYSCALL_ARGS

/** Numbers of either table are below this: an upper bound on any kernel's, unknown ones included.
 */
#define CALLS_MAX 1024

/** The tables of an x86-64 kernel. */
enum call_abi {
	ABI_64,
	ABI_32,	 /* int 0x80, sysenter, and syscall of a 32-bit program */
	ABI_X32, /* the 64-bit table with 32-bit pointers: a bit of the number tells */
	ABI_COUNT
};

/** From here on the 64-bit table has entries of x32 only (arch/x86/entry/syscalls). */
#define X32_FIRST 512

/** Whether structures and words are those of a 32-bit caller. */
static inline bool syscalls_is_compat(enum call_abi abi, uint32_t number)
{
	return abi == ABI_32 || (abi == ABI_X32 && number >= X32_FIRST);
}

/** One system call, as the event path needs it. */
struct call_info {
	bool wanted; /* not filtered out */
	uint8_t n_args;
	bool is_exec;		 /* on success the memory that arguments point to is gone */
	bool has_output;	 /* some argument is captured on return */
	uint8_t bits[CALL_ARGS]; /* widths of the arguments */
	const struct wv_decoder *decoders[CALL_ARGS];
};

/** What prepare() makes. */
struct calls {
	struct call_info table[ABI_COUNT][CALLS_MAX];
	/* Atomic: of struct pt_regs from the start of the thread's stack. 0: not known. A guess
	 * from symbols until the first call confirms it. */
	uint64_t regs_offset;
	bool regs_confirmed;
	/* in struct pt_regs, in bytes */
	uint16_t regs_size, orig_ax, ax, sp, args[ABI_COUNT][CALL_ARGS];
};

/** What a call keeps until it returns. */
struct call_saved {
	uint32_t number;
	uint8_t abi;
	bool old;	    /* not entered through a dispatcher */
	bool bp_on_stack;   /* ebp is still on the user's stack, not in the registers */
	bool deferred;	    /* its row is put off until its arguments are in memory */
	uint8_t unreadable; /* bit n: argument n points to memory that was not there at entry */
	uint64_t space;	    /* the page table then */
	uint64_t regs;	    /* address of the struct pt_regs */
	uint64_t args[CALL_ARGS];
};

/** The number of a call's definition; the last of each table stands for what has no number there.
 */
static inline unsigned definition_of(enum call_abi abi, uint32_t number)
{
	return (unsigned)abi * CALLS_MAX + MIN(number, CALLS_MAX - 1);
}

static inline const struct call_info *syscalls_info(const struct wv_call *call, enum call_abi abi,
						    uint32_t number)
{
	const struct calls *calls = wv_call_guest_data(call);

	return &calls->table[abi][MIN(number, CALLS_MAX - 1)];
}

/** A result as the caller sees it: of a 32-bit one, errors are negative and addresses are not. */
static inline int64_t syscalls_result(enum call_abi abi, uint64_t value)
{
	if (abi != ABI_32)
		return (int64_t)value;
	return wv_result_is_error((int32_t)value) ? (int32_t)value : (int64_t)(uint32_t)value;
}

/* linux_regs.c */

/** Where the registers are in struct pt_regs. */
bool syscalls_regs_prepare(struct wv_call *call, struct calls *calls, GError **error);

/** Where struct pt_regs should be on a stack, by the kernel's symbols; 0 when they do not tell. */
uint64_t syscalls_regs_guess(struct wv_call *call);

/** The address of struct pt_regs in a function that has it as an argument. */
uint64_t syscalls_regs_argument(struct wv_call *call);

/** The same in a function that has not; 0 when it is not known. */
uint64_t syscalls_regs_of_thread(struct wv_call *call);

/** The table of the call that the thread is making, where the trapped function does not tell. */
enum call_abi syscalls_thread_abi(struct wv_call *call);

/** Reads what is called; false when it can not be read, or is not wanted. */
bool syscalls_read_call(struct wv_call *call, uint64_t address, enum call_abi abi,
			struct call_saved *saved);

/** Reads the result that the kernel has put into the registers. */
bool syscalls_read_result(struct wv_call *call, const struct call_saved *saved, int64_t *result);

/* linux_tell.c */

/**
 * Tells that a call is entered, and keeps what its return needs. Of an execve whose arguments are
 * not in memory the row is put off.
 */
void syscalls_tell_entry(struct wv_call *call, struct call_saved *saved);

/** Tells what was put off, if it was; what can not be read now never will be. */
void syscalls_tell_deferred(struct wv_call *call, struct call_saved *saved);

/** Tells what a call returned, with the arguments that it filled in. */
void syscalls_tell_return(struct wv_call *call, struct call_saved *saved, int64_t result);

/* linux_table.c */
bool syscalls_prepare(struct wv_call *call, void **data, GError **error);
void syscalls_unprepare(void *data);

/**
 * linux_capture.c: writes an argument with what it points to.
 *
 * @arg: the decoder, number, all arguments and, on return, the result.
 * @last: it will not be tried again: what can be read is better than nothing.
 *
 * Returns false when it points to memory that is not there.
 */
bool syscalls_write_argument(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			     bool last);

#endif
