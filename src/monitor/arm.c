/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arming: finds the kernel, resolves what the plugins want, sets the traps. */
#include "base/error.h"
#include "monitor/callers.h"
#include "monitor/internal.h"

static void report_line(void *owner, const char *line)
{
	wv_monitor_tell(owner, WV_LEVEL_WARNING, "%s", line);
}

struct resolving {
	struct wv_vcpu *vcpu;
	const struct wv_plugin *plugin;
};

static void report_missing(void *owner, const struct wv_want *want)
{
	const struct resolving *resolving = owner;
	g_autofree char *name = wv_want_describe(want);

	wv_monitor_tell(resolving->vcpu, WV_LEVEL_WARNING,
			"%s: missing in the guest's kernel: %s (costs %s)", resolving->plugin->name,
			name, want->cost ? want->cost : "the plugin");
}

/** Sets a hook at its function. False when the guest's kernel has none of its functions. */
static bool set_hook(struct wv_monitor *monitor, struct wv_hook *hook,
		     const struct wv_trap_def *def, struct wv_instance *instance,
		     const char *const *functions)
{
	uint64_t address;

	hook->def = def;
	hook->instance = instance;
	for (unsigned i = 0; functions[i]; i++) {
		struct wv_trap *trap;

		if (!wv_profile_symbol(monitor->guest->profile, functions[i], &address))
			continue;
		trap = wv_traps_add(&monitor->machine->traps, address);
		if (!trap)
			return false;
		hook->method = i;
		hook->found = true;

		/* at the end of the row's list: hooks run in the order in which they were set */
		struct wv_hook **end = (struct wv_hook **)&trap->entry;

		while (*end)
			end = &(*end)->next;
		*end = hook;
		return true;
	}
	return false;
}

static void report_missing_function(struct wv_vcpu *vcpu, const struct wv_plugin *plugin,
				    const struct wv_trap_def *def)
{
	g_autofree char *names = g_strjoinv(" or ", (char **)def->functions);

	wv_monitor_tell(vcpu, WV_LEVEL_WARNING,
			"%s: missing in the guest's kernel: function %s (costs %s)", plugin->name,
			names, def->cost ? def->cost : "the plugin");
}

/** Resolves and hooks one plugin; what is missing is reported, and may cost the plugin. */
static void arm_instance(struct wv_monitor *monitor, struct wv_vcpu *vcpu,
			 struct wv_instance *instance)
{
	const struct wv_plugin *plugin = instance->plugin;
	const struct wv_plugin_guest *on = wv_plugin_on(plugin, monitor->guest->ops->os);
	struct resolving resolving = { vcpu, plugin };

	if (!on) {
		wv_monitor_tell(vcpu, WV_LEVEL_WARNING, "%s: not for %s guests", plugin->name,
				monitor->guest->ops->name);
		return;
	}
	instance->places = g_new0(struct wv_place, on->n_wants);
	instance->hooks = g_new0(struct wv_hook, on->n_traps);

	bool usable = wv_wants_resolve(monitor->guest->profile, on->wants, on->n_wants,
				       instance->places, report_missing, &resolving);

	for (unsigned i = 0; i < on->n_traps && usable; i++) {
		const struct wv_trap_def *def = &on->traps[i];

		if (set_hook(monitor, &instance->hooks[i], def, instance, def->functions))
			continue;
		report_missing_function(vcpu, plugin, def);
		usable = def->cost != NULL;
	}
	if (usable)
		instance->on = on;
}

/** The monitor's own traps: a thread ends, the kernel gives up. */
static void arm_own(struct wv_monitor *monitor)
{
	const char *const *functions[OWN_HOOKS] = { monitor->guest->thread_exit_functions,
						    monitor->guest->crash_functions };

	for (unsigned i = 0; i < OWN_HOOKS; i++)
		set_hook(monitor, &monitor->own_hooks[i], &wv_own_traps[i], NULL, functions[i]);
}

static void add_return_site(void *owner, uint64_t address)
{
	struct wv_trap *trap = wv_traps_add(owner, address);

	if (trap)
		trap->is_return = 1;
}

static int compare_addresses(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/** Traps the places to which the functions that are awaited return. */
static void trap_return_sites(struct wv_monitor *monitor, const struct wv_space *space)
{
	const struct wv_traps *traps = &monitor->machine->traps;
	g_autofree uint64_t *functions = g_new(uint64_t, WV_TRAPS_MAX);
	unsigned count = 0;

	for (unsigned i = 0; i < WV_TRAPS_MAX; i++) {
		const struct wv_hook *hook = traps->rows[i].entry;

		for (; hook; hook = hook->next) {
			if (hook->def->on_return) {
				functions[count++] = traps->rows[i].address;
				break;
			}
		}
	}
	qsort(functions, count, sizeof(*functions), compare_addresses);
	wv_callers_find(space, monitor->guest->text_start, monitor->guest->text_end, functions,
			count, add_return_site, &monitor->machine->traps);
}

bool wv_monitor_arm(struct wv_monitor *monitor, struct wv_vcpu *vcpu, bool *again, GError **error)
{
	struct wv_guest_search search = {
		.machine = monitor->machine,
		.cpu = &vcpu->cpu,
		.profile_path = monitor->profile_path,
		.report = report_line,
		.owner = vcpu,
	};

	monitor->guest = wv_guest_find(&search, error);
	if (!monitor->guest) {
		*again = search.again;
		return false;
	}
	monitor->guest->full_paths = monitor->full_paths;
	vcpu->space = wv_guest_space(monitor->guest, &vcpu->cpu);

	bool any = false;

	for (unsigned i = 0; i < monitor->n_instances; i++) {
		arm_instance(monitor, vcpu, &monitor->instances[i]);
		any |= monitor->instances[i].on != NULL;
	}
	if (!any) {
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL,
			    "no plugin can work with this guest (%s)", monitor->guest->summary);
		return false;
	}
	arm_own(monitor);
	trap_return_sites(monitor, &vcpu->space);
	return true;
}

void wv_monitor_disarm(struct wv_monitor *monitor)
{
	wv_traps_clear(&monitor->machine->traps);
	wv_pending_clear(monitor->pending);
	for (unsigned i = 0; i < monitor->n_instances; i++) {
		struct wv_instance *instance = &monitor->instances[i];

		instance->on = NULL;
		g_clear_pointer(&instance->places, g_free);
		g_clear_pointer(&instance->hooks, g_free);
	}
	memset(monitor->own_hooks, 0, sizeof(monitor->own_hooks));
	g_clear_pointer(&monitor->guest, wv_guest_destroy);
}
