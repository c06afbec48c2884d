// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "pipes" of the scenario "calls": pipes, and all the ways to wait for descriptors. */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

/* What the kernel expects of a mask of signals. */
#define MASK_SIZE 8L

static void move_between(const int *ends)
{
	struct iovec part = { (char *)"spliced", 7 };
	int other[2], file = open("spliced", O_CREAT | O_RDWR | O_TRUNC, 0600);
	char text[16];
	loff_t at = 0;

	WV_EXPECT(pipe2(other, O_CLOEXEC | O_NONBLOCK) == 0);
	WV_EXPECT(vmsplice(ends[1], &part, 1, SPLICE_F_GIFT) == 7);
	WV_EXPECT(tee(ends[0], other[1], 7, 0) == 7);
	WV_EXPECT(splice(ends[0], NULL, file, &at, 7, SPLICE_F_MOVE) == 7);
	WV_EXPECT(read(other[0], text, sizeof(text)) == 7);
	WV_FAILS(read(other[0], text, sizeof(text)), EAGAIN);
	WV_EXPECT(fcntl(other[0], F_SETPIPE_SZ, 65536) > 0 && fcntl(other[0], F_GETPIPE_SZ) > 0);
	close(other[0]);
	close(other[1]);
	close(file);
}

static void wait_by_set(const int *ends)
{
	struct {
		const uint64_t *set;
		size_t size;
	} mask = { NULL, MASK_SIZE };
	struct timespec time = { 0, 1000000 };
	struct timeval old_time = { 0, 1000 };
	fd_set in, out;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(ends[0], &in);
	FD_SET(ends[1], &out);
	WV_EXPECT(syscall(SYS_select, ends[1] + 1, &in, &out, NULL, &old_time) == 1);
	FD_SET(ends[0], &in);
	WV_EXPECT(syscall(SYS_pselect6, ends[0] + 1, &in, NULL, NULL, &time, &mask) == 0);
}

static void wait_by_list(const int *ends)
{
	struct pollfd list[] = { { .fd = ends[0], .events = POLLIN | POLLPRI },
				 { .fd = ends[1], .events = POLLOUT },
				 { .fd = 999, .events = POLLIN } };
	uint64_t mask = 1UL << (SIGUSR1 - 1);

	WV_EXPECT(syscall(SYS_poll, list, 1L, 1L) == 0);
	WV_EXPECT(syscall(SYS_poll, list, 3L, -1L) == 2);
	WV_EXPECT(syscall(SYS_ppoll, list, 2L, &(struct timespec){ 0, 1 }, &mask, MASK_SIZE) == 1);
}

static void wait_by_epoll(const int *ends)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLET, .data.u64 = 0x1234567890 };
	uint64_t mask = 0;
	int old = syscall(SYS_epoll_create, 10), fd = epoll_create1(EPOLL_CLOEXEC);

	WV_EXPECT(old >= 0 && fd >= 0);
	WV_EXPECT(epoll_ctl(fd, EPOLL_CTL_ADD, ends[1], &event) == 0);
	WV_FAILS(epoll_ctl(fd, EPOLL_CTL_ADD, ends[1], &event), EEXIST);
	WV_EXPECT(epoll_ctl(fd, EPOLL_CTL_MOD, ends[1], &event) == 0);
	WV_EXPECT(syscall(SYS_epoll_wait, fd, &event, 1, 100) == 1);
	WV_EXPECT(syscall(SYS_epoll_pwait, fd, &event, 1, 1, &mask, MASK_SIZE) == 0);
	WV_EXPECT(epoll_ctl(fd, EPOLL_CTL_DEL, ends[1], NULL) == 0);
	close(old);
	close(fd);
}

static void count_events(void)
{
	uint64_t count = 3;
	int old = syscall(SYS_eventfd, 1), fd = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);

	WV_EXPECT(old >= 0 && fd >= 0);
	WV_EXPECT(write(fd, &count, 8) == 8 && read(fd, &count, 8) == 8 && count == 1);
	WV_FAILS(read(fd, &count, 7), EINVAL);
	close(old);
	close(fd);
}

static void wait_for_time(void)
{
	struct itimerspec time = { .it_value = { 0, 1000000 }, .it_interval = { 0, 500000 } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	uint64_t count;

	WV_EXPECT(timerfd_settime(fd, 0, &time, NULL) == 0);
	WV_EXPECT(read(fd, &count, 8) == 8 && count > 0);
	WV_EXPECT(timerfd_gettime(fd, &time) == 0);
	close(fd);
}

static void wait_for_signal(void)
{
	uint64_t mask = 1UL << (SIGUSR1 - 1), before;
	struct signalfd_siginfo info;
	int fd, old;

	WV_EXPECT(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, &before, MASK_SIZE) == 0);
	old = syscall(SYS_signalfd, -1, &mask, MASK_SIZE);
	fd = syscall(SYS_signalfd4, -1, &mask, MASK_SIZE, SFD_NONBLOCK);
	WV_EXPECT(old >= 0 && fd >= 0 && kill(getpid(), SIGUSR1) == 0);
	WV_EXPECT(read(fd, &info, sizeof(info)) == sizeof(info) && info.ssi_signo == SIGUSR1);
	WV_EXPECT(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, MASK_SIZE) == 0);
	close(old);
	close(fd);
}

void wv_calls_pipes(void)
{
	int ends[2];

	if (!WV_EXPECT(syscall(SYS_pipe, ends) == 0))
		return;
	WV_FAILS(syscall(SYS_pipe, 8L), EFAULT);
	WV_FAILS(syscall(SYS_pipe2, ends, 0x55), EINVAL);
	move_between(ends);
	wait_by_set(ends);
	wait_by_list(ends);
	wait_by_epoll(ends);
	count_events();
	wait_for_time();
	wait_for_signal();
	close(ends[0]);
	WV_EXPECT(signal(SIGPIPE, SIG_IGN) == SIG_DFL);
	WV_FAILS(write(ends[1], "x", 1), EPIPE);
	signal(SIGPIPE, SIG_DFL);
	close(ends[1]);
}
