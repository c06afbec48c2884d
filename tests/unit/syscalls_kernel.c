/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a tiny kernel needs for system calls. */
#include "syscalls_kernel.h"

#include <glib.h>
#include <string.h>

#include "tiny_linux_types.h"

const char *const syscalls_new_kernel[] = { "x64_sys_call",	  "ia32_sys_call",
					    "__secure_computing", "__x64_sys_ni_syscall",
					    "begin_new_exec",	  NULL };
const char *const syscalls_old_kernel[] = { "do_syscall_64",	    "do_int80_syscall_32",
					    "__do_fast_syscall_32", "syscall_exit_to_user_mode",
					    "begin_new_exec",	    NULL };

const char *const syscalls_data[] = { "syscalls_metadata", "__start_init_stack", "__end_init_stack",
				      NULL };

/* What the kernel says about its calls; the rest is in our own table. */
static const struct {
	unsigned number;
	const char *name;
	const char *arguments[6][2]; /* type, name */
} calls[] = {
	{ 0, "sys_read", { { "unsigned int", "fd" }, { "char *", "buf" }, { "size_t", "count" } } },
	{ 1,
	  "sys_write",
	  { { "unsigned int", "fd" }, { "const char *", "buf" }, { "size_t", "count" } } },
	{ 5, "sys_newfstat", { { "unsigned int", "fd" }, { "struct stat *", "statbuf" } } },
	{ 59,
	  "sys_execve",
	  { { "const char *", "filename" },
	    { "const char *const *", "argv" },
	    { "const char *const *", "envp" } } },
	{ 79, "sys_getcwd", { { "char *", "buf" }, { "unsigned long", "size" } } },
	{ 110, "sys_getppid", { { NULL } } },
	{ 228,
	  "sys_clock_gettime",
	  { { "const clockid_t", "which_clock" }, { "struct __kernel_timespec *", "tp" } } },
	{ 257,
	  "sys_openat",
	  { { "int", "dfd" },
	    { "const char *", "filename" },
	    { "int", "flags" },
	    { "umode_t", "mode" } } },
	{ BRAND_NEW,
	  "sys_brand_new",
	  { { "const char *", "pathname" },
	    { "int", "flavour" },
	    { "void *", "a" },
	    { "unsigned long", "b" },
	    { "long", "c" },
	    { "unsigned int", "d" } } },
};

static uint64_t make_metadata(struct tiny_linux *kernel, size_t index)
{
	uint64_t metadata = tiny_object(kernel, 0x40);
	uint64_t types = tiny_object(kernel, 6 * 8), names = tiny_object(kernel, 6 * 8);
	unsigned count = 0;

	for (; count < 6 && calls[index].arguments[count][0]; count++) {
		uint64_t type = tiny_string(kernel, calls[index].arguments[count][0]);
		uint64_t name = tiny_string(kernel, calls[index].arguments[count][1]);

		memcpy(tiny_at(kernel, types + count * 8), &type, sizeof(type));
		memcpy(tiny_at(kernel, names + count * 8), &name, sizeof(name));
	}
	tiny_put(kernel, metadata, "syscall_metadata.name", tiny_string(kernel, calls[index].name));
	tiny_put(kernel, metadata, "syscall_metadata.syscall_nr", calls[index].number);
	tiny_put(kernel, metadata, "syscall_metadata.nb_args", count);
	tiny_put(kernel, metadata, "syscall_metadata.types", types);
	tiny_put(kernel, metadata, "syscall_metadata.args", names);
	return metadata;
}

void syscalls_make_table(struct tiny_linux *kernel)
{
	uint64_t array = tiny_object(kernel, 1024 * 8);

	for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
		uint64_t metadata = make_metadata(kernel, i);

		memcpy(tiny_at(kernel, array + calls[i].number * 8), &metadata, sizeof(metadata));
	}
	memcpy(tiny_at(kernel, tiny_symbol(kernel, syscalls_data[0])), &array, sizeof(array));
}

uint64_t syscalls_make_files(struct tiny_linux *kernel, const struct tiny_task *task)
{
	uint64_t files = tiny_object(kernel, 0x40), table = tiny_object(kernel, 0x40);
	uint64_t fs = tiny_object(kernel, 0x60), descriptors = tiny_object(kernel, 16 * 8);
	uint64_t directory = tiny_file(kernel, "/root") + tiny_offset("file.f_path");

	tiny_put(kernel, task->address, "task_struct.files", files);
	tiny_put(kernel, files, "files_struct.fdt", table);
	tiny_put(kernel, table, "fdtable.max_fds", 16);
	tiny_put(kernel, table, "fdtable.fd", descriptors);
	tiny_put(kernel, task->address, "task_struct.fs", fs);
	memcpy(tiny_at(kernel, fs + tiny_offset("fs_struct.pwd")), tiny_at(kernel, directory), 16);
	return descriptors;
}

uint64_t syscalls_regs_of(struct tiny_linux *kernel)
{
	return tiny_get(kernel, kernel->running[0]->address, "task_struct.stack") +
	       TINY_STACK_SIZE - TINY_REGS_SIZE;
}

void syscalls_fill_regs(struct tiny_linux *kernel, bool compat, uint64_t number,
			const uint64_t args[6])
{
	static const char *const registers[2][6] = {
		{ "di", "si", "dx", "r10", "r8", "r9" },
		{ "bx", "cx", "dx", "si", "di", "bp" },
	};
	uint64_t regs = syscalls_regs_of(kernel);
	uint64_t thread = kernel->running[0]->address + tiny_offset("task_struct.thread_info");

	memset(tiny_at(kernel, regs), 0x5a, TINY_REGS_SIZE);
	tiny_put(kernel, regs, "pt_regs.orig_ax", number);
	tiny_put(kernel, regs, "pt_regs.cs", compat ? 0x23 : 0x33);
	tiny_put(kernel, thread, "thread_info.status", compat ? 2 : 0); /* TS_COMPAT */
	for (unsigned i = 0; i < 6; i++) {
		g_autofree char *name = g_strconcat("pt_regs.", registers[compat][i], NULL);

		tiny_put(kernel, regs, name, args[i]);
	}
}
