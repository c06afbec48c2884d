/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which module of a program makes a call: the one that has the instruction behind the system call.
 * A program that makes calls past ntdll.dll shows itself so.
 */
#include "plugins/syscalls/windows.h"

#include <string.h>

#define PAGE_SHIFT 12

/** Where the calling program goes on after the call; 0: not known. */
static uint64_t user_address(struct wv_call *call)
{
	uint64_t frame, address;

	if (!wv_call_read_bits(call, wv_call_thread(call), THREAD_TRAP_FRAME, &frame) || !frame ||
	    !wv_call_read_bits(call, frame, FRAME_IP, &address))
		return 0;
	return address;
}

const struct wv_windows_module *services_find_module(struct wv_call *call, uint64_t process)
{
	struct services *services = wv_call_guest_data(call);
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	bool attached = wv_windows_thread_process(guest, space, wv_call_thread(call)) != process;
	uint64_t address = attached ? 0 : user_address(call);
	/* programs call from a few pages */
	struct known_module *known =
		&services->modules[space->vcpu][(address >> PAGE_SHIFT) % KNOWN_MODULES];
	uint64_t changes = __atomic_load_n(&guest->changes, __ATOMIC_ACQUIRE);

	if (guest->knows_changes && known->process == process && known->changes == changes &&
	    address - known->module.start < known->module.end - known->module.start)
		return &known->module;
	known->process = 0;
	if (!address || !wv_windows_find_module(guest, space, process, address, &known->module))
		return NULL;
	known->process = process;
	known->changes = changes;
	return &known->module;
}
