/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for the door: a tiny Linux kernel in which somebody asks at the door for
 * anything, in any order, with memory and registers changed before and between. Nothing may crash
 * or take long, what is told must be well-formed, and the states come in an order that makes sense.
 *
 * The input: which guest it is (1 byte: a template's or a clone's, its job, how much the monitor
 * knows of its RAM), the number of bytes that are changes to the guest before all else (1), those
 * changes (see changes.h), then steps of 6 bytes each: what happens, and how (1), an address (2), a
 * size (2), a register that is changed for it (1).
 */
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changes.h"
#include "monitor/door.h"
#include "monitor/registry.h"
#include "tiny_linux.h"
#include "watcher.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** What a hostile guest may cost, in microseconds: sanitizers included, and a busy machine. */
#define TIME_LIMIT_US (10 * G_USEC_PER_SEC)

#define HEAD_SIZE 2u
#define STEP_SIZE 6u
#define STEPS_MAX 32u

/** Where the pages of a process are. */
#define USER	  UINT64_C(0x7ffd00000000)
#define USER_SIZE (4 * MOCK_PAGE)

static const char *const functions[] = { "begin_new_exec",
					 "do_execveat_common",
					 "acct_process",
					 "disassociate_ctty",
					 "wake_up_new_task",
					 "d_move",
					 NULL };

static struct guest {
	struct tiny_linux kernel;
	struct watcher watcher;
	struct tiny_task *launcher, *other;
	uint8_t job[3 * MOCK_PAGE];
	uint8_t *ram; /* as it is before each input */
	struct tiny_linux fresh;
} guest;

/* What is told ----------------------------------------------------------------------------------*/

/** How far the sample has come, as it was told. */
static struct {
	bool ready, starting, running, over; /* of this input */
	bool template;
} told;

static void on_row(void *owner, const struct wv_row *row)
{
	(void)owner;
	stop_if(!told.starting, "an event before the sample was started");
	stop_if(!row->method, "an event without a method");
}

static void on_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	(void)owner;
	(void)level;
	stop_if(text.size > WV_TEXT_MAX, "a message that is too long");
}

static void on_status(void *owner, const struct wv_status_note *note)
{
	(void)owner;
	switch (note->status) {
	case WV_STATUS_READY:
		stop_if(!told.template || told.ready || told.starting, "ready when it can not be");
		told.ready = true;
		break;
	case WV_STATUS_RESUMED:
		stop_if(told.template || told.starting, "resumed when it can not be");
		break;
	case WV_STATUS_STARTING:
		stop_if(told.ready || told.starting || told.over, "started twice, or too late");
		told.starting = true;
		break;
	case WV_STATUS_NOT_STARTED:
		stop_if(told.running || told.over, "it failed when it was running");
		stop_if(note->text.size > WV_DOOR_TEXT_MAX, "a text that is too long");
		told.over = true;
		break;
	case WV_STATUS_RUNNING:
		stop_if(!told.starting || told.running || told.over, "it runs when it can not");
		told.running = true;
		break;
	case WV_STATUS_EXITED:
		stop_if(!told.starting || told.over, "it ended when it can not have");
		told.over = true;
		break;
	default:
		break;
	}
}

static const struct wv_reader_events events = { .row = on_row,
						.message = on_message,
						.status = on_status };

/* The guest -------------------------------------------------------------------------------------*/

static void make_guest(void)
{
	const struct tiny_options options = { .functions = functions };
	struct tiny_linux *kernel = &guest.kernel;
	static uint8_t text[USER_SIZE];

	tiny_init(kernel, &options);
	guest.launcher = tiny_task(kernel, 12, 0, "/init", NULL);
	guest.other = tiny_task(kernel, 13, 12, "/bin/sh", NULL);
	memset(text, 'x', sizeof(text));
	tiny_write_user(kernel, guest.launcher->mm, USER, text, sizeof(text));
	tiny_run(kernel, 0, guest.launcher);
	for (size_t i = 0; i < sizeof(guest.job); i++)
		guest.job[i] = (uint8_t)(i * 7 + 1);
	guest.ram = g_memdup2(kernel->mock.ram, kernel->mock.ram_size);
	guest.fresh = *kernel;
}

