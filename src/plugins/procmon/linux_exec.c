/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procmon on Linux: a process becomes another program.
 *
 * begin_new_exec() is where an exec reaches the point of no return; when it returns, the new
 * address space and credentials are in place, or it has failed. Its argument, struct linux_binprm,
 * knows everything about the exec. Kernels before 5.8 do not have it: there do_execveat_common()
 * is trapped, and what it did is read from the process.
 */
#include "plugins/procmon/linux.h"

enum exec_field {
	EXEC_THREAD_NAME,
	EXEC_COMMAND_LINE,
	EXEC_IMAGE_PATH_NAME,
	EXEC_OUID,
	EXEC_OSUID,
	EXEC_OEUID,
	EXEC_SUID,
	EXEC_EUID,
	EXEC_ENVIRONMENT,
	EXEC_INTERP,
	EXEC_FDPATH,
	EXEC_FILE_NAME,
	EXEC_PGID,
	EXEC_HAVE_EXECFD,
	EXEC_EXECFD,
	EXEC_SECUREEXEC,
};

static const struct wv_field exec_fields[] = {
	[EXEC_THREAD_NAME] = { "ThreadName", WV_KIND_STRING,
			       .meaning = "The calling thread's name before the exec." },
	[EXEC_COMMAND_LINE] = { "CommandLine", WV_KIND_STRING,
				.meaning = "The arguments, joined by single blanks." },
	[EXEC_IMAGE_PATH_NAME] = { "ImagePathName", WV_KIND_STRING,
				   .meaning = "The path of the file that is executed: of a script, "
					      "its interpreter." },
	[EXEC_OUID] = { "ouid", WV_KIND_NUMBER, .meaning = "The real user id before the exec." },
	[EXEC_OSUID] = { "osuid", WV_KIND_NUMBER, .meaning = "The saved user id before the exec." },
	[EXEC_OEUID] = { "oeuid", WV_KIND_NUMBER,
			 .meaning = "The effective user id before the exec." },
	[EXEC_SUID] = { "suid", WV_KIND_NUMBER, .meaning = "The saved user id after the exec." },
	[EXEC_EUID] = { "euid", WV_KIND_NUMBER,
			.meaning = "The effective user id after the exec." },
	[EXEC_ENVIRONMENT] = { "Environment", WV_KIND_STRING, .optional = true,
			       .meaning = "The environment variables that the filter names, as "
					  "key=value joined by commas." },
	[EXEC_INTERP] = { "interp", WV_KIND_STRING, .optional = true,
			  .meaning =
				  "The interpreter's path; the file itself where there is none." },
	[EXEC_FDPATH] = { "fdpath", WV_KIND_STRING, .optional = true,
			  .meaning = "The path made up for an exec by file descriptor." },
	[EXEC_FILE_NAME] = { "FileName", WV_KIND_STRING, .optional = true,
			     .meaning = "The file as the caller named it." },
	[EXEC_PGID] = { "PGID", WV_KIND_NUMBER, .meaning = "The process group." },
	[EXEC_HAVE_EXECFD] = { "have_execfd", WV_KIND_NUMBER, .optional = true,
			       .meaning = "1 if the interpreter gets the file as a descriptor." },
	[EXEC_EXECFD] = { "execfd", WV_KIND_NUMBER, .optional = true,
			  .meaning = "That descriptor." },
	[EXEC_SECUREEXEC] = { "secureexec", WV_KIND_NUMBER, .optional = true,
			      .meaning = "1 if the program gains rights (AT_SECURE)." },
};

const struct wv_event_type procmon_linux_exec = {
	.plugin = "procmon",
	.methods = { "begin_new_exec", "do_execveat_common" },
	.os = WV_OS_LINUX,
	.fields = exec_fields,
	.n_fields = G_N_ELEMENTS(exec_fields),
	.meaning = "A process starts another program; told when that has succeeded or failed.",
};

/** No more of a process's arguments and environment is read: three quarters of _STK_LIM, which is
 *  what the kernel allows (fs/exec.c, bprm_stack_limits). */
#define STRINGS_SIZE_MAX (6u << 20)

