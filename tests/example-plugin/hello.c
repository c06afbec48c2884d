/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hello: an example of a plugin. Tells which files are removed, and how that ended. */
#include "monitor/plugin.h"

/* What is read of the guest's kernel; the last column is what is lost where it is missing. */
enum hello_want { FILENAME_NAME, WANT_COUNT };

static const struct wv_want wants[WANT_COUNT] = {
	[FILENAME_NAME] = WV_MEMBER("filename", "name", "FileName"), /* include/linux/fs.h */
};

/* The events: their types by index, and each one's fields in the order of output. */
enum hello_event { UNLINK, EVENT_COUNT };
enum unlink_field { UNLINK_FILE_NAME, UNLINK_RESULT };

static const struct wv_field unlink_fields[] = {
	[UNLINK_FILE_NAME] = { "FileName", WV_KIND_STRING,
			       .meaning = "The file as the caller named it." },
	[UNLINK_RESULT] = { "Result", WV_KIND_RESULT, .meaning = "0, or the name of the error." },
};

static const struct wv_event_type unlink_type = {
	.plugin = "hello",
	.methods = { "do_unlinkat", "filename_unlinkat" },
	.os = WV_OS_LINUX,
	.fields = unlink_fields,
	.n_fields = G_N_ELEMENTS(unlink_fields),
	.meaning = "A file is removed; told when that has succeeded or failed.",
};

static const struct wv_event_type *const events[EVENT_COUNT] = { [UNLINK] = &unlink_type };

/* Options: configure() turns the settings into what wv_call_state() gives later. */
static const struct wv_option options[] = {
	{ "hello-failures", false, NULL, "only tell files that could not be removed" },
};

struct hello_state {
	bool only_failures;
};

static bool configure(const struct wv_settings *settings, void **state, GError **error)
{
	struct hello_state *hello = g_new0(struct hello_state, 1);

	(void)error; /* nothing that the user can write is wrong */
	hello->only_failures = wv_settings_flag(settings, "hello-failures");
	*state = hello;
	return true;
}

/* The call: what is needed later is kept from its entry to its return. */
struct unlink_saved {
	char name[WV_CALL_SAVED_MAX - 2 * sizeof(size_t)];
	size_t size;
	enum wv_string_end end;
};
G_STATIC_ASSERT(sizeof(struct unlink_saved) <= WV_CALL_SAVED_MAX);

/* int do_unlinkat(int dfd, struct filename *name): fs/namei.c; newer: filename_unlinkat() */
static enum wv_verdict unlink_entry(struct wv_call *call)
{
	struct unlink_saved *saved = wv_call_saved(call);
	uint64_t name;

	saved->end = WV_STRING_UNREADABLE;
	if (wv_call_read_u64(call, wv_call_argument(call, 1), FILENAME_NAME, &name))
		saved->end = wv_space_read_string(wv_call_space(call), name, saved->name,
						  sizeof(saved->name), &saved->size);
	return WV_AWAIT_RETURN;
}

static void unlink_return(struct wv_call *call)
{
	const struct unlink_saved *saved = wv_call_saved(call);
	const struct hello_state *hello = wv_call_state(call);
	int32_t result = (int32_t)wv_call_result(call);

	if (hello->only_failures && result >= 0)
		return;

	struct wv_event *event = wv_event_open(call, UNLINK);

	if (saved->end == WV_STRING_UNREADABLE)
		wv_event_unreadable(event, UNLINK_FILE_NAME);
	else
		wv_event_text(event, UNLINK_FILE_NAME, saved->name, saved->size,
			      saved->end == WV_STRING_TRUNCATED);
	wv_event_number(event, UNLINK_RESULT, result);
	wv_event_close(event);
}

/* The tables: functions in order of preference, the same order as in the event's methods. */
static const struct wv_trap_def traps[] = {
	{ { "do_unlinkat", "filename_unlinkat" },
	  .cost = NULL, /* without it the plugin is useless */
	  .ttl = true,
	  .on_entry = unlink_entry,
	  .on_return = unlink_return },
};

static const struct wv_plugin_guest on_linux = {
	.os = WV_OS_LINUX,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
	.wants = wants,
	.n_wants = G_N_ELEMENTS(wants),
};

const struct wv_plugin wv_plugin_hello = {
	.name = "hello",
	.summary = "files that are removed",
	.options = options,
	.n_options = G_N_ELEMENTS(options),
	.events = events,
	.n_events = G_N_ELEMENTS(events),
	.guests = { &on_linux },
	.configure = configure,
	.deconfigure = g_free,
};
