/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which program makes a call: of which of its modules, and through WoW64 or not. The module is the
 * one that has the instruction behind the system call: a program that makes calls past ntdll.dll
 * shows itself so.
 */
#include "plugins/syscalls/windows.h"

#include <string.h>

#define PAGE_SHIFT 12

/** What is told of code that is in none of them. Absent would mean that it is not known. */
#define NO_MODULE "(none)"

/** Where a 32-bit kernel has what it shares with all programs: ntddk.h, KI_USER_SHARED_DATA. */
#define SHARED_DATA_32 UINT64_C(0xffdf0000)

/** What the processor keeps of a program that it leaves, in words: Intel SDM volume 3, 6.12.1. */
enum { LEFT_IP, LEFT_CS, LEFT_FLAGS, LEFT_SP, LEFT_WORDS };

void services_find_stub(struct wv_call *call, struct services *services)
{
	const struct wv_place *place = wv_call_place(call, SHARED_CALL_RETURN);

	if (services->is_32 && place->found)
		wv_space_read_u32(wv_call_space(call), SHARED_DATA_32 + place->value,
				  &services->stub_return);
}

/**
 * Where a program of 32 bits goes on behind its system call. SYSENTER does not tell that: the
 * kernel lets all programs go on in the stub that ntdll.dll has for it, which returns to the
 * caller.
 */
static bool find_stub_caller(struct wv_call *call, const struct services *services, uint64_t frame,
			     uint64_t *address)
{
	const struct wv_space *space = wv_call_space(call);
	const struct wv_place *place = wv_call_place(call, FRAME_IP);
	uint32_t left[LEFT_WORDS], caller;

	if (!place->found || !wv_space_read(space, frame + place->value, left, sizeof(left)))
		return false;
	*address = left[LEFT_IP];
	if (!services->stub_return || left[LEFT_IP] != services->stub_return)
		return true;
	if (!wv_space_read_u32(space, left[LEFT_SP], &caller))
		return false;
	*address = caller;
	return true;
}

/** Where the calling program goes on behind the call. False: that can not be read. */
static bool find_caller(struct wv_call *call, const struct services *services, uint64_t *address)
{
	uint64_t frame;

	if (!wv_call_read_bits(call, wv_call_thread(call), THREAD_TRAP_FRAME, &frame) || !frame)
		return false;
	return services->is_32 ? find_stub_caller(call, services, frame, address)
			       : wv_call_read_bits(call, frame, FRAME_IP, address);
}

/**
 * The program that the thread belongs to; NULL: not known. A thread keeps its process, and as long
 * as its page table is the same it is attached to another one, or is not, as it was.
 */
static const struct known_program *find_program(struct wv_call *call, struct services *services)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	struct known_program *known = &services->programs[space->vcpu];
	uint64_t changes = __atomic_load_n(&guest->changes, __ATOMIC_ACQUIRE);
	uint64_t thread = wv_call_thread(call);

	if (guest->knows_changes && known->thread == thread && known->changes == changes &&
	    known->root == space->paging.root)
		return known;
	known->thread = 0;
	if (!wv_call_read_bits(call, thread, THREAD_PROCESS, &known->process))
		return NULL;
	known->attached = wv_windows_thread_process(guest, space, thread) != known->process;
	known->is_wow64 =
		!services->is_32 && wv_windows_process_is_32(guest, space, known->process);
	known->thread = thread;
	known->changes = changes;
	known->root = space->paging.root;
	return known;
}

/** The module that has an address of the program's. */
static enum wv_windows_module_state find_module(struct wv_call *call, struct services *services,
						const struct known_program *program,
						uint64_t address,
						const struct wv_windows_module **module)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	uint64_t page = address >> PAGE_SHIFT;
	/* programs call from a few pages */
	struct known_module *known = &services->modules[space->vcpu][page % KNOWN_MODULES];

	if (!guest->knows_changes || known->process != program->process || known->page != page ||
	    known->changes != program->changes)
		memset(&known->module, 0, sizeof(known->module));
	known->process = program->process;
	known->page = page;
	known->changes = program->changes;
	*module = &known->module;
	return wv_windows_find_module(guest, space, program->process, address, &known->module);
}

static void write_module(struct wv_call *call, struct wv_event *event, struct services *services,
			 const struct known_program *program)
{
	const struct wv_windows_module *module;
	enum wv_windows_module_state state = WV_MODULE_UNREADABLE;
	uint64_t address;

	if (program && !program->attached && find_caller(call, services, &address))
		state = find_module(call, services, program, address, &module);
	if (state == WV_MODULE_NONE)
		wv_event_text(event, SERVICE_FROM_MODULE, NO_MODULE, strlen(NO_MODULE), false);
	else if (state == WV_MODULE_FOUND)
		wv_event_text(event, SERVICE_FROM_MODULE, module->name, module->name_size,
			      module->name_truncated);
}

bool services_write_program(struct wv_call *call, struct wv_event *event)
{
	struct services *services = wv_call_guest_data(call);
	const struct known_program *program = find_program(call, services);
	bool is_wow64 = program && program->is_wow64;

	write_module(call, event, services, program);
	if (is_wow64)
		wv_event_text(event, SERVICE_CALLER, "wow64", strlen("wow64"), false);
	return is_wow64;
}
