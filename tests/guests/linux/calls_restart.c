// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The area "restart" of the scenario "calls": signals that come while a call waits. Inside the
 * kernel such a call ends with one of four codes, and what the program sees of it depends on the
 * handler: the call is made again, or continued by restart_syscall, or ends with EINTR.
 */
#define _GNU_SOURCE
#include "calls.h"

#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

/* How often the signal comes while something waits, in microseconds; a wait is much longer. */
#define PERIOD 20000

static const struct timespec long_time = { 1000000, 0 };
static const struct timespec short_time = { 0, 3 * PERIOD * 1000 };
static int ends[2];

static void do_nothing(int sig)
{
	(void)sig;
}

/* Ends the wait of whoever reads. */
static void feed(int sig)
{
	(void)sig;
	WV_EXPECT(write(ends[1], "x", 1) == 1);
}

/* From here on SIGALRM comes again and again, and the handler is called; NULL: no more. */
static void disturb(void (*handler)(int), int flags)
{
	struct itimerval time = { { 0, PERIOD }, { 0, PERIOD } };
	struct sigaction action = { .sa_flags = flags };

	if (!handler)
		time = (struct itimerval){ 0 };
	action.sa_handler = handler ? handler : SIG_IGN;
	WV_EXPECT(sigaction(SIGALRM, &action, NULL) == 0);
	WV_EXPECT(setitimer(ITIMER_REAL, &time, NULL) == 0);
}

static void read_on_pipe(void)
{
	char byte;

	disturb(do_nothing, 0);
	WV_FAILS(read(ends[0], &byte, 1), EINTR);
	disturb(feed, SA_RESTART);
	WV_EXPECT(read(ends[0], &byte, 1) == 1);
	disturb(NULL, 0);
}

static void sleep_disturbed(int flags)
{
	struct timespec left;

	disturb(do_nothing, flags);
	WV_FAILS(syscall(SYS_nanosleep, &long_time, &left), EINTR);
	WV_FAILS(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &long_time, NULL),
		 EINTR);
	disturb(NULL, 0);
}

/* Nobody notices an ignored signal, but for a tracer that sees the call interrupted. */
static void sleep_ignoring(void)
{
	struct timespec until;
	int word = 0;

	disturb(SIG_IGN, 0);
	WV_EXPECT(syscall(SYS_nanosleep, &short_time, NULL) == 0);
	WV_FAILS(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &short_time, NULL, 0), ETIMEDOUT);
	WV_EXPECT(syscall(SYS_poll, NULL, 0L, 3 * PERIOD / 1000) == 0);
	WV_EXPECT(syscall(SYS_select, 0, NULL, NULL, NULL, &(struct timeval){ 0, 3 * PERIOD }) ==
		  0);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (until.tv_nsec + short_time.tv_nsec) / 1000000000;
	until.tv_nsec = (until.tv_nsec + short_time.tv_nsec) % 1000000000;
	WV_EXPECT(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == 0);
	disturb(NULL, 0);
}

/* These end with EINTR even where the handler asks for a restart. */
static void wait_disturbed(void)
{
	struct pollfd list = { .fd = ends[0], .events = POLLIN };
	struct epoll_event event = { .events = EPOLLIN };
	int fd = epoll_create1(0), word = 0;
	uint64_t mask = 0;

	WV_EXPECT(epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &event) == 0);
	disturb(do_nothing, SA_RESTART);
	WV_FAILS(syscall(SYS_pause), EINTR);
	WV_FAILS(syscall(SYS_poll, &list, 1L, 100000L), EINTR);
	WV_FAILS(syscall(SYS_ppoll, &list, 1L, &long_time, &mask, 8L), EINTR);
	WV_FAILS(syscall(SYS_select, 0, NULL, NULL, NULL, &(struct timeval){ 100, 0 }), EINTR);
	WV_FAILS(syscall(SYS_epoll_wait, fd, &event, 1, 100000), EINTR);
	WV_FAILS(syscall(SYS_rt_sigsuspend, &mask, 8L), EINTR);
	disturb(do_nothing, 0);
	WV_FAILS(syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0), EINTR);
	WV_FAILS(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &long_time, NULL, 0), EINTR);
	disturb(NULL, 0);
	close(fd);
}

static int sleep_for_a_while(void *data)
{
	WV_EXPECT(syscall(SYS_nanosleep, data, NULL) == 0);
	return 14;
}

static void wait_for_child(void)
{
	struct timespec time = { 0, 3 * PERIOD * 1000 };
	pid_t child = wv_calls_child(sleep_for_a_while, &time);

	disturb(do_nothing, SA_RESTART);
	wv_calls_reap(child, 14 << 8);
	disturb(NULL, 0);
}

/*
 * A stop that is no handler's business interrupts the call, too. On a slow machine the child may be
 * through before anybody has looked: then it sleeps longer.
 */
static void stop_and_continue(void)
{
	struct timespec time = { 0, 10 * PERIOD * 1000 };
	siginfo_t info;
	pid_t child;

	child = wv_calls_child(sleep_for_a_while, &time);
	while (!wv_calls_await(child, 'S')) {
		wv_calls_reap(child, 14 << 8);
		time.tv_sec = time.tv_sec * 2 + 1;
		child = wv_calls_child(sleep_for_a_while, &time);
	}
	WV_EXPECT(kill(child, SIGSTOP) == 0);
	WV_EXPECT(waitid(P_PID, child, &info, WSTOPPED | WEXITED | WNOWAIT) == 0);
	WV_EXPECT(kill(child, SIGCONT) == 0);
	wv_calls_reap(child, 14 << 8);
}

void wv_calls_restart(void)
{
	WV_EXPECT(pipe(ends) == 0);
	read_on_pipe();
	while (syscall(SYS_poll, &(struct pollfd){ .fd = ends[0], .events = POLLIN }, 1L, 0L) == 1)
		WV_EXPECT(read(ends[0], &(char){ 0 }, 1) == 1);
	sleep_disturbed(0);
	sleep_disturbed(SA_RESTART);
	sleep_ignoring();
	wait_disturbed();
	wait_for_child();
	stop_and_continue();
	/* Without anything to restart. */
	WV_FAILS(syscall(SYS_restart_syscall), EINTR);
	close(ends[0]);
	close(ends[1]);
}
