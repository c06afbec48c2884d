/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes and threads that others speak of: by a handle, or by an id. */
#include "guest/windows/internal.h"

/* Types are told apart by the kernel's own variables: other types have keys that are the same. */
static bool is_of_type(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
		       enum windows_want variable)
{
	uint64_t type;

	return wv_windows_object_type(guest, space, object, &type) &&
	       windows_is_type(to_windows(guest), space, type, variable);
}

bool wv_windows_process_pid(struct wv_guest *guest, const struct wv_space *space, uint64_t process,
			    uint32_t *pid)
{
	/* the low half of a handle */
	return windows_read_u32(to_windows(guest), space, process, EPROCESS_PID, pid);
}

bool wv_windows_thread_ids(struct wv_guest *guest, const struct wv_space *space, uint64_t thread,
			   uint32_t *pid, uint32_t *tid)
{
	const struct wv_windows *kernel = to_windows(guest);

	return windows_read_u32(kernel, space, thread, ETHREAD_PID, pid) &&
	       windows_read_u32(kernel, space, thread, ETHREAD_TID, tid);
}

/* By a handle -----------------------------------------------------------------------------------*/

bool wv_windows_handle_process(struct wv_guest *guest, const struct wv_space *space,
			       uint64_t process, uint64_t handle, uint64_t *object)
{
	return wv_windows_handle(guest, space, process, handle, object) &&
	       (*object == process || is_of_type(guest, space, *object, SYM_PROCESS_TYPE));
}

bool wv_windows_handle_thread(struct wv_guest *guest, const struct wv_space *space,
			      uint64_t process, uint64_t handle, uint64_t *object)
{
	return wv_windows_handle(guest, space, process, handle, object) &&
	       is_of_type(guest, space, *object, SYM_THREAD_TYPE);
}

/* By an id --------------------------------------------------------------------------------------*/

/**
 * Looks an id up in the table that has those of all processes and threads. It is a handle table
 * whose entries point to the objects themselves, and not to their headers.
 */
static bool find_id(struct wv_guest *guest, const struct wv_space *space, uint32_t id,
		    enum windows_want type, uint64_t *object)
{
	const struct wv_windows *kernel = to_windows(guest);
	const struct wv_place *ids = &kernel->places[SYM_IDS];
	uint64_t table;

	return ids->found && windows_read_word(space, ids->value, &table) &&
	       wv_windows_table_entry(kernel, space, table, id, object) &&
	       is_of_type(guest, space, *object, type);
}

bool wv_windows_find_process(struct wv_guest *guest, const struct wv_space *space, uint32_t pid,
			     uint64_t *process)
{
	return find_id(guest, space, pid, SYM_PROCESS_TYPE, process);
}

bool wv_windows_find_thread(struct wv_guest *guest, const struct wv_space *space, uint32_t tid,
			    uint64_t *thread)
{
	return find_id(guest, space, tid, SYM_THREAD_TYPE, thread);
}
