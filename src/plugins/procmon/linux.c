/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon on Linux: ends, signals and clones, and the tables of what is trapped and read. */
#include "plugins/procmon/linux.h"

#include "output/names.h"

/* The end of a thread ---------------------------------------------------------------------------*/

enum exit_field { EXIT_THREAD_NAME, EXIT_STATUS, EXIT_STATUS_STR };

static const struct wv_field exit_fields[] = {
	[EXIT_THREAD_NAME] = { "ThreadName", WV_KIND_STRING,
			       .meaning = "The name of the thread that ends." },
	[EXIT_STATUS] = { "ExitStatus", WV_KIND_NUMBER,
			  .meaning = "The exit code, 0 to 255; of a death by signal 128 plus the "
				     "signal's number, as shells show it." },
	[EXIT_STATUS_STR] = { "ExitStatusStr", WV_KIND_NAME, wv_format_exit_status,
			      .meaning = "The exit code's meaning, or the signal's name." },
};

const struct wv_event_type procmon_linux_exit = {
	.plugin = "procmon",
	.methods = { "do_exit" },
	.os = WV_OS_LINUX,
	.fields = exit_fields,
	.n_fields = G_N_ELEMENTS(exit_fields),
	.meaning = "A thread ends; the process ends with its last thread.",
};

static void write_thread_name(struct wv_call *call, struct wv_event *event, unsigned field,
			      uint64_t task)
{
	char comm[WV_LINUX_COMM_SIZE];
	size_t size = wv_linux_comm(wv_call_guest(call), wv_call_space(call), task, comm);

	wv_event_text(event, field, comm, size, false);
}

static enum wv_verdict exit_entry(struct wv_call *call)
{
	/* the code as wait(2) encodes it: exit code << 8, or signal with 0x80 for a core dump */
	uint32_t code = (uint32_t)wv_call_argument(call, 0);
	uint32_t signal = code & 0x7f;
	struct wv_event *event = wv_event_open(call, PROCMON_LINUX_EXIT);

	write_thread_name(call, event, EXIT_THREAD_NAME, wv_call_caller(call)->thread);
	wv_event_number(event, EXIT_STATUS, signal ? 128 + signal : (code >> 8 & 0xff));
	wv_event_unsigned(event, EXIT_STATUS_STR, code);
	wv_event_close(event);
	return WV_DONE;
}

/* A signal --------------------------------------------------------------------------------------*/

enum signal_field {
	SIGNAL_THREAD_NAME,
	SIGNAL_TARGET_PID,
	SIGNAL_TARGET_TID,
	SIGNAL_TARGET_PPID,
	SIGNAL_TARGET_PROCESS_NAME,
	SIGNAL_TARGET_THREAD_NAME,
	SIGNAL_NUMBER,
	SIGNAL_STR,
};

static const struct wv_field signal_fields[] = {
	[SIGNAL_THREAD_NAME] = { "ThreadName", WV_KIND_STRING,
				 .meaning = "The name of the sending thread." },
	[SIGNAL_TARGET_PID] = { "TargetPID", WV_KIND_NUMBER,
				.meaning = "The process that the signal is for." },
	[SIGNAL_TARGET_TID] = { "TargetTID", WV_KIND_NUMBER,
				.meaning = "The thread that the signal is for." },
	[SIGNAL_TARGET_PPID] = { "TargetPPID", WV_KIND_NUMBER,
				 .meaning = "The parent of that process." },
	[SIGNAL_TARGET_PROCESS_NAME] = { "TargetProcessName", WV_KIND_STRING,
					 .meaning = "The image name of that process." },
	[SIGNAL_TARGET_THREAD_NAME] = { "TargetThreadName", WV_KIND_STRING,
					.meaning = "The name of that thread." },
	[SIGNAL_NUMBER] = { "Signal", WV_KIND_NUMBER, .meaning = "The signal's number." },
	[SIGNAL_STR] = { "SignalStr", WV_KIND_NAME, wv_format_signal,
			 .meaning = "The signal's name; real-time signals as kill -l shows them." },
};

const struct wv_event_type procmon_linux_signal = {
	.plugin = "procmon",
	.methods = { "do_send_sig_info", "send_signal_locked", "send_signal" },
	.os = WV_OS_LINUX,
	.fields = signal_fields,
	.n_fields = G_N_ELEMENTS(signal_fields),
	.meaning = "A signal is sent to a process or thread; permission has been checked.",
};

