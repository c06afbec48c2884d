/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event path: a trapped instruction becomes a call, its return is awaited, plugins read it.
 * Nothing here allocates, and no lock is shared between vCPUs but for a return site that was not
 * foreseen, once per site.
 */
#include <time.h>

#include "monitor/internal.h"

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Entry -----------------------------------------------------------------------------------------*/

static bool ttl_allows(struct wv_vcpu *vcpu, struct wv_hook *hook)
{
	uint64_t limit = hook->def->ttl ? vcpu->monitor->ttl : 0;
	uint64_t suppressed;

	if (!limit)
		return true;

	bool allowed = wv_ttl_allows(&hook->ttl, limit, monotonic_ns(), &suppressed);

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
		trap->is_return = 1;
	g_mutex_unlock(&monitor->traps_lock);
	if (!trap)
		return false;
	monitor->machine->ops->traps_changed(monitor->machine);
	return true;
}

/** Keeps the call until it returns. */
static void await_return(struct wv_call *call, uint64_t stack)
{
	struct wv_vcpu *vcpu = call->vcpu;
	struct wv_monitor *monitor = vcpu->monitor;
	uint64_t return_address;
	struct wv_pending *pending;

	if (!wv_space_read_u64(&vcpu->space, stack, &return_address) ||
	    !ensure_return_site(monitor, return_address) ||
	    !(pending =
		      wv_pending_add(monitor->pending, call->caller->thread, stack, call->hook))) {
		vcpu->counters->unpaired++;
		return;
	}
	pending->uid = call->uid;
	memcpy(pending->saved, call->saved, sizeof(pending->saved));
	memcpy(&pending->caller, call->caller, wv_identity_size(call->caller));
}

static void handle_entries(struct wv_vcpu *vcpu, struct wv_hook *hooks)
{
	struct wv_monitor *monitor = vcpu->monitor;
	struct wv_call call = {
		.vcpu = vcpu,
		.caller = &vcpu->identity,
		.cr3 = vcpu->space.paging.root,
		.saved = vcpu->saved,
	};
	bool wanted = wv_filter_accepts(&monitor->filter, &vcpu->identity);

	for (struct wv_hook *hook = hooks; hook; hook = hook->next) {
		if (!hook->instance) { /* the monitor's own: before filters, without a number */
			call.hook = hook;
			hook->def->on_entry(&call);
			continue;
		}
		if (!wanted || !hook->instance->on || !ttl_allows(vcpu, hook))
			continue;
		if (!call.uid)
			call.uid = wv_session_next_uid(monitor->session);
		call.hook = hook;
		call.instance = hook->instance;
		if (hook->def->on_return)
			memset(vcpu->saved, 0, sizeof(vcpu->saved));
		if (hook->def->on_entry(&call) == WV_AWAIT_RETURN)
			await_return(&call, wv_cpu_register(&vcpu->cpu, WV_REG_RSP));
	}
}

/* Return ----------------------------------------------------------------------------------------*/

static void handle_returns(struct wv_vcpu *vcpu, uint64_t thread)
{
	struct wv_pending_table *table = vcpu->monitor->pending;
	/* the return address was popped: the stack pointer at entry was one word lower */
	uint64_t stack = wv_cpu_register(&vcpu->cpu, WV_REG_RSP) - sizeof(uint64_t);
	struct wv_pending *pending;

	while ((pending = wv_pending_find(table, thread, stack))) {
		struct wv_call call = {
			.vcpu = vcpu,
			.hook = (struct wv_hook *)pending->hook,
			.instance = pending->hook->instance,
			.caller = &pending->caller,
			.uid = pending->uid,
			.cr3 = vcpu->space.paging.root,
			.saved = pending->saved,
		};

		pending->hook->def->on_return(&call);
		wv_pending_remove(table, thread, pending);
	}
}

void wv_monitor_trap(void *owner, unsigned vcpu_index, struct wv_trap *trap)
{
	struct wv_monitor *monitor = owner;
	struct wv_vcpu *vcpu = &monitor->vcpus[vcpu_index];

	if (__atomic_load_n(&monitor->state, __ATOMIC_ACQUIRE) != STATE_ARMED)
		return;
	stage_begin(vcpu);
	wv_cpu_start(&vcpu->cpu, monitor->machine, vcpu_index);
	vcpu->space = wv_guest_space(monitor->guest, &vcpu->cpu);
	if (monitor->timing)
		vcpu->counters->calls++;

	const struct wv_guest_ops *ops = monitor->guest->ops;
	uint64_t thread = ops->current_thread(monitor->guest, &vcpu->cpu, &vcpu->space);

	stage_end(vcpu, WV_STAGE_CALLBACK);
	if (trap->is_return)
		handle_returns(vcpu, thread);
	if (trap->entry) {
		if (!ops->identify(monitor->guest, &vcpu->space, thread, &vcpu->identity)) {
			vcpu->counters->unreadable++;
			memset(&vcpu->identity, 0, offsetof(struct wv_identity, name));
			vcpu->identity.user_id = -1;
			vcpu->identity.thread = thread;
		}
		stage_end(vcpu, WV_STAGE_IDENTITY);
		handle_entries(vcpu, trap->entry);
	}
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
	monitor->guest->ops->processes(monitor->guest, &vcpu->space, list_process, vcpu);
}
