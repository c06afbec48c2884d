/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor's life: made, searching, armed, and again after each reset of the machine. */
#include "monitor/monitor.h"

#include "base/error.h"
#include "monitor/dump.h"
#include "monitor/internal.h"
#include "monitor/registry.h"

/** How often a kernel is looked for again: its entry code still has the page table of user mode. */
#define ATTEMPTS_MAX 256

static void watch_for(struct wv_monitor *monitor, enum wv_watch watch)
{
	__atomic_store_n(&monitor->machine->watch, watch, __ATOMIC_RELEASE);
}

/** The kernel can not be read from where the vCPU is: look again when it is in the kernel. */
static void search_in_kernel(struct wv_monitor *monitor)
{
	bool flush = monitor->machine->watch != WV_WATCH_KERNEL;

	watch_for(monitor, WV_WATCH_KERNEL);
	__atomic_store_n(&monitor->state, STATE_SEARCHING, __ATOMIC_RELEASE);
	if (flush)
		monitor->machine->ops->traps_changed(monitor->machine);
}

bool wv_monitor_take_up(struct wv_monitor *monitor, struct wv_vcpu *vcpu)
{
	enum monitor_state expected = STATE_SEARCHING;
	g_autoptr(GError) error = NULL;
	bool again = false;

	if (!__atomic_compare_exchange_n(&monitor->state, &expected, STATE_FINDING, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return false;
	wv_cpu_start(&vcpu->cpu, monitor->machine, vcpu->index);
	if (!monitor->machine->n_ram && monitor->machine->ops->map_ram)
		monitor->machine->ops->map_ram(monitor->machine, vcpu->index);

	if (wv_monitor_arm(monitor, vcpu, &again, &error)) {
		watch_for(monitor, WV_WATCH_NOTHING);
		__atomic_store_n(&monitor->finder, vcpu, __ATOMIC_RELEASE);
		monitor->machine->ops->traps_changed(monitor->machine);
		return true;
	}
	if (again && monitor->attempts++ < ATTEMPTS_MAX) {
		search_in_kernel(monitor);
		return false;
	}
	watch_for(monitor, WV_WATCH_NOTHING);
	wv_monitor_disarm(monitor);
	__atomic_store_n(&monitor->state, STATE_FAILED, __ATOMIC_RELEASE);
	wv_monitor_tell_failed(vcpu, error);
	return false;
}

/**
 * From here on nothing is missed. No vCPU runs: a process is among those that are listed now, or
 * its start will be told.
 */
static void on_traps_set(void *owner)
{
	struct wv_monitor *monitor = owner;
	struct wv_vcpu *vcpu = __atomic_exchange_n(&monitor->finder, NULL, __ATOMIC_ACQ_REL);

	if (!vcpu)
		return;
	__atomic_store_n(&monitor->state, STATE_ARMED, __ATOMIC_RELEASE);
	wv_monitor_tell_status(vcpu, WV_STATUS_ARMED, monitor->guest->ops->os,
			       monitor->guest->summary);
	wv_monitor_list_processes(monitor, vcpu);
}

static void on_watched(void *owner, unsigned vcpu_index)
{
	struct wv_monitor *monitor = owner;

	wv_monitor_take_up(monitor, &monitor->vcpus[vcpu_index]);
}

static void on_reset(void *owner, unsigned vcpu_index)
{
	struct wv_monitor *monitor = owner;
	enum monitor_state before = __atomic_load_n(&monitor->state, __ATOMIC_ACQUIRE);

	if (before != STATE_ARMED && !__atomic_exchange_n(&monitor->finder, NULL, __ATOMIC_ACQ_REL))
		return; /* the first start, or nothing was found before either */
	wv_monitor_tell_status(&monitor->vcpus[vcpu_index], WV_STATUS_GUEST_RESET, 0, "");
	wv_monitor_disarm(monitor);
	monitor->attempts = 0;
	__atomic_store_n(&monitor->state, STATE_SEARCHING, __ATOMIC_RELEASE);
	/* a guest whose launcher has done its work is not one that is waited for again */
	watch_for(monitor, monitor->door.phase == DOOR_NONE ? WV_WATCH_USER : WV_WATCH_NOTHING);
	monitor->machine->ops->traps_changed(monitor->machine);
}

static void tell_last_suppressed(struct wv_monitor *monitor, struct wv_hook *hook)
{
	/* no vCPU runs: its ring is ours now */
	wv_monitor_tell_suppressed(&monitor->vcpus[0], hook,
				   wv_ttl_suppressed(&hook->ttl, monitor->ttl));
}

static void on_ended(void *owner)
{
	struct wv_monitor *monitor = owner;

	for (unsigned i = 0; i < monitor->n_instances; i++) {
		struct wv_instance *instance = &monitor->instances[i];
		GPtrArray *found = instance->found_hooks;

		for (unsigned j = 0; instance->on && j < instance->on->n_traps; j++)
			tell_last_suppressed(monitor, &instance->hooks[j]);
		for (unsigned j = 0; instance->on && found && j < found->len; j++)
			tell_last_suppressed(monitor, found->pdata[j]);
	}
	wv_monitor_tell_status(&monitor->vcpus[0], WV_STATUS_ENDED, 0, "");
}

static const struct wv_machine_events monitor_events = {
	.watched = on_watched,
	.place = wv_monitor_knock,
	.trap = wv_monitor_trap,
	.traps_set = on_traps_set,
	.reset = on_reset,
	.ended = on_ended,
};

static bool make_instances(struct wv_monitor *monitor, GError **error)
{
	g_autofree const struct wv_plugin **selected =
		wv_plugins_selected(&monitor->settings, error);
	unsigned count = 0;

	if (!selected)
		return false;
	while (selected[count])
		count++;
	monitor->instances = g_new0(struct wv_instance, count);
	for (unsigned i = 0; i < count; i++) {
		struct wv_instance *instance = &monitor->instances[monitor->n_instances++];
		const struct wv_plugin *plugin = selected[i];

		instance->plugin = plugin;
		instance->first_type = wv_plugin_first_type(plugin);
		if (plugin->configure &&
		    !plugin->configure(&monitor->settings, &instance->state, error))
			return false;
	}
	return true;
}

static void make_vcpus(struct wv_monitor *monitor)
{
	monitor->n_vcpus = monitor->machine->n_vcpus;
	monitor->vcpus = g_aligned_alloc0(monitor->n_vcpus, sizeof(*monitor->vcpus), 64);
	for (unsigned i = 0; i < monitor->n_vcpus; i++) {
		struct wv_vcpu *vcpu = &monitor->vcpus[i];

		vcpu->monitor = monitor;
		vcpu->index = i;
		vcpu->counters = &wv_session_ring(monitor->session, i)->counters;
		vcpu->buffer = g_malloc(WV_RECORD_MAX);
	}
}

struct wv_monitor *wv_monitor_new(struct wv_machine *machine, struct wv_session *session,
				  GError **error)
{
	if (machine->n_vcpus > wv_session_rings(session)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "the machine has %u vCPUs, at most %u can be watched", machine->n_vcpus,
			    wv_session_rings(session));
		return NULL;
	}

	struct wv_monitor *monitor = g_new0(struct wv_monitor, 1);

	monitor->machine = machine;
	monitor->session = session;
	monitor->door.setup.profile_fd = -1;
	g_mutex_init(&monitor->traps_lock);
	wv_settings_init(&monitor->settings);
	wv_filter_init(&monitor->filter, &monitor->settings); /* again below: makes free safe */
	monitor->pending = wv_pending_new();
	if (!monitor->pending ||
	    !wv_settings_parse(&monitor->settings, wv_session_config(session), error) ||
	    !wv_settings_number(&monitor->settings, "traps-ttl", 0, &monitor->ttl, error) ||
	    !wv_dump_limit(&monitor->settings, &monitor->content_limit, error) ||
	    !make_instances(monitor, error)) {
		if (error && !*error)
			g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL,
				    "no memory for pending calls");
		wv_monitor_free(monitor);
		return NULL;
	}
	wv_filter_deinit(&monitor->filter);
	wv_filter_init(&monitor->filter, &monitor->settings);
	monitor->drop_when_slow = wv_settings_flag(&monitor->settings, "drop-when-slow");
	monitor->timing = wv_settings_flag(&monitor->settings, "timing");
	monitor->full_paths = wv_settings_flag(&monitor->settings, "process-path");
	monitor->profile_path = wv_settings_get(&monitor->settings, "profile");
	make_vcpus(monitor);

	machine->events = &monitor_events;
	machine->owner = monitor;
	watch_for(monitor, WV_WATCH_USER);
	return monitor;
}

void wv_monitor_free(struct wv_monitor *monitor)
{
	if (!monitor)
		return;
	wv_guest_destroy(monitor->guest);
	for (unsigned i = 0; i < monitor->n_instances; i++) {
		struct wv_instance *instance = &monitor->instances[i];

		if (instance->guest_data)
			instance->on->unprepare(instance->guest_data);
		if (instance->plugin->deconfigure && instance->state)
			instance->plugin->deconfigure(instance->state);
		g_free(instance->places);
		g_free(instance->hooks);
		g_free(instance->place_hooks);
		g_clear_pointer(&instance->found_hooks, g_ptr_array_unref);
	}
	g_free(monitor->instances);
	for (unsigned i = 0; i < monitor->n_vcpus; i++)
		g_free(monitor->vcpus[i].buffer);
	g_aligned_free(monitor->vcpus);
	wv_pending_free(monitor->pending);
	wv_filter_deinit(&monitor->filter);
	wv_settings_deinit(&monitor->settings);
	g_mutex_clear(&monitor->traps_lock);
	g_free(monitor->profile_path);
	g_free(monitor);
}
