/* SPDX-License-Identifier: GPL-2.0-or-later */
/* objmon: objects of the Windows kernel that are created, and handles that are duplicated. */
#include "guest/windows/windows.h"
#include "monitor/plugin.h"
#include "output/names.h"
#include "plugins/tag_text.h"

enum objmon_event { CREATE, DUPLICATE, EVENT_COUNT };

/* ObCreateObject --------------------------------------------------------------------------------*/

enum create_field { CREATE_KEY, CREATE_TYPE_NAME, CREATE_FIELDS };

static const struct wv_field create_fields[CREATE_FIELDS] = {
	[CREATE_KEY] = { "Key", WV_KIND_NAME, wv_tag_text,
			 .meaning = "The key of the object's type, which is the pool tag of its "
				    "objects: four characters, `?` for what can not be printed." },
	[CREATE_TYPE_NAME] = { "TypeName", WV_KIND_STRING, .meaning = "The name of that type." },
};

static const struct wv_event_type create_type = {
	.plugin = "objmon",
	.methods = { "ObCreateObject" },
	.os = WV_OS_WINDOWS,
	.fields = create_fields,
	.n_fields = G_N_ELEMENTS(create_fields),
	.meaning = "An object is about to be created.",
};

static void put_key(struct wv_call *call, struct wv_event *event, uint64_t type)
{
	uint32_t key;

	if (wv_windows_type_key(wv_call_guest(call), wv_call_space(call), type, &key))
		wv_event_unsigned(event, CREATE_KEY, key);
	else
		wv_event_unreadable(event, CREATE_KEY);
}

static void put_type_name(struct wv_call *call, struct wv_event *event, uint64_t type)
{
	size_t size = WV_TEXT_MAX;
	char *text = wv_event_text_begin(event, CREATE_TYPE_NAME, &size);
	bool truncated;

	if (text && wv_windows_type_name(wv_call_guest(call), wv_call_space(call), type, text,
					 &size, &truncated))
		wv_event_text_end(event, size, truncated);
	else
		wv_event_unreadable(event, CREATE_TYPE_NAME);
}

/* NTSTATUS ObCreateObject(KPROCESSOR_MODE, POBJECT_TYPE type, ...) */
static enum wv_verdict create_entry(struct wv_call *call)
{
	uint64_t type = wv_call_argument(call, 1);
	struct wv_event *event = wv_event_open(call, CREATE);

	put_key(call, event, type);
	put_type_name(call, event, type);
	wv_event_close(event);
	return WV_DONE;
}

/* NtDuplicateObject -----------------------------------------------------------------------------*/

/** The arguments in their order, and what the call returned. */
enum duplicate_field {
	SOURCE_PROCESS,
	SOURCE,
	TARGET_PROCESS,
	TARGET, /* the argument: a pointer to the new handle, or NULL */
	ACCESS,
	ATTRIBUTES,
	OPTIONS,
	STATUS,
	DUPLICATE_FIELDS
};

#define DUPLICATE_ARGUMENTS STATUS

static const struct wv_field duplicate_fields[DUPLICATE_FIELDS] = {
	[SOURCE_PROCESS] = { "SourceProcessHandle", WV_KIND_HEX,
			     .meaning = "The caller's handle of the process that has the handle." },
	[SOURCE] = { "SourceHandle", WV_KIND_HEX, .meaning = "The handle in that process." },
	[TARGET_PROCESS] = { "TargetProcessHandle", WV_KIND_HEX,
			     .meaning = "The caller's handle of the process that gets one." },
	[TARGET] = { "TargetHandle", WV_KIND_HEX,
		     .meaning = "The handle there, as the caller finds it after the call, which "
				"need not have succeeded; null if there is no place for it." },
	[ACCESS] = { "DesiredAccess", WV_KIND_HEX, .meaning = "The rights asked for." },
	[ATTRIBUTES] = { "HandleAttributes", WV_KIND_HEX,
			 .meaning = "The attributes of the new handle." },
	[OPTIONS] = { "Options", WV_KIND_HEX,
		      .meaning = "0x1: the source handle is closed, 0x2: the access is the same, "
				 "0x4: the attributes are." },
	[STATUS] = { "Status", WV_KIND_NAME, wv_format_ntstatus,
		     .meaning = "What the call returned." },
};

