/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filetracer on Linux: the mount that a thread is about to write to.
 *
 * Functions that create, remove and change names are not told through which mount they were
 * reached; of a file system that is mounted several times, only their callers know. They all ask
 * mnt_want_write() (fs/namespace.c) first. What a thread asked for last is kept in a small table
 * by thread; another thread may take its place.
 */
#include "plugins/filetracer/linux.h"

#define SLOTS 256u

/** Both are atomic. Two threads that write at once may mix them up: the path's reader checks that
 *  the mount is one of the file's. */
struct slot {
	uint64_t thread;
	uint64_t mount;
};

struct linux_mounts {
	struct slot slots[SLOTS];
};

struct linux_mounts *linux_mounts_new(void)
{
	return g_new0(struct linux_mounts, 1);
}

static struct slot *slot_of(const struct wv_call *call)
{
	const struct linux_data *own = wv_call_guest_data(call);
	uint64_t hash = (wv_call_thread(call) * UINT64_C(0x9e3779b97f4a7c15)) >> 32;

	return &own->mounts->slots[hash % SLOTS];
}

enum wv_verdict linux_enter_want_write(struct wv_call *call)
{
	struct slot *slot = slot_of(call);

	__atomic_store_n(&slot->mount, wv_call_argument(call, 0), __ATOMIC_RELAXED);
	__atomic_store_n(&slot->thread, wv_call_thread(call), __ATOMIC_RELEASE);
	return WV_DONE;
}

uint64_t linux_mount_of_thread(const struct wv_call *call)
{
	struct slot *slot = slot_of(call);

	return __atomic_load_n(&slot->thread, __ATOMIC_ACQUIRE) == wv_call_thread(call)
		       ? __atomic_load_n(&slot->mount, __ATOMIC_RELAXED)
		       : 0;
}
