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
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "watcher.h"
#include "syscalls_kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD_SIZE 16u

/** What a hostile guest may cost, in microseconds: sanitizers included, and a busy machine. */
#define TIME_LIMIT_US (10 * G_USEC_PER_SEC)

/** Where the pages of a process are. */
#define USER	  UINT64_C(0x7ffd00000000)
#define USER_SIZE (4 * MOCK_PAGE)

struct guest {
	struct tiny_linux kernel;
	struct watcher watcher;
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
}

static void watch(struct guest *guest)
{
	watcher_start(&guest->watcher, &guest->kernel,
		      "[wyvern]\nplugin=syscalls;\nbuffer_preview=100\n");
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

static void make_call(struct guest *guest, const uint8_t head[HEAD_SIZE])
{
	static const char *const ways[2][4] = {
		{ "x64_sys_call", "ia32_sys_call", "__secure_computing", "__x64_sys_ni_syscall" },
		{ "do_syscall_64", "do_int80_syscall_32", "__do_fast_syscall_32", "do_syscall_64" },
	};
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
	watcher_read(&guest->watcher);
}

static void run(struct guest *guest, const uint8_t *data, size_t size)
{
	static struct changes changes;
	gint64 started = g_get_monotonic_time();
	uint64_t registers[WV_REG_COUNT];
	bool anew = !guest->watcher.monitor;
	uint8_t head[HEAD_SIZE];

	memcpy(head, data, sizeof(head));
	memcpy(registers, guest->kernel.mock.registers[0], sizeof(registers));
	guest->task->depth = 0;
	if (anew) {
		changes_make(&changes, &guest->kernel, data + HEAD_SIZE, size - HEAD_SIZE);
		watch(guest);
		changes_undo(&changes, &guest->kernel);
		make_call(guest, head);
		watcher_stop(&guest->watcher);
	} else {
		uint64_t thread = guest->task->address;

		changes_make(&changes, &guest->kernel, data + HEAD_SIZE, size - HEAD_SIZE);
		/* the mock keeps its frames and registers there: they stay where it can write */
		guest->kernel.mock.registers[0][WV_REG_RSP] = registers[WV_REG_RSP];
		tiny_put(&guest->kernel, thread, "task_struct.stack",
			 (registers[WV_REG_RSP] & ~(uint64_t)(TINY_STACK_SIZE - 1)));
		make_call(guest, head);
		changes_undo(&changes, &guest->kernel);
	}
	memcpy(guest->kernel.mock.registers[0], registers, sizeof(registers));
	stop_if(g_get_monotonic_time() - started > TIME_LIMIT_US, "that took too long");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct guest guests[3];
	static bool made;

	if (!made) {
		for (unsigned i = 0; i < G_N_ELEMENTS(guests); i++)
			make_kernel(&guests[i], i == 1);
		watch(&guests[0]);
		watch(&guests[1]);
		made = true;
	}
	if (size >= HEAD_SIZE)
		run(&guests[data[0] == 255 ? 2 : data[0] & 1], data, size);
	return 0;
}