/** What an exec keeps until it returns. */
struct exec_saved {
	uint64_t bprm; /* 0 with do_execveat_common */
	struct wv_linux_cred cred;
	uint8_t comm_size;
	char comm[WV_LINUX_COMM_SIZE];
};

enum wv_verdict procmon_exec_entry(struct wv_call *call)
{
	struct exec_saved *saved = wv_call_saved(call);
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	uint64_t task = wv_call_caller(call)->thread;

	if (wv_call_method(call) == 0)
		saved->bprm = wv_call_argument(call, 0);
	saved->comm_size = (uint8_t)wv_linux_comm(guest, space, task, saved->comm);
	wv_linux_task_cred(guest, space, task, &saved->cred);
	return WV_AWAIT_RETURN;
}

/* Strings on the new stack ----------------------------------------------------------------------*/

/** Where the strings of an exec are, in an address space of its own. */
struct strings {
	struct wv_space space;
	uint64_t at;   /* the next byte */
	uint64_t end;  /* nothing is read from here on */
	uint32_t args; /* how many strings are arguments; then come those of the environment */
	uint32_t vars;
	uint64_t name; /* do_execveat_common: where the file's name is; 0: elsewhere */
};

/** A reader of bytes, a page at a time. */
struct cursor {
	const struct wv_space *space;
	uint64_t at, end;
	size_t have, used; /* bytes in the buffer, and of them those that are done with */
	char buffer[4096];
};

/** Makes sure that there is a byte; false at the end, or where memory is not there. */
static bool cursor_fill(struct cursor *cursor)
{
	if (cursor->used < cursor->have)
		return true;

	uint64_t size = sizeof(cursor->buffer) - (cursor->at & (sizeof(cursor->buffer) - 1));

	if (size > cursor->end - cursor->at)
		size = cursor->end - cursor->at;
	if (!size || !wv_space_read(cursor->space, cursor->at, cursor->buffer, size))
		return false;
	cursor->at += size;
	cursor->have = size;
	cursor->used = 0;
	return true;
}

/** A text that is put together in a bounded place. */
struct text {
	char *data;
	size_t size, used;
	bool truncated;
};

static void text_add(struct text *text, const char *data, size_t size)
{
	size_t room = text->size - text->used;

	if (size > room) {
		size = room;
		text->truncated = true;
	}
	memcpy(text->data + text->used, data, size);
	text->used += size;
}

/** Reads one string to its NUL, into the text if there is one. False when memory ends before. */
static bool copy_string(struct cursor *cursor, struct text *text)
{
	while (cursor_fill(cursor)) {
		const char *start = cursor->buffer + cursor->used;
		size_t left = cursor->have - cursor->used;
		const char *end = memchr(start, 0, left);
		size_t size = end ? (size_t)(end - start) : left;

		if (text)
			text_add(text, start, size);
		cursor->used += size + (end ? 1 : 0);
		if (end)
			return true;
	}
	return false;
}

static struct cursor cursor_at(const struct strings *strings, uint64_t address)
{
	return (struct cursor){ .space = &strings->space, .at = address, .end = strings->end };
}

/** Writes the arguments; leaves strings->at at the environment, or at the end. */
static void write_command_line(struct wv_event *event, struct strings *strings)
{
	struct text text = { .size = WV_TEXT_MAX };
	struct cursor cursor = cursor_at(strings, strings->at);

	text.data = wv_event_text_begin(event, EXEC_COMMAND_LINE, &text.size);
	if (!text.data)
		return;
	for (uint32_t i = 0; i < strings->args; i++) {
		if (!cursor_fill(&cursor)) {
			text.truncated |= i > 0 || cursor.at < cursor.end;
			break;
		}
		if (i)
			text_add(&text, " ", 1);
		if (!copy_string(&cursor, &text)) {
			text.truncated = true;
			break;
		}
	}
	strings->at = cursor.at - (cursor.have - cursor.used);
	wv_event_text_end(event, text.used, text.truncated);
}

