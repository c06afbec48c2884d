/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon on Windows: new processes. Both calls are told when they return, whatever they return. */
#include "plugins/procmon/windows.h"

/* NtCreateUserProcess ---------------------------------------------------------------------------*/

enum user_field {
	USER_STATUS,
	USER_PROCESS_HANDLE,
	USER_PID,
	USER_THREAD_HANDLE,
	USER_TID,
	USER_TEXTS, /* as many as there are parameters */
	USER_BITNESS = USER_TEXTS + WV_WINDOWS_PARAMETERS,
	USER_FIELDS
};

static const enum wv_windows_parameter user_texts[WV_WINDOWS_PARAMETERS] = {
	WV_WINDOWS_COMMAND_LINE,
	WV_WINDOWS_IMAGE_PATH_NAME,
	WV_WINDOWS_DLL_PATH,
	WV_WINDOWS_CURRENT_DIRECTORY,
};

static const struct wv_field user_fields[USER_FIELDS] = {
	[USER_STATUS] = { "Status", WV_KIND_HEX, .meaning = "What the call returned." },
	[USER_PROCESS_HANDLE] = { "NewProcessHandle", WV_KIND_HEX,
				  .meaning = "The caller's handle of the new process; null if the "
					     "call failed." },
	[USER_PID] = { "NewPid", WV_KIND_NUMBER, .meaning = "The new process's PID." },
	[USER_THREAD_HANDLE] = { "NewThreadHandle", WV_KIND_HEX,
				 .meaning = "The caller's handle of its first thread." },
	[USER_TID] = { "NewTid", WV_KIND_NUMBER, .meaning = "That thread's TID." },
	[USER_TEXTS] = { "CommandLine", WV_KIND_STRING, .escaped = true,
			 .meaning = "The command line. Its readers of json undo escapes in it, so "
				    "there a backslash is two, and what is not ASCII \\uHHHH, "
				    "before json's own escapes." },
	{ "ImagePathName", WV_KIND_STRING, .meaning = "The path of the program's file." },
	{ "DllPath", WV_KIND_STRING, .meaning = "Where its libraries are looked for." },
	{ "CWD", WV_KIND_STRING,
	  .meaning = "The current directory: its path, or if it has none the name of the open "
		     "directory." },
	[USER_BITNESS] = { "Bitness", WV_KIND_NUMBER,
			   .meaning = "32 or 64, what the new process's programs are of." },
};

const struct wv_event_type procmon_windows_create_user = {
	.plugin = "procmon",
	.methods = { "NtCreateUserProcess" },
	.os = WV_OS_WINDOWS,
	.fields = user_fields,
	.n_fields = G_N_ELEMENTS(user_fields),
	.meaning = "A process with its first thread was created, or could not be; told when the "
		   "call returns.",
};

struct user_saved {
	uint64_t process, thread; /* where the handles are stored */
	uint64_t parameters;
	uint64_t texts; /* of procmon_texts_keep() */
};

/*
 * NTSTATUS NtCreateUserProcess(PHANDLE process, PHANDLE thread, ACCESS_MASK, ACCESS_MASK,
 *			        POBJECT_ATTRIBUTES, POBJECT_ATTRIBUTES, ULONG, ULONG,
 *			        PRTL_USER_PROCESS_PARAMETERS, ...)
 */
enum wv_verdict procmon_create_user_entry(struct wv_call *call)
{
	struct user_saved *saved = wv_call_saved(call);

	saved->process = wv_call_argument(call, 0);
	saved->thread = wv_call_argument(call, 1);
	saved->parameters = wv_call_argument(call, 8);
	saved->texts = procmon_texts_keep(call, saved->parameters);
	return WV_AWAIT_RETURN;
}

/** The new thread: its handle, and its TID. */
static void put_thread(struct wv_call *call, struct wv_event *event, uint64_t place)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	uint64_t handle, thread;
	uint32_t pid, tid;

	if (procmon_put_new_handle(call, event, USER_THREAD_HANDLE, place, &handle) &&
	    wv_windows_handle_thread(guest, space, wv_nt_acting_process(call), handle, &thread) &&
	    wv_windows_thread_ids(guest, space, thread, &pid, &tid))
		wv_event_unsigned(event, USER_TID, tid);
	else
		wv_event_unreadable(event, USER_TID);
}

void procmon_create_user_return(struct wv_call *call)
{
	const struct user_saved *saved = wv_call_saved(call);
	struct wv_event *event = wv_event_open(call, PROCMON_WINDOWS_CREATE_USER);
	uint64_t process;

	wv_event_unsigned(event, USER_STATUS, (uint32_t)wv_call_result(call));
	process = procmon_put_new_process(call, event, USER_PROCESS_HANDLE, saved->process);
	procmon_put_pid(call, event, USER_PID, process);
	put_thread(call, event, saved->thread);
	procmon_texts_put(call, event, USER_TEXTS, user_texts, saved->parameters, saved->texts);
	procmon_put_bitness(call, event, USER_BITNESS, process);
	wv_event_close(event);
}

