// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "threads" of the scenario "calls": threads, futexes, and ends of whole groups. */
#define _GNU_SOURCE
#include "calls.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>

#include "tasks.h"

#define THREADS 3
#define ROUNDS	4

static int turn;

static long futex(int *word, int what, int value, const struct timespec *time, int *other, int mask)
{
	return syscall(SYS_futex, word, what, value, time, other, mask);
}

/* Waits on its own futex, unless another call wakes it. */
static void block(int *word)
{
	futex(word, FUTEX_WAIT, *word, NULL, NULL, 0);
}

/* Each in its turn: nobody but one is awake, and all calls of all of them overlap. */
static void *take_turns(void *data)
{
	int own = (intptr_t)data;

	for (int round = 0; round < ROUNDS; round++) {
		int now;

		while ((now = __atomic_load_n(&turn, __ATOMIC_SEQ_CST)) % THREADS != own)
			futex(&turn, FUTEX_WAIT_PRIVATE, now, NULL, NULL, 0);
		WV_EXPECT(syscall(SYS_gettid) > 0 && syscall(SYS_getpid) == getpid());
		__atomic_add_fetch(&turn, 1, __ATOMIC_SEQ_CST);
		futex(&turn, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
	}
	return NULL;
}

static void run_threads(void)
{
	pthread_t threads[THREADS];

	turn = 0;
	for (intptr_t i = 0; i < THREADS; i++)
		WV_EXPECT(pthread_create(&threads[i], NULL, take_turns, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++)
		WV_EXPECT(pthread_join(threads[i], NULL) == 0);
}

static void use_futexes(void)
{
	struct timespec shortly = { 0, 1000000 }, now;
	int word = 1, other = 2;
	size_t length;
	void *list;

	WV_FAILS(futex(&word, FUTEX_WAIT, 5, NULL, NULL, 0), EAGAIN);
	WV_FAILS(futex(&word, FUTEX_WAIT_PRIVATE, 1, &shortly, NULL, 0), ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &now);
	WV_FAILS(futex(&word, FUTEX_WAIT_BITSET, 1, &now, NULL, 0xf0), ETIMEDOUT);
	WV_EXPECT(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0) == 0);
	WV_EXPECT(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 1) == 0);
	WV_EXPECT(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other,
			FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 2)) == 0);
	WV_FAILS(futex(&word, 77, 1, NULL, NULL, 0), ENOSYS);
	WV_FAILS(futex((int *)1, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	WV_EXPECT(syscall(SYS_get_robust_list, 0, &list, &length) == 0);
	WV_EXPECT(syscall(SYS_set_robust_list, list, length) == 0);
	WV_EXPECT(syscall(SYS_set_tid_address, &word) > 0);
}

/* Blocked for good, once it has said which thread it is. */
static __attribute__((noreturn)) void *block_forever(void *data)
{
	static int word;
	pid_t own = gettid();

	WV_EXPECT(write(*(int *)data, &own, sizeof(own)) == sizeof(own));
	for (;;)
		block(&word);
}

static void start_blocked(int count)
{
	static int ends[2];
	pthread_t thread;
	pid_t tid;

	WV_EXPECT(pipe(ends) == 0);
	for (int i = 0; i < count; i++) {
		WV_EXPECT(pthread_create(&thread, NULL, block_forever, &ends[1]) == 0);
		if (WV_EXPECT(read(ends[0], &tid, sizeof(tid)) == sizeof(tid)))
			WV_EXPECT(wv_calls_await(tid, 'S'));
	}
}

/* The end of one thread ends all that wait in calls. */
static int end_group_by_leader(void *data)
{
	(void)data;
	start_blocked(2);
	return 11;
}

struct end {
	char state; /* of the first thread by then */
	int code;
};

static void *end_group(void *data)
{
	const struct end *end = data;

	WV_EXPECT(wv_calls_await(getpid(), end->state));
	_exit(end->code);
}

static int end_group_by_thread(void *data)
{
	static struct end end = { 'S', 12 };
	pthread_t thread;

	(void)data;
	start_blocked(1);
	WV_EXPECT(pthread_create(&thread, NULL, end_group, &end) == 0);
	wv_sleep_forever();
}

/* The first thread ends, and the process goes on without it. */
static int end_leader_first(void *data)
{
	static struct end end = { 'Z', 13 };
	pthread_t thread;

	(void)data;
	WV_EXPECT(pthread_create(&thread, NULL, end_group, &end) == 0);
	syscall(SYS_exit, 0);
	return 99;
}

void wv_calls_threads(void)
{
	run_threads();
	use_futexes();
	wv_calls_reap(wv_calls_child(end_group_by_leader, NULL), 11 << 8);
	wv_calls_reap(wv_calls_child(end_group_by_thread, NULL), 12 << 8);
	wv_calls_reap(wv_calls_child(end_leader_first, NULL), 13 << 8);
}
