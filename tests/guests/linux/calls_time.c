// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "time" of the scenario "calls": clocks, sleeping, timers. */
#define _GNU_SOURCE
#include "calls.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>

/* The C library asks the clocks without the kernel where it can. */
static void read_clocks(void)
{
	struct timex clock = { 0 };
	struct timespec now;
	struct timezone zone;
	struct timeval old;
	struct tms used;

	WV_EXPECT(syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) == 0);
	WV_EXPECT(syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &now) == 0);
	WV_EXPECT(syscall(SYS_clock_gettime, CLOCK_THREAD_CPUTIME_ID, &now) == 0);
	WV_FAILS(syscall(SYS_clock_gettime, 99, &now), EINVAL);
	WV_FAILS(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 1L), EFAULT);
	WV_EXPECT(syscall(SYS_clock_getres, CLOCK_MONOTONIC, &now) == 0);
	WV_EXPECT(syscall(SYS_gettimeofday, &old, &zone) == 0);
	WV_EXPECT(syscall(SYS_time, NULL) > 0 && syscall(SYS_times, &used) > 0);
	WV_EXPECT(syscall(SYS_adjtimex, &clock) >= 0);
	WV_EXPECT(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &clock) >= 0);
	WV_EXPECT(syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) == 0);
	WV_EXPECT(syscall(SYS_clock_settime, CLOCK_REALTIME, &now) == 0);
}

static void sleep_shortly(void)
{
	struct timespec time = { 0, 2000000 }, left;

	WV_EXPECT(syscall(SYS_nanosleep, &time, &left) == 0);
	WV_EXPECT(syscall(SYS_nanosleep, &time, NULL) == 0);
	WV_FAILS(syscall(SYS_nanosleep, &(struct timespec){ -1, 0 }, NULL), EINVAL);
	WV_EXPECT(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, NULL) == 0);
	WV_EXPECT(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL) == 0);
}

static void use_timers(void)
{
	struct itimerspec time = { .it_value = { 100, 0 } };
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	struct itimerval old = { .it_value = { 1000, 0 } };
	int timer;

	WV_EXPECT(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0);
	WV_EXPECT(syscall(SYS_timer_settime, timer, 0, &time, NULL) == 0);
	WV_EXPECT(syscall(SYS_timer_gettime, timer, &time) == 0);
	WV_EXPECT(syscall(SYS_timer_getoverrun, timer) == 0);
	WV_EXPECT(syscall(SYS_timer_delete, timer) == 0);
	WV_FAILS(syscall(SYS_timer_delete, timer), EINVAL);
	WV_EXPECT(syscall(SYS_setitimer, ITIMER_VIRTUAL, &old, NULL) == 0);
	WV_EXPECT(syscall(SYS_getitimer, ITIMER_VIRTUAL, &old) == 0);
	WV_EXPECT(syscall(SYS_alarm, 1000) == 0 && syscall(SYS_alarm, 0) > 0);
}

void wv_calls_time(void)
{
	read_clocks();
	sleep_shortly();
	use_timers();
}