/* NtCreateProcessEx -----------------------------------------------------------------------------*/

/** The arguments are in their order, after the status. */
enum ex_field {
	EX_STATUS,
	EX_PROCESS_HANDLE, /* the argument: where it is stored */
	EX_ACCESS,
	EX_ATTRIBUTES,
	EX_PARENT,
	EX_FLAGS,
	EX_SECTION,
	EX_DEBUG_PORT,
	EX_EXCEPTION_PORT,
	EX_JOB_LEVEL,
	EX_PID,
	EX_BITNESS,
	EX_FIELDS
};

#define EX_ARGUMENTS	 (EX_PID - EX_PROCESS_HANDLE)
#define EX_FIRST_WRITTEN EX_ACCESS /* as they were at entry */

static const struct wv_field ex_fields[EX_FIELDS] = {
	[EX_STATUS] = { "Status", WV_KIND_HEX, .meaning = "What the call returned." },
	[EX_PROCESS_HANDLE] = { "ProcessHandle", WV_KIND_HEX,
				.meaning = "The caller's handle of the new process; null if the "
					   "call failed." },
	[EX_ACCESS] = { "DesiredAccess", WV_KIND_HEX,
			.meaning = "The rights that the handle is to have." },
	[EX_ATTRIBUTES] = { "ObjectAttributes", WV_KIND_HEX,
			    .meaning = "Address of the object attributes." },
	[EX_PARENT] = { "ParentProcess", WV_KIND_HEX,
			.meaning = "The caller's handle of the parent." },
	[EX_FLAGS] = { "Flags", WV_KIND_HEX, .meaning = "What is inherited, and how it starts." },
	[EX_SECTION] = { "SectionHandle", WV_KIND_HEX,
			 .meaning = "The section with the program; 0: the parent's memory is "
				    "copied." },
	[EX_DEBUG_PORT] = { "DebugPort", WV_KIND_HEX,
			    .meaning = "The handle of a debug object, or 0." },
	[EX_EXCEPTION_PORT] = { "ExceptionPort", WV_KIND_HEX,
				.meaning = "The handle of a port for exceptions, or 0; in newer "
					   "kernels that of a token." },
	[EX_JOB_LEVEL] = { "JobMemberLevel", WV_KIND_NUMBER,
			   .meaning = "The level in a set of jobs." },
	[EX_PID] = { "NewPid", WV_KIND_NUMBER, .meaning = "The new process's PID." },
	[EX_BITNESS] = { "Bitness", WV_KIND_NUMBER,
			 .meaning = "32 or 64, what the new process's programs are of." },
};

const struct wv_event_type procmon_windows_create_ex = {
	.plugin = "procmon",
	.methods = { "NtCreateProcessEx" },
	.os = WV_OS_WINDOWS,
	.fields = ex_fields,
	.n_fields = G_N_ELEMENTS(ex_fields),
	.meaning = "A process without a thread was created, or could not be; told when the call "
		   "returns.",
};

struct ex_saved {
	uint64_t arguments[EX_ARGUMENTS];
};

/*
 * NTSTATUS NtCreateProcessEx(PHANDLE process, ACCESS_MASK, POBJECT_ATTRIBUTES, HANDLE parent,
 *			      ULONG flags, HANDLE section, HANDLE debug port, HANDLE exception port,
 *			      ULONG job member level)
 */
enum wv_verdict procmon_create_ex_entry(struct wv_call *call)
{
	/* these have 32 bits: what else is in their word is nobody's */
	static const bool narrow[EX_FIELDS] = {
		[EX_ACCESS] = true,
		[EX_FLAGS] = true,
		[EX_JOB_LEVEL] = true,
	};
	struct ex_saved *saved = wv_call_saved(call);

	for (unsigned i = 0; i < EX_ARGUMENTS; i++) {
		uint64_t value = wv_call_argument(call, i);

		saved->arguments[i] = narrow[EX_PROCESS_HANDLE + i] ? (uint32_t)value : value;
	}
	return WV_AWAIT_RETURN;
}

void procmon_create_ex_return(struct wv_call *call)
{
	const struct ex_saved *saved = wv_call_saved(call);
	struct wv_event *event = wv_event_open(call, PROCMON_WINDOWS_CREATE_EX);
	uint64_t process;

	wv_event_unsigned(event, EX_STATUS, (uint32_t)wv_call_result(call));
	process = procmon_put_new_process(call, event, EX_PROCESS_HANDLE, saved->arguments[0]);
	for (unsigned i = EX_FIRST_WRITTEN; i < EX_PID; i++)
		wv_event_unsigned(event, i, saved->arguments[i - EX_PROCESS_HANDLE]);
	procmon_put_pid(call, event, EX_PID, process);
	procmon_put_bitness(call, event, EX_BITNESS, process);
	wv_event_close(event);
}
