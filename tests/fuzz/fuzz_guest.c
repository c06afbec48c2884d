/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for the guest layer and the monitor: a tiny Linux kernel whose memory and
 * registers the input changes, as a hostile guest can at any time. It then makes all the calls that
 * are trapped. Nothing may crash or take long, and what is told must be well-formed.
 *
 * The input is a list of changes, see changes.h. The byte before chooses the guest: two that are
 * watched since before the changes, a new kernel and an old one, and one whose kernel is looked for
 * after them (which is slow). Changes are undone after each input.
 */
#include "guest/linux/linux.h"
#include "hostile.h"
#include "tiny_linux.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const functions[] = { "begin_new_exec",
					 "do_execveat_common",
					 "do_send_sig_info",
					 "send_signal_locked",
					 "kernel_clone",
					 "wake_up_new_task",
					 NULL };

/** Without begin_new_exec the way of older kernels is taken. */
static const char *const old_kernel[] = { "begin_new_exec", NULL };

struct guest {
	struct hostile hostile; /* first: a struct hostile * is a struct guest * */
	struct tiny_linux kernel;
	struct tiny_task *task;
	uint64_t binprm, clone_args;
};

/* The guest -------------------------------------------------------------------------------------*/

static void watch(struct hostile *hostile)
{
	struct guest *guest = (struct guest *)hostile;

	watcher_start(&hostile->watcher, &guest->kernel.mock.machine,
		      "[wyvern]\nplugin=procmon;\nprocess_path=true\n");
}

static void settle(struct hostile *hostile)
{
	((struct guest *)hostile)->task->depth = 0;
}

/** All the calls that there are traps for. */
static void make_calls(struct hostile *hostile, const uint8_t *head)
{
	struct guest *guest = (struct guest *)hostile;
	struct tiny_linux *kernel = &guest->kernel;
	const uint64_t binprm[6] = { guest->binprm }, clone[6] = { guest->clone_args };
	const uint64_t signal[6] = { 9, 0, guest->task->address };
	const uint64_t task[6] = { kernel->tasks[1].address };

	(void)head;
	tiny_call(kernel, 0, "begin_new_exec", 0, binprm);
	tiny_return(kernel, 0, 0);
	tiny_call(kernel, 0, "do_execveat_common", 0, NULL);
	tiny_return(kernel, 0, 0);
	tiny_call(kernel, 0, "kernel_clone", 0, clone);
	tiny_call(kernel, 0, "wake_up_new_task", 0, task);
	tiny_return(kernel, 0, 0);
	tiny_return(kernel, 0, 13);
	tiny_call(kernel, 0, "do_send_sig_info", 0, signal);
	tiny_return(kernel, 0, 0);
	tiny_call(kernel, 0, "panic", 0, binprm);
	tiny_return(kernel, 0, 0);
	tiny_call(kernel, 0, "do_exit", 0, NULL);
	tiny_return(kernel, 0, 0); /* it is the next input's task as well */
}

static void make_kernel(struct guest *guest, bool old)
{
	struct tiny_linux *kernel = &guest->kernel;
	const struct tiny_options options = { .functions = functions,
					      .without_symbols = old ? old_kernel : NULL };
	static const char strings[] = "env\0-i\0PWD=/tmp\0X=1\0./env";
	uint64_t mm;

	tiny_init(kernel, &options);
	tiny_task(kernel, 1, 0, "/sbin/init", NULL);
	tiny_task(kernel, 2, 0, NULL, "kthreadd");
	guest->task = tiny_task(kernel, 12, 1, "/usr/bin/env", NULL);
	guest->binprm = tiny_object(kernel, 0x100);
	guest->clone_args = tiny_object(kernel, 0x100);
	mm = guest->task->mm;
	tiny_write_user(kernel, mm, 0x7ffd00000000, strings, sizeof(strings));
	tiny_put(kernel, mm, "mm_struct.arg_start", 0x7ffd00000000);
	tiny_put(kernel, mm, "mm_struct.arg_end", 0x7ffd00000007);
	tiny_put(kernel, mm, "mm_struct.env_end", 0x7ffd00000014);
	tiny_put(kernel, guest->binprm, "linux_binprm.p", 0x7ffd00000000);
	tiny_put(kernel, guest->binprm, "linux_binprm.argc", 2);
	tiny_put(kernel, guest->binprm, "linux_binprm.envc", 2);
	tiny_put(kernel, guest->binprm, "linux_binprm.file", tiny_file(kernel, "/usr/bin/env"));
	tiny_put(kernel, guest->binprm, "linux_binprm.filename", tiny_string(kernel, "./env"));
	tiny_run(kernel, 0, guest->task);
	guest->hostile = (struct hostile){ .scope = changes_of_linux(kernel),
					   .watch = watch,
					   .settle = settle,
					   .act = make_calls };
}

/* The target ------------------------------------------------------------------------------------*/

static struct hostile *make(unsigned index)
{
	static struct guest guests[HOSTILE_GUESTS];

	make_kernel(&guests[index], index == 1);
	return &guests[index].hostile;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hostile_run(make, data, size, 1);
	return 0;
}
