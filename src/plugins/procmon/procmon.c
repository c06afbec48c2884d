/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon: what processes do. Starts, ends, signals, and what runs when monitoring begins. */
#include "plugins/procmon/procmon.h"

#include "base/error.h"

static const struct wv_field running_fields[] = {
	[RUNNING_PROCESS] = { "RunningProcess", WV_KIND_STRING,
			      .meaning = "The process's image name." },
	[RUNNING_BITNESS] = { "Bitness", WV_KIND_NUMBER, .optional = true,
			      .meaning = "Windows: 32 or 64, what the process's programs are of." },
};

static const struct wv_event_type procmon_running_type = {
	.plugin = "procmon",
	.methods = { "RunningProcess" },
	.os = WV_OS_LINUX | WV_OS_WINDOWS,
	.fields = running_fields,
	.n_fields = G_N_ELEMENTS(running_fields),
	.meaning = "A process that was running when monitoring started; not a call.",
};

struct wv_event *procmon_open_running(struct wv_call *call)
{
	const struct wv_identity *process = wv_call_caller(call);
	struct wv_event *event = wv_event_open(call, PROCMON_RUNNING);

	wv_event_text(event, RUNNING_PROCESS, process->name, process->name_size,
		      process->name_truncated);
	return event;
}

static const struct wv_option options[] = {
	{ "procmon-filter-file", true, "FILE",
	  "environment variables to show, one name per line (default: LD_PRELOAD, PWD, OLDPWD)" },
};

/** One name per line; blanks around it and empty lines do not count. */
static char **read_names(const char *path, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, &reason)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "--procmon-filter-file: %s",
			    reason->message);
		return NULL;
	}

	g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (char **line = lines; *line; line++)
		if (*g_strstrip(*line))
			g_ptr_array_add(names, g_strdup(*line));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_steal(names, NULL);
}

static bool configure(const struct wv_settings *settings, void **state, GError **error)
{
	g_autofree char *path = wv_settings_get(settings, "procmon-filter-file");
	char **names = path ? read_names(path, error) : g_strsplit("LD_PRELOAD,PWD,OLDPWD", ",", 0);

	if (!names)
		return false;

	struct procmon_state *procmon = g_new0(struct procmon_state, 1);

	procmon->environment = names;
	*state = procmon;
	return true;
}

static void deconfigure(void *state)
{
	struct procmon_state *procmon = state;

	g_strfreev(procmon->environment);
	g_free(procmon);
}

static const struct wv_event_type *const events[PROCMON_EVENT_COUNT] = {
	[PROCMON_RUNNING] = &procmon_running_type,
	[PROCMON_LINUX_EXEC] = &procmon_linux_exec,
	[PROCMON_LINUX_EXIT] = &procmon_linux_exit,
	[PROCMON_LINUX_SIGNAL] = &procmon_linux_signal,
	[PROCMON_LINUX_CLONE] = &procmon_linux_clone,
	[PROCMON_WINDOWS_CREATE_USER] = &procmon_windows_create_user,
	[PROCMON_WINDOWS_CREATE_EX] = &procmon_windows_create_ex,
	[PROCMON_WINDOWS_TERMINATE] = &procmon_windows_terminate,
	[PROCMON_WINDOWS_CLEAN] = &procmon_windows_clean,
	[PROCMON_WINDOWS_OPEN_PROCESS] = &procmon_windows_open_process,
	[PROCMON_WINDOWS_OPEN_THREAD] = &procmon_windows_open_thread,
	[PROCMON_WINDOWS_PROTECT] = &procmon_windows_protect,
	[PROCMON_WINDOWS_PRIVILEGES] = &procmon_windows_privileges,
};

const struct wv_plugin wv_plugin_procmon = {
	.name = "procmon",
	.summary = "processes: starts, ends, signals, what they do to each other",
	.options = options,
	.n_options = G_N_ELEMENTS(options),
	.events = events,
	.n_events = G_N_ELEMENTS(events),
	.guests = { &procmon_on_linux, &procmon_on_windows },
	.configure = configure,
	.deconfigure = deconfigure,
};
