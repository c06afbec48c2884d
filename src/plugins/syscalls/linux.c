/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syscalls on Linux: where calls are entered and left.
 *
 * One function dispatches all calls of a table: x64_sys_call() and ia32_sys_call() since 6.9 (and
 * in stable kernels before), whose return value is the call's. Older kernels jump through a table
 * from do_syscall_64() and its 32-bit kin; there the result is in the registers that
 * syscall_exit_to_user_mode() is given. A call that seccomp denies is never dispatched: it is told
 * when __secure_computing() returns, or the thread ends in it.
 */
#include "plugins/syscalls/linux.h"

#include <errno.h>

enum trap {
	TRAP_64,
	TRAP_X32,
	TRAP_32,
	TRAP_NOT_DISPATCHED,
	TRAP_NOT_DISPATCHED_INLINE,
	TRAP_OLD_FAST_32,
	TRAP_OLD_EXIT,
	TRAP_EXEC,
	TRAP_SECCOMP,
	TRAP_THREAD_EXIT,
	TRAP_COUNT
};

/** The functions that a call is entered by and has been told, or will be. */
static const enum trap entries[] = { TRAP_64, TRAP_32, TRAP_X32, TRAP_OLD_FAST_32 };

static enum wv_verdict enter(struct wv_call *call, enum call_abi abi)
{
	struct call_saved *saved = wv_call_saved(call);

	if (!syscalls_read_call(call, syscalls_regs_argument(call), abi, saved))
		return WV_DONE;
	syscalls_tell_entry(call, saved);
	return WV_AWAIT_RETURN; /* though its return may not be told: enter_not_dispatched() asks */
}

static enum wv_verdict enter_64(struct wv_call *call)
{
	return enter(call, ABI_64);
}

static enum wv_verdict enter_32(struct wv_call *call)
{
	return enter(call, ABI_32);
}

/** A number that no table has; it is also where those lead that a table has without a function. */
static enum wv_verdict enter_not_dispatched(struct wv_call *call)
{
	for (size_t i = 0; i < G_N_ELEMENTS(entries); i++)
		if (wv_call_outer(call, entries[i]))
			return WV_DONE;
	return enter(call, syscalls_thread_abi(call));
}

/** The same where the compiler has put it into the callers: only the result is stored. */
static enum wv_verdict store_not_dispatched(struct wv_call *call)
{
	struct call_saved *saved = wv_call_saved(call);
	uint64_t regs = syscalls_regs_of_thread(call);

	/* int 0x80 stores it first of all, too, when there is no number yet */
	if (!regs || !syscalls_read_call(call, regs, syscalls_thread_abi(call), saved))
		return WV_DONE;
	syscalls_tell_entry(call, saved);
	syscalls_tell_return(call, saved, -ENOSYS);
	return WV_DONE;
}

static enum wv_verdict enter_old_fast_32(struct wv_call *call)
{
	struct call_saved *saved = wv_call_saved(call);

	saved->old = true;
	saved->bp_on_stack = true;
	return enter(call, ABI_32);
}

/** What has been put into the registers, on the way out. */
static void tell_from_regs(struct wv_call *call)
{
	struct call_saved *saved = wv_call_saved(call);
	int64_t result;

	if (syscalls_read_result(call, saved, &result))
		syscalls_tell_return(call, saved, result);
}

/** A dispatcher returns what the call returned; its callers, and the old functions, store that. */
static void leave(struct wv_call *call)
{
	struct call_saved *saved = wv_call_saved(call);

	if (wv_call_method(call) == 0 && !saved->old && !wv_call_result_is_stored(call))
		syscalls_tell_return(
			call, saved,
			syscalls_result((enum call_abi)saved->abi, wv_call_result(call)));
	else
		tell_from_regs(call);
}

/** Tells what has been put off of a call that the thread is in. */
static void tell_deferred(struct wv_call *call)
{
	for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
		const struct call_saved *saved = wv_call_outer(call, entries[i]);

		if (saved && saved->deferred && wv_call_act_for(call, entries[i])) {
			syscalls_tell_deferred(call, wv_call_saved(call));
			return;
		}
	}
}

/** The new program's arguments have been read, and the old one's memory is still there. */
static enum wv_verdict exec_goes_on(struct wv_call *call)
{
	tell_deferred(call);
	return WV_DONE;
}

/** Signals are handled after this point, and change the registers. */
static enum wv_verdict exit_to_user(struct wv_call *call)
{
	for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
		if (wv_call_resume(call, entries[i])) {
			tell_from_regs(call);
			break;
		}
	}
	return WV_DONE;
}

/* seccomp ---------------------------------------------------------------------------------------*/