static enum wv_verdict signal_entry(struct wv_call *call)
{
	/* (int sig, struct kernel_siginfo *info, struct task_struct *t, enum pid_type type) */
	uint64_t task = wv_call_argument(call, 2);
	struct wv_identity target;
	struct wv_event *event = wv_event_open(call, PROCMON_LINUX_SIGNAL);

	write_thread_name(call, event, SIGNAL_THREAD_NAME, wv_call_caller(call)->thread);
	if (wv_call_identify(call, task, &target)) {
		wv_event_unsigned(event, SIGNAL_TARGET_PID, target.pid);
		wv_event_unsigned(event, SIGNAL_TARGET_TID, target.tid);
		wv_event_unsigned(event, SIGNAL_TARGET_PPID, target.ppid);
		wv_event_text(event, SIGNAL_TARGET_PROCESS_NAME, target.name, target.name_size,
			      target.name_truncated);
		write_thread_name(call, event, SIGNAL_TARGET_THREAD_NAME, task);
	} else {
		for (unsigned i = SIGNAL_TARGET_PID; i <= SIGNAL_TARGET_THREAD_NAME; i++)
			wv_event_unreadable(event, i);
	}
	wv_event_number(event, SIGNAL_NUMBER, (int32_t)wv_call_argument(call, 0));
	wv_event_unsigned(event, SIGNAL_STR, (uint32_t)wv_call_argument(call, 0));
	wv_event_close(event);
	return WV_DONE;
}

/* A new process or thread -----------------------------------------------------------------------*/

enum clone_field { CLONE_FIELD_FLAGS, CLONE_FIELD_SIGNAL, CLONE_FIELD_SIGNAL_STR, CLONE_FIELD_PID };

static const struct wv_field clone_fields[] = {
	[CLONE_FIELD_FLAGS] = { "Flags", WV_KIND_FLAGS, wv_format_clone_flags,
				.meaning = "What parent and child share: CLONE_VM|CLONE_THREAD." },
	[CLONE_FIELD_SIGNAL] = { "Signal", WV_KIND_NUMBER,
				 .meaning =
					 "The signal that the parent gets when the child ends." },
	[CLONE_FIELD_SIGNAL_STR] = { "SignalStr", WV_KIND_NAME, wv_format_signal,
				     .meaning = "That signal's name." },
	[CLONE_FIELD_PID] = { "NewPid", WV_KIND_RESULT,
			      .meaning = "The new thread's id, which is the PID of a new process, "
					 "numbered as in PID and TID even in a PID namespace; "
					 "or the name of the error." },
};

const struct wv_event_type procmon_linux_clone = {
	.plugin = "procmon",
	.methods = { "kernel_clone" },
	.os = WV_OS_LINUX,
	.fields = clone_fields,
	.n_fields = G_N_ELEMENTS(clone_fields),
	.meaning = "fork, vfork, clone, clone3, or the kernel starts a thread; told on return.",
};

/** What a clone keeps until it returns. */
struct clone_saved {
	uint64_t flags;
	uint32_t exit_signal;
	uint32_t child; /* the new task's own number; 0: none was woken */
};

static enum wv_verdict clone_entry(struct wv_call *call)
{
	struct clone_saved *saved = wv_call_saved(call);
	uint64_t args = wv_call_argument(call, 0); /* struct kernel_clone_args */

	wv_call_read_u64(call, args, CLONE_FLAGS, &saved->flags);
	wv_call_read_u32(call, args, CLONE_EXIT_SIGNAL, &saved->exit_signal);
	return WV_AWAIT_RETURN;
}

/**
 * The child is about to run, inside its parent's kernel_clone. What that function returns is the
 * child's number in the caller's PID namespace; the number that all other events use is here.
 */
static enum wv_verdict child_entry(struct wv_call *call)
{
	struct clone_saved *saved = wv_call_outer(call, TRAP_CLONE);

	if (saved)
		wv_call_read_u32(call, wv_call_argument(call, 0), CHILD_PID, &saved->child);
	return WV_DONE;
}

