// SPDX-License-Identifier: GPL-2.0-or-later
/* The kind "times" of the scenario "decoded": seconds and their fractions. */
#define _GNU_SOURCE
#include "decoded.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "truth.h"

static void sleep_shortly(void)
{
	struct timespec time = { 0, 1000000 }, past = { 1, 5 };
	struct timeval old = { 0, 1000 };
	long result = WV_CALL(SYS_nanosleep, &time, NULL);

	wv_decoded_told("nanosleep", result, WV_IN("rqtp", "{0.001000000}"), WV_IN("rmtp", "NULL"),
			NULL);
	result = WV_CALL(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL);
	wv_decoded_told("clock_nanosleep", result, WV_IN("which_clock", "CLOCK_MONOTONIC"),
			WV_IN("flags", "TIMER_ABSTIME"), WV_IN("rqtp", "{1.000000005}"),
			WV_IN("rmtp", "NULL"), NULL);
	time.tv_nsec = -1;
	result = WV_CALL(SYS_nanosleep, &time, NULL);
	wv_decoded_told("nanosleep", result, WV_IN("rqtp", "{0+-1ns}"), WV_IN("rmtp", "NULL"),
			NULL);
	result = WV_CALL(SYS_select, 0, NULL, NULL, NULL, &old);
	wv_decoded_told("select", result, WV_IN("n", "0"), WV_IN("inp", "NULL"),
			WV_IN("outp", "NULL"), WV_IN("exp", "NULL"), WV_IN("tvp", "{0.001000}"),
			NULL);
}

static void set_times(void)
{
	struct timespec times[2] = { { 1234567890, 987654321 }, { .tv_nsec = UTIME_OMIT } };
	struct itimerspec timer = { { 2, 0 }, { 1000, 500 } }, before = { 0 };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	long result = WV_CALL(SYS_utimensat, AT_FDCWD, "plain", times, 0);

	wv_decoded_told("utimensat", result, WV_IN("dfd", "AT_FDCWD<" WV_DECODED_DIR ">"),
			WV_IN("filename", "plain"),
			WV_IN("utimes", "[1234567890.987654321, UTIME_OMIT]"), WV_IN("flags", "0"),
			NULL);
	result = WV_CALL(SYS_timerfd_settime, fd, 0, &timer, &before);
	wv_decoded_told("timerfd_settime", result, WV_IN("ufd", wv_text_fd(fd)),
			WV_IN("flags", "0"),
			WV_IN("utmr", "{interval=2.000000000, value=1000.000000500}"),
			WV_IN("otmr", wv_text_at(&before)),
			WV_OUT("otmr", "{interval=0.000000000, value=0.000000000}"), NULL);
	close(fd);
}

static void ask_for_time(void)
{
	struct timespec now = { 0 };
	struct timeval old = { 0 };
	long result = WV_CALL(SYS_clock_gettime, CLOCK_REALTIME, &now);

	wv_decoded_told("clock_gettime", result, WV_IN("which_clock", "CLOCK_REALTIME"),
			WV_IN("tp", wv_text_at(&now)),
			WV_OUT("tp", wv_text("{%ld.%09ld}", now.tv_sec, now.tv_nsec)), NULL);
	result = WV_CALL(SYS_gettimeofday, &old, NULL);
	wv_decoded_told("gettimeofday", result, WV_IN("tv", wv_text_at(&old)), WV_IN("tz", "NULL"),
			WV_OUT("tv", wv_text("{%ld.%06ld}", old.tv_sec, old.tv_usec)), NULL);
}

static void poll_shortly(void)
{
	int fd = wv_decoded_open("/dev/null", O_RDWR);
	struct pollfd list[] = { { .fd = fd, .events = POLLIN | POLLOUT }, { .fd = -1 } };
	struct timespec time = { 0, 7 };
	const char *asked = wv_text("[{fd=%d, POLLIN|POLLOUT}, {fd=-1, 0}]", fd);
	const char *got = wv_text("[{fd=%d, POLLIN|POLLOUT}]", fd);
	long result = WV_CALL(SYS_ppoll, list, 2, &time, NULL, 8);

	wv_decoded_told("ppoll", result, WV_IN("ufds", asked), WV_IN("nfds", "2"),
			WV_IN("tsp", "{0.000000007}"), WV_IN("sigmask", "NULL"),
			WV_IN("sigsetsize", "8"), WV_OUT("ufds", got), NULL);
	close(fd);
}

void wv_decoded_times(void)
{
	close(wv_decoded_open("plain", O_CREAT | O_RDWR));
	sleep_shortly();
	set_times();
	ask_for_time();
	poll_shortly();
}
