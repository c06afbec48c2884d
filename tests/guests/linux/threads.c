// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes threads and holds them on futexes. */
#define _GNU_SOURCE
#include "threads.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tasks.h"
#include "truth.h"

static void set(int *flag)
{
	__atomic_store_n(flag, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, flag, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void await(int *flag)
{
	while (!__atomic_load_n(flag, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, flag, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void *main_of_thread(void *data)
{
	struct wv_thread *thread = data;

	prctl(PR_SET_NAME, thread->name);
	thread->tid = wv_self().tid;
	set(&thread->ready);
	await(&thread->released);
	if (thread->run)
		thread->run(thread->data);
	return NULL;
}

void wv_thread_start(struct wv_thread *thread, const char *name, void (*run)(void *), void *data)
{
	*thread = (struct wv_thread){ .name = name, .run = run, .data = data };
	if (!WV_EXPECT(pthread_create(&thread->handle, NULL, main_of_thread, thread) == 0))
		return;
	await(&thread->ready);
	wv_fact_clone(WV_THREAD_FLAGS, 0, thread->tid, thread->tid);
}

void wv_thread_release(struct wv_thread *thread)
{
	set(&thread->released);
}

void wv_thread_finish(struct wv_thread *thread)
{
	struct wv_ids ids = wv_self();
	char name[64];

	wv_thread_release(thread);
	WV_EXPECT(pthread_join(thread->handle, NULL) == 0);
	ids.tid = thread->tid;
	wv_fact_exit(ids, 0, thread->name, wv_name_of(ids.pid, name));
}