/** The guest as it was made: what the last input did to it is gone. */
static void restore_guest(void)
{
	struct mock_machine *mock = &guest.kernel.mock;

	/* traps were cleared by watcher_stop() */
	memcpy(mock->ram, guest.ram, mock->ram_size);
	memcpy(mock->registers, guest.fresh.mock.registers, sizeof(mock->registers));
	mock->unreadable = 0;
	mock->machine.n_ram = guest.fresh.mock.machine.n_ram;
	mock->machine.direct_map = 0;
	memcpy(guest.kernel.tasks, guest.fresh.tasks, sizeof(guest.fresh.tasks));
	memcpy(guest.kernel.running, guest.fresh.running, sizeof(guest.fresh.running));
	memset(&told, 0, sizeof(told));
}

static void open_door(uint8_t how)
{
	static const size_t sizes[] = { 1, 100, MOCK_PAGE, sizeof(guest.job) };
	struct wv_machine *machine = &guest.kernel.mock.machine;
	struct watcher *watcher = &guest.watcher;
	struct wv_door_setup setup = { .profile_fd = -1 };

	told.template = how & 1;
	if (told.template && how & 2)
		setup.profile_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (!told.template) {
		setup.job = guest.job;
		setup.job_size = sizes[how >> 1 & 3];
	}
	if (how & 8)
		machine->n_ram = 0; /* and this machine reads nothing else */
	watcher->machine = machine;
	watcher->session = wv_session_create(1, "[wyvern]\n", NULL);
	watcher->monitor = wv_monitor_new(machine, watcher->session, NULL);
	watcher->reader = wv_reader_new(watcher->session, wv_plugins_schema(), &events, NULL);
	wv_monitor_open_door(watcher->monitor, &setup);
}

/* Steps -----------------------------------------------------------------------------------------*/

static uint64_t address_of(uint16_t value)
{
	switch (value >> 13) {
	case 0:
		return value;
	case 1: /* around the end of the pages */
		return USER + USER_SIZE - 64 + (value & 0x7f);
	case 2: /* before their start */
		return USER - 32 + (value & 0x3f);
	case 3: /* the end of all addresses */
		return UINT64_MAX - (value & 0x3f);
	case 4:
		return TINY_DIRECT_MAP + UINT64_C(0x600000) + (value & 0x1fff) * UINT64_C(256);
	case 5:
		return UINT64_C(1) << value % 64;
	default:
		return USER + value % USER_SIZE;
	}
}

static uint64_t size_of(uint16_t value)
{
	switch (value >> 14) {
	case 0:
		return value % 64;
	case 1:
		return UINT64_C(1) << value % 64;
	case 2:
		return UINT64_MAX - value % 64;
	default:
		return value & 0x3fff;
	}
}

/** As the driver does: only while somebody waits there, in user mode. */
static void knock(uint64_t request, uint64_t address, uint64_t size)
{
	struct tiny_linux *kernel = &guest.kernel;
	struct wv_machine *machine = &kernel->mock.machine;
	uint64_t *registers = kernel->mock.registers[0];

	if (machine->watch_place != WV_DOOR_ADDRESS)
		return;
	tiny_user_mode(kernel, 0);
	registers[WV_REG_RDI] = request;
	registers[WV_REG_RSI] = address;
	registers[WV_REG_RDX] = size;
	machine->events->place(machine->owner, 0);
	registers[WV_REG_CS] = 0x10;
}

