/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugins as text for people. */
#include "cli/plugins.h"

#include <string.h>

#include "monitor/registry.h"
#include "output/describe.h"

#define COLUMNS 3
#define WIDTH	100

/** A table whose columns are as wide as what is in them. */
struct table {
	GPtrArray *cells; /* COLUMNS of each row; owned */
};

static void table_add(const struct table *table, const char *first, const char *second,
		      const char *third)
{
	g_ptr_array_add(table->cells, g_strdup(first));
	g_ptr_array_add(table->cells, g_strdup(second));
	g_ptr_array_add(table->cells, g_strdup(third));
}

static void table_print(GString *out, const struct table *table)
{
	size_t widths[COLUMNS] = { 0 };

	for (guint i = 0; i < table->cells->len; i++)
		widths[i % COLUMNS] =
			MAX(widths[i % COLUMNS], strlen(g_ptr_array_index(table->cells, i)));
	for (guint i = 0; i < table->cells->len; i++) {
		const char *cell = g_ptr_array_index(table->cells, i);

		if (i % COLUMNS < COLUMNS - 1)
			g_string_append_printf(out, "%s%-*s", i % COLUMNS ? "  " : "    ",
					       (int)widths[i % COLUMNS], cell);
		else
			g_string_append_printf(out, "  %s\n", cell);
	}
}

static struct table table_new(void)
{
	return (struct table){ g_ptr_array_new_with_free_func(g_free) };
}

/** A trap's functions, and which kernels it is for; to be freed with g_free(). */
static char *trap_names(const struct wv_trap_def *trap)
{
	g_autofree char *functions =
		trap->found ? g_strdup(trap->found) : g_strjoinv(" or ", (char **)trap->functions);

	GString *text = g_string_new(functions);

	if (trap->with)
		g_string_append_printf(text, " (with %s)", trap->with);
	if (trap->without)
		g_string_append_printf(text, " (without %s)", trap->without);
	return g_string_free(text, FALSE);
}

static void append_traps(GString *out, const struct wv_plugin_guest *guest)
{
	struct table table = table_new();

	g_string_append_printf(out, "\n  Traps in %s guests\n", wv_os_name(guest->os));
	table_add(&table, "FUNCTION", "AT", "LOST WHERE IT IS MISSING");
	for (unsigned i = 0; i < guest->n_traps; i++) {
		const struct wv_trap_def *trap = &guest->traps[i];
		g_autofree char *functions = trap_names(trap);

		table_add(&table, functions, trap->on_return ? "entry, return" : "entry",
			  trap->cost ? trap->cost : "the plugin");
	}
	table_print(out, &table);
	g_ptr_array_unref(table.cells);
}

static void append_options(GString *out, const struct wv_plugin *plugin)
{
	if (!plugin->n_options)
		return;
	g_string_append(out, "\n  Options\n");
	for (unsigned i = 0; i < plugin->n_options; i++) {
		const struct wv_option *option = &plugin->options[i];

		g_string_append_printf(out, "    --%s%s%s\n        %s\n", option->name,
				       option->argument ? " " : "",
				       option->argument ? option->argument : "", option->meaning);
	}
}

/** The fields' names; those that may be absent in brackets. */
static void append_fields(GString *out, const struct wv_event_type *type)
{
	size_t column = WIDTH;

	for (unsigned i = 0; i < type->n_fields; i++) {
		const struct wv_field *field = &type->fields[i];
		g_autofree char *name =
			g_strdup_printf("%s%s%s%s", field->optional ? "[" : "", field->name,
					field->optional ? "]" : "",
					i + 1 < type->n_fields || type->open_ended ? "," : "");

		if (column + 1 + strlen(name) > WIDTH) {
			g_string_append_printf(out, "%s        ", i ? "\n" : "");
			column = 8;
		} else {
			g_string_append_c(out, ' ');
			column++;
		}
		g_string_append(out, name);
		column += strlen(name);
	}
	g_string_append(out, type->open_ended ? " ...\n" : "\n");
}

static void append_events(GString *out, const struct wv_plugin *plugin)
{
	g_string_append(out, "\n  Events (fields that may not apply in brackets)\n");
	for (unsigned i = 0; i < plugin->n_events; i++) {
		const struct wv_event_type *type = plugin->events[i];
		g_autofree char *methods =
			type->defined ? g_strdup_printf("%s: named by the guest", type->plugin)
				      : g_strjoinv(" or ", (char **)type->methods);

		g_string_append_printf(out, "    %s\n        %s\n", methods, type->meaning);
		append_fields(out, type);
	}
}

char *cli_plugins_text(void)
{
	GString *out = g_string_new(NULL);

	for (unsigned i = 0; wv_plugins[i]; i++) {
		const struct wv_plugin *plugin = wv_plugins[i];

		g_string_append_printf(out, "%s%s: %s\n", i ? "\n" : "", plugin->name,
				       plugin->summary);
		for (unsigned j = 0; plugin->guests[j]; j++)
			append_traps(out, plugin->guests[j]);
		append_options(out, plugin);
		append_events(out, plugin);
	}
	if (wv_plugins[0])
		g_string_append(out, "\nWhat each field means: wyvern plugins --json, or "
				     "docs/output.md.\n");
	else
		g_string_append(out, "This build has no plugins: all were left out of it "
				     "(-Dplugin-NAME=false).\n");
	return g_string_free(out, FALSE);
}
