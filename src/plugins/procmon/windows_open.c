/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon on Windows: processes and threads that are opened, by their ids (CLIENT_ID). */
#include "plugins/procmon/windows.h"

/** Both events begin alike. */
enum open_field {
	OPEN_HANDLE,
	OPEN_ACCESS,
	OPEN_ATTRIBUTES,
	OPEN_PID,
	OPEN_NAME,
	OPEN_PROCESS_FIELDS,
	OPEN_TID = OPEN_PROCESS_FIELDS,
	OPEN_THREAD_FIELDS
};

#define COMMON_FIELDS(handle_, meaning_)                                                           \
	[OPEN_HANDLE] = { handle_, WV_KIND_HEX, .meaning = meaning_ },                             \
	[OPEN_ACCESS] = { "DesiredAccess", WV_KIND_HEX, .meaning = "The rights asked for." },      \
	[OPEN_ATTRIBUTES] = { "ObjectAttributes", WV_KIND_HEX,                                     \
			      .meaning = "Address of the object attributes." },                    \
	[OPEN_PID] = { "ClientID", WV_KIND_NUMBER,                                                 \
		       .meaning = "The PID asked for; if that is 0, of the process that the "      \
				  "thread asked for is in, or else the caller's own." },           \
	[OPEN_NAME] = { "ClientName", WV_KIND_STRING,                                              \
			.meaning = "The image name of the process with that PID." }

static const struct wv_field process_fields[OPEN_PROCESS_FIELDS] = {
	COMMON_FIELDS("ProcessHandle",
		      "The caller's new handle of the process; null if the call failed."),
};

static const struct wv_field thread_fields[OPEN_THREAD_FIELDS] = {
	COMMON_FIELDS("ThreadHandle",
		      "The caller's new handle of the thread; null if the call failed."),
	[OPEN_TID] = { "UniqueThread", WV_KIND_NUMBER, .meaning = "The TID asked for." },
};

const struct wv_event_type procmon_windows_open_process = {
	.plugin = "procmon",
	.methods = { "NtOpenProcess" },
	.os = WV_OS_WINDOWS,
	.fields = process_fields,
	.n_fields = G_N_ELEMENTS(process_fields),
	.meaning = "A process was opened, or could not be; told when the call returns.",
};

const struct wv_event_type procmon_windows_open_thread = {
	.plugin = "procmon",
	.methods = { "NtOpenThread" },
	.os = WV_OS_WINDOWS,
	.fields = thread_fields,
	.n_fields = G_N_ELEMENTS(thread_fields),
	.meaning = "A thread was opened, or could not be; told when the call returns.",
};

struct open_saved {
	uint64_t handle; /* where it is stored */
	uint64_t attributes;
	uint64_t client; /* address of the CLIENT_ID */
	uint32_t access;
	uint32_t pid, tid;
	bool known; /* these two are */
};

/** CLIENT_ID: two ids, each as wide as a handle (ntdef.h). */
static void read_client(struct wv_call *call, struct open_saved *saved)
{
	size_t word = wv_guest_word(wv_call_guest(call));
	const struct wv_space *space = wv_call_space(call);

	if (!saved->known && saved->client)
		saved->known = wv_space_read_u32(space, saved->client, &saved->pid) &&
			       wv_space_read_u32(space, saved->client + word, &saved->tid);
}

/* NTSTATUS NtOpenProcess(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, PCLIENT_ID); NtOpenThread too */
enum wv_verdict procmon_open_entry(struct wv_call *call)
{
	struct open_saved *saved = wv_call_saved(call);

	saved->handle = wv_call_argument(call, 0);
	saved->access = (uint32_t)wv_call_argument(call, 1);
	saved->attributes = wv_call_argument(call, 2);
	saved->client = wv_call_argument(call, 3);
	read_client(call, saved);
	return WV_AWAIT_RETURN;
}

/** The PID that is meant where none is given. */
static uint32_t process_of_thread(struct wv_call *call, uint32_t tid)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	uint64_t thread;
	uint32_t pid, same;

	if (tid && wv_windows_find_thread(guest, space, tid, &thread) &&
	    wv_windows_thread_ids(guest, space, thread, &pid, &same))
		return pid;
	return wv_call_caller(call)->pid;
}

static void put_name(struct wv_call *call, struct wv_event *event, uint32_t pid)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	struct wv_identity identity;
	uint64_t process;

	if (wv_windows_find_process(guest, space, pid, &process) &&
	    wv_windows_identify_process(guest, space, process, &identity))
		wv_event_text(event, OPEN_NAME, identity.name, identity.name_size,
			      identity.name_truncated);
	else
		wv_event_unreadable(event, OPEN_NAME);
}

/** Writes what both events begin with. Returns whether the ids are known. */
static bool put_common(struct wv_call *call, struct wv_event *event, struct open_saved *saved)
{
	uint64_t handle;

	procmon_put_new_handle(call, event, OPEN_HANDLE, saved->handle, &handle);
	wv_event_unsigned(event, OPEN_ACCESS, saved->access);
	wv_event_unsigned(event, OPEN_ATTRIBUTES, saved->attributes);
	read_client(call, saved); /* the kernel has touched it by now */
	if (saved->known) {
		uint32_t pid = saved->pid ? saved->pid : process_of_thread(call, saved->tid);

		wv_event_unsigned(event, OPEN_PID, pid);
		put_name(call, event, pid);
	} else {
		wv_event_unreadable(event, OPEN_PID);
		wv_event_unreadable(event, OPEN_NAME);
	}
	return saved->known;
}

void procmon_open_process_return(struct wv_call *call)
{
	struct wv_event *event = wv_event_open(call, PROCMON_WINDOWS_OPEN_PROCESS);

	put_common(call, event, wv_call_saved(call));
	wv_event_close(event);
}

void procmon_open_thread_return(struct wv_call *call)
{
	struct open_saved *saved = wv_call_saved(call);
	struct wv_event *event = wv_event_open(call, PROCMON_WINDOWS_OPEN_THREAD);

	if (put_common(call, event, saved))
		wv_event_unsigned(event, OPEN_TID, saved->tid);
	else
		wv_event_unreadable(event, OPEN_TID);
	wv_event_close(event);
}
