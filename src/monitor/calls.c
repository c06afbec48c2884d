/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event path: a trapped instruction becomes a call, its return is awaited, plugins read it.
 * Nothing here allocates, and no lock is shared between vCPUs but for a return site that was not
 * foreseen, once per site.
 */
#include "monitor/internal.h"

/* Entry -----------------------------------------------------------------------------------------*/

static bool ttl_allows(struct wv_vcpu *vcpu, struct wv_hook *hook)
{
	uint64_t limit = hook->def->ttl ? vcpu->monitor->ttl : 0;
	uint64_t suppressed;

	if (!limit)
		return true;

	bool allowed =
		wv_ttl_allows(&hook->ttl, limit, wv_clock_read_ns(CLOCK_MONOTONIC), &suppressed);

	wv_monitor_tell_suppressed(vcpu, hook, suppressed);
	if (!allowed)
		vcpu->counters->suppressed++;
	return allowed;
}

/** Makes sure that the return to this address is trapped. Rare: direct callers are known. */
static bool ensure_return_site(struct wv_monitor *monitor, uint64_t address)
{
	struct wv_trap *trap = wv_traps_find(&monitor->machine->traps, address);

	if (trap && trap->is_return)
		return true;
	g_mutex_lock(&monitor->traps_lock);
	trap = wv_traps_add(&monitor->machine->traps, address);
	if (trap)
		trap->is_return = true;
	g_mutex_unlock(&monitor->traps_lock);
	if (!trap)
		return false;
	monitor->machine->ops->traps_changed(monitor->machine);
	return true;
}

/**
 * Where the call is on its thread's stack, and where it returns to; false when its return can not
 * be trapped.
 */
static bool find_stack(struct wv_call *call, uint64_t *stack, uint64_t *return_address)
{
	struct wv_vcpu *vcpu = call->vcpu;

	*stack = WV_PENDING_ANY_STACK;
	*return_address = 0;
	if (call->hook->by_thread)
		return true;
	*stack = wv_cpu_register(&vcpu->cpu, WV_REG_RSP);
	return wv_space_read(&vcpu->space, *stack, return_address,
			     wv_guest_word(vcpu->monitor->guest)) &&
	       ensure_return_site(vcpu->monitor, *return_address);
}

static size_t saved_size(const struct wv_hook *hook)
{
	return hook->def->saved_size ? hook->def->saved_size : WV_CALL_SAVED_MAX;
}

/** Keeps the call until it returns. */
static void await_return(struct wv_call *call)
{
	struct wv_vcpu *vcpu = call->vcpu;
	struct wv_pending *pending = NULL;
	uint64_t stack, return_address;

	if (find_stack(call, &stack, &return_address))
		pending = wv_pending_add(vcpu->monitor->pending, call->thread, stack, call->hook);
	if (!pending) {
		vcpu->counters->unpaired++;
		return;
	}

	const struct wv_identity *caller = wv_call_caller(call);

	pending->uid = call_uid(call);
	pending->return_address = return_address;
	memcpy(pending->saved, call->saved, saved_size(call->hook));
	memcpy(&pending->caller, caller, wv_identity_size(caller));
}

const struct wv_identity *wv_monitor_identify(struct wv_vcpu *vcpu)
{
	struct wv_guest *guest = vcpu->monitor->guest;

	if (vcpu->identified)
		return &vcpu->identity;
	vcpu->identified = true;
	stage_end(vcpu, WV_STAGE_FIELDS);
	if (!guest->ops->identify(guest, &vcpu->space, vcpu->thread, &vcpu->identity)) {
		vcpu->counters->unreadable++;
		memset(&vcpu->identity, 0, offsetof(struct wv_identity, name));
		vcpu->identity.user_id = -1;
		vcpu->identity.thread = vcpu->thread;
	}
	vcpu->counters->incomplete += vcpu->identity.incomplete;
	stage_end(vcpu, WV_STAGE_IDENTITY);
	return &vcpu->identity;
}

static bool is_wanted(struct wv_vcpu *vcpu)
{
	const struct wv_filter *filter = &vcpu->monitor->filter;

	return !filter->any || wv_filter_accepts(filter, wv_monitor_identify(vcpu));
}

/** Lets one plugin look at the call. Returns the EventUID that the call has by now, or 0. */
static uint64_t handle_entry(struct wv_vcpu *vcpu, struct wv_hook *hook, uint64_t uid)
{
	struct wv_call call = {
		.vcpu = vcpu,
		.hook = hook,
		.instance = hook->instance,
		.thread = vcpu->thread,
		.uid = uid,
		.cr3 = vcpu->space.paging.root,
		.saved = vcpu->saved,
	};

	memset(vcpu->saved, 0, saved_size(hook));
	if (hook->def->on_entry(&call) == WV_AWAIT_RETURN)
		await_return(&call);
	if (!call.resumed)
		return call.uid;
	if (call.ends_resumed)
		wv_pending_remove(vcpu->monitor->pending, call.resumed);
	return uid;
}