/** Whether the bytes start with NAME= of one of the wanted variables. */
static bool is_wanted(char *const *names, const char *data, size_t size)
{
	const char *equals = memchr(data, '=', size);
	size_t name_size = equals ? (size_t)(equals - data) : 0;

	for (; equals && *names; names++)
		if (strlen(*names) == name_size && memcmp(*names, data, name_size) == 0)
			return true;
	return false;
}

/** The longest name of a variable that is compared, its '=' included. */
#define VARIABLE_NAME_MAX 512

/** Writes the variables that are wanted, if there are any. */
static void write_environment(struct wv_call *call, struct wv_event *event,
			      const struct strings *strings)
{
	const struct procmon_state *state = wv_call_state(call);
	struct text text = { .size = WV_TEXT_MAX };
	struct cursor cursor = cursor_at(strings, strings->at);

	if (!state->environment[0])
		return;
	text.data = wv_event_text_begin(event, EXEC_ENVIRONMENT, &text.size);
	if (!text.data)
		return;
	for (uint32_t i = 0; i < strings->vars; i++) {
		uint64_t start = cursor.at - (cursor.have - cursor.used);
		char name[VARIABLE_NAME_MAX];
		struct text head = { name, sizeof(name), 0, false };

		if (!copy_string(&cursor, &head) && !head.used)
			break;
		if (!is_wanted(state->environment, name, head.used))
			continue;
		if (text.used)
			text_add(&text, ",", 1);
		if (head.truncated) { /* longer than a name: once more, all of it */
			struct cursor again = cursor_at(strings, start);

			copy_string(&again, &text);
		} else {
			text_add(&text, name, head.used);
		}
	}
	if (text.used)
		wv_event_text_end(event, text.used, text.truncated);
}

/* The event -------------------------------------------------------------------------------------*/

/** begin_new_exec: the strings start at bprm->p, in the new address space or still in bprm->mm. */
static bool find_strings_of_bprm(struct wv_call *call, uint64_t bprm, struct strings *strings)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	uint64_t mm = 0;

	wv_call_read_u64(call, bprm, BPRM_MM, &mm);
	if (!mm)
		mm = wv_linux_task_mm(guest, space, wv_call_caller(call)->thread);
	if (!mm || !wv_linux_mm_space(guest, space, mm, &strings->space) ||
	    !wv_call_read_u64(call, bprm, BPRM_P, &strings->at) ||
	    !wv_call_read_u32(call, bprm, BPRM_ARGC, &strings->args))
		return false;
	wv_call_read_u32(call, bprm, BPRM_ENVC, &strings->vars);
	strings->end = strings->at + STRINGS_SIZE_MAX;
	return true;
}

/** do_execveat_common: the process knows where its strings are; the file's name follows them. */
static bool find_strings_of_process(struct wv_call *call, struct strings *strings)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	uint64_t mm = wv_linux_task_mm(guest, space, wv_call_caller(call)->thread);
	uint64_t arg_end;

	if (!mm || !wv_linux_mm_space(guest, space, mm, &strings->space) ||
	    !wv_call_read_u64(call, mm, MM_ARG_START, &strings->at) ||
	    !wv_call_read_u64(call, mm, MM_ARG_END, &arg_end) ||
	    !wv_call_read_u64(call, mm, MM_ENV_END, &strings->name) || strings->name < strings->at)
		return false;
	strings->end = MIN(strings->name, strings->at + STRINGS_SIZE_MAX);

	/* count the strings up to the end of the arguments, the rest are variables */
	struct cursor cursor = cursor_at(strings, strings->at);

	while (cursor.at - (cursor.have - cursor.used) < arg_end && copy_string(&cursor, NULL))
		strings->args++;
	while (copy_string(&cursor, NULL))
		strings->vars++;
	return true;
}

static void write_path(struct wv_call *call, struct wv_event *event, uint64_t file)
{
	char path[WV_LINUX_PATH_MAX];
	size_t size = sizeof(path);
	bool truncated;

	if (file && wv_linux_file_path(wv_call_guest(call), wv_call_space(call), file, path, &size,
				       &truncated))
		wv_event_text(event, EXEC_IMAGE_PATH_NAME, path, size, truncated);
	else
		wv_event_unreadable(event, EXEC_IMAGE_PATH_NAME);
}