static enum wv_verdict enter_seccomp(struct wv_call *call)
{
	struct call_saved *saved = wv_call_saved(call);
	uint64_t regs = syscalls_regs_of_thread(call);

	return regs && syscalls_read_call(call, regs, syscalls_thread_abi(call), saved)
		       ? WV_AWAIT_RETURN
		       : WV_DONE;
}

/** -1: the call is not made; what it seems to return has been put into the registers. */
static void leave_seccomp(struct wv_call *call)
{
	struct call_saved *saved = wv_call_saved(call);

	if ((int32_t)wv_call_result(call) != -1)
		return;
	syscalls_tell_entry(call, saved);
	tell_from_regs(call);
}

/** The thread ends inside seccomp, and so the call was never made; or inside execve. */
static enum wv_verdict thread_ends(struct wv_call *call)
{
	if (wv_call_resume(call, TRAP_SECCOMP))
		syscalls_tell_entry(call, wv_call_saved(call));
	else
		tell_deferred(call);
	return WV_DONE;
}

/* The tables ------------------------------------------------------------------------------------*/

/* The dispatchers are alternatives to the old functions, which newer kernels have as well. The
 * numbers of both are in the registers, so that arguments are read the same way. */
#define DISPATCHER_64 "x64_sys_call"
#define DISPATCHER_32 "ia32_sys_call"

/** movq $-ENOSYS, ax(%reg): ax is at 0x50 in struct pt_regs, as the entry code has it. */
static const struct wv_code store_enosys = {
	.size = 8,
	.bytes = { 0x48, 0xc7, 0x40, 0x50, 0xda, 0xff, 0xff, 0xff },
	.mask = { 0xfe, 0xff, 0xf8, 0xff, 0xff, 0xff, 0xff, 0xff },
};

/** mov %rax, ax(%reg), with any of the registers that outlive a call. */
static const struct wv_code store_result[] = {
	/* rbx, rbp */
	{ 4, { 0x48, 0x89, 0x43, 0x50 }, { 0xff, 0xff, 0xff, 0xff } },
	{ 4, { 0x48, 0x89, 0x45, 0x50 }, { 0xff, 0xff, 0xff, 0xff } },
	/* r13 to r15, r12 */
	{ 4, { 0x49, 0x89, 0x45, 0x50 }, { 0xff, 0xff, 0xff, 0xff } },
	{ 4, { 0x49, 0x89, 0x46, 0x50 }, { 0xff, 0xff, 0xfe, 0xff } },
	{ 5, { 0x49, 0x89, 0x44, 0x24, 0x50 }, { 0xff, 0xff, 0xff, 0xff, 0xff } },
	{ 0 },
};

static const struct wv_trap_def traps[TRAP_COUNT] = {
	/* arch/x86/entry/syscall_64.c */
	[TRAP_64] = { .functions = { DISPATCHER_64, "do_syscall_64" },
		      .ttl = true,
		      .saved_size = sizeof(struct call_saved),
		      .once_per_thread = true,
		      .stores = store_result,
		      .on_entry = enter_64,
		      .on_return = leave },
	/* arch/x86/entry/syscall_32.c, common.c */
	[TRAP_32] = { .functions = { DISPATCHER_32, "do_int80_syscall_32" },
		      .cost = "32-bit calls",
		      .ttl = true,
		      .saved_size = sizeof(struct call_saved),
		      .once_per_thread = true,
		      .stores = store_result,
		      .on_entry = enter_32,
		      .on_return = leave },
	/* the 64-bit table again, with the entries of x32; only in kernels that have it */
	[TRAP_X32] = { .functions = { "x32_sys_call" },
		       .cost = "x32 calls",
		       .with = "x32_sys_call",
		       .ttl = true,
		       .saved_size = sizeof(struct call_saved),
		       .once_per_thread = true,
		       .on_entry = enter_64,
		       .on_return = leave },
	/* kernel/sys_ni.c, with the wrapper of arch/x86/include/asm/syscall_wrapper.h */
	[TRAP_NOT_DISPATCHED] = { .functions = { "__x64_sys_ni_syscall" },
				  .cost = "calls by numbers that do not exist",
				  .with = DISPATCHER_64,
				  .ttl = true,
				  .saved_size = sizeof(struct call_saved),
				  .once_per_thread = true,
				  .on_entry = enter_not_dispatched,
				  .on_return = leave },
	/* arch/x86/entry/common.c: regs->ax = __x64_sys_ni_syscall(regs) */
	[TRAP_NOT_DISPATCHED_INLINE] = { .functions = { "do_syscall_64", "do_int80_emulation",
							"do_int80_syscall_32",
							"__do_fast_syscall_32" },
					 .cost = "calls by numbers that do not exist",
					 .with = DISPATCHER_64,
					 .saved_size = sizeof(struct call_saved),
					 .code = &store_enosys,
					 .on_entry = store_not_dispatched },
	[TRAP_OLD_FAST_32] = { .functions = { "__do_fast_syscall_32" },
			       .cost = "32-bit calls by sysenter and syscall",
			       .ttl = true,
			       .saved_size = sizeof(struct call_saved),
			       .once_per_thread = true,
			       .without = DISPATCHER_32,
			       .on_entry = enter_old_fast_32,
			       .on_return = leave },
	/* kernel/entry/common.c */
	[TRAP_OLD_EXIT] = { .functions = { "syscall_exit_to_user_mode" },
			    .cost = "results of calls that a signal interrupts",
			    .without = DISPATCHER_64,
			    .on_entry = exit_to_user },
	/* fs/exec.c */
	[TRAP_EXEC] = { .functions = { "begin_new_exec", "flush_old_exec" },
			.cost = "arguments of execve that are not in memory at its entry",
			.on_entry = exec_goes_on },
	/* kernel/seccomp.c */
	[TRAP_SECCOMP] = { .functions = { "__secure_computing" },
			   .cost = "calls that seccomp denies",
			   .saved_size = sizeof(struct call_saved),
			   .with = DISPATCHER_64,
			   .on_entry = enter_seccomp,
			   .on_return = leave_seccomp },
	[TRAP_THREAD_EXIT] = { .functions = { "do_exit" },
			       .cost = "calls that their thread dies in",
			       .on_entry = thread_ends },
};