static const struct wv_event_type duplicate_type = {
	.plugin = "objmon",
	.methods = { "NtDuplicateObject" },
	.os = WV_OS_WINDOWS,
	.fields = duplicate_fields,
	.n_fields = G_N_ELEMENTS(duplicate_fields),
	.meaning = "A handle was duplicated, or could not be; told when the call returns.",
};

struct duplicate_saved {
	uint64_t arguments[DUPLICATE_ARGUMENTS];
};

/*
 * NTSTATUS NtDuplicateObject(HANDLE source process, HANDLE source, HANDLE target process,
 *                            PHANDLE target, ACCESS_MASK, ULONG attributes, ULONG options)
 */
static enum wv_verdict duplicate_entry(struct wv_call *call)
{
	struct duplicate_saved *saved = wv_call_saved(call);

	for (unsigned i = 0; i < DUPLICATE_ARGUMENTS; i++)
		saved->arguments[i] = wv_call_argument(call, i);
	return WV_AWAIT_RETURN;
}

static void put_target(struct wv_call *call, struct wv_event *event, uint64_t place)
{
	uint64_t handle = 0;

	if (place &&
	    wv_space_read(wv_call_space(call), place, &handle, wv_guest_word(wv_call_guest(call))))
		wv_event_unsigned(event, TARGET, handle);
	else
		wv_event_unreadable(event, TARGET);
}

static void duplicate_return(struct wv_call *call)
{
	const struct duplicate_saved *saved = wv_call_saved(call);
	struct wv_event *event = wv_event_open(call, DUPLICATE);

	for (unsigned i = 0; i < TARGET; i++)
		wv_event_unsigned(event, i, saved->arguments[i]);
	put_target(call, event, saved->arguments[TARGET]);
	/* these have 32 bits: what else is in their word on the stack is nobody's */
	for (unsigned i = ACCESS; i < DUPLICATE_ARGUMENTS; i++)
		wv_event_unsigned(event, i, (uint32_t)saved->arguments[i]);
	wv_event_unsigned(event, STATUS, wv_call_result(call));
	wv_event_close(event);
}

/* The plugin ------------------------------------------------------------------------------------*/

static const struct wv_option options[] = {
	{ "objmon-disable-create-hook", false, NULL, "do not trap ObCreateObject" },
	{ "objmon-disable-duplicate-hook", false, NULL, "do not trap NtDuplicateObject" },
};

struct objmon_state {
	bool no_create, no_duplicate;
};

static bool configure(const struct wv_settings *settings, void **state, GError **error)
{
	struct objmon_state *objmon = g_new0(struct objmon_state, 1);

	(void)error; /* nothing that the user can write is wrong */
	objmon->no_create = wv_settings_flag(settings, "objmon-disable-create-hook");
	objmon->no_duplicate = wv_settings_flag(settings, "objmon-disable-duplicate-hook");
	*state = objmon;
	return true;
}

static bool wants_create(const void *state)
{
	const struct objmon_state *objmon = state;

	return !objmon->no_create;
}

static bool wants_duplicate(const void *state)
{
	const struct objmon_state *objmon = state;

	return !objmon->no_duplicate;
}

static const struct wv_trap_def traps[] = {
	{ { "ObCreateObject" },
	  .cost = "objects that are created",
	  .ttl = true,
	  .on_entry = create_entry,
	  .wanted = wants_create },
	{ { "NtDuplicateObject" },
	  .cost = "handles that are duplicated",
	  .ttl = true,
	  .on_entry = duplicate_entry,
	  .on_return = duplicate_return,
	  .saved_size = sizeof(struct duplicate_saved),
	  .wanted = wants_duplicate },
};

static const struct wv_plugin_guest on_windows = {
	.os = WV_OS_WINDOWS,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
};

static const struct wv_event_type *const events[EVENT_COUNT] = {
	[CREATE] = &create_type,
	[DUPLICATE] = &duplicate_type,
};

const struct wv_plugin wv_plugin_objmon = {
	.name = "objmon",
	.summary = "objects that are created, handles that are duplicated",
	.options = options,
	.n_options = G_N_ELEMENTS(options),
	.events = events,
	.n_events = G_N_ELEMENTS(events),
	.guests = { &on_windows },
	.configure = configure,
	.deconfigure = g_free,
};
