/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this build looks up in a kernel's profile, and what of that is there. */
#include "cli/profile.h"

#include <string.h>

#include "guest/linux/linux.h"
#include "guest/windows/windows.h"
#include "monitor/registry.h"

const char *const cli_need_states[CLI_NEED_STATES] = {
	[CLI_NEED_FOUND] = "found",
	[CLI_NEED_MISSING] = "missing",
	[CLI_NEED_ABSENT] = "absent",
	[CLI_NEED_UNUSED] = "unused",
};

static const char *const want_kinds[] = {
	[WV_WANT_SYMBOL] = "symbol",
	[WV_WANT_MEMBER] = "member",
	[WV_WANT_SIZE] = "size",
	[WV_WANT_ENUMERATOR] = "enumerator",
};

enum wv_os cli_profile_os(const struct wv_profile *profile)
{
	return profile->pdb_name || profile->pdb_key ? WV_OS_WINDOWS : WV_OS_LINUX;
}

/* Whether it is missing, its place tells. */
static void ignore(void *owner, const struct wv_want *want)
{
	(void)owner;
	(void)want;
}

/* A plugin may have several traps on one function. */
static void add_need(GArray *needs, const struct cli_need *need)
{
	for (guint i = 0; i < needs->len; i++) {
		const struct cli_need *other = &g_array_index(needs, struct cli_need, i);

		if (other->by == need->by && other->kind == need->kind &&
		    other->state == need->state && strcmp(other->name, need->name) == 0) {
			g_free(need->name);
			return;
		}
	}
	g_array_append_vals(needs, need, 1);
}

static void add_want(GArray *needs, const struct wv_profile *profile, const char *by,
		     const struct wv_want *want)
{
	struct cli_need need = { .by = by,
				 .kind = want_kinds[want->kind],
				 .name = wv_want_describe(want),
				 .cost = want->cost };

	wv_wants_resolve(profile, want, 1, &need.place, ignore, NULL);
	if (!need.place.found)
		need.state = want->quiet ? CLI_NEED_ABSENT : CLI_NEED_MISSING;
	add_need(needs, &need);
}

static bool has_symbol(const struct wv_profile *profile, const char *name)
{
	uint64_t address;

	return wv_profile_symbol(profile, name, &address);
}

static bool is_for(const struct wv_trap_def *trap, const struct wv_profile *profile)
{
	return (!trap->with || has_symbol(profile, trap->with)) &&
	       (!trap->without || !has_symbol(profile, trap->without));
}

static void find_function(struct cli_need *need, const struct wv_profile *profile,
			  const char *const *functions)
{
	for (; *functions && !need->place.found; functions++) {
		need->place.found = wv_profile_symbol(profile, *functions, &need->place.value);
		need->found = *functions;
	}
}

static void add_trap(GArray *needs, const struct wv_profile *profile, const char *by,
		     const struct wv_trap_def *trap)
{
	struct cli_need need = { .by = by,
				 .kind = "function",
				 .name = g_strjoinv("|", (char **)trap->functions),
				 .cost = trap->cost };

	if (!is_for(trap, profile)) {
		need.state = CLI_NEED_UNUSED;
	} else {
		find_function(&need, profile, trap->functions);
		/* that there are none of its instructions is not reported either */
		if (!need.place.found)
			need.state = trap->code ? CLI_NEED_ABSENT : CLI_NEED_MISSING;
	}
	add_need(needs, &need);
}

static void clear_need(gpointer data)
{
	struct cli_need *need = data;

	g_free(need->name);
}

GArray *cli_needs(const struct wv_profile *profile)
{
	GArray *needs = g_array_new(FALSE, FALSE, sizeof(struct cli_need));
	enum wv_os os = cli_profile_os(profile);
	unsigned count;
	const struct wv_want *wants =
		os == WV_OS_WINDOWS ? wv_windows_needs(&count) : wv_linux_needs(&count);

	g_array_set_clear_func(needs, clear_need);
	for (unsigned i = 0; i < count; i++)
		add_want(needs, profile, NULL, &wants[i]);
	for (unsigned i = 0; wv_plugins[i]; i++) {
		const struct wv_plugin_guest *on = wv_plugin_on(wv_plugins[i], os);

		for (unsigned j = 0; on && j < on->n_traps; j++)
			if (!on->traps[j].found) /* in the guest, not in its profile */
				add_trap(needs, profile, wv_plugins[i]->name, &on->traps[j]);
		for (unsigned j = 0; on && j < on->n_wants; j++)
			add_want(needs, profile, wv_plugins[i]->name, &on->wants[j]);
	}
	return needs;
}
