/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procmon on Windows: the table of what is trapped, the ends of processes, and protections of
 * memory.
 */
#include "plugins/procmon/windows.h"

/* NtTerminateProcess ----------------------------------------------------------------------------*/

enum terminate_field { TERMINATE_PID, TERMINATE_STATUS, TERMINATE_STATUS_STR };

static const struct wv_field terminate_fields[] = {
	[TERMINATE_PID] = { "ExitPid", WV_KIND_NUMBER,
			    .meaning = "The process that is to end: the caller's own PID if it "
				       "ends itself, or all of its other threads." },
	[TERMINATE_STATUS] = { "ExitStatus", WV_KIND_HEX,
			       .meaning = "The exit status that it is to have." },
	[TERMINATE_STATUS_STR] = { "ExitStatusStr", WV_KIND_NAME, wv_format_ntstatus,
				   .meaning = "The name of that number as a status code." },
};

const struct wv_event_type procmon_windows_terminate = {
	.plugin = "procmon",
	.methods = { "NtTerminateProcess" },
	.os = WV_OS_WINDOWS,
	.fields = terminate_fields,
	.n_fields = G_N_ELEMENTS(terminate_fields),
	.meaning = "A process is about to be ended; that may fail.",
};

/* NTSTATUS NtTerminateProcess(HANDLE process, NTSTATUS) */
static enum wv_verdict terminate_entry(struct wv_call *call)
{
	uint64_t handle = wv_call_argument(call, 0);
	uint32_t status = (uint32_t)wv_call_argument(call, 1);
	uint64_t own = wv_nt_acting_process(call), process = own;
	struct wv_event *event = wv_event_open(call, PROCMON_WINDOWS_TERMINATE);

	/* no handle: all threads of the caller's process but the one that calls */
	if (handle && !wv_windows_handle_process(wv_call_guest(call), wv_call_space(call), own,
						 handle, &process))
		process = 0;
	procmon_put_pid(call, event, TERMINATE_PID, process);
	wv_event_unsigned(event, TERMINATE_STATUS, status);
	wv_event_unsigned(event, TERMINATE_STATUS_STR, status);
	wv_event_close(event);
	return WV_DONE;
}

/* MmCleanProcessAddressSpace --------------------------------------------------------------------*/

enum clean_field { CLEAN_PID };

static const struct wv_field clean_fields[] = {
	[CLEAN_PID] = { "ExitPid", WV_KIND_NUMBER, .meaning = "The process that ends." },
};

const struct wv_event_type procmon_windows_clean = {
	.plugin = "procmon",
	.methods = { "MmCleanProcessAddressSpace" },
	.os = WV_OS_WINDOWS,
	.fields = clean_fields,
	.n_fields = G_N_ELEMENTS(clean_fields),
	.meaning = "A process ends, however that came: its memory is given back.",
};

/* void MmCleanProcessAddressSpace(PEPROCESS) */
static enum wv_verdict clean_entry(struct wv_call *call)
{
	struct wv_event *event = wv_event_open(call, PROCMON_WINDOWS_CLEAN);

	procmon_put_pid(call, event, CLEAN_PID, wv_call_argument(call, 0));
	wv_event_close(event);
	return WV_DONE;
}

/* NtProtectVirtualMemory ------------------------------------------------------------------------*/

enum protect_field { PROTECT_HANDLE, PROTECT_PROTECTION };

/** The field is a text, and its readers know it so joined. */
static void format_protection(uint64_t value, char *text, size_t size)
{
	wv_format_set(&wv_names_page_protection, value, ";", "NONE", text, size);
}

static const struct wv_field protect_fields[] = {
	[PROTECT_HANDLE] = { "ProcessHandle", WV_KIND_HEX,
			     .meaning = "The caller's handle of the process whose memory it is." },
	[PROTECT_PROTECTION] = { "NewProtectWin32", WV_KIND_NAME, format_protection,
				 .meaning = "The protection that is asked for: "
					    "PAGE_EXECUTE_READWRITE; several bits as "
					    "PAGE_READWRITE;PAGE_GUARD, none as NONE." },
};

const struct wv_event_type procmon_windows_protect = {
	.plugin = "procmon",
	.methods = { "NtProtectVirtualMemory" },
	.os = WV_OS_WINDOWS,
	.fields = protect_fields,
	.n_fields = G_N_ELEMENTS(protect_fields),
	.meaning = "The protection of pages is about to be changed; that may fail.",
};

/* NTSTATUS NtProtectVirtualMemory(HANDLE process, PVOID *base, PSIZE_T, ULONG new, PULONG old) */
static enum wv_verdict protect_entry(struct wv_call *call)
{
	uint64_t handle = wv_call_argument(call, 0);
	uint32_t protection = (uint32_t)wv_call_argument(call, 3);
	struct wv_event *event = wv_event_open(call, PROCMON_WINDOWS_PROTECT);

	wv_event_unsigned(event, PROTECT_HANDLE, handle);
	wv_event_unsigned(event, PROTECT_PROTECTION, protection);
	wv_event_close(event);
	return WV_DONE;
}

/* The table -------------------------------------------------------------------------------------*/

static const struct wv_trap_def traps[] = {
	{ .functions = { "NtCreateUserProcess" },
	  .cost = "new processes",
	  .ttl = true,
	  .on_entry = procmon_create_user_entry,
	  .on_return = procmon_create_user_return },
	{ .functions = { "NtCreateProcessEx" },
	  .cost = "new processes of the older kind",
	  .ttl = true,
	  .on_entry = procmon_create_ex_entry,
	  .on_return = procmon_create_ex_return },
	{ .functions = { "NtTerminateProcess" },
	  .cost = "who ends processes",
	  .ttl = true,
	  .on_entry = terminate_entry },
	{ .functions = { "MmCleanProcessAddressSpace" },
	  .cost = "processes that end",
	  .ttl = true,
	  .on_entry = clean_entry },
	{ .functions = { "NtOpenProcess" },
	  .cost = "processes that are opened",
	  .ttl = true,
	  .on_entry = procmon_open_entry,
	  .on_return = procmon_open_process_return },
	{ .functions = { "NtOpenThread" },
	  .cost = "threads that are opened",
	  .ttl = true,
	  .on_entry = procmon_open_entry,
	  .on_return = procmon_open_thread_return },
	{ .functions = { "NtProtectVirtualMemory" },
	  .cost = "changed protections of memory",
	  .ttl = true,
	  .on_entry = protect_entry },
	{ .functions = { "NtAdjustPrivilegesToken" },
	  .cost = "changed privileges",
	  .ttl = true,
	  .on_entry = procmon_privileges_entry,
	  .on_return = procmon_privileges_return },
};

static void running(struct wv_call *call)
{
	struct wv_event *event = procmon_open_running(call);

	/* of a process in the list the object is the process's own */
	procmon_put_bitness(call, event, RUNNING_BITNESS, wv_call_caller(call)->thread);
	wv_event_close(event);
}

const struct wv_plugin_guest procmon_on_windows = {
	.os = WV_OS_WINDOWS,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
	.on_process = running,
	.prepare = procmon_texts_prepare,
	.unprepare = g_free,
};
