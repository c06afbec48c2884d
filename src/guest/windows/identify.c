/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who a thread is: what events say of its process. That hardly ever changes and takes a dozen reads
 * and a conversion, so the last few processes are kept, until one starts or is deleted.
 */
#include "guest/windows/internal.h"

/** _EPROCESS.ImageFileName: an array of 15 characters. */
#define SHORT_NAME_MAX 15

/** The session: in the kernel's own structure, or in the process's PEB, which may be paged out. */
static int64_t read_session(struct wv_guest *guest, const struct wv_space *space, uint64_t process,
			    bool *unreadable)
{
	const struct wv_windows *kernel = to_windows(guest);
	struct wv_space own;
	uint64_t session, peb;
	uint32_t number;

	if (windows_read_pointer(kernel, space, process, EPROCESS_SESSION, &session) && session &&
	    windows_read_u32(kernel, space, session, SESSION_ID, &number))
		return number;
	if (!windows_read_pointer(kernel, space, process, EPROCESS_PEB, &peb) || !peb)
		return -1; /* it has none: the system's own */
	if (wv_windows_process_space(guest, space, process, &own) &&
	    windows_read_u32(kernel, &own, peb, PEB_SESSION_ID, &number))
		return number;
	*unreadable = true;
	return -1;
}

/** The last part of a path in the identity, unless whole paths are wanted. */
static void shorten(struct wv_identity *identity)
{
	size_t start = identity->name_size;

	while (start && identity->name[start - 1] != '\\')
		start--;
	identity->name_size -= (uint16_t)start;
	memmove(identity->name, identity->name + start, identity->name_size);
}

/** The image's path as the auditing keeps it, for as long as the process lives. */
static bool read_audit_name(struct wv_guest *guest, const struct wv_space *space, uint64_t process,
			    struct wv_identity *identity)
{
	const struct wv_windows *kernel = to_windows(guest);
	size_t size = sizeof(identity->name);
	uint64_t information;

	if (!windows_has(kernel, NAME_INFORMATION_NAME) ||
	    !windows_read_pointer(kernel, space, process, EPROCESS_AUDIT_NAME, &information) ||
	    !information ||
	    !wv_windows_string(guest, space,
			       information + kernel->places[NAME_INFORMATION_NAME].value,
			       identity->name, &size, &identity->name_truncated) ||
	    !size || (identity->name_truncated && !guest->full_paths))
		return false; /* the last part of a path that is cut is not the image's name */
	identity->name_size = (uint16_t)size;
	if (!guest->full_paths)
		shorten(identity);
	return identity->name_size > 0;
}

static void read_name(struct wv_guest *guest, const struct wv_space *space, uint64_t process,
		      struct wv_identity *identity)
{
	const struct wv_place *place = &to_windows(guest)->places[EPROCESS_SHORT_NAME];

	identity->name_truncated = false;
	identity->name_size = 0;
	if (read_audit_name(guest, space, process, identity))
		return;
	identity->name_truncated = false;
	if (place->found &&
	    wv_space_read(space, process + place->value, identity->name, SHORT_NAME_MAX))
		identity->name_size = (uint16_t)strnlen(identity->name, SHORT_NAME_MAX);
	else
		identity->incomplete = true;
}

/** Reads what there is to know of a process. */
static bool read_process(struct wv_guest *guest, const struct wv_space *space, uint64_t process,
			 struct wv_identity *identity)
{
	const struct wv_windows *kernel = to_windows(guest);
	uint64_t pid, ppid = 0;

	if (!windows_read_pointer(kernel, space, process, EPROCESS_PID, &pid))
		return false;
	windows_read_pointer(kernel, space, process, EPROCESS_PPID, &ppid);
	identity->pid = (uint32_t)pid;
	identity->ppid = (uint32_t)ppid;
	identity->incomplete = false;
	identity->user_id = read_session(guest, space, process, &identity->incomplete);
	read_name(guest, space, process, identity);
	return true;
}

static void recall(const struct known_process *known, struct wv_identity *identity)
{
	identity->pid = known->pid;
	identity->ppid = known->ppid;
	identity->user_id = known->session;
	identity->incomplete = false;
	identity->name_truncated = false;
	identity->name_size = known->name_size;
	memcpy(identity->name, known->name, known->name_size);
}

/** Keeps a process whose everything could be read: what is in the page file now may come back. */
static void remember(struct known_process *known, uint64_t process, uint64_t changes,
		     const struct wv_identity *identity)
{
	if (identity->incomplete || identity->name_truncated ||
	    identity->name_size > sizeof(known->name))
		return;
	known->process = process;
	known->changes = changes;
	known->pid = identity->pid;
	known->ppid = identity->ppid;
	known->session = identity->user_id;
	known->name_size = identity->name_size;
	memcpy(known->name, identity->name, identity->name_size);
}

bool wv_windows_identify_process(struct wv_guest *guest, const struct wv_space *space,
				 uint64_t process, struct wv_identity *identity)
{
	struct wv_windows *kernel = to_windows(guest);
	/* process objects are large: the low bits of their addresses are alike */
	struct known_process *known =
		&kernel->known[space->vcpu][(process >> 8 ^ process >> 12) % KNOWN_PROCESSES];
	uint64_t changes = __atomic_load_n(&guest->changes, __ATOMIC_ACQUIRE);

	if (guest->knows_changes && known->process == process && known->changes == changes) {
		recall(known, identity);
		return true;
	}
	if (!read_process(guest, space, process, identity))
		return false;
	if (guest->knows_changes)
		remember(known, process, changes, identity);
	return true;
}

bool wv_windows_identify(struct wv_guest *guest, const struct wv_space *space, uint64_t thread,
			 struct wv_identity *identity)
{
	uint64_t process = wv_windows_thread_process(guest, space, thread), tid;

	identity->thread = thread;
	if (!process || !windows_read_pointer(to_windows(guest), space, thread, ETHREAD_TID, &tid))
		return false;
	identity->tid = (uint32_t)tid;
	return wv_windows_identify_process(guest, space, process, identity);
}
