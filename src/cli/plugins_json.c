/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugins, their events and the formats as one JSON object. */
#include "cli/plugins.h"

#include <json-c/json.h>

#include "config.h"
#include "monitor/registry.h"
#include "output/describe.h"
#include "output/encode.h"

static void add(json_object *object, const char *key, json_object *value)
{
	json_object_object_add(object, key, value);
}

static json_object *text(const char *value)
{
	return value ? json_object_new_string(value) : NULL;
}

static void add_text(json_object *object, const char *key, const char *value)
{
	add(object, key, text(value));
}

static void add_flag(json_object *object, const char *key, bool value)
{
	add(object, key, json_object_new_boolean(value));
}

/** An array of strings; @strings ends with NULL. */
static json_object *text_array(const char *const *strings)
{
	json_object *array = json_object_new_array();

	for (; *strings; strings++)
		json_object_array_add(array, text(*strings));
	return array;
}

static json_object *format_object(const struct wv_encoder *encoder)
{
	json_object *object = json_object_new_object();

	add_text(object, "name", encoder->name);
	add_text(object, "meaning", encoder->meaning);
	add(object, "common", text_array(encoder->common));
	add(object, "notes", text_array(encoder->notes));
	return object;
}

static json_object *common_object(const struct wv_common_field *field)
{
	json_object *object = json_object_new_object();

	add_text(object, "name", field->name);
	add_text(object, "kind", wv_kind_name(field->kind));
	add_text(object, "meaning", field->meaning);
	return object;
}

static json_object *kind_object(enum wv_kind kind)
{
	json_object *object = json_object_new_object();

	add_text(object, "name", wv_kind_name(kind));
	add_text(object, "meaning", wv_kind_meaning(kind));
	return object;
}

static json_object *option_object(const struct wv_option *option)
{
	json_object *object = json_object_new_object();

	add_text(object, "name", option->name);
	add_text(object, "argument", option->argument);
	add_text(object, "meaning", option->meaning);
	return object;
}

static json_object *trap_object(const struct wv_trap_def *trap)
{
	json_object *object = json_object_new_object();

	add(object, "functions", text_array(trap->functions));
	add_text(object, "found", trap->found);
	add_flag(object, "entry", trap->on_entry != NULL);
	add_flag(object, "return", trap->on_return != NULL);
	add_flag(object, "ttl", trap->ttl);
	add_flag(object, "essential", trap->cost == NULL);
	add_text(object, "cost", trap->cost ? trap->cost : "the plugin");
	add_text(object, "only_with", trap->with);
	add_text(object, "only_without", trap->without);
	return object;
}

static json_object *want_object(const struct wv_want *want)
{
	g_autofree char *name = wv_want_describe(want);
	json_object *object = json_object_new_object();

	add_text(object, "name", name);
	add_flag(object, "essential", want->cost == NULL);
	add_text(object, "cost", want->cost ? want->cost : "the plugin");
	return object;
}

static json_object *guest_object(const struct wv_plugin_guest *guest)
{
	json_object *object = json_object_new_object();
	json_object *traps = json_object_new_array(), *needs = json_object_new_array();

	for (unsigned i = 0; i < guest->n_traps; i++)
		json_object_array_add(traps, trap_object(&guest->traps[i]));
	for (unsigned i = 0; i < guest->n_wants; i++)
		json_object_array_add(needs, want_object(&guest->wants[i]));
	add_text(object, "name", wv_os_name(guest->os));
	add(object, "traps", traps);
	add(object, "needs", needs);
	add_flag(object, "lists_running_processes", guest->on_process != NULL);
	return object;
}

static json_object *field_object(const struct wv_field *field)
{
	json_object *object = json_object_new_object();

	add_text(object, "name", field->name);
	add_text(object, "kind", wv_kind_name(field->kind));
	add_flag(object, "optional", field->optional);
	add_text(object, "meaning", field->meaning);
	return object;
}

static json_object *event_object(const struct wv_event_type *type)
{
	static const enum wv_os systems[] = { WV_OS_LINUX, WV_OS_WINDOWS };
	json_object *object = json_object_new_object();
	json_object *guests = json_object_new_array(), *fields = json_object_new_array();

	for (size_t i = 0; i < G_N_ELEMENTS(systems); i++)
		if (type->os & systems[i])
			json_object_array_add(guests, text(wv_os_name(systems[i])));
	for (unsigned i = 0; i < type->n_fields; i++)
		json_object_array_add(fields, field_object(&type->fields[i]));
	add_text(object, "plugin", type->plugin);
	add(object, "methods", text_array(type->methods));
	add_flag(object, "defined", type->defined);
	add(object, "guests", guests);
	add_text(object, "meaning", type->meaning);
	add_flag(object, "open_ended", type->open_ended);
	add(object, "fields", fields);
	return object;
}

static json_object *plugin_object(const struct wv_plugin *plugin)
{
	json_object *object = json_object_new_object();
	json_object *guests = json_object_new_array(), *options = json_object_new_array();
	json_object *events = json_object_new_array();

	for (unsigned i = 0; plugin->guests[i]; i++)
		json_object_array_add(guests, guest_object(plugin->guests[i]));
	for (unsigned i = 0; i < plugin->n_options; i++)
		json_object_array_add(options, option_object(&plugin->options[i]));
	for (unsigned i = 0; i < plugin->n_events; i++)
		json_object_array_add(events, event_object(plugin->events[i]));
	add_text(object, "name", plugin->name);
	add_text(object, "summary", plugin->summary);
	add(object, "guests", guests);
	add(object, "options", options);
	add(object, "events", events);
	return object;
}

char *cli_plugins_json(void)
{
	json_object *root = json_object_new_object();
	json_object *plugins = json_object_new_array(), *common = json_object_new_array();
	json_object *kinds = json_object_new_array(), *formats = json_object_new_array();

	for (unsigned i = 0; wv_plugins[i]; i++)
		json_object_array_add(plugins, plugin_object(wv_plugins[i]));
	for (size_t i = 0; wv_common_fields[i].name; i++)
		json_object_array_add(common, common_object(&wv_common_fields[i]));
	for (unsigned i = 0; i < WV_KIND_COUNT; i++)
		json_object_array_add(kinds, kind_object((enum wv_kind)i));
	for (size_t i = 0; wv_encoders[i]; i++)
		json_object_array_add(formats, format_object(wv_encoders[i]));
	add_text(root, "version", WV_VERSION);
	add(root, "plugins", plugins);
	add(root, "common", common);
	add(root, "kinds", kinds);
	add(root, "formats", formats);

	char *json = g_strconcat(json_object_to_json_string_ext(
					 root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
						       JSON_C_TO_STRING_NOSLASHESCAPE),
				 "\n", NULL);

	json_object_put(root);
	return json;
}
