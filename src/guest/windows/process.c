/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads and processes: the current one, who it is, and the list of processes. */
#include "guest/windows/internal.h"

/** No walk of the process list goes further. */
#define PROCESSES_MAX (1u << 16)

/** _EPROCESS.ImageFileName: an array of 15 characters. */
#define SHORT_NAME_MAX 15

uint64_t wv_windows_enter(struct wv_guest *guest, struct wv_cpu *cpu, struct wv_space *space)
{
	struct wv_windows *kernel = to_windows(guest);
	uint64_t *kpcr = &kernel->kpcr[cpu->vcpu];
	uint64_t thread;

	*space = wv_guest_space(guest, cpu);
	if (!*kpcr || guest->machine->shares_thread)
		*kpcr = wv_windows_kpcr(space, cpu);
	if (!*kpcr || !windows_read_pointer_at(kernel, space,
					       *kpcr + kernel->places[KPCR_PRCB].value +
						       kernel->places[KPRCB_CURRENT_THREAD].value,
					       &thread))
		return 0;
	return thread;
}

uint64_t wv_windows_thread_process(struct wv_guest *guest, const struct wv_space *space,
				   uint64_t thread)
{
	uint64_t process;

	return windows_read_pointer(to_windows(guest), space, thread, KTHREAD_PROCESS, &process)
		       ? process
		       : 0;
}

bool wv_windows_process_space(struct wv_guest *guest, const struct wv_space *space,
			      uint64_t process, struct wv_space *own)
{
	uint64_t root;

	if (!windows_read_pointer(to_windows(guest), space, process, KPROCESS_TABLE, &root) ||
	    !root)
		return false;
	*own = *space;
	own->current = own->paging.root == root;
	own->paging.root = root;
	return true;
}

bool wv_windows_process_is_32(struct wv_guest *guest, const struct wv_space *space,
			      uint64_t process)
{
	uint64_t wow64;

	return !wv_windows_is_64(guest) ||
	       (windows_read_pointer(to_windows(guest), space, process, EPROCESS_WOW64, &wow64) &&
		wow64);
}

/** The session: in the kernel's own structure, or in the process's PEB, which may be paged out. */
static int64_t read_session(struct wv_guest *guest, const struct wv_space *space, uint64_t process)
{
	const struct wv_windows *kernel = to_windows(guest);
	struct wv_space own;
	uint64_t session, peb;
	uint32_t number;

	if (windows_read_pointer(kernel, space, process, EPROCESS_SESSION, &session) && session &&
	    windows_read_u32(kernel, space, session, SESSION_ID, &number))
		return number;
	if (windows_read_pointer(kernel, space, process, EPROCESS_PEB, &peb) && peb &&
	    wv_windows_process_space(guest, space, process, &own) &&
	    windows_read_u32(kernel, &own, peb, PEB_SESSION_ID, &number))
		return number;
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
}

/** Fills in what is known of a process; its thread is left alone. */
static bool identify_process(struct wv_guest *guest, const struct wv_space *space, uint64_t process,
			     struct wv_identity *identity)
{
	const struct wv_windows *kernel = to_windows(guest);
	uint64_t pid, ppid = 0;

	if (!windows_read_pointer(kernel, space, process, EPROCESS_PID, &pid))
		return false;
	windows_read_pointer(kernel, space, process, EPROCESS_PPID, &ppid);
	identity->pid = (uint32_t)pid;
	identity->ppid = (uint32_t)ppid;
	identity->user_id = read_session(guest, space, process);
	read_name(guest, space, process, identity);
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
	return identify_process(guest, space, process, identity);
}

unsigned wv_windows_processes(struct wv_guest *guest, const struct wv_space *space,
			      wv_process_fn each, void *owner)
{
	const struct wv_windows *kernel = to_windows(guest);
	const struct wv_place *links = &kernel->places[EPROCESS_LINKS];
	uint64_t head = kernel->places[SYM_ACTIVE_PROCESSES].value, next = head;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);
	unsigned count = 0;

	if (!links->found || !windows_has(kernel, SYM_ACTIVE_PROCESSES))
		return 0;
	while (count < PROCESSES_MAX && windows_read_pointer_at(kernel, space, next, &next) &&
	       next != head && windows_is_kernel(guest->paging, next)) {
		struct wv_identity identity = { .thread = next - links->value };
		uint64_t cr3 = 0;

		/* a damaged list may never come back to its head: nothing in it is told twice */
		if (!g_hash_table_add(seen, GSIZE_TO_POINTER((gsize)next)) ||
		    !identify_process(guest, space, identity.thread, &identity))
			break;
		windows_read_pointer(kernel, space, identity.thread, KPROCESS_TABLE, &cr3);
		count++;
		if (!each(owner, &identity, cr3))
			break;
	}
	return count;
}
