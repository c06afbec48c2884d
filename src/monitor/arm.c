/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arming: finds the kernel, resolves what the plugins want, sets the traps. */
#include "base/error.h"
#include "monitor/callers.h"
#include "monitor/internal.h"
#include "monitor/places.h"

static void report_line(void *owner, const char *line)
{
	wv_monitor_tell(owner, WV_LEVEL_WARNING, "%s", line);
}

/** Asks the reader's process, and waits: it may look further than this one can. */
static char *ask_for_profile(void *owner, const char *pdb, const char *key, GError **error)
{
	struct wv_vcpu *vcpu = owner;
	struct wv_session *session = vcpu->monitor->session;
	g_autofree char *question = g_strdup_printf("%s %s", pdb, key);
	unsigned seen = wv_session_answers(session);

	wv_monitor_tell_status(vcpu, WV_STATUS_PROFILE_WANTED, 0, question);
	return wv_session_await_answer(session, seen, error);
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

/** Sets a hook at an address. False when there is no more room for traps. */
static bool set_hook_at(struct wv_monitor *monitor, struct wv_hook *hook, uint64_t address)
{
	struct wv_trap *trap = wv_traps_add(&monitor->machine->traps, address);

	if (!trap)
		return false;

	/* at the end of the row's list: hooks run in the order in which they were set */
	struct wv_hook **end = (struct wv_hook **)&trap->entry;

	while (*end)
		end = &(*end)->next;
	*end = hook;
	return true;
}

/** Left free for places that functions return to. */
#define RETURN_SITES_ROOM 4096u

unsigned wv_call_trap_room(const struct wv_call *call)
{
	unsigned used = call->vcpu->monitor->machine->traps.count + RETURN_SITES_ROOM;

	return used < WV_TRAPS_LIMIT ? WV_TRAPS_LIMIT - used : 0;
}

bool wv_call_trap(struct wv_call *call, const struct wv_trap_def *def, uint64_t address,
		  const char *name, unsigned method)
{
	struct wv_instance *instance = call->instance;
	struct wv_hook *hook = g_new0(struct wv_hook, 1);

	hook->def = def;
	hook->instance = instance;
	hook->by_thread = def->once_per_thread;
	hook->name = name;
	hook->method = method;
	if (!instance->found_hooks)
		instance->found_hooks = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(instance->found_hooks, hook);
	return set_hook_at(call->vcpu->monitor, hook, address);
}

/** Sets a hook at its function. False when the guest's kernel has none of its functions. */
static bool set_hook(struct wv_monitor *monitor, struct wv_hook *hook,
		     const struct wv_trap_def *def, struct wv_instance *instance,
		     const char *const *functions)
{
	uint64_t address;

	hook->def = def;
	hook->instance = instance;
	hook->by_thread = def->once_per_thread;
	for (unsigned i = 0; functions[i]; i++) {
		if (!wv_profile_symbol(monitor->guest->profile, functions[i], &address))
			continue;
		hook->name = functions[i];
		hook->method = i;
		return set_hook_at(monitor, hook, address);
	}
	return false;
}

static bool is_hooked(const struct wv_monitor *monitor, uint64_t address,
		      const struct wv_trap_def *def)
{
	const struct wv_trap *trap = wv_traps_find(&monitor->machine->traps, address);

	for (const struct wv_hook *hook = trap ? trap->entry : NULL; hook; hook = hook->next)
		if (hook->def == def)
			return true;
	return false;
}

/** Sets hooks inside of the functions. */
static void set_places(struct wv_monitor *monitor, struct wv_vcpu *vcpu,
		       struct wv_instance *instance, const struct wv_trap_def *def)
{
	uint64_t function, places[PLACES_MAX];

	for (unsigned i = 0; def->functions[i]; i++) {
		if (!wv_profile_symbol(monitor->guest->profile, def->functions[i], &function))
			continue;

		unsigned count =
			wv_places_find(&vcpu->space, function, def->code, places, PLACES_MAX);

		for (unsigned j = 0; j < count && instance->n_places < PLACES_MAX; j++) {
			struct wv_hook *hook = &instance->place_hooks[instance->n_places];

			if (is_hooked(monitor, places[j], def))
				continue;
			*hook = (struct wv_hook){ .def = def,
						  .instance = instance,
						  .name = def->functions[i],
						  .method = i };
			instance->n_places += set_hook_at(monitor, hook, places[j]);
		}
	}
}

static void report_missing_function(struct wv_vcpu *vcpu, const struct wv_plugin *plugin,
				    const struct wv_trap_def *def)
{
	g_autofree char *names = g_strjoinv(" or ", (char **)def->functions);

	wv_monitor_tell(vcpu, WV_LEVEL_WARNING,
			"%s: missing in the guest's kernel: function %s (costs %s)", plugin->name,
			names, def->cost ? def->cost : "the plugin");
}

/** Whether a trap is meant for this kernel, and for these settings. */
static bool applies(const struct wv_profile *profile, const struct wv_instance *instance,
		    const struct wv_trap_def *def)
{
	uint64_t address;

	return (!def->wanted || def->wanted(instance->state)) &&
	       (!def->with || wv_profile_symbol(profile, def->with, &address)) &&
	       (!def->without || !wv_profile_symbol(profile, def->without, &address));
}

/** Lets the plugin read what it needs to know of the guest. */
static bool prepare(struct wv_vcpu *vcpu, struct wv_instance *instance,
		    const struct wv_plugin_guest *on)
{
	g_autoptr(GError) error = NULL;
	struct wv_call call = {
		.vcpu = vcpu,
		.instance = instance,
		.caller = &vcpu->identity, /* nobody: no event is told, only definitions */
		.saved = vcpu->saved,
	};

	if (on->prepare(&call, &instance->guest_data, &error))
		return true;
	wv_monitor_tell(vcpu, WV_LEVEL_WARNING, "%s: %s (costs the plugin)", instance->plugin->name,
			error->message);
	return false;
}

/** Whether the user asked for this very plugin. */
static bool is_named(const struct wv_monitor *monitor, const struct wv_plugin *plugin)
{
	g_auto(GStrv) named = wv_settings_list(&monitor->settings, "plugin");

	return named && g_strv_contains((const char *const *)named, plugin->name);
}

/** Resolves and hooks one plugin; what is missing is reported, and may cost the plugin. */
static void arm_instance(struct wv_monitor *monitor, struct wv_vcpu *vcpu,
			 struct wv_instance *instance)
{
	const struct wv_plugin *plugin = instance->plugin;
	const struct wv_plugin_guest *on = wv_plugin_on(plugin, monitor->guest->ops->os);
	struct resolving resolving = { vcpu, plugin };

	if (!on) {
		if (is_named(monitor, plugin))
			wv_monitor_tell(vcpu, WV_LEVEL_WARNING, "%s: not for %s guests",
					plugin->name, monitor->guest->ops->name);
		return;
	}
	instance->places = g_new0(struct wv_place, on->n_wants);
	instance->hooks = g_new0(struct wv_hook, on->n_traps);
	instance->place_hooks = g_new0(struct wv_hook, PLACES_MAX);

	bool usable = wv_wants_resolve(monitor->guest->profile, on->wants, on->n_wants,
				       instance->places, report_missing, &resolving);

	if (usable && on->prepare)
		usable = prepare(vcpu, instance, on);
	for (unsigned i = 0; i < on->n_traps && usable; i++) {
		const struct wv_trap_def *def = &on->traps[i];

		if (def->found || !applies(monitor->guest->profile, instance, def))
			continue;
		if (def->code) {
			set_places(monitor, vcpu, instance, def);
			continue;
		}
		if (set_hook(monitor, &instance->hooks[i], def, instance, def->functions))
			continue;
		report_missing_function(vcpu, plugin, def);
		usable = def->cost != NULL;
	}
	if (usable)
		instance->on = on;
	else if (instance->guest_data)
		on->unprepare(g_steal_pointer(&instance->guest_data));
}

/** The monitor's own traps: a thread ends or becomes another, the kernel gives up. */
static void arm_own(struct wv_monitor *monitor)
{
	struct wv_guest *guest = monitor->guest;
	struct wv_hook *hooks = monitor->own_hooks;
	unsigned found = 0;

	set_hook(monitor, &hooks[OWN_THREAD_EXIT], &wv_own_traps[OWN_THREAD_EXIT], NULL,
		 guest->thread_exit_functions);
	set_hook(monitor, &hooks[OWN_CRASH], &wv_own_traps[OWN_CRASH], NULL,
		 guest->crash_functions);
	if (monitor->door.phase != DOOR_NONE) {
		set_hook(monitor, &hooks[OWN_EXEC], &wv_own_traps[OWN_EXEC], NULL,
			 guest->exec_functions);
		set_hook(monitor, &hooks[OWN_PROCESS_EXIT], &wv_own_traps[OWN_PROCESS_EXIT], NULL,
			 guest->process_exit_functions);
	}
	for (unsigned i = 0; guest->change_functions[i]; i++) {
		const char *const functions[] = { guest->change_functions[i], NULL };

		if (set_hook(monitor, &hooks[OWN_CHANGE + i], &wv_own_traps[OWN_CHANGE], NULL,
			     functions))
			found += i < guest->n_changes_needed;
	}
	guest->knows_changes = found && found == guest->n_changes_needed;
}

/** The functions whose callers are looked for, and what was found. */
struct return_sites {
	struct wv_traps *traps;
	const struct wv_space *space;
	bool by_thread;		      /* of functions that are marked once_per_thread */
	const struct wv_code *stores; /* then: what may store their results, or NULL */
	unsigned found;
};

static void add_return_site(void *owner, uint64_t address)
{
	struct return_sites *sites = owner;
	const struct wv_code *store = wv_place_is(sites->space, address, sites->stores);
	struct wv_trap *trap = wv_traps_add(sites->traps, address + (store ? store->size : 0));

	if (!trap)
		return;
	trap->result_stored = store != NULL;
	if (sites->by_thread)
		trap->is_thread_return = true;
	else
		trap->is_return = true;
	sites->found++;
}

static int compare_addresses(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/** The hook by which returns of a function are awaited, and told apart in this way; or NULL. */
static const struct wv_hook *awaited(const struct wv_hook *hook, bool by_thread)
{
	while (hook && !(hook->def->on_return && hook->by_thread == by_thread))
		hook = hook->next;
	return hook;
}

/** The places that lead to functions through a register. */
static void add_dispatchers(struct wv_monitor *monitor, const struct wv_space *space,
			    struct return_sites *sites)
{
	uint64_t address;

	for (const struct wv_dispatcher *each = monitor->guest->dispatchers; each->symbol; each++)
		if (wv_profile_symbol(monitor->guest->profile, each->symbol, &address))
			wv_callers_find_pointer(space, address, each->size, add_return_site, sites);
}

/** Traps the places to which the functions that are awaited return. Returns how many there are. */
static unsigned trap_return_sites(struct wv_monitor *monitor, const struct wv_space *space,
				  bool by_thread)
{
	struct wv_traps *traps = &monitor->machine->traps;
	g_autofree uint64_t *functions = g_new(uint64_t, WV_TRAPS_MAX);
	struct return_sites sites = { traps, space, by_thread, NULL, 0 };
	unsigned count = 0;

	for (unsigned i = 0; i < WV_TRAPS_MAX; i++) {
		const struct wv_hook *hook = awaited(traps->rows[i].entry, by_thread);

		if (!hook)
			continue;
		functions[count++] = traps->rows[i].address;
		if (by_thread && hook->def->stores)
			sites.stores = hook->def->stores;
	}
	qsort(functions, count, sizeof(*functions), compare_addresses);
	wv_callers_find(space, monitor->guest->text_start, monitor->guest->text_end, functions,
			count, add_return_site, &sites);
	if (count && !by_thread)
		add_dispatchers(monitor, space, &sites);
	return sites.found;
}

/** A kernel that calls its dispatchers in no way that can be seen has them told apart by stack. */
static void give_up_by_thread(struct wv_monitor *monitor)
{
	for (unsigned i = 0; i < monitor->n_instances; i++) {
		struct wv_instance *instance = &monitor->instances[i];

		for (unsigned j = 0; instance->on && j < instance->on->n_traps; j++)
			instance->hooks[j].by_thread = false;
	}
}

bool wv_monitor_arm(struct wv_monitor *monitor, struct wv_vcpu *vcpu, bool *again, GError **error)
{
	struct wv_guest_search search = {
		.machine = monitor->machine,
		.cpu = &vcpu->cpu,
		.profile_path = monitor->profile_path,
		.record = monitor->door.setup.profile_fd >= 0,
		.report = report_line,
		.wanted = ask_for_profile,
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
	if (!trap_return_sites(monitor, &vcpu->space, true))
		give_up_by_thread(monitor);
	trap_return_sites(monitor, &vcpu->space, false);
	return true;
}

void wv_monitor_disarm(struct wv_monitor *monitor)
{
	wv_traps_clear(&monitor->machine->traps);
	wv_pending_clear(monitor->pending);
	for (unsigned i = 0; i < monitor->n_vcpus; i++)
		memset(monitor->vcpus[i].stacks, 0, sizeof(monitor->vcpus[i].stacks));
	for (unsigned i = 0; i < monitor->n_instances; i++) {
		struct wv_instance *instance = &monitor->instances[i];

		if (instance->guest_data)
			instance->on->unprepare(g_steal_pointer(&instance->guest_data));
		instance->on = NULL;
		g_clear_pointer(&instance->places, g_free);
		g_clear_pointer(&instance->hooks, g_free);
		g_clear_pointer(&instance->place_hooks, g_free);
		g_clear_pointer(&instance->found_hooks, g_ptr_array_unref);
		instance->n_places = 0;
	}
	memset(monitor->own_hooks, 0, sizeof(monitor->own_hooks));
	g_clear_pointer(&monitor->guest, wv_guest_destroy);
}