static void handle_entries(struct wv_vcpu *vcpu, struct wv_hook *hooks)
{
	bool wanted = is_wanted(vcpu);
	uint64_t uid = 0; /* plugins that trap the same function tell of the same call */

	for (struct wv_hook *hook = hooks; hook; hook = hook->next) {
		/* the monitor's own are before all filters */
		if (!hook->instance || (wanted && hook->instance->on && ttl_allows(vcpu, hook)))
			uid = handle_entry(vcpu, hook, uid);
	}
}

/* Return ----------------------------------------------------------------------------------------*/

static void handle_return(struct wv_vcpu *vcpu, const struct wv_trap *trap,
			  struct wv_pending *pending)
{
	struct wv_call call = {
		.vcpu = vcpu,
		.hook = (struct wv_hook *)pending->hook,
		.instance = pending->hook->instance,
		.thread = vcpu->thread,
		.caller = &pending->caller,
		.uid = pending->uid,
		.cr3 = vcpu->space.paging.root,
		.saved = pending->saved,
		.result_stored = trap->result_stored,
	};

	pending->hook->def->on_return(&call);
	wv_pending_remove(vcpu->monitor->pending, pending);
}

/** What a callee may take off the stack: its return address and the most arguments there are. */
#define POPPED_MAX (65 * sizeof(uint32_t))

/** The stack pointer that a call which has returned to this address had at its entry. */
static uint64_t stack_at_entry(struct wv_vcpu *vcpu, const struct wv_trap *trap)
{
	uint64_t stack = wv_cpu_register(&vcpu->cpu, WV_REG_RSP);

	if (vcpu->monitor->guest->convention == WV_CONVENTION_STACK32)
		return wv_pending_below(vcpu->monitor->pending, vcpu->thread, stack, POPPED_MAX,
					trap->address);
	/* the return address was popped, and nothing else */
	return stack - sizeof(uint64_t);
}

/** A function returns: to each plugin that awaits it. */
static void handle_returns(struct wv_vcpu *vcpu, const struct wv_trap *trap, uint64_t stack)
{
	struct wv_pending_walk walk = { 0 };
	struct wv_pending *pending;

	while ((pending = wv_pending_next(vcpu->monitor->pending, vcpu->thread, stack, &walk)))
		if (stack == WV_PENDING_ANY_STACK || pending->return_address == trap->address)
			handle_return(vcpu, trap, pending);
		else /* its place on the stack is free by now: it was left in another way */
			wv_pending_remove(vcpu->monitor->pending, pending);
}

void wv_monitor_trap(void *owner, unsigned vcpu_index, struct wv_trap *trap)
{
	struct wv_monitor *monitor = owner;
	struct wv_vcpu *vcpu = &monitor->vcpus[vcpu_index];

	if (__atomic_load_n(&monitor->state, __ATOMIC_ACQUIRE) != STATE_ARMED)
		return;
	stage_begin(vcpu);
	wv_cpu_start(&vcpu->cpu, monitor->machine, vcpu_index);
	if (monitor->timing)
		vcpu->counters->calls++;

	const struct wv_guest_ops *ops = monitor->guest->ops;

	vcpu->thread = ops->enter(monitor->guest, &vcpu->cpu, &vcpu->space);
	vcpu->identified = false;

	stage_end(vcpu, WV_STAGE_CALLBACK);
	if (trap->is_thread_return)
		handle_returns(vcpu, trap, WV_PENDING_ANY_STACK);
	/* the register costs more than to see that nothing is awaited */
	if (trap->is_return && wv_pending_any(monitor->pending, vcpu->thread))
		handle_returns(vcpu, trap, stack_at_entry(vcpu, trap));
	if (trap->entry)
		handle_entries(vcpu, trap->entry);
	stage_end(vcpu, WV_STAGE_FIELDS);
}

/* The processes at the start --------------------------------------------------------------------*/

static bool list_process(void *owner, const struct wv_identity *process, uint64_t cr3)
{
	struct wv_vcpu *vcpu = owner;
	struct wv_monitor *monitor = vcpu->monitor;

	if (!wv_filter_accepts(&monitor->filter, process))
		return true;
	for (unsigned i = 0; i < monitor->n_instances; i++) {
		struct wv_instance *instance = &monitor->instances[i];
		struct wv_call call = {
			.vcpu = vcpu,
			.instance = instance,
			.thread = process->thread,
			.caller = process,
			.cr3 = cr3,
			.saved = vcpu->saved,
		};

		if (!instance->on || !instance->on->on_process)
			continue;
		call.uid = wv_session_next_uid(monitor->session);
		stage_begin(vcpu);
		instance->on->on_process(&call);
	}
	return true;
}

void wv_monitor_list_processes(struct wv_monitor *monitor, struct wv_vcpu *vcpu)
{
	bool whole;
	unsigned count = monitor->guest->ops->processes(monitor->guest, &vcpu->space, list_process,
							vcpu, &whole);

	if (!whole)
		wv_monitor_tell(vcpu, WV_LEVEL_WARNING,
				"the guest's list of processes is damaged: it breaks off after %u",
				count);
}