static void clone_return(struct wv_call *call)
{
	const struct clone_saved *saved = wv_call_saved(call);
	int32_t result = (int32_t)wv_call_result(call); /* pid_t */
	struct wv_event *event = wv_event_open(call, PROCMON_LINUX_CLONE);

	wv_event_unsigned(event, CLONE_FIELD_FLAGS, saved->flags);
	wv_event_number(event, CLONE_FIELD_SIGNAL, (int32_t)saved->exit_signal);
	wv_event_unsigned(event, CLONE_FIELD_SIGNAL_STR, saved->exit_signal);
	wv_event_number(event, CLONE_FIELD_PID,
			result > 0 && saved->child ? (int64_t)saved->child : result);
	wv_event_close(event);
}

/* The tables ------------------------------------------------------------------------------------*/

static const struct wv_trap_def traps[PROCMON_LINUX_TRAP_COUNT] = {
	/* fs/exec.c */
	[TRAP_EXEC] = { .functions = { "begin_new_exec", "do_execveat_common" },
			.cost = "exec events",
			.ttl = true,
			.on_entry = procmon_exec_entry,
			.on_return = procmon_exec_return },
	/* kernel/exit.c */
	[TRAP_EXIT] = { .functions = { "do_exit" },
			.cost = "exit events",
			.ttl = true,
			.on_entry = exit_entry },
	/* kernel/signal.c */
	[TRAP_SIGNAL] = { .functions = { "do_send_sig_info", "send_signal_locked", "send_signal" },
			  .cost = "signal events",
			  .ttl = true,
			  .on_entry = signal_entry },
	/* kernel/fork.c */
	[TRAP_CLONE] = { .functions = { "kernel_clone" },
			 .cost = "clone events",
			 .ttl = true,
			 .on_entry = clone_entry,
			 .on_return = clone_return },
	/* kernel/sched/core.c; not counted by the TTL: it makes no event */
	[TRAP_CHILD] = { .functions = { "wake_up_new_task" },
			 .cost = "NewPid in PID namespaces",
			 .on_entry = child_entry },
};

static const struct wv_want wants[PROCMON_LINUX_WANT_COUNT] = {
	/* include/linux/binfmts.h */
	[BPRM_P] = WV_MEMBER("linux_binprm", "p", "CommandLine and Environment"),
	[BPRM_MM] = WV_MEMBER("linux_binprm", "mm", "CommandLine of an exec that fails"),
	[BPRM_FILE] = WV_MEMBER("linux_binprm", "file", "ImagePathName"),
	[BPRM_ARGC] = WV_MEMBER("linux_binprm", "argc", "CommandLine and Environment"),
	[BPRM_ENVC] = WV_MEMBER("linux_binprm", "envc", "Environment"),
	[BPRM_FILENAME] = WV_MEMBER("linux_binprm", "filename", "FileName"),
	[BPRM_INTERP] = WV_MEMBER("linux_binprm", "interp", "interp"),
	[BPRM_FDPATH] = WV_MEMBER("linux_binprm", "fdpath", "fdpath"),
	[BPRM_HAVE_EXECFD] = WV_MEMBER("linux_binprm", "have_execfd", "have_execfd"),
	[BPRM_EXECFD] = WV_MEMBER("linux_binprm", "execfd", "execfd"),
	[BPRM_SECUREEXEC] = WV_MEMBER("linux_binprm", "secureexec", "secureexec"),
	/* include/linux/mm_types.h: for kernels without begin_new_exec */
	[MM_ARG_START] = WV_MEMBER("mm_struct", "arg_start", "CommandLine"),
	[MM_ARG_END] = WV_MEMBER("mm_struct", "arg_end", "CommandLine"),
	[MM_ENV_START] = WV_MEMBER("mm_struct", "env_start", "Environment"),
	[MM_ENV_END] = WV_MEMBER("mm_struct", "env_end", "Environment"),
	/* include/linux/sched/task.h */
	[CLONE_FLAGS] = WV_MEMBER("kernel_clone_args", "flags", "Flags"),
	[CLONE_EXIT_SIGNAL] = WV_MEMBER("kernel_clone_args", "exit_signal", "Signal"),
	[CHILD_PID] = WV_MEMBER("task_struct", "pid", "NewPid in PID namespaces"),
};

static void running(struct wv_call *call)
{
	wv_event_close(procmon_open_running(call));
}

const struct wv_plugin_guest procmon_on_linux = {
	.os = WV_OS_LINUX,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
	.wants = wants,
	.n_wants = G_N_ELEMENTS(wants),
	.on_process = running,
};
