/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: a service of the kernel is entered, and returns. */
#include "plugins/syscalls/windows.h"

static const struct wv_want wants[SERVICE_WANT_COUNT] = {
	[SYM_SERVICE_TABLE] = WV_SYMBOL("KeServiceDescriptorTable", NULL),
	[THREAD_CALL_NUMBER] = WV_MEMBER("_KTHREAD", "SystemCallNumber",
					 "names of calls that lead to the same function"),
	[THREAD_PROCESS] = WV_MEMBER("_KTHREAD", "Process", "FromModule, Caller"),
	[THREAD_TRAP_FRAME] = WV_MEMBER("_KTHREAD", "TrapFrame", "FromModule"),
	[FRAME_IP] = WV_MEMBER("_KTRAP_FRAME", "Rip|Eip", "FromModule"),
	/* up to Windows 7, and of use in 32-bit kernels alone */
	[SHARED_CALL_RETURN] = WV_MEMBER_IF_ANY("_KUSER_SHARED_DATA", "SystemCallReturn"),
	[THREAD_PREVIOUS_MODE] = WV_MEMBER("_KTHREAD", "PreviousMode", "PreviousMode"),
};

/**
 * Which service this is. Several may be one function: then the number that the kernel has noted for
 * the thread counts, unless that is of another call (a function can be called by other parts of the
 * kernel as well).
 */
static unsigned number_of(struct wv_call *call, const struct services *services)
{
	unsigned number = wv_call_method(call);
	uint64_t noted;

	if (services->table[number].shared &&
	    wv_call_read_bits(call, wv_call_thread(call), THREAD_CALL_NUMBER, &noted) &&
	    noted < services->count &&
	    services->table[noted].address == services->table[number].address)
		return (unsigned)noted;
	return number;
}

static void read_arguments(struct wv_call *call, const struct services *services,
			   const struct service *service, struct service_saved *saved)
{
	unsigned word = 0;

	for (unsigned i = 0; i < service->n_args; i++) {
		const struct wv_nt_argument *argument = wv_nt_argument_at(service->prototype, i);
		uint64_t value = wv_call_argument(call, word++);

		if (services->is_32 && argument->bits_compat > 32)
			value |= wv_call_argument(call, word++) << 32;
		saved->args[i] = wv_nt_cut(argument, services->is_32, value);
	}
}

/** The arguments that are of use at this time, with what they lead to. */
static void write_arguments(struct wv_call *call, struct wv_event *event,
			    const struct services *services, struct service_saved *saved)
{
	const struct service *service = &services->table[saved->number];

	for (unsigned i = 0; i < service->n_args; i++) {
		struct wv_arg arg = wv_nt_arg(service->prototype, i, saved->args, service->n_args,
					      services->is_32);

		if (!(wv_nt_argument_at(service->prototype, i)->when & WV_ON_ENTRY))
			wv_event_raw(event, i, arg.number);
		else if (!services_write_argument(call, event, &arg, saved))
			saved->unreadable |= 1u << i;
	}
}

/**
 * Whether the call will not come back if it succeeds: nothing would tell its return from that of
 * the thread's next call, which is at the same place of the stack.
 */
static bool leaves(const struct service *service)
{
	return service->prototype && service->prototype->leaves;
}

static enum wv_verdict service_entry(struct wv_call *call)
{
	const struct services *services = wv_call_guest_data(call);
	const struct syscalls_state *state = wv_call_state(call);
	unsigned number = number_of(call, services);
	const struct service *service = &services->table[number];
	struct service_saved *saved = wv_call_saved(call);
	uint64_t mode;

	if (!service->wanted)
		return WV_DONE;
	saved->number = number;
	saved->space = wv_call_space(call)->paging.root;
	read_arguments(call, services, service, saved);

	struct wv_event *event = wv_event_open_defined(call, SYSCALLS_SERVICE, number);

	wv_event_unsigned(event, SERVICE_SYSCALL, number);
	wv_event_unsigned(event, SERVICE_N_ARGS, service->n_args);
	if (wv_call_read_bits(call, wv_call_thread(call), THREAD_PREVIOUS_MODE, &mode)) {
		saved->user = mode == WV_WINDOWS_USER_MODE;
		wv_event_unsigned(event, SERVICE_PREVIOUS_MODE, mode);
	}
	if (saved->user)
		saved->is_wow64 = services_write_program(call, event);
	write_arguments(call, event, services, saved);
	wv_event_close(event);
	return state->no_sysret || leaves(service) ? WV_DONE : WV_AWAIT_RETURN;
}

/**
 * What the call has filled in, and what was not in memory when it was entered; nothing of it where
 * the thread has another process's memory by now.
 */
static void write_results(struct wv_call *call, struct wv_event *event,
			  const struct services *services, const struct service_saved *saved,
			  bool filled_in)
{
	const struct service *service = &services->table[saved->number];

	if (saved->space != wv_call_space(call)->paging.root)
		return;
	for (unsigned i = 0; i < service->n_args; i++) {
		const struct wv_nt_argument *argument = wv_nt_argument_at(service->prototype, i);
		struct wv_arg arg = wv_nt_arg(service->prototype, i, saved->args, service->n_args,
					      services->is_32);
		bool filled = filled_in && (argument->when & WV_ON_RETURN) && arg.number;
		bool again = saved->unreadable & (1u << i);

		arg.returned = true;
		if (filled || again)
			services_write_argument(call, event, &arg, saved);
	}
}

static void service_return(struct wv_call *call)
{
	const struct services *services = wv_call_guest_data(call);
	const struct service_saved *saved = wv_call_saved(call);
	const struct service *service = &services->table[saved->number];
	bool is_status = !service->prototype || service->prototype->returns_status;
	uint32_t result = (uint32_t)wv_call_result(call);
	bool filled_in = !is_status || wv_nt_filled_in(result);
	struct wv_event *event =
		wv_event_open_defined(call, SYSCALLS_SERVICE_RETURN, saved->number);

	wv_event_unsigned(event, SERVICE_SYSCALL, saved->number);
	wv_event_unsigned(event, SERVICE_RET, result);
	if (is_status)
		wv_event_unsigned(event, SERVICE_INFO, result);
	if ((filled_in && service->has_output) || saved->unreadable)
		write_results(call, event, services, saved, filled_in);
	wv_event_close(event);
}

const struct wv_trap_def service_trap = {
	.found = "each function in KiServiceTable",
	.ttl = true,
	.saved_size = sizeof(struct service_saved),
	.on_entry = service_entry,
	.on_return = service_return,
};

const struct wv_plugin_guest syscalls_on_windows = {
	.os = WV_OS_WINDOWS,
	.traps = &service_trap,
	.n_traps = 1,
	.wants = wants,
	.n_wants = G_N_ELEMENTS(wants),
	.prepare = services_prepare,
	.unprepare = services_unprepare,
};
