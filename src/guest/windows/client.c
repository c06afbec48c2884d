/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes and threads that others speak of: by a handle, or by an id. */
#include "guest/windows/internal.h"

/** Keys of object types are the first four letters of their names, the first in the low byte. */
#define KEY(a, b, c, d)                                                                            \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define PROCESS_KEY KEY('P', 'r', 'o', 'c')
#define THREAD_KEY  KEY('T', 'h', 'r', 'e')

static bool has_key(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
		    uint32_t expected)
{
	uint64_t type;
	uint32_t key;

	return wv_windows_object_type(guest, space, object, &type) &&
	       wv_windows_type_key(guest, space, type, &key) && key == expected;
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
	       (*object == process || has_key(guest, space, *object, PROCESS_KEY));
}

bool wv_windows_handle_thread(struct wv_guest *guest, const struct wv_space *space,
			      uint64_t process, uint64_t handle, uint64_t *object)
{
	return wv_windows_handle(guest, space, process, handle, object) &&
	       has_key(guest, space, *object, THREAD_KEY);
}

/* By an id --------------------------------------------------------------------------------------*/

/**
 * Looks an id up in the table that has those of all processes and threads. It is a handle table
 * whose entries point to the objects themselves, and not to their headers.
 */
static bool find_id(struct wv_guest *guest, const struct wv_space *space, uint32_t id, uint32_t key,
		    uint64_t *object)
{
	const struct wv_windows *kernel = to_windows(guest);
	const struct wv_place *ids = &kernel->places[SYM_IDS];
	uint64_t table;

	return ids->found && windows_read_word(space, ids->value, &table) &&
	       wv_windows_table_entry(kernel, space, table, id, object) &&
	       has_key(guest, space, *object, key);
}

bool wv_windows_find_process(struct wv_guest *guest, const struct wv_space *space, uint32_t pid,
			     uint64_t *process)
{
	return find_id(guest, space, pid, PROCESS_KEY, process);
}

bool wv_windows_find_thread(struct wv_guest *guest, const struct wv_space *space, uint32_t tid,
			    uint64_t *thread)
{
	return find_id(guest, space, tid, THREAD_KEY, thread);
}
