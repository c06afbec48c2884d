/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads and processes: the current ones, and the list of processes. */
#include "guest/windows/internal.h"

/** No walk of the process list goes further. */
#define PROCESSES_MAX (1u << 16)

uint64_t wv_windows_enter(struct wv_guest *guest, struct wv_cpu *cpu, struct wv_space *space)
{
	struct wv_windows *kernel = to_windows(guest);
	uint64_t *kpcr = &kernel->kpcr[cpu->vcpu];
	uint64_t thread;

	*space = wv_guest_space(guest, cpu);
	if (!*kpcr || guest->machine->shares_thread)
		*kpcr = wv_windows_kpcr(space, cpu);
	if (!*kpcr || !windows_read_word(space,
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

unsigned wv_windows_processes(struct wv_guest *guest, const struct wv_space *space,
			      wv_process_fn each, void *owner, bool *whole)
{
	const struct wv_windows *kernel = to_windows(guest);
	const struct wv_place *links = &kernel->places[EPROCESS_LINKS];
	uint64_t head = kernel->places[SYM_ACTIVE_PROCESSES].value, next = head;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);
	unsigned count = 0;

	*whole = true;
	if (!links->found || !windows_has(kernel, SYM_ACTIVE_PROCESSES))
		return 0; /* which was reported */
	while (count < PROCESSES_MAX) {
		struct wv_identity identity = { 0 };
		uint64_t cr3 = 0;

		*whole = windows_read_word(space, next, &next) && next == head;
		/* a damaged list may never come back to its head: nothing in it is told twice */
		if (*whole || !wv_paging_is_upper_half(guest->paging, next) ||
		    !g_hash_table_add(seen, GSIZE_TO_POINTER((gsize)next)))
			break;
		identity.thread = next - links->value;
		if (!wv_windows_identify_process(guest, space, identity.thread, &identity))
			break;
		windows_read_pointer(kernel, space, identity.thread, KPROCESS_TABLE, &cr3);
		count++;
		if (!each(owner, &identity, cr3))
			break;
	}
	return count;
}
