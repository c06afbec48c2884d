/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree of processes as JSON for programs: a list, since trees may be deep. */
#include "sandbox/tree_print.h"

#include "output/append.h"
#include "output/escape.h"

static void append_text(GString *out, struct wv_bytes text)
{
	wv_append_char(out, '"');
	wv_escape_json(out, text);
	wv_append_char(out, '"');
}

static void append_key(GString *out, const char *key)
{
	wv_append_char(out, '"');
	wv_append_string(out, key);
	WV_APPEND(out, "\":");
}

static void append_number(GString *out, const char *key, uint64_t number)
{
	append_key(out, key);
	wv_append_u64(out, number);
}

static void append_bool(GString *out, const char *key, bool value)
{
	append_key(out, key);
	wv_append_string(out, value ? "true" : "false");
}

/** As events have it: a text of seconds with six decimals. */
static void append_time(GString *out, const char *key, uint64_t time_us)
{
	append_key(out, key);
	wv_append_char(out, '"');
	wv_append_time(out, time_us);
	wv_append_char(out, '"');
}

static void append_commands(GString *out, const struct wv_tree_process *process)
{
	append_number(out, "n_commands", process->n_commands);
	WV_APPEND(out, ",\"commands\":[");
	for (const struct wv_tree_command *command = process->commands; command;
	     command = command->next) {
		if (command != process->commands)
			wv_append_char(out, ',');
		wv_append_char(out, '{');
		append_time(out, "time", command->time_us);
		WV_APPEND(out, ",\"line\":");
		append_text(out, command->line);
		WV_APPEND(out, ",\"image\":");
		append_text(out, command->image);
		wv_append_char(out, '}');
	}
	wv_append_char(out, ']');
}

static void append_object(GString *out, const struct wv_tree_object *object)
{
	WV_APPEND(out, "{\"object\":");
	append_text(out, object->text);
	wv_append_char(out, ',');
	append_number(out, "count", object->count);
	wv_append_char(out, ',');
	append_number(out, "failed", object->failed);
	WV_APPEND(out, ",\"error\":");
	if (object->error.data)
		append_text(out, object->error);
	else
		WV_APPEND(out, "null");
	wv_append_char(out, '}');
}

static void append_deeds(GString *out, const struct wv_tree_process *process)
{
	bool first = true;

	WV_APPEND(out, "\"deeds\":{");
	for (unsigned kind = 0; kind < WV_TREE_N_KINDS; kind++) {
		const struct wv_tree_deeds *deeds = process->deeds[kind];

		if (!deeds)
			continue;
		if (!first)
			wv_append_char(out, ',');
		first = false;
		append_key(out, wv_tree_kind_names[kind].key);
		wv_append_char(out, '{');
		append_number(out, "count", deeds->count);
		wv_append_char(out, ',');
		append_number(out, "failed", deeds->failed);
		wv_append_char(out, ',');
		append_number(out, "others", deeds->others);
		WV_APPEND(out, ",\"objects\":[");
		for (unsigned i = 0; i < deeds->n_objects; i++) {
			if (i > 0)
				wv_append_char(out, ',');
			append_object(out, &deeds->objects[i]);
		}
		WV_APPEND(out, "]}");
	}
	wv_append_char(out, '}');
}

static void append_end(GString *out, const struct wv_tree_process *process)
{
	if (!process->ended) {
		WV_APPEND(out, "\"end\":null,\"status\":null,\"signal\":null");
		return;
	}
	append_time(out, "end", process->end_us);
	WV_APPEND(out, ",\"status\":");
	if (process->signal.size > 0)
		WV_APPEND(out, "null");
	else
		wv_append_i64(out, process->status);
	WV_APPEND(out, ",\"signal\":");
	if (process->signal.size > 0)
		append_text(out, process->signal);
	else
		WV_APPEND(out, "null");
}

static void append_process(GString *out, const struct wv_tree *tree,
			   const struct wv_tree_process *process, bool all)
{
	wv_append_char(out, '{');
	append_number(out, "id", process->index);
	WV_APPEND(out, ",\"parent\":");
	if (process->parent && wv_tree_is_shown(tree, process->parent, all))
		wv_append_u64(out, process->parent->index);
	else
		WV_APPEND(out, "null");
	wv_append_char(out, ',');
	append_number(out, "pid", process->pid);
	wv_append_char(out, ',');
	append_number(out, "ppid", process->ppid);
	WV_APPEND(out, ",\"name\":");
	append_text(out, process->name);
	wv_append_char(out, ',');
	append_bool(out, "of_sample", process->is_sample);
	wv_append_char(out, ',');
	append_time(out, "start", process->start_us);
	wv_append_char(out, ',');
	append_bool(out, "start_known", process->start_known);
	wv_append_char(out, ',');
	append_end(out, process);
	wv_append_char(out, ',');
	append_number(out, "threads", process->threads);
	wv_append_char(out, ',');
	append_number(out, "system_calls", process->calls);
	wv_append_char(out, ',');
	append_commands(out, process);
	wv_append_char(out, ',');
	append_deeds(out, process);
	wv_append_char(out, '}');
}

void wv_tree_json(const struct wv_tree *tree, bool all, uint64_t malformed, GString *out)
{
	bool first = true;

	WV_APPEND(out, "{\"sample\":");
	if (tree->sample)
		wv_append_u64(out, tree->sample->index);
	else
		WV_APPEND(out, "null");
	wv_append_char(out, ',');
	append_number(out, "events", tree->n_events);
	wv_append_char(out, ',');
	append_number(out, "malformed", malformed);
	wv_append_char(out, ',');
	append_number(out, "without_room", tree->n_without_room);
	WV_APPEND(out, ",\"processes\":[");
	for (guint i = 0; i < tree->processes->len; i++) {
		const struct wv_tree_process *process = g_ptr_array_index(tree->processes, i);

		if (!wv_tree_is_shown(tree, process, all))
			continue;
		WV_APPEND(out, "\n");
		if (!first)
			wv_append_char(out, ',');
		first = false;
		append_process(out, tree, process, all);
	}
	WV_APPEND(out, "\n]}\n");
	wv_append_end(out);
}
