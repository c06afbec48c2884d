/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for the plugin syscalls on a hostile guest: any call with any arguments,
 * in a tiny kernel whose memory and registers the input changes. Nothing may crash or take long,
 * and what is told must be well-formed.
 *
 * The input: which guest (1 byte), the way of the call (1), its number (2), its arguments (2 each),
 * and changes, see changes.h. Of the guests one has dispatchers, one has none, and one is looked at
 * after the changes only, with its table of calls (which is slow).
 */
#include <string.h>

#include "hostile.h"
#include "syscalls_kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD_SIZE 16u

/** Where the pages of a process are. */
#define USER	  UINT64_C(0x7ffd00000000)
#define USER_SIZE (4 * MOCK_PAGE)

struct guest {
	struct hostile hostile; /* first: a struct hostile * is a struct guest * */
	struct tiny_linux kernel;
	struct tiny_task *task;
	bool old;
};

/* The guest -------------------------------------------------------------------------------------*/

/** Strings, pointers to them and small numbers, so that there is something behind each address. */
static void fill_user(struct tiny_linux *kernel, uint64_t mm)
{
	for (uint64_t at = 0; at < USER_SIZE; at += 64) {
		const uint64_t words[] = { USER + at + 32, USER + (at * 7 & (USER_SIZE - 1)), 3,
					   at };

		tiny_write_user(kernel, mm, USER + at, words, sizeof(words));
		tiny_write_user(kernel, mm, USER + at + 32, "/some/text\0\x02\0\x16\x7f\0\0\1", 19);
	}
}

static void watch(struct hostile *hostile)
{
	struct guest *guest = (struct guest *)hostile;

	watcher_start(&hostile->watcher, &guest->kernel.mock.machine,
		      "[wyvern]\nplugin=syscalls;\nbuffer_preview=100\n");
}

/** The mock keeps the registers of user mode on the stack: that stays where it can write. */
static void settle(struct hostile *hostile)
{
	struct guest *guest = (struct guest *)hostile;
	uint64_t stack = guest->kernel.mock.registers[0][WV_REG_RSP];

	guest->task->depth = 0;
	tiny_put(&guest->kernel, guest->task->address, "task_struct.stack",
		 stack & ~(uint64_t)(TINY_STACK_SIZE - 1));
}

/* The call --------------------------------------------------------------------------------------*/

static uint64_t argument(uint16_t value)
{
	switch (value >> 13) {
	case 0:
	case 1:
		return value % 64; /* descriptors, flags, lengths */
	case 2:
		return (uint64_t)(int64_t)(int16_t)(value << 3);
	case 3:
		return UINT64_C(1) << value % 64;
	case 4: /* to the end of the pages, and beyond */
		return USER + USER_SIZE - (value & 0xff) + 16;
	case 5:
		return TINY_DIRECT_MAP + UINT64_C(0x600000) + (value & 0x1fff) * UINT64_C(8);
	default:
		return USER + value % USER_SIZE;
	}
}

static void make_call(struct hostile *hostile, const uint8_t *head)
{
	static const char *const ways[2][4] = {
		{ "x64_sys_call", "ia32_sys_call", "__secure_computing", "__x64_sys_ni_syscall" },
		{ "do_syscall_64", "do_int80_syscall_32", "__do_fast_syscall_32", "do_syscall_64" },
	};
	struct guest *guest = (struct guest *)hostile;
	struct tiny_linux *kernel = &guest->kernel;
	const char *way = ways[guest->old][head[1] & 3];
	uint64_t arguments[6] = { syscalls_regs_of(kernel) }, values[6];
	uint16_t words[7];

	memcpy(words, head + 2, sizeof(words));
	for (unsigned i = 0; i < 6; i++)
		values[i] = argument(words[1 + i]);
	syscalls_fill_regs(kernel, head[1] & 4 || strstr(way, "32"),
			   words[0] & 0x8000 ? argument(words[0]) : words[0] % 1100, values);
	tiny_call(kernel, 0, way, 0, arguments);
	if (guest->old && head[1] & 8) {
		tiny_call(kernel, 0, "syscall_exit_to_user_mode", 0, arguments);
		tiny_return(kernel, 0, 0);
	}
	if (head[1] & 16)
		tiny_call(kernel, 0, "do_exit", 0, NULL);
	tiny_return(kernel, 0, argument((uint16_t)(head[1] << 8)));
}

static void make_kernel(struct guest *guest, bool old)
{
	struct tiny_linux *kernel = &guest->kernel;
	const struct tiny_options options = {
		.functions = old ? syscalls_old_kernel : syscalls_new_kernel,
		.data = syscalls_data,
	};
	uint64_t descriptors;

	tiny_init(kernel, &options);
	guest->old = old;
	syscalls_make_table(kernel);
	guest->task = tiny_task(kernel, 12, 0, "/usr/bin/env", NULL);
	guest->task->stack -= 0x100; /* the registers of user mode are above */
	descriptors = syscalls_make_files(kernel, guest->task);
	for (unsigned fd = 0; fd < 16; fd++) {
		uint64_t file = tiny_file(kernel, "/tmp/a/file");

		memcpy(tiny_at(kernel, descriptors + fd * 8), &file, sizeof(file));
	}
	fill_user(kernel, guest->task->mm);
	tiny_run(kernel, 0, guest->task);
	guest->hostile = (struct hostile){ .scope = changes_of_linux(kernel),
					   .watch = watch,
					   .settle = settle,
					   .act = make_call };
}

static struct hostile *make(unsigned index)
{
	static struct guest guests[HOSTILE_GUESTS];

	make_kernel(&guests[index], index == 1);
	return &guests[index].hostile;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hostile_run(make, data, size, HEAD_SIZE);
	return 0;
}
