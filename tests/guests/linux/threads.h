/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads whose every step is known: made, named, then held until they are released. */
#ifndef WV_GUEST_THREADS_H
#define WV_GUEST_THREADS_H

#include <pthread.h>
#include <sys/types.h>

struct wv_thread {
	pthread_t handle;
	pid_t tid;
	const char *name;
	void (*run)(void *data);
	void *data;
	int ready;
	int released;
};

/*
 * Makes a thread and returns once it has its name, with the fact of its creation written. When it
 * is released it runs the function, or ends at once without one. The struct must outlive it.
 */
void wv_thread_start(struct wv_thread *thread, const char *name, void (*run)(void *), void *data);
void wv_thread_release(struct wv_thread *thread);

/* Releases it, waits for its end, and writes the fact of its exit with the code 0. */
void wv_thread_finish(struct wv_thread *thread);

#endif