static void call(unsigned which, uint64_t argument)
{
	static const char *const all[] = {
		"begin_new_exec",   "acct_process", "disassociate_ctty", "do_exit", "panic",
		"wake_up_new_task", "d_move",	    "do_execveat_common"
	};
	struct tiny_linux *kernel = &guest.kernel;
	const uint64_t arguments[6] = { argument, argument };
	struct tiny_task *task = kernel->running[0];

	/* the mock keeps its frames there: it must stay where it can write */
	kernel->mock.registers[0][WV_REG_RSP] = task->stack;
	task->depth = 0;
	tiny_call(kernel, 0, all[which % G_N_ELEMENTS(all)], 0, arguments);
	tiny_return(kernel, 0, 0);
	kernel->mock.registers[0][WV_REG_RSP] = task->stack;
}

/** Another thread's turn; its registers are as it left them. */
static void run_task(struct tiny_task *task)
{
	struct tiny_linux *kernel = &guest.kernel;

	if (kernel->running[0] == task)
		return;
	kernel->mock.registers[0][WV_REG_RSP] = kernel->running[0]->stack;
	kernel->running[0]->depth = 0;
	kernel->running[0] = NULL;
	if (tiny_get(kernel, task->mm, "mm_struct.pgd") - TINY_DIRECT_MAP < kernel->mock.ram_size)
		tiny_run(kernel, 0, task);
	else
		kernel->running[0] = task; /* the input has changed where its tables are */
}

static void take_step(const uint8_t step[STEP_SIZE])
{
	struct wv_machine *machine = &guest.kernel.mock.machine;
	uint16_t address, size;

	memcpy(&address, step + 1, sizeof(address));
	memcpy(&size, step + 3, sizeof(size));
	if (step[5] & 0x80)
		guest.kernel.mock.registers[0][step[5] % WV_REG_COUNT] = address_of(size);
	guest.kernel.mock.unreadable = step[5] & 0x40 ? 1u << step[5] % WV_REG_COUNT : 0;
	switch (step[0] & 7) {
	case 0:
	case 1:
		knock(WV_DOOR_WAIT, address_of(address), size_of(size));
		break;
	case 2: /* sometimes as the process that runs */
		knock(WV_DOOR_START, step[0] & 8 ? 12 : address_of(address), size_of(size));
		break;
	case 3:
		knock(WV_DOOR_FAILED, address_of(address), size_of(size));
		break;
	case 4:
		knock(address_of(address), USER, size_of(size));
		break;
	case 5:
		call(step[0] >> 3, address_of(address));
		break;
	case 6:
		run_task(step[0] & 8 ? guest.launcher : guest.other);
		break;
	default:
		if (step[0] & 8)
			machine->events->reset(machine->owner, 0);
		else if (machine->watch != WV_WATCH_NOTHING)
			machine->events->watched(machine->owner, 0);
		break;
	}
	watcher_read(&guest.watcher);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct changes changes;
	struct changes_scope scope;
	struct wv_machine *machine;
	gint64 started;
	size_t n_changes;

	if (!guest.ram)
		make_guest();
	if (size < HEAD_SIZE)
		return 0;
	started = g_get_monotonic_time();
	restore_guest();
	open_door(data[0]);
	n_changes = MIN(data[1], size - HEAD_SIZE);
	scope = changes_of_linux(&guest.kernel);
	changes_make(&changes, &scope, data + HEAD_SIZE, n_changes);
	data += HEAD_SIZE + n_changes;
	size -= HEAD_SIZE + n_changes;
	for (unsigned i = 0; i < STEPS_MAX && size >= STEP_SIZE; i++) {
		take_step(data);
		data += STEP_SIZE;
		size -= STEP_SIZE;
	}
	machine = &guest.kernel.mock.machine;
	machine->events->ended(machine->owner);
	watcher_read(&guest.watcher);
	watcher_stop(&guest.watcher);
	stop_if(g_get_monotonic_time() - started > TIME_LIMIT_US, "that took too long");
	return 0;
}
