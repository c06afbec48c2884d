/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugins of this build: lookup, selection, and their common schema. */
#include "monitor/registry.h"

#include <string.h>

#include "base/error.h"

const struct wv_plugin *wv_plugin_find(const char *name)
{
	for (unsigned i = 0; wv_plugins[i]; i++)
		if (strcmp(wv_plugins[i]->name, name) == 0)
			return wv_plugins[i];
	return NULL;
}

const struct wv_schema *wv_plugins_schema(void)
{
	static const struct wv_event_type *types[WV_EVENT_TYPES_MAX];
	static struct wv_schema schema = { types, 0 };
	static gsize once;

	if (g_once_init_enter(&once)) {
		for (unsigned i = 0; wv_plugins[i]; i++) {
			for (unsigned j = 0; j < wv_plugins[i]->n_events; j++) {
				g_assert(schema.n_types < WV_EVENT_TYPES_MAX);
				types[schema.n_types++] = wv_plugins[i]->events[j];
			}
		}
		g_once_init_leave(&once, 1);
	}
	return &schema;
}

unsigned wv_plugin_first_type(const struct wv_plugin *plugin)
{
	unsigned first = 0;

	for (unsigned i = 0; wv_plugins[i] && wv_plugins[i] != plugin; i++)
		first += wv_plugins[i]->n_events;
	return first;
}

static char *plugin_names(void)
{
	GString *names = g_string_new(NULL);

	for (unsigned i = 0; wv_plugins[i]; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", wv_plugins[i]->name);
	return g_string_free(names, FALSE);
}

/** Checks that all names of a list are plugins; an absent list is fine. */
static bool check_names(char **names, GError **error)
{
	for (char **name = names; name && *name; name++) {
		if (wv_plugin_find(*name))
			continue;

		g_autofree char *known = plugin_names();

		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "unknown plugin \"%s\": this build has %s", *name,
			    *known ? known : "none");
		return false;
	}
	return true;
}

const struct wv_plugin **wv_plugins_selected(const struct wv_settings *settings, GError **error)
{
	g_auto(GStrv) only = wv_settings_list(settings, "plugin");
	g_auto(GStrv) without = wv_settings_list(settings, "no-plugin");

	if (!check_names(only, error) || !check_names(without, error))
		return NULL;

	g_autoptr(GPtrArray) selected = g_ptr_array_new();

	for (unsigned i = 0; wv_plugins[i]; i++) {
		const char *name = wv_plugins[i]->name;

		if (only && !g_strv_contains((const char *const *)only, name))
			continue;
		if (without && g_strv_contains((const char *const *)without, name))
			continue;
		g_ptr_array_add(selected, (gpointer)wv_plugins[i]);
	}
	g_ptr_array_add(selected, NULL);
	return (const struct wv_plugin **)g_ptr_array_steal(selected, NULL);
}

static bool is_selected(const struct wv_plugin **selected, const struct wv_plugin *plugin)
{
	while (*selected && *selected != plugin)
		selected++;
	return *selected != NULL;
}

bool wv_plugins_is_selected(const struct wv_settings *settings, const char *name)
{
	g_autofree const struct wv_plugin **selected = wv_plugins_selected(settings, NULL);
	const struct wv_plugin *plugin = wv_plugin_find(name);

	return plugin && selected && is_selected(selected, plugin);
}

void wv_plugins_hide_unused(const struct wv_settings *settings, struct wv_printer *printer)
{
	g_autofree const struct wv_plugin **selected = wv_plugins_selected(settings, NULL);
	unsigned type = 0;

	for (unsigned i = 0; wv_plugins[i]; i++)
		for (unsigned j = 0; j < wv_plugins[i]->n_events; j++, type++)
			if (selected && !is_selected(selected, wv_plugins[i]))
				wv_printer_hide(printer, type);
}
