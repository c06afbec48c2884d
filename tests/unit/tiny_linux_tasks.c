/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tiny Linux kernel's tasks and calls. */
#include <glib.h>
#include <string.h>

#include "tiny_linux.h"

/** Bytes of a stack that a function uses, its return address not among them. */
#define FRAME 0x30

/* Tasks -----------------------------------------------------------------------------------------*/

/** The task of that PID; init_task if there is none. */
static struct tiny_task *find_task(struct tiny_linux *kernel, uint32_t pid)
{
	for (unsigned i = 1; i < kernel->n_tasks; i++)
		if (tiny_get(kernel, kernel->tasks[i].address, "task_struct.pid") == pid)
			return &kernel->tasks[i];
	return &kernel->tasks[0];
}

/** Puts the task at the end of the list, which is a ring through init_task. */
static void link_task(struct tiny_linux *kernel, uint64_t task)
{
	uint64_t at = tiny_offset("task_struct.tasks");
	uint64_t head = kernel->tasks[0].address, last = head;

	for (unsigned i = 1; i < kernel->n_tasks; i++)
		last = kernel->tasks[i].address;
	tiny_put(kernel, last, "task_struct.tasks", task + at);
	tiny_put(kernel, task, "task_struct.tasks", head + at);
}

struct tiny_task *tiny_task(struct tiny_linux *kernel, uint32_t pid, uint32_t parent_pid,
			    const char *path, const char *name)
{
	uint64_t address = tiny_object(kernel, 0x200), cred = tiny_object(kernel, 0x40);
	uint64_t signal = tiny_object(kernel, 0x80), group = tiny_object(kernel, 0x80);
	struct tiny_task *task;

	g_assert(kernel->n_tasks < TINY_TASKS_MAX);
	tiny_put(kernel, address, "task_struct.pid", pid);
	tiny_put(kernel, address, "task_struct.tgid", pid);
	tiny_put(kernel, address, "task_struct.real_parent",
		 find_task(kernel, parent_pid)->address);
	tiny_put(kernel, address, "task_struct.cred", cred);
	tiny_put(kernel, cred, "cred.uid", 1000);
	tiny_put(kernel, cred, "cred.suid", 1000);
	tiny_put(kernel, cred, "cred.euid", 1000);
	tiny_put(kernel, address, "task_struct.signal", signal);
	tiny_put(kernel, signal + 2 * sizeof(uint64_t), "signal_struct.pids", group);
	tiny_put(kernel, group, "pid.numbers", pid);
	if (!name)
		name = strrchr(path, '/') + 1;
	memcpy(tiny_at(kernel, address + tiny_offset("task_struct.comm")), name,
	       MIN(strlen(name), 15));
	link_task(kernel, address);

	task = &kernel->tasks[kernel->n_tasks++];
	*task = (struct tiny_task){ .address = address };
	task->stack = tiny_object(kernel, TINY_STACK_SIZE) + TINY_STACK_SIZE;
	tiny_put(kernel, address, "task_struct.stack", task->stack - TINY_STACK_SIZE);
	if (path) {
		task->mm = tiny_mm(kernel, 0x7ffd00000000, 4 * MOCK_PAGE);
		tiny_put(kernel, task->mm, "mm_struct.exe_file", tiny_file(kernel, path));
		tiny_put(kernel, address, "task_struct.mm", task->mm);
	}
	return task;
}

static uint64_t tables_of(struct tiny_linux *kernel, const struct tiny_task *task)
{
	return task->mm ? tiny_get(kernel, task->mm, "mm_struct.pgd") - TINY_DIRECT_MAP
			: kernel->paging.root;
}

void tiny_run(struct tiny_linux *kernel, unsigned vcpu, struct tiny_task *task)
{
	uint64_t *registers = kernel->mock.registers[vcpu];
	struct wv_paging paging = { .mode = kernel->paging.mode, .root = tables_of(kernel, task) };

	if (kernel->running[vcpu])
		kernel->running[vcpu]->stack = registers[WV_REG_RSP];
	kernel->running[vcpu] = task;
	mock_use(&kernel->mock, vcpu, &paging);
	registers[WV_REG_RSP] = task->stack;
	registers[WV_REG_CS] = 0x10;
	memcpy(tiny_at(kernel, kernel->current[vcpu]), &task->address, sizeof(task->address));
}

void tiny_user_mode(struct tiny_linux *kernel, unsigned vcpu)
{
	uint64_t *registers = kernel->mock.registers[vcpu];

	registers[WV_REG_CS] = 0x33;
	if (kernel->options.pti)
		registers[WV_REG_CR3] |= MOCK_PAGE;
}

/* Calls -----------------------------------------------------------------------------------------*/

/** What the driver does when the instruction at this address is about to execute. */
static bool execute(struct tiny_linux *kernel, unsigned vcpu, uint64_t address)
{
	struct wv_machine *machine = &kernel->mock.machine;
	struct wv_trap *trap = wv_traps_find(&machine->traps, address);

	if (trap)
		machine->events->trap(machine->owner, vcpu, trap);
	return trap != NULL;
}

bool tiny_call(struct tiny_linux *kernel, unsigned vcpu, const char *function, uint64_t return_to,
	       const uint64_t arguments[6])
{
	static const enum wv_reg order[] = { WV_REG_RDI, WV_REG_RSI, WV_REG_RDX,
					     WV_REG_RCX, WV_REG_R8,  WV_REG_R9 };
	uint64_t *registers = kernel->mock.registers[vcpu];
	struct tiny_task *task = kernel->running[vcpu];
	uint64_t stack = registers[WV_REG_RSP] - FRAME - sizeof(return_to);

	g_assert(task->depth < TINY_DEPTH_MAX);
	if (!return_to)
		return_to = tiny_site(kernel, function);
	memcpy(tiny_at(kernel, stack), &return_to, sizeof(return_to));
	task->frames[task->depth++] = stack;
	registers[WV_REG_RSP] = stack;
	for (unsigned i = 0; i < 6; i++)
		registers[order[i]] = arguments ? arguments[i] : 0;
	return execute(kernel, vcpu, tiny_symbol(kernel, function));
}

void tiny_leave(struct tiny_linux *kernel, unsigned vcpu)
{
	struct tiny_task *task = kernel->running[vcpu];

	g_assert(task->depth > 0);
	kernel->mock.registers[vcpu][WV_REG_RSP] =
		task->frames[--task->depth] + sizeof(uint64_t) + FRAME;
}

bool tiny_return(struct tiny_linux *kernel, unsigned vcpu, uint64_t result)
{
	uint64_t *registers = kernel->mock.registers[vcpu];
	struct tiny_task *task = kernel->running[vcpu];
	uint64_t stack, return_to;
	bool trapped;

	g_assert(task->depth > 0);
	stack = task->frames[--task->depth];
	memcpy(&return_to, tiny_at(kernel, stack), sizeof(return_to));
	registers[WV_REG_RAX] = result;
	registers[WV_REG_RSP] = stack + sizeof(return_to);
	trapped = execute(kernel, vcpu, return_to);
	registers[WV_REG_RSP] = stack + sizeof(return_to) + FRAME;
	return trapped;
}