static void write_ids(struct wv_call *call, struct wv_event *event)
{
	const struct exec_saved *saved = wv_call_saved(call);
	struct wv_linux_cred cred;

	wv_event_unsigned(event, EXEC_OUID, saved->cred.uid);
	wv_event_unsigned(event, EXEC_OSUID, saved->cred.suid);
	wv_event_unsigned(event, EXEC_OEUID, saved->cred.euid);
	if (wv_linux_task_cred(wv_call_guest(call), wv_call_space(call),
			       wv_call_caller(call)->thread, &cred)) {
		wv_event_unsigned(event, EXEC_SUID, cred.suid);
		wv_event_unsigned(event, EXEC_EUID, cred.euid);
	} else {
		wv_event_unreadable(event, EXEC_SUID);
		wv_event_unreadable(event, EXEC_EUID);
	}
}

/** A string that linux_binprm points to: absent where the pointer is NULL. */
static void write_bprm_string(struct wv_call *call, struct wv_event *event, unsigned field,
			      uint64_t bprm, unsigned want)
{
	uint64_t address;

	if (wv_call_read_u64(call, bprm, want, &address) && address)
		wv_event_string(event, field, wv_call_space(call), address);
}

static void write_pgid(struct wv_call *call, struct wv_event *event)
{
	uint32_t pgid;

	if (wv_linux_task_pgid(wv_call_guest(call), wv_call_space(call),
			       wv_call_caller(call)->thread, &pgid))
		wv_event_unsigned(event, EXEC_PGID, pgid);
	else
		wv_event_unreadable(event, EXEC_PGID);
}

static void write_exec_flags(struct wv_call *call, struct wv_event *event, uint64_t bprm)
{
	uint64_t have_execfd, execfd, secureexec;

	wv_call_read_bits(call, bprm, BPRM_HAVE_EXECFD, &have_execfd);
	wv_call_read_bits(call, bprm, BPRM_SECUREEXEC, &secureexec);
	if (have_execfd) {
		wv_event_number(event, EXEC_HAVE_EXECFD, 1);
		if (wv_call_read_bits(call, bprm, BPRM_EXECFD, &execfd))
			wv_event_number(event, EXEC_EXECFD, (int32_t)execfd);
	}
	if (secureexec)
		wv_event_number(event, EXEC_SECUREEXEC, 1);
}

void procmon_exec_return(struct wv_call *call)
{
	const struct exec_saved *saved = wv_call_saved(call);
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	struct wv_event *event = wv_event_open(call, PROCMON_LINUX_EXEC);
	struct strings strings = { 0 };
	/* without bprm, a failed exec leaves nothing to read but the old program */
	bool replaced = (int32_t)wv_call_result(call) >= 0;
	bool readable = saved->bprm ? find_strings_of_bprm(call, saved->bprm, &strings)
				    : replaced && find_strings_of_process(call, &strings);
	uint64_t file = 0;

	wv_event_text(event, EXEC_THREAD_NAME, saved->comm, saved->comm_size, false);
	if (readable)
		write_command_line(event, &strings);
	else
		wv_event_unreadable(event, EXEC_COMMAND_LINE);

	if (saved->bprm)
		wv_call_read_u64(call, saved->bprm, BPRM_FILE, &file);
	else if (replaced)
		file = wv_linux_mm_exe_file(
			guest, space, wv_linux_task_mm(guest, space, wv_call_caller(call)->thread));
	write_path(call, event, file);
	write_ids(call, event);
	if (readable)
		write_environment(call, event, &strings);

	if (saved->bprm) {
		write_bprm_string(call, event, EXEC_INTERP, saved->bprm, BPRM_INTERP);
		write_bprm_string(call, event, EXEC_FDPATH, saved->bprm, BPRM_FDPATH);
		write_bprm_string(call, event, EXEC_FILE_NAME, saved->bprm, BPRM_FILENAME);
	} else if (strings.name) {
		wv_event_string(event, EXEC_FILE_NAME, &strings.space, strings.name);
	}
	write_pgid(call, event);
	if (saved->bprm)
		write_exec_flags(call, event, saved->bprm);
	wv_event_close(event);
}
