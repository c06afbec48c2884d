/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedelete on Windows: what is to become of a file when it is closed. */
#include "plugins/filedelete/windows.h"

/* NtSetInformationFile --------------------------------------------------------------------------*/

/** Classes of information (ntddk.h, FILE_INFORMATION_CLASS). */
#define DISPOSITION    13u /* FILE_DISPOSITION_INFORMATION: a BOOLEAN */
#define DISPOSITION_EX 64u /* FILE_DISPOSITION_INFORMATION_EX: flags */

#define DISPOSITION_DELETE   1u
#define DISPOSITION_ON_CLOSE 8u

struct set_saved {
	uint64_t handle, object, information;
	uint32_t flags; /* as DISPOSITION_EX has them */
	bool is_flags;
	bool readable;
};

static void read_disposition(struct wv_call *call, struct set_saved *saved)
{
	const struct wv_space *space = wv_call_space(call);
	uint8_t wanted;

	if (saved->is_flags) {
		saved->readable = wv_space_read_u32(space, saved->information, &saved->flags);
	} else {
		saved->readable = wv_space_read_u8(space, saved->information, &wanted);
		saved->flags = saved->readable && wanted ? DISPOSITION_DELETE : 0;
	}
}

/* NTSTATUS NtSetInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID information, ULONG size, class) */
enum wv_verdict filedelete_set_entry(struct wv_call *call)
{
	struct set_saved *saved = wv_call_saved(call);
	uint32_t class = (uint32_t)wv_call_argument(call, 4);

	if (class != DISPOSITION && class != DISPOSITION_EX)
		return WV_DONE;
	saved->handle = wv_call_argument(call, 0);
	saved->object = filedelete_find_file(call, saved->handle);
	if (!saved->object)
		return WV_DONE;
	saved->information = wv_call_argument(call, 2);
	saved->is_flags = class == DISPOSITION_EX;
	read_disposition(call, saved);
	return WV_AWAIT_RETURN;
}

/**
 * A file is to be deleted. The FILE_OBJECT itself says so, or it is known, or else there will be
 * no other time to tell it.
 */
static void expect(struct wv_call *call, enum filedelete_event type, uint64_t object,
		   enum filedelete_knowledge what)
{
	struct wv_windows_file file;

	if (!filedelete_know(call, object, what) && filedelete_read_file(call, object, &file) &&
	    !file.delete_pending && !(file.flags & WV_WINDOWS_FO_DELETE_ON_CLOSE))
		filedelete_tell_open(call, type, FILEDELETE_REASON_DELETE_FILE, &file);
}

void filedelete_set_return(struct wv_call *call)
{
	struct set_saved *saved = wv_call_saved(call);

	if (!saved->readable)
		read_disposition(call, saved); /* the kernel has touched it */
	/* closed meanwhile: its address may be another file's */
	if (!saved->readable || !wv_nt_has_succeeded((uint32_t)wv_call_result(call)) ||
	    filedelete_find_file(call, saved->handle) != saved->object)
		return;

	bool on_close = saved->flags & DISPOSITION_ON_CLOSE;
	enum filedelete_knowledge what = on_close ? FILEDELETE_ON_CLOSE : FILEDELETE_PENDING;

	if (saved->flags & DISPOSITION_DELETE) {
		filedelete_forget(call, saved->object, FILEDELETE_NOT_ON_CLOSE);
		expect(call, FILEDELETE_WINDOWS_SET, saved->object, what);
	} else {
		filedelete_forget(call, saved->object, what);
		if (on_close)
			filedelete_know(call, saved->object, FILEDELETE_NOT_ON_CLOSE);
	}
}

/* NtCreateFile, NtOpenFile ----------------------------------------------------------------------*/

#define FILE_DELETE_ON_CLOSE 0x1000u /* ntifs.h */

struct open_saved {
	uint64_t handle; /* where it is stored */
};

static enum wv_verdict await_open(struct wv_call *call, uint32_t options)
{
	struct open_saved *saved = wv_call_saved(call);

	if (!(options & FILE_DELETE_ON_CLOSE))
		return WV_DONE;
	saved->handle = wv_call_argument(call, 0);
	return WV_AWAIT_RETURN;
}

static void opened(struct wv_call *call, enum filedelete_event type)
{
	const struct open_saved *saved = wv_call_saved(call);
	uint64_t handle = 0, object;

	if (!wv_nt_has_succeeded((uint32_t)wv_call_result(call)) ||
	    !wv_space_read(wv_call_space(call), saved->handle, &handle,
			   wv_guest_word(wv_call_guest(call))))
		return;
	object = filedelete_find_file(call, handle);
	if (object)
		expect(call, type, object, FILEDELETE_ON_CLOSE);
}

/* NTSTATUS NtCreateFile(PHANDLE, access, attributes, status block, allocation, file attributes,
 * share, disposition, options, ...) */
enum wv_verdict filedelete_create_entry(struct wv_call *call)
{
	return await_open(call, (uint32_t)wv_call_argument(call, 8));
}

void filedelete_create_return(struct wv_call *call)
{
	opened(call, FILEDELETE_WINDOWS_CREATE);
}

/* NTSTATUS NtOpenFile(PHANDLE, access, attributes, status block, share, options) */
enum wv_verdict filedelete_open_entry(struct wv_call *call)
{
	return await_open(call, (uint32_t)wv_call_argument(call, 5));
}

void filedelete_open_return(struct wv_call *call)
{
	opened(call, FILEDELETE_WINDOWS_OPEN);
}

/* NtWriteFile -----------------------------------------------------------------------------------*/

struct write_saved {
	uint64_t handle, object;
};

/* NTSTATUS NtWriteFile(HANDLE, ...) */
enum wv_verdict filedelete_write_entry(struct wv_call *call)
{
	struct write_saved *saved = wv_call_saved(call);
	struct wv_windows_file file;

	saved->handle = wv_call_argument(call, 0);
	saved->object = filedelete_find_file(call, saved->handle);
	return saved->object && filedelete_read_file(call, saved->object, &file) &&
			       !(file.flags & WV_WINDOWS_FO_FILE_MODIFIED)
		       ? WV_AWAIT_RETURN
		       : WV_DONE;
}

void filedelete_write_return(struct wv_call *call)
{
	const struct write_saved *saved = wv_call_saved(call);

	/* without room for it the FILE_OBJECT's own flag is what is left */
	if (wv_nt_has_succeeded((uint32_t)wv_call_result(call)) &&
	    filedelete_find_file(call, saved->handle) == saved->object)
		filedelete_know(call, saved->object, FILEDELETE_WRITTEN);
}
