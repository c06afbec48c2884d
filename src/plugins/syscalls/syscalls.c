/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls: every system call with its arguments by name, and what it returned. */
#include "plugins/syscalls/syscalls.h"

#include <string.h>

#include "base/error.h"
#include "output/names.h"

#define COMMON_FIELDS                                                                              \
	[FIELD_MODULE] = { "Module", WV_KIND_STRING, .given = WV_GIVEN_TEXT, .text = "linux",      \
			   .meaning = "\"linux\"." },                                              \
	[FIELD_VCPU] = { "vCPU", WV_KIND_NUMBER, .given = WV_GIVEN_VCPU,                           \
			 .meaning = "The virtual CPU of the call." },                              \
	[FIELD_CR3] = { "CR3", WV_KIND_HEX, .given = WV_GIVEN_CR3,                                 \
			.meaning = "The CR3 register." },                                          \
	[FIELD_SYSCALL] = { "Syscall", WV_KIND_NUMBER,                                             \
			    .meaning = "The call's number, of the caller's own table." },          \
	[FIELD_TYPE] = {                                                                           \
		"Type", WV_KIND_STRING, .optional = true,                                          \
		.meaning = "\"ia32\" for a 32-bit call, \"x32\" for one of x32; absent otherwise." \
	}

static const struct wv_field call_fields[] = {
	COMMON_FIELDS,
	[FIELD_N_ARGS] = { "NArgs", WV_KIND_NUMBER, .meaning = "How many arguments follow." },
};

static const struct wv_field return_fields[] = {
	COMMON_FIELDS,
	[FIELD_RET] = { "Ret", WV_KIND_NUMBER, .meaning = "What the call returned." },
	[FIELD_INFO] = { "Info", WV_KIND_NAME, wv_format_errno, .optional = true,
			 .meaning = "The error's name, where the call failed." },
};

const struct wv_event_type syscalls_call = {
	.plugin = "syscall",
	.os = WV_OS_LINUX,
	.fields = call_fields,
	.n_fields = G_N_ELEMENTS(call_fields),
	.open_ended = true,
	.defined = true,
	.resolve = syscalls_resolve,
	.raw_text = syscalls_raw_text,
	.meaning = "A system call is entered. Method is its name; its arguments follow as texts.",
};

const struct wv_event_type syscalls_return = {
	.plugin = "sysret",
	.os = WV_OS_LINUX,
	.fields = return_fields,
	.n_fields = G_N_ELEMENTS(return_fields),
	.open_ended = true,
	.defined = true,
	.resolve = syscalls_resolve,
	.raw_text = syscalls_raw_text_of_return,
	.meaning = "It returns: the same EventUID. Arguments that the call filled in follow.",
};

static const struct wv_option options[] = {
	{ "syscalls-file", true, "FILE", "only the system calls that FILE names, one per line" },
	{ "no-sysret", false, NULL, "no rows for returns" },
	{ "buffer-preview", false, "N", "show N bytes of the buffers of read, write and the like" },
};

/** No preview is longer: a row holds several. */
#define PREVIEW_MAX 4096

static bool read_names(const char *path, GHashTable *names, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, &reason)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "--syscalls-file: %s",
			    reason->message);
		return false;
	}

	g_auto(GStrv) lines = g_strsplit(text, "\n", 0);

	for (char **line = lines; *line; line++)
		if (*g_strstrip(*line))
			g_hash_table_add(names, g_strdup(*line));
	return true;
}

static void deconfigure(void *data)
{
	struct syscalls_state *state = data;

	g_clear_pointer(&state->only, g_hash_table_unref);
	g_free(state);
}

static bool configure(const struct wv_settings *settings, void **data, GError **error)
{
	struct syscalls_state *state = g_new0(struct syscalls_state, 1);
	g_autofree char *path = wv_settings_get(settings, "syscalls-file");
	guint64 preview;

	state->no_sysret = wv_settings_flag(settings, "no-sysret");
	if (path)
		state->only = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if ((path && !read_names(path, state->only, error)) ||
	    !wv_settings_number(settings, "buffer-preview", 0, &preview, error)) {
		deconfigure(state);
		return false;
	}
	state->preview = (uint32_t)MIN(preview, PREVIEW_MAX);
	*data = state;
	return true;
}

static const struct wv_event_type *const events[SYSCALLS_EVENT_COUNT] = {
	[SYSCALLS_CALL] = &syscalls_call,
	[SYSCALLS_RETURN] = &syscalls_return,
	[SYSCALLS_SERVICE] = &syscalls_service,
	[SYSCALLS_SERVICE_RETURN] = &syscalls_service_return,
};

const struct wv_plugin wv_plugin_syscalls = {
	.name = "syscalls",
	.summary = "system calls: arguments by name, and results",
	.options = options,
	.n_options = G_N_ELEMENTS(options),
	.events = events,
	.n_events = G_N_ELEMENTS(events),
	.guests = { &syscalls_on_linux, &syscalls_on_windows },
	.configure = configure,
	.deconfigure = deconfigure,
};