static const struct wv_want wants[SYSCALLS_WANT_COUNT] = {
	/* kernel/trace/trace_syscalls.c, include/trace/syscall.h */
	[SYM_METADATA] = WV_SYMBOL_IF_ANY("syscalls_metadata"),
	[META_NAME] = WV_MEMBER_IF_ANY("syscall_metadata", "name"),
	[META_NUMBER] = WV_MEMBER_IF_ANY("syscall_metadata", "syscall_nr"),
	[META_NB_ARGS] = WV_MEMBER_IF_ANY("syscall_metadata", "nb_args"),
	[META_TYPES] = WV_MEMBER_IF_ANY("syscall_metadata", "types"),
	[META_ARGS] = WV_MEMBER_IF_ANY("syscall_metadata", "args"),
	/* arch/x86/include/asm/ptrace.h */
	[REGS_DI] = WV_MEMBER("pt_regs", "di", NULL),
	[REGS_SI] = WV_MEMBER("pt_regs", "si", NULL),
	[REGS_DX] = WV_MEMBER("pt_regs", "dx", NULL),
	[REGS_R10] = WV_MEMBER("pt_regs", "r10", NULL),
	[REGS_R8] = WV_MEMBER("pt_regs", "r8", NULL),
	[REGS_R9] = WV_MEMBER("pt_regs", "r9", NULL),
	[REGS_BX] = WV_MEMBER("pt_regs", "bx", NULL),
	[REGS_CX] = WV_MEMBER("pt_regs", "cx", NULL),
	[REGS_BP] = WV_MEMBER("pt_regs", "bp", NULL),
	[REGS_SP] = WV_MEMBER("pt_regs", "sp", NULL),
	[REGS_AX] = WV_MEMBER("pt_regs", "ax", NULL),
	[REGS_ORIG_AX] = WV_MEMBER("pt_regs", "orig_ax", NULL),
	[REGS_SIZE] = WV_SIZE("pt_regs", NULL),
	/* include/linux/sched.h, arch/x86/include/asm/thread_info.h */
	[TASK_STACK] = WV_MEMBER("task_struct", "stack", "calls that seccomp denies"),
	[THREAD_STATUS] = WV_MEMBER("task_struct", "thread_info.status",
				    "the names of 32-bit calls that seccomp denies"),
	[SYM_STACK_START] = WV_SYMBOL_IF_ANY("__start_init_stack|__start_init_task"),
	[SYM_STACK_END] = WV_SYMBOL_IF_ANY("__end_init_stack|__end_init_task"),
	/* arch/x86/entry/entry_64_fred.S */
	[SYM_FRED] = WV_SYMBOL_IF_ANY("asm_fred_entrypoint_user"),
};

const struct wv_plugin_guest syscalls_on_linux = {
	.os = WV_OS_LINUX,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
	.wants = wants,
	.n_wants = G_N_ELEMENTS(wants),
	.prepare = syscalls_prepare,
	.unprepare = syscalls_unprepare,
};
